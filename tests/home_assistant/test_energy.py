"""What the Energy dashboard accepts, which is what docs/getting-started.md recommends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from integration.conversion import JOULE
from integration.firmware import ROOT
from playwright.sync_api import Locator, Page

from .browser import browser, needs_browser, text, wait_for
from .house import SENSOR, House
from .statistics import energy_source, wait_for_rows

#: Heat by its unit.
HEAT = {symbol: f"sensor.every_energy_unit_{symbol.lower()}" for symbol in JOULE}
VOLUME = f"{SENSOR}volume"
POWER = f"{SENSOR}power"
PULSES = "sensor.every_key_input_a"

#: What other things have counted: gas, and 2 GJ of heat.
REAL_GAS = "test:real_gas"
TWO_GJ = "test:heat"
COUNTED = {
    REAL_GAS: ("Real gas", "m³", "volume", 4),
    TWO_GJ: ("Heat in GJ", "GJ", "energy", 2),
}


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


@pytest.fixture
def _counted(the_house: House) -> Iterator[None]:
    """Have the statistics of other things."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for name, (title, unit, kind, used) in COUNTED.items():
        metadata = {
            "source": "test",
            "statistic_id": name,
            "name": title,
            "unit_of_measurement": unit,
            "unit_class": kind,
            "has_sum": True,
            "mean_type": 0,
        }
        rows = [
            {"start": (hour - timedelta(hours=back)).isoformat(), "state": count, "sum": count}
            for back, count in ((30, 0), (29, used))
        ]
        the_house.connection.ask("recorder/import_statistics", metadata=metadata, stats=rows)
    yield
    the_house.connection.ask("recorder/clear_statistics", statistic_ids=[*COUNTED])
    the_house.connection.ask("energy/save_prefs", energy_sources=[])


def _add_gas(house: House, page: Page, existing: list[str]) -> Locator:
    """Ask for a new gas source beside existing ones; return the dialogue, with its list open."""
    sources = [energy_source("gas", name) for name in existing]
    house.connection.ask("energy/save_prefs", energy_sources=sources, device_consumption=[])
    page.goto("/config/energy")
    wait_for(page, "Add gas source")
    text(page, "Add gas source").click()
    dialogue = page.locator("dialog-energy-gas-settings")
    dialogue.locator("ha-statistic-picker").first.click()
    return dialogue


def _offered(page: Page, name: str, of: str) -> Locator:
    """Return the row of the open list with a name and what it is of; there may be none."""
    page.locator("ha-picker-combo-box ha-textfield input").fill(name)
    wait_for(page, "Gas usage")
    rows = page.locator("ha-picker-combo-box ha-combo-box-item").locator("visible=true")
    return rows.filter(has_text=re.compile(rf"^\s*{name}\s*{of}\s*$"))


@needs_browser
@pytest.mark.usefixtures("_counted")
@pytest.mark.parametrize(
    ("existing", "offers_heat", "offers_gas"),
    [([], True, True), ([REAL_GAS], False, False), ([HEAT["GJ"]], True, False)],
    ids=["nothing", "gas", "heat"],
)
def test_gas_in_volume_and_heat_exclude_each_other(
    existing: list[str], offers_heat: bool, offers_gas: bool, the_house: House
) -> None:
    with browser(the_house.home) as page:
        _add_gas(the_house, page, existing)
        assert _offered(page, "Heat energy", "Heat meter").count() == offers_heat
        assert _offered(page, "Real gas", "test").count() == offers_gas


@needs_browser
@pytest.mark.usefixtures("_counted")
def test_a_price_is_for_the_unit_of_the_entity(the_house: House) -> None:
    with browser(the_house.home) as page:
        for unit in ("GJ", "kWh"):
            dialogue = _add_gas(the_house, page, [])
            _offered(page, unit, "Every-Energy-Unit").click()
            static = dialogue.locator("ha-formfield").filter(has_text="Use a static price")
            static.locator("ha-radio").click()
            price = dialogue.locator("ha-textfield")
            assert price.evaluate("field => field.suffix") == f"DKK/{unit}"
            price.locator("input").fill("650")
            dialogue.get_by_text("Save").click()
            dialogue.wait_for(state="hidden")
            (source,) = the_house.connection.ask("energy/get_prefs")["energy_sources"]
            assert source["stat_energy_from"] == HEAT[unit]
            assert source["number_energy_price"] == 650


@needs_browser
@pytest.mark.usefixtures("_counted")
def test_heat_of_any_unit_is_shown_in_kwh(the_house: House) -> None:
    sources = [energy_source("gas", TWO_GJ)]
    the_house.connection.ask("energy/save_prefs", energy_sources=sources, device_consumption=[])
    with browser(the_house.home) as page:
        page.goto("/energy")
        wait_for(page, "Heat in GJ")
        assert text(page, "555.56 kWh").count() > 0
        assert text(page, "2 GJ").count() == 0
