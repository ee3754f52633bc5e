"""Five-minute statistics: sums for totals, means for the rest, and no step at a restart."""

from __future__ import annotations

from typing import Any

import pytest

from .house import SENSOR, House
from .statistics import wait_for_rows

#: The meter of that device goes ten times as fast, at 11 kW and 0.26 m³/h.
GROWING = ("heat_energy", "volume")


def _by_state_class(house: House) -> dict[str | None, list[str]]:
    connection = house.home.connection
    ids: dict[str | None, list[str]] = {}
    states = connection.states()
    for row in connection.ask("config/entity_registry/list"):
        entity_id = row["entity_id"]
        # The yearly cooling of the examples looks like one of the device's, and is not.
        if row["platform"] == "esphome" and entity_id.startswith(SENSOR) and entity_id in states:
            state_class = states[entity_id].attributes.get("state_class")
            ids.setdefault(state_class, []).append(entity_id)
    return ids


def test_sums_for_totals_and_means_for_the_rest(the_house: House) -> None:
    ids = _by_state_class(the_house)
    assert len(ids["total_increasing"]) >= 6
    assert len(ids["measurement"]) >= 18
    rows = wait_for_rows(
        the_house.home.connection, [*ids["total_increasing"], *ids["measurement"]], 1
    )
    for entity_id in ids["total_increasing"]:
        assert rows[entity_id][-1]["sum"] is not None, entity_id
    for entity_id in ids["measurement"]:
        assert rows[entity_id][-1]["mean"] is not None, entity_id
    flow = [row["mean"] for row in rows[f"{SENSOR}flow"]]
    assert all(10 < mean < 1000 for mean in flow)


def test_home_assistant_finds_nothing_wrong_with_them(the_house: House) -> None:
    assert the_house.home.connection.ask("recorder/validate_statistics") == {}


def test_no_step_when_device_and_home_assistant_restart(the_house: House) -> None:
    ids = [f"{SENSOR}{name}" for name in GROWING]
    device, home = the_house.devices["heat_meter"], the_house.home
    before = wait_for_rows(home.connection, ids, 1)
    device.switch_off()
    home.restart()
    device.switch_on()
    home.connection.wait_until(
        lambda states: all(states[entity_id].is_known for entity_id in ids),
        60,
        "values after the restart",
    )
    # One more might be of the five minutes before the restart.
    after = wait_for_rows(home.connection, ids, len(before[ids[0]]) + 1)
    for entity_id in ids:
        _check_sums(before[entity_id], after[entity_id])


def _check_sums(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    assert after[: len(before)] == before
    # What is summed up is what the meter counted, from the first row on.
    first, *others = after
    for row in others:
        grown = row["state"] - first["state"]
        assert row["sum"] - first["sum"] == pytest.approx(grown, abs=0.01)
    assert after[-1]["state"] > first["state"]
