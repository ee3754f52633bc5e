"""The things of the pictures, as one sees them: a meter, a head, a board, Home Assistant."""

from __future__ import annotations

from .boards import Board
from .canvas import Canvas
from .sheet import GREY, INK, PAPER, Point

CASE = "#f1f3f5"
DARK = "#3a4149"
GLASS = "#d5dfd0"
PALE = "#a3adb8"
METAL = "#ced4da"
PCB = "#dbe7f5"
CABLE = "#49525c"
LED = "#b79bd9"
LIGHT = "#7c5cbf"
HOME = "#18a0d8"
RED = "#d9382c"
BLUE = "#2b6cd4"

#: Half the distance between the two diodes of an eye or head, and the radius of a head.
APART = 15.0
HEAD_RADIUS = 50.0
#: Size of a meter's front, and where its eye is: above the display, as an owner of a 403 says.
METER = (250.0, 196.0)
EYE = (125.0, 34.0)


def meter(canvas: Canvas, corner: Point) -> Point:
    """Draw the front of a MULTICAL 403, simplified; return the middle of its eye."""
    x, y = corner
    canvas.box(corner, (x + METER[0], y + METER[1]), 22, fill=CASE)
    eye = (x + EYE[0], y + EYE[1])
    canvas.box((eye[0] - 36, eye[1] - 17), (eye[0] + 36, eye[1] + 17), 17, fill=PAPER, stroke=PALE)
    for side in (-1, 1):
        canvas.disc((eye[0] + side * APART, eye[1]), 8, fill=LED, stroke=LIGHT)
    canvas.box((x + 26, y + 64), (x + METER[0] - 26, y + 138), 8, fill=GLASS)
    canvas.text((x + METER[0] - 88, y + 101), "59987.6", "end", size=30, font="monospace")
    canvas.text((x + METER[0] - 38, y + 109), "kWh", "end", size=18)
    canvas.text((x + 26, y + 168), "MULTICAL", "start", size=16, colour=GREY, bold=True)
    for key, side in ((x + 168, -1), (x + 208, 1)):
        canvas.disc((key, y + 168), 15, fill=PAPER)
        canvas.shape(
            [(key - side * 4, y + 161), (key + side * 6, y + 168), (key - side * 4, y + 175)],
            fill=DARK,
            stroke="none",
        )
    return eye


def head(canvas: Canvas, centre: Point) -> Point:
    """Draw an optical head that one can look through; return where its cable begins, at the top."""
    x, y = centre
    top = y - HEAD_RADIUS
    canvas.box((x - 9, top - 20), (x + 9, top + 8), 4, fill=DARK, stroke=INK)
    canvas.disc(centre, HEAD_RADIUS, fill="#e7eaee")
    # The magnet is a ring.
    canvas.disc(centre, 36, fill="none", stroke=DARK, width=14)
    for side, fill in ((-1, LED), (1, PAPER)):
        canvas.disc((x + side * APART, y), 9, fill=fill, stroke=LIGHT)
    return x, top - 20


def onto(canvas: Canvas, above: Point, eye: Point) -> None:
    """Show that a head goes onto an eye."""
    for side in (-1, 1):
        x = above[0] + side * 30
        canvas.line([(x, above[1] + 44), (x, eye[1] - 19)], LIGHT, 2, dashes="2 6")


def board(
    canvas: Canvas, drawn: Board, corner: Point, width: float, used: set[tuple[int, int]]
) -> dict[tuple[int, int], Point]:
    """Draw a board; return where each pin is, by row (0: left) and place.

    used: the pins that have a wire.
    """
    x, y = corner
    rows = (drawn.left, drawn.right)
    first = y + 62
    bottom = first + drawn.pitch * (len(drawn.left) - 1) + 50
    canvas.box(corner, (x + width, bottom), 12, fill=PCB)
    middle = x + width / 2
    # Antenna, shield and USB socket.
    steps = [(middle - 40 + 16 * (n // 2), y + (14 if n % 4 in (1, 2) else 32)) for n in range(12)]
    canvas.line(steps, PALE, 3)
    canvas.box((middle - 40, y + 48), (middle + 40, y + 158), 6, fill=METAL, stroke=PALE)
    canvas.text((middle, y + 103), drawn.chip, size=15)
    for number in range(drawn.sockets):
        socket = middle + 60 * (number - (drawn.sockets - 1) / 2)
        canvas.box((socket - 26, bottom - 34), (socket + 26, bottom + 10), 5, fill=METAL)
        canvas.text((socket, bottom - 12), "USB", size=16)
    canvas.text((middle, y - 20), drawn.title, bold=True)
    pins = {}
    for row, labels in enumerate(rows):
        for place, label in enumerate(labels):
            at = (x + width - 18 if row else x + 18, first + drawn.pitch * place)
            pins[row, place] = at
            wired = (row, place) in used
            canvas.disc(at, 7, fill="#f2c14e" if wired else PAPER, stroke=INK if wired else PALE)
            canvas.text(
                (at[0] + (-15 if row else 15), at[1]),
                label,
                "end" if row else "start",
                size=min(20, drawn.pitch - 6),
                colour=INK if wired else "#5f6b78",
                bold=wired,
            )
    return pins


def raspberry_pi(canvas: Canvas, corner: Point) -> Point:
    """Draw a Raspberry Pi with its sockets to the left; return where a plug goes in."""
    x, y = corner
    canvas.box(corner, (x + 270, y + 180), 14, fill="#dff0e0")
    for row in (0, 1):
        for place in range(20):
            at = (x + 40 + 10.5 * place, y + 158 + 11 * row)
            canvas.disc(at, 2.5, fill=DARK, stroke="none")
    canvas.box((x + 120, y + 46), (x + 184, y + 110), 6, fill=METAL, stroke=PALE)
    canvas.box((x + 204, y + 58), (x + 240, y + 98), 4, fill=DARK, stroke="none")
    for socket in (12, 60, 108):
        canvas.box((x - 14, y + socket), (x + 58, y + socket + 38), 4, fill=METAL)
    for socket in (12, 60):
        canvas.text((x + 24, y + socket + 19), "USB", size=18, bold=True)
    canvas.text((x + 24, y + 127), "LAN", size=18, colour=GREY)
    canvas.text((x + 135, y - 20), "Raspberry Pi", bold=True)
    return x - 14, y + 31


def usb_plug(canvas: Canvas, tip: Point) -> None:
    """Draw the plug of a USB cable that comes from the left, as far as it is outside the socket."""
    x, y = tip
    canvas.box((x - 26, y - 13), (x, y + 13), 2, fill=METAL)
    canvas.box((x - 78, y - 17), (x - 24, y + 17), 6, fill=DARK)


def home_assistant(canvas: Canvas, corner: Point, values: dict[str, tuple[str, str]]) -> None:
    """Draw a dashboard of Home Assistant: each value by its name, with its colour."""
    x, y = corner
    canvas.box(corner, (x + 252, y + 66 + 50 * len(values)), 18, fill="#eaf5fb")
    house = [(14, 33), (29, 18), (44, 33), (40, 33), (40, 47), (18, 47), (18, 33)]
    canvas.shape([(x + dx, y + dy) for dx, dy in house], fill=HOME, stroke=HOME)
    canvas.text((x + 54, y + 34), "Home Assistant", "start", size=19, bold=True)
    for number, (name, (value, colour)) in enumerate(values.items()):
        top = y + 60 + 50 * number
        canvas.box((x + 12, top), (x + 240, top + 42), 10, fill=PAPER, stroke="none")
        canvas.disc((x + 28, top + 21), 7, fill=colour, stroke="none")
        canvas.text((x + 43, top + 21), name, "start")
        canvas.text((x + 230, top + 21), value, "end", bold=True)


def small_board(canvas: Canvas, drawn: Board, corner: Point) -> Point:
    """Draw a board without names at its pins; return the middle of its upper edge."""
    x, y = corner
    canvas.box(corner, (x + 104, y + 150), 10, fill=PCB)
    steps = [(x + 27 + 10 * (n // 2), y + (12 if n % 4 in (1, 2) else 26)) for n in range(12)]
    canvas.line(steps, PALE, 3)
    canvas.box((x + 28, y + 38), (x + 76, y + 96), 5, fill=METAL, stroke=PALE)
    canvas.box((x + 34, y + 124), (x + 70, y + 158), 4, fill=METAL)
    for edge in (x + 11, x + 93):
        for place in range(len(drawn.left)):
            canvas.disc((edge, y + 30 + 13.5 * place), 4, fill=PAPER, stroke=PALE)
    return x + 52, y


def waves(canvas: Canvas, source: Point) -> None:
    """Draw WiFi, sent to the right."""
    for number in (1, 2, 3):
        canvas.arc(source, 18 * number, (-42, 42), HOME, 6)
    canvas.disc(source, 6, fill=HOME, stroke="none")
