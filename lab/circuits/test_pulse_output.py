"""The pulse output, old kind and new, counted as ESPHome counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from wiring.circuits import PULSE_OUTPUT
from wiring.parts import Circuit, Resistor

from .chips import EXCESS, STRAPPED, SUPPLY_3V3, UNUSABLE
from .figures import PULSE_CIRCUITS, counts
from .pulses import LEAST, MOST, OPEN_COLLECTOR, OPTO_FET, PulseCorner, pulse_corners, run_pulses
from .settings import pulse_pin
from .spice import needs_ngspice

pytestmark = needs_ngspice

#: A circuit's tests share its simulations, so they go to one process.
circuits = pytest.mark.parametrize(
    "circuit",
    [pytest.param(c, id=c.name, marks=pytest.mark.xdist_group(c.name)) for c in PULSE_CIRCUITS],
)


def _without_5v(value: str) -> Circuit:
    """Return the circuit that most people use: one pull-up to 3.3 V."""
    nets = {"5V": "3V3", "PIN": "PULSE"}
    return replace(
        PULSE_OUTPUT,
        terminals=tuple(replace(t, net=nets.get(t.net, t.net)) for t in PULSE_OUTPUT.terminals),
        parts=(Resistor("R1", value, ("3V3", "PULSE"), ""),),
    )


@circuits
def test_every_pulse_counts_once(circuit: Circuit) -> None:
    for corner, counted in counts(circuit.name):
        assert counted.pulses == 4, corner
        assert counted.low_margin > 0, corner
        assert counted.high_margin > 0, corner
        assert counted.highest < SUPPLY_3V3[corner.supply] + EXCESS, corner
        assert LEAST < counted.current < MOST, corner


@circuits
@pytest.mark.parametrize(("length", "count"), [(0.1, 2), (0.011, 2), (0.0039, 0)])
def test_the_yaml_wants_10_ms(circuit: Circuit, length: float, count: int) -> None:
    assert run_pulses(circuit, next(pulse_corners(circuit)), length, 2).pulses == count


def test_a_pull_up_to_3v3_is_enough_for_the_new_kind_only() -> None:
    new = run_pulses(_without_5v("2.2 kΩ"), PulseCorner(1, (), OPTO_FET, 25))
    assert new.pulses == 4
    assert new.current > LEAST
    # 1 V is neither low nor high.
    old = run_pulses(_without_5v("2.2 kΩ"), PulseCorner(1, (), OPEN_COLLECTOR, 25))
    assert old.pulses == 0
    assert old.low_margin < 0


def test_ten_kiloohms_to_3v3_make_a_third_of_the_required_current() -> None:
    counted = run_pulses(_without_5v("10 kΩ"), PulseCorner(1, (), OPTO_FET, 0))
    assert counted.current == pytest.approx(LEAST / 3, rel=0.05)


def test_a_weak_pull_up_does_not_fill_the_cable() -> None:
    assert run_pulses(_without_5v("10000 kΩ"), PulseCorner(1, (), OPTO_FET, 0)).pulses == 4
    assert run_pulses(_without_5v("10000 kΩ"), PulseCorner(1, (), OPTO_FET, 25)).pulses < 4


@circuits
def test_the_yaml_has_the_pin_of_the_drawing(circuit: Circuit) -> None:
    pin, _ = pulse_pin(circuit.example)
    assert circuit.gpios() == {pin.gpio: "PIN"}
    assert pin.inverted
    assert pin.gpio not in {*STRAPPED[circuit.board], *UNUSABLE[circuit.board]}
