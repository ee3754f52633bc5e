"""A circuit with a board at one end of the cable and a meter at the other, as a netlist."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any

from wiring.circuits import D1_MINI, HEAD
from wiring.parts import Circuit

from .chips import D1_MINI_PULL_DOWN, ESP8266, OUTPUT_OHMS, SUPPLY_3V3, SUPPLY_5V, Chip
from .line import BIT, BITS, Levels, Messages, Received, receive, signal
from .settings import ROOT, uart_pins
from .spice import Waveform, operating_point, pwl, transient

Pairs = tuple[tuple[bytes, bytes], ...]


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


#: As weak as can be: a 4N25 (CTR at least 20 %, VCE(sat) up to 0.5 V at 2 mA, VF up to 1.5 V) with
#: an LED current of which 1.7 mA comes through. That is what the meter must sink at least for the
#: adapter that Kamstrup draws for MULTICAL III: 2.7 kΩ from 5 V or more, the least of RS-232.
WEAK = Coupler("weak", ctr=0.2, led=8.5, vf=1.5, rc=220)
#: As slow as can be: driven thirty times harder than needed it stays on for long. A PC817 (CTR up
#: to 600 % at 5 mA), hot (VF 1.05 V).
SLOW = Coupler("slow", ctr=6.0, led=5.0, vf=1.05, rc=150)

#: mA from which the meter's LED counts as lit, and up to which as dark. The meter's own limits are
#: not known. Kamstrup's adapter gives 1.1 to 1.7 mA from usual RS-232 levels (derived from its
#: 4.7 kΩ), and nothing at rest.
LIT, DARK = 1.0, 0.1

#: Per metre: between any two cores (farads), and of each core (ohms; 0.22 mm² has 0.085).
FARADS, OHMS = 100e-12, 0.1
TOLERANCE = 0.05

#: What a head with TTL levels is taken for: mA that its photo transistor can sink in the meter's
#: light, a pull-up at its TX, and at its RX a logic input (74HC) with another one.
HEAD_LIGHT = {WEAK.name: 0.6, SLOW.name: 5.0}
HEAD_TX_PULL_UP, HEAD_RX_PULL_UP = 10_000, 100_000
HEAD_LOW, HEAD_HIGH = 0.3, 0.7


@dataclass(frozen=True, slots=True)
class Corner:
    """One case of what may differ: supply (0: low, 1: high), resistors, coupler, cable, echo."""

    supply: int
    factor: float
    coupler: Coupler
    metres: int
    echo: bool = False

    @property
    def vdd(self) -> float:
        """Volts of the chip."""
        return SUPPLY_3V3[self.supply]

    def __str__(self) -> str:
        """Name it for the list of tests."""
        supply = ("low", "high")[self.supply]
        echo = "-echo" if self.echo else ""
        return f"{self.coupler.name}-{self.metres}m-{supply}-{self.factor:g}{echo}"


def corners(circuit: Circuit) -> list[Corner]:
    """Return all corners that make a difference to a circuit."""
    factors = (1 - TOLERANCE, 1 + TOLERANCE) if circuit.parts else (1.0,)
    echoes = (False, True) if circuit.far == HEAD else (False,)
    values = product((0, 1), factors, (WEAK, SLOW), (0, circuit.metres), echoes)
    return [Corner(*value) for value in values]


@dataclass(frozen=True, slots=True)
class Setup:
    """How a circuit is operated: polarity as in its YAML and values as in its table, or wrong ones.

    wires: which clamp of the meter each net is led to, where wires are swapped.
    """

    circuit: Circuit
    tx_inverted: bool
    rx_inverted: bool
    ohms: Mapping[str, float] = field(default_factory=dict)
    wires: Mapping[str, str] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class Timetable:
    """When the messages of a conversation begin, and when all is over; in seconds."""

    requests: Messages
    answers: Messages
    end: float

    def middles(self) -> list[float]:
        """Return the middle of every bit, and of the pause before each message."""
        messages = self.requests + self.answers
        return [
            start + (i + 0.5) * BIT for start, data in messages for i in range(-1, len(data) * BITS)
        ]


def timetable(pairs: Pairs) -> Timetable:
    """Return a conversation with short pauses."""
    requests: Messages = []
    answers: Messages = []
    time = pause = 0.005
    for request, answer in pairs:
        requests.append((time, request))
        time += len(request) * BITS * BIT + pause
        answers.append((time, answer))
        time += len(answer) * BITS * BIT + pause
    return Timetable(requests, answers, time)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What arrived at either end, and what flowed on the way, in amperes and volts.

    led: through the meter's LED. sink: through the photo transistor of meter or head. pin: out of
    the TX pin. rx: at the RX pin. clamp: through its protection. Those of led and pin are at the
    middles of bits, without the moment in which a cable is charged.
    """

    to_meter: Received
    from_meter: Received
    led: list[float]
    pin: list[float]
    rx: list[float]
    sink: Waveform
    clamp: Waveform


def run(setup: Setup, corner: Corner, pairs: Pairs, chip: Chip = ESP8266) -> Outcome:
    """Simulate a conversation; LineError when a message may be taken for something else."""
    times = timetable(pairs)
    circuit, vdd = setup.circuit, corner.vdd
    _, rx = uart_nets(circuit)
    head = circuit.far == HEAD
    led, pin, sink, clamp, voltage, *at_head = transient(
        netlist(setup, corner, times),
        times.end,
        50e-6,
        "i(vled)",
        "i(vtx)",
        "i(vsink)",
        "i(vclamp)",
        f"v({node(rx)})",
        *(["v(far_TX)"] if head else []),
    )
    middles = times.middles()
    if head:
        to_meter = receive(at_head[0], Levels(HEAD_LOW * vdd, HEAD_HIGH * vdd))
    else:
        to_meter = receive(led, Levels(DARK / 1000, LIT / 1000, inverted=True))
    return Outcome(
        to_meter=to_meter,
        from_meter=receive(voltage, Levels(chip.low * vdd, chip.high * vdd, setup.rx_inverted)),
        led=[led.at(time) for time in middles],
        pin=[pin.at(time) for time in middles],
        rx=[voltage.at(time) for time in middles],
        sink=sink,
        clamp=clamp,
    )


@dataclass(frozen=True, slots=True)
class Rest:
    """What flows while nothing changes, in amperes and volts; names as in `Outcome`."""

    tx: float
    rx: float
    led: float
    led_voltage: float
    pin: float
    sink: float
    sink_voltage: float
    clamp: float


def at_rest(
    setup: Setup, corner: Corner, *, tx: int | None, answer: int = 1, extra: str = ""
) -> Rest:
    """Return what flows while TX and meter send one level, a bit.

    tx: None for a pin that is an input, as it is while the chip starts. extra: more of a netlist.
    """
    circuit = setup.circuit
    lines = list(_circuit(setup, corner, _Level(answer)))
    if tx is not None:
        lines += _output(setup, f"{corner.vdd if tx != setup.tx_inverted else 0}")
    else:
        lines.append(f"vtx tx_pin {node(uart_nets(circuit)[0])} 0")
    far = ("far_TX", "far_RX") if circuit.far == HEAD else ("far_REQ", "far_DAT")
    tx_net, rx_net = (node(net) for net in uart_nets(circuit))
    values = operating_point(
        "\n".join([*lines, extra]),
        *(f"v({tx_net})", f"v({rx_net})", "i(vled)", f"v({far[0]})"),
        *("i(vtx)", "i(vsink)", f"v({far[1]})", "i(vclamp)", "v(far_GND)"),
    )
    *values, ground = values
    rest = Rest(*values)
    return Rest(
        *(rest.tx, rest.rx, rest.led, rest.led_voltage - ground),
        *(rest.pin, rest.sink, rest.sink_voltage - ground, rest.clamp),
    )


def uart_nets(circuit: Circuit) -> tuple[str, str]:
    """Return the nets of TX and RX."""
    nets = {t.role: t.net for t in circuit.terminals if t.place == circuit.board}
    return nets["TX"], nets["RX"]


def node(net: str) -> str:
    """Return what a net of the table is called in the netlist."""
    return "0" if net == "GND" else f"n_{net}"


def netlist(setup: Setup, corner: Corner, times: Timetable) -> str:
    """Return the netlist of a conversation, without models and commands."""
    idle, busy = (0, corner.vdd) if setup.tx_inverted else (corner.vdd, 0)
    return "\n".join(
        [
            *_circuit(setup, corner, times.answers),
            *_output(setup, pwl(signal(times.requests, busy, idle))),
        ]
    )


@dataclass(frozen=True, slots=True)
class _Level:
    """One bit for ever, in place of messages."""

    bit: int


def _source(messages: Messages | _Level, zero: float) -> str:
    """Return a source that has this value while the meter sends a 0, and none for a 1."""
    if isinstance(messages, _Level):
        return f"{0 if messages.bit else zero:g}"
    return pwl(signal(messages, zero, 0))


def _circuit(setup: Setup, corner: Corner, answers: Messages | _Level) -> Iterator[str]:
    """Yield everything but what the TX pin does."""
    circuit = setup.circuit
    yield f"{circuit.title}: {corner}"
    yield from board(circuit, corner.supply)
    yield from _input(node(uart_nets(circuit)[1]))
    yield from parts(circuit, corner.factor, setup.ohms)
    yield from cable(circuit, corner.metres, setup.wires)
    yield from (_head if circuit.far == HEAD else _meter)(corner, answers)


def board(circuit: Circuit, supply: int) -> Iterator[str]:
    """Yield the supplies of a board, and what it has on its pins."""
    yield f"v3V3 n_3V3 0 {SUPPLY_3V3[supply]}"
    yield f"v5V n_5V 0 {SUPPLY_5V[supply]}"
    if circuit.board == D1_MINI and 15 in circuit.gpios():
        yield f"rboard {node(circuit.gpios()[15])} 0 {D1_MINI_PULL_DOWN}"


def _output(setup: Setup, source: str) -> Iterator[str]:
    """Yield the TX pin, driven by a source."""
    yield f"vpin tx_out 0 {source}"
    yield f"rpin tx_out tx_pin {OUTPUT_OHMS}"
    yield f"vtx tx_pin {node(uart_nets(setup.circuit)[0])} 0"


def _input(net: str) -> Iterator[str]:
    """Yield an input pin: its capacitance, and the diodes that protect it."""
    yield f"cpin {net} 0 10p"
    yield f"vclamp {net} pin_clamp 0"
    yield "dclamp_high pin_clamp n_3V3 clamp"
    yield "dclamp_low 0 pin_clamp clamp"


def parts(circuit: Circuit, factor: float, ohms: Mapping[str, float]) -> Iterator[str]:
    """Yield the parts of the table, the resistors times a factor unless other values are given."""
    for resistor in circuit.resistors():
        value = ohms.get(resistor.name, resistor.ohms * factor)
        yield f"{resistor.name} {' '.join(map(node, resistor.nets))} {value:g}"
    for transistor in circuit.transistors():
        nets = map(node, (transistor.collector, transistor.base, transistor.emitter))
        yield f"{transistor.name} {' '.join(nets)} npn"


def cable(circuit: Circuit, metres: int, wires: Mapping[str, str]) -> Iterator[str]:
    """Yield the cable from the reader's nets to those at the far end, far_NET."""
    nets = [t.net for t in circuit.terminals if t.place == circuit.far]
    far = {net: f"far_{wires.get(net, net)}" for net in nets}
    for net in nets:
        yield f"rcable_{net} {node(net)} {far[net]} {max(OHMS * metres, 1e-3):g}"
    farads = FARADS * metres / 2
    for i, a in enumerate(nets if farads else []):
        for b in nets[i + 1 :]:
            yield f"cnear_{a}_{b} {node(a)} {node(b)} {farads:g}"
            yield f"cfar_{a}_{b} {far[a]} {far[b]} {farads:g}"


def _meter(corner: Corner, answers: Messages | _Level) -> Iterator[str]:
    """Yield the data port: an LED, and a coupler that the meter lights for each 0."""
    coupler = corner.coupler
    yield f"vled far_REQ req_led 0\nxled req_led far_GND led vf={coupler.vf}"
    yield f"imeter 0 m_led {_source(answers, coupler.led / 1000)}"
    yield "vsink far_DAT dat_c 0"
    yield f"xdat m_led 0 dat_c far_GND coupler ctr={coupler.ctr} vf={coupler.vf} rc={coupler.rc}"


def _head(corner: Corner, answers: Messages | _Level) -> Iterator[str]:
    """Yield a head: a logic input for its LED, a photo transistor that sees the meter's light.

    With an echo it sees its own LED as well, which is lit while RX is low.
    """
    light = HEAD_LIGHT[corner.coupler.name]
    yield f"rhead_rx far_3V3 far_TX {HEAD_RX_PULL_UP}\nchead_rx far_TX far_GND 50p"
    yield f"rhead_tx far_3V3 far_RX {HEAD_TX_PULL_UP}"
    yield "vled head_led 0 0\nrled head_led 0 1"
    yield f"vmeter meter_light 0 {_source(answers, light)}"
    own = f"{light} / (1 + exp((V(far_TX, far_GND) / {corner.vdd} - 0.5) / 0.02))"
    yield f"blight light 0 v = V(meter_light) + {own if corner.echo else 0}"
    yield "vsink far_RX head_c 0"
    yield f"xhead head_c far_GND light phototransistor rc={corner.coupler.rc}"
