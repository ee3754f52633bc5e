"""The pulse output, old kind and new, counted as ESPHome counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from wiring.circuits import PULSE_OUTPUT
from wiring.parts import Circuit, Resistor

from . import chips
from .chips import EXCESS, SUPPLY_3V3
from .line import LineError
from .pulses import (
    LEAST,
    MOST,
    OPEN_COLLECTOR,
    OPTO_FET,
    Output,
    PulseCorner,
    pulse_corners,
    run_pulses,
)
from .settings import pulse_pin
from .spice import needs_ngspice

pytestmark = needs_ngspice


def _without_5v(ohms: int) -> Circuit:
    """Return the circuit that most people use: one pull-up to 3.3 V."""
    terminals = [
        replace(t, net={"5V": "3V3", "PIN": "PULSE"}.get(t.net, t.net))
        for t in PULSE_OUTPUT.terminals
    ]
    return replace(
        PULSE_OUTPUT,
        joints={"PULSE": "", "GND": "", "3V3": ""},
        terminals=tuple(terminals),
        parts=(Resistor("R1", ohms, ("3V3", "PULSE"), ""),),
    )


@pytest.mark.parametrize(("length", "count"), [(0.032, 4), (0.1, 2)])
def test_every_pulse_counts_once(length: float, count: int) -> None:
    for corner in pulse_corners(PULSE_OUTPUT):
        counted = run_pulses(PULSE_OUTPUT, corner, length, count)
        assert counted.pulses == count
        assert counted.low_margin > 0
        assert counted.high_margin > 0
        assert counted.highest < SUPPLY_3V3[corner.supply] + EXCESS
        assert LEAST < counted.current < MOST


def test_a_pulse_of_4_ms_is_too_short_for_this_yaml() -> None:
    corner = next(pulse_corners(PULSE_OUTPUT))
    assert run_pulses(PULSE_OUTPUT, corner, 0.0039).pulses == 0


@pytest.mark.parametrize("output", [OPEN_COLLECTOR, OPTO_FET], ids=lambda output: output.name)
def test_a_pull_up_to_3v3_is_enough_for_the_new_kind_only(output: Output) -> None:
    circuit = _without_5v(2200)
    corner = PulseCorner(1, (), output, 25)
    if output is OPTO_FET:
        counted = run_pulses(circuit, corner)
        assert counted.pulses == 4
        assert counted.current > LEAST
    else:
        # 1 V is neither low nor high.
        with pytest.raises(LineError):
            run_pulses(circuit, corner)


def test_ten_kiloohms_to_3v3_make_a_third_of_the_current_asked_for() -> None:
    counted = run_pulses(_without_5v(10_000), PulseCorner(1, (), OPTO_FET, 0))
    assert counted.current == pytest.approx(LEAST / 3, rel=0.05)


def test_a_weak_pull_up_does_not_fill_the_cable() -> None:
    ohms = (("R1", 10e6),)
    with pytest.raises(LineError):
        run_pulses(_without_5v(2200), PulseCorner(1, ohms, OPTO_FET, 25))


def test_the_yaml_has_the_pin_of_the_drawing() -> None:
    pin, _ = pulse_pin(PULSE_OUTPUT.example)
    assert PULSE_OUTPUT.gpios() == {pin.gpio: "PIN"}
    assert pin.inverted
    assert pin.gpio not in {*chips.ESP32.strapped, *chips.ESP32.unusable}
