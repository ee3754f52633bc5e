"""The circuits: what is joined to what, and with which values.

Why a value is what it is stands at its part; lab/circuits shows by simulation that it is right.
"""

from __future__ import annotations

from .parts import Circuit, Resistor, Terminal, Transistor

METER = "meter"
HEAD = "head"
D1_MINI = "D1 mini"
ESP32 = "ESP32"
ESP32_S3 = "ESP32-S3"
PI = "Raspberry Pi"
SOCKET = "USB socket"
ADAPTER = "USB adapter"

#: The data port as Kamstrup's documents number and colour it.
CLAMPS = (
    Terminal(METER, "62", "DAT", role="DAT", colour="brown"),
    Terminal(METER, "63", "REQ", role="REQ", colour="white"),
    Terminal(METER, "64", "GND", role="GND", colour="green"),
)


def _uart(
    board: str, rx: tuple[str, int], tx: tuple[str, int], ground: str, *, rx_net: str = "RX"
) -> tuple[Terminal, ...]:
    """Return the pins of a board with 3.3 V, ground, and a UART on pins with these labels."""
    return (
        Terminal(board, "3V3", "3V3"),
        Terminal(board, rx[0], rx_net, rx[1], role="RX"),
        Terminal(board, tx[0], "TX", tx[1], role="TX"),
        Terminal(board, ground, "GND"),
    )


def _ttl_head(name: str, title: str, pins: tuple[Terminal, ...], *sections: str) -> Circuit:
    """Return the circuit of a head with TTL levels: four wires and no part."""
    return Circuit(
        name=name,
        title=f"Optical head with TTL levels on {title}",
        example=f"{name.removeprefix('optical-')}-optical.yaml",
        sections=(*sections, "logger", "uart"),
        board=pins[0].place,
        far=HEAD,
        metres=5,
        joints={"3V3": "supply", "RX": "from the meter", "TX": "to the meter", "GND": "ground"},
        terminals=(
            *pins,
            Terminal(HEAD, "VCC", "3V3"),
            Terminal(HEAD, "TX", "RX", role="(its photo transistor)"),
            Terminal(HEAD, "RX", "TX", role="(its LED)"),
            Terminal(HEAD, "GND", "GND"),
        ),
    )


OPTICAL_D1_MINI = _ttl_head(
    "optical-d1-mini", "a D1 mini", _uart(D1_MINI, ("D7", 13), ("D8", 15), "G")
)
OPTICAL_ESP32 = _ttl_head(
    "optical-esp32", "an ESP32", _uart(ESP32, ("26", 26), ("25", 25), "GND"), "esp32"
)

USB_ESP32_S3 = Circuit(
    name="usb-head-esp32-s3",
    title="USB head on an ESP32-S3",
    example="esp32-s3-usb-head.yaml",
    sections=("esp32", "logger", "usb_uart"),
    board=ESP32_S3,
    far=SOCKET,
    joints={"5V": "supply", "D-": "data −", "D+": "data +", "GND": "ground"},
    terminals=(
        Terminal(ESP32_S3, "5V", "5V"),
        Terminal(ESP32_S3, "19", "D-", 19),
        Terminal(ESP32_S3, "20", "D+", 20),
        Terminal(ESP32_S3, "G", "GND"),
        Terminal(SOCKET, "5V", "5V", colour="red"),
        Terminal(SOCKET, "D−", "D-", colour="white"),
        Terminal(SOCKET, "D+", "D+", colour="green"),
        Terminal(SOCKET, "GND", "GND", colour="black"),
    ),
)

USB_RASPBERRY_PI = Circuit(
    name="usb-head-raspberry-pi",
    title="USB head on a Raspberry Pi",
    example="raspberry-pi-usb.yaml",
    sections=("host", "uart"),
    board=PI,
    far=HEAD,
    joints={"USB": "USB"},
    terminals=(Terminal(PI, "USB", "USB"), Terminal(HEAD, "USB", "USB")),
)


def _data_port(
    name: str, title: str, pins: tuple[Terminal, ...], *sections: str, example: str
) -> Circuit:
    """Return the circuit of a data port with two resistors."""
    return Circuit(
        name=name,
        title=title,
        example=example,
        sections=(*sections, "logger", "uart"),
        board=pins[0].place,
        far=METER,
        joints={
            "DAT": "from the meter",
            "REQ": "to the meter",
            "GND": "ground",
            "TX": "TX",
            "3V3": "supply",
        },
        terminals=(*pins, *CLAMPS),
        parts=(
            # Kamstrup's own adapter (2.7 kΩ from 5 V or more) makes the meter sink 1.7 mA at least.
            # This asks for 1 mA. With 10 kΩ a slow coupler would take too much of a bit to let go.
            Resistor("R1", "3.3 kΩ", ("3V3", "DAT"), "pull-up: the meter can only pull DAT low"),
            # 1.6 to 2.4 mA through the meter's LED, a little more than Kamstrup's adapter gives.
            Resistor("R2", "1 kΩ", ("TX", "REQ"), "sets the current of the meter's LED"),
        ),
    )


DATA_PORT = _data_port(
    "data-port",
    "Data port, direct",
    _uart(D1_MINI, ("D7", 13), ("D8", 15), "G", rx_net="DAT"),
    example="d1-mini-data-port.yaml",
)
DATA_PORT_ESP32 = _data_port(
    "data-port-esp32",
    "Data port on an ESP32",
    _uart(ESP32, ("26", 26), ("25", 25), "GND", rx_net="DAT"),
    "esp32",
    example="esp32-data-port.yaml",
)

#: A small-signal transistor, of which only a current gain of 100 is asked.
NPN = "BC547B or 2N3904"

DATA_PORT_TRANSISTORS = Circuit(
    name="data-port-transistors",
    title="Data port through transistors",
    example="d1-mini-data-port-transistors.yaml",
    sections=("logger", "uart"),
    board=D1_MINI,
    far=METER,
    joints={
        "DAT": "from the meter",
        "REQ": "to the meter",
        "GND": "ground",
        "RX": "RX",
        "TX": "TX",
        "B1": "base of Q1",
        "B2": "base of Q2",
        "5V": "supply 5 V",
        "3V3": "supply 3.3 V",
    },
    terminals=(
        Terminal(D1_MINI, "5V", "5V"),
        *_uart(D1_MINI, ("D7", 13), ("D8", 15), "G"),
        *CLAMPS,
    ),
    parts=(
        Resistor("R1", "4.7 kΩ", ("5V", "DAT"), "pull-up: the meter can only pull DAT low"),
        # With R3 it halves DAT, so that Q1 switches at 1.3 V: a meter that leaves 1 V on DAT
        # (a Darlington coupler) is still read as low.
        Resistor("R2", "10 kΩ", ("DAT", "B1"), "base of Q1"),
        Resistor("R3", "10 kΩ", ("B1", "GND"), "keeps Q1 off while DAT is low"),
        Resistor("R4", "4.7 kΩ", ("3V3", "RX"), "pull-up of RX"),
        # 1.2 to 2.1 mA through the meter's LED.
        Resistor("R5", "2.2 kΩ", ("5V", "REQ"), "sets the current of the meter's LED"),
        Resistor("R6", "10 kΩ", ("TX", "B2"), "base of Q2"),
        Transistor("Q1", NPN, ("RX", "B1", "GND"), "pulls RX low while DAT is high"),
        Transistor("Q2", NPN, ("REQ", "B2", "GND"), "shorts the meter's LED while TX is high"),
    ),
)

#: A USB adapter inverts nothing, so each way takes the half of the two circuits above that needs no
#: `inverted`: DAT directly, REQ through a transistor.
DATA_PORT_USB = Circuit(
    name="data-port-usb",
    title="Data port on a USB adapter",
    example="raspberry-pi-data-port.yaml",
    sections=("host", "uart"),
    board=ADAPTER,
    far=METER,
    joints={
        "DAT": "from the meter",
        "REQ": "to the meter",
        "GND": "ground",
        "TX": "TX",
        "B1": "base of Q1",
        "3V3": "supply 3.3 V",
    },
    terminals=(
        Terminal(ADAPTER, "3V3", "3V3"),
        Terminal(ADAPTER, "RXD", "DAT", role="RX"),
        Terminal(ADAPTER, "TXD", "TX", role="TX"),
        Terminal(ADAPTER, "GND", "GND"),
        *CLAMPS,
    ),
    parts=(
        Resistor("R1", "3.3 kΩ", ("3V3", "DAT"), "pull-up: the meter can only pull DAT low"),
        # 1.4 to 2.1 mA. Not from 5 V: swapped wires would lead that to RXD, through the meter.
        Resistor("R2", "1.2 kΩ", ("3V3", "REQ"), "sets the current of the meter's LED"),
        Resistor("R3", "10 kΩ", ("TX", "B1"), "base of Q1"),
        Transistor("Q1", NPN, ("REQ", "B1", "GND"), "shorts the meter's LED while TX is high"),
    ),
)


def _pulse_output(
    name: str, title: str, pins: tuple[Terminal, ...], chip: str, *, example: str
) -> Circuit:
    """Return the circuit that counts pulses: 5 V for the meter, and a divider for the pin."""
    return Circuit(
        name=name,
        title=title,
        example=example,
        sections=(chip, "globals", "sensor"),
        board=pins[0].place,
        far=METER,
        joints={"PULSE": "from the meter", "GND": "ground", "PIN": "input", "5V": "supply 5 V"},
        terminals=(
            *pins,
            Terminal(METER, "16", "PULSE", role="+"),
            Terminal(METER, "17", "GND", role="−"),
        ),
        parts=(
            # 1.5 to 2.5 mA; the meter wants 1 to 10.
            Resistor(
                "R1", "2.2 kΩ", ("5V", "PULSE"), "pull-up; sets the current that the meter needs"
            ),
            # Two thirds of the line: at most 3.5 V high, and the 1 V of an older module well below
            # what the chip takes for low.
            Resistor("R2", "10 kΩ", ("PULSE", "PIN"), "with R3, divides 5 V down to 3.3 V"),
            Resistor("R3", "22 kΩ", ("PIN", "GND"), "with R2, divides 5 V down to 3.3 V"),
        ),
    )


PULSE_OUTPUT = _pulse_output(
    "pulse-output",
    "Pulse output",
    (
        Terminal(ESP32, "5V", "5V"),
        Terminal(ESP32, "27", "PIN", 27),
        Terminal(ESP32, "GND", "GND"),
    ),
    "esp32",
    example="pulse-output.yaml",
)
PULSE_OUTPUT_D1_MINI = _pulse_output(
    "pulse-output-d1-mini",
    "Pulse output on a D1 mini",
    (
        Terminal(D1_MINI, "5V", "5V"),
        # No part in how the chip starts, an interrupt of its own, no pull-up on the board.
        Terminal(D1_MINI, "D1", "PIN", 5),
        Terminal(D1_MINI, "G", "GND"),
    ),
    "esp8266",
    example="d1-mini-pulse-output.yaml",
)

#: All, in the order of docs/wiring.md, by name.
CIRCUITS = {
    circuit.name: circuit
    for circuit in (
        *(OPTICAL_D1_MINI, OPTICAL_ESP32, USB_ESP32_S3, USB_RASPBERRY_PI),
        *(DATA_PORT, DATA_PORT_ESP32, DATA_PORT_TRANSISTORS, DATA_PORT_USB),
        *(PULSE_OUTPUT, PULSE_OUTPUT_D1_MINI),
    )
}
