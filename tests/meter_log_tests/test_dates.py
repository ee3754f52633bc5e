"""When each row was written: right for every row, with few stamps asked for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_log.dates import DateSearch, Gap, Stamp, later, read_stamp
from meter_log.readout import Log

BEGIN = datetime(2024, 1, 1, 0, 0, 4)
NO_SUMMER_TIME = timedelta(0)


def search(
    log: Log, written: dict[int, datetime], without: frozenset[int] = frozenset()
) -> tuple[DateSearch, int]:
    """Search with a meter that tells each stamp but some; return it and how many were asked for."""
    dates = DateSearch(log, written)
    asked = 0
    while (id_ := dates.next_id()) is not None:
        asked += 1
        assert asked <= len(written)
        dates.take(id_, None if id_ in without else Stamp(written[id_], NO_SUMMER_TIME))
    return dates, asked


@pytest.mark.parametrize("log", Log)
def test_two_stamps_are_enough_when_nothing_is_missing(log: Log) -> None:
    written = {186 + i: later(log, BEGIN, i) for i in range(460)}
    dates, asked = search(log, written)
    assert dates.times() == written
    assert asked == 2
    assert list(dates.gaps()) == []


@given(
    st.sampled_from(Log),
    st.lists(st.tuples(st.integers(1, 60), st.integers(-3, 40)), max_size=5),
    st.sets(st.integers(0, 300)),
)
def test_every_row_has_its_time(log: Log, parts: list[tuple[int, int]], absent: set[int]) -> None:
    """Rows of intervals without a gap, then a jump of the clock or of the calendar."""
    written: dict[int, datetime] = {}
    id_, interval, gaps = 1, 0, 0
    for rows, jump in parts:
        for _ in range(rows):
            written[id_] = later(log, BEGIN, interval)
            id_, interval = id_ + 1, interval + 1
        interval += jump
        gaps += jump != 0
    for id_ in absent & {*written}:
        del written[id_]
    dates, asked = search(log, written)
    # What goes back as far as it went forward cannot be seen from outside.
    if all(jump >= 0 for _, jump in parts):
        assert dates.times() == written
        assert asked <= 2 + gaps * 9
    assert {*dates.times()} == {*written}


def test_a_gap_is_named() -> None:
    written = {i: later(Log.DAYS, BEGIN, i if i <= 100 else i + 3) for i in range(1, 461)}
    dates, asked = search(Log.DAYS, written)
    assert list(dates.gaps()) == [Gap(100, written[100], written[101], 3)]
    assert asked <= 11


def test_rows_without_a_stamp_have_no_time() -> None:
    """Those before the oldest and after the newest that has one; others are in between."""
    written = {i: later(Log.DAYS, BEGIN, i) for i in range(1, 11)}
    dates, _ = search(Log.DAYS, written, without=frozenset({1, 10, 9}))
    assert dates.times() == {i: written[i] for i in range(2, 9)}
    assert search(Log.DAYS, written, without=frozenset(written))[0].times() == {}


def test_stamp_in_summer() -> None:
    """As captured, while the maker's program showed 13:07:30."""
    stamp = read_stamp(bytes.fromhex("3C1A04150C071E"))
    assert stamp == Stamp(datetime(2026, 4, 21, 12, 7, 30), timedelta(hours=1))


@pytest.mark.parametrize(
    "data", ["", "00180C1E0000", "00180C1E00000400", "00180D1E000004", "00180C20000004"]
)
def test_what_is_no_stamp_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match="is no date and time"):
        read_stamp(bytes.fromhex(data))


@given(st.binary(max_size=9))
def test_any_stamp(data: bytes) -> None:
    try:
        stamp = read_stamp(data)
    except ValueError:
        return
    time = stamp.time
    assert data[1:] == bytes(
        (time.year - 2000, time.month, time.day, time.hour, time.minute, time.second)
    )
