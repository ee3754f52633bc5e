"""What the simulations say about a circuit, worst of all corners, for docs/circuits-checked.md."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from wiring.circuits import (
    CIRCUITS,
    DATA_PORT,
    DATA_PORT_ESP32,
    DATA_PORT_TRANSISTORS,
    DATA_PORT_USB,
    METER,
    OPTICAL_D1_MINI,
    OPTICAL_ESP32,
    PULSE_OUTPUT,
    PULSE_OUTPUT_D1_MINI,
)
from wiring.parts import Circuit

from .chips import EXCESS, LOW, PIN_CURRENT, SUPPLY_3V3
from .line import BIT, LineError
from .pulses import LEAST, MOST, Counted, PulseCorner, pulse_corners, run_pulses
from .simulation import (
    DARK,
    LIT,
    WEAK,
    Corner,
    Outcome,
    Setup,
    at_rest,
    conversation,
    corners,
    run,
    setup,
)

#: The circuits with a UART, those that count pulses, and all that are simulated.
UART_CIRCUITS = (
    *(OPTICAL_D1_MINI, OPTICAL_ESP32),
    *(DATA_PORT, DATA_PORT_ESP32, DATA_PORT_TRANSISTORS, DATA_PORT_USB),
)
PULSE_CIRCUITS = (PULSE_OUTPUT, PULSE_OUTPUT_D1_MINI)
SIMULATED = (*UART_CIRCUITS, *PULSE_CIRCUITS)

#: mA that no circuit here can work with, and the step between two meters that `weakest` compares.
LEAST_SINK, STEP = 0.5, 0.05


def figures(circuit: Circuit) -> dict[str, str]:
    """Simulate a circuit in all its corners; return what was found by what it is about."""
    return _pulse_figures(circuit) if circuit in PULSE_CIRCUITS else _uart_figures(circuit)


@cache
def outcomes(name: str) -> list[tuple[Corner, Outcome]]:
    """Return the outcome of a conversation in each corner of the circuit with this name."""
    circuit = CIRCUITS[name]
    return [(corner, run(setup(circuit), corner, conversation())) for corner in corners(circuit)]


@cache
def counts(name: str) -> list[tuple[PulseCorner, Counted]]:
    """Return what becomes of some pulses in each corner of the circuit with this name."""
    circuit = CIRCUITS[name]
    return [(corner, run_pulses(circuit, corner)) for corner in pulse_corners(circuit)]


def gets_through(setup: Setup, corner: Corner) -> bool:
    """Tell whether every byte arrives at both ends."""
    try:
        run(setup, corner, conversation())
    except LineError:
        return False
    return True


def weakest(circuit: Circuit) -> float:
    """Return the least mA that a meter may sink and still be read over the longest cable."""
    cases = [c for c in corners(circuit) if c.coupler is WEAK and c.metres]
    sinks = LEAST_SINK
    while sinks < WEAK.sinks:
        coupler = replace(WEAK, ctr=sinks / WEAK.led)
        if all(gets_through(setup(circuit), replace(c, coupler=coupler)) for c in cases):
            break
        sinks += STEP
    return sinks


def _uart_figures(circuit: Circuit) -> dict[str, str]:
    cases = [outcome for _, outcome in outcomes(circuit.name)]
    received = [outcome.from_meter for outcome in cases]
    lag = max(end.lag for outcome in cases for end in (outcome.from_meter, outcome.to_meter))
    pin = max(abs(amperes) for outcome in cases for amperes in outcome.pin)
    found = {
        "cases": f"{len(cases)}",
        "safety margin at RX": (
            f"low {min(r.low_margin for r in received):.2f} V, "
            f"high {min(r.high_margin for r in received):.2f} V"
        ),
        "latest edge": f"{lag * 1e6:.0f} µs of a bit of {BIT * 1e6:.0f} µs",
        "current of the TX pin": f"{pin * 1e3:.1f} mA (limit {PIN_CURRENT * 1e3:.0f} mA)",
    }
    if circuit.far == METER:
        currents = [amperes * 1e3 for outcome in cases for amperes in outcome.led]
        lit = [led for led in currents if led > LIT]
        dark = [led for led in currents if led < DARK]
        found["LED in the meter"] = (
            f"on {min(lit):.1f} to {max(lit):.1f} mA, off up to {max(dark) * 1e3:.0f} µA"
        )
        found["weakest meter that still works"] = f"sinks {weakest(circuit):.2f} mA"
    if 15 in circuit.gpios():
        start = max(at_rest(setup(circuit), c, tx=None)["tx"] for c in corners(circuit))
        limit = LOW * min(SUPPLY_3V3)
        found["GPIO15 while the chip starts"] = f"{start:.2f} V (limit {limit:.2f} V)"
    return found


def _pulse_figures(circuit: Circuit) -> dict[str, str]:
    cases = [counted for _, counted in counts(circuit.name)]
    currents = [case.current * 1e3 for case in cases]
    excess = max(case.highest - SUPPLY_3V3[corner.supply] for corner, case in counts(circuit.name))
    return {
        "cases": f"{len(cases)}",
        "pulses counted": f"{sum(case.pulses for case in cases)} of {4 * len(cases)}",
        "safety margin at the pin": (
            f"low {min(case.low_margin for case in cases):.2f} V, "
            f"high {min(case.high_margin for case in cases):.2f} V"
        ),
        "pin above the chip's supply": f"{excess:.2f} V (limit {EXCESS:.2f} V)",
        "current through the output": (
            f"{min(currents):.1f} to {max(currents):.1f} mA "
            f"(allowed: {LEAST * 1e3:.0f} to {MOST * 1e3:.0f} mA)"
        ),
    }
