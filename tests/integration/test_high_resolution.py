"""Fine energy on the device: one total that never falls, over wraps, lost replies and restarts."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import pairwise

import pytest
from virtual_meter import RunningMeter, VirtualMeter

from .bench import asked, bench, firmware, read
from .client import Client
from .conversion import WRAP, float32
from .firmware import RunningFirmware
from .trouble import fast_line

#: Wh between two readings: 30 MWh, which is three wraps, in a minute.
STEP = 97_003
END = 30_500_000
READINGS_UNTIL_RESTART = 45


class Counter:
    """The energy of a meter, set by hand. watt_hours: all so far."""

    def __init__(self, meter: VirtualMeter, watt_hours: int) -> None:
        """Let a meter that counts in kWh show so much."""
        self._meter = meter
        self.set(watt_hours)

    def set(self, watt_hours: int) -> None:
        """Let it show so much."""
        self.watt_hours = watt_hours
        self._meter.overrides[60] = Decimal(watt_hours // 1000)
        self._meter.overrides[266] = Decimal(watt_hours % WRAP)


def test_thirty_megawatt_hours() -> None:
    image = firmware("fine")
    meter = VirtualMeter("403-kwh")
    counter = Counter(meter, 3_123)
    dice = random.Random(1)
    shown: list[float] = []
    held = restarts = 0
    with (
        fast_line(),
        image.reserved(),
        RunningMeter(meter, link=image.meter_port()) as running,
    ):
        while counter.watt_hours < END:
            with (
                RunningFirmware(image, is_restart=restarts > 0),
                Client(image.api_port) as client,
            ):
                if restarts:
                    # The first answers after a restart are the most delicate ones.
                    running.faults = ["left_out::266"]
                    assert read(client) == []
                    running.faults = []
                for _ in range(READINGS_UNTIL_RESTART):
                    counter.set(counter.watt_hours + dice.randrange(STEP, STEP + 2000))
                    (fault,) = dice.choices(["", "left_out::266", "silent"], (84, 13, 3))
                    running.faults = [fault] if fault else []
                    published = read(client)
                    running.faults = []
                    if fault:
                        assert published == []
                        held += 1
                        continue
                    (state,) = published
                    assert state == float32(Decimal(counter.watt_hours) / 1000)
                    # One fine step, which at this size is also what 32 bits can hold.
                    assert abs(Decimal(state) * 1000 - counter.watt_hours) <= 1
                    shown.append(state)
            restarts += 1
    assert shown == sorted(shown)
    assert sum(b // 10_000 > a // 10_000 for a, b in pairwise(shown)) == 3
    assert len(shown) > 150
    assert held > 20
    assert restarts >= 5


def test_what_does_not_fit_is_named_once() -> None:
    meter = VirtualMeter("403-kwh")
    counter = Counter(meter, 59_988_750)
    with fast_line(), bench("fine", meter) as device:
        assert read(device.client) == [float32(Decimal("59988.75"))]
        # Both are in the same answer; the other energy is asked for alone.
        assert {60, 266, 63} <= {r.register for r in device.meter.exchanges[0].readings}
        assert 267 not in {r.register for r in device.meter.exchanges[0].readings}
        assert device.client.states["cooling_energy"] == 1234.0
        counter.set(59_990_750)
        meter.overrides[266] = Decimal(5)
        assert read(device.client) == [59990.0]
        assert read(device.client) == [59990.0]
        log = device.device.text()
    assert log.count("does not fit") == 1
    assert (
        "'heat_energy': register 266 (5e0 Wh) does not fit register 60 (59990e0 kWh), not used"
        in log
    )


def test_another_meter_starts_anew() -> None:
    """A total that is much lower is read again before it is believed."""
    meter = VirtualMeter("403-kwh")
    counter = Counter(meter, 59_988_750)
    with fast_line(), bench("fine", meter) as device:
        read(device.client)
        counter.set(1_250)
        assert read(device.client) == [1.25]
        log = device.device.text()
    assert log.count("'heat_energy': 1 after 59988, reading again") == 1
    assert log.count("reading again") == 1


def test_an_empty_meter_is_not_believed_at_once() -> None:
    """And what is 0 for good is shown in the second update."""
    meter = VirtualMeter("403-kwh")
    meter.overrides[63] = Decimal(0)
    counter = Counter(meter, 0)
    with fast_line(), bench("fine", meter) as device:
        assert read(device.client) == []
        counter.set(59_988_750)
        assert read(device.client) == [float32(Decimal("59988.75"))]
        assert device.client.states["cooling_energy"] == 0


def test_wrong_values_after_a_restart() -> None:
    """One of each kind, first thing after a start; both energies, with fine steps and without."""
    image = firmware("fine")
    meter = VirtualMeter("403-kwh")
    counter = Counter(meter, 59_988_750)
    published: dict[str, list[float]] = {"heat_energy": [], "cooling_energy": []}
    with fast_line(), image.reserved(), RunningMeter(meter, link=image.meter_port()) as running:
        for i, kind in enumerate(("", "lower_once", "higher_once", "empty_once")):
            counter.set(counter.watt_hours + 1000)
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
    shown = [float32(Decimal(59_989_750 + 1000 * i) / 1000) for i in range(4)]
    assert published == {"heat_energy": shown, "cooling_energy": [1234, 1235, 1236, 1237]}


@pytest.mark.parametrize("model", ["602", "601"])
def test_a_meter_without_fine_counters(model: str) -> None:
    """What it does not have is asked for a few times, and its display's value is published."""
    with fast_line(), bench("fine", VirtualMeter(model)) as device:
        for _ in range(5):
            assert len(read(device.client)) == 1
        wanted = [266 in asked(e) for e in device.meter.exchanges if len(e.request) > 8]
        log = device.device.text()
    # Twice for the energy, whose first value is read twice, and twice for the info codes. Then
    # nobody asks for a day.
    assert sum(wanted) == 4
    assert not any(wanted[-2:])
    assert log.count("Register 266 is not in this meter") == 1
