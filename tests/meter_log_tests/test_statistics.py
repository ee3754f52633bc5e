"""Rows in their hours, over both changes of the clock, and joined to what Home Assistant has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_log.history import LogHistory
from meter_log.readout import Column, Log
from meter_log.statistics import JoinError, Point, StatisticRow, hour_of, join, points_of, unit_of
from virtual_meter.logs import MeterLog
from virtual_meter.past import past_logs

from .past import COUNTER, NOW, read

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # Winter: standard time is what the clock on the wall shows.
        ("2026-01-15 00:00:04", "2026-01-14 22:00"),
        # Summer: written at 01:00 of the 15th; it is about the 14th, which ends at 22:00 UTC.
        ("2026-07-15 00:00:04", "2026-07-14 21:00"),
        # The day of 23 hours and the one of 25.
        ("2026-03-30 00:00:04", "2026-03-29 21:00"),
        ("2026-10-26 00:00:04", "2026-10-25 22:00"),
    ],
)
def test_day_rows(written: str, expected: str) -> None:
    start = hour_of(Log.DAYS, datetime.fromisoformat(written), COPENHAGEN)
    assert start == datetime.fromisoformat(f"{expected}+00:00")


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),
    st.sampled_from(
        ["Europe/Copenhagen", "Europe/Dublin", "America/St_Johns", "Australia/Lord_Howe", "UTC"]
    ),
)
def test_each_hour_has_one_row(time: datetime, name: str) -> None:
    """Also when clocks change: rows an hour apart are in hours that follow each other."""
    zone = ZoneInfo(name)
    written = time.replace(minute=0, second=0, microsecond=0)
    if written.year == (written + HOUR).year:
        first, second = (hour_of(Log.HOURS, each, zone) for each in (written, written + HOUR))
        assert second - first == HOUR
    start = hour_of(Log.DAYS, written.replace(hour=0), zone)
    assert (start.minute, start.second) == (0, 0)
    # In its last hour: where a zone is half an hour off, 22:30 begins one.
    local = start.astimezone(zone)
    assert local.date() == written.date() - timedelta(days=1)
    assert (local.hour, local.minute) in ((23, 0), (22, 30))


def test_a_simulated_year() -> None:
    """Every day's and hour's use is that of the house, on the days of both changes, too."""
    days, hours = (
        points_of(read(past_logs(NOW, [COUNTER]), log), 60, "kWh", COPENHAGEN)
        for log in (Log.DAYS, Log.HOURS)
    )
    assert len(days) == 460
    assert len(hours) == 1400
    local = [point.start.astimezone(COPENHAGEN) for point in days]
    assert {each.hour for each in local} == {23}
    assert [each.date() for each in local] == [
        local[0].date() + timedelta(days=i) for i in range(460)
    ]
    changes = [later.start - earlier.start for earlier, later in pairwise(days)]
    assert {change // HOUR for change in changes} == {23, 24, 25}
    expected = NOW.replace(minute=0) - timedelta(hours=1)  # standard time
    for point in reversed(hours):
        assert point.start == expected.replace(tzinfo=UTC) - HOUR
        assert point.state == COUNTER.at(expected + HOUR, NOW)
        expected -= HOUR


def test_finer_logs_come_first() -> None:
    """Each hour once: years, then months, then days, then hours."""
    points = points_of(read(past_logs(NOW, [COUNTER]), *Log), 60, "MWh", COPENHAGEN)
    starts = [point.start for point in points]
    assert starts == sorted(set(starts))
    assert points[-1].state == Decimal(COUNTER.at(NOW.replace(minute=0), NOW)) / 1000
    gaps: defaultdict[timedelta, int] = defaultdict(int)
    for earlier, later in pairwise(starts):
        gaps[later - earlier] += 1
    assert gaps[HOUR] == 1399
    assert 395 < sum(count for gap, count in gaps.items() if 2 <= gap // HOUR <= 25) < 405


def point(hour: int, state: int) -> Point:
    """Return a point of one day."""
    return Point(datetime(2026, 11, 1, hour, tzinfo=UTC), Decimal(state))


LIVE = StatisticRow(datetime(2026, 11, 1, 5, tzinfo=UTC), state=130.4, sum=0.3)


@given(st.lists(st.integers(0, 130), min_size=1, max_size=20), st.floats(0, 50))
def test_the_join_is_smooth(states: list[int], live_sum: float) -> None:
    """No sum is negative, and none falls; the seam's step is what was used in between."""
    points = [
        Point(LIVE.start - HOUR * (len(states) - i), Decimal(state))
        for i, state in enumerate(sorted(states))
    ]
    live = StatisticRow(LIVE.start, LIVE.state, live_sum)
    joined = join(points, live, 1)
    sums = [float(each.state - joined.zero) for each in joined.points]
    sums.append(live.sum + joined.adjustment)
    assert sums[0] == 0
    assert sums == sorted(sums)
    assert sums[-1] - sums[-2] == pytest.approx(live.state - float(points[-1].state))


def test_the_second_import_changes_nothing() -> None:
    points = [point(1, 100), point(3, 120)]
    first = join(points, LIVE, 1)
    assert [each.state for each in first.points] == [100, 120]
    assert first.adjustment == pytest.approx(30.1)
    imported = StatisticRow(points[0].start, state=100, sum=0)
    again = join([*points, point(6, 131)], imported, 1)
    assert (again.points, again.adjustment) == ((), 0.0)


def test_older_rows_can_be_added_later() -> None:
    imported = StatisticRow(point(3, 120).start, state=120, sum=0)
    joined = join([point(1, 100), point(3, 120)], imported, 1)
    assert joined.points == (point(1, 100),)
    assert joined.adjustment == 20


def test_another_meter_is_refused() -> None:
    with pytest.raises(JoinError, match="not of the same meter"):
        join([point(1, 500)], LIVE, 1)


def days_of(states: Sequence[int]) -> list[LogHistory]:
    """Return a log whose newest days have these states, and which has no others."""
    logs = past_logs(NOW, [COUNTER])
    days = logs[Log.DAYS]
    ids = sorted(days.rows)[-len(states) :]
    rows = {
        id_: [state.to_bytes(4), days.rows[id_][1]] for id_, state in zip(ids, states, strict=True)
    }
    logs[Log.DAYS] = MeterLog(days.columns, rows, days.depth)
    return read(logs, Log.DAYS)


@pytest.mark.parametrize(
    "states", [[8000, 8020, 1, 30], [99_980, 99_999, 12], [5000, 0, 0], [1, 0]]
)
def test_a_counter_that_falls_is_refused(states: list[int]) -> None:
    """A meter that was set back, and displays that began again at 0."""
    with pytest.raises(JoinError, match=r"the counter falls from \d+ to \d+ kWh at 20"):
        points_of(days_of(states), 60, "kWh", COPENHAGEN)


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=8),
    st.floats(0, 70),
    st.floats(0, 50),
    st.integers(0, 4),
)
def test_no_change_is_negative(
    states: list[int], live_state: float, live_sum: float, after: int
) -> None:
    """Whatever the counter did: it is refused, or each sum is at least the one before."""
    try:
        points = points_of(days_of(states), 60, "kWh", COPENHAGEN)
        start = points[-1].start + HOUR * (after - 2)
        joined = join(points, StatisticRow(start, live_state, live_sum), tolerance=1)
    except JoinError:
        assert states != sorted(states) or states[-1] > live_state
        return
    assert states == sorted(states)
    assert all(point.start < start for point in joined.points)
    sums = [float(each.state - joined.zero) for each in joined.points]
    sums.append(live_sum + joined.adjustment)
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise([0.0, *sums]))


def test_rows_above_the_first_live_one_are_left_out() -> None:
    """By less than a step: the entity may have coarser digits than the log."""
    joined = join([point(1, 100), point(3, 130), point(4, 131)], LIVE, 1)
    assert joined.points == (point(1, 100), point(3, 130))
    nothing = join([point(4, 131)], LIVE, 1)
    assert (nothing.points, nothing.adjustment) == ((), 0.0)


@pytest.mark.parametrize("unit", ["m³", "K", "furlong"])
def test_another_quantity_is_refused(unit: str) -> None:
    with pytest.raises(JoinError, match=f"unit kWh, and the entity {unit}"):
        points_of(read(past_logs(NOW, [COUNTER]), Log.YEARS), 60, unit, COPENHAGEN)


def test_unit_of_the_meter() -> None:
    histories = read(past_logs(NOW, [COUNTER]), Log.YEARS)
    assert unit_of(histories, 60) == "kWh"
    with pytest.raises(JoinError, match="the file has no register 68 with a unit"):
        unit_of(histories, 68)
    in_mwh = COUNTER._replace(column=Column(60, 3, 4, 0))
    histories += read(past_logs(NOW, [in_mwh]), Log.MONTHS)
    with pytest.raises(JoinError, match="register 60 has the units kWh, MWh in the file"):
        unit_of(histories, 60)
