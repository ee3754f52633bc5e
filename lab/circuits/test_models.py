"""The models are as weak and as slow as they claim, measured as in the data sheets."""

from __future__ import annotations

import pytest

from .line import Levels, changes
from .simulation import SLOW, WEAK, Coupler
from .spice import SpiceError, needs_ngspice, operating_point, transient

pytestmark = needs_ngspice

both = pytest.mark.parametrize("coupler", [WEAK, SLOW], ids=lambda coupler: coupler.name)


def _netlist(coupler: Coupler, led: str, load: str, ctr: float | None = None) -> str:
    values = f"ctr={ctr or coupler.ctr} vf={coupler.vf} rc={coupler.rc}"
    return f"measured\ni1 0 a {led}\nx1 a 0 c 0 coupler {values}\n{load}"


@pytest.mark.parametrize(
    ("coupler", "led", "load", "vector", "expected"),
    [
        # Least CTR of a 4N25: 20 % at IF 10 mA, VCE 10 V.
        (WEAK, "10m", "v1 c 0 10", "i(v1)", pytest.approx(-0.2 * 10e-3, rel=0.05)),
        # Largest CTR of a PC817: 600 % at IF 5 mA, VCE 5 V.
        (SLOW, "5m", "v1 c 0 10", "i(v1)", pytest.approx(-6.0 * 5e-3, rel=0.05)),
        # Largest VCE(sat) of a 4N25: 0.5 V at IF 50 mA, IC 2 mA; its largest VF: 1.5 V at 10 mA.
        (WEAK, "50m", "i2 0 c 2m", "v(c)", pytest.approx(0.5, abs=0.02)),
        (WEAK, "10m", "r1 c 0 1", "v(a)", pytest.approx(1.5, abs=0.02)),
    ],
)
def test_the_models_are_at_the_limits_of_the_data_sheets(
    coupler: Coupler, led: str, load: str, vector: str, expected: float
) -> None:
    (measured,) = operating_point(_netlist(coupler, led, load), vector)
    assert measured == expected


def _edges(coupler: Coupler, ctr: float, led: float, load: int, supply: float) -> list[float]:
    """Return µs from LED on to 10 % and 90 % of the fall, and from LED off to those of the rise."""
    pulse = f"pulse(0 {led}m 100u 0.1u 0.1u 2m 4m)"
    netlist = _netlist(coupler, pulse, f"v1 vcc 0 {supply}\nr1 vcc c {load}", ctr)
    (wave,) = transient(netlist, 4e-3, 0.5e-6, "v(c)")
    high, low = wave.at(90e-6), wave.at(2.05e-3)
    tenth = (high - low) / 10
    _, *edges = [time for time, _ in changes(wave, Levels(low + tenth, high - tenth))]
    return [(t - on) * 1e6 for t, on in zip(edges, (1e-4, 1e-4, 2.1e-3, 2.1e-3), strict=True)]


@both
def test_both_rise_and_fall_as_slowly_as_a_pc817_may(coupler: Coupler) -> None:
    # Longest tr and tf of a PC817: 18 µs each at VCE 2 V, IC 2 mA, RL 100 Ω; typical 4 and 3.
    on_10, on_90, off_10, off_90 = _edges(coupler, 0.2, 10, 100, 2.2)
    assert on_90 - on_10 == pytest.approx(18, rel=0.1)
    assert off_90 - off_10 == pytest.approx(18, rel=0.1)


@both
def test_both_leave_saturation_three_times_slower_than_is_typical(coupler: Coupler) -> None:
    # A similar coupler (ACPL-214) takes 40 µs to turn off at IF 16 mA, RL 1.9 kΩ, 5 V; of that,
    # 25 µs pass before anything is seen. No data sheet gives a longest time for that.
    _, _, storage, turn_off = _edges(coupler, 1.0, 16, 1900, 5)
    assert storage > 3 * 25
    assert turn_off == pytest.approx(3 * 40, rel=0.1)


@pytest.mark.parametrize(
    "netlist",
    [
        "no number\nr1 a 0 nonsense",
        "no such model\nd1 a 0 nonsense",
        "no solution\nv1 a 0 1\nv2 a 0 2",
    ],
)
def test_what_ngspice_cannot_compute_is_reported_with_the_netlist(netlist: str) -> None:
    with pytest.raises(SpiceError, match=netlist):
        operating_point(netlist, "v(a)")
