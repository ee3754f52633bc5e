"""The catalogue: what a meter's registers hold, on which meters they are known, and how sure.

Everything else comes from these tables: the schema and the code of the platforms, the names that a
scan prints, what the virtual meter of the tests has, and docs/registers.md (`script/generate`).

Sources of the numbers: Kamstrup 5512-447, 5.2, for MULTICAL 601 and 801; the technical descriptions
of 402 (5512-742) and 62 (5512-1036); Kamstrup's list for 302 as quoted by others; J. Kundrat's
reading of Kamstrup's own software for 303 and 603; other open readers for 403 and 602.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from esphome.const import (
    DEVICE_CLASS_WATER,
    ENTITY_CATEGORY_DIAGNOSTIC,
    STATE_CLASS_MEASUREMENT,
    STATE_CLASS_TOTAL_INCREASING,
)

from .units import NUMBER, UNIT_BY_SYMBOL, Quantity, Unit, device_class, selectable_units

#: Register numbers are two bytes on the wire; 0 is none.
MIN_REGISTER = 1
MAX_REGISTER = 0xFFFF

#: Registers that the code treats in a way of their own.
HEAT_ENERGY = 60
COOLING_ENERGY = 63
INFO = 99
CUSTOMER_NUMBER_HIGH = 112
FINE_HEAT_ENERGY = 266
FINE_COOLING_ENERGY = 267
DATE_TIME = 348
INFO_BITS = 369
SERIAL_NUMBER = 1001
CLOCK = 1002
DATE = 1003
SOFTWARE_EDITION = 1005
CUSTOMER_NUMBER_LOW = 1010


@dataclass(frozen=True)
class Meter:
    """Meters that have the same registers, and how sure it is that a register is one of theirs."""

    names: str
    evidence: str


#: By the sign that stands for them in the column `known` below. A `?` after it: expected, because
#: meters of the same generation have the register, but not seen or written down anywhere.
METERS: dict[str, Meter] = {
    "A": Meter("601/801", "Kamstrup's protocol description (5512-447)"),
    "B": Meter("402", "Kamstrup's technical description (5512-742)"),
    "6": Meter("602", "other open readers and captured frames"),
    "4": Meter("403", "other open readers and captured frames"),
    "N": Meter("303/603", "one reader of Kamstrup's own software (J. Kundrat)"),
    "C": Meter("302", "Kamstrup's list as quoted by others"),
    "W": Meter("62", "Kamstrup's technical description of this water meter (5512-1036)"),
    "F": Meter("flowIQ 2200", "one captured frame of this water meter"),
}


class Kind(StrEnum):
    """What becomes of a value when time passes.

    TOTAL: a counter, which only grows, and keeps its last value when the meter is gone.
    MOMENTARY: says nothing any more when the meter is gone.
    LASTING: a peak or an average, which may fall and keeps its last value.
    """

    TOTAL = "total"
    MOMENTARY = "momentary"
    LASTING = "lasting"


@dataclass(frozen=True)
class Register:
    """A register that an entity can show.

    number: the register's number. meaning: in Kamstrup's words and ours. known: the METERS that
    have it. note: what else a reader should know of it. part_of: the register whose entity shows
    this one too, 0 for none. is_stand_in: that entity can do without the other register.
    """

    number: int
    meaning: str
    known: str
    note: str = ""
    part_of: int = 0
    is_stand_in: bool = False

    @property
    def meters(self) -> dict[str, bool]:
        """The METERS by their sign, and whether it is more than an expectation."""
        return {sign.rstrip("?"): not sign.endswith("?") for sign in self.known.split()}


@dataclass(frozen=True)
class NumericRegister(Register):
    """A register with a key of its own under `sensor`.

    key: the key in YAML.
    unit: default unit of the entity; None for a plain number.
    also: further quantities that the register can hold, depending on the meter's configuration.
    diagnostic: about the meter, not about the heat.
    water: a volume that is water from a tap.
    decimals: of a plain number.
    fine: the register that counts the same in finer steps, 0 for none.
    """

    key: str = ""
    kind: Kind = Kind.MOMENTARY
    unit: Unit | None = None
    also: tuple[Quantity, ...] = ()
    diagnostic: bool = False
    water: bool = False
    decimals: int = 0
    fine: int = 0

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What the register can hold."""
        return (self.unit.quantity if self.unit else Quantity.NUMBER, *self.also)

    @property
    def units(self) -> list[Unit]:
        """The units that its entity can be given."""
        return selectable_units(*self.quantities)

    @property
    def default_unit(self) -> Unit:
        """The unit of its entity; the number's where there is none to be shown."""
        return self.unit or NUMBER

    @property
    def total(self) -> bool:
        """Whether it is a counter."""
        return self.kind is Kind.TOTAL

    @property
    def state_class(self) -> str:
        """Home Assistant's state class."""
        return STATE_CLASS_TOTAL_INCREASING if self.total else STATE_CLASS_MEASUREMENT

    @property
    def entity_category(self) -> str:
        """Home Assistant's entity category, empty for the primary ones."""
        return ENTITY_CATEGORY_DIAGNOSTIC if self.diagnostic else ""

    def default_decimals(self, unit: Unit | None) -> int:
        """Return the decimals of its entity in this unit."""
        return unit.decimals if unit else self.decimals

    def device_class(self, unit: Unit | None) -> str | None:
        """Return Home Assistant's device class for this register in this unit."""
        if unit is None:
            return None
        if self.water and unit.quantity is Quantity.VOLUME:
            return DEVICE_CLASS_WATER
        return device_class(unit)


@dataclass(frozen=True)
class TextRegister(Register):
    """A register with a key of its own under `text_sensor`.

    key: the key in YAML.
    identity: says which meter it is or how it is set up: read after connecting and daily, and
        diagnostic.
    """

    key: str = ""
    identity: bool = False


def _numeric(
    kind: Kind, key: str, number: int, meaning: str, known: str, unit: str = "", **more: Any
) -> NumericRegister:
    shown = UNIT_BY_SYMBOL[unit] if unit else None
    return NumericRegister(number, meaning, known, key=key, kind=kind, unit=shown, **more)


_total = partial(_numeric, Kind.TOTAL)
_momentary = partial(_numeric, Kind.MOMENTARY)
_lasting = partial(_numeric, Kind.LASTING)


def _text(key: str, number: int, meaning: str, known: str, **more: Any) -> TextRegister:
    return TextRegister(number, meaning, known, key=key, **more)


_identity = partial(_text, identity=True)

_IN_ENERGY = (Quantity.ENERGY,)
_IN_VOLUME = (Quantity.VOLUME,)
_TIME_OR_DATE = "or its day: not certain, shown is what its unit says"

# fmt: off
NUMERIC_REGISTERS: tuple[NumericRegister, ...] = (
    _total("heat_energy", HEAT_ENERGY, "E1, heat energy", "A B 6 4 N C", "kWh",
           fine=FINE_HEAT_ENERGY),
    _total("cooling_energy", COOLING_ENERGY, "E3, cooling energy", "A B 6 4 N C", "kWh",
           fine=FINE_COOLING_ENERGY),
    _total("energy_e2", 94, "E2, control energy", "A 6? N", "kWh"),
    _total("energy_e4", 61, "E4, supply energy", "A 6? N", "kWh"),
    _total("energy_e5", 62, "E5, return energy", "A 6? N", "kWh"),
    _total("energy_e6", 95, "E6, tap water energy", "A N", "kWh"),
    _total("energy_e7", 96, "E7, heat energy Y", "A N", "kWh",
           note="one 403 was silent when asked for it alone"),
    _total("volume", 68, "V1, volume", "A B 6 4 N C W", "m³"),
    _total("volume_2", 69, "V2, volume", "A 6? N", "m³"),
    _total("mass", 72, "M1, mass", "A 6? N", "kg"),
    _total("mass_2", 73, "M2, mass", "A 6? N", "kg"),
    _total("volume_temperature_supply", 97, "E8, volume times supply temperature",
           "A B 6 4 N C", "m³·°C"),
    _total("volume_temperature_return", 110, "E9, volume times return temperature",
           "A B 6 4 N C", "m³·°C"),
    _total("input_a", 84, "VA, pulse input A", "A B 6? 4? N W", "m³", also=_IN_ENERGY, water=True),
    _total("input_b", 85, "VB, pulse input B", "A B 6? 4? N W", "m³", also=_IN_ENERGY, water=True),
    _total("input_a2", 224, "A2, pulse input A2", "N", "m³", also=_IN_ENERGY, water=True),
    _total("input_b2", 225, "B2, pulse input B2", "N", "m³", also=_IN_ENERGY, water=True),
    _total("tariff_2", 64, "TA2, tariff register 2", "A B N", "kWh", also=_IN_VOLUME),
    _total("tariff_3", 65, "TA3, tariff register 3", "A B N", "kWh", also=_IN_VOLUME),
    _total("tariff_4", 362, "TA4, tariff register 4", "N", "kWh", also=_IN_VOLUME),
    _total("discount_energy", 364, "A1, energy at a discount", "N", "kWh"),
    _total("surcharge_energy", 365, "A2, energy at a surcharge", "N", "kWh"),
    _total("operating_hours", 1004, "Operating hours", "A B 6 4 N C W", "h", diagnostic=True),
    _total("error_hours", 175, "Error hours", "A 6? 4? N W", "h", diagnostic=True),
    _total("info_event_count", 113, "Info events", "A 6 4 N C W", diagnostic=True),
    _total("config_change_count", 222, "Changes of the configuration", "4? N", diagnostic=True),

    _momentary("power", 80, "Power of V1 and T1-T2", "A B 6 4 N C", "kW"),
    _momentary("flow", 74, "Flow of V1", "A B 6 4 N C W", "L/h"),
    _momentary("flow_2", 75, "Flow of V2", "A 6? N", "L/h"),
    _momentary("supply_temperature", 86, "T1, supply temperature", "A B 6 4 N C", "°C"),
    _momentary("return_temperature", 87, "T2, return temperature", "A B 6 4 N C", "°C"),
    _momentary("temperature_3", 88, "T3", "A 6? N", "°C"),
    _momentary("temperature_4", 122, "T4", "A 6? N", "°C"),
    _momentary("temperature_difference", 89, "T1-T2", "A B 6 4 N C", "K"),
    _momentary("pressure_1", 91, "P1", "A N", "bar"),
    _momentary("pressure_2", 92, "P2", "A N", "bar"),
    _momentary("cop", 371, "Coefficient of performance of a heat pump", "N", decimals=2),
    _momentary("input_b_power", 372, "Power at pulse input B", "N", "kW"),
    _momentary("battery_days_left", 582, "Battery days left", "4? N? F", "d", diagnostic=True,
               note="whether a heat meter has it is not known"),

    _lasting("max_flow_year", 124, "Largest flow this year", "A B 6 4 N W", "L/h"),
    _lasting("min_flow_year", 126, "Smallest flow this year", "A B 6 4 N W", "L/h"),
    _lasting("max_power_year", 128, "Largest power this year", "A B 6 4 N", "kW"),
    _lasting("min_power_year", 130, "Smallest power this year", "A B 6 4 N", "kW"),
    _lasting("max_flow_month", 139, "Largest flow this month", "A B 6 4 N W", "L/h"),
    _lasting("min_flow_month", 141, "Smallest flow this month", "A B 6 4 N W", "L/h"),
    _lasting("max_power_month", 143, "Largest power this month", "A B 6 4 N", "kW"),
    _lasting("min_power_month", 145, "Smallest power this month", "A B 6 4 N", "kW"),
    _lasting("max_flow_day", 241, "Largest flow today", "4? N", "L/h"),
    _lasting("min_flow_day", 242, "Smallest flow today", "4? N", "L/h"),
    _lasting("average_supply_temperature_year", 146, "Average T1 this year", "A B 6 4 N C", "°C"),
    _lasting("average_return_temperature_year", 147, "Average T2 this year", "A B 6 4 N C", "°C"),
    _lasting("average_supply_temperature_month", 149, "Average T1 this month", "A B 6 4 N C", "°C"),
    _lasting("average_return_temperature_month", 150, "Average T2 this month", "A B 6 4 N C", "°C"),
    _lasting("average_supply_temperature_day", 379, "Average T1 of a day", "4? N", "°C"),
    _lasting("average_return_temperature_day", 380, "Average T2 of a day", "4? N", "°C"),
    _lasting("average_supply_temperature_hour", 381, "Average T1 of an hour", "4? N", "°C"),
    _lasting("average_return_temperature_hour", 382, "Average T2 of an hour", "4? N", "°C"),
    _lasting("cop_year", 355, "Coefficient of performance this year", "N", decimals=2),
    _lasting("cop_month", 367, "Coefficient of performance this month", "N", decimals=2),
)

TEXT_REGISTERS: tuple[TextRegister, ...] = (
    _identity("serial_number", SERIAL_NUMBER, "Serial number", "A B 6 4 N W"),
    _identity("software_revision", SOFTWARE_EDITION, "Software edition", "A 6? 4? N W",
              note="asked for only where GetType tells no revision"),
    _identity("customer_number", CUSTOMER_NUMBER_LOW, "Customer number", "A B 6? 4? N W",
              note="the eight low digits; the eight high ones are in 112"),
    _identity("meter_time", DATE_TIME, "Date and time", "4? N",
              note="without it, 1003 (date) and 1002 (clock)"),
    _identity("program_number", 152, "Program number, ABCCCCCC", "A B 6? 4? W"),
    _identity("configuration_1", 153, "Configuration 1, DDDEE", "A B 6? 4? N W"),
    _identity("configuration_2", 168, "Configuration 2, FFGGMN", "A B 6? 4? N W"),
    _identity("configuration_3", 228, "Configuration 3", "4? N"),
    _identity("configuration_4", 368, "Configuration 4", "4? N"),
    _identity("type_number", 254, "Type number", "4? N",
              note="a text; captured from a KWM2231 water meter"),
    _identity("target_date", 98, "Target date of the year", "A B 6? 4? N W"),
    _identity("input_a_meter_number", 114, "Number of the meter at input A", "A B 6? 4? N W"),
    _identity("input_b_meter_number", 104, "Number of the meter at input B", "A B 6? 4? N W"),
    _text("info", INFO_BITS, "Active info codes by name", "4? N",
          note="without it, 99: see Info codes"),
    _text("max_flow_year_date", 123, "Day of the largest flow this year", "A B 6 4 N W"),
    _text("min_flow_year_date", 125, "Day of the smallest flow this year", "A B 6 4 N W"),
    _text("max_power_year_date", 127, "Day of the largest power this year", "A B 6 4 N"),
    _text("min_power_year_date", 129, "Day of the smallest power this year", "A B 6 4 N"),
    _text("max_flow_month_date", 138, "Day of the largest flow this month", "A B 6 4 N W"),
    _text("min_flow_month_date", 140, "Day of the smallest flow this month", "A B 6 4 N W"),
    _text("max_power_month_date", 142, "Day of the largest power this month", "A B 6 4 N"),
    _text("min_power_month_date", 144, "Day of the smallest power this month", "A B 6 4 N"),
    _text("max_flow_year_time", 383, "Time of the largest flow this year", "4? N",
          note=_TIME_OR_DATE),
    _text("min_flow_year_time", 384, "Time of the smallest flow this year", "4? N",
          note=_TIME_OR_DATE),
    _text("max_power_year_time", 385, "Time of the largest power this year", "4? N",
          note=_TIME_OR_DATE),
    _text("min_power_year_time", 386, "Time of the smallest power this year", "4? N",
          note=_TIME_OR_DATE),
    _text("max_flow_month_time", 387, "Time of the largest flow this month", "4? N",
          note=_TIME_OR_DATE),
    _text("min_flow_month_time", 388, "Time of the smallest flow this month", "4? N",
          note=_TIME_OR_DATE),
    _text("max_power_month_time", 389, "Time of the largest power this month", "4? N",
          note=_TIME_OR_DATE),
    _text("min_power_month_time", 390, "Time of the smallest power this month", "4? N",
          note=_TIME_OR_DATE),
)

#: Registers without a key of their own: parts of an entity above, or of interest to few. All of
#: them can be read by number.
OTHER_REGISTERS: tuple[Register, ...] = (
    Register(66, "TL2, limit of tariff 2", "A B N"),
    Register(67, "TL3, limit of tariff 3", "A B N"),
    Register(INFO, "Info code", "A B 6 4 N C W", part_of=INFO_BITS, is_stand_in=True),
    Register(CUSTOMER_NUMBER_HIGH, "Customer number, high digits", "A B 6? 4? N W",
             part_of=CUSTOMER_NUMBER_LOW),
    Register(154, "Checksum of the software", "A 6? N W"),
    Register(155, "E1 in fine steps, a rolling counter", "A B 6",
             "where it starts again is not documented, so it is not joined with 60"),
    Register(157, "Top module", "A 6? W"),
    Register(158, "Base module", "A 6? W"),
    Register(178, "dE, differential energy", "N"),
    Register(179, "cE, control energy", "N"),
    Register(180, "dV, differential volume", "N"),
    Register(181, "cV, control volume", "N"),
    Register(223, "V1 in fine steps", "B", "whether it starts again is not documented"),
    Register(229, "Average T1 since the last integration", "B N C"),
    Register(230, "Average T2 since the last integration", "B N C"),
    Register(234, "Litres per pulse at input A", "A 6? N W"),
    Register(235, "Litres per pulse at input B", "A 6? N W"),
    Register(239, "V1 in fine steps", "N C W", "whether it starts again is not documented"),
    Register(243, "Reverse flow of V1", "N"),
    Register(FINE_HEAT_ENERGY, "E1 in fine steps, starts again every 10 MWh", "4 N C",
             part_of=HEAT_ENERGY),
    Register(FINE_COOLING_ENERGY, "E3 in fine steps, starts again every 10 MWh", "4? N C",
             part_of=COOLING_ENERGY),
    Register(268, "Averaging time of peaks", "N"),
    Register(327, "Target date 1", "N"),
    Register(328, "Target date 2", "N"),
    Register(338, "Data quality", "N"),
    Register(346, "Software revision of the module", "N"),
    Register(366, "Limit of t5", "N"),
    Register(473, "E10", "N"),
    Register(474, "E11", "N"),
    Register(CLOCK, "Clock", "A B 6 4 N C W", part_of=DATE),
    Register(DATE, "Date", "A B 6 4 N C W", part_of=DATE_TIME, is_stand_in=True),
)
# fmt: on

REGISTERS: tuple[Register, ...] = (*NUMERIC_REGISTERS, *TEXT_REGISTERS, *OTHER_REGISTERS)
REGISTER_BY_NUMBER: dict[int, Register] = {row.number: row for row in REGISTERS}
NUMERIC_BY_NUMBER: dict[int, NumericRegister] = {row.number: row for row in NUMERIC_REGISTERS}
