"""A circuit with a board at one end of the cable and a meter at the other, as a netlist."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations, product
from typing import Any

from wiring.circuits import D1_MINI, HEAD
from wiring.parts import Circuit, Resistor

from .chips import D1_MINI_PULL_DOWN, HIGH, LOW, OUTPUT_OHMS, SUPPLY_3V3, SUPPLY_5V
from .line import BIT, BITS, Levels, LineError, Messages, Received, receive, signal
from .settings import ROOT, uart_pins
from .spice import operating_point, pwl, transient

Pairs = tuple[tuple[bytes, bytes], ...]
#: What is sent: messages, or one bit forever.
Sent = Messages | int


@dataclass(frozen=True, slots=True)
class Coupler:
    """An opto-coupler in the meter at the edge of its data sheet.

    ctr, rc, vf: as in models.lib. led: mA through the LED that the meter drives.
    """

    name: str
    ctr: float
    led: float
    vf: float
    rc: int

    @property
    def sinks(self) -> float:
        """The mA that its photo transistor can sink."""
        return self.ctr * self.led


#: As weak as possible: a 4N25 (CTR at least 20 %, VCE(sat) up to 0.5 V at 2 mA, VF up to 1.5 V)
#: with an LED current of which 1.7 mA comes through. That is the least that the meter must sink for
#: the adapter that Kamstrup draws for MULTICAL III: 2.7 kΩ from 5 V or more, the lowest of RS-232.
WEAK = Coupler("weak", ctr=0.2, led=8.5, vf=1.5, rc=220)
#: As slow as possible: driven thirty times harder than needed, it stays on for a long time. A PC817
#: (CTR up to 600 % at 5 mA), hot (VF 1.05 V).
SLOW = Coupler("slow", ctr=6.0, led=5.0, vf=1.05, rc=150)

#: mA above which the meter's LED counts as lit, and below which as dark. The meter's own limits are
#: not known. Kamstrup's adapter gives 1.1 to 1.7 mA from usual RS-232 levels (derived from its
#: 4.7 kΩ), and nothing when idle.
LIT, DARK = 1.0, 0.1

#: Per metre: between any two cores (farads), and of each core (ohms; 0.22 mm² has 0.085).
FARADS, OHMS = 100e-12, 0.1
TOLERANCE = 0.05

#: What a head with TTL levels is assumed to be: mA that its photo transistor can sink in the
#: meter's light, a pull-up at its TX, and at its RX a logic input (74HC) with another one.
HEAD_LIGHT = {WEAK.name: 0.6, SLOW.name: 5.0}
HEAD_TX_PULL_UP, HEAD_RX_PULL_UP = 10_000, 100_000
HEAD_LOW, HEAD_HIGH = 0.3, 0.7

#: The longest time between two calculated points, in seconds.
STEP = 50e-6


@dataclass(frozen=True, slots=True)
class Corner:
    """One combination of variations: supply (0: low, 1: high), resistors, coupler, cable, echo."""

    supply: int
    factor: float
    coupler: Coupler
    metres: int
    echo: bool = False

    @property
    def vdd(self) -> float:
        """Volts of the chip."""
        return SUPPLY_3V3[self.supply]


def corners(circuit: Circuit) -> list[Corner]:
    """Return all corners that make a difference to a circuit."""
    factors = (1 - TOLERANCE, 1 + TOLERANCE) if circuit.parts else (1.0,)
    echoes = (False, True) if circuit.far == HEAD else (False,)
    values = product((0, 1), factors, (WEAK, SLOW), (0, circuit.metres), echoes)
    return [Corner(*value) for value in values]


@dataclass(frozen=True, slots=True)
class Setup:
    """How a circuit is operated: polarity as in its YAML and values as in its table, or wrong ones.

    wires: which terminal of the meter each net goes to, if wires are swapped.
    """

    circuit: Circuit
    tx_inverted: bool
    rx_inverted: bool
    ohms: Mapping[str, float] = field(default_factory=dict)
    wires: Mapping[str, str] = field(default_factory=dict)

    def rx_levels(self, corner: Corner) -> Levels:
        """Return how the chip reads RX."""
        return Levels(LOW * corner.vdd, HIGH * corner.vdd, self.rx_inverted)


def setup(circuit: Circuit, **changes: Any) -> Setup:
    """Return what a circuit's example configuration says, with changes."""
    tx, rx = uart_pins(circuit.example)
    return Setup(circuit, **{"tx_inverted": tx.inverted, "rx_inverted": rx.inverted} | changes)


@cache
def captured() -> Pairs:
    """Return every captured request whose answer was captured too."""
    vectors = json.loads((ROOT / "tests" / "vectors.json").read_text("utf-8"))
    return tuple(
        (bytes.fromhex(v["request_hex"]), bytes.fromhex(v["response_hex"]))
        for v in vectors
        if v["kind"] == "captured" and v["crc_ok"] and v["request_hex"] and v["response_hex"]
    )


@cache
def conversation() -> Pairs:
    """Return two of them: energy from a 402-generation meter, and the clock of a 403."""
    energy, clock = bytes.fromhex("803F1001003CB25F0D"), bytes.fromhex("803F100103EA4CB70D")
    return tuple(pair for pair in captured() if pair[0] in (energy, clock))


def timetable(pairs: Pairs) -> tuple[Messages, Messages, float]:
    """Return when the requests and answers begin, with short pauses, and when all is over."""
    requests: Messages = []
    answers: Messages = []
    time = pause = 0.005
    for pair in pairs:
        for messages, data in zip((requests, answers), pair, strict=True):
            messages.append((time, data))
            time += len(data) * BITS * BIT + pause
    return requests, answers, time


@dataclass(frozen=True, slots=True)
class Outcome:
    """How well everything arrived at either end, and what flowed, in amperes and volts.

    led: through the meter's LED. sink: through the photo transistor of meter or head. pin: out of
    the TX pin. rx: at the RX pin. clamp: through its protection. Those of led, pin and rx are at
    the middles of bits, without the moment in which a cable is charged; those of sink and clamp
    are the largest.
    """

    to_meter: Received
    from_meter: Received
    led: list[float]
    pin: list[float]
    rx: list[float]
    sink: float
    clamp: float


def run(setup: Setup, corner: Corner, pairs: Pairs) -> Outcome:
    """Simulate a conversation; LineError if either end may receive something else than was sent."""
    requests, answers, end = timetable(pairs)
    probes = _probes(setup.circuit)
    waves = transient(netlist(setup, corner, requests, answers), end, STEP, *probes.values())
    wave = dict(zip(probes, waves, strict=True))
    if setup.circuit.far == HEAD:
        to_meter = receive(wave["far_tx"], Levels(HEAD_LOW * corner.vdd, HEAD_HIGH * corner.vdd))
    else:
        to_meter = receive(wave["led"], Levels(DARK / 1000, LIT / 1000, inverted=True))
    from_meter = receive(wave["rx"], setup.rx_levels(corner))
    expected = (
        b"".join(request for request, _ in pairs),
        b"".join((request if corner.echo else b"") + answer for request, answer in pairs),
    )
    if (to_meter.data, from_meter.data) != expected:
        raise LineError(f"received {to_meter.data.hex()} and {from_meter.data.hex()}")
    # Of every bit, and of the pause before each message.
    middles = [
        start + (i + 0.5) * BIT
        for start, data in requests + answers
        for i in range(-1, len(data) * BITS)
    ]
    led, pin, rx = ([wave[name].at(time) for time in middles] for name in ("led", "pin", "rx"))
    sink, clamp = (max(map(abs, wave[name].values)) for name in ("sink", "clamp"))
    return Outcome(to_meter, from_meter, led, pin, rx, sink, clamp)


def at_rest(
    setup: Setup, corner: Corner, *, tx: int | None, answer: int = 1, extra: str = ""
) -> dict[str, float]:
    """Return what flows while TX and meter each send one constant bit, in amperes and volts.

    tx: None for a pin that is an input, as while the chip starts. extra: more of a netlist.
    The names are those of `_probes`.
    """
    probes = _probes(setup.circuit)
    text = "\n".join([netlist(setup, corner, tx, answer), extra])
    return dict(zip(probes, operating_point(text, *probes.values()), strict=True))


def _probes(circuit: Circuit) -> dict[str, str]:
    """Return what is measured: names as in `Outcome`, and the far ends of TX, RX and ground."""
    tx, rx = uart_nets(circuit)
    far_tx, far_rx = ("TX", "RX") if circuit.far == HEAD else ("REQ", "DAT")
    return {
        "tx": f"v({node(tx)})",
        "rx": f"v({node(rx)})",
        "far_tx": f"v(far_{far_tx})",
        "far_rx": f"v(far_{far_rx})",
        "far_ground": "v(far_GND)",
        "led": "i(vled)",
        "pin": "i(vtx)",
        "sink": "i(vsink)",
        "clamp": "i(vclamp)",
    }


def uart_nets(circuit: Circuit) -> tuple[str, str]:
    """Return the nets of TX and RX."""
    nets = {t.role: t.net for t in circuit.terminals if t.place == circuit.board}
    return nets["TX"], nets["RX"]


def node(net: str) -> str:
    """Return the name of a net of the table in the netlist."""
    return "0" if net == "GND" else f"n_{net}"


def netlist(setup: Setup, corner: Corner, requests: Sent | None, answers: Sent) -> str:
    """Return a netlist, without models and commands. requests: None if the TX pin is an input."""
    circuit = setup.circuit
    tx, rx = map(node, uart_nets(circuit))
    lines = [
        f"{circuit.title}, {corner}",
        *board(circuit, corner.supply),
        *parts(circuit, corner.factor, setup.ohms),
        *cable(circuit, corner.metres, setup.wires),
        *(_head if circuit.far == HEAD else _meter)(corner, answers),
        # The input pin: its capacitance, and the diodes that protect it.
        f"cpin {rx} 0 10p",
        f"vclamp {rx} pin_clamp 0",
        "dclamp_high pin_clamp n_3V3 clamp",
        "dclamp_low 0 pin_clamp clamp",
        f"vtx tx_pin {tx} 0",
    ]
    if requests is not None:
        idle, busy = (0, corner.vdd) if setup.tx_inverted else (corner.vdd, 0)
        lines.append(f"vpin tx_out 0 {_source(requests, busy, idle)}")
        lines.append(f"rpin tx_out tx_pin {OUTPUT_OHMS}")
    return "\n".join(lines)


def _source(sent: Sent, zero: float, one: float) -> str:
    """Return a source that has these values while a 0 and while a 1 is sent."""
    if isinstance(sent, int):
        return f"{one if sent else zero:g}"
    return pwl(signal(sent, zero, one))


def board(circuit: Circuit, supply: int) -> Iterator[str]:
    """Yield the supplies of a board, and what is connected to its pins."""
    yield f"v3V3 n_3V3 0 {SUPPLY_3V3[supply]}"
    yield f"v5V n_5V 0 {SUPPLY_5V[supply]}"
    if circuit.board == D1_MINI and 15 in circuit.gpios():
        yield f"rboard {node(circuit.gpios()[15])} 0 {D1_MINI_PULL_DOWN}"


def parts(circuit: Circuit, factor: float, ohms: Mapping[str, float]) -> Iterator[str]:
    """Yield the parts of the table, the resistors times a factor unless other values are given."""
    for part in circuit.parts:
        nets = " ".join(map(node, part.nets))
        if isinstance(part, Resistor):
            yield f"{part.name} {nets} {ohms.get(part.name, part.ohms * factor):g}"
        else:
            yield f"{part.name} {nets} npn"


def cable(circuit: Circuit, metres: int, wires: Mapping[str, str]) -> Iterator[str]:
    """Yield the cable from the reader's nets to those at the far end, far_NET."""
    nets = [t.net for t in circuit.terminals if t.place == circuit.far]
    far = {net: f"far_{wires.get(net, net)}" for net in nets}
    for net in nets:
        yield f"rcable_{net} {node(net)} {far[net]} {max(OHMS * metres, 1e-3):g}"
    # Half of what is between two cores is at each end.
    farads = FARADS * metres / 2
    for a, b in combinations(nets, 2) if farads else ():
        yield f"cnear_{a}_{b} {node(a)} {node(b)} {farads:g}"
        yield f"cfar_{a}_{b} {far[a]} {far[b]} {farads:g}"


def _meter(corner: Corner, answers: Sent) -> Iterator[str]:
    """Yield the data port: an LED, and a coupler that the meter lights for each 0."""
    coupler = corner.coupler
    yield f"vled far_REQ req_led 0\nxled req_led far_GND led vf={coupler.vf}"
    yield f"imeter 0 m_led {_source(answers, coupler.led / 1000, 0)}"
    yield "vsink far_DAT dat_c 0"
    yield f"xdat m_led 0 dat_c far_GND coupler ctr={coupler.ctr} vf={coupler.vf} rc={coupler.rc}"


def _head(corner: Corner, answers: Sent) -> Iterator[str]:
    """Yield a head: a logic input for its LED, a photo transistor that sees the meter's light.

    With an echo it sees its own LED as well, which is lit while RX is low.
    """
    light = HEAD_LIGHT[corner.coupler.name]
    yield f"rhead_rx far_3V3 far_TX {HEAD_RX_PULL_UP}\nchead_rx far_TX far_GND 50p"
    yield f"rhead_tx far_3V3 far_RX {HEAD_TX_PULL_UP}"
    yield "vled head_led 0 0\nrled head_led 0 1"
    yield f"vmeter meter_light 0 {_source(answers, light, 0)}"
    own = f"{light} / (1 + exp((V(far_TX, far_GND) / {corner.vdd} - 0.5) / 0.02))"
    yield f"blight light 0 v = V(meter_light) + {own if corner.echo else 0}"
    yield "vsink far_RX head_c 0"
    yield f"xhead head_c far_GND light phototransistor rc={corner.coupler.rc}"
