"""A sheet to draw a circuit on, which also knows what the drawing joins to what.

Everything is placed by coordinates: x to the right, y up, in schemdraw's units.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Any, Literal
from xml.etree import ElementTree

import schemdraw
import schemdraw.elements as elm

from .nets import Point, joined, lies_on
from .parts import Circuit, Terminal

Side = Literal["left", "right"]
#: Which part of a text is at its place.
Align = Literal["start", "middle", "end"]

#: Points of the picture to a unit, as schemdraw's SVG backend has it.
SCALE = 36

INK = "#1a1a1a"
#: What is not ours to wire: the inside of a meter or head.
GREY = "#666666"
BOARD = "#eef2f6"
PAPER = "#ffffff"
#: The cores of Kamstrup's data cable, and of a USB cable.
WIRES = {
    "brown": "#8b4a1f",
    "white": "#ffffff",
    "green": "#1d8a3a",
    "red": "#c62828",
    "black": "#000000",
}

SVG = "{http://www.w3.org/2000/svg}"


class Sheet:
    """One drawing."""

    def __init__(self, circuit: Circuit, width: float, height: float) -> None:
        """Begin with white paper, without which nothing can be seen on a dark page."""
        self.circuit = circuit
        self._size = (width, height)
        self._drawing = schemdraw.Drawing(canvas="svg", show=False)
        self._drawing.config(color=INK, lw=1.6)
        self._texts: list[ElementTree.Element] = []
        self._wires: list[tuple[Point, Point]] = []
        self._ends: dict[str, Point] = {}
        self._rectangle((0, 0), self._size, -2, fill=PAPER, color="none")

    def box(self, corner: Point, opposite: Point, title: str, *, ours: bool = True) -> None:
        """Draw a board or a meter, with its name at the top."""
        if ours:
            self._rectangle(corner, opposite, -1, fill=BOARD, lw=1.6)
        else:
            self._rectangle(corner, opposite, -1, fill=PAPER, ls="--", lw=1.4)
        x, y = (corner[0] + opposite[0]) / 2, max(corner[1], opposite[1])
        self.text((x, y - 0.45), title, size=14, bold=True)

    def text(
        self,
        at: Point,
        text: str,
        align: Align = "middle",
        *,
        size: int = 12,
        colour: str = INK,
        bold: bool = False,
    ) -> None:
        """Write one line of text, centred in height."""
        element = ElementTree.Element(
            SVG + "text",
            {
                "x": f"{at[0] * SCALE:g}",
                # Most of a letter stands above the line that it is written on.
                "y": f"{-at[1] * SCALE + 0.36 * size:g}",
                "font-family": "Arial, Helvetica, sans-serif",
                "font-size": f"{size}",
                "text-anchor": align,
                "fill": colour,
            },
        )
        if bold:
            element.set("font-weight", "bold")
        element.text = text
        self._texts.append(element)

    def terminal(self, place: str, label: str, at: Point, box: Side) -> None:
        """Draw a terminal of the table on the edge of its box; box: on which side that is."""
        terminal = self.circuit.terminal(place, label)
        self._ends[terminal.node] = at
        dot = elm.Dot(radius=0.1, open=True)
        self._drawing.add(dot.at(at).fill(PAPER).zorder(5))
        align: Align = "start" if box == "right" else "end"
        step = 0.25 if box == "right" else -0.25
        beside = _beside(terminal)
        self.text((at[0] + step, at[1] + (0.12 if beside else 0)), label, align, size=14, bold=True)
        self.text((at[0] + step, at[1] - 0.25), beside, align, size=10, colour=GREY)

    def wire(self, *points: Point, colour: str | None = None) -> None:
        """Draw a wire along points; with a colour it is a core of a cable."""
        for start, end in pairwise(points):
            self._wires.append((start, end))
            if colour is None:
                self._line(start, end, INK, 1.6)
            elif colour == "white":
                self._line(start, end, INK, 5)
                self._line(start, end, WIRES[colour], 3)
            else:
                self._line(start, end, WIRES[colour], 4)

    def arrow(self, start: Point, end: Point) -> None:
        """Draw which way something goes."""
        self._drawing.add(elm.Arrow().at(start).to(end).color(INK).linewidth(1.6).zorder(1))

    def resistor(self, name: str, start: Point, end: Point) -> None:
        """Draw a resistor of the table."""
        value = self.circuit.part(name).value
        self._ends[f"{name}.1"], self._ends[f"{name}.2"] = start, end
        self._drawing.add(elm.ResistorIEC().at(start).to(end))
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        if start[0] != end[0]:
            self.text((x, y + 0.5), f"{name}  {value}", bold=True)
            return
        self.text((x + 0.35, y + 0.2), name, "start", bold=True)
        self.text((x + 0.35, y - 0.2), value, "start", bold=True)

    def npn(self, name: str, base: Point, side: Side) -> tuple[Point, Point]:
        """Draw a transistor of the table; return where its collector and its emitter end.

        side: where its base points.
        """
        symbol = elm.BjtNpn(circle=True).at(base).anchor("base").theta(0)
        self._drawing.add(symbol.reverse() if side == "right" else symbol)
        collector, emitter = _anchor(symbol, "collector"), _anchor(symbol, "emitter")
        for pin, point in (("C", collector), ("B", base), ("E", emitter)):
            self._ends[f"{name}.{pin}"] = point
        align: Align = "end" if side == "right" else "start"
        away = -1 if side == "right" else 1
        self.text((base[0] + away * 1.25, base[1]), name, align, bold=True)
        for pin, (x, y) in (("C", collector), ("E", emitter)):
            self.text((x + away * 0.12, y), pin, align, size=10, colour=GREY)
        self.text((base[0] - away * 0.1, base[1] + 0.25), "B", size=10, colour=GREY)
        return collector, emitter

    def inner_wire(self, *points: Point) -> None:
        """Draw a wire that is in the meter or head already."""
        for start, end in pairwise(points):
            self._line(start, end, GREY, 1.4)

    def inner_part(self, symbol: elm.Element2Term, start: Point, end: Point) -> None:
        """Draw an LED or a contact that is in the meter or head already."""
        self._drawing.add(symbol.at(start).to(end).color(GREY).linewidth(1.4))

    def inner_transistor(self, collector: Point) -> Point:
        """Draw a photo transistor that is in there already; return where its emitter ends."""
        symbol = elm.NpnPhoto().at(collector).anchor("collector").theta(0)
        return _anchor(self._drawing.add(symbol.color(GREY).linewidth(1.4)), "emitter")

    def nets(self) -> set[frozenset[str]]:
        """Return which ends the drawing joins; they are named as in the table."""
        return joined(self._wires, self._ends)

    def svg(self) -> str:
        """Return the picture, the same on every machine."""
        for point in self._joints():
            self._drawing.add(elm.Dot(radius=0.08).at(point).zorder(4))
        drawn = self._drawing.get_imagedata("svg")
        # schemdraw's mark for an unbroken line is none that SVG knows.
        root = ElementTree.fromstring(drawn.replace(b"stroke-dasharray:-;", b""))
        width, height = (size * SCALE for size in self._size)
        picture = ElementTree.Element(
            SVG + "svg",
            {"viewBox": f"0 {-height:g} {width:g} {height:g}", "role": "img"}
            | {"width": f"{width:g}", "height": f"{height:g}"},
        )
        ElementTree.SubElement(picture, SVG + "title").text = self.circuit.title
        picture.extend([*root, *self._texts])
        ElementTree.indent(picture)
        text = ElementTree.tostring(picture, encoding="unicode")
        # The last digits of a sine depend on the machine.
        return re.sub(r"-?\d+\.\d+", _rounded, text) + "\n"

    def _joints(self) -> list[Point]:
        """Return where three or more wires and parts meet, which a dot must show."""
        terminals = {terminal.node for terminal in self.circuit.terminals}
        parts = [at for name, at in self._ends.items() if name not in terminals]
        arms = Counter(parts)
        for point in {p for wire in self._wires for p in wire} | {*parts}:
            for wire in self._wires:
                arms[point] += 1 if point in wire else 2 * lies_on(point, *wire)
        return sorted(point for point, count in arms.items() if count > 2)

    def _line(self, start: Point, end: Point, colour: str, width: float) -> None:
        line = elm.Line().at(start).to(end).color(colour).linewidth(width)
        self._drawing.add(line.zorder(1))

    def _rectangle(self, corner: Point, opposite: Point, zorder: int, **style: Any) -> None:
        rectangle = elm.Rect(corner1=corner, corner2=opposite, **style)
        self._drawing.add(rectangle.at((0, 0)).theta(0).zorder(zorder))


def _beside(terminal: Terminal) -> str:
    """Return what stands under a terminal's label: the pin's number, its role, its colour."""
    gpio = f"GPIO{terminal.gpio}" if terminal.gpio is not None else ""
    return " ".join(filter(None, [gpio, terminal.role, terminal.colour]))


def _anchor(symbol: Any, name: str) -> Point:
    x, y = symbol.absanchors[name]
    return round(x, 3), round(y, 3)


def _rounded(number: re.Match[str]) -> str:
    text = f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
