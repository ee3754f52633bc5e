"""Pictures of what talks to what; no circuits, so nothing in them is simulated."""

from __future__ import annotations

from .parts import Circuit
from .sheet import GREY, Point, Sheet


def _sheet(name: str, title: str, width: float, height: float) -> Sheet:
    """Return a sheet on which nothing is joined by a table."""
    nothing = Circuit(
        name, title, example="", sections=(), board="", far="", joints={}, terminals=()
    )
    return Sheet(nothing, width, height)


def _program(sheet: Sheet, corner: Point, name: str, task: str) -> None:
    """Draw a program of the server, and write what it does."""
    x, y = corner
    sheet.box(corner, (x + 3.8, y + 1.7), name)
    sheet.text((x + 1.9, y + 0.5), task, colour=GREY)


def many_meters() -> Sheet:
    """Return the picture of many meters that send to one broker."""
    sheet = _sheet("many-meters", "Many meters, one broker", 25.4, 8)
    devices = (("flat-11", 5.6), ("flat-12", 3.1), ("flat-13", 0.6))
    middle = 3.95
    for name, y in devices:
        sheet.box((0.4, y), (3, y + 1.7), "Meter", ours=False)
        sheet.box((4.4, y), (7.4, y + 1.7), "ESP")
        sheet.text((5.9, y + 0.5), name, colour=GREY)
        sheet.inner_wire((3, y + 0.85), (4.4, y + 0.85))
        sheet.wire((7.4, y + 0.85), (8.4, y + 0.85))
    sheet.wire((8.4, devices[-1][1] + 0.85), (8.4, middle), (8.4, devices[0][1] + 0.85))
    sheet.arrow((8.4, middle), (11, middle))
    sheet.text((9.6, middle + 0.45), "MQTT", colour=GREY)
    sheet.box((10.6, 0.3), (25.1, 7.7), "one server", ours=False)
    _program(sheet, (11, 3.1), "Mosquitto", "broker")
    _program(sheet, (16, 3.1), "Telegraf", "takes the values")
    _program(sheet, (21, 5), "Grafana", "charts")
    _program(sheet, (21, 1.2), "InfluxDB", "database")
    sheet.arrow((14.8, middle), (16, middle))
    sheet.wire((19.8, middle), (20.3, middle), (20.3, 2.05))
    sheet.arrow((20.3, 2.05), (21, 2.05))
    sheet.arrow((22.9, 2.9), (22.9, 5))
    return sheet


#: By the name of the picture.
PLANS = {"many-meters": many_meters}
