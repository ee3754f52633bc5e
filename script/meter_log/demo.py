"""A virtual meter that answers at once, to see what a reading looks like."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from virtual_meter.meter import VirtualMeter
from virtual_meter.models import MODELS


class DemoPort:
    """A port with a virtual MULTICAL 403 behind it."""

    #: Of no meter that there is.
    SERIAL_NUMBER = 99999999

    def __init__(self) -> None:
        """Switch the meter on; its clock is right."""
        model = MODELS["403-kwh"]
        fixed = {**model.fixed, 1001: model.fixed[1001]._replace(value=self.SERIAL_NUMBER)}
        self._meter = VirtualMeter(replace(model, fixed=fixed), begin=datetime.now())
        self._coming = b""

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._coming = self._meter.answer(data).reply or b""

    def read(self, timeout: float) -> bytes:
        """Return what has come; a virtual meter needs no time."""
        came, self._coming = self._coming, b""
        return came
