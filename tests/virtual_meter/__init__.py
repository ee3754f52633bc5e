"""A Kamstrup MULTICAL heat meter in software, reachable over a pseudo terminal.

`VirtualMeter` turns request bytes into reply bytes and does no I/O; `RunningMeter` puts a meter on
a 1200 baud line behind a serial port that any program can open:

    with RunningMeter(VirtualMeter("403-kwh", delay=0.08)) as running:
        print(running.port)

What can go wrong is in the table `FAULTS`; `running.faults` switches faults on and off:

    running.faults = ["echo", "late:0.5:3"]
"""

from meter_log.codec import CodecError, Direction, Frame, Reading

from .faults import FAULTS
from .line import BYTE_TIME, Exchange
from .meter import Answer, VirtualMeter
from .models import MODELS
from .running import RunningMeter

__all__ = [
    "BYTE_TIME",
    "FAULTS",
    "MODELS",
    "Answer",
    "CodecError",
    "Direction",
    "Exchange",
    "Frame",
    "Reading",
    "RunningMeter",
    "VirtualMeter",
]
