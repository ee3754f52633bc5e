"""How each circuit is laid out on its sheet."""

from __future__ import annotations

from collections.abc import Callable

import schemdraw.elements as elm

from .circuits import D1_MINI
from .parts import Circuit
from .scenes import SCENES, Scene
from .sheet import GREY, Sheet

#: The edge of the board, which is at the left of every sheet.
LEFT = 3.4


def _pins(sheet: Sheet, board: str, top: float, pins: dict[str, float]) -> None:
    """Draw a board at the left, its pins at these heights."""
    sheet.box((0.4, 0.3), (LEFT, top), board)
    for label, y in pins.items():
        sheet.terminal(board, label, (LEFT, y), "left")


def _all_pins(sheet: Sheet, top: float, heights: tuple[float, ...]) -> None:
    """Draw the circuit's board at the left, its pins in the order of the table."""
    board = sheet.circuit.board
    labels = [t.label for t in sheet.circuit.terminals if t.place == board]
    _pins(sheet, board, top, dict(zip(labels, heights, strict=True)))


def _cores(sheet: Sheet, start: float, end: float, cores: dict[str, float]) -> None:
    """Draw wires to the far end's terminals at these heights, in the cable's colours."""
    for label, y in cores.items():
        colour = sheet.circuit.terminal(sheet.circuit.far, label).colour
        sheet.wire((start, y), (end, y), colour=colour)
        sheet.terminal(sheet.circuit.far, label, (end, y), "right")


def _cable(sheet: Sheet, start: float, end: float, cores: dict[str, float]) -> None:
    """Draw the cable from our wires to the far end, and write how long it may be."""
    _cores(sheet, start, end, cores)
    label = f"cable, up to {sheet.circuit.metres} m"
    sheet.text((end - 0.3, max(cores.values()) + 0.6), label, "end", colour=GREY)


def _data_port_meter(sheet: Sheet, x: float, heights: tuple[float, float, float]) -> None:
    """Draw the meter's side of the data port, 62, 63 and 64 at these heights."""
    dat, req, gnd = heights
    sheet.box((x, gnd - 1.5), (x + 5, dat + 1.7), "Heat meter", ours=False)
    inside = x + 2.1
    emitter = sheet.inner_transistor((x + 4, dat))
    sheet.inner_wire((inside, dat), (x + 4, dat))
    sheet.inner_wire((inside, req), (x + 2.6, req))
    sheet.inner_part(elm.LED(), (x + 2.6, req), (x + 2.6, gnd))
    sheet.inner_wire((inside, gnd), (x + 4, gnd), emitter)
    sheet.text((x + 2.5, gnd - 0.8), "inside: as in MULTICAL 66,", size=10, colour=GREY)
    sheet.text((x + 2.5, gnd - 1.2), "likely the same in yours", size=10, colour=GREY)


def _data_port(sheet: Sheet) -> None:
    dat, req, gnd = 5.2, 3.5, 1.8
    _all_pins(sheet, 8.2, (6.8, dat, req, gnd))
    sheet.wire((LEFT, 6.8), (5.2, 6.8))
    sheet.resistor("R1", (5.2, 6.8), (5.2, dat))
    sheet.wire((LEFT, dat), (8.2, dat))
    sheet.wire((LEFT, req), (4.6, req))
    sheet.resistor("R2", (4.6, req), (6.8, req))
    sheet.wire((6.8, req), (8.2, req))
    sheet.wire((LEFT, gnd), (8.2, gnd))
    _cable(sheet, 8.2, 11.6, {"62": dat, "63": req, "64": gnd})
    _data_port_meter(sheet, 11.6, (dat, req, gnd))


def _data_port_transistors(sheet: Sheet) -> None:
    dat, req, gnd = 7.2, 4.8, 1.8
    v5, v3, rx, tx = 11.8, 10.2, 8.6, 3.5
    _pins(sheet, D1_MINI, 13.2, {"5V": v5, "3V3": v3, "D7": rx, "D8": tx, "G": gnd})
    # From the meter to D7.
    sheet.wire((LEFT, v3), (4.8, v3))
    sheet.resistor("R4", (4.8, v3), (4.8, rx))
    collector, emitter = sheet.npn("Q1", (7.2, dat), "right")
    sheet.wire((LEFT, rx), (collector[0], rx), collector)
    sheet.wire((7.2, dat), (8.6, dat))
    sheet.resistor("R2", (10.8, dat), (8.6, dat))
    sheet.wire((10.8, dat), (14.6, dat))
    sheet.wire((8, dat), (8, dat - 0.5))
    sheet.resistor("R3", (8, dat - 0.5), (8, dat - 2.1))
    sheet.wire((8, dat - 2.1), (emitter[0], dat - 2.1))
    sheet.wire(emitter, (emitter[0], gnd))
    sheet.wire((LEFT, v5), (13.6, v5))
    sheet.resistor("R1", (11.4, v5), (11.4, dat))
    # From D8 to the meter.
    sheet.wire((LEFT, tx), (4, tx))
    sheet.resistor("R6", (4, tx), (5.8, tx))
    collector, emitter = sheet.npn("Q2", (9.6, tx), "left")
    sheet.wire((5.8, tx), (9.6, tx))
    sheet.wire(collector, (collector[0], req), (14.6, req))
    sheet.wire(emitter, (emitter[0], gnd))
    sheet.resistor("R5", (13.6, v5), (13.6, dat + 0.5))
    sheet.wire((13.6, dat + 0.5), (13.6, req))
    sheet.wire((LEFT, gnd), (14.6, gnd))
    _cable(sheet, 14.6, 17.8, {"62": dat, "63": req, "64": gnd})
    _data_port_meter(sheet, 17.8, (dat, req, gnd))


def _data_port_usb(sheet: Sheet) -> None:
    v3, dat, tx, gnd = 8.2, 6.6, 3.2, 1.6
    req = 4.9
    _all_pins(sheet, 9.8, (v3, dat, tx, gnd))
    sheet.text(((0.4 + LEFT) / 2, 8.9), "in a USB port", size=10, colour=GREY)
    sheet.wire((LEFT, v3), (4.8, v3), (8.5, v3))
    sheet.resistor("R1", (4.8, v3), (4.8, dat))
    sheet.wire((LEFT, dat), (10.8, dat))
    sheet.resistor("R2", (8.5, v3), (8.5, dat + 0.3))
    sheet.wire((8.5, dat + 0.3), (8.5, req))
    sheet.wire((LEFT, tx), (4, tx))
    sheet.resistor("R3", (4, tx), (6, tx))
    collector, emitter = sheet.npn("Q1", (7.4, tx), "left")
    sheet.wire((6, tx), (7.4, tx))
    sheet.wire(collector, (collector[0], req), (10.8, req))
    sheet.wire(emitter, (emitter[0], gnd))
    sheet.wire((LEFT, gnd), (10.8, gnd))
    _cable(sheet, 10.8, 14, {"62": dat, "63": req, "64": gnd})
    _data_port_meter(sheet, 14, (dat, req, gnd))


def _pulse_output(sheet: Sheet) -> None:
    v5, pin, gnd = 6.2, 4.4, 1.6
    _all_pins(sheet, 7.6, (v5, pin, gnd))
    sheet.wire((LEFT, pin), (6, pin))
    sheet.resistor("R3", (5, pin), (5, gnd))
    sheet.resistor("R2", (8.2, pin), (6, pin))
    sheet.wire((8.2, pin), (11.4, pin))
    sheet.wire((LEFT, v5), (8.8, v5))
    sheet.resistor("R1", (8.8, v5), (8.8, pin))
    sheet.wire((LEFT, gnd), (11.4, gnd))
    _cable(sheet, 11.4, 14.4, {"16": pin, "17": gnd})
    sheet.box((14.4, 0.3), (18.4, 7.6), "Heat meter", ours=False)
    sheet.inner_wire((15.6, pin), (17.2, pin))
    sheet.inner_part(elm.Switch(), (17.2, pin), (17.2, gnd))
    sheet.inner_wire((17.2, gnd), (15.6, gnd))


def draw(circuit: Circuit) -> Sheet | Scene:
    """Return the drawing of a circuit."""
    if circuit.name in SCENES:
        return SCENES[circuit.name](circuit)
    width, height, layout = LAYOUTS[circuit.name]
    sheet = Sheet(circuit, width, height)
    layout(sheet)
    return sheet


LAYOUTS: dict[str, tuple[float, float, Callable[[Sheet], None]]] = {
    "data-port": (17, 8.5, _data_port),
    "data-port-esp32": (17, 8.5, _data_port),
    "data-port-transistors": (23.2, 13.5, _data_port_transistors),
    "data-port-usb": (19.4, 10.1, _data_port_usb),
    "pulse-output": (18.8, 7.9, _pulse_output),
    "pulse-output-d1-mini": (18.8, 7.9, _pulse_output),
}
