"""A canvas for flat pictures of things: filled shapes with thin outlines, and text.

Everything is placed by coordinates in points: x to the right, y down.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, hypot, radians, sin
from xml.etree import ElementTree

from .sheet import INK, PAPER, SVG, Align, Point

FONT = "Arial, Helvetica, sans-serif"


class Canvas:
    """One picture."""

    def __init__(self, title: str, width: float, height: float) -> None:
        """Begin with a white card, without which nothing can be seen on a dark page."""
        self.size = (width, height)
        self._root = ElementTree.Element(
            SVG + "svg",
            {"viewBox": f"0 0 {width:g} {height:g}", "role": "img"}
            | {"width": f"{width:g}", "height": f"{height:g}"},
        )
        ElementTree.SubElement(self._root, SVG + "title").text = title
        self.box((0, 0), (width, height), 16, fill=PAPER, stroke="none")

    def box(
        self,
        corner: Point,
        opposite: Point,
        radius: float = 0,
        *,
        fill: str,
        stroke: str = INK,
        width: float = 2,
    ) -> None:
        """Draw a rectangle with round corners, from its upper left to its lower right."""
        (x0, y0), (x1, y1) = corner, opposite
        where = {"x": x0, "y": y0, "width": x1 - x0, "height": y1 - y0, "rx": radius}
        self._add("rect", where, fill=fill, stroke=stroke, width=width)

    def disc(
        self, centre: Point, radius: float, *, fill: str, stroke: str = INK, width: float = 2
    ) -> None:
        """Draw a circle."""
        where = {"cx": centre[0], "cy": centre[1], "r": radius}
        self._add("circle", where, fill=fill, stroke=stroke, width=width)

    def shape(self, points: Sequence[Point], *, fill: str, stroke: str = INK) -> None:
        """Draw a polygon."""
        path = " L ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        self._path(f"M {path} Z", fill=fill, stroke=stroke, width=2)

    def line(
        self,
        points: Sequence[Point],
        colour: str = INK,
        width: float = 2,
        *,
        radius: float = 0,
        dashes: str = "",
    ) -> None:
        """Draw a line along points, with round corners."""
        path = [f"M {_n(points[0][0])},{_n(points[0][1])}"]
        for before, corner, after in zip(points, points[1:], points[2:], strict=False):
            start, end = _towards(corner, before, radius), _towards(corner, after, radius)
            path.append(f"L {_n(start[0])},{_n(start[1])}")
            path.append(f"Q {_n(corner[0])},{_n(corner[1])} {_n(end[0])},{_n(end[1])}")
        path.append(f"L {_n(points[-1][0])},{_n(points[-1][1])}")
        self._path(" ".join(path), fill="none", stroke=colour, width=width, dashes=dashes)

    def arc(self, centre: Point, radius: float, angles: Point, colour: str, width: float) -> None:
        """Draw a part of a circle; angles in degrees, clockwise from the right."""
        (x0, y0), (x1, y1) = (
            (centre[0] + radius * cos(radians(a)), centre[1] + radius * sin(radians(a)))
            for a in angles
        )
        path = f"M {_n(x0)},{_n(y0)} A {_n(radius)},{_n(radius)} 0 0 1 {_n(x1)},{_n(y1)}"
        self._path(path, fill="none", stroke=colour, width=width)

    def text(
        self,
        at: Point,
        text: str,
        align: Align = "middle",
        *,
        size: float = 20,
        colour: str = INK,
        bold: bool = False,
        font: str = FONT,
    ) -> None:
        """Write one line of text, centred in height."""
        where = {"x": at[0], "y": at[1] + 0.36 * size, "font-size": size}
        element = ElementTree.SubElement(
            self._root,
            SVG + "text",
            {name: _n(value) for name, value in where.items()}
            | {"font-family": font, "text-anchor": align, "fill": colour}
            | ({"font-weight": "bold"} if bold else {}),
        )
        element.text = text

    def svg(self) -> str:
        """Return the picture, the same on every machine."""
        ElementTree.indent(self._root)
        return ElementTree.tostring(self._root, encoding="unicode") + "\n"

    def _path(self, path: str, *, fill: str, stroke: str, width: float, dashes: str = "") -> None:
        self._add("path", {}, fill=fill, stroke=stroke, width=width)
        self._root[-1].set("d", path)
        if dashes:
            self._root[-1].set("stroke-dasharray", dashes)

    def _add(
        self, name: str, where: dict[str, float], *, fill: str, stroke: str, width: float
    ) -> None:
        style = {"fill": fill, "stroke": stroke}
        if stroke != "none":
            style |= {"stroke-width": _n(width)}
            style |= dict.fromkeys(("stroke-linecap", "stroke-linejoin"), "round")
        numbers = {key: _n(value) for key, value in where.items()}
        ElementTree.SubElement(self._root, SVG + name, numbers | style)


def _n(number: float) -> str:
    # The last digits of a sine depend on the machine.
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _towards(corner: Point, other: Point, radius: float) -> Point:
    """Return a point near a corner, on the way to another point."""
    length = hypot(other[0] - corner[0], other[1] - corner[1])
    part = min(radius, length / 2) / length if length else 0
    return (
        corner[0] + (other[0] - corner[0]) * part,
        corner[1] + (other[1] - corner[1]) * part,
    )
