"""Five-minute statistics: sums for totals, means for the rest, and no step at a restart."""

from __future__ import annotations

import pytest

from .house import SENSOR, House
from .statistics import wait_for_rows

#: The meter of that device runs ten times as fast, at 11 kW and 0.26 m³/h.
GROWING = [f"{SENSOR}heat_energy", f"{SENSOR}volume"]


def test_sums_for_totals_and_means_for_the_rest(the_house: House) -> None:
    connection = the_house.connection
    states = connection.states()
    ids: dict[str, list[str]] = {"total_increasing": [], "measurement": []}
    for row in connection.ask("config/entity_registry/list"):
        state = states.get(row["entity_id"])
        # A disabled one has no state.
        if row["platform"] == "esphome" and state and state.is_known:
            ids.get(state.attributes.get("state_class", ""), []).append(row["entity_id"])
    rows = wait_for_rows(connection, [*ids["total_increasing"], *ids["measurement"]], 1)
    for kind, state_class, least in (("sum", "total_increasing", 25), ("mean", "measurement", 30)):
        assert len(ids[state_class]) >= least
        assert [id_ for id_ in ids[state_class] if rows[id_][-1][kind] is None] == []
    assert all(10 < row["mean"] < 1000 for row in rows[f"{SENSOR}flow"])


def test_home_assistant_finds_nothing_wrong_with_them(the_house: House) -> None:
    assert the_house.connection.ask("recorder/validate_statistics") == {}


def test_no_step_when_device_and_home_assistant_restart(the_house: House) -> None:
    device, home = the_house.devices["heat_meter"], the_house.home
    before = wait_for_rows(home.connection, GROWING, 1)
    device.switch_off()
    home.restart()
    device.switch_on()
    home.connection.wait_until(
        lambda states: all(states[entity_id].is_known for entity_id in GROWING),
        60,
        "values after the restart",
    )
    # The next one might be from the five minutes before the restart.
    after = wait_for_rows(home.connection, GROWING, len(before[GROWING[0]]) + 1)
    for entity_id in GROWING:
        first, *others = after[entity_id]
        assert after[entity_id][: len(before[entity_id])] == before[entity_id]
        # The sum is what the meter counted, from the first row on.
        for row in others:
            grown = row["state"] - first["state"]
            assert row["sum"] - first["sum"] == pytest.approx(grown, abs=0.01)
        assert others[-1]["state"] > first["state"]
