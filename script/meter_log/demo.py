"""A virtual meter that answers at once, to see what a reading looks like."""

from __future__ import annotations

from datetime import datetime

from virtual_meter.meter import VirtualMeter


class DemoPort:
    """A port with a virtual MULTICAL 403 behind it."""

    def __init__(self) -> None:
        """Switch the meter on; its clock is right."""
        self._meter = VirtualMeter("403-kwh", begin=datetime.now())
        self._coming = b""

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._coming = self._meter.answer(data).reply or b""

    def read(self, timeout: float) -> bytes:
        """Return what has come; a virtual meter needs no time."""
        came, self._coming = self._coming, b""
        return came
