"""What each key is in Home Assistant when the user gives it nothing but a name, and in C++.

The answers stand in __snapshots__, for a person to read and to approve: a change of the tables
shows there. `script/test tests/components/test_every_key.py --snapshot-update` writes them anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from .devices import EVERYTHING, KEYS
from .harness import Generated, Workbench, block, device

#: What Home Assistant is told of an entity beside its name.
ATTRIBUTES = (
    "device_class",
    "state_class",
    "unit_of_measurement",
    "accuracy_decimals",
    "entity_category",
)

#: Units that a sensor may have instead of its own: key -> units, also as people write them.
OTHER_UNITS = {
    "heat_energy": "Wh MWh GJ",
    "cooling_energy": "GJ",
    "energy_e7": "Gcal",
    "volume": "m3 m^3 l",
    "volume_2": "L",
    "mass": "t",
    "mass_2": "ton",
    "volume_temperature_supply": "m3*C",
    "input_a": "kWh L",
    "input_b": "MWh",
    "input_a2": "m3",
    "input_b2": "Gcal",
    "tariff_2": "m³",
    "tariff_3": "l",
    "surcharge_energy": "MJ",
    "operating_hours": "d",
    "power": "W",
    "flow": "l/h l/min l/s",
    "flow_2": "m3/h L/s",
    "max_flow_year": "L/min",
    "min_power_month": "W",
    "max_power_year": "W",
    "supply_temperature": "C",
    "pressure_1": "kPa",
    "pressure_2": "mbar",
}
#: Registers by their number: known ones, others' companions, unknown ones, in units of all kinds.
BY_NUMBER = {
    60: ("",),
    1004: ("",),
    89: ("",),
    84: ("", "kWh"),
    113: ("",),
    371: ("",),
    124: ("", "m3/h"),
    # Their own entities show them as text, or only their digits.
    348: ("",),
    266: ("", "GJ", "MWh", "m3", "mbar", "l/s", "kg", "°C", "kvarh", "%RH"),
    239: ("", "m3"),
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
    # Without the digits of the fine register it is a counter like the others.
    ("sensor", "heat_energy", "high_resolution: auto"),
    ("sensor", "heat_energy", "high_resolution: off"),
    ("sensor", "heat_energy", "high_resolution: 'off'"),
    ("sensor", "heat_energy", "high_resolution: AUTO, unit_of_measurement: GJ"),
    ("sensor", "cooling_energy", "high_resolution: off, unit_of_measurement: GJ"),
    # The nature of a known register does not change with what Home Assistant is told of it.
    ("sensor", "heat_energy", "state_class: measurement"),
    ("sensor", "volume", "state_class: measurement"),
    ("sensor", "power", "state_class: total"),
    ("sensor", "max_flow_day", "state_class: total"),
    # Of an unknown register nothing is known but what the user says.
    ("sensor", "registers", "register: 266, state_class: total_increasing"),
    ("sensor", "registers", "register: 266, state_class: TOTAL INCREASING"),
    ("sensor", "registers", "register: 266, state_class: total"),
    ("sensor", "registers", "register: 266, state_class: measurement"),
    # What the user says wins; an empty text is ESPHome's way to say "none".
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


def _entity(config: Mapping[str, Any], platform: str, key: str) -> Mapping[str, Any]:
    entity = config[platform][0]
    for step in key.split("."):
        entity = entity[step]
    return entity[0] if isinstance(entity, list) else entity


def _shown(entity: Mapping[str, Any]) -> str:
    # ESPHome's validator turns the absence of a category into "".
    values = ("-" if entity.get(key) in (None, "") else str(entity[key]) for key in ATTRIBUTES)
    return " | ".join(values)


def _table(rows: Iterable[str]) -> str:
    return "\n".join(["entity | " + " | ".join(ATTRIBUTES), *rows]) + "\n"


def test_what_home_assistant_is_told(bench: Workbench, snapshot: SnapshotAssertion) -> None:
    config = bench.accept(device(EVERYTHING))
    rows = [
        f"{platform}.{key} | {_shown(_entity(config, platform, key))}"
        for platform, keys in KEYS.items()
        for key in keys
    ]
    assert _table(rows) == snapshot


def test_what_home_assistant_is_told_with_options(
    bench: Workbench, snapshot: SnapshotAssertion
) -> None:
    rows = []
    for platform, key, options in OPTIONS:
        config = bench.accept(device(f"multical:\n{block(platform, key, f'name: A, {options}')}"))
        rows.append(f"{platform}.{key}: {options} | {_shown(_entity(config, platform, key))}")
    assert _table(rows) == snapshot


#: Calls that ESPHome makes for every entity and every component, and the places of their lines.
_ESPHOMES = re.compile(
    r"configure_entity_|set_(accuracy|unit|device_class|state_class|icon|trigger)"
)


def _code(generated: Generated, objects: Iterable[str]) -> str:
    """Return how objects are made, and what is called on them, each sorted."""
    made = [f"{id_} = {generated.constructed(id_)}" for id_ in objects if _is_ours(generated, id_)]
    calls = [
        f"{id_}->{call}"
        for id_ in objects
        for call in generated.calls(id_)
        if not _ESPHOMES.match(call)
    ]
    return "\n".join([*sorted(made), "", *sorted(calls)]) + "\n"


def _is_ours(generated: Generated, id_: str) -> bool:
    return f"new({id_}) multical::" in generated.main


def test_what_is_generated(bench: Workbench, snapshot: SnapshotAssertion) -> None:
    text = EVERYTHING.replace("multical:\n", "multical:\n  id: heat\n", 1)
    generated = bench.generate(device(text))
    mine = tuple(f"{name}_" for name in ("heat", *KEYS))
    objects = [id_ for id_ in generated.made if id_ == "heat" or id_.startswith(mine)]
    assert _code(generated, objects) == snapshot


def test_what_is_generated_with_options(bench: Workbench, snapshot: SnapshotAssertion) -> None:
    """All in one device; each has a meter of its own, so that they may be of one register.

    `uart:` settings do not matter here, so the host's is used, which has no pins to run out of.
    """
    buses = hubs = ""
    blocks = {platform: f"{platform}:\n" for platform in KEYS}
    for i, (platform, key, options) in enumerate(OPTIONS):
        buses += f"  - {{id: uart_{i}, port: /dev/tty{i}, baud_rate: 1200, stop_bits: 2}}\n"
        hubs += f"  - {{id: hub_{i}, uart_id: uart_{i}}}\n"
        lines = block(platform, key, f"name: A{i}, id: it_{i}, {options}")
        lines = lines.removeprefix(f"{platform}:\n")
        blocks[platform] += lines.replace("multical\n", f"multical\n    multical_id: hub_{i}\n", 1)
    body = f"multical:\n{hubs}{''.join(blocks.values())}"
    generated = bench.generate(device(body, "host", f"uart:\n{buses}"))
    rows = []
    for i, (platform, key, options) in enumerate(OPTIONS):
        object_ = generated.constructed(f"it_{i}") if _is_ours(generated, f"it_{i}") else "-"
        told = [call for call in generated.calls(f"hub_{i}") if f"it_{i}" in call]
        plain = [call for call in generated.calls(f"it_{i}") if "plain" in call]
        calls = "; ".join([*told, *plain]).replace(f"it_{i}", "it")
        rows.append(f"{platform}.{key}: {options} | {object_} | {calls}")
    assert "\n".join(rows) + "\n" == snapshot


@pytest.mark.parametrize("key", ["heat_energy", "last_reading_age"])
def test_filters_and_icons_are_the_users(bench: Workbench, key: str) -> None:
    options = "name: Mine, icon: mdi:fire, filters: [multiply: 2]"
    config = bench.accept(device(f"multical:\n{block('sensor', key, options)}"))
    entity = _entity(config, "sensor", key)
    assert (entity["name"], entity["icon"]) == ("Mine", "mdi:fire")
    assert len(entity["filters"]) == 1
