"""Reading a log: whatever the meter's page holds and whatever goes wrong, each row comes once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_log import readout
from meter_log.paging import ATTEMPTS, LogRows, read_log
from meter_log.readout import Column, Flag, Log
from virtual_meter.logs import MeterLog, answer

ENERGY, VOLUME = Column(60, 3, 4, 0x43), Column(68, 40, 4, 0x42)


def make_log(
    ids: Iterable[int], limit: int = 255, silent_about: frozenset[int] = frozenset()
) -> MeterLog:
    """Return a log whose values are the rows' ids."""
    rows = {id_: [id_.to_bytes(4)] * 2 for id_ in ids}
    return MeterLog((ENERGY, VOLUME), rows, 460, limit=limit, silent_about=silent_about)


def read(
    log: MeterLog,
    count: int,
    line: Callable[[bytes], bytes | None] = lambda reply: reply,
    registers: Sequence[int] = (60, 68),
) -> tuple[LogRows, list[bytes]]:
    """Read with what becomes of each reply on the line; return what was read, and the requests."""
    found = LogRows()
    asking = read_log(Log.DAYS, registers, count, found)
    requests: list[bytes] = []
    reply: bytes | None = None
    try:
        while True:
            requests.append(asking.send(reply))
            assert len(requests) < 5000
            reply = answer({Log.DAYS: log}, requests[-1])
            if reply is not None:
                reply = line(reply)
    except StopIteration:
        return found, requests


def numbers(found: LogRows) -> dict[int, list[int]]:
    """Return the rows that were read, as numbers."""
    return {
        id_: [int.from_bytes(data) for _, data in row.values.values()]
        for id_, row in found.rows.items()
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

    found, requests = read(log, count, line)
    window = range(max(log.rows) - count + 1, max(log.rows) + 1)
    expected = [id_ for id_ in window if id_ in log.rows]
    assert numbers(found) == {id_: [id_, id_] for id_ in expected}
    assert found.troubles == []
    assert found.is_complete
    assert found.absent <= {*window} - {*expected}
    assert found.absent >= {*range(min(expected), max(expected))} - {*expected}
    # No row is asked for once it is here: no more requests than pages and faults.
    assert len(requests) <= len(expected) + 1 + len(faults)


def test_a_meter_that_is_silent_is_given_up() -> None:
    found, requests = read(make_log(range(9)), 10, lambda reply: None, (60,))
    assert requests == [readout.ask_from_newest(Log.DAYS, 0, 10, (60,))] * ATTEMPTS
    assert found == LogRows(troubles=["no answer"])


def test_what_was_read_is_kept_when_the_meter_falls_silent() -> None:
    replies = 0

    def line(reply: bytes) -> bytes | None:
        nonlocal replies
        replies += 1
        return reply if replies < 3 else None

    found, _ = read(make_log(range(61, 101), limit=64), 40, line)
    assert {*found.rows} == {*range(100, 100 - len(found.rows), -1)}
    oldest = min(found.rows)
    assert 80 < oldest < 100
    assert found.troubles == [f"given up from row {oldest - 1} on: no answer"]
    assert not found.is_complete


@pytest.mark.parametrize("silent", [True, False])
def test_registers_that_the_log_does_not_have_are_named(silent: bool) -> None:
    """Whether the meter leaves them out or says nothing at all."""
    log = make_log(range(1, 10), silent_about=frozenset({86, 87} if silent else ()))
    found, _ = read(log, 10, registers=(86, 60, 87, 68))
    assert numbers(found) == {id_: [id_, id_] for id_ in range(1, 10)}
    named = [trouble for trouble in found.troubles if "register " in trouble]
    assert named == ["the log has no register 86", "the log has no register 87"]


def test_empty_log() -> None:
    found, requests = read(make_log(()), 10)
    assert found == LogRows(is_complete=True)
    assert len(requests) == 1


def with_flag(flag: Flag) -> Callable[[bytes], bytes]:
    """Set a flag in a reply."""
    return lambda reply: reply[:13] + (int.from_bytes(reply[13:15]) | flag).to_bytes(2) + reply[15:]


@pytest.mark.parametrize("flag", [Flag.MEMORY_ERROR, Flag.FORMAT_CHANGED, Flag.INVALID_REQUEST])
def test_what_the_meter_says_of_itself_is_named(flag: Flag) -> None:
    found, _ = read(make_log(range(1, 10)), 9, with_flag(flag))
    assert len(found.rows) == 9
    name = (flag.name or "").lower().replace("_", " ")
    assert found.troubles == [f"the meter says: {name}"]


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

    found, _ = read(log, 80, line)
    assert all(id_ >= 0 for id_ in found.rows)
    assert not found.absent & {*found.rows}
