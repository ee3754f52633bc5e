"""Real requests and answers through each circuit of a UART, both ways, in every corner."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import permutations, product

import pytest
from wiring.circuits import (
    CIRCUITS,
    D1_MINI,
    DATA_PORT,
    DATA_PORT_TRANSISTORS,
    ESP32,
    OPTICAL_D1_MINI,
    OPTICAL_ESP32,
)
from wiring.parts import Circuit

from . import chips
from .chips import CLAMP_CURRENT, EXCESS, PIN_CURRENT
from .figures import UART_CIRCUITS, gets_through
from .settings import uart_pins
from .simulation import (
    DARK,
    LIT,
    SLOW,
    WEAK,
    Corner,
    Outcome,
    at_rest,
    captured,
    conversation,
    corners,
    run,
    setup,
    uart_nets,
)
from .spice import needs_ngspice

pytestmark = needs_ngspice

DATA_PORTS = (DATA_PORT, DATA_PORT_TRANSISTORS)
HEADS = (OPTICAL_D1_MINI, OPTICAL_ESP32)
CHIPS = {D1_MINI: chips.ESP8266, ESP32: chips.ESP32}

#: Amperes through the LED and the photo transistor of a coupler, and volts across its LED the wrong
#: way: the least that 4N25 and PC817 bear.
COUPLER_CURRENT, REVERSE_VOLTAGE = 0.050, 5.0

circuits = pytest.mark.parametrize("circuit", UART_CIRCUITS, ids=lambda circuit: circuit.name)
data_ports = pytest.mark.parametrize("circuit", DATA_PORTS, ids=lambda circuit: circuit.name)
every_corner = pytest.mark.parametrize(
    ("circuit", "corner"),
    [pytest.param(c, k, id=f"{c.name}-{k}") for c in UART_CIRCUITS for k in corners(c)],
)


@cache
def _outcome(name: str, corner: Corner) -> Outcome:
    return run(setup(CIRCUITS[name]), corner, conversation())


def _expected(pairs: tuple[tuple[bytes, bytes], ...], echo: bool) -> tuple[bytes, bytes]:
    return b"".join(request for request, _ in pairs), b"".join(
        (request if echo else b"") + answer for request, answer in pairs
    )


@every_corner
def test_every_byte_gets_through(circuit: Circuit, corner: Corner) -> None:
    outcome = _outcome(circuit.name, corner)
    received = outcome.to_meter.data, outcome.from_meter.data
    # On the data port nothing of a request comes back, however close its wires are.
    assert received == _expected(conversation(), corner.echo)


@every_corner
def test_nothing_is_overloaded(circuit: Circuit, corner: Corner) -> None:
    outcome = _outcome(circuit.name, corner)
    assert max(map(abs, outcome.pin)) < PIN_CURRENT / 2
    assert min(outcome.rx) > -EXCESS
    assert max(outcome.rx) < corner.vdd + EXCESS
    assert max(map(abs, outcome.clamp.span)) < CLAMP_CURRENT
    assert max(map(abs, outcome.sink.span)) < COUPLER_CURRENT
    assert max(map(abs, outcome.led)) < COUPLER_CURRENT


@pytest.mark.parametrize("circuit", [OPTICAL_D1_MINI, *DATA_PORTS], ids=lambda c: c.name)
def test_everything_captured_gets_through(circuit: Circuit) -> None:
    corner = next(
        corner
        for corner in corners(circuit)
        if corner.coupler is SLOW and corner.metres and corner.supply == 0 and corner.factor >= 1
    )
    outcome = run(setup(circuit), corner, captured())
    received = outcome.to_meter.data, outcome.from_meter.data
    assert received == _expected(captured(), corner.echo)


@data_ports
def test_the_led_is_lit_as_by_kamstrups_adapter(circuit: Circuit) -> None:
    # At rest dark, or the battery of the meter would pay for it.
    for corner in corners(circuit):
        lit, dark = (at_rest(setup(circuit), corner, tx=bit).led * 1000 for bit in (0, 1))
        assert LIT < lit < 2.5
        assert dark < DARK


# What must fail, so that all this can be believed.


@circuits
@pytest.mark.parametrize("flag", ["tx_inverted", "rx_inverted"])
def test_a_wrong_inverted_is_noticed(circuit: Circuit, flag: str) -> None:
    right = setup(circuit)
    wrong = setup(circuit, **{flag: not getattr(right, flag)})
    corner = Corner(0, 1.0, WEAK, 0)
    assert gets_through(right, corner)
    assert not gets_through(wrong, corner)


@data_ports
def test_a_weak_pull_up_does_not_fill_the_cable(circuit: Circuit) -> None:
    corner = Corner(0, 1.0, WEAK, 25)
    assert gets_through(setup(circuit), corner)
    assert not gets_through(setup(circuit, ohms={"R1": 100_000}), corner)


def test_a_pull_up_of_10_kilohms_does_while_the_coupler_is_fast_enough() -> None:
    """So much for what others use."""
    right = setup(DATA_PORT, ohms={"R1": 10_000})
    assert gets_through(right, Corner(0, 1.0, WEAK, 25))
    assert not gets_through(right, Corner(0, 1.0, SLOW, 25))


@data_ports
def test_a_meter_that_sinks_too_little_is_not_read(circuit: Circuit) -> None:
    corner = Corner(0, 1.0, replace(WEAK, ctr=0.5 / WEAK.led), 0)
    assert not gets_through(setup(circuit), corner)


@pytest.mark.parametrize("circuit", HEADS, ids=lambda circuit: circuit.name)
def test_a_head_is_not_for_25_metres(circuit: Circuit) -> None:
    assert not gets_through(setup(circuit), Corner(0, 1.0, SLOW, 25))


# Pins, and how the chip starts.


@circuits
def test_the_yaml_has_the_pins_of_the_drawing(circuit: Circuit) -> None:
    pins = [pin.gpio for pin in uart_pins(circuit.example)]
    assert [circuit.gpios()[pin] for pin in pins] == [*uart_nets(circuit)]
    assert set(pins) == set(circuit.gpios())


@circuits
def test_the_chip_starts(circuit: Circuit) -> None:
    chip = CHIPS[circuit.board]
    for pin, net in circuit.gpios().items():
        assert pin not in chip.unusable
        if pin not in chip.strapped:
            continue
        # Of the pins that are looked at, only one that is easily kept low will do.
        assert (chip.strapped[pin], net) == (0, "TX")
        for corner in corners(circuit):
            assert at_rest(setup(circuit), corner, tx=None).tx < chip.low * corner.vdd


def test_a_head_that_pulls_gpio15_up_keeps_a_d1_mini_from_starting() -> None:
    corner = Corner(0, 1.0, WEAK, 5)
    limit = chips.ESP8266.low * corner.vdd

    def voltage(*more: str) -> float:
        return at_rest(setup(OPTICAL_D1_MINI), corner, tx=None, extra="\n".join(more)).tx

    pull_up, bare_led = "rup far_3V3 far_TX 10k", "rbare far_3V3 bare 220\nxbare bare far_TX led"
    assert voltage() < limit
    assert voltage("rup far_3V3 far_TX 47k") < limit
    assert voltage(pull_up) > limit
    assert voltage(bare_led) > limit
    # What docs/wiring.md advises then; nothing helps a bare LED.
    assert voltage(pull_up, "rdown n_TX 0 2.2k") < limit
    assert voltage(bare_led, "rdown n_TX 0 2.2k") > limit


# Mistakes, and meters that are worse than thought.


@data_ports
def test_swapped_wires_break_nothing(circuit: Circuit) -> None:
    clamps = ("DAT", "REQ", "GND")
    for order, tx, answer, coupler in product(permutations(clamps), (0, 1), (0, 1), (WEAK, SLOW)):
        wires = dict(zip(clamps, order, strict=True))
        corner = Corner(1, 0.95, coupler, 25)
        rest = at_rest(setup(circuit, wires=wires), corner, tx=tx, answer=answer)
        assert abs(rest.pin) < PIN_CURRENT
        assert abs(rest.clamp) < CLAMP_CURRENT
        assert max(abs(rest.led), abs(rest.sink)) < COUPLER_CURRENT / 10
        assert -EXCESS < rest.rx < corner.vdd + EXCESS
        # 5 V the wrong way across an LED, through R5: a PC817 bears 6 V, a 4N25 5 V.
        most = REVERSE_VOLTAGE if circuit is DATA_PORT else 6.0
        assert -rest.led_voltage < most
        assert -rest.sink_voltage < 6.0


def test_only_the_transistors_read_a_meter_that_leaves_one_volt() -> None:
    """A Darlington coupler does; that the meter has none is not known."""

    def level(circuit: Circuit, corner: Corner) -> int | None:
        case = setup(circuit)
        rest = at_rest(case, corner, tx=1, extra="vdarlington far_DAT far_GND 1.0")
        if rest.rx > chips.ESP8266.high * corner.vdd:
            return 0 if case.rx_inverted else 1
        return int(case.rx_inverted) if rest.rx < chips.ESP8266.low * corner.vdd else None

    for corner in corners(DATA_PORT_TRANSISTORS):
        assert level(DATA_PORT_TRANSISTORS, corner) == 0
        assert level(DATA_PORT, corner) is None
