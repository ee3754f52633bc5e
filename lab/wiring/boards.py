"""The boards of the drawings, each pin where it is.

Seen from the side of the parts, with the antenna up and the USB socket down.
"""

from __future__ import annotations

from dataclasses import dataclass

from .circuits import D1_MINI, ESP32, ESP32_S3


@dataclass(frozen=True, slots=True)
class Board:
    """A board with two rows of pins: what is printed at each, from the top down.

    title: which board it is, of several with that name. pitch: points from pin to pin. sockets: how
    many for USB. note: what to say of others like it.
    """

    title: str
    chip: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    pitch: float
    sockets: int = 1
    note: str = ""

    def place(self, label: str) -> tuple[int, int]:
        """Return where a pin is: its row (0: left), and its place in it from the top."""
        for row, labels in enumerate((self.left, self.right)):
            if label in labels:
                return row, labels.index(label)
        known = ", ".join(dict.fromkeys([*self.left, *self.right]))
        raise ValueError(f"{self.title} has no pin {label!r}, only {known}")


OTHERS = "other boards: see labels"

#: By the name that the circuits use.
BOARDS = {
    # As in the pinout of its maker, and in KiCad's symbol.
    D1_MINI: Board(
        "D1 mini",
        "ESP8266",
        ("RST", "A0", "D0", "D5", "D6", "D7", "D8", "3V3"),
        ("TX", "RX", "D1", "D2", "D3", "D4", "G", "5V"),
        32,
    ),
    # J2 and J3 in Espressif's guide.
    ESP32: Board(
        "ESP32-DevKitC",
        "ESP32",
        (
            *("3V3", "EN", "VP", "VN", "34", "35", "32", "33", "25", "26", "27", "14", "12"),
            *("GND", "13", "D2", "D3", "CMD", "5V"),
        ),
        (
            *("GND", "23", "22", "TX", "RX", "21", "GND", "19", "18", "5", "17", "16", "4"),
            *("0", "2", "15", "D1", "D0", "CLK"),
        ),
        25,
        note=OTHERS,
    ),
    # J1 and J3 in Espressif's guide.
    ESP32_S3: Board(
        "ESP32-S3-DevKitC-1",
        "ESP32-S3",
        (
            *("3V3", "3V3", "RST", "4", "5", "6", "7", "15", "16", "17", "18", "8", "3", "46"),
            *("9", "10", "11", "12", "13", "14", "5V", "G"),
        ),
        (
            *("G", "TX", "RX", "1", "2", "42", "41", "40", "39", "38", "37", "36", "35", "0"),
            *("45", "48", "47", "21", "20", "19", "G", "G"),
        ),
        25,
        sockets=2,
        note=OTHERS,
    ),
}
