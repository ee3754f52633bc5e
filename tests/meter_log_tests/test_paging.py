"""Reading a log: whatever the meter's page holds and whatever goes wrong, each row comes once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_log import readout
from meter_log.paging import ATTEMPTS, LogReading, Row
from meter_log.readout import Column, Flag, Log
from virtual_meter.logs import MeterLog, answer

ENERGY, VOLUME = Column(60, 3, 4, 0x43), Column(68, 40, 4, 0x42)


def make_log(
    ids: Iterable[int], limit: int = 255, silent_about: frozenset[int] = frozenset()
) -> MeterLog:
    """Return a log whose values are the rows' ids."""
    rows = {id_: [id_.to_bytes(4)] * 2 for id_ in ids}
    return MeterLog((ENERGY, VOLUME), rows, 460, limit=limit, silent_about=silent_about)


def run(
    reading: LogReading, log: MeterLog, line: Callable[[bytes], bytes | None] = lambda reply: reply
) -> list[bytes]:
    """Read with what becomes of each reply on the line; return the requests."""
    requests: list[bytes] = []
    while (request := reading.next_request()) is not None:
        requests.append(request)
        assert len(requests) < 5000
        reply = answer(dict.fromkeys(Log, log), request)
        reading.take(None if reply is None else line(reply))
    return requests


def values(reading: LogReading) -> dict[int, list[int]]:
    """Return the rows that were read, as numbers."""
    return {
        id_: [int.from_bytes(data) for _, data in row.values.values()]
        for id_, row in reading.rows.items()
    }


logs = st.builds(
    lambda newest, ages, limit: make_log((newest - age for age in {0, *ages}), limit),
    st.integers(80, 2**32 - 1),
    st.one_of(st.integers(0, 79).map(range), st.sets(st.integers(0, 79))),
    st.integers(0, 1024),
)


@given(logs, st.integers(1, 100), st.lists(st.sampled_from(["", "lost", "cut", "other"])))
def test_each_row_comes_once(log: MeterLog, count: int, faults: list[str]) -> None:
    """As long as the same request does not fail too often in a row."""
    coming = iter(faults)
    in_a_row = 0

    def line(reply: bytes) -> bytes | None:
        nonlocal in_a_row
        fault = next(coming, "") if in_a_row < ATTEMPTS - 1 else ""
        in_a_row = in_a_row + 1 if fault else 0
        spoiled = {"": reply, "lost": None, "cut": reply[:-1], "other": b"\x05" + reply[1:]}
        return spoiled[fault]

    reading = LogReading(Log.DAYS, (60, 68), count)
    requests = run(reading, log, line)
    window = range(max(log.rows) - count + 1, max(log.rows) + 1)
    expected = [id_ for id_ in window if id_ in log.rows]
    assert values(reading) == {id_: [id_, id_] for id_ in expected}
    assert reading.troubles == []
    assert reading.absent <= {*window} - {*expected}
    assert reading.absent >= {*range(min(expected), max(expected))} - {*expected}
    # No row is asked for once it is here: no more requests than pages and faults.
    assert len(requests) <= len(expected) + 1 + len(faults)


@given(logs, st.sets(st.integers(0, 79)))
def test_what_is_known_is_not_asked_for_again(log: MeterLog, known: set[int]) -> None:
    reading = LogReading(Log.DAYS, (60, 68), 80)
    ids = {max(log.rows) - each for each in known} & {*log.rows}
    reading.take_known(Row(id_, {60: (ENERGY, b"\xff")}) for id_ in ids)
    first, *requests = run(reading, log)
    asked = Counter[int]()
    for request in requests:
        start, count = int.from_bytes(request[2:6]), int.from_bytes(request[6:8])
        asked.update(range(start, start - count, -1))
    assert first == readout.ask_from_newest(Log.DAYS, 0, 80, (60, 68))
    assert not ids & set(asked)
    assert {*reading.rows} == {*log.rows}


def test_a_meter_that_is_silent_is_given_up() -> None:
    reading = LogReading(Log.DAYS, (60,), 10)
    assert len(run(reading, make_log(range(9)), lambda reply: None)) == ATTEMPTS
    assert reading.troubles == ["register 60: no answer"]


def test_what_was_read_is_kept_when_the_meter_falls_silent() -> None:
    replies = 0

    def line(reply: bytes) -> bytes | None:
        nonlocal replies
        replies += 1
        return reply if replies < 3 else None

    reading = LogReading(Log.DAYS, (60, 68), 40)
    run(reading, make_log(range(61, 101), limit=64), line)
    assert {*reading.rows} == {*range(100, 100 - len(reading.rows), -1)}
    oldest = min(reading.rows)
    assert 80 < oldest < 100
    assert reading.troubles == [f"given up from row {oldest - 1} on: no answer"]


@pytest.mark.parametrize("silent", [True, False])
def test_registers_that_the_log_does_not_have_are_named(silent: bool) -> None:
    """Whether the meter leaves them out or says nothing at all."""
    log = make_log(range(1, 10), silent_about=frozenset({86, 87} if silent else ()))
    reading = LogReading(Log.DAYS, (86, 60, 87, 68), 10)
    run(reading, log)
    assert values(reading) == {id_: [id_, id_] for id_ in range(1, 10)}
    assert [trouble for trouble in reading.troubles if "86" in trouble]
    assert [trouble for trouble in reading.troubles if "87" in trouble]
    assert not [trouble for trouble in reading.troubles if "60" in trouble or "68" in trouble]


def test_empty_log() -> None:
    reading = LogReading(Log.DAYS, (60, 68), 10)
    assert len(run(reading, make_log(()))) == 1
    assert reading.rows == {}
    assert reading.troubles == []


def with_flag(flag: Flag) -> Callable[[bytes], bytes]:
    """Set a flag in a reply."""
    return lambda reply: reply[:13] + (int.from_bytes(reply[13:15]) | flag).to_bytes(2) + reply[15:]


@pytest.mark.parametrize("flag", [Flag.MEMORY_ERROR, Flag.FORMAT_CHANGED, Flag.INVALID_REQUEST])
def test_what_the_meter_says_of_itself_is_named(flag: Flag) -> None:
    reading = LogReading(Log.DAYS, (60, 68), 9)
    run(reading, make_log(range(1, 10)), with_flag(flag))
    assert len(reading.rows) == 9
    name = (flag.name or "").lower().replace("_", " ")
    assert reading.troubles == [f"the meter says: {name}"]


@given(logs, st.data())
def test_it_ends_whatever_the_meter_says(log: MeterLog, data: st.DataObject) -> None:
    """Any bytes of a reply may be wrong: no row beyond those wanted, and an end."""
    changes = data.draw(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 255)), max_size=40))
    coming = iter(changes)

    def line(reply: bytes) -> bytes:
        place, value = next(coming, (1000, 0))
        spoiled = bytearray(reply)
        if place < len(spoiled):
            spoiled[place] = value
        return bytes(spoiled)

    reading = LogReading(Log.DAYS, (60, 68), 80)
    run(reading, log, line)
    assert all(id_ >= 0 for id_ in reading.rows)
    assert not reading.absent & {*reading.rows}
