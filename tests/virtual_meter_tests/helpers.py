"""A client for a serial port, and a clock that tests move by hand."""

import os
import select
import time


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
