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

from .house import House
from .statistics import wait_for_rows

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


def import_into(house: House, folder: Path, entity: str = ENERGY) -> CompletedProcess[str]:
    """Import without a question."""
    url = house.home.url
    arguments = ("import", "history.jsonl", "--home-assistant", url, "--entity", entity, "--yes")
    return history(*arguments, folder=folder, HOME_ASSISTANT_TOKEN=house.home.token)


def rows(house: House, period: str) -> list[dict[str, Any]]:
    """Return everything that Home Assistant has about the energy."""
    found = house.connection.ask(
        "recorder/statistics_during_period",
        start_time="2000-01-01T00:00:00+00:00",
        statistic_ids=[ENERGY],
        period=period,
        types=["state", "sum", "change"],
    )
    return list(found[ENERGY])


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
    result = import_into(the_house, folder, entity)
    assert result.returncode == 1
    assert said in result.stderr


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
