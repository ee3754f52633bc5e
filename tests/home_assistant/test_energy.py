"""What the Energy dashboard takes, which is what docs/getting-started.md recommends."""

from __future__ import annotations

from typing import Any

import pytest
from integration.conversion import JOULE

from .energy import source
from .house import SENSOR, House
from .installation import ROOT, VERSION
from .statistics import wait_for_rows

HEAT = f"{SENSOR}heat_energy"
VOLUME = f"{SENSOR}volume"
POWER = f"{SENSOR}power"
PULSES = "sensor.every_key_input_a"


@pytest.fixture(scope="module", autouse=True)
def _compiled(the_house: House) -> None:
    # Before that, it says of everything that statistics are not defined.
    units = [f"sensor.every_energy_unit_{symbol.lower()}" for symbol in JOULE]
    wait_for_rows(the_house.home.connection, [HEAT, VOLUME, POWER, PULSES, *units], 1)


def _complaints(
    house: House, sources: list[dict[str, Any]], devices: list[str]
) -> tuple[list[list[str]], list[list[str]]]:
    """Return what Home Assistant has against each source and each device."""
    consumption = [{"stat_consumption": entity_id} for entity_id in devices]
    house.home.connection.ask(
        "energy/save_prefs", energy_sources=sources, device_consumption=consumption
    )
    answer = house.home.connection.ask("energy/validate")

    def types(key: str) -> list[list[str]]:
        return [[issue["type"] for issue in issues] for issues in answer[key]]

    return types("energy_sources"), types("device_consumption")


@pytest.mark.parametrize("symbol", JOULE)
def test_heat_in_any_unit_is_taken(symbol: str, the_house: House) -> None:
    entity_id = f"sensor.every_energy_unit_{symbol.lower()}"
    shown = the_house.home.connection.states()[entity_id]
    assert shown.attributes["unit_of_measurement"] == symbol
    gas, device = _complaints(the_house, [source("gas", entity_id)], [entity_id])
    assert gas == [[]]
    assert device == [[]]


def test_heat_energy_is_taken_where_the_guide_recommends_it(the_house: House) -> None:
    page = (ROOT / "docs" / "getting-started.md").read_text("utf-8")
    assert "***Gas consumption*** (recommended)" in page
    assert "*Individual devices*" in page
    assert f"version {VERSION}" in page
    gas, device = _complaints(the_house, [source("gas", HEAT)], [HEAT])
    assert gas == [[]]
    assert device == [[]]


def test_water_at_a_pulse_input_is_taken(the_house: House) -> None:
    assert _complaints(the_house, [source("water", PULSES)], []) == ([[]], [])


def test_what_the_guide_warns_of_is_refused(the_house: House) -> None:
    water, device = _complaints(the_house, [source("water", VOLUME)], [POWER])
    assert water == [["entity_unexpected_device_class"]]
    assert device == [
        ["entity_unexpected_device_class", "entity_state_class_measurement_no_last_reset"]
    ]
