"""What an entity looks like in Home Assistant when the user gives it nothing but a name.

The tables are written from what Home Assistant and a reader of the meter expect, not from the
component's own tables.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import esphome.config_validation as cv
import pytest
from esphome.config import Config
from multical import binary_sensor, button, text_sensor
from multical import sensor as numeric_sensor

from .harness import Workbench, block, device


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
EVENTS = Shown(None, "total_increasing", None, 0, "diagnostic")
POWER = Shown("power", "measurement", "kW", 3)
FLOW = Shown("volume_flow_rate", "measurement", "L/h", 1)
TEMPERATURE = Shown("temperature", "measurement", "°C", 2)
PRESSURE = Shown("pressure", "measurement", "bar", 3)
COP = Shown(None, "measurement", None, 2)

#: Key -> what it looks like, of the registers under `sensor`.
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
    "input_a2": WATER,
    "input_b2": WATER,
    "tariff_2": ENERGY,
    "tariff_3": ENERGY,
    "tariff_4": ENERGY,
    "discount_energy": ENERGY,
    "surcharge_energy": ENERGY,
    "operating_hours": HOURS,
    "error_hours": HOURS,
    "info_event_count": EVENTS,
    "config_change_count": EVENTS,
    "power": POWER,
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
    "cop": COP,
    "input_b_power": POWER,
    "battery_days_left": Shown("duration", "measurement", "d", 0, "diagnostic"),
    # Peaks and averages fall, too: no totals.
    "max_flow_year": FLOW,
    "min_flow_year": FLOW,
    "max_power_year": POWER,
    "min_power_year": POWER,
    "max_flow_month": FLOW,
    "min_flow_month": FLOW,
    "max_power_month": POWER,
    "min_power_month": POWER,
    "max_flow_day": FLOW,
    "min_flow_day": FLOW,
    "average_supply_temperature_year": TEMPERATURE,
    "average_return_temperature_year": TEMPERATURE,
    "average_supply_temperature_month": TEMPERATURE,
    "average_return_temperature_month": TEMPERATURE,
    "average_supply_temperature_day": TEMPERATURE,
    "average_return_temperature_day": TEMPERATURE,
    "average_supply_temperature_hour": TEMPERATURE,
    "average_return_temperature_hour": TEMPERATURE,
    "cop_year": COP,
    "cop_month": COP,
}

#: (key, unit, what it looks like)
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
    ("input_a2", "m3", WATER),
    ("input_b2", "Gcal", ENERGY._replace(unit="Gcal", decimals=6)),
    ("tariff_2", "m³", VOLUME),
    ("tariff_3", "l", VOLUME._replace(unit="L", decimals=0)),
    ("tariff_4", "m^3", VOLUME),
    ("surcharge_energy", "MJ", ENERGY._replace(unit="MJ")),
    ("operating_hours", "d", HOURS._replace(unit="d")),
    ("power", "W", POWER._replace(unit="W", decimals=0)),
    ("flow", "l/h", FLOW),
    ("flow", "l/min", FLOW._replace(unit="L/min", decimals=3)),
    ("flow", "l/s", FLOW._replace(unit="L/s", decimals=5)),
    ("flow_2", "m3/h", FLOW._replace(unit="m³/h", decimals=4)),
    ("flow_2", "L/s", FLOW._replace(unit="L/s", decimals=5)),
    ("max_flow_year", "L/min", FLOW._replace(unit="L/min", decimals=3)),
    ("min_power_month", "W", POWER._replace(unit="W", decimals=0)),
    ("supply_temperature", "C", TEMPERATURE),
    ("pressure_1", "kPa", PRESSURE._replace(unit="kPa", decimals=1)),
    ("pressure_2", "mbar", PRESSURE._replace(unit="mbar", decimals=0)),
]

#: (register, unit or None, what it looks like)
BY_NUMBER = [
    ("60", None, ENERGY),
    ("0x3C", None, ENERGY),
    ("1004", None, HOURS),
    ("89", None, SENSORS["temperature_difference"]),
    ("84", "kWh", ENERGY),
    ("371", None, COP),
    ("124", "m3/h", FLOW._replace(unit="m³/h", decimals=4)),
    # Their own entities show them as text, or only their digits.
    ("348", None, Shown(None, "measurement", None, 3)),
    ("266", None, Shown(None, "measurement", None, 3)),
    # Nothing is known of these.
    ("1", None, Shown(None, "measurement", None, 3)),
    ("65535", None, Shown(None, "measurement", None, 3)),
    ("266", "GJ", ENERGY._replace(unit="GJ", decimals=5)),
    ("239", "m3", VOLUME),
    ("266", "m3", VOLUME),
    ("266", "mbar", PRESSURE._replace(unit="mbar", decimals=0)),
    ("266", "l/s", FLOW._replace(unit="L/s", decimals=5)),
    ("266", "kg", MASS._replace(state_class="measurement")),
    ("266", "°C", TEMPERATURE),
    ("266", "kvarh", Shown(None, "measurement", "kvarh", 2)),
    ("266", "%RH", Shown(None, "measurement", "%RH", 1)),
]

#: About the meter or the link, not about the heat.
DIAGNOSTIC = Shown(None, None, None, None, "diagnostic")
PRIMARY = DIAGNOSTIC._replace(category=None)
PROBLEM = DIAGNOSTIC._replace(device_class="problem")
LINK_TIME = Shown("duration", "measurement", "ms", 0, "diagnostic")

#: Key -> what it looks like, of the registers under `text_sensor`.
TEXT_REGISTERS = {
    "serial_number": DIAGNOSTIC,
    "software_revision": DIAGNOSTIC,
    "customer_number": DIAGNOSTIC,
    "meter_time": DIAGNOSTIC,
    "program_number": DIAGNOSTIC,
    "configuration_1": DIAGNOSTIC,
    "configuration_2": DIAGNOSTIC,
    "configuration_3": DIAGNOSTIC,
    "configuration_4": DIAGNOSTIC,
    "type_number": DIAGNOSTIC,
    "target_date": DIAGNOSTIC,
    "input_a_meter_number": DIAGNOSTIC,
    "input_b_meter_number": DIAGNOSTIC,
    "info": DIAGNOSTIC,
    # When a peak was, like the peak itself.
    "max_flow_year_date": PRIMARY,
    "min_flow_year_date": PRIMARY,
    "max_power_year_date": PRIMARY,
    "min_power_year_date": PRIMARY,
    "max_flow_month_date": PRIMARY,
    "min_flow_month_date": PRIMARY,
    "max_power_month_date": PRIMARY,
    "min_power_month_date": PRIMARY,
    "max_flow_year_time": PRIMARY,
    "min_flow_year_time": PRIMARY,
    "max_power_year_time": PRIMARY,
    "min_power_year_time": PRIMARY,
    "max_flow_month_time": PRIMARY,
    "min_flow_month_time": PRIMARY,
    "max_power_month_time": PRIMARY,
    "min_power_month_time": PRIMARY,
}

#: Key -> number of the code in the firmware: its bit in register 369; from 32 on, those of the
#: 602 that no bit says; at the end the four of water meters.
INFO_CODES = {
    "no_supply": 0,
    "low_battery": 1,
    "external_alarm": 2,
    "t1_above_range": 3,
    "t2_above_range": 4,
    "t1_below_range": 5,
    "t2_below_range": 6,
    "invalid_difference": 7,
    "v1_air": 8,
    "v1_wrong_direction": 9,
    "v1_high_flow": 11,
    "input_a_leak": 12,
    "input_b_leak": 13,
    "input_a_alarm": 14,
    "input_b_alarm": 15,
    "v1_communication_error": 16,
    "v1_wrong_pulse_figure": 17,
    "input_a2_leak": 18,
    "input_b2_leak": 19,
    "t3_above_range": 20,
    "t3_below_range": 21,
    "v2_communication_error": 22,
    "v2_wrong_pulse_figure": 23,
    "v2_air": 24,
    "v2_wrong_direction": 25,
    "v2_high_flow": 27,
    "burst_loss": 28,
    "burst_penetration": 29,
    "leak_loss": 30,
    "leak_penetration": 31,
    "t1_out_of_range": 32,
    "t2_out_of_range": 33,
    "t3_out_of_range": 34,
    "cold_water_leak": 35,
    "heating_system_leak": 36,
    "heating_system_burst": 37,
    "dry": 38,
    "reverse": 39,
    "leak": 40,
    "burst": 41,
}

#: What is said of the link to the meter, under `sensor`.
LINK_SENSORS = {
    "requests": EVENTS,
    "failed_requests": EVENTS,
    "reply_delay": LINK_TIME,
    "last_reading_age": LINK_TIME._replace(unit="s"),
}

#: Platform -> key -> what it looks like. A key below another one is written with a dot.
ENTITIES: dict[str, dict[str, Shown]] = {
    "sensor": LINK_SENSORS | SENSORS,
    "text_sensor": TEXT_REGISTERS
    | dict.fromkeys(["info_code", "meter_type", "link_status", "link_advice"], DIAGNOSTIC),
    "binary_sensor": {
        "connected": DIAGNOSTIC._replace(device_class="connectivity"),
        "problem": PROBLEM,
        **{f"info_codes.{key}": PROBLEM for key in INFO_CODES},
    },
    "button": {"read": PRIMARY, "check_wiring": DIAGNOSTIC, "scan_registers": DIAGNOSTIC},
}

#: Platform -> its schema.
SCHEMAS = {
    "sensor": numeric_sensor.SCHEMA,
    "text_sensor": text_sensor.SCHEMA,
    "binary_sensor": binary_sensor.SCHEMA,
    "button": button.SCHEMA,
}

#: What a platform's block has beside single entities.
NO_ENTITIES = {"multical_id", "registers"}


def shown(entity: dict[str, Any]) -> Shown:
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


def entity_of(config: Config, platform: str, key: str) -> dict[str, str | int | None]:
    """Return an entity of the only block of a platform."""
    entity = config[platform][0]
    for step in key.split("."):
        entity = entity[step]
    return entity


def keys_of(schema: cv.Schema) -> set[str]:
    """Return the keys of a schema, those below another one with a dot."""
    keys: set[str] = set()
    for key in schema.schema:
        if str(key) == "info_codes":
            keys |= {f"{key}.{below}" for below in keys_of(binary_sensor.INFO_CODES_SCHEMA)}
        else:
            keys.add(str(key))
    return keys


@pytest.mark.parametrize("platform", ENTITIES)
def test_no_key_is_forgotten(platform: str) -> None:
    assert keys_of(SCHEMAS[platform]) - NO_ENTITIES == set(ENTITIES[platform])


@pytest.mark.parametrize(
    ("platform", "key", "expected"),
    [(platform, key, like) for platform, keys in ENTITIES.items() for key, like in keys.items()],
)
def test_entity(bench: Workbench, platform: str, key: str, expected: Shown) -> None:
    config = bench.accept(device(f"multical:\n{block(platform, key)}"))
    assert shown(entity_of(config, platform, key)) == expected


@pytest.mark.parametrize(("key", "unit", "expected"), IN_ANOTHER_UNIT)
def test_sensor_in_another_unit(bench: Workbench, key: str, unit: str, expected: Shown) -> None:
    config = bench.accept(sensor(f"{key}: {{name: Value, unit_of_measurement: {unit}}}"))
    assert shown(config["sensor"][0][key]) == expected


@pytest.mark.parametrize(("number", "unit", "expected"), BY_NUMBER)
def test_sensor_by_number(bench: Workbench, number: str, unit: str | None, expected: Shown) -> None:
    more = f", unit_of_measurement: '{unit}'" if unit else ""
    config = bench.accept(sensor(f"registers: [{{register: {number}, name: Value{more}}}]"))
    assert shown(config["sensor"][0]["registers"][0]) == expected


@pytest.mark.parametrize("key", ["heat_energy", "cooling_energy"])
@pytest.mark.parametrize(
    ("unit", "expected"), [("kWh", ENERGY), ("GJ", ENERGY._replace(unit="GJ", decimals=5))]
)
def test_energy_of_the_display(bench: Workbench, key: str, unit: str, expected: Shown) -> None:
    """Without the digits of the fine register it is a counter like the others."""
    options = f"name: Value, high_resolution: off, unit_of_measurement: {unit}"
    config = bench.accept(sensor(f"{key}: {{{options}}}"))
    assert shown(entity_of(config, "sensor", key)) == expected


@pytest.mark.parametrize("number", [60, 348, 1001, 65535])
def test_text_sensor_by_number(bench: Workbench, number: int) -> None:
    """Nothing is known of it, not even of those that are diagnostic under their keys."""
    options = f"register: {number}, name: Value"
    config = bench.accept(device(f"multical:\n{block('text_sensor', 'registers', options)}"))
    assert shown(config["text_sensor"][0]["registers"][0]) == PRIMARY


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


#: (platform, key, options, what it looks like then)
OVERRIDES = [
    ("text_sensor", "serial_number", "entity_category: '', icon: mdi:counter", PRIMARY),
    ("text_sensor", "meter_time", "entity_category: ''", PRIMARY),
    ("text_sensor", "info", "entity_category: ''", PRIMARY),
    ("text_sensor", "link_advice", "entity_category: ''", PRIMARY),
    ("text_sensor", "max_flow_year_date", "entity_category: diagnostic", DIAGNOSTIC),
    (
        "text_sensor",
        "target_date",
        "device_class: date",
        DIAGNOSTIC._replace(device_class="date"),
    ),
    ("binary_sensor", "connected", "device_class: problem, filters: [invert: ]", PROBLEM),
    ("binary_sensor", "problem", "device_class: ''", DIAGNOSTIC),
    (
        "binary_sensor",
        "info_codes.low_battery",
        "device_class: battery, entity_category: ''",
        PRIMARY._replace(device_class="battery"),
    ),
    ("button", "read", "entity_category: config", PRIMARY._replace(category="config")),
    ("button", "check_wiring", "entity_category: ''", PRIMARY),
    ("button", "scan_registers", "entity_category: config", PRIMARY._replace(category="config")),
]


@pytest.mark.parametrize(("platform", "key", "options", "expected"), OVERRIDES)
def test_user_overrides_other_entities(
    bench: Workbench, platform: str, key: str, options: str, expected: Shown
) -> None:
    assert expected != ENTITIES[platform][key]
    config = bench.accept(device(f"multical:\n{block(platform, key, f'name: A, {options}')}"))
    assert shown(entity_of(config, platform, key)) == expected
