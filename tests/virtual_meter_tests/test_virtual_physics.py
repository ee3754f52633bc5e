"""The simulated heat: what holds between the values at any time."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from virtual_meter import MODELS, VirtualMeter
from virtual_meter.models import ENERGY, REGISTERS
from virtual_meter.physics import ROLL_OVER, START, STEP, Simulation

COUNTERS = START.keys() - {"battery_days_left"} | {"mass", "mass_2"}


def test_counters_never_fall_and_nothing_depends_on_when_it_is_read() -> None:
    """Two simulated days, read every seven minutes and once."""
    often, once = (Simulation(7, datetime(2026, 3, 1)) for _ in range(2))
    last = often.values()
    for minutes in range(7, 2 * 24 * 60, 7):
        often.advance(minutes * 60)
        now = often.values()
        assert all(now[name] >= last[name] for name in COUNTERS)
        assert now["battery_days_left"] <= last["battery_days_left"]
        last = now
    once.advance(minutes * 60)
    assert once.values() == last
    moved = {name for name in COUNTERS if last[name] > START.get(name, 0)}
    assert COUNTERS - moved == {"cooling_energy", "error_hours", "info", "info_event_count"}


def test_energy_volume_and_mass_follow_power_flow_and_volume() -> None:
    """Summed up from outside, step by step, without any rounding."""
    simulation = Simulation(3, datetime(2026, 3, 1))
    energy = volume = Fraction(0)
    first = simulation.values()
    for step in range(1, 2000):
        now = simulation.values()
        difference = now["supply_temperature"] - now["return_temperature"]
        assert now["power"] == now["flow"] * difference * Fraction(1163, 1000)
        assert 2_000 < now["power"] < 20_000
        energy += now["power"] * Fraction(STEP, 3600)
        volume += now["flow"] * Fraction(STEP, 3600)
        simulation.advance(step * STEP)
    last = simulation.values()
    assert last["heat_energy"] - first["heat_energy"] == energy
    assert last["volume"] - first["volume"] == volume
    assert last["mass"] / last["volume"] == first["mass"] / first["volume"]


def test_power_moves_slowly_around_a_mean() -> None:
    """A minute changes it by less than a tenth, a day by a lot."""
    simulation = Simulation(5, datetime(2026, 3, 1))
    powers = []
    for minute in range(24 * 60):
        simulation.advance(minute * 60)
        powers.append(float(simulation.values()["power"]))
    assert all(abs(b - a) < 0.1 * a for a, b in pairwise(powers))
    assert max(powers) > 1.3 * min(powers)
    assert 6_000 < sum(powers) / len(powers) < 12_000


def test_high_resolution_energy_rolls_over() -> None:
    """266 is register 60 modulo 10 MWh, before and after it starts again."""
    now = 0.0
    meter = VirtualMeter("403-kwh", clock=lambda: now)
    seen = set()
    for hour in range(8):
        now = hour * 3600.0
        kwh, wh, cooling, cooling_wh = (r.value for r in meter.readings(60, 266, 63, 267))
        assert wh // 1000 == kwh % (ROLL_OVER // 1000)
        assert cooling_wh // 1000 == cooling % (ROLL_OVER // 1000)
        seen.add(wh < 1_000_000)
    assert seen == {False, True}


@pytest.mark.parametrize(
    ("model", "wh_per_unit", "hi_res"),
    [
        ("403-gj", Fraction(10**10, 36_000), 266),
        ("602", Fraction(10**6), 155),
        ("601", Fraction(10**10, 36_000), 155),
    ],
)
def test_high_resolution_energy_in_other_units(
    model: str, wh_per_unit: Fraction, hi_res: int
) -> None:
    """It lies within the last digit of register 60, whatever its unit."""
    now = 0.0
    meter = VirtualMeter(model, clock=lambda: now)
    for hour in range(8):
        now = hour * 3600.0
        total, wh = meter.readings(60, hi_res)
        last_digit = wh_per_unit * Fraction(10) ** int(total.value.as_tuple().exponent)
        behind = (Fraction(wh.value) - Fraction(total.value) * wh_per_unit) % ROLL_OVER
        assert behind < last_digit


@pytest.mark.parametrize("model", MODELS)
def test_displayed_values_agree(model: str) -> None:
    """T1 - T2 exactly as displayed; power from displayed flow and temperatures."""
    now = 0.0
    meter = VirtualMeter(model, clock=lambda: now, seed=9)
    for minute in range(0, 600, 11):
        now = minute * 60.0
        power, flow, t1, t2, difference = (r.value for r in meter.readings(80, 74, 86, 87, 89))
        assert difference == t1 - t2
        assert 0 <= flow * difference * Decimal("0.001163") - power < Decimal("0.1")


def test_seed_and_speed() -> None:
    """The same seed is the same meter, another is not; the clock runs `speed` times as fast."""
    now = 0.0
    start = datetime(2026, 12, 31, 23, 59, 0)

    def meter(seed: int, speed: float) -> VirtualMeter:
        return VirtualMeter("602", seed=seed, speed=speed, start=start, clock=lambda: now)

    slow, fast, other = meter(1, 1.0), meter(1, 60.0), meter(2, 60.0)
    now = 61.0
    late = fast.readings(*fast.model.numbers)
    assert slow.readings(1002, 1003)[0].value == 1
    now = 60.0 * 61
    assert slow.readings(*slow.model.numbers) == late
    assert other.readings(80, 86) != fast.readings(80, 86)


def test_clock_date_and_hours() -> None:
    """Decimal numbers hhmmss and yymmdd, and the seven bytes of register 348."""
    now = 0.0
    meter = VirtualMeter("403-kwh", start=datetime(2026, 2, 28, 23, 59, 58), clock=lambda: now)
    before = {r.register: int(r.value) for r in meter.readings(1002, 1003, 1004, 582)}
    now = 2.5 * 86_400 + 3
    after = {r.register: int(r.value) for r in meter.readings(1002, 1003, 1004, 582, 348)}
    assert (before[1002], before[1003]) == (235_958, 260_228)
    assert (after[1002], after[1003]) == (120_001, 260_303)
    assert after[1004] - before[1004] == 60
    assert before[582] - after[582] == 3
    assert after[348].to_bytes(7) == bytes((0, 26, 3, 3, 12, 0, 1))


def test_peaks_and_averages_begin_anew() -> None:
    """A new month and a new year have their own peaks; within one they only grow."""
    start = datetime(2026, 12, 31, 12)
    simulation = Simulation(1, start)
    simulation.advance(3600)
    old = simulation.values()
    assert old["max_flow_year"] == 520
    assert (old["max_flow_year_date"], old["min_power_month_date"]) == (260_101, 261_201)

    simulation.advance(30 * 3600)
    new = simulation.values()
    for span in ("year", "month"):
        assert new[f"min_flow_{span}"] <= new["flow"] <= new[f"max_flow_{span}"] < 520
        assert new[f"min_power_{span}"] <= new["power"] <= new[f"max_power_{span}"]
        assert new[f"max_flow_{span}_date"] == 270_101
        assert 60 < new[f"average_supply_temperature_{span}"] < 76
    day = simulation.values()
    simulation.advance(timedelta(days=2).total_seconds())
    assert simulation.values()["max_power_month"] >= day["max_power_month"]


def test_every_register_has_a_source() -> None:
    """The tables name only quantities that the simulation knows."""
    values = Simulation(0, datetime(2026, 1, 1)).values()
    assert {row.source for row in REGISTERS.values()} <= values.keys()
    for model in MODELS.values():
        for number in model.simulated:
            row = model.register(number)
            assert row is not None
            assert row.unit != ENERGY
            assert row.source in values
