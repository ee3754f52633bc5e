"""The catalogue: what the registers hold, which meters have them, and how certain that is.

Everything else comes from these tables: the schema and the code of the platforms, the names that a
scan prints, the registers of the virtual meter in the tests, and docs/registers.md
(`script/generate`).

Sources of the numbers: Kamstrup 5512-447, 5.2, for MULTICAL 601 and 801; the technical descriptions
of 402 (5512-742), 302 (5512-1334, p. 68) and 62 (5512-1036); J. Kundrat's reading of Kamstrup's own
software for 303 and 603; other open readers for 403 and 602.
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

#: Registers that the code treats specially.
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
    """Meters that have the same registers, and the evidence for that."""

    names: str
    evidence: str


#: By the names in the column `known` below. A `?` after a name means expected, because meters of
#: the same generation have the register, but not seen or documented anywhere.
METERS: dict[str, Meter] = {
    "601": Meter("601/801", "Kamstrup's protocol description (5512-447)"),
    "402": Meter("402", "Kamstrup's technical description (5512-742)"),
    "602": Meter("602", "other open readers and captured frames"),
    "403": Meter("403", "other open readers and captured frames"),
    "603": Meter("303/603", "one reader of Kamstrup's own software (J. Kundrat)"),
    "302": Meter("302", "Kamstrup's technical description (5512-1334)"),
    "62": Meter("62", "Kamstrup's technical description of this water meter (5512-1036)"),
    "21": Meter("21 or KWM2231", "one captured frame of a water meter that is one of the two"),
    "flowIQ": Meter("flowIQ 2200", "one captured frame of this water meter"),
}


class Kind(StrEnum):
    """What happens to a value over time.

    TOTAL: a counter, which only grows, and keeps its last value when the meter is gone.
    MOMENTARY: no longer valid when the meter is gone.
    LASTING: a peak or an average, which may fall and keeps its last value.
    """

    TOTAL = "total"
    MOMENTARY = "momentary"
    LASTING = "lasting"


@dataclass(frozen=True)
class Register:
    """A register that an entity can show.

    number: the register's number. meaning: in Kamstrup's words and ours. known: the METERS that
    have it. note: what else a reader should know about it. part_of: the register whose entity shows
    this one too, 0 for none. is_stand_in: that entity can use this register instead of the other.
    """

    number: int
    meaning: str
    known: str
    note: str = ""
    part_of: int = 0
    is_stand_in: bool = False

    @property
    def meters(self) -> dict[str, bool]:
        """The METERS by name, and whether the register is more than expected there."""
        return {name.rstrip("?"): not name.endswith("?") for name in self.known.split()}


@dataclass(frozen=True)
class NumericRegister(Register):
    """A register with a key of its own under `sensor`.

    key: the key in YAML.
    unit: default unit of the entity; None for a plain number.
    also: other quantities that the register can hold, depending on the meter's configuration.
    diagnostic: about the meter, not about the heat.
    water: a volume that is tap water.
    decimals: decimals of a plain number.
    fine: the register that counts the same in finer steps, 0 for none.
    plain: a meter may send it as a plain number, because the name says what it counts.
    """

    key: str = ""
    kind: Kind = Kind.MOMENTARY
    unit: Unit | None = None
    also: tuple[Quantity, ...] = ()
    diagnostic: bool = False
    water: bool = False
    decimals: int = 0
    fine: int = 0
    plain: bool = False

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
        """The unit of its entity; that of a plain number if there is none to show."""
        return self.unit or NUMBER

    @property
    def total(self) -> bool:
        """Whether it is a counter."""
        return self.kind is Kind.TOTAL

    @property
    def state_class(self) -> str:
        """Home Assistant's state class."""
        name: str = STATE_CLASS_TOTAL_INCREASING if self.total else STATE_CLASS_MEASUREMENT
        return name

    @property
    def entity_category(self) -> str:
        """Home Assistant's entity category, empty for primary entities."""
        return ENTITY_CATEGORY_DIAGNOSTIC if self.diagnostic else ""

    def default_decimals(self, unit: Unit | None) -> int:
        """Return the decimals of its entity in this unit."""
        return unit.decimals if unit else self.decimals

    def device_class(self, unit: Unit | None) -> str | None:
        """Return Home Assistant's device class for this register in this unit."""
        if unit is None:
            return None
        is_water = self.water and unit.quantity is Quantity.VOLUME
        return DEVICE_CLASS_WATER if is_water else device_class(unit)


@dataclass(frozen=True)
class TextRegister(Register):
    """A register with a key of its own under `text_sensor`.

    key: the key in YAML.
    identity: says which meter it is or how it is set up: read after connecting and daily, and
        diagnostic.
    only_number: the entity shows only numbers.
    """

    key: str = ""
    identity: bool = False
    only_number: bool = False


def _numeric(
    kind: Kind, key: str, number: int, meaning: str, known: str, unit: str = "", **more: Any
) -> NumericRegister:
    if unit and unit not in UNIT_BY_SYMBOL:
        allowed = ", ".join(filter(None, UNIT_BY_SYMBOL))
        raise ValueError(f"register {number}: the unit '{unit}' is not one of {allowed}")
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
_TIME_OR_DATE = "or its day: not certain; shown as its unit says"

# fmt: off
NUMERIC_REGISTERS: tuple[NumericRegister, ...] = (
    _total("heat_energy", HEAT_ENERGY, "E1, heat energy", "601 402 602 403 603 302", "kWh",
           fine=FINE_HEAT_ENERGY),
    _total("cooling_energy", COOLING_ENERGY, "E3, cooling energy", "601 402 602 403 603 302", "kWh",
           fine=FINE_COOLING_ENERGY),
    _total("energy_e2", 94, "E2, control energy", "601 602? 603", "kWh"),
    _total("energy_e4", 61, "E4, supply energy", "601 602? 603", "kWh"),
    _total("energy_e5", 62, "E5, return energy", "601 602? 603", "kWh"),
    _total("energy_e6", 95, "E6, tap water energy", "601 603", "kWh"),
    _total("energy_e7", 96, "E7, heat energy Y", "601 603", "kWh",
           note="one 403 did not answer when asked for it alone"),
    _total("volume", 68, "V1, volume", "601 402 602 403 603 302 62 21", "m³"),
    _total("volume_2", 69, "V2, volume", "601 602? 603", "m³"),
    _total("mass", 72, "M1, mass", "601 602? 603", "kg"),
    _total("mass_2", 73, "M2, mass", "601 602? 603", "kg"),
    _total("volume_temperature_supply", 97, "E8, volume times supply temperature",
           "601 402 602 403 603 302", "m³·°C"),
    _total("volume_temperature_return", 110, "E9, volume times return temperature",
           "601 402 602 403 603 302", "m³·°C"),
    _total("input_a", 84, "VA, pulse input A",
           "601 402 602? 403? 603 62", "m³", also=_IN_ENERGY, water=True),
    _total("input_b", 85, "VB, pulse input B",
           "601 402 602? 403? 603 62", "m³", also=_IN_ENERGY, water=True),
    _total("input_a2", 224, "A2, pulse input A2", "603", "m³", also=_IN_ENERGY, water=True),
    _total("input_b2", 225, "B2, pulse input B2", "603", "m³", also=_IN_ENERGY, water=True),
    _total("tariff_2", 64, "TA2, tariff register 2", "601 402 603", "kWh", also=_IN_VOLUME),
    _total("tariff_3", 65, "TA3, tariff register 3", "601 402 603", "kWh", also=_IN_VOLUME),
    _total("tariff_4", 362, "TA4, tariff register 4", "603", "kWh", also=_IN_VOLUME),
    _total("discount_energy", 364, "A1, energy at a discount", "603", "kWh"),
    _total("surcharge_energy", 365, "A2, energy at a surcharge", "603", "kWh"),
    _total("operating_hours", 1004, "Operating hours",
           "601 402 602 403 603 302 62 21", "h", diagnostic=True, plain=True),
    _total("error_hours", 175, "Error hours", "601 602? 403? 603 62", "h", diagnostic=True,
           plain=True),
    _total("info_event_count", 113, "Info events", "601 602 403 603 302 62", diagnostic=True),
    _total("config_change_count", 222, "Configuration changes", "403? 603", diagnostic=True),

    _momentary("power", 80, "Power of V1 and T1-T2", "601 402 602 403 603 302", "kW"),
    _momentary("flow", 74, "Flow of V1", "601 402 602 403 603 302 62 21", "L/h"),
    _momentary("flow_2", 75, "Flow of V2", "601 602? 603", "L/h"),
    _momentary("supply_temperature", 86, "T1, supply temperature", "601 402 602 403 603 302", "°C"),
    _momentary("return_temperature", 87, "T2, return temperature", "601 402 602 403 603 302", "°C"),
    _momentary("temperature_3", 88, "T3", "601 602? 603", "°C"),
    _momentary("temperature_4", 122, "T4", "601 602? 603", "°C"),
    _momentary("temperature_difference", 89, "T1-T2", "601 402 602 403 603 302", "K"),
    _momentary("pressure_1", 91, "P1", "601 603", "bar"),
    _momentary("pressure_2", 92, "P2", "601 603", "bar"),
    _momentary("cop", 371, "Coefficient of performance of a heat pump", "603", decimals=2),
    _momentary("input_b_power", 372, "Power at pulse input B", "603", "kW"),
    _momentary("battery_days_left", 582, "Battery days left",
               "403? 603? flowIQ", "d", diagnostic=True, plain=True,
               note="not known whether a heat meter has it"),

    _lasting("max_flow_year", 124, "Largest flow this year", "601 402 602 403 603 302 62", "L/h"),
    _lasting("min_flow_year", 126, "Smallest flow this year", "601 402 602 403 603 62", "L/h"),
    _lasting("max_power_year", 128, "Largest power this year", "601 402 602 403 603 302", "kW"),
    _lasting("min_power_year", 130, "Smallest power this year", "601 402 602 403 603", "kW"),
    _lasting("max_flow_month", 139, "Largest flow this month", "601 402 602 403 603 302 62", "L/h"),
    _lasting("min_flow_month", 141, "Smallest flow this month", "601 402 602 403 603 62", "L/h"),
    _lasting("max_power_month", 143, "Largest power this month", "601 402 602 403 603 302", "kW"),
    _lasting("min_power_month", 145, "Smallest power this month", "601 402 602 403 603", "kW"),
    _lasting("max_flow_day", 241, "Largest flow today", "403? 603", "L/h"),
    _lasting("min_flow_day", 242, "Smallest flow today", "403? 603", "L/h"),
    _lasting("average_supply_temperature_year", 146, "Average T1 this year",
             "601 402 602 403 603 302", "°C"),
    _lasting("average_return_temperature_year", 147, "Average T2 this year",
             "601 402 602 403 603 302", "°C"),
    _lasting("average_supply_temperature_month", 149, "Average T1 this month",
             "601 402 602 403 603 302", "°C"),
    _lasting("average_return_temperature_month", 150, "Average T2 this month",
             "601 402 602 403 603 302", "°C"),
    _lasting("average_supply_temperature_day", 379, "Average T1 of a day", "403? 603", "°C"),
    _lasting("average_return_temperature_day", 380, "Average T2 of a day", "403? 603", "°C"),
    _lasting("average_supply_temperature_hour", 381, "Average T1 of an hour", "403? 603", "°C"),
    _lasting("average_return_temperature_hour", 382, "Average T2 of an hour", "403? 603", "°C"),
    _lasting("cop_year", 355, "Coefficient of performance this year", "603", decimals=2),
    _lasting("cop_month", 367, "Coefficient of performance this month", "603", decimals=2),
)

TEXT_REGISTERS: tuple[TextRegister, ...] = (
    _identity("serial_number", SERIAL_NUMBER, "Serial number", "601 402 602 403 603 302 62"),
    _identity("software_revision", SOFTWARE_EDITION, "Software edition", "601 602? 403? 603 302 62",
              note="asked for only if GetType gives no revision; documented as the meter type "
              "for a 302"),
    _identity("customer_number", CUSTOMER_NUMBER_LOW, "Customer number",
              "601 402 602? 403? 603 302 62",
              note="the eight low digits; the eight high ones are in 112", only_number=True),
    _identity("meter_time", DATE_TIME, "Date and time", "403? 603",
              note="without it, 1003 (date) and 1002 (clock)"),
    _identity("program_number", 152, "Program number, ABCCCCCC", "601 402 602? 403? 62"),
    _identity("configuration_1", 153, "Configuration 1, DDDEE", "601 402 602? 403? 603 302 62",
              note="ABDDD on a 302"),
    _identity("configuration_2", 168, "Configuration 2, FFGGMN", "601 402 602? 403? 603 302 62",
              note="EFGHHMMM on a 302"),
    _identity("configuration_3", 228, "Configuration 3", "403? 603"),
    _identity("configuration_4", 368, "Configuration 4", "403? 603"),
    _identity("type_number", 254, "Type number", "403? 603",
              note="a text; captured from a KWM2231 water meter"),
    _identity("target_date", 98, "Target date of the year", "601 402 602? 403? 603 302 62"),
    _identity("input_a_meter_number", 114, "Number of the meter at input A",
              "601 402 602? 403? 603 62"),
    _identity("input_b_meter_number", 104, "Number of the meter at input B",
              "601 402 602? 403? 603 62"),
    _text("info", INFO_BITS, "Active info codes by name", "403? 603",
          note="without it, 99: see Info codes", only_number=True),
    _text("max_flow_year_date", 123, "Day of the largest flow this year",
          "601 402 602 403 603 302 62"),
    _text("min_flow_year_date", 125, "Day of the smallest flow this year",
          "601 402 602 403 603 62"),
    _text("max_power_year_date", 127, "Day of the largest power this year",
          "601 402 602 403 603 302"),
    _text("min_power_year_date", 129, "Day of the smallest power this year", "601 402 602 403 603"),
    _text("max_flow_month_date", 138, "Day of the largest flow this month",
          "601 402 602 403 603 302 62"),
    _text("min_flow_month_date", 140, "Day of the smallest flow this month",
          "601 402 602 403 603 62"),
    _text("max_power_month_date", 142, "Day of the largest power this month",
          "601 402 602 403 603 302"),
    _text("min_power_month_date", 144, "Day of the smallest power this month",
          "601 402 602 403 603"),
    _text("max_flow_year_time", 383, "Time of the largest flow this year", "403? 603",
          note=_TIME_OR_DATE),
    _text("min_flow_year_time", 384, "Time of the smallest flow this year", "403? 603",
          note=_TIME_OR_DATE),
    _text("max_power_year_time", 385, "Time of the largest power this year", "403? 603",
          note=_TIME_OR_DATE),
    _text("min_power_year_time", 386, "Time of the smallest power this year", "403? 603",
          note=_TIME_OR_DATE),
    _text("max_flow_month_time", 387, "Time of the largest flow this month", "403? 603",
          note=_TIME_OR_DATE),
    _text("min_flow_month_time", 388, "Time of the smallest flow this month", "403? 603",
          note=_TIME_OR_DATE),
    _text("max_power_month_time", 389, "Time of the largest power this month", "403? 603",
          note=_TIME_OR_DATE),
    _text("min_power_month_time", 390, "Time of the smallest power this month", "403? 603",
          note=_TIME_OR_DATE),
)

#: Registers without a key of their own: parts of an entity above, or of interest to few. All can be
#: read by number.
OTHER_REGISTERS: tuple[Register, ...] = (
    Register(66, "TL2, limit of tariff 2", "601 402 603"),
    Register(67, "TL3, limit of tariff 3", "601 402 603"),
    Register(INFO, "Info code", "601 402 602 403 603 302 62 21", part_of=INFO_BITS,
             is_stand_in=True),
    Register(CUSTOMER_NUMBER_HIGH, "Customer number, high digits", "601 402 602? 403? 603 302 62",
             part_of=CUSTOMER_NUMBER_LOW),
    Register(154, "Checksum of the software", "601 602? 603 302 62"),
    Register(155, "E1 in fine steps, a rolling counter", "601 402 602",
             "where it rolls over is not documented, so it is not joined with 60"),
    Register(157, "Top module", "601 602? 62"),
    Register(158, "Base module", "601 602? 62"),
    Register(178, "dE, differential energy", "603"),
    Register(179, "cE, control energy", "603"),
    Register(180, "dV, differential volume", "603"),
    Register(181, "cV, control volume", "603"),
    Register(184, "M-Bus, primary address", "603 302", "the 801 has it, too"),
    Register(185, "M-Bus, secondary address", "603 302", "the 801 has it, too"),
    Register(223, "V1 in fine steps, older meters", "402",
             "whether it rolls over is not documented"),
    Register(229, "Average T1 since the last integration", "402 603 302"),
    Register(230, "Average T2 since the last integration", "402 603 302"),
    Register(234, "Litres per pulse at input A", "601 602? 603 62"),
    Register(235, "Litres per pulse at input B", "601 602? 603 62"),
    Register(239, "V1 in fine steps", "603 302 62", "whether it rolls over is not documented"),
    Register(243, "V1 backwards", "603 21",
             "called reverse flow elsewhere; a water meter sends it as a volume, in m³"),
    Register(FINE_HEAT_ENERGY, "E1 in fine steps, rolls over every 10 MWh", "403 603 302",
             part_of=HEAT_ENERGY),
    Register(FINE_COOLING_ENERGY, "E3 in fine steps, rolls over every 10 MWh", "403? 603 302",
             part_of=COOLING_ENERGY),
    Register(268, "Averaging time of peaks", "603"),
    Register(292, "Water temperature", "21", "in °C"),
    Register(299, "Temperature of the meter", "21", "in °C"),
    Register(327, "Target date 1", "603"),
    Register(328, "Target date 2", "603"),
    Register(338, "Data quality", "603"),
    Register(346, "Software revision of the module", "603"),
    Register(366, "Limit of t5", "603"),
    Register(473, "E10", "603"),
    Register(474, "E11", "603"),
    Register(CLOCK, "Clock", "601 402 602 403 603 302 62", part_of=DATE),
    Register(DATE, "Date", "601 402 602 403 603 302 62", part_of=DATE_TIME, is_stand_in=True),
)
# fmt: on

REGISTERS: tuple[Register, ...] = (*NUMERIC_REGISTERS, *TEXT_REGISTERS, *OTHER_REGISTERS)
REGISTER_BY_NUMBER: dict[int, Register] = {row.number: row for row in REGISTERS}
NUMERIC_BY_NUMBER: dict[int, NumericRegister] = {row.number: row for row in NUMERIC_REGISTERS}
