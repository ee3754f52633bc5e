"""The models are as weak and as slow as they claim, measured like in the data sheets."""

from __future__ import annotations

import pytest

from .chips import ESP32, ESP8266
from .simulation import SLOW, WEAK, Coupler
from .spice import Waveform, needs_ngspice, operating_point, transient

pytestmark = needs_ngspice

both = pytest.mark.parametrize("coupler", [WEAK, SLOW], ids=lambda coupler: coupler.name)


def _coupler(coupler: Coupler, led: str, ctr: float | None = None) -> str:
    values = f"ctr={ctr or coupler.ctr} vf={coupler.vf} rc={coupler.rc}"
    return f"measured\ni1 0 a {led}\nx1 a 0 c 0 coupler {values}"


def _transfer(coupler: Coupler, led: float, volts: float) -> float:
    netlist = f"{_coupler(coupler, f'{led}m')}\nv1 c 0 {volts}"
    (current,) = operating_point(netlist, "i(v1)")
    return -current * 1000 / led


def test_the_weak_one_transfers_as_little_as_a_4n25_may() -> None:
    # Least CTR of a 4N25: 20 % at IF 10 mA, VCE 10 V.
    assert _transfer(WEAK, 10, 10) == pytest.approx(0.2, rel=0.05)


def test_the_strong_one_transfers_as_much_as_a_pc817_may() -> None:
    # Largest CTR of a PC817: 600 % at IF 5 mA, VCE 5 V.
    assert _transfer(SLOW, 5, 10) == pytest.approx(6.0, rel=0.05)


def test_the_weak_one_leaves_as_much_as_a_4n25_may() -> None:
    # Largest VCE(sat) of a 4N25: 0.5 V at IF 50 mA, IC 2 mA; its largest VF: 1.5 V at 10 mA.
    (saturated,) = operating_point(f"{_coupler(WEAK, '50m')}\ni2 0 c 2m", "v(c)")
    (forward,) = operating_point(f"{_coupler(WEAK, '10m')}\nr1 c 0 1", "v(a)")
    assert saturated == pytest.approx(0.5, abs=0.02)
    assert forward == pytest.approx(1.5, abs=0.02)


def _edges(coupler: Coupler, ctr: float, led: float, load: int, supply: float) -> list[float]:
    """Return µs from LED on to 10 % and 90 % of the fall, and from LED off to those of the rise."""
    pulse = f"pulse(0 {led}m 100u 0.1u 0.1u 2m 4m)"
    netlist = f"{_coupler(coupler, pulse, ctr)}\nv1 vcc 0 {supply}\nr1 vcc c {load}"
    (wave,) = transient(netlist, 4e-3, 0.5e-6, "v(c)")
    high, low = wave.at(90e-6), wave.at(2.05e-3)
    parts = [high + part * (low - high) for part in (0.1, 0.9)]
    return [
        *((_first_below(wave, level, 100e-6) - 100e-6) * 1e6 for level in parts),
        *((_first_above(wave, level, 2.1e-3) - 2.1e-3) * 1e6 for level in reversed(parts)),
    ]


def _first_below(wave: Waveform, level: float, start: float) -> float:
    return next(t for t, v in zip(wave.times, wave.values, strict=True) if t > start and v <= level)


def _first_above(wave: Waveform, level: float, start: float) -> float:
    return next(t for t, v in zip(wave.times, wave.values, strict=True) if t > start and v >= level)


@both
def test_both_rise_and_fall_as_slowly_as_a_pc817_may(coupler: Coupler) -> None:
    # Longest tr and tf of a PC817: 18 µs each at VCE 2 V, IC 2 mA, RL 100 Ω; typical 4 and 3.
    on_10, on_90, off_10, off_90 = _edges(coupler, 0.2, 10, 100, 2.2)
    assert on_90 - on_10 == pytest.approx(18, rel=0.1)
    assert off_90 - off_10 == pytest.approx(18, rel=0.1)


@both
def test_both_leave_saturation_three_times_slower_than_is_typical(coupler: Coupler) -> None:
    # A like coupler (ACPL-214) takes 40 µs to turn off at IF 16 mA, RL 1.9 kΩ, 5 V, of which 25 µs
    # pass before anything is seen. No data sheet has a longest time for that.
    _, _, storage, turn_off = _edges(coupler, 1.0, 16, 1900, 5)
    assert storage > 3 * 25
    assert turn_off == pytest.approx(3 * 40, rel=0.1)


def test_one_simulation_is_for_both_chips() -> None:
    assert (ESP8266.low, ESP8266.high) == (ESP32.low, ESP32.high)
