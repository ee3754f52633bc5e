"""What a reading must look like in a given unit, calculated independently of the component.

The factors are deliberately written here a second time: they check those in units.py.
"""

from __future__ import annotations

import re
import struct
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

KILO, MEGA, GIGA = 10**3, 10**6, 10**9
CALORIE = Fraction(41868, 10000)

#: Joules in a unit of energy, by symbol.
JOULE = {
    "Wh": Fraction(3600),
    "kWh": Fraction(3600 * KILO),
    "MWh": Fraction(3600 * MEGA),
    "GWh": Fraction(3600 * GIGA),
    "J": Fraction(1),
    "kJ": Fraction(KILO),
    "MJ": Fraction(MEGA),
    "GJ": Fraction(GIGA),
    "cal": CALORIE,
    "kcal": CALORIE * KILO,
    "Mcal": CALORIE * MEGA,
    "Gcal": CALORIE * GIGA,
}

#: Unit byte -> symbol, as Kamstrup's document 5512-447 and the common list have them.
ENERGY_UNITS = {
    1: "Wh",
    2: "kWh",
    3: "MWh",
    4: "GWh",
    5: "J",
    6: "kJ",
    7: "MJ",
    8: "GJ",
    12: "Gcal",
}


#: Unit byte -> what follows the number in a text.
SYMBOLS = ENERGY_UNITS | {
    22: "kW",
    37: "°C",
    38: "K",
    40: "m³",
    41: "L/h",
    43: "m³·°C",
    44: "t",
    46: "h",
    52: "bar",
    62: "d",
}

#: Unit byte -> factor to the unit that the entity has by default, except for energy.
_TO_DEFAULT = {22: 1, 37: 1, 38: 1, 40: 1, 41: 1, 43: 1, 44: 1000, 46: 1, 51: 1, 52: 1, 62: 1}

#: Where the fine counters roll over, in Wh.
WRAP = 10_000_000


def text(value: Decimal, unit: int, size: int) -> str:
    """Return what a text sensor shows for a value."""
    number = int(value)
    match unit:
        case 47:
            return re.sub(r"(..)(..)(..)", r"\1:\2:\3", f"{number:06}")
        case 48:
            return re.sub(r"(..)(..)(..)", r"20\1-\2-\3", f"{number:06}")
        case 50:
            return re.sub(r"(..)(..)", r"\1-\2", f"{number:04}")
        case 51:
            return f"{value:f}"
        case 54:
            return number.to_bytes(size).decode("ascii")
        case 79:
            _, year, month, day, hour, minute, second = number.to_bytes(7)
            return datetime(2000 + year, month, day, hour, minute, second).isoformat()
    return f"{value:f} {SYMBOLS[unit]}"


def fine_total(coarse: Decimal, unit: int, fine: Decimal) -> float:
    """Return the total of a counter in kWh and its end in Wh, as a device publishes it."""
    shown = Fraction(coarse) * JOULE[ENERGY_UNITS[unit]] / JOULE["Wh"]
    wraps = round((shown - Fraction(fine)) / WRAP)
    return float32((wraps * WRAP + Fraction(fine)) / 1000)


def float32(value: Fraction | Decimal) -> float:
    """Return the 32-bit number nearest to a value, as a device publishes it."""
    return struct.unpack("<f", struct.pack("<f", float(value)))[0]


def energy(value: Decimal, unit: int, target: str) -> float:
    """Return an energy in another unit, as a device publishes it."""
    return float32(Fraction(value) * JOULE[ENERGY_UNITS[unit]] / JOULE[target])


def number(key: str, register: int, values: dict[int, tuple[Decimal, int]]) -> float | None:
    """Return what a sensor must show, in its default unit; None for unknown."""
    if register not in values:
        return None
    value, unit = values[register]
    fine = {60: 266, 63: 267}.get(register)
    if fine in values:
        return fine_total(value, unit, values[fine][0])
    if unit not in ENERGY_UNITS:
        return float32(value * _TO_DEFAULT[unit])
    # Input B of one model counts kWh, and the entity's default is m³.
    return None if key == "input_b" else energy(value, unit, "kWh")
