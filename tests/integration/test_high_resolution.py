"""Totals after restarts and wrong values, and the fine digits of energy."""

from __future__ import annotations

from decimal import Decimal

from virtual_meter import RunningMeter, VirtualMeter

from .bench import bench, firmware, read
from .client import Client
from .conversion import WRAP, float32
from .firmware import RunningFirmware
from .trouble import fast_line


def show(meter: VirtualMeter, watt_hours: int) -> float:
    """Have a meter that counts in kWh show this much energy; return what a device makes of it."""
    meter.overrides[60] = Decimal(watt_hours // 1000)
    meter.overrides[266] = Decimal(watt_hours % WRAP)
    return float32(Decimal(watt_hours) / 1000)


def test_a_wrap_and_restarts() -> None:
    """Without its fine digits, a total that had them would fall, even after a restart."""
    image = firmware("on_demand")
    meter = VirtualMeter("403-kwh")
    total = WRAP - 1501
    with fast_line(), image.reserved(), RunningMeter(meter, link=image.meter_port()) as running:
        for restarts in range(3):
            with (
                RunningFirmware(image, is_restart=restarts > 0),
                Client(image.api_port) as client,
            ):
                if restarts > 0:
                    running.faults = ["left_out::266"]
                    assert read(client) == []
                    running.faults = []
                for _ in range(2):
                    total += 500
                    shown = show(meter, total)
                    assert read(client) == [shown]
    assert total > WRAP


def test_what_does_not_fit_is_named_once() -> None:
    meter = VirtualMeter("403-kwh")
    with fast_line(), bench("on_demand", meter) as device:
        shown = show(meter, 59_988_750)
        assert read(device.client) == [shown]
        assert device.client.states["cooling_energy"] == 1234.0
        show(meter, 59_990_750)
        meter.overrides[266] = Decimal(5)
        assert read(device.client) == [59990.0]
        assert read(device.client) == [59990.0]
        log = device.device.text()
    assert log.count("does not fit") == 1
    assert (
        "'heat_energy': register 266 (5e0 Wh) does not fit register 60 (59990e0 kWh), not used"
        in log
    )


def test_wrong_values_after_a_restart() -> None:
    """One of each kind, right after a start; both energies, with fine steps and without."""
    image = firmware("on_demand")
    meter = VirtualMeter("403-kwh")
    published: dict[str, list[float]] = {"heat_energy": [], "cooling_energy": []}
    shown: list[float] = []
    with fast_line(), image.reserved(), RunningMeter(meter, link=image.meter_port()) as running:
        for i, kind in enumerate(("", "lower_once", "higher_once", "empty_once")):
            shown.append(show(meter, 59_988_750 + 1000 * i))
            meter.overrides[63] = Decimal(1234 + i)
            with (
                RunningFirmware(image, is_restart=i > 0) as device,
                Client(image.api_port) as client,
            ):
                running.faults = [f"{kind}::60", f"{kind}::63"] if kind else []
                read(client)
                for name, states in published.items():
                    states += [float(e.state) for e in client.events if e.name == name and e.state]
                log = device.text()
                assert log.count("reading again") == bool(kind)
                assert log.count("does not fit register 60") == bool(kind)
    assert published == {"heat_energy": shown, "cooling_energy": [1234, 1235, 1236, 1237]}
