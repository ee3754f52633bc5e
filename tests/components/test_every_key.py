"""What each key becomes in Home Assistant when the user gives only a name, and in C++.

The answers are in __snapshots__, for a person to read and approve: a change of the tables shows
there. `script/test tests/components/test_every_key.py --snapshot-update` rewrites them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from .devices import KEYS
from .harness import Code, Workbench, block, device

#: What Home Assistant is told about an entity besides its name.
ATTRIBUTES = (
    "device_class",
    "state_class",
    "unit_of_measurement",
    "accuracy_decimals",
    "entity_category",
)

#: Units that a sensor may have instead of its own: key -> units, also as people write them.
OTHER_UNITS = {
    "heat_energy": "Wh GJ",
    "energy_e7": "Gcal",
    "volume": "m3 m^3 l",
    "mass": "t ton",
    "volume_temperature_supply": "m3*C",
    "input_a": "kWh L",
    "input_b2": "Gcal",
    "tariff_2": "m³",
    "operating_hours": "d",
    "power": "W",
    "flow": "l/h l/min L/s m3/h",
    "max_flow_year": "L/min",
    "supply_temperature": "C",
    "pressure_1": "kPa mbar",
}
#: Registers by their number, one of each kind, and units.
BY_NUMBER = {
    60: ("",),
    1004: ("",),
    84: ("", "kWh"),
    113: ("",),
    371: ("",),
    124: ("", "m3/h"),
    # Their own entities show them as text, or only their digits.
    348: ("",),
    266: ("", "GJ", "m3", "mbar", "l/s", "kg", "°C", "kvarh", "%RH"),
    700: ("",),
    65535: ("",),
}
#: Platform, key and options of more entities.
OPTIONS = [
    *(
        ("sensor", key, f"unit_of_measurement: {unit}")
        for key, units in OTHER_UNITS.items()
        for unit in units.split()
    ),
    *(
        (
            "sensor",
            "registers",
            f"register: {register}{unit and f', unit_of_measurement: {unit!r}'}",
        )
        for register, units in BY_NUMBER.items()
        for unit in units
    ),
    *(("text_sensor", "registers", f"register: {number}") for number in (60, 348, 1001, 65535)),
    ("sensor", "registers", "register: 0x3C"),
    # Each at its own interval, or only on request.
    ("sensor", "power", "update_interval: 1min"),
    ("sensor", "power", "update_interval: never"),
    ("sensor", "heat_energy", "update_interval: never"),
    ("sensor", "cooling_energy", "update_interval: 5min"),
    ("sensor", "registers", "register: 266, update_interval: 24d"),
    ("text_sensor", "max_flow_year_date", "update_interval: 1s"),
    ("text_sensor", "registers", "register: 99, update_interval: never"),
    # Without the digits of the fine register it is a counter like the others. YAML reads some of
    # these words as false.
    *(
        ("sensor", "heat_energy", f"high_resolution: {word}")
        for word in ("auto", "'auto'", "off", "Off", "no", "false", "'off'")
    ),
    ("sensor", "heat_energy", "high_resolution: AUTO, unit_of_measurement: GJ"),
    ("sensor", "cooling_energy", "high_resolution: off, unit_of_measurement: GJ"),
    # The kind of a known register does not depend on what Home Assistant is told about it.
    ("sensor", "heat_energy", "state_class: measurement"),
    ("sensor", "volume", "state_class: measurement"),
    ("sensor", "power", "state_class: total"),
    ("sensor", "max_flow_day", "state_class: total"),
    # The user's settings are all that is known about an unknown register.
    ("sensor", "registers", "register: 266, state_class: total_increasing"),
    ("sensor", "registers", "register: 266, state_class: TOTAL INCREASING"),
    ("sensor", "registers", "register: 266, state_class: total"),
    ("sensor", "registers", "register: 266, state_class: measurement"),
    # The user's settings win; an empty text is ESPHome's way of saying "none".
    *(
        ("sensor", key, f"{attribute}: ''")
        for key in ("operating_hours", "reply_delay")
        for attribute in ("device_class", "state_class", "entity_category")
    ),
    *(
        (
            "sensor",
            key,
            f"{more}unit_of_measurement: GJ, accuracy_decimals: 1, device_class: energy_storage, "
            "state_class: total, entity_category: diagnostic",
        )
        for key, more in (
            ("heat_energy", ""),
            ("registers", "register: 60, "),
            ("registers", "register: 266, "),
            ("requests", ""),
        )
    ),
    ("text_sensor", "serial_number", "entity_category: ''"),
    ("text_sensor", "info", "entity_category: ''"),
    ("text_sensor", "link_advice", "entity_category: ''"),
    ("text_sensor", "max_flow_year_date", "entity_category: diagnostic"),
    ("text_sensor", "target_date", "device_class: date"),
    ("binary_sensor", "connected", "device_class: problem"),
    ("binary_sensor", "problem", "device_class: ''"),
    ("binary_sensor", "info_codes.low_battery", "device_class: battery, entity_category: ''"),
    ("button", "read", "entity_category: config"),
    ("button", "check_wiring", "entity_category: ''"),
]

#: Calls that ESPHome makes for every entity.
_ESPHOMES = re.compile(
    r"configure_entity_|set_(accuracy|unit|device_class|state_class|icon|trigger)"
)


def _entity(config: Mapping[str, Any], platform: str, key: str) -> Mapping[str, Any]:
    entity = config[platform][0]
    for step in key.split("."):
        entity = entity[step]
    return entity[0] if isinstance(entity, list) else entity


def _attributes(entity: Mapping[str, Any]) -> list[str]:
    # ESPHome's validator turns a missing category into "".
    return ["-" if entity.get(key) in (None, "") else str(entity[key]) for key in ATTRIBUTES]


def _lines(code: Code) -> set[str]:
    """Return what is defined, made and called for a hub `heat` and its entity `it`."""
    defined = {
        f"{name} {value}".strip() for name, value in code.own_defines.items() if value != "0"
    }
    objects = [id_ for id_ in code.made if id_ == "it" or id_.startswith("heat")]
    made = {
        f"{id_} = {code.constructed(id_)}"
        for id_ in objects
        if f"new({id_}) multical::" in code.main
    }
    calls = {
        f"{id_}->{call}" for id_ in objects for call in code.calls(id_) if not _ESPHOMES.match(call)
    }
    return defined | made | calls


def _table(bench: Workbench, rows: Iterable[tuple[str, str, str]]) -> str:
    """Return the entity of each device, and what it adds to a hub without entities."""
    hub = "multical: {id: heat}\n"
    bare = _lines(bench.code(device(hub)))
    table = [" | ".join(["entity", *ATTRIBUTES, "generated"])]
    for platform, key, options in rows:
        text = device(hub + block(platform, key, f"name: A, id: it{options and f', {options}'}"))
        code = bench.code(text)
        entity = _entity(code.config, platform, key)
        lines = sorted(_lines(code) - bare, key=lambda line: (not line.startswith("it"), line))
        more = "; ".join(lines).replace("multical::", "")
        name = f"{platform}.{key}{options and f': {options}'}"
        table.append(" | ".join([name, *_attributes(entity), more]).strip())
    return "\n".join(table) + "\n"


@pytest.mark.parametrize("platform", KEYS)
def test_every_key(bench: Workbench, snapshot: SnapshotAssertion, platform: str) -> None:
    assert _table(bench, [(platform, key, "") for key in KEYS[platform]]) == snapshot


def test_options(bench: Workbench, snapshot: SnapshotAssertion) -> None:
    assert _table(bench, OPTIONS) == snapshot


@pytest.mark.parametrize("key", ["heat_energy", "last_reading_age"])
def test_filters_and_icons_are_the_users(bench: Workbench, key: str) -> None:
    options = "name: Mine, icon: mdi:fire, filters: [multiply: 2]"
    config = bench.accept(device(f"multical:\n{block('sensor', key, options)}"))
    entity = _entity(config, "sensor", key)
    assert (entity["name"], entity["icon"]) == ("Mine", "mdi:fire")
    assert len(entity["filters"]) == 1
