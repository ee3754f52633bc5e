"""The pulse output: the meter's contact at one end of the cable, a counting pin at the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product

from wiring.parts import Circuit

from .chips import HIGH, LOW, SUPPLY_3V3
from .line import Levels, changes
from .settings import pulse_pin
from .simulation import TOLERANCE, board, cable, node, parts
from .spice import Waveform, pwl, steps, transient


@dataclass(frozen=True, slots=True)
class Output:
    """A kind of pulse output. volts, ohms: what is left across it while it conducts."""

    name: str
    volts: float
    ohms: float


#: HC-003-21, and HC-003-11 before May 2017: an open collector with about 1 V at 10 mA. Modelled as
#: 1 V at any current, which is worse than a transistor is at 2 mA.
OPEN_COLLECTOR = Output("open collector", 1.0, 1.0)
#: HC-003-11 since then: at most 40 Ω.
OPTO_FET = Output("OptoFET", 0.0, 40.0)

#: The least amperes that an output needs, and the most that it tolerates (the older kind).
LEAST, MOST = 0.001, 0.010


@dataclass(frozen=True, slots=True)
class PulseCorner:
    """One combination of variations: supply (0: low, 1: high), resistors, output, cable."""

    supply: int
    ohms: tuple[tuple[str, float], ...]
    output: Output
    metres: int


def pulse_corners(circuit: Circuit) -> Iterator[PulseCorner]:
    """Yield all corners, with each resistor high or low by itself: it is a divider."""
    resistors = circuit.resistors()
    for factors in product((1 - TOLERANCE, 1 + TOLERANCE), repeat=len(resistors)):
        ohms = tuple((r.name, r.ohms * f) for r, f in zip(resistors, factors, strict=True))
        for values in product((0, 1), (OPEN_COLLECTOR, OPTO_FET), (0, circuit.metres)):
            yield PulseCorner(values[0], ohms, *values[1:])


@dataclass(frozen=True, slots=True)
class Counted:
    """How many pulses were counted, and the currents and voltages, in amperes and volts."""

    pulses: int
    low_margin: float
    high_margin: float
    highest: float
    current: float


def run_pulses(
    circuit: Circuit, corner: PulseCorner, length: float = 0.032, count: int = 4
) -> Counted:
    """Have a meter send pulses."""
    pin, shortest = pulse_pin(circuit.example)
    assert pin.gpio is not None
    vdd = SUPPLY_3V3[corner.supply]
    levels = Levels(LOW * vdd, HIGH * vdd, pin.inverted)
    voltage, current = transient(
        pulse_netlist(circuit, corner, length, count),
        (2 * count + 1) * length,
        1e-4,
        f"v({node(circuit.gpios()[pin.gpio])})",
        "i(voutput)",
    )
    middles = [(i + 0.5) * length for i in range(2 * count + 1)]
    resting, pulsed = middles[::2], middles[1::2]
    return Counted(
        pulses=_count(voltage, levels, shortest),
        low_margin=levels.low - max(map(voltage.at, pulsed)),
        high_margin=min(map(voltage.at, resting)) - levels.high,
        highest=max(voltage.values),
        current=min(map(current.at, pulsed)),
    )


def pulse_netlist(circuit: Circuit, corner: PulseCorner, length: float, count: int) -> str:
    """Return the netlist of some pulses, without models and commands."""
    contact = steps([0, *(1, 0) * count], length, 0.0, 1e-6)
    return "\n".join(
        [
            f"{circuit.title}: {corner.output.name}, {corner.metres} m",
            *board(circuit, corner.supply),
            *(f"cpin {node(net)} 0 10p" for net in circuit.gpios().values()),
            *parts(circuit, 1.0, dict(corner.ohms)),
            *cable(circuit, corner.metres, {}),
            f"vcontact contact 0 {pwl(contact)}",
            "voutput far_PULSE out_a 0",
            f"voffset out_b far_GND {corner.output.volts}",
            "scontact out_a out_b contact 0 contact",
            f".model contact sw(vt=0.5 vh=0.1 ron={corner.output.ohms} roff=100meg)",
        ]
    )


def _count(voltage: Waveform, levels: Levels, shortest: float) -> int:
    """Count like ESPHome's pulse_meter in mode PULSE: enough time high after enough time low.

    Time in which the pin is neither counts for neither.
    """
    edges = [*changes(voltage, levels), (voltage.times[-1], None)]
    latched = [
        bit
        for (start, bit), (end, _) in pairwise(edges)
        if bit is not None and end - start >= shortest
    ]
    return sum(after > before for before, after in pairwise(latched))
