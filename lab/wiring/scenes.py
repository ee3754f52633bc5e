"""What needs no parts, and the whole way, as pictures of the real things.

The pins of a board that have a wire come from the table of circuits: another pin there is another
way of the wire here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from . import things
from .boards import BOARDS
from .canvas import Canvas
from .circuits import D1_MINI, SOCKET
from .nets import Point, joined
from .parts import Circuit, Terminal
from .sheet import GREY, INK, PAPER, WIRES

#: The colour of each wire, by its net: those of heads have any colour.
COLOURS = {
    "3V3": "#c62828",
    "GND": "#1a1a1a",
    "RX": "#2b6cd4",
    "TX": "#e08600",
}


class Scene:
    """The picture of a circuit, which also knows what it joins to what."""

    def __init__(self, circuit: Circuit, width: float, height: float) -> None:
        """Begin with an empty canvas."""
        self.circuit = circuit
        self.canvas = Canvas(circuit.title, width, height)
        self._wires: list[tuple[Point, Point]] = []
        self._ends: dict[str, Point] = {}

    def end(self, terminal: Terminal, at: Point) -> None:
        """Say where a terminal of the table is."""
        self._ends[terminal.node] = at

    def wire(self, points: Sequence[Point], colour: str, width: float = 5) -> None:
        """Draw a wire along points, with an edge that sets it off from what it passes."""
        self._wires += pairwise(points)
        if colour == PAPER:
            self.canvas.line(points, INK, width + 2, radius=12)
            width -= 1
        else:
            self.canvas.line(points, PAPER, width + 4, radius=12)
        self.canvas.line(points, colour, width, radius=12)

    def plug_in(self, points: Sequence[Point]) -> None:
        """Draw a USB cable along points, with its plug in the socket at the right."""
        self._wires += pairwise(points)
        x, y = points[-1]
        self.canvas.line([*points[:-1], (x - 50, y)], things.CABLE, 12, radius=30)
        things.usb_plug(self.canvas, (x, y))

    def nets(self) -> set[frozenset[str]]:
        """Return which ends the drawing joins; they are named as in the table."""
        return joined(self._wires, self._ends)

    def svg(self) -> str:
        """Return the picture, the same on every machine."""
        return self.canvas.svg()


def draw_head(scene: Scene) -> Point:
    """Draw a head on its way to the eye, at the left; return where its cable begins."""
    canvas, bottom = scene.canvas, scene.canvas.size[1]
    corner = (24.0, bottom - things.METER[1] - 54)
    x, y = things.meter(canvas, corner)
    canvas.text(
        (corner[0] + things.METER[0] / 2, bottom - 28), "MULTICAL 403, simplified", colour=GREY
    )
    above = (x, y - 130)
    things.onto(canvas, above, (x, y))
    cable = things.head(canvas, above)
    for name, start, height in (
        ("magnet", (x + 38, y - 152), y - 152),
        ("two diodes", (x + things.APART + 4, y - 127), y - 118),
    ):
        leader = [start, (x + 64, height)]
        canvas.line(leader, PAPER, 5)
        canvas.line(leader, GREY, 2)
        canvas.text((x + 70, height), name, "start", colour=GREY)
    canvas.text((x - 22, cable[1] - 40), "cable up", "end", colour=GREY)
    return cable


def with_board(circuit: Circuit) -> Scene:
    """Draw a head, the wires that it comes with or a socket for its plug, and a board."""
    drawn = BOARDS[circuit.board]
    places = {t: drawn.place(t.label) for t in circuit.terminals if t.place == circuit.board}
    corner, width = (490.0, 56.0), 240.0
    bottom = corner[1] + 112 + drawn.pitch * (len(drawn.left) - 1)
    scene = Scene(circuit, 760, max(620.0, bottom + 92))
    canvas = scene.canvas
    cable = draw_head(scene)
    pins = things.board(canvas, drawn, corner, width, {*places.values()})
    if drawn.note:
        canvas.text((corner[0] + width / 2, bottom + 64), drawn.note, colour=GREY)

    # The uppermost wire takes the rightmost way down, and those to the right row go round below the
    # board: so none crosses another.
    order = sorted(places, key=lambda t: (places[t][0], places[t][1] * (1 - 2 * places[t][0])))
    left, right, top = 250.0, 334.0, 70.0
    middle = top + 18 * len(order) - 2
    usb = circuit.far == SOCKET
    canvas.line([cable, (cable[0], middle), (left - 60 * usb, middle)], things.CABLE, 12, radius=30)
    if usb:
        things.usb_plug(canvas, (left, middle))
    canvas.box((left, top), (right, top + 36 * len(order) - 4), 8, fill=things.DARK)
    above = "USB socket" if usb else f"cable: up to {circuit.metres} m"
    canvas.text(((left + right) / 2, top - 22), above, colour=GREY)
    for number, pin in enumerate(order):
        (other,) = (t for t in circuit.terminals if t.place == circuit.far and t.net == pin.net)
        colour = WIRES[other.colour] if other.colour else COLOURS[pin.net]
        row, lane = top + 16 + 36 * number, right + 18 * (len(order) - number)
        x, y = pins[places[pin]]
        canvas.text((right - 10, row), other.label, "end", colour=PAPER, bold=True)
        scene.end(other, (right, row))
        scene.end(pin, (x, y))
        way = [(lane, row), (lane, y)]
        if places[pin][0]:
            inner = len(order) - 1 - number
            below, beyond = bottom + 34 - 12 * inner, corner[0] + width + 18 - 10 * inner
            way = [(lane, row), (lane, below), (beyond, below), (beyond, y)]
        scene.wire([(right, row), *way, (x, y)], colour)
        canvas.disc((x, y), 4, fill=colour, stroke="none")
        if pin.gpio is not None and places[pin][0] == 0:
            canvas.text((corner[0] - 8, y - 13), f"GPIO{pin.gpio}", "end", size=15, colour=GREY)
    return scene


def with_raspberry_pi(circuit: Circuit) -> Scene:
    """Draw a head with a USB plug and a Raspberry Pi."""
    scene = Scene(circuit, 760, 590)
    x, y = draw_head(scene)
    socket = things.raspberry_pi(scene.canvas, (450, 70))
    (head,) = (t for t in circuit.terminals if t.place == circuit.far)
    (board,) = (t for t in circuit.terminals if t.place == circuit.board)
    scene.end(head, (x, y))
    scene.end(board, socket)
    scene.plug_in([(x, y), (x, socket[1]), socket])
    scene.canvas.text((585, 286), "or any Linux computer", colour=GREY)
    return scene


def whole_way() -> Canvas:
    """Draw the way from a meter to Home Assistant."""
    canvas = Canvas("From the meter to Home Assistant: optical head, ESP, WiFi", 760, 430)
    eye = things.meter(canvas, (16, 190))
    canvas.text((16 + things.METER[0] / 2, 408), "heat meter", colour=GREY)
    above = (eye[0], eye[1] - 104)
    things.onto(canvas, above, eye)
    x, y = things.head(canvas, above)
    canvas.text((above[0] + 60, above[1]), "optical head", "start", colour=GREY)
    top = things.small_board(canvas, BOARDS[D1_MINI], (304, 168))
    canvas.text((top[0], 352), "ESP", colour=GREY)
    canvas.line([(x, y), (x, 24), (top[0], 24), top], things.CABLE, 10, radius=26)
    things.waves(canvas, (424, 243))
    canvas.text((446, 322), "WiFi", colour=GREY)
    values = {
        "Heat": ("59988 kWh", things.RED),
        "Power": ("5.1 kW", "#e08600"),
        "Supply": ("68.4 °C", things.RED),
        "Return": ("31.1 °C", things.BLUE),
    }
    things.home_assistant(canvas, (494, 110), values)
    return canvas


SCENES = {
    "optical-d1-mini": with_board,
    "optical-esp32": with_board,
    "usb-head-esp32-s3": with_board,
    "usb-head-raspberry-pi": with_raspberry_pi,
}
