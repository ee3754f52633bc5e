"""The tables of registers and units agree with themselves, with ESPHome and with the wire."""

from __future__ import annotations

from fractions import Fraction

import esphome.config_validation as cv
import pytest
from esphome.components.sensor import DEVICE_CLASSES as ESPHOME_DEVICE_CLASSES
from esphome.core.config import UNIT_OF_MEASUREMENT_MAX_LENGTH
from multical.registers import REGISTER_BY_NUMBER, REGISTERS, Register
from multical.sensor import LINK_SCHEMAS
from multical.units import (
    DEVICE_CLASSES,
    NUMBER,
    SPELLINGS,
    UNIT_BY_SYMBOL,
    UNITS,
    WIRE_UNITS,
    Quantity,
    Unit,
    device_class,
    selectable_units,
)

#: The firmware's sign for "publish in the meter's unit", which no unit may have.
UNIT_AS_SENT = 0xFF

#: What stands beside the registers' keys in a sensor block, or might some day.
OTHER_KEYS = {
    "platform",
    "id",
    "multical_id",
    "registers",
    "update_interval",
    "name",
    *LINK_SCHEMAS,
}

#: Home Assistant logs a warning about an entity whose state class is not one of these for its
#: device class (DEVICE_CLASS_STATE_CLASSES in its components/sensor/const.py).
TOTALS = {"total", "total_increasing"}
STATE_CLASSES = {
    "duration": {"measurement"} | TOTALS,
    "energy": TOTALS,
    "power": {"measurement"},
    "pressure": {"measurement"},
    "temperature": {"measurement"},
    "temperature_delta": {"measurement"},
    "volume": TOTALS,
    "volume_flow_rate": {"measurement"},
    "water": TOTALS,
    "weight": {"measurement"} | TOTALS,
}

each_register = pytest.mark.parametrize("register", REGISTERS, ids=lambda r: r.key)
each_unit = pytest.mark.parametrize("unit", UNITS, ids=lambda u: f"{u.number} {u.symbol}")


def test_registers_are_unique() -> None:
    keys = [register.key for register in REGISTERS]
    assert len(set(keys)) == len(keys) == len(REGISTER_BY_NUMBER)
    assert OTHER_KEYS.isdisjoint(keys)


@each_register
def test_register(register: Register) -> None:
    assert register.key.isidentifier()
    assert register.key.islower()
    assert 1 <= register.number <= 0xFFFF
    assert register.meaning
    if register.unit is None:
        assert register.units == []
    else:
        assert register.unit in register.units


@each_register
def test_state_class_fits_device_class(register: Register) -> None:
    """In every unit that the user may choose."""
    for unit in register.units:
        shown = register.device_class(unit)
        assert shown is None or register.state_class in STATE_CLASSES[shown]


@pytest.mark.parametrize(("key", "schema"), LINK_SCHEMAS.items(), ids=LINK_SCHEMAS)
def test_state_class_of_the_link_fits_device_class(key: str, schema: cv.Schema) -> None:
    entity = schema({"name": key})
    shown = entity.get("device_class")
    assert shown is None or entity["state_class"] in STATE_CLASSES[shown]


def test_units_are_unique() -> None:
    assert len({unit.number for unit in UNITS}) == len(UNITS)
    assert len(UNIT_BY_SYMBOL) == len(UNITS)


@each_unit
def test_unit(unit: Unit) -> None:
    assert 0 <= unit.number < UNIT_AS_SENT
    # As wide as the firmware's table has them.
    assert 1 <= unit.factor <= 0xFFFF
    assert -128 <= unit.exponent <= 127
    # A float has no more than 9 digits.
    assert 0 <= unit.decimals <= 9


@pytest.mark.parametrize("unit", selectable_units(*Quantity), ids=lambda unit: unit.symbol)
def test_selectable_unit_fits_esphome(unit: Unit) -> None:
    assert unit.symbol
    assert len(unit.symbol.encode()) <= UNIT_OF_MEASUREMENT_MAX_LENGTH


def test_units_of_our_own_are_not_on_the_wire() -> None:
    assert {unit.symbol for unit in UNITS if unit.number >= WIRE_UNITS} == {"kg", "L/min"}


def test_plain_number() -> None:
    assert (NUMBER.number, NUMBER.quantity) == (51, Quantity.NUMBER)
    assert selectable_units(Quantity.NUMBER) == []


def test_spellings_lead_to_units() -> None:
    assert set(SPELLINGS.values()) <= set(UNIT_BY_SYMBOL)
    assert set(SPELLINGS).isdisjoint(UNIT_BY_SYMBOL)


@pytest.mark.parametrize("quantity", DEVICE_CLASSES)
def test_device_class(quantity: Quantity) -> None:
    """ESPHome knows it, and its units exist and measure what it is about."""
    name, accepted = DEVICE_CLASSES[quantity]
    assert name in ESPHOME_DEVICE_CLASSES
    assert name in STATE_CLASSES
    for symbol in accepted:
        unit = UNIT_BY_SYMBOL[symbol]
        assert unit.quantity is quantity
        assert unit in selectable_units(quantity)
        assert device_class(unit) == name


@pytest.mark.parametrize(
    ("big", "ratio", "small"),
    [
        ("kWh", 1000, "Wh"),
        ("MWh", 1000, "kWh"),
        ("GWh", 1000, "MWh"),
        ("Wh", 3600, "J"),
        ("kJ", 1000, "J"),
        ("MJ", 1000, "kJ"),
        ("GJ", 1000, "MJ"),
        ("cal", Fraction("4.1868"), "J"),
        ("kcal", 1000, "cal"),
        ("Mcal", 1000, "kcal"),
        ("Gcal", 1000, "Mcal"),
        ("Gcal", 1163, "kWh"),
        ("GJ x 10", 10, "GJ"),
        ("kvarh", 1000, "varh"),
        ("Mvarh", 1000, "kvarh"),
        ("Gvarh", 1000, "Mvarh"),
        ("kVAh", 1000, "VAh"),
        ("MVAh", 1000, "kVAh"),
        ("GVAh", 1000, "MVAh"),
        ("kW", 1000, "W"),
        ("MW", 1000, "kW"),
        ("GW", 1000, "MW"),
        ("kvar", 1000, "var"),
        ("Mvar", 1000, "kvar"),
        ("Gvar", 1000, "Mvar"),
        ("kVA", 1000, "VA"),
        ("MVA", 1000, "kVA"),
        ("GVA", 1000, "MVA"),
        ("kV", 1000, "V"),
        ("kA", 1000, "A"),
        ("m³", 1000, "L"),
        ("m³ x 10", 10, "m³"),
        ("m³/h", 1000, "L/h"),
        ("L/min", 60, "L/h"),
        ("t", 1000, "kg"),
        ("t x 10", 10, "t"),
        ("d", 24, "h"),
        ("h", 60, "min"),
        ("min", 60, "s"),
        ("s", 1000, "ms"),
    ],
)
def test_conversion(big: str, ratio: int | Fraction, small: str) -> None:
    big_unit, small_unit = UNIT_BY_SYMBOL[big], UNIT_BY_SYMBOL[small]
    assert big_unit.quantity is small_unit.quantity
    assert _size(big_unit) == ratio * _size(small_unit)


def _size(unit: Unit) -> Fraction:
    return unit.factor * Fraction(10) ** unit.exponent
