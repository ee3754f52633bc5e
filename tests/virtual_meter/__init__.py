"""A Kamstrup MULTICAL heat meter in software, reachable over a pseudo terminal.

`VirtualMeter` turns request bytes into reply bytes and does no I/O; `RunningMeter` puts a meter on
a 1200 baud line behind a serial port that any program can open:

    with RunningMeter(VirtualMeter("403-kwh", delay=0.08)) as running:
        print(running.port)

`python -m virtual_meter --help` does the same from the command line. What can go wrong on the way
is in the table `FAULTS`; `running.faults` switches it on and off:

    running.faults = ["echo", "late:0.5:3"]

`corrupt` does to single replies what the faults of the line do to their bytes.
"""

from .codec import CodecError, Direction, Frame, Reading
from .faults import FAULTS, Fault, corrupt
from .line import BYTE_TIME, Exchange
from .meter import Answer, Answering, VirtualMeter
from .models import MODELS, Model
from .replay import Replay
from .running import RunningMeter
from .terminal import LinkError

__all__ = [
    "BYTE_TIME",
    "FAULTS",
    "MODELS",
    "Answer",
    "Answering",
    "CodecError",
    "Direction",
    "Exchange",
    "Fault",
    "Frame",
    "LinkError",
    "Model",
    "Reading",
    "Replay",
    "RunningMeter",
    "VirtualMeter",
    "corrupt",
]
