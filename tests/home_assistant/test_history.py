"""The meter's own history, read through a device and joined with what Home Assistant has."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from integration.trouble import fast_line
from meter_log.readout import Log
from meter_log_tests.command import history

from .browser import browser, needs_browser, picture, wait_for
from .house import House
from .statistics import energy_source, wait_for_rows

#: Of the picture.
SCALE = 1.5

ENERGY = "sensor.remote_head_heat_energy"
COPENHAGEN = ZoneInfo("Europe/Copenhagen")


@pytest.fixture(scope="module")
def folder(the_house: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the history of the meter, read as an owner does, and one live row."""
    folder = tmp_path_factory.mktemp("history")
    port = str(the_house.devices["remote_head"].firmware.api_port)
    with fast_line():
        result = history("read", "--host", "127.0.0.1", "--api-port", port, folder=folder)
    assert result.returncode == 0, result.stderr
    assert "460" in result.stdout
    wait_for_rows(the_house.connection, [ENERGY], 1)
    return folder


@pytest.fixture(scope="module", autouse=True)
def before(the_house: House, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """What Home Assistant has of the energy before any import."""
    return {period: rows(the_house, period) for period in ("hour", "5minute")}


def import_into(
    house: House, folder: Path, *options: str, entity: str = ENERGY, token: str | None = None
) -> CompletedProcess[str]:
    """Import without being asked."""
    where = ("--home-assistant", house.home.url, "--entity", entity, "--yes", *options)
    token = token or house.home.token
    return history("import", "history.jsonl", *where, folder=folder, HOME_ASSISTANT_TOKEN=token)


def rows(house: House, period: str) -> list[dict[str, Any]]:
    """Return each row of the energy that has a value."""
    found = house.connection.ask(
        "recorder/statistics_during_period",
        start_time="2000-01-01T00:00:00+00:00",
        statistic_ids=[ENERGY],
        period=period,
        types=["state", "sum", "change"],
    )
    return [row for row in found.get(ENERGY, ()) if row["state"] is not None]


@pytest.mark.parametrize(
    ("entity", "said"),
    [
        ("sensor.nothing", "Home Assistant has no statistics of sensor.nothing. Is that its name"),
        ("sensor.remote_head_power", "sensor.remote_head_power is no total"),
        ("sensor.remote_head_volume", "register 60 has the unit kWh, and the entity m³"),
    ],
)
def test_what_cannot_be_joined_is_refused(
    the_house: House, folder: Path, entity: str, said: str
) -> None:
    if entity != "sensor.nothing":
        wait_for_rows(the_house.connection, [entity], 1)
    result = import_into(the_house, folder, entity=entity)
    assert result.returncode == 1
    assert said in result.stderr


def test_who_is_no_administrator_is_told_so(the_house: House, folder: Path) -> None:
    token = the_house.home.add_guest()
    for options in ((), ("--undo",)):
        result = import_into(the_house, folder, *options, token=token)
        assert result.returncode == 1
        assert "the token is of Guest, who is not an administrator" in result.stderr
        assert result.stdout == ""


def test_history_and_live_values_are_one(the_house: House, folder: Path) -> None:
    """No sum falls, every day has its own heat, and a second import changes nothing."""
    before = rows(the_house, "5minute")
    result = import_into(the_house, folder)
    assert result.returncode == 0, result.stderr
    hours = rows(the_house, "hour")
    assert len(hours) > 1400
    assert all(after["sum"] >= earlier["sum"] for earlier, after in pairwise(hours))

    # One rule for imported rows and those from before: the sum is the state less the oldest one.
    oldest = hours[0]["state"]
    assert hours[0]["sum"] == 0
    live = rows(the_house, "5minute")
    assert len(live) >= len(before) > 0
    for row in [*hours, *live]:
        assert row["state"] - row["sum"] == pytest.approx(oldest, abs=0.01)
    # The seam: what was used since the last full hour, to a step of the display.
    assert -1 <= live[0]["sum"] - hours[-1]["sum"] <= 12

    log = the_house.devices["remote_head"].virtual_meter.logs[Log.DAYS]
    shown = [int.from_bytes(log.rows[id_][0]) for id_ in sorted(log.rows)]
    today = datetime.now(COPENHAGEN).date()
    used = {
        today - timedelta(days=len(shown) - 1 - i): after - earlier
        for i, (earlier, after) in enumerate(pairwise(shown))
    }
    days = {
        datetime.fromtimestamp(row["start"] / 1000, COPENHAGEN).date(): row["change"]
        for row in rows(the_house, "day")
    }
    changes = (date(2025, 10, 26), date(2026, 3, 29), date(2026, 10, 25))
    newest_hours = today - timedelta(days=60)
    compared = [day for day in used if day < newest_hours]
    assert len(compared) > 390
    for day in [*compared, *(each for each in changes if each in used)]:
        # Where there are hours, a day ends at midnight local time, not at 01:00.
        assert days[day] == pytest.approx(used[day], abs=0.01 if day < newest_hours else 6), day

    again = import_into(the_house, folder)
    assert again.returncode == 0, again.stderr
    assert "Nothing to do" in again.stdout
    assert rows(the_house, "hour")[: len(hours)] == hours
    assert the_house.connection.ask("recorder/validate_statistics") == {}


def test_undo_puts_back_what_was_there(
    the_house: House, folder: Path, before: dict[str, list[dict[str, Any]]]
) -> None:
    """Each live row has its own sum again, and no other row a value; an import then does it all."""
    assert import_into(the_house, folder).returncode == 0
    imported = rows(the_house, "hour")
    assert len(imported) > 1400
    result = import_into(the_house, folder, "--undo")
    assert result.returncode == 0, result.stderr
    assert f"{ENERGY} has what it had before the import" in result.stdout

    live = rows(the_house, "5minute")
    assert len(live) >= len(before["5minute"]) > 0
    zero = before["5minute"][0]["state"] - before["5minute"][0]["sum"]
    for row in live:
        assert row["state"] - row["sum"] == pytest.approx(zero, abs=1e-6)
    for period in ("hour", "5minute"):
        now = {row["start"]: row for row in rows(the_house, period)}
        for row in before[period]:
            assert now[row["start"]] == pytest.approx(row, abs=1e-6)
    begin = live[0]["start"] - 3_600_000
    assert all(row["start"] > begin for row in rows(the_house, "hour"))
    # What cards show of a long period is what was used since Home Assistant has been looking.
    used = the_house.connection.ask(
        "recorder/statistic_during_period",
        statistic_id=ENERGY,
        types=["change"],
        fixed_period={"start_time": "2025-01-01T00:00:00+00:00"},
    )
    assert used["change"] == pytest.approx(rows(the_house, "5minute")[-1]["sum"], abs=0.2)

    again = import_into(the_house, folder, "--undo")
    assert again.returncode == 1
    assert f"the import of history.jsonl into {ENERGY} is undone already" in again.stderr
    other = import_into(the_house, folder, "--undo", entity="sensor.remote_head_volume")
    assert other.returncode == 1
    assert "was not imported into sensor.remote_head_volume" in other.stderr

    assert import_into(the_house, folder).returncode == 0
    now = {row["start"]: row for row in rows(the_house, "hour")}
    for row in imported:
        assert now[row["start"]] == pytest.approx(row, abs=1e-6)
    assert the_house.connection.ask("recorder/validate_statistics") == {}


@needs_browser
def test_the_page_of_energy_has_the_last_winter(
    the_house: House, folder: Path, pictures: Path
) -> None:
    """Each day of a year, of a device that has been there for minutes."""
    assert import_into(the_house, folder).returncode == 0
    sources = [energy_source("gas", ENERGY)]
    the_house.connection.ask("energy/save_prefs", energy_sources=sources, device_consumption=[])
    assert the_house.connection.ask("energy/validate")["energy_sources"] == [[]]
    with browser(the_house.home, scale=SCALE, period="now-12m") as page:
        page.goto("/energy")
        wait_for(page, "Gas consumption")
        wait_for(page, "Remote head Heat energy")
        picture(page, pictures / "home-assistant-history.png")
