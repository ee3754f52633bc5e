"""A Kamstrup MULTICAL heat meter in software, reachable over a pseudo terminal.

`VirtualMeter` turns request bytes into reply bytes and does no I/O; `RunningMeter` puts a meter on
a 1200 baud line behind a serial port that any program can open:

    with RunningMeter(VirtualMeter("403-kwh", delay=0.08)) as running:
        print(running.port)

`python -m virtual_meter --help` does the same from the command line.
"""

from .codec import CodecError, Direction, Frame, Reading
from .line import BYTE_TIME, Exchange
from .meter import Answer, Answering, VirtualMeter
from .models import MODELS, Model
from .replay import Replay
from .running import RunningMeter
from .terminal import LinkError

__all__ = [
    "BYTE_TIME",
    "MODELS",
    "Answer",
    "Answering",
    "CodecError",
    "Direction",
    "Exchange",
    "Frame",
    "LinkError",
    "Model",
    "Reading",
    "Replay",
    "RunningMeter",
    "VirtualMeter",
]
