"""What the Energy dashboard accepts, which is what docs/getting-started.md recommends."""

from __future__ import annotations

from typing import Any

import pytest
from integration.conversion import JOULE
from integration.firmware import ROOT

from .house import SENSOR, House
from .statistics import energy_source, wait_for_rows

#: Heat by its unit.
HEAT = {symbol: f"sensor.every_energy_unit_{symbol.lower()}" for symbol in JOULE}
VOLUME = f"{SENSOR}volume"
POWER = f"{SENSOR}power"
PULSES = "sensor.every_key_input_a"


@pytest.fixture(scope="module", autouse=True)
def _compiled(the_house: House) -> None:
    # Before that, it says about everything that statistics are not defined.
    wait_for_rows(the_house.connection, [*HEAT.values(), VOLUME, POWER, PULSES], 1)


def _complaints(house: House, sources: list[dict[str, Any]], devices: list[str]) -> list[list[str]]:
    """Return Home Assistant's objections to each source, and then to each device."""
    consumption = [{"stat_consumption": entity_id} for entity_id in devices]
    house.connection.ask(
        "energy/save_prefs", energy_sources=sources, device_consumption=consumption
    )
    answer = house.connection.ask("energy/validate")
    rows = [*answer["energy_sources"], *answer["device_consumption"]]
    return [[issue["type"] for issue in issues] for issues in rows]


def test_heat_in_any_unit_is_accepted_where_the_guide_recommends_it(the_house: House) -> None:
    page = (ROOT / "docs" / "getting-started.md").read_text("utf-8")
    assert "***Gas consumption*** (recommended)" in page
    assert "*Individual devices*" in page
    assert f"version {the_house.connection.ask('get_config')['version']}" in page
    states = the_house.connection.states()
    for symbol, entity_id in HEAT.items():
        assert states[entity_id].attributes["unit_of_measurement"] == symbol
    ids = [f"{SENSOR}heat_energy", *HEAT.values()]
    gas = [energy_source("gas", entity_id) for entity_id in ids]
    assert _complaints(the_house, gas, ids) == [[]] * 2 * len(ids)


def test_water_at_a_pulse_input_is_accepted(the_house: House) -> None:
    assert _complaints(the_house, [energy_source("water", PULSES)], []) == [[]]


def test_what_the_guide_warns_about_is_refused(the_house: House) -> None:
    assert _complaints(the_house, [energy_source("water", VOLUME)], [POWER]) == [
        ["entity_unexpected_device_class"],
        ["entity_unexpected_device_class", "entity_state_class_measurement_no_last_reset"],
    ]
