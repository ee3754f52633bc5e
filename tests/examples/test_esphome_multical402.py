"""The way from esphome_multical402: every entity that its example makes is there, by its name."""

from __future__ import annotations

import re
from typing import Any

import pytest
from components.harness import Workbench

from .devices import FOLDER, entities, example

PATH = FOLDER / "from-esphome-multical402.yaml"
TEXT = PATH.read_text("utf-8")

#: What its multical402.yaml has: id -> name, unit, state class.
BEFORE = {
    "m_energy": ("Multical Energy", "MWh", "total_increasing"),
    "m_volume": ("Multical Volume", "m3", "total_increasing"),
    "m_tin": ("Multical Temperature In", "°C", "measurement"),
    "m_tout": ("Multical Temperature Out", "°C", "measurement"),
    "m_tdiff": ("Multical Temperature Diff", "°C", "measurement"),
    "m_power": ("Multical Power", "kW", "measurement"),
    "m_flow": ("Multical Flow", "l/h", "measurement"),
}
#: id before -> key now.
KEYS = {
    "m_energy": "heat_energy",
    "m_volume": "volume",
    "m_tin": "supply_temperature",
    "m_tout": "return_temperature",
    "m_tdiff": "temperature_difference",
    "m_power": "power",
    "m_flow": "flow",
}
#: Those whose unit is another one now, which a comment says.
OTHER_UNITS = {"m_volume": "m³", "m_tdiff": "K", "m_flow": "L/h"}


@pytest.fixture
def now(bench: Workbench) -> dict[str, dict[str, Any]]:
    config = bench.accept(example(PATH))
    return {key: entity for platform, key, entity, _ in entities(config) if platform == "sensor"}


def test_these_are_all_entities_that_it_made(now: dict[str, dict[str, Any]]) -> None:
    assert KEYS.keys() == BEFORE.keys()
    assert set(KEYS.values()) == now.keys()


@pytest.mark.parametrize("former", BEFORE)
def test_entity_keeps_its_name_and_says_what_changes(
    former: str, now: dict[str, dict[str, Any]]
) -> None:
    entity = now[KEYS[former]]
    name, unit, state_class = BEFORE[former]
    assert (entity["name"], str(entity["state_class"])) == (name, state_class)
    assert entity["unit_of_measurement"] == OTHER_UNITS.get(former, unit)
    block = re.search(rf"^    {KEYS[former]}: # before: {former}\n(?:      .*\n)+", TEXT, re.M)
    assert block
    said = re.findall(r"[Bb]efore: (m3|l/h|°C)\b", block[0])
    assert said == ([unit] if former in OTHER_UNITS else [])


def test_its_pins_are_warned_of(bench: Workbench, caplog: pytest.LogCaptureFixture) -> None:
    text = example(PATH)
    bench.accept(text)
    assert caplog.records == []
    bench.accept(text.replace("GPIO13 #", "GPIO5 #").replace("GPIO15 #", "GPIO4 #"))
    assert "software UART" in caplog.text


def test_its_stop_bit_is_refused(bench: Workbench) -> None:
    assert "stop_bits is 1" in str(
        bench.refuse(example(PATH).replace("stop_bits: 2", "stop_bits: 1"))
    )
