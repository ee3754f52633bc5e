"""What an entity looks like in Home Assistant when the user gives it nothing but a name.

The tables are written from what Home Assistant and a reader of the meter expect, not from the
component's own tables.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest
from multical.registers import REGISTERS
from multical.sensor import LINK_SCHEMAS
from multical.text_sensor import CLASSES as TEXT_SENSORS

from .harness import Workbench, device


class Shown(NamedTuple):
    """The attributes of an entity; None for one that it has not."""

    device_class: str | None
    state_class: str | None
    unit: str | None
    decimals: int | None
    category: str | None = None


ENERGY = Shown("energy", "total_increasing", "kWh", 2)
VOLUME = Shown("volume", "total_increasing", "m³", 3)
WATER = Shown("water", "total_increasing", "m³", 3)
MASS = Shown("weight", "total_increasing", "kg", 0)
VOLUME_TEMPERATURE = Shown(None, "total_increasing", "m³·°C", 2)
HOURS = Shown("duration", "total_increasing", "h", 0, "diagnostic")
FLOW = Shown("volume_flow_rate", "measurement", "L/h", 1)
TEMPERATURE = Shown("temperature", "measurement", "°C", 2)
PRESSURE = Shown("pressure", "measurement", "bar", 3)

SENSORS = {
    "heat_energy": ENERGY,
    "cooling_energy": ENERGY,
    "energy_e2": ENERGY,
    "energy_e4": ENERGY,
    "energy_e5": ENERGY,
    "energy_e6": ENERGY,
    "energy_e7": ENERGY,
    "volume": VOLUME,
    "volume_2": VOLUME,
    "mass": MASS,
    "mass_2": MASS,
    "volume_temperature_supply": VOLUME_TEMPERATURE,
    "volume_temperature_return": VOLUME_TEMPERATURE,
    "input_a": WATER,
    "input_b": WATER,
    "tariff_2": ENERGY,
    "tariff_3": ENERGY,
    "operating_hours": HOURS,
    "error_hours": HOURS,
    "info_event_count": Shown(None, "total_increasing", None, 0, "diagnostic"),
    "power": Shown("power", "measurement", "kW", 3),
    "flow": FLOW,
    "flow_2": FLOW,
    "supply_temperature": TEMPERATURE,
    "return_temperature": TEMPERATURE,
    "temperature_3": TEMPERATURE,
    "temperature_4": TEMPERATURE,
    # A difference of 5 °C is not 41 °F: this class keeps Home Assistant from adding 32.
    "temperature_difference": Shown("temperature_delta", "measurement", "K", 2),
    "pressure_1": PRESSURE,
    "pressure_2": PRESSURE,
    "battery_days_left": Shown("duration", "measurement", "d", 0, "diagnostic"),
}

#: (what stands in the sensor's block, what it looks like)
IN_ANOTHER_UNIT = [
    ("heat_energy", "Wh", ENERGY._replace(unit="Wh", decimals=0)),
    ("heat_energy", "MWh", ENERGY._replace(unit="MWh", decimals=5)),
    ("cooling_energy", "GJ", ENERGY._replace(unit="GJ", decimals=5)),
    ("energy_e7", "Gcal", ENERGY._replace(unit="Gcal", decimals=6)),
    ("volume", "m3", VOLUME),
    ("volume", "m^3", VOLUME),
    ("volume_2", "L", VOLUME._replace(unit="L", decimals=0)),
    ("volume_2", "l", VOLUME._replace(unit="L", decimals=0)),
    # Home Assistant has no tonne; with a device class it would refuse the unit.
    ("mass", "t", MASS._replace(device_class=None, unit="t", decimals=3)),
    ("mass_2", "ton", MASS._replace(device_class=None, unit="t", decimals=3)),
    ("volume_temperature_supply", "m3*C", VOLUME_TEMPERATURE),
    ("input_a", "kWh", ENERGY),
    ("input_a", "L", WATER._replace(unit="L", decimals=0)),
    ("input_b", "MWh", ENERGY._replace(unit="MWh", decimals=5)),
    ("tariff_2", "m³", VOLUME),
    ("tariff_3", "l", VOLUME._replace(unit="L", decimals=0)),
    ("operating_hours", "d", HOURS._replace(unit="d")),
    ("power", "W", Shown("power", "measurement", "W", 0)),
    ("flow", "l/h", FLOW),
    ("flow", "l/min", FLOW._replace(unit="L/min", decimals=3)),
    ("flow_2", "m3/h", FLOW._replace(unit="m³/h", decimals=4)),
    ("supply_temperature", "C", TEMPERATURE),
]

#: (register, unit or None, what it looks like)
BY_NUMBER = [
    ("60", None, ENERGY),
    ("0x3C", None, ENERGY),
    ("1004", None, HOURS),
    ("89", None, SENSORS["temperature_difference"]),
    ("84", "kWh", ENERGY),
    # Nothing is known of these.
    ("1", None, Shown(None, "measurement", None, 3)),
    ("65535", None, Shown(None, "measurement", None, 3)),
    ("266", "GJ", ENERGY._replace(unit="GJ", decimals=5)),
    ("266", "m3", VOLUME),
    ("266", "kg", MASS._replace(state_class="measurement")),
    ("266", "°C", TEMPERATURE),
    ("266", "kvarh", Shown(None, "measurement", "kvarh", 2)),
    ("266", "%RH", Shown(None, "measurement", "%RH", 1)),
]

IDENTITY = Shown(None, None, None, None, "diagnostic")
COUNT = Shown(None, "total_increasing", None, 0, "diagnostic")

#: (platform, key, what it looks like) of all that is no register with a key of its own
OTHERS = [
    ("sensor", "requests", COUNT),
    ("sensor", "failed_requests", COUNT),
    ("sensor", "reply_delay", Shown("duration", "measurement", "ms", 0, "diagnostic")),
    ("sensor", "last_reading_age", Shown("duration", "measurement", "s", 0, "diagnostic")),
    ("text_sensor", "serial_number", IDENTITY),
    ("text_sensor", "meter_type", IDENTITY),
    ("text_sensor", "software_revision", IDENTITY),
    ("text_sensor", "link_status", IDENTITY),
    ("text_sensor", "link_advice", IDENTITY),
    ("binary_sensor", "connected", IDENTITY._replace(device_class="connectivity")),
    ("button", "read", IDENTITY._replace(category=None)),
    ("button", "check_wiring", IDENTITY),
]


def other_keys(platform: str) -> list[str]:
    """Return the keys of a platform in OTHERS."""
    return [key for other, key, _ in OTHERS if other == platform]


def shown(entity: dict[str, str | int | None]) -> Shown:
    """Return how a validated entity looks."""
    keys = (
        "device_class",
        "state_class",
        "unit_of_measurement",
        "accuracy_decimals",
        "entity_category",
    )
    values = [entity.get(key) for key in keys]
    # ESPHome's validator turns the absence of a category into "".
    return Shown(*[None if value == "" else value for value in values])


def sensor(lines: str) -> str:
    """Return a device with one sensor block."""
    return device(f"multical:\nsensor:\n  - platform: multical\n    {lines}\n")


def test_no_key_is_forgotten() -> None:
    assert set(SENSORS) == {register.key for register in REGISTERS}
    assert other_keys("sensor") == list(LINK_SCHEMAS)
    assert other_keys("text_sensor") == list(TEXT_SENSORS)


@pytest.mark.parametrize(("key", "expected"), SENSORS.items(), ids=SENSORS)
def test_sensor(bench: Workbench, key: str, expected: Shown) -> None:
    config = bench.accept(sensor(f"{key}: {{name: Value}}"))
    assert shown(config["sensor"][0][key]) == expected


@pytest.mark.parametrize(("key", "unit", "expected"), IN_ANOTHER_UNIT)
def test_sensor_in_another_unit(bench: Workbench, key: str, unit: str, expected: Shown) -> None:
    config = bench.accept(sensor(f"{key}: {{name: Value, unit_of_measurement: {unit}}}"))
    assert shown(config["sensor"][0][key]) == expected


@pytest.mark.parametrize(("number", "unit", "expected"), BY_NUMBER)
def test_sensor_by_number(bench: Workbench, number: str, unit: str | None, expected: Shown) -> None:
    more = f", unit_of_measurement: '{unit}'" if unit else ""
    config = bench.accept(sensor(f"registers: [{{register: {number}, name: Value{more}}}]"))
    assert shown(config["sensor"][0]["registers"][0]) == expected


@pytest.mark.parametrize(("platform", "key", "expected"), OTHERS)
def test_other_entity(bench: Workbench, platform: str, key: str, expected: Shown) -> None:
    config = bench.accept(
        device(f"multical:\n{platform}:\n  - platform: multical\n    {key}: {{name: Value}}\n")
    )
    assert shown(config[platform][0][key]) == expected


USERS_CHOICE = """\
      name: Mine
      unit_of_measurement: GJ
      accuracy_decimals: 1
      device_class: energy_storage
      state_class: total
      entity_category: diagnostic
      icon: mdi:fire
      filters:
        - multiply: 2
"""


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("heat_energy:\n", ("heat_energy",)),
        ("registers:\n    - register: 60\n", ("registers", 0)),
        ("registers:\n    - register: 266\n", ("registers", 0)),
        ("requests:\n", ("requests",)),
        ("last_reading_age:\n", ("last_reading_age",)),
    ],
)
def test_what_the_user_says_wins(bench: Workbench, key: str, place: tuple[str | int, ...]) -> None:
    entity = bench.accept(sensor(f"{key}{USERS_CHOICE}"))["sensor"][0]
    for step in place:
        entity = entity[step]
    assert shown(entity) == Shown("energy_storage", "total", "GJ", 1, "diagnostic")
    assert (entity["name"], entity["icon"]) == ("Mine", "mdi:fire")
    assert len(entity["filters"]) == 1


@pytest.mark.parametrize("attribute", ["device_class", "state_class", "entity_category"])
@pytest.mark.parametrize("key", ["operating_hours", "reply_delay"])
def test_user_takes_a_default_away(bench: Workbench, key: str, attribute: str) -> None:
    """An empty text is ESPHome's way to say "none"."""
    entities = [
        bench.accept(sensor(f"{key}: {{name: Value{more}}}"))["sensor"][0][key]
        for more in ("", f", {attribute}: ''")
    ]
    before, after = map(shown, entities)
    field = attribute.removeprefix("entity_")
    assert getattr(before, field)
    assert after == before._replace(**{field: None})


def test_user_overrides_other_entities(bench: Workbench) -> None:
    config = bench.accept(
        device("""\
            multical:
            text_sensor:
              - platform: multical
                serial_number: {name: A, entity_category: '', icon: mdi:counter}
                link_advice: {name: D, entity_category: ''}
            binary_sensor:
              - platform: multical
                connected: {name: B, device_class: problem, filters: [invert: ]}
            button:
              - platform: multical
                read: {name: C, entity_category: config}
                check_wiring: {name: E, entity_category: config}
        """)
    )
    assert shown(config["text_sensor"][0]["serial_number"]).category is None
    assert shown(config["text_sensor"][0]["link_advice"]).category is None
    assert shown(config["binary_sensor"][0]["connected"]).device_class == "problem"
    assert shown(config["button"][0]["read"]).category == "config"
    assert shown(config["button"][0]["check_wiring"]).category == "config"
