"""The pictures of docs/images, with what a house would show in the cold half of the year.

They come last: sample days are added before what the meter has counted, and are never removed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from .browser import browser, needs_browser, picture, text, wait_for
from .connection import States
from .examples import DASHBOARD_PATH
from .house import CONNECTED, SENSOR, UNTIL_GIVEN_UP, House
from .statistics import energy_source, wait_for_rows

pytestmark = needs_browser

SCALE = 1.5

HEAT = f"{SENSOR}heat_energy"
#: More than a month, so that the sum of this month is all from the sample.
DAYS = 45

#: Values that fit together: 118 L/h cooled by 37.32 K are 5.1 kW.
MOMENT = {80: "5.1", 74: "118", 86: "68.42", 87: "31.10", 89: "37.32"}
#: And so do these: the sums of the first ten months of a year.
YEAR = {
    "volume": 412.3,
    "volume_times_supply_temperature": 29109,
    "volume_times_return_temperature": 13977,
}
#: By the hour of the day, in kW.
SHOWERS = {6: 1.9, 7: 2.3, 8: 1.0, 17: 0.8, 18: 1.2, 19: 1.3, 20: 0.9}
#: Unit, its kind, the value at no power, and how much each kW adds.
MEANS = {
    "flow": ("L/h", "volume_flow_rate", 0, 23.2),
    "supply_temperature": ("°C", "temperature", 66.5, 0.4),
    "return_temperature": ("°C", "temperature", 29.6, 0.35),
}
# The page has all entities in one of three columns, which is long; side by side is a picture.
SIDE_BY_SIDE = """
.column:nth-child(2), .column:last-child { display: none !important; }
.column:nth-child(3) { width: 100% !important; columns: 2; column-gap: 16px; }
.column:nth-child(3) > * { display: block !important; break-inside: avoid; margin-bottom: 16px; }
"""
ADD_STYLE = """
(element, css) => {
  const style = document.createElement("style");
  style.textContent = css;
  element.shadowRoot.append(style);
}
"""


@pytest.fixture(scope="module", autouse=True)
def _sample(the_house: House) -> Iterator[None]:
    meter = the_house.devices["heat_meter"].virtual_meter
    meter.overrides |= {number: Decimal(value) for number, value in MOMENT.items()}
    connection = the_house.connection
    connection.press("read_now")
    connection.wait_for(f"{SENSOR}flow", "118.0")
    for name, value in YEAR.items():
        entity_id = f"{SENSOR}year_{name}"
        connection.act("utility_meter.calibrate", entity_id=entity_id, value=str(value))
    _import_days(the_house)
    _repeat_the_last_day(the_house)
    connection.act("persistent_notification.dismiss_all")
    yield
    for number in MOMENT:
        del meter.overrides[number]


def _hours(end: datetime) -> list[tuple[str, float]]:
    """Return full hours before a time with the power in kW: colder and milder days, showers."""
    hours = []
    for back in range(DAYS * 24, 0, -1):
        start = end.replace(minute=0, second=0, microsecond=0) - timedelta(hours=back)
        cold = 3 + 0.7 * math.sin(back / 53) + 0.5 * math.sin(back / 11)
        hours.append((start.isoformat(), cold + SHOWERS.get((start.hour + 1) % 24, 0)))
    return hours


def _import(house: House, name: str, unit: str, kind: str, rows: list[dict[str, Any]]) -> None:
    has_sum = "sum" in rows[0]
    metadata = {
        "source": "recorder",
        "statistic_id": f"{SENSOR}{name}",
        "name": None,
        "unit_of_measurement": unit,
        "unit_class": kind,
        "has_sum": has_sum,
        "mean_type": 0 if has_sum else 1,
    }
    house.connection.ask("recorder/import_statistics", metadata=metadata, stats=rows)


def _import_days(house: House) -> None:
    # The recorded sums continue from here; so the sample has to end where they begin.
    recorded = wait_for_rows(house.connection, [HEAT], 1)[HEAT][0]
    hours = _hours(datetime.fromtimestamp(recorded["start"] / 1000, UTC))
    used = sum(power for _, power in hours)
    rows = []
    for start, power in hours:
        used -= power
        row = {"start": start, "state": recorded["state"] - used, "sum": recorded["sum"] - used}
        rows.append(row)
    _import(house, "heat_energy", "kWh", "energy", rows)
    for name, (unit, kind, base, factor) in MEANS.items():
        hours = _hours(datetime.now(UTC))
        rows = [
            {"start": start, **dict.fromkeys(("mean", "min", "max"), base + factor * power)}
            for start, power in hours
        ]
        _import(house, name, unit, kind, rows)
    # Values that the meter showed before would belong to another house.
    momentary = [f"{SENSOR}{name}" for name in MEANS]
    house.connection.act("recorder.purge_entities", entity_id=momentary, keep_days=0)
    while house.connection.ask("recorder/info")["backlog"] > 0:
        time.sleep(0.5)


def _repeat_the_last_day(house: House) -> None:
    """Have the meter show the temperatures of the last day, an hour at each reading.

    A tile's graph is made of what was shown, and not of statistics; it is as wide as what there is.
    """
    meter = house.devices["heat_meter"].virtual_meter
    registers = {"supply_temperature": 86, "return_temperature": 87}
    shown = [MOMENT[number] for number in registers.values()]
    day = [
        [f"{base + factor * power:.2f}" for _, _, base, factor in map(MEANS.__getitem__, registers)]
        for _, power in _hours(datetime.now(UTC))[-24:]
    ]
    for values in [*day, shown]:
        meter.overrides |= dict(zip(registers.values(), map(Decimal, values), strict=True))
        house.connection.press("read_now")
        seen = {f"{SENSOR}{name}": float(v) for name, v in zip(registers, values, strict=True)}
        house.connection.wait_until(partial(_show, seen), 30, f"{seen}")


def _show(values: Mapping[str, float], states: States) -> bool:
    """Tell whether entities have these values, to two decimals."""
    known = {name: float(states[name].state) for name in values if states[name].is_known}
    return {name: round(value, 2) for name, value in known.items()} == values


def _open_device(house: House, page: Page) -> None:
    connection = house.connection
    for name in YEAR:
        # Entities that no package has are not in the picture.
        if "times" in name:
            connection.ask(
                "config/entity_registry/update", entity_id=f"{SENSOR}{name}", disabled_by="user"
            )
    devices = connection.ask("config/device_registry/list")
    (device,) = (row["id"] for row in devices if row["name"] == "Heat meter")
    page.goto(f"/config/devices/device/{device}")
    wait_for(page, "Diagnostic")
    page.locator("ha-config-device-page").evaluate(ADD_STYLE, SIDE_BY_SIDE)
    wait_for(page, "Link advice")


def test_the_dashboard(the_house: House, pictures: Path) -> None:
    with browser(the_house.home, scale=SCALE) as page:
        page.goto(DASHBOARD_PATH)
        wait_for(page, "Heat per day")
        wait_for(page, "68.42 °C")
        assert text(page, "Average of the year").count() > 0
        picture(page, pictures / "home-assistant-dashboard.png")


def test_the_page_of_energy(the_house: House, pictures: Path) -> None:
    sources = [energy_source("gas", HEAT)]
    the_house.connection.ask("energy/save_prefs", energy_sources=sources, device_consumption=[])
    with browser(the_house.home, scale=SCALE) as page:
        page.goto("/energy")
        wait_for(page, "Gas consumption")
        wait_for(page, "Heat energy")
        picture(page, pictures / "home-assistant-energy.png")


def test_the_device(the_house: House, pictures: Path) -> None:
    with browser(the_house.home, scale=SCALE) as page:
        _open_device(the_house, page)
        assert text(page, "68.42 °C").count() > 0
        picture(page, pictures / "home-assistant-device.png")


def test_a_wrong_wire(the_house: House, pictures: Path) -> None:
    connection, meter = the_house.connection, the_house.devices["heat_meter"].meter
    meter.faults = ["inverted"]
    try:
        connection.wait_for(CONNECTED, "off", UNTIL_GIVEN_UP)
        connection.press("check_wiring")
        states = connection.wait_until(
            lambda states: (
                states[f"{SENSOR}link_status"].state == "garbled"
                and states[f"{SENSOR}link_advice"].state != "Nothing to do"
            ),
            60,
            "the verdict",
        )
        with browser(the_house.home, scale=SCALE) as page:
            page.goto(DASHBOARD_PATH)
            wait_for(page, "Link status: garbled")
            assert text(page, states[f"{SENSOR}link_advice"].state).count() > 0
            picture(page, pictures / "home-assistant-check-wiring.png")
    finally:
        meter.faults = []
    connection.wait_for(CONNECTED, "on")
