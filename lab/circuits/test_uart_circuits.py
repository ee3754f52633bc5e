"""Real requests and answers through each circuit of a UART, both ways, in every corner."""

from __future__ import annotations

from itertools import permutations, product

import pytest
from wiring.circuits import (
    DATA_PORT,
    DATA_PORT_ESP32,
    DATA_PORT_TRANSISTORS,
    DATA_PORT_USB,
    OPTICAL_D1_MINI,
    OPTICAL_ESP32,
)
from wiring.parts import Circuit

from .chips import CLAMP_CURRENT, EXCESS, LOW, PIN_CURRENT, STRAPPED, UNUSABLE
from .figures import UART_CIRCUITS, gets_through, outcomes
from .settings import uart_pins
from .simulation import SLOW, WEAK, Corner, at_rest, captured, corners, run, setup, uart_nets
from .spice import needs_ngspice

pytestmark = needs_ngspice

#: Amperes through LED and photo transistor of a coupler: the least that 4N25 and PC817 tolerate.
COUPLER_CURRENT = 0.050

#: A circuit's tests share its simulations, so they run in one process.
circuits = pytest.mark.parametrize(
    "circuit",
    [pytest.param(c, id=c.name, marks=pytest.mark.xdist_group(c.name)) for c in UART_CIRCUITS],
)
data_ports = pytest.mark.parametrize(
    "circuit",
    [DATA_PORT, DATA_PORT_ESP32, DATA_PORT_TRANSISTORS, DATA_PORT_USB],
    ids=lambda circuit: circuit.name,
)


@circuits
def test_every_byte_gets_through_and_nothing_is_overloaded(circuit: Circuit) -> None:
    for corner, outcome in outcomes(circuit.name):
        assert max(map(abs, outcome.pin)) < PIN_CURRENT / 2, corner
        assert min(outcome.rx) > -EXCESS, corner
        assert max(outcome.rx) < corner.vdd + EXCESS, corner
        assert outcome.clamp < CLAMP_CURRENT, corner
        assert outcome.sink < COUPLER_CURRENT, corner
        # Little more than Kamstrup's adapter gives.
        assert max(outcome.led) < 2.5e-3, corner


@pytest.mark.parametrize(
    "circuit",
    [OPTICAL_D1_MINI, DATA_PORT, DATA_PORT_TRANSISTORS, DATA_PORT_USB],
    ids=lambda c: c.name,
)
def test_everything_captured_gets_through(circuit: Circuit) -> None:
    slow = [c for c in corners(circuit) if c.coupler is SLOW and c.metres and c.supply == 0]
    run(setup(circuit), next(c for c in slow if c.factor >= 1), captured())


# What must fail, to show that the tests notice


@data_ports
def test_nothing_of_a_request_comes_back_from_a_data_port(circuit: Circuit) -> None:
    assert not gets_through(setup(circuit), Corner(0, 1.0, WEAK, 25, echo=True))


@circuits
@pytest.mark.parametrize("flag", ["tx_inverted", "rx_inverted"])
def test_a_wrong_inverted_is_noticed(circuit: Circuit, flag: str) -> None:
    wrong = setup(circuit, **{flag: not getattr(setup(circuit), flag)})
    assert not gets_through(wrong, Corner(0, 1.0, WEAK, 0))


@pytest.mark.parametrize(
    ("circuit", "ohms", "corner", "enough"),
    [
        # What others use works while the coupler is fast enough.
        (DATA_PORT, {"R1": 10_000}, Corner(0, 1.0, WEAK, 25), True),
        (DATA_PORT, {"R1": 10_000}, Corner(0, 1.0, SLOW, 25), False),
        (DATA_PORT, {"R1": 100_000}, Corner(0, 1.0, WEAK, 25), False),
        (DATA_PORT_TRANSISTORS, {"R1": 100_000}, Corner(0, 1.0, WEAK, 25), False),
        # The pull-up of a head is for shorter cables.
        (OPTICAL_D1_MINI, {}, Corner(0, 1.0, SLOW, 25), False),
        (OPTICAL_ESP32, {}, Corner(0, 1.0, SLOW, 25), False),
    ],
)
def test_a_weak_pull_up_is_not_for_every_coupler_and_cable(
    circuit: Circuit, ohms: dict[str, float], corner: Corner, enough: bool
) -> None:
    assert gets_through(setup(circuit, ohms=ohms), corner) == enough


# Pins, and how the chip starts.


@circuits
def test_the_yaml_has_the_pins_of_the_drawing(circuit: Circuit) -> None:
    pins = [pin.gpio for pin in uart_pins(circuit.example)]
    nets = dict(zip(pins, uart_nets(circuit), strict=True)) if None not in pins else {}
    assert circuit.gpios() == nets


@circuits
def test_the_chip_starts(circuit: Circuit) -> None:
    for pin, net in circuit.gpios().items():
        assert pin not in UNUSABLE[circuit.board]
        if pin not in STRAPPED[circuit.board]:
            continue
        # Of the pins that are read at the start, only one that is easily kept low is usable.
        assert (STRAPPED[circuit.board][pin], net) == (0, "TX")
        for corner in corners(circuit):
            assert at_rest(setup(circuit), corner, tx=None)["tx"] < LOW * corner.vdd


@pytest.mark.parametrize(
    ("more", "starts"),
    [
        ("", True),
        ("rup far_3V3 far_TX 47k", True),
        ("rup far_3V3 far_TX 10k", False),
        ("rbare far_3V3 bare 220\nxbare bare far_TX led", False),
        # What docs/wiring.md then advises; nothing helps with a bare LED.
        ("rup far_3V3 far_TX 10k\nrdown n_TX 0 2.2k", True),
        ("rbare far_3V3 bare 220\nxbare bare far_TX led\nrdown n_TX 0 2.2k", False),
    ],
)
def test_a_head_that_pulls_gpio15_up_keeps_a_d1_mini_from_starting(more: str, starts: bool) -> None:
    corner = Corner(0, 1.0, WEAK, 5)
    rest = at_rest(setup(OPTICAL_D1_MINI), corner, tx=None, extra=more)
    assert (rest["tx"] < LOW * corner.vdd) == starts


# Mistakes, and meters that are worse than expected.


#: Volts the wrong way across the LED, as docs/wiring.md says: through R5 there are 5 V, of which a
#: PC817 bears 6 V and a 4N25 5 V.
@pytest.mark.parametrize(
    ("circuit", "reverse"),
    [
        *((DATA_PORT, 3.4), (DATA_PORT_ESP32, 3.4)),
        *((DATA_PORT_TRANSISTORS, 5.25), (DATA_PORT_USB, 3.4)),
    ],
)
def test_swapped_wires_break_nothing(circuit: Circuit, reverse: float) -> None:
    clamps = ("DAT", "REQ", "GND")
    wrong_way = []
    for order, tx, answer, coupler in product(permutations(clamps), (0, 1), (0, 1), (WEAK, SLOW)):
        wires = dict(zip(clamps, order, strict=True))
        corner = Corner(1, 0.95, coupler, 25)
        rest = at_rest(setup(circuit, wires=wires), corner, tx=tx, answer=answer)
        assert abs(rest["pin"]) < PIN_CURRENT
        assert abs(rest["clamp"]) < CLAMP_CURRENT
        assert max(abs(rest["led"]), abs(rest["sink"])) < COUPLER_CURRENT / 10
        assert -EXCESS < rest["rx"] < corner.vdd + EXCESS
        assert rest["far_ground"] - rest["far_rx"] < 6.0
        wrong_way.append(rest["far_ground"] - rest["far_tx"])
    assert max(wrong_way) == pytest.approx(reverse, rel=0.03)


def test_only_the_transistors_read_a_meter_that_leaves_one_volt() -> None:
    """A Darlington coupler does; it is not known that the meter has none."""
    for circuit, bit in ((DATA_PORT_TRANSISTORS, 0), (DATA_PORT, None), (DATA_PORT_USB, None)):
        for corner in corners(circuit):
            case = setup(circuit)
            rest = at_rest(case, corner, tx=1, extra="vdarlington far_DAT far_GND 1.0")
            assert case.rx_levels(corner).bit(rest["rx"]) == bit
