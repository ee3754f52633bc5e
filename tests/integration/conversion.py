"""What a reading must look like in a given unit, calculated apart from the component.

The factors are written here a second time on purpose: they check those in units.py.
"""

from __future__ import annotations

import struct
from decimal import Decimal
from fractions import Fraction

KILO, MEGA, GIGA = 10**3, 10**6, 10**9
CALORIE = Fraction(41868, 10000)

#: Joule in a unit of energy, by symbol.
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


def float32(value: Fraction | Decimal) -> float:
    """Return the 32-bit number nearest to a value, as a device publishes it."""
    return struct.unpack("<f", struct.pack("<f", float(value)))[0]


def energy(value: Decimal, unit: int, target: str) -> float:
    """Return an energy in another unit, as a device publishes it."""
    return float32(Fraction(value) * JOULE[ENERGY_UNITS[unit]] / JOULE[target])
