"""Requests, a line on a clock that tests advance by hand, and a client for a real serial port."""

import os
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager

from meter_log.codec import GET_REGISTER, METER_ADDRESS, STOP, decode_frame, encode_frame
from virtual_meter import CodecError, Direction, Exchange, Frame, VirtualMeter
from virtual_meter.line import Line

TYPE = bytes.fromhex("803F01058A0D")
SERIAL = bytes.fromhex("803F0235E90D")
# What a 601 answers, as in the manufacturer's examples.
TYPE_601 = bytes.fromhex("403F0100041BF90126990D")
SERIAL_601 = bytes.fromhex("403F0201234567E9560D")


def ask(*registers: int, count: int | None = None) -> bytes:
    """Return a GetRegister request; `count` makes it lie about their number."""
    number = len(registers) if count is None else count
    data = bytes((number,)) + b"".join(r.to_bytes(2) for r in registers)
    return encode_frame(Direction.TO_METER, Frame(METER_ADDRESS, GET_REGISTER, data))


def frames(stream: bytes) -> list[Frame]:
    """Return all valid frames from a meter, wherever they are in a stream."""
    found = []
    for start, byte in enumerate(stream):
        end = stream.find(STOP, start)
        if byte == Direction.FROM_METER and end > 0:
            try:
                found.append(decode_frame(Direction.FROM_METER, stream[start : end + 1]))
            except CodecError:
                continue
    return found


class Bench:
    """A 601 on a line whose time jumps from one byte to the next.

    now: the time. sent: what has come from the meter, with the times. unplugged: how often the
    port disappeared.
    """

    def __init__(self) -> None:
        """Connect a meter; near 0 approx is exact to a microsecond."""
        self.now = 0.0
        self.unplugged = 0
        self.sent: list[tuple[float, int]] = []
        self.meter = VirtualMeter("601", delay=0.1, clock=self._clock)
        self.line = Line(self.meter, self._write, self._unplug, clock=self._clock)

    def _clock(self) -> float:
        return self.now

    def _write(self, data: bytes) -> None:
        self.sent += ((self.now, byte) for byte in data)

    def _unplug(self) -> None:
        self.unplugged += 1

    @property
    def last(self) -> Exchange:
        """The last exchange."""
        return self.line.exchanges[-1]

    def send(self, data: bytes, seconds: float = 0.0) -> None:
        """Write, and let this much time pass."""
        end = self.now + seconds
        due = self.line.step(data)
        while due is not None and due <= end:
            self.now = due
            due = self.line.step(b"")
        self.now = end

    def ask(self, request: bytes, seconds: float = 5.0) -> bytes:
        """Send a request and return everything that comes within this many seconds."""
        known = len(self.sent)
        self.send(request, seconds)
        return bytes(byte for _, byte in self.sent[known:])


class Client:
    """A program at the other end of a pseudo terminal, without any protocol of its own."""

    def __init__(self, file: int) -> None:
        """Use an open file."""
        self._file = file

    def ask(self, request: bytes, size: int, seconds: float = 3.0) -> bytes:
        """Send a request and return `size` bytes of what comes, or all within this many seconds."""
        os.write(self._file, request)
        got = b""
        end = time.monotonic() + seconds
        while len(got) < size and self._is_ready(max(0.0, end - time.monotonic())):
            got += os.read(self._file, 4096)
        return got

    def is_hung_up(self) -> bool:
        """Tell whether the other end is gone: the end of the file can be read at once."""
        return self._is_ready(1.0) and os.read(self._file, 4096) == b""

    def _is_ready(self, seconds: float) -> bool:
        return bool(select.select((self._file,), (), (), seconds)[0])


@contextmanager
def connected(port: str) -> Iterator[Client]:
    """Open a serial port for a while."""
    file = os.open(port, os.O_RDWR | os.O_NOCTTY)
    try:
        yield Client(file)
    finally:
        os.close(file)
