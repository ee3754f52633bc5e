"""What a drawing joins to what, found from its lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Point = tuple[float, float]


def joined(wires: Iterable[tuple[Point, Point]], ends: Mapping[str, Point]) -> set[frozenset[str]]:
    """Return which ends the wires join; wires run along x or along y.

    What touches a wire is joined to it, also another wire that ends on it. Wires that only cross
    are not joined.
    """
    wires = list(wires)
    points = {point for wire in wires for point in wire} | {*ends.values()}
    nets: list[set[Point]] = []
    for start, end in wires:
        touched = {point for point in points if lies_on(point, start, end)}
        nets = [net for net in nets if not net & touched] + [
            touched.union(*(net for net in nets if net & touched))
        ]
    named = {frozenset(name for name, at in ends.items() if at in net) for net in nets}
    return {net for net in named if net}


def lies_on(point: Point, start: Point, end: Point) -> bool:
    """Tell whether a point is on a wire, which runs along x or along y."""
    (x, y), (x0, y0), (x1, y1) = point, start, end
    return min(x0, x1) <= x <= max(x0, x1) and min(y0, y1) <= y <= max(y0, y1)
