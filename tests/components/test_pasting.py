"""What a scan prints can be pasted, and then accepts whatever the meter sends."""

from __future__ import annotations

import pytest
from kmp import library
from kmp.library import FoundRegister, YamlPlace
from multical.registers import REGISTERS, NumericRegister
from multical.units import UNIT_BY_SYMBOL, UNITS

from .harness import Workbench, device
from .pasting import refused

#: Everything in the catalogue, and one register that is not.
NUMBERS = sorted({register.number for register in REGISTERS} | {700})
#: Every known unit, and some unknown ones.
UNIT_BYTES = sorted({unit.number for unit in UNITS} | {67, 128, 255})
HOURS, NUMBER, KWH, CUBIC_METRE, LITRE_PER_HOUR = 46, 51, 2, 40, 41

_PLATFORMS = {"sensor": YamlPlace.SENSOR, "text_sensor": YamlPlace.TEXT_SENSOR}


def scanned(unit: int, is_number: bool) -> dict[int, FoundRegister]:
    """Return what a scan offers if a meter has every register and sends them all like this."""
    found = {number: library.found_register(number, unit, is_number) for number in NUMBERS}
    return {number: entity for number, entity in found.items() if not entity.part_of}


def pasted(offered: dict[int, FoundRegister], unit: int) -> str:
    """Return the YAML of these entities."""
    more = f', unit_of_measurement: "{library.unit_name(unit)}"'
    lines: list[str] = []
    for platform, place in _PLATFORMS.items():
        keyed = {n: e for n, e in offered.items() if e.place == place}
        listed = {n: e for n, e in offered.items() if e.place == place + 1}
        lines += [f"{platform}:", "  - platform: multical"]
        for entity in keyed.values():
            lines.append(f"    {entity.name}: {{name: {entity.name}{more * entity.needs_unit}}}")
        lines += ["    registers:"] if listed else []
        for number, entity in listed.items():
            name = f"{number} {entity.name}"
            lines.append(
                f'      - {{register: {number}, name: "{name}"{more * entity.needs_unit}}}'
            )
    return "multical:\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize("is_number", [True, False])
@pytest.mark.parametrize("unit", UNIT_BYTES)
def test_every_register_in_every_unit(bench: Workbench, unit: int, is_number: bool) -> None:
    """The YAML is valid, and none of its sensors refuses the value."""
    offered = scanned(unit, is_number)
    config = bench.accept(device(pasted(offered, unit)))
    assert refused(config, dict.fromkeys(NUMBERS, (unit, is_number))) == []


@pytest.mark.parametrize(
    ("register", "unit", "is_number", "place", "needs_unit"),
    [
        # A name that says what it counts, in the two units of a plain number.
        (1004, NUMBER, True, YamlPlace.SENSOR, False),
        (1004, 0, True, YamlPlace.SENSOR, False),
        (175, NUMBER, True, YamlPlace.SENSOR, False),
        (1004, HOURS, True, YamlPlace.SENSOR, False),
        (1004, KWH, True, YamlPlace.TEXT_SENSOR_BY_NUMBER, False),
        # Energy may come in any unit, so a plain number has none.
        (60, NUMBER, True, YamlPlace.TEXT_SENSOR_BY_NUMBER, False),
        (60, KWH, True, YamlPlace.SENSOR, False),
        (84, CUBIC_METRE, True, YamlPlace.SENSOR, False),
        (84, KWH, True, YamlPlace.SENSOR, True),
        (84, HOURS, True, YamlPlace.TEXT_SENSOR_BY_NUMBER, False),
        (113, NUMBER, True, YamlPlace.SENSOR, False),
        (113, HOURS, True, YamlPlace.TEXT_SENSOR_BY_NUMBER, False),
        (243, CUBIC_METRE, True, YamlPlace.SENSOR_BY_NUMBER, True),
        (243, LITRE_PER_HOUR, True, YamlPlace.SENSOR_BY_NUMBER, True),
        (700, NUMBER, True, YamlPlace.TEXT_SENSOR_BY_NUMBER, False),
        (1001, NUMBER, True, YamlPlace.TEXT_SENSOR, False),
        # A register without a unit in the catalogue still has a key.
        (153, KWH, False, YamlPlace.TEXT_SENSOR, False),
        (348, KWH, False, YamlPlace.TEXT_SENSOR, False),
        (1005, KWH, False, YamlPlace.TEXT_SENSOR, False),
        # An entity that shows only numbers is offered only for numbers.
        (99, NUMBER, True, YamlPlace.TEXT_SENSOR, False),
        (99, NUMBER, False, YamlPlace.TEXT_SENSOR_BY_NUMBER, False),
        (369, NUMBER, True, YamlPlace.TEXT_SENSOR, False),
        (369, NUMBER, False, YamlPlace.TEXT_SENSOR_BY_NUMBER, False),
        (1010, NUMBER, True, YamlPlace.TEXT_SENSOR, False),
        (1010, NUMBER, False, YamlPlace.TEXT_SENSOR_BY_NUMBER, False),
    ],
)
def test_offered(
    register: int, unit: int, is_number: bool, place: YamlPlace, needs_unit: bool
) -> None:
    found = library.found_register(register, unit, is_number)
    assert (found.place, found.needs_unit) == (place, needs_unit)


def test_what_is_offered_by_number_has_a_unique_name() -> None:
    """ESPHome refuses two entities with one name, and a meter may have any of them."""
    names = [library.found_register(n, KWH, False).name for n in NUMBERS]
    shown = [
        name.replace("_", " ").lower()
        for number, name in zip(NUMBERS, names, strict=True)
        if not library.found_register(number, KWH, False).part_of
    ]
    assert len(set(shown)) == len(shown)


def test_a_plain_number_is_taken_where_the_name_says_its_unit() -> None:
    taken = {r.key: r.unit for r in REGISTERS if isinstance(r, NumericRegister) and r.plain}
    assert taken == {
        "operating_hours": UNIT_BY_SYMBOL["h"],
        "error_hours": UNIT_BY_SYMBOL["h"],
        "battery_days_left": UNIT_BY_SYMBOL["d"],
    }
