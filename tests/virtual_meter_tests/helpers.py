"""A client for a serial port, and a line on a clock that tests move by hand."""

import os
import select
import time
from pathlib import Path
from typing import Any

from virtual_meter import CodecError, Direction, Frame, VirtualMeter
from virtual_meter.codec import GET_REGISTER, STOP, decode_frame, encode_frame
from virtual_meter.line import Line

SERIAL = bytes.fromhex("803F0235E90D")
SERIAL_601 = bytes.fromhex("403F0201234567E9560D")
"""A GetSerialNo request."""


class FakeClock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        """Begin near 0, where approx is exact to a microsecond."""
        self.now = 1.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


class Client:
    """A program at the other end of the line, without any protocol of its own."""

    def __init__(self, port: str) -> None:
        """Open the port as a serial port is opened."""
        self._file = os.open(port, os.O_RDWR | os.O_NOCTTY)

    def send(self, data: bytes) -> None:
        """Write in one go."""
        os.write(self._file, data)

    def receive(self, wait: float) -> list[tuple[float, int]]:
        """Return bytes with their arrival times, up to the stop byte or `wait` s of silence."""
        got: list[tuple[float, int]] = []
        while select.select((self._file,), (), (), wait)[0]:
            data = os.read(self._file, 4096)
            now = time.monotonic()
            got += ((now, byte) for byte in data)
            if data.endswith(b"\r"):
                break
        return got

    def ask(self, request: bytes, wait: float = 2.0) -> bytes:
        """Send a request and return the reply, empty if there is none within `wait` seconds."""
        self.send(request)
        return bytes(byte for _, byte in self.receive(wait))

    def close(self) -> None:
        """Close the port."""
        os.close(self._file)

    def read(self, seconds: float) -> bytes:
        """Return everything that comes within so many seconds."""
        data = b""
        end = time.monotonic() + seconds
        while select.select((self._file,), (), (), max(0.0, end - time.monotonic()))[0]:
            data += os.read(self._file, 4096)
        return data

    def is_hung_up(self, wait: float = 5.0) -> bool:
        """Tell whether the other end goes away within so many seconds; takes what comes before."""
        end = time.monotonic() + wait
        while select.select((self._file,), (), (), max(0.0, end - time.monotonic()))[0]:
            try:
                if not os.read(self._file, 4096):
                    return True
            except OSError:
                return True
        return False


class FakePort:
    """Both directions in memory, with the times at which bytes leave."""

    def __init__(self, clock: FakeClock) -> None:
        """Begin with nothing in either direction."""
        self._clock = clock
        self.is_plugged = True
        self.to_meter = b""
        self.sent: list[tuple[float, int]] = []

    def read(self) -> bytes:
        """Return what the test has put in."""
        data, self.to_meter = self.to_meter, b""
        return data

    def write(self, data: bytes) -> None:
        """Note what leaves."""
        self.sent += ((self._clock(), byte) for byte in data)

    def unplug(self) -> None:
        """Note that the port has gone away."""
        self.is_plugged = False

    @property
    def reply(self) -> bytes:
        """All bytes that have left."""
        return bytes(byte for _, byte in self.sent)


class Bench:
    """A line whose time jumps from one byte to the next."""

    def __init__(
        self, clock: FakeClock, *, delay: float = 0.0, model: str = "601", **options: Any
    ) -> None:
        """Connect a meter and a port in memory; `options` are the line's."""
        self.clock = clock
        self.port = FakePort(clock)
        self.meter = VirtualMeter(model, delay=delay, clock=clock)
        self.line = Line(self.meter, self.port, clock=clock, **options)
        self.start = clock.now

    def send(self, data: bytes) -> None:
        """Write now."""
        self.port.to_meter += data
        self.line.step()

    def run(self, until: float = float("inf")) -> None:
        """Let time pass until nothing is left to do, at most `until` seconds from the start."""
        while (due := self.line.step()) is not None and due <= self.start + until:
            self.clock.now = max(self.clock.now, due)
        if until < float("inf"):
            self.clock.now = self.start + until
            self.line.step()

    def wait(self, seconds: float) -> None:
        """Let so much time pass."""
        self.run(self.clock.now - self.start + seconds)

    def ask(self, request: bytes, seconds: float = 5.0) -> bytes:
        """Send a request and return all that comes within so many seconds."""
        known = len(self.port.sent)
        self.send(request)
        self.wait(seconds)
        return self.port.reply[known:]


def frames(stream: bytes) -> list[Frame]:
    """Return all valid frames from a meter, wherever they stand in a stream."""
    found = []
    for start, byte in enumerate(stream):
        end = stream.find(STOP, start)
        if byte == Direction.FROM_METER and end > 0:
            try:
                found.append(decode_frame(Direction.FROM_METER, stream[start : end + 1]))
            except CodecError:
                continue
    return found


def ask(*registers: int, count: int | None = None) -> bytes:
    """Return a GetRegister request; `count` if it is to lie about their number."""
    number = len(registers) if count is None else count
    data = bytes((number,)) + b"".join(r.to_bytes(2) for r in registers)
    return encode_frame(Direction.TO_METER, Frame(0x3F, GET_REGISTER, data))


def open_files() -> set[str]:
    """Return the numbers of this process's open files."""
    return {path.name for path in Path("/dev/fd").iterdir()}
