"""A house: a Home Assistant, and devices in it, each with a virtual meter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from integration.firmware import ROOT, Firmware, RunningFirmware
from virtual_meter import RunningMeter, VirtualMeter

from .connection import Connection
from .core import HomeAssistant

CONFIGS = Path(__file__).parent / "configs"
#: What these configurations include from elsewhere.
INCLUDED = (ROOT / "tests" / "integration" / "configs", ROOT / "example_configs" / "packages")

#: Entities of the device heat_meter.
CONNECTED = "binary_sensor.heat_meter_connected"
SENSOR = "sensor.heat_meter_"

#: Seconds. Three updates of 10 s, each with two repetitions, end the link.
UNTIL_GIVEN_UP = 90
UNTIL_BACK = 60


class Device:
    """A running device with its meter. meter: virtual_meter on its line."""

    def __init__(
        self, firmware: Firmware, virtual_meter: VirtualMeter, meter: RunningMeter
    ) -> None:
        """Start it."""
        self.firmware = firmware
        self.virtual_meter = virtual_meter
        self.meter = meter
        self._running = RunningFirmware(firmware).__enter__()

    def switch_off(self) -> None:
        """Kill it, as if it lost power."""
        self._running.stop()

    def switch_on(self) -> None:
        """Start it with the preferences that it had."""
        self._running = RunningFirmware(self.firmware, is_restart=True).__enter__()


@contextmanager
def device(name: str, virtual_meter: VirtualMeter) -> Iterator[Device]:
    """Compile and run configs/NAME.yaml."""
    image = Firmware(CONFIGS / f"{name}.yaml", name.replace("_", "-"), "home-assistant", INCLUDED)
    image.compile()
    with image.reserved(), RunningMeter(virtual_meter, link=image.meter_port()) as meter:
        result = Device(image, virtual_meter, meter)
        try:
            yield result
        finally:
            result.switch_off()


@dataclass(frozen=True)
class House:
    """Everything in it. devices: by the name of their configuration."""

    home: HomeAssistant
    devices: Mapping[str, Device]

    @property
    def connection(self) -> Connection:
        """The connection to Home Assistant; a new one after a restart."""
        return self.home.connection

    @contextmanager
    def notices(self) -> Iterator[Callable[[float], str]]:
        """Give a function that waits some seconds for the next notice, and returns its message."""
        with self.connection.events("call_service") as wait:

            def next_notice(timeout: float) -> str:
                while (call := wait(timeout))["domain"] != "persistent_notification":
                    pass
                assert call["service"] == "create"
                assert call["service_data"]["title"].startswith("Heat meter: ")
                return call["service_data"]["message"]

            yield next_notice
