"""Moving from kamstrup_kmp: what the comments say was there before is what ESPHome's own has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from components.harness import Workbench, device
from esphome.components.kamstrup_kmp import sensor as kamstrup_kmp

from .devices import FOLDER, entities, example

PATH = FOLDER / "from-kamstrup-kmp.yaml"
TEXT = PATH.read_text("utf-8")

#: Key before -> key now.
KEYS = {
    "heat_energy": "heat_energy",
    "power": "power",
    "temp1": "supply_temperature",
    "temp2": "return_temperature",
    "temp_diff": "temperature_difference",
    "flow": "flow",
    "volume": "volume",
}
WHAT_HOME_ASSISTANT_GOES_BY = ("name", "unit_of_measurement", "state_class", "device_class")


@pytest.fixture
def before(bench: Workbench) -> dict[str, dict[str, Any]]:
    """Return the entities that kamstrup_kmp makes with the same names, by the new keys."""
    names = {key: entity["name"] for key, entity in _now(bench)}
    lines = "".join(f"    {old}: {{name: {names[new]}}}\n" for old, new in KEYS.items())
    config = bench.accept(device(f"sensor:\n  - platform: kamstrup_kmp\n{lines}"))
    (block,) = config["sensor"]
    assert block["update_interval"].total_seconds == 60
    return {new: block[old] for old, new in KEYS.items()}


def _now(bench: Workbench) -> Iterator[tuple[str, dict[str, Any]]]:
    config = bench.accept(example(PATH))
    return ((key, entity) for platform, key, entity, _ in entities(config) if platform == "sensor")


def test_these_are_all_keys_that_it_has() -> None:
    schema = kamstrup_kmp.CONFIG_SCHEMA.schema
    own = {str(key) for key in schema} - {"id", "uart_id", "update_interval", "setup_priority"}
    assert own - {"custom"} == set(KEYS)


@pytest.mark.parametrize(("old", "new"), KEYS.items())
def test_entity_is_the_same_for_home_assistant(
    old: str, new: str, bench: Workbench, before: dict[str, dict[str, Any]]
) -> None:
    now = dict(_now(bench))[new]
    differs = {key for key in WHAT_HOME_ASSISTANT_GOES_BY if str(now[key]) != str(before[new][key])}
    # The only change, which a comment announces.
    assert differs == ({"device_class"} if new == "temperature_difference" else set())
    # Comments name the key and the unit.
    block = re.search(rf"^    {new}: # before: {old}\n(?:      .*\n)+", TEXT, re.M)
    assert block
    unit = before[new]["unit_of_measurement"]
    assert f"unit_of_measurement: {unit}" in block[0]
    assert f"efore: {unit}" in block[0]


def test_interval_and_timeout_before(bench: Workbench) -> None:
    assert "before: 60s by default" in TEXT
    assert "250 ms for a whole answer" in TEXT
    source = Path(kamstrup_kmp.__file__).with_name("kamstrup_kmp.cpp").read_text("utf-8")
    assert "int timeout = 250;  // ms" in source
    (hub,) = bench.accept(example(PATH))["multical"]
    assert "timeout" not in " ".join(map(str, kamstrup_kmp.CONFIG_SCHEMA.schema))
    assert hub["response_timeout"].total_milliseconds == 2000


def test_custom_registers_have_the_numbers_that_comments_say(bench: Workbench) -> None:
    now = [(key, entity) for key, entity in _now(bench) if key not in KEYS.values()]
    assert [key for key, _ in now] == ["max_power_year", "registers"]
    assert "max_power_year: # before: custom, command 0x0080" in TEXT
    assert now[1][1]["register"] == 0x00EF
