"""A house: a Home Assistant, and devices in it, each with a virtual meter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from integration.firmware import ROOT, Firmware, RunningFirmware
from virtual_meter import RunningMeter, VirtualMeter

from .core import HomeAssistant
from .installation import Installation

CONFIGS = Path(__file__).parent / "configs"
#: Entities of the device heat_meter.
CONNECTED = "binary_sensor.heat_meter_connected"
SENSOR = "sensor.heat_meter_"

#: Seconds. Three updates of 10 s, each with two repetitions, make the link's end.
UNTIL_GIVEN_UP = 90
UNTIL_BACK = 60

#: What these configurations include from elsewhere.
INCLUDED = (ROOT / "tests" / "integration" / "configs", ROOT / "example_configs" / "packages")


def firmware(name: str) -> Firmware:
    """Return the firmware of configs/NAME.yaml, not compiled yet."""
    return Firmware(CONFIGS / f"{name}.yaml", name.replace("_", "-"), "home-assistant", INCLUDED)


class Device:
    """A device with its meter, as a context manager, that can be switched off and on.

    virtual_meter: as given. meter: the same on its line, while the device is entered.
    """

    def __init__(self, image: Firmware, meter: VirtualMeter) -> None:
        """Prepare. image: compiled."""
        self.firmware = image
        self.virtual_meter = meter
        self._resources = ExitStack()
        self._device: RunningFirmware | None = None
        self.meter: RunningMeter

    def __enter__(self) -> Self:
        """Start both."""
        with ExitStack() as stack:
            stack.enter_context(self.firmware.reserved())
            link = self.firmware.meter_port()
            self.meter = stack.enter_context(RunningMeter(self.virtual_meter, link=link))
            stack.callback(self.switch_off)
            self.switch_on(is_restart=False)
            self._resources = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop both."""
        self._resources.close()

    def switch_off(self) -> None:
        """Let it die, as without power."""
        if self._device is not None:
            self._device.stop()
            self._device = None

    def switch_on(self, *, is_restart: bool = True) -> None:
        """Start it. is_restart: with the preferences that it had."""
        device = RunningFirmware(self.firmware, is_restart=is_restart)
        device.__enter__()
        self._device = device


@dataclass(frozen=True)
class House:
    """What runs in it. devices: by the name of their configuration."""

    home: HomeAssistant
    devices: Mapping[str, Device]


@contextmanager
def house(
    installation: Installation,
    folder: Path,
    devices: Mapping[str, VirtualMeter],
    *,
    port: int = 0,
    files: Mapping[str, str] | None = None,
) -> Iterator[House]:
    """Run a Home Assistant to which these devices are added.

    devices: the meter of each configs/NAME.yaml, which is compiled. The rest: see HomeAssistant.
    """
    with ExitStack() as stack:
        running: dict[str, Device] = {}
        for name, meter in devices.items():
            image = firmware(name)
            image.compile()
            running[name] = stack.enter_context(Device(image, meter))
        home = stack.enter_context(HomeAssistant(installation, folder, port=port, files=files))
        for device in running.values():
            home.add_device(device.firmware.api_port)
        yield House(home, running)
