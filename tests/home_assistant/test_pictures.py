"""The pictures of docs/images, with what a house in the cold half of the year would show.

They come last: sample days are put behind what the meter has counted, and never taken away.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from .browser import Browser, ViewportSize, browser, missing
from .energy import source
from .examples import DASHBOARD_PATH, make_dashboard
from .house import CONNECTED, SENSOR, House
from .statistics import five_minutes

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "there is one")

WIDTH = 1100
SCALE = 1.5

HEAT = f"{SENSOR}heat_energy"
#: More than a month, so that the sum of this month is one of the sample.
DAYS = 45

#: What fits together: 118 L/h cooled by 37.32 K are 5.1 kW.
MOMENT = {80: "5.1", 74: "118", 86: "68.42", 87: "31.10", 89: "37.32"}
#: And so do these: what the first ten months of a year have added up.
YEAR = {
    "volume": 412.3,
    "volume_times_supply_temperature": 29109,
    "volume_times_return_temperature": 13977,
}


@pytest.fixture(scope="module", autouse=True)
def _sample(the_house: House) -> Iterator[None]:
    meter = the_house.devices["heat_meter"].virtual_meter
    meter.overrides |= {number: Decimal(value) for number, value in MOMENT.items()}
    connection = the_house.home.connection
    connection.act("button.press", entity_id="button.heat_meter_read_now")
    connection.wait_until(
        lambda states: float(states[f"{SENSOR}flow"].state) == 118, 30, "the moment's values"
    )
    for name, value in YEAR.items():
        entity_id = f"{SENSOR}year_{name}"
        connection.act("utility_meter.calibrate", entity_id=entity_id, value=str(value))
    _import_days(the_house)
    connection.act("persistent_notification.dismiss_all")
    yield
    for number in MOMENT:
        del meter.overrides[number]


def _hours(end: datetime) -> list[tuple[datetime, float]]:
    """Return full hours up to this one with the power in kW: colder and milder days, showers."""
    random = Random(403)
    cold = 3.0
    hours = []
    for back in range(DAYS * 24, 0, -1):
        start = end - timedelta(hours=back)
        local = (start.hour + 1) % 24
        if local == 0:
            cold += (3.0 - cold) * 0.3 + random.uniform(-0.9, 0.9)
        day = 0.35 * math.cos((local - 4) / 12 * math.pi)
        peak = {6: 1.9, 7: 2.3, 8: 1.0, 17: 0.8, 18: 1.2, 19: 1.3, 20: 0.9}.get(local, 0.0)
        hours.append((start, cold + day + peak + random.uniform(-0.2, 0.2)))
    return hours


def _import_days(house: House) -> None:
    connection = house.home.connection
    state = float(connection.states()[HEAT].state)
    now = begin = datetime.now(UTC)
    zero = state
    # The sums of what was recorded go on from here; so the sample has to end where they begin.
    if rows := five_minutes(connection, [HEAT]).get(HEAT):
        begin = datetime.fromtimestamp(rows[0]["start"] / 1000, UTC)
        state, zero = rows[0]["state"], rows[0]["state"] - rows[0]["sum"]
    stats: dict[str, list[dict[str, Any]]] = {HEAT: []}
    hours = _hours(_full_hour(begin))
    used = sum(power for _, power in hours)
    for start, power in hours:
        used -= power
        row = {"start": start.isoformat(), "state": state - used, "sum": state - used - zero}
        stats[HEAT].append(row)
    for start, power in _hours(_full_hour(now)):
        for name, mean in {
            "flow": power * 23.2,
            "supply_temperature": 66.5 + power * 0.4,
            "return_temperature": 29.6 + power * 0.35,
        }.items():
            row = {"start": start.isoformat(), "mean": mean, "min": mean - 0.6, "max": mean + 0.6}
            stats.setdefault(f"{SENSOR}{name}", []).append(row)
    units = {"heat_energy": ("kWh", "energy"), "flow": ("L/h", "volume_flow_rate")}
    for entity_id, rows in stats.items():
        unit, kind = units.get(entity_id.removeprefix(SENSOR), ("°C", "temperature"))
        metadata = {
            "source": "recorder",
            "statistic_id": entity_id,
            "name": None,
            "unit_of_measurement": unit,
            "unit_class": kind,
            "has_sum": entity_id == HEAT,
            "mean_type": 0 if entity_id == HEAT else 1,
        }
        connection.ask("recorder/import_statistics", metadata=metadata, stats=rows)
    # What the meter showed before is another house.
    momentary = [name for name in stats if name != HEAT]
    connection.act("recorder.purge_entities", entity_id=momentary, keep_days=0)


def _full_hour(time: datetime) -> datetime:
    return time.replace(minute=0, second=0, microsecond=0)


def _take_away_the_rest(house: House) -> None:
    """Disable what the packages beside standard, diagnostics and info-codes bring."""
    connection = house.home.connection
    words = ("average", "largest", "smallest", "volume_times", "configuration", "number", "target")
    for entity_id in connection.states():
        name = entity_id.removeprefix(SENSOR)
        others = name.startswith(("operating", "software", "meter_type"))
        is_of_year = name.startswith("year_")
        if name != entity_id and not is_of_year and (others or any(word in name for word in words)):
            connection.ask("config/entity_registry/update", entity_id=entity_id, disabled_by="user")


# The page has all entities in one of three columns, which is long; side by side they are a picture.
ENTITIES_ONLY = """
() => {
  const find = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.localName === "ha-config-device-page") return element.shadowRoot;
      const found = element.shadowRoot && find(element.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const style = document.createElement("style");
  style.textContent = `
    .column:nth-child(2), .column:last-child { display: none !important; }
    .column:nth-child(3) { width: 100% !important; columns: 2; column-gap: 16px; }
    .column:nth-child(3) > * {
      display: block !important;
      break-inside: avoid;
      margin-bottom: 16px;
    }
  `;
  find(document).append(style);
}
"""


@contextmanager
def _browser(house: House, height: int) -> Iterator[Browser]:
    with browser(house.home, ViewportSize(width=WIDTH, height=height), scale=SCALE) as page:
        yield page


def _open_device(house: House, page: Browser) -> None:
    _take_away_the_rest(house)
    devices = house.home.connection.ask("config/device_registry/list")
    (device,) = (row["id"] for row in devices if row["name"] == "Heat meter")
    page.open(f"/config/devices/device/{device}", "Diagnostic")
    page.page.evaluate(ENTITIES_ONLY)
    page.wait_for("Link advice")


def test_the_dashboard(the_house: House, pictures: Path) -> None:
    make_dashboard(the_house.home.connection)
    with _browser(the_house, 860) as page:
        page.open(f"/{DASHBOARD_PATH}", "Heat per day")
        page.wait_for("68.42 °C")
        assert page.shows("Average of the year")
        assert page.errors() == []
        page.picture(pictures / "home-assistant-dashboard.png")


def test_the_page_of_energy(the_house: House, pictures: Path) -> None:
    the_house.home.connection.ask(
        "energy/save_prefs", energy_sources=[source("gas", HEAT)], device_consumption=[]
    )
    with _browser(the_house, 800) as page:
        page.open("/energy", "Gas consumption")
        page.wait_for("Heat energy")
        assert page.errors() == []
        page.picture(pictures / "home-assistant-energy.png")


def test_the_device(the_house: House, pictures: Path) -> None:
    with _browser(the_house, 870) as page:
        _open_device(the_house, page)
        assert page.shows("68.42 °C")
        assert page.errors() == []
        page.picture(pictures / "home-assistant-device.png")


def test_a_wrong_wire(the_house: House, pictures: Path) -> None:
    connection, meter = the_house.home.connection, the_house.devices["heat_meter"].meter
    meter.faults = ["inverted"]
    try:
        connection.wait_until(lambda states: states[CONNECTED].state == "off", 90, "gone")
        connection.act("button.press", entity_id="button.heat_meter_check_wiring")
        states = connection.wait_until(
            lambda states: (
                states[f"{SENSOR}link_status"].state == "garbled"
                and states[f"{SENSOR}link_advice"].state != "Nothing to do"
            ),
            60,
            "the verdict",
        )
        with _browser(the_house, 870) as page:
            _open_device(the_house, page)
            assert page.shows(states[f"{SENSOR}link_advice"].state)
            page.picture(pictures / "home-assistant-check-wiring.png")
    finally:
        meter.faults = []
    connection.wait_until(lambda states: states[CONNECTED].state == "on", 60, "back")
