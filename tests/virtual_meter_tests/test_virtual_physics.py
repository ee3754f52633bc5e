"""The simulated heat: what holds between the values at any time."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from virtual_meter import VirtualMeter
from virtual_meter.physics import ROLL_OVER, STEP, Simulation

COUNTERS = ("heat_energy", "cooling_energy", "volume", "operating_hours")
HOURS = st.floats(0, 6)


@settings(max_examples=20, deadline=None, database=None)
@given(st.integers(0, 99), st.lists(HOURS, min_size=1, max_size=5).map(sorted))
def test_counters_never_fall_and_nothing_depends_on_when_it_is_read(
    seed: int, hours: list[float]
) -> None:
    """Read several times, and once."""
    often, once = Simulation(seed), Simulation(seed)
    last = often.values(0)
    for hour in hours:
        now = often.values(hour * 3600)
        assert now["battery_days_left"] <= last["battery_days_left"]
        assert all(now[name] >= last[name] for name in COUNTERS)
        last = now
    assert once.values(hours[-1] * 3600) == last


def test_energy_and_volume_follow_power_and_flow() -> None:
    """Added up from outside, step by step, without any rounding."""
    simulation = Simulation(3)
    energy = volume = Fraction(0)
    first = simulation.values(0)
    powers = []
    for step in range(1, 9 * 360):
        now = simulation.values((step - 1) * STEP)
        difference = now["supply_temperature"] - now["return_temperature"]
        assert now["power"] == now["flow"] * difference * Fraction(1163, 1000)
        # Within the month's peaks.
        assert 60 < now["flow"] < 440
        assert 1_400 < now["power"] < 19_400
        energy += now["power"] * Fraction(STEP, 3600)
        volume += now["flow"] * Fraction(STEP, 3600)
        powers.append(float(now["power"]))
    last = simulation.values(step * STEP)
    assert last["heat_energy"] - first["heat_energy"] == energy
    assert last["volume"] - first["volume"] == volume
    # It moves, but slowly.
    assert max(powers) > 1.3 * min(powers)
    assert all(abs(b - a) < 0.05 * a for a, b in pairwise(powers))


@pytest.mark.parametrize(
    ("model", "wh_per_unit", "fine"),
    [
        ("403-kwh", Fraction(1000), {60: 266, 63: 267}),
        ("403-gj", Fraction(10**10, 36_000), {60: 266, 63: 267}),
        ("602", Fraction(10**6), {60: 155}),
        ("603", Fraction(10**6), {60: 266, 63: 267}),
    ],
)
def test_high_resolution_energy(model: str, wh_per_unit: Fraction, fine: dict[int, int]) -> None:
    """It is within the last digit of its counter, before and after it rolls over."""
    now = 0.0
    meter = VirtualMeter(model, clock=lambda: now)
    has_restarted = set()
    for hour in range(8):
        now = hour * 3600.0
        for coarse, other in fine.items():
            total, wh = meter.readings(coarse, other)
            last_digit = wh_per_unit * Fraction(10) ** int(total.value.as_tuple().exponent)
            behind = (Fraction(wh.value) - Fraction(total.value) * wh_per_unit) % ROLL_OVER
            assert behind < last_digit
            if coarse == 60:
                has_restarted.add(wh.value < 1_000_000)
    assert has_restarted == {False, True}


def test_displayed_values() -> None:
    """Scaled to the unit, or a part of it, and truncated, not rounded."""
    numbers = (60, 61, 68, 69, 72, 97)
    shown = VirtualMeter("601", clock=lambda: 0.0).readings(*numbers)
    assert [str(reading.value) for reading in shown] == [
        *("215.95", "352.00", "1612.34", "1596.22", "1580.09", "109639")
    ]


def test_seed_speed_and_clock() -> None:
    """Another seed gives another course; the clock runs `speed` times as fast."""
    now = 500.0
    slow, fast, other = (
        VirtualMeter("403-kwh", seed=seed, speed=speed, clock=lambda: now)
        for seed, speed in ((1, 1), (1, 60), (2, 60))
    )
    before = fast.readings(1004)[0].value
    now = 500 + 30 * 60
    late = fast.readings(*fast.model.numbers)
    assert other.readings(80, 86) != fast.readings(80, 86)
    assert fast.readings(1004)[0].value - before == 30
    now = 500 + 30 * 3600
    assert slow.readings(*slow.model.numbers) == late
    # 30 hours after noon on 15 January.
    time, day, both = (int(reading.value) for reading in slow.readings(1002, 1003, 348))
    assert (time, day) == (180_000, 260_116)
    assert both.to_bytes(7) == bytes((0, 26, 1, 16, 18, 0, 0))
