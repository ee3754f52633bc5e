"""The registers that have a key of their own: what they hold and how an entity shows it.

Source: Kamstrup 5512-447, 5.2, for the meaning of the numbers on MULTICAL 601 and 801; that 402,
403, 602 and 603 use the same ones rests on captured frames and on other open implementations.
582 was captured on a flowIQ 2200 water meter only; whether a heat meter answers it is not known.
"""

from __future__ import annotations

from dataclasses import dataclass

from esphome.const import (
    DEVICE_CLASS_WATER,
    ENTITY_CATEGORY_DIAGNOSTIC,
    STATE_CLASS_MEASUREMENT,
    STATE_CLASS_TOTAL_INCREASING,
)

from .units import UNIT_BY_SYMBOL, Quantity, Unit, device_class, selectable_units

#: Register numbers are two bytes on the wire; 0 is none.
MIN_REGISTER = 1
MAX_REGISTER = 0xFFFF

#: Whatever register has these, by number; they are asked once after connecting and daily.
SERIAL_NUMBER = 1001
SOFTWARE_EDITION = 1005


@dataclass(frozen=True)
class Register:
    """A numeric register.

    key: the key in YAML.
    number: the register's number.
    meaning: in Kamstrup's words and ours.
    unit: default unit of the entity; None for a plain number.
    also: further quantities that the register can hold, depending on the meter's configuration.
    total: a counter, which only grows; otherwise a value of the moment.
    diagnostic: about the meter, not about the heat.
    water: a volume that is water from a tap.
    """

    key: str
    number: int
    meaning: str
    unit: Unit | None
    also: tuple[Quantity, ...] = ()
    total: bool = False
    diagnostic: bool = False
    water: bool = False

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What the register can hold."""
        return (self.unit.quantity if self.unit else Quantity.NUMBER, *self.also)

    @property
    def units(self) -> list[Unit]:
        """The units that its entity can be given."""
        return selectable_units(*self.quantities)

    @property
    def state_class(self) -> str:
        """Home Assistant's state class."""
        return STATE_CLASS_TOTAL_INCREASING if self.total else STATE_CLASS_MEASUREMENT

    @property
    def entity_category(self) -> str:
        """Home Assistant's entity category, empty for the primary ones."""
        return ENTITY_CATEGORY_DIAGNOSTIC if self.diagnostic else ""

    def device_class(self, unit: Unit | None) -> str | None:
        """Return Home Assistant's device class for this register in this unit."""
        if unit is None:
            return None
        if self.water and unit.quantity is Quantity.VOLUME:
            return DEVICE_CLASS_WATER
        return device_class(unit)


def _total(key: str, number: int, meaning: str, unit: str | None, **more: object) -> Register:
    return Register(
        key, number, meaning, UNIT_BY_SYMBOL[unit] if unit else None, total=True, **more
    )


def _momentary(key: str, number: int, meaning: str, unit: str, **more: object) -> Register:
    return Register(key, number, meaning, UNIT_BY_SYMBOL[unit], **more)


REGISTERS: tuple[Register, ...] = (
    _total("heat_energy", 60, "E1, heat energy", "kWh"),
    _total("cooling_energy", 63, "E3, cooling energy", "kWh"),
    _total("energy_e2", 94, "E2, control energy", "kWh"),
    _total("energy_e4", 61, "E4, supply energy", "kWh"),
    _total("energy_e5", 62, "E5, return energy", "kWh"),
    _total("energy_e6", 95, "E6, tap water energy", "kWh"),
    _total("energy_e7", 96, "E7, heat energy Y", "kWh"),
    _total("volume", 68, "V1, volume", "m³"),
    _total("volume_2", 69, "V2, volume", "m³"),
    _total("mass", 72, "M1, mass", "kg"),
    _total("mass_2", 73, "M2, mass", "kg"),
    _total("volume_temperature_supply", 97, "E8, volume times supply temperature", "m³·°C"),
    _total("volume_temperature_return", 110, "E9, volume times return temperature", "m³·°C"),
    _total("input_a", 84, "VA, pulse input A", "m³", also=(Quantity.ENERGY,), water=True),
    _total("input_b", 85, "VB, pulse input B", "m³", also=(Quantity.ENERGY,), water=True),
    _total("tariff_2", 64, "TA2, tariff register 2", "kWh", also=(Quantity.VOLUME,)),
    _total("tariff_3", 65, "TA3, tariff register 3", "kWh", also=(Quantity.VOLUME,)),
    _total("operating_hours", 1004, "Operating hours", "h", diagnostic=True),
    _total("error_hours", 175, "Error hours", "h", diagnostic=True),
    _total("info_event_count", 113, "Info events", None, diagnostic=True),
    _momentary("power", 80, "Power of V1 and T1-T2", "kW"),
    _momentary("flow", 74, "Flow of V1", "L/h"),
    _momentary("flow_2", 75, "Flow of V2", "L/h"),
    _momentary("supply_temperature", 86, "T1, supply temperature", "°C"),
    _momentary("return_temperature", 87, "T2, return temperature", "°C"),
    _momentary("temperature_3", 88, "T3", "°C"),
    _momentary("temperature_4", 122, "T4", "°C"),
    _momentary("temperature_difference", 89, "T1-T2", "K"),
    _momentary("pressure_1", 91, "P1", "bar"),
    _momentary("pressure_2", 92, "P2", "bar"),
    _momentary("battery_days_left", 582, "Battery days left", "d", diagnostic=True),
)

REGISTER_BY_NUMBER: dict[int, Register] = {register.number: register for register in REGISTERS}
