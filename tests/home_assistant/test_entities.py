"""Every key, as Home Assistant shows it: what the device says, and nothing else.

What a device says for each key is tested in tests/components and tests/integration.
"""

from __future__ import annotations

from typing import Any

import pytest
from aioesphomeapi import (
    BinarySensorInfo,
    ButtonInfo,
    EntityCategory,
    EntityInfo,
    SensorInfo,
    SensorStateClass,
    TextSensorInfo,
)
from integration.client import Client
from multical.units import DEVICE_CLASSES

from .connection import State, States
from .house import House

DOMAINS: dict[type[EntityInfo], str] = {
    SensorInfo: "sensor",
    TextSensorInfo: "sensor",
    BinarySensorInfo: "binary_sensor",
    ButtonInfo: "button",
}
ATTRIBUTES = ("device_class", "state_class", "unit_of_measurement")


def _told(entity: EntityInfo) -> dict[str, Any]:
    """Return what the device says about an entity, in Home Assistant's words."""
    told = {name: getattr(entity, name, None) or None for name in ATTRIBUTES}
    if told["state_class"] is not None:
        told["state_class"] = SensorStateClass(told["state_class"]).name.lower()
    category = EntityCategory(entity.entity_category or EntityCategory.NONE)
    told["category"] = None if category == EntityCategory.NONE else category.name.lower()
    return told


def _is_shown(state: State, told: float | str | bool | None) -> bool:
    """Tell whether Home Assistant shows what the device says; None is unknown."""
    if told is None or not state.is_known:
        return told is None and state.state == "unknown"
    if isinstance(told, bool):
        return state.state == ("on" if told else "off")
    if isinstance(told, float):
        return float(state.state) == pytest.approx(told, rel=1e-12)
    return state.state == told


def test_home_assistant_shows_what_the_device_says(the_house: House) -> None:
    connection = the_house.connection
    with Client(the_house.devices["every_key"].firmware.api_port) as device:
        entities = {
            f"{DOMAINS[type(entity)]}.every_key_{name}": entity
            for name, entity in device.entities.items()
        }
        sensors = {id_: row.name for id_, row in entities.items() if type(row) is not ButtonInfo}

        def are_the_same(states: States) -> bool:
            told = device.states
            return all(_is_shown(states[id_], told.get(name)) for id_, name in sensors.items())

        # The device sends its entities one after another, texts last.
        known = [f"sensor.every_key_{key}" for key in ("last_reading_age", "meter_type")]
        connection.wait_until(
            lambda states: all(states[id_].is_known for id_ in known) and are_the_same(states),
            60,
            "a reading of every key",
        )
    states = connection.states()
    registry = {
        row["entity_id"]: row["entity_category"]
        for row in connection.ask("config/entity_registry/list")
        if ".every_key_" in row["entity_id"]
    }
    assert registry.keys() == entities.keys()
    for id_, entity in entities.items():
        shown = {name: states[id_].attributes.get(name) for name in ATTRIBUTES}
        assert shown | {"category": registry[id_]} == _told(entity), id_
    assert sum(states[id_].is_known for id_ in sensors) >= 90
    assert any(not states[id_].is_known for id_ in sensors)


@pytest.mark.parametrize(("device_class", "units"), DEVICE_CLASSES.values())
def test_home_assistant_knows_each_unit_of_a_device_class(
    device_class: str, units: frozenset[str], the_house: House
) -> None:
    command = "sensor/device_class_convertible_units"
    assert units <= {*the_house.connection.ask(command, device_class=device_class)["units"]}


def test_home_assistant_does_not_complain(the_house: House) -> None:
    lines = the_house.home.complaints("esphome|multical|every_|heat_")
    # The sensors of the yearly cooling complain about every sensor that is still unknown.
    assert [line for line in lines if "[homeassistant.components.utility_meter" not in line] == []
