"""The units of KMP: what a meter's unit byte means, and how units convert.

One table for everything: the schema reads it here, and `script/generate` makes `unit_table.h` and
the list in the documentation from it.

Sources of the numbers: Kamstrup 5512-447 for 1-3, 8, 12, 22, 23, 37-48 and 50-52; Kamstrup
58101758 as quoted by J. Kundrat for 21, 65, 66 and 85-90; 25 is his guess; 79 and the form of 53
are from captured frames; the rest is from the list by Erik Jensen that all open implementations
share.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from esphome.const import (
    DEVICE_CLASS_DURATION,
    DEVICE_CLASS_ENERGY,
    DEVICE_CLASS_POWER,
    DEVICE_CLASS_PRESSURE,
    DEVICE_CLASS_TEMPERATURE,
    DEVICE_CLASS_TEMPERATURE_DELTA,
    DEVICE_CLASS_VOLUME,
    DEVICE_CLASS_VOLUME_FLOW_RATE,
    DEVICE_CLASS_WEIGHT,
)


class Quantity(StrEnum):
    """What a unit measures. Values convert within a quantity, never between two."""

    NUMBER = "number"
    ENERGY = "energy"
    REACTIVE_ENERGY = "reactive energy"
    APPARENT_ENERGY = "apparent energy"
    POWER = "power"
    REACTIVE_POWER = "reactive power"
    APPARENT_POWER = "apparent power"
    VOLTAGE = "voltage"
    CURRENT = "current"
    TEMPERATURE = "temperature"
    TEMPERATURE_DIFFERENCE = "temperature difference"
    VOLUME = "volume"
    FLOW = "flow"
    VOLUME_TEMPERATURE = "volume times temperature"
    MASS = "mass"
    MASS_FLOW = "mass flow"
    DURATION = "duration"
    PRESSURE = "pressure"
    PULSES_PER_LITRE = "pulses per litre"
    LITRES_PER_PULSE = "litres per pulse"
    HUMIDITY = "humidity"
    OXYGEN = "oxygen"
    SPEED = "speed"
    ENTHALPY = "enthalpy"
    ACIDITY = "acidity"
    MOISTURE = "moisture"
    # Not amounts: date, time, text, bits.
    CLOCK = "clock"
    DATE = "date"
    DATE_TIME = "date and time"
    TEXT = "text"
    BITS = "bits"


@dataclass(frozen=True)
class Unit:
    """One unit.

    number: the unit byte on the wire, 0 to 90; above that, units that no meter sends and only an
        entity can have.
    symbol: as Home Assistant spells it; unique.
    factor, exponent: 1 of this unit is factor * 10^exponent of the quantity's base unit, exactly.
    decimals: default for entities. Enough for every digit that a meter is known to send (energy to
        0.01 kWh, power to 1 W, volume to 1 L), even after a conversion.
    """

    number: int
    symbol: str
    quantity: Quantity
    factor: int = 1
    exponent: int = 0
    decimals: int = 0


#: Wire numbers end here.
WIRE_UNITS = 91

# A calorie here is the International Table calorie of 4.1868 J: Kamstrup's MULTICAL 602 divides Wh
# by 1,163,100 to get Gcal (technical description 5512-931, 6.1), which fits 1.163 and not the
# 1.16222 of the thermochemical calorie.
_CALORIE = 41868

_TABLE: tuple[tuple[int, str, Quantity, int, int, int], ...] = (
    (0, "", Quantity.NUMBER, 1, 0, 0),
    (1, "Wh", Quantity.ENERGY, 36, 2, 0),
    (2, "kWh", Quantity.ENERGY, 36, 5, 2),
    (3, "MWh", Quantity.ENERGY, 36, 8, 5),
    (4, "GWh", Quantity.ENERGY, 36, 11, 8),
    (5, "J", Quantity.ENERGY, 1, 0, 0),
    (6, "kJ", Quantity.ENERGY, 1, 3, 0),
    (7, "MJ", Quantity.ENERGY, 1, 6, 2),
    (8, "GJ", Quantity.ENERGY, 1, 9, 5),
    (9, "cal", Quantity.ENERGY, _CALORIE, -4, 0),
    (10, "kcal", Quantity.ENERGY, _CALORIE, -1, 0),
    (11, "Mcal", Quantity.ENERGY, _CALORIE, 2, 3),
    (12, "Gcal", Quantity.ENERGY, _CALORIE, 5, 6),
    (13, "varh", Quantity.REACTIVE_ENERGY, 1, 0, 0),
    (14, "kvarh", Quantity.REACTIVE_ENERGY, 1, 3, 2),
    (15, "Mvarh", Quantity.REACTIVE_ENERGY, 1, 6, 4),
    (16, "Gvarh", Quantity.REACTIVE_ENERGY, 1, 9, 7),
    (17, "VAh", Quantity.APPARENT_ENERGY, 1, 0, 0),
    (18, "kVAh", Quantity.APPARENT_ENERGY, 1, 3, 2),
    (19, "MVAh", Quantity.APPARENT_ENERGY, 1, 6, 4),
    (20, "GVAh", Quantity.APPARENT_ENERGY, 1, 9, 7),
    (21, "W", Quantity.POWER, 1, 0, 0),
    (22, "kW", Quantity.POWER, 1, 3, 3),
    (23, "MW", Quantity.POWER, 1, 6, 6),
    (24, "GW", Quantity.POWER, 1, 9, 6),
    (25, "var", Quantity.REACTIVE_POWER, 1, 0, 0),
    (26, "kvar", Quantity.REACTIVE_POWER, 1, 3, 3),
    (27, "Mvar", Quantity.REACTIVE_POWER, 1, 6, 6),
    (28, "Gvar", Quantity.REACTIVE_POWER, 1, 9, 6),
    (29, "VA", Quantity.APPARENT_POWER, 1, 0, 0),
    (30, "kVA", Quantity.APPARENT_POWER, 1, 3, 3),
    (31, "MVA", Quantity.APPARENT_POWER, 1, 6, 6),
    (32, "GVA", Quantity.APPARENT_POWER, 1, 9, 6),
    (33, "V", Quantity.VOLTAGE, 1, 0, 1),
    (34, "A", Quantity.CURRENT, 1, 0, 2),
    (35, "kV", Quantity.VOLTAGE, 1, 3, 4),
    (36, "kA", Quantity.CURRENT, 1, 3, 5),
    (37, "°C", Quantity.TEMPERATURE, 1, 0, 2),
    (38, "K", Quantity.TEMPERATURE_DIFFERENCE, 1, 0, 2),
    (39, "L", Quantity.VOLUME, 1, 0, 0),
    (40, "m³", Quantity.VOLUME, 1, 3, 3),
    (41, "L/h", Quantity.FLOW, 1, 0, 1),
    (42, "m³/h", Quantity.FLOW, 1, 3, 4),
    (43, "m³·°C", Quantity.VOLUME_TEMPERATURE, 1, 0, 2),
    (44, "t", Quantity.MASS, 1, 3, 3),
    (45, "t/h", Quantity.MASS_FLOW, 1, 3, 4),
    (46, "h", Quantity.DURATION, 36, 5, 0),
    (47, "hh:mm:ss", Quantity.CLOCK, 1, 0, 0),
    (48, "yy:mm:dd", Quantity.DATE, 1, 0, 0),
    (49, "yyyy:mm:dd", Quantity.DATE, 1, 0, 0),
    (50, "mm:dd", Quantity.DATE, 1, 0, 0),
    (51, "number", Quantity.NUMBER, 1, 0, 0),
    (52, "bar", Quantity.PRESSURE, 1, 0, 3),
    (53, "RTC", Quantity.DATE_TIME, 1, 0, 0),
    (54, "ASCII", Quantity.TEXT, 1, 0, 0),
    (55, "m³ x 10", Quantity.VOLUME, 1, 4, 4),
    (56, "t x 10", Quantity.MASS, 1, 4, 4),
    (57, "GJ x 10", Quantity.ENERGY, 1, 10, 5),
    (58, "min", Quantity.DURATION, 6, 4, 0),
    (59, "bits", Quantity.BITS, 1, 0, 0),
    (60, "s", Quantity.DURATION, 1, 3, 0),
    (61, "ms", Quantity.DURATION, 1, 0, 0),
    (62, "d", Quantity.DURATION, 864, 5, 0),
    (63, "RTC-Q", Quantity.DATE_TIME, 1, 0, 0),
    (64, "datetime", Quantity.DATE_TIME, 1, 0, 0),
    (65, "imp/L", Quantity.PULSES_PER_LITRE, 1, 0, 3),
    (66, "L/imp", Quantity.LITRES_PER_PULSE, 1, 0, 3),
    (79, "date, time, DST", Quantity.DATE_TIME, 1, 0, 0),
    (85, "%RH", Quantity.HUMIDITY, 1, 0, 1),
    (86, "%O2", Quantity.OXYGEN, 1, 0, 1),
    (87, "m/s", Quantity.SPEED, 1, 0, 3),
    (88, "kJ/kg", Quantity.ENTHALPY, 1, 0, 2),
    (89, "pH", Quantity.ACIDITY, 1, 0, 2),
    (90, "g/kg", Quantity.MOISTURE, 1, 0, 2),
    # No meter sends these.
    (91, "kg", Quantity.MASS, 1, 0, 0),
    (92, "L/min", Quantity.FLOW, 60, 0, 3),
    (93, "L/s", Quantity.FLOW, 3600, 0, 5),
    (94, "kPa", Quantity.PRESSURE, 1, -2, 1),
    (95, "mbar", Quantity.PRESSURE, 1, -3, 0),
)

UNITS: tuple[Unit, ...] = tuple(Unit(*row) for row in _TABLE)
UNIT_BY_SYMBOL: dict[str, Unit] = {unit.symbol: unit for unit in UNITS}

#: The unit of a plain number.
NUMBER = UNIT_BY_SYMBOL["number"]

#: Quantities whose sensors are totals, which only count up.
COUNTED = frozenset({Quantity.ENERGY, Quantity.VOLUME})

#: Quantities whose values are not amounts; a numeric sensor cannot show them in a unit.
WITHOUT_AMOUNT = frozenset(
    {Quantity.CLOCK, Quantity.DATE, Quantity.DATE_TIME, Quantity.TEXT, Quantity.BITS}
)

#: What people type for a unit besides the symbol itself.
SPELLINGS: dict[str, str] = {
    "m3": "m³",
    "m^3": "m³",
    "m3/h": "m³/h",
    "l": "L",
    "l/h": "L/h",
    "l/min": "L/min",
    "l/s": "L/s",
    "C": "°C",
    "m3*C": "m³·°C",
    "ton": "t",
}

#: Quantity -> Home Assistant's device class, and which of our units it accepts for that class (from
#: Home Assistant 2026.2, components/sensor/const.py).
DEVICE_CLASSES: dict[Quantity, tuple[str, frozenset[str]]] = {
    Quantity.ENERGY: (
        DEVICE_CLASS_ENERGY,
        frozenset(
            ["Wh", "kWh", "MWh", "GWh", "J", "kJ", "MJ", "GJ", "cal", "kcal", "Mcal", "Gcal"]
        ),
    ),
    Quantity.POWER: (DEVICE_CLASS_POWER, frozenset({"W", "kW", "MW", "GW"})),
    Quantity.TEMPERATURE: (DEVICE_CLASS_TEMPERATURE, frozenset({"°C"})),
    Quantity.TEMPERATURE_DIFFERENCE: (DEVICE_CLASS_TEMPERATURE_DELTA, frozenset({"K"})),
    Quantity.VOLUME: (DEVICE_CLASS_VOLUME, frozenset({"L", "m³"})),
    Quantity.FLOW: (DEVICE_CLASS_VOLUME_FLOW_RATE, frozenset({"L/h", "L/min", "L/s", "m³/h"})),
    # Home Assistant (2026.2) has no tonne.
    Quantity.MASS: (DEVICE_CLASS_WEIGHT, frozenset({"kg"})),
    Quantity.DURATION: (DEVICE_CLASS_DURATION, frozenset({"ms", "s", "min", "h", "d"})),
    Quantity.PRESSURE: (DEVICE_CLASS_PRESSURE, frozenset({"bar", "kPa", "mbar"})),
}


def device_class(unit: Unit) -> str | None:
    """Return Home Assistant's device class for values in this unit, None if there is none."""
    name, accepted = DEVICE_CLASSES.get(unit.quantity, ("", frozenset()))
    return name if unit.symbol in accepted else None


def selectable_units(*quantities: Quantity) -> list[Unit]:
    """Return the units that an entity of one of these quantities can be given."""
    return [
        unit
        for unit in UNITS
        if unit.quantity in quantities
        and unit.quantity not in WITHOUT_AMOUNT
        and unit.quantity is not Quantity.NUMBER
        and " x " not in unit.symbol
    ]
