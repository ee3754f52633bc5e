"""An example as a program for this computer, with a virtual meter."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from integration.client import Client
from integration.firmware import RunningFirmware
from virtual_meter import RunningMeter, VirtualMeter

from .program import compiled

EXAMPLE = "raspberry-pi-usb"
#: Shorter times, so that the test is quick.
CHANGES = {"update_interval: 1h": "update_interval: 3s", "delay: 1min": "delay: 2s"}


def _wait(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.05)


def _has_ended(pid: int) -> bool:
    """Tell whether a child process has ended, even if its parent has not collected it yet."""
    return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z"


def test_program_ends_when_the_head_is_unplugged() -> None:
    firmware = compiled(EXAMPLE, CHANGES)
    with (
        firmware.reserved(),
        RunningMeter(VirtualMeter("403-kwh"), link=firmware.meter_port()) as meter,
    ):
        with RunningFirmware(firmware) as device:
            _wait(lambda: len(meter.exchanges) > 0, 10, "a first reading")
            with Client(firmware.api_port) as client:
                meter.unplug()
                # Home Assistant sees why before it ends.
                client.wait_until(
                    lambda states: states.get("Link status") == "no_port", 10, "no_port"
                )
            assert not _has_ended(device.pid)
            _wait(lambda: _has_ended(device.pid), 10, "the end")
            assert "Rebooting safely" in device.text()
        # What systemd does then.
        meter.plug()
        before = len(meter.exchanges)
        with RunningFirmware(firmware):
            _wait(lambda: len(meter.exchanges) > before, 10, "a reading after the new start")
