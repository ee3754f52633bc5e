"""The tables of registers and units are consistent, and agree with ESPHome and with the wire."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import esphome.config_validation as cv
import pytest
from check_tables import problems
from esphome.components.sensor import DEVICE_CLASSES as ESPHOME_DEVICE_CLASSES
from esphome.core.config import UNIT_OF_MEASUREMENT_MAX_LENGTH
from multical.keys import OTHER_TEXTS
from multical.registers import (
    METERS,
    NUMERIC_REGISTERS,
    OTHER_REGISTERS,
    REGISTER_BY_NUMBER,
    REGISTERS,
    TEXT_REGISTERS,
    NumericRegister,
    _momentary,
)
from multical.sensor import LINK_SCHEMAS
from multical.units import (
    DEVICE_CLASSES,
    NUMBER,
    SPELLINGS,
    UNIT_BY_SYMBOL,
    UNITS,
    WIRE_UNITS,
    WITHOUT_AMOUNT,
    Quantity,
    Unit,
    device_class,
    selectable_units,
)

#: The firmware's marker for "publish in the meter's unit", which no unit may have.
UNIT_AS_SENT = 0xFF

#: What a block has next to the registers' keys, or might have some day.
OTHER_KEYS = {"platform", "id", "multical_id", "registers", "update_interval", "name"}

#: Register -> the register whose entity shows it, too.
PARTS = {99: 369, 112: 1010, 266: 60, 267: 63, 1002: 1003, 1003: 348}
#: Those that are asked for only if a meter does not have the other one.
STAND_INS = {99, 1003}

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

each_register = pytest.mark.parametrize("register", REGISTERS, ids=lambda r: str(r.number))
each_numeric = pytest.mark.parametrize("register", NUMERIC_REGISTERS, ids=lambda r: r.key)
each_unit = pytest.mark.parametrize("unit", UNITS, ids=lambda u: f"{u.number} {u.symbol}")


def test_nothing_is_wrong() -> None:
    assert list(problems(REGISTERS)) == []
    assert all(REGISTER_BY_NUMBER[register.number] is register for register in REGISTERS)


POWER = next(row for row in NUMERIC_REGISTERS if row.key == "power")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "register 80 is in the table twice"),
        ({"number": 70_000, "key": "a"}, "register 70000: the number must be from 1 to 65535"),
        ({"number": 9999}, "register 9999 has the key 'power' of register 80"),
        (
            {"number": 9999, "key": "Outdoor"},
            "register 9999: the key 'Outdoor' must be words like max_flow_year",
        ),
        ({"number": 9999, "key": "a", "meaning": ""}, "register 9999: say what it means"),
        (
            {"number": 9999, "key": "a", "note": 'a "b"'},
            'register 9999: its text must be without |, " and \\',
        ),
        (
            {"number": 9999, "key": "a", "known": "303"},
            f"register 9999: '303' is not one of the METERS {', '.join(METERS)}",
        ),
        (
            {"number": 9999, "key": "a", "known": "603?"},
            "register 9999: name a meter that is known to have it, without '?'",
        ),
        (
            {"number": 9999, "key": "a", "known": "603 402?"},
            "register 9999: list its meters in the order of METERS, '402? 603'",
        ),
    ],
)
def test_mistakes_are_named(changes: dict[str, Any], said: str) -> None:
    wrong = replace(POWER, **changes)
    assert list(problems([*REGISTERS, wrong])) == [said]


def test_a_register_without_a_key_is_moved() -> None:
    """The one in the list of registers without a key."""
    new = replace(POWER, number=229, key="average_supply_temperature")
    assert list(problems([new, *REGISTERS])) == [
        "register 229 is in the table twice: move it from OTHER_REGISTERS"
    ]


def test_unit_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match=r"register 9999: the unit 'C' is not one of Wh, kWh"):
        _momentary("a", 9999, "A", "603", "C")


def test_keys_are_not_those_of_something_else() -> None:
    numeric = {register.key for register in NUMERIC_REGISTERS}
    text = {register.key for register in TEXT_REGISTERS}
    assert (OTHER_KEYS | set(LINK_SCHEMAS)).isdisjoint(numeric)
    assert (OTHER_KEYS | set(OTHER_TEXTS)).isdisjoint(text)


# On which meters


def test_meters() -> None:
    assert all(re.fullmatch("[A-Za-z0-9]+", name) for name in METERS)
    assert all(meter.names and meter.evidence for meter in METERS.values())
    assert len({meter.names for meter in METERS.values()}) == len(METERS)
    assert {name for register in REGISTERS for name in register.meters} == set(METERS)


def test_meters_of_a_register() -> None:
    """A question mark means doubt."""
    assert REGISTER_BY_NUMBER[348].known == "403? 603"
    assert REGISTER_BY_NUMBER[348].meters == {"403": False, "603": True}


# Registers that belong together


def test_302_has_what_its_technical_description_lists() -> None:
    # 5512-1334 F1, page 68, in its order.
    listed = (
        *(1003, 1002, 99, 113, 1004, 60, 63, 97, 110, 68, 86, 87, 89, 74, 80, 239, 266, 267, 98),
        *(146, 147, 149, 150, 229, 230, 123, 124, 127, 128, 138, 139, 142, 143, 153, 168),
        *(1001, 112, 1010, 1005, 184, 185, 154),
    )
    have = {row.number for row in REGISTERS if "302" in row.meters}
    assert have == {*listed}
    assert all(row.meters["302"] for row in REGISTERS if row.number in have)


def test_parts() -> None:
    assert {row.number: row.part_of for row in REGISTERS if row.part_of} == PARTS
    assert {row.number for row in REGISTERS if row.is_stand_in} == STAND_INS


@pytest.mark.parametrize("number", PARTS)
def test_part_is_shown_by_an_entity(number: int) -> None:
    """It has no key of its own, and the register that it is part of leads to one."""
    register = REGISTER_BY_NUMBER[number]
    assert register in OTHER_REGISTERS
    for _ in PARTS:
        if register.part_of:
            register = REGISTER_BY_NUMBER[register.part_of]
    assert register in (*NUMERIC_REGISTERS, *TEXT_REGISTERS)


def test_fine_registers_are_parts() -> None:
    fine = {row.number: row.fine for row in NUMERIC_REGISTERS if row.fine}
    assert fine == {60: 266, 63: 267}
    assert all(PARTS[part] == whole for whole, part in fine.items())


# Units of registers


@each_numeric
def test_units_of_a_register(register: NumericRegister) -> None:
    assert register.default_unit is (register.unit or NUMBER)
    assert (register.default_unit in register.units) == (register.unit is not None)


@each_numeric
def test_state_class_fits_device_class(register: NumericRegister) -> None:
    """In every unit that the user may choose."""
    for unit in register.units:
        shown = register.device_class(unit)
        assert shown is None or register.state_class in STATE_CLASSES[shown]


@pytest.mark.parametrize(("key", "schema"), LINK_SCHEMAS.items(), ids=LINK_SCHEMAS)
def test_state_class_of_the_link_fits_device_class(key: str, schema: cv.Schema) -> None:
    entity = schema({"name": key})
    shown = entity.get("device_class")
    assert shown is None or entity["state_class"] in STATE_CLASSES[shown]


# Units


def test_units_are_unique() -> None:
    assert len({unit.number for unit in UNITS}) == len(UNITS)
    assert len(UNIT_BY_SYMBOL) == len(UNITS)


@each_unit
def test_unit(unit: Unit) -> None:
    assert 0 <= unit.number < UNIT_AS_SENT
    # As wide as in the firmware's table.
    assert 1 <= unit.factor <= 0xFFFF
    assert -128 <= unit.exponent <= 127
    # A float has no more than 9 digits.
    assert 0 <= unit.decimals <= 9


@pytest.mark.parametrize("unit", selectable_units(*Quantity), ids=lambda unit: unit.symbol)
def test_selectable_unit_fits_esphome(unit: Unit) -> None:
    assert unit.symbol
    assert len(unit.symbol.encode()) <= UNIT_OF_MEASUREMENT_MAX_LENGTH


def test_units_of_our_own_are_not_on_the_wire() -> None:
    assert {unit.symbol for unit in UNITS if unit.number >= WIRE_UNITS} == {
        "kg",
        "L/min",
        "L/s",
        "kPa",
        "mbar",
    }


def test_plain_number() -> None:
    assert (NUMBER.number, NUMBER.quantity) == (51, Quantity.NUMBER)
    assert selectable_units(Quantity.NUMBER) == []


def test_spellings_lead_to_units() -> None:
    assert set(SPELLINGS.values()) <= set(UNIT_BY_SYMBOL)
    assert set(SPELLINGS).isdisjoint(UNIT_BY_SYMBOL)


@pytest.mark.parametrize("quantity", DEVICE_CLASSES)
def test_device_class(quantity: Quantity) -> None:
    """ESPHome knows it, and its units exist and measure the same quantity."""
    name, accepted = DEVICE_CLASSES[quantity]
    assert name in ESPHOME_DEVICE_CLASSES
    assert name in STATE_CLASSES
    for symbol in accepted:
        unit = UNIT_BY_SYMBOL[symbol]
        assert unit.quantity is quantity
        assert unit in selectable_units(quantity)
        assert device_class(unit) == name


#: Units of one quantity, from large to small, and how many of the next one each is.
CHAINS = (
    "GWh | 1000 | MWh | 1000 | kWh | 1000 | Wh | 3600 | J",
    "GJ x 10 | 10 | GJ | 1000 | MJ | 1000 | kJ | 1000 | J",
    "Gcal | 1000 | Mcal | 1000 | kcal | 1000 | cal | 4.1868 | J",
    "Gvarh | 1000 | Mvarh | 1000 | kvarh | 1000 | varh",
    "GVAh | 1000 | MVAh | 1000 | kVAh | 1000 | VAh",
    "GW | 1000 | MW | 1000 | kW | 1000 | W",
    "Gvar | 1000 | Mvar | 1000 | kvar | 1000 | var",
    "GVA | 1000 | MVA | 1000 | kVA | 1000 | VA",
    "kV | 1000 | V",
    "kA | 1000 | A",
    "m³ x 10 | 10 | m³ | 1000 | L",
    "m³/h | 1000 | L/h",
    "L/s | 60 | L/min | 60 | L/h",
    "t x 10 | 10 | t | 1000 | kg",
    "d | 24 | h | 60 | min | 60 | s | 1000 | ms",
    "bar | 100 | kPa | 10 | mbar",
)


@pytest.mark.parametrize("chain", CHAINS)
def test_conversion(chain: str) -> None:
    words = chain.split(" | ")
    units = [UNIT_BY_SYMBOL[symbol] for symbol in words[::2]]
    sizes = [unit.factor * Fraction(10) ** unit.exponent for unit in units]
    ratios = [larger / smaller for larger, smaller in pairwise(sizes)]
    assert ratios == [Fraction(ratio) for ratio in words[1::2]]
    assert len({unit.quantity for unit in units}) == 1


def test_no_conversion_is_forgotten() -> None:
    checked = {symbol for chain in CHAINS for symbol in chain.split(" | ")[::2]}
    for quantity in set(Quantity) - WITHOUT_AMOUNT - {Quantity.NUMBER}:
        symbols = {unit.symbol for unit in UNITS if unit.quantity is quantity}
        assert len(symbols) == 1 or symbols <= checked
