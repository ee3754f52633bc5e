"""Two examples as programs for this computer, with a virtual meter."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from components.harness import COMPONENTS, ROOT
from integration.bench import asked
from integration.client import Client
from integration.firmware import Firmware, RunningFirmware
from virtual_meter import RunningMeter, VirtualMeter

from .devices import FOLDER

#: What makes a program for this computer of an example's meter, whichever board it is for.
HEAD = f"""\
substitutions: {{meter_port: /dev/ttyUSB0, api_port: "6053"}}
esphome: {{name: NAME}}
host:
logger:
api: {{port: "${{api_port}}"}}
external_components:
  - source: {{type: local, path: {COMPONENTS}}}
uart: {{id: meter_uart, port: "${{meter_port}}", baud_rate: 1200, stop_bits: 2}}
"""


def _firmware(example: str, change: Callable[[str], str] = str) -> Firmware:
    """Compile an example from its hub on."""
    text = (FOLDER / f"{example}.yaml").read_text("utf-8")
    # Where it stays the same, so that it is compiled once.
    config = ROOT / ".cache" / "examples" / example / "device.yaml"
    config.parent.mkdir(parents=True, exist_ok=True)
    meter = change(text[text.index("\nmultical:") :])
    config.write_text(HEAD.replace("NAME", example) + meter, "utf-8")
    firmware = Firmware(config, example)
    firmware.compile()
    return firmware


def _wait(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.05)


def _has_ended(pid: int) -> bool:
    """Tell whether a process of ours has ended; its parent has not asked for its result yet."""
    return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z"


def _faster(text: str) -> str:
    for slow, fast in (("update_interval: 15min", "update_interval: 3s"), ("1min", "2s")):
        assert text.count(slow) == 1
        text = text.replace(slow, fast)
    return text


def test_program_ends_when_the_head_is_pulled() -> None:
    firmware = _firmware("raspberry-pi-usb", _faster)
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


def test_battery_friendly_asks_once_and_only_when_told() -> None:
    firmware = _firmware("battery-friendly")
    with (
        firmware.reserved(),
        RunningMeter(VirtualMeter("403-kwh"), link=firmware.meter_port()) as meter,
        RunningFirmware(firmware),
        Client(firmware.api_port) as client,
    ):

        def has_heard(count: int) -> bool:
            return len(meter.exchanges) >= count

        time.sleep(3)
        assert meter.exchanges == []
        # After a start the counters are read twice.
        for number in range(2, 5):
            since = len(client.events)
            client.press("Read now")
            _wait(partial(has_heard, number), 10, "a reading")
            client.wait_for_event(lambda event: event.name == "Heat energy", 10, since)
            # It would follow at once if there were a second request.
            time.sleep(1)
        registers = [60, 266, 68, 80, 74, 86, 87]
        serial_no = [1001]
        assert [asked(exchange) for exchange in meter.exchanges] == [
            registers,
            [60, 266, 68],
            registers + serial_no,
            registers,
        ]
