"""A whole log of the virtual meter: every row at its time, at the price that the pages name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meter_log.codec import Direction, Frame, encode_frame
from meter_log.dates import later
from meter_log.history import LogHistory, read_history
from meter_log.readout import COMMAND, Column, Log
from virtual_meter.logs import MeterLog, answer
from virtual_meter.past import Counter, past_logs

NOW = datetime(2026, 11, 27, 18, 20, 0)
COUNTERS = (
    Counter(Column(60, 2, 4, 0), shows=120_000, per_kwh=1),  # kWh
    Counter(Column(68, 40, 4, 0x42), shows=350_000, per_kwh=2.9),  # 0.01 m3
)


class Cost:
    """What went over the line."""

    requests = 0
    size = 0

    def count(self, direction: Direction, data: bytes) -> None:
        """Count a frame with this data."""
        self.size += len(encode_frame(direction, Frame(0x3F, COMMAND, data)))

    @property
    def seconds(self) -> float:
        """At 1200 baud, with 130 ms until a meter answers."""
        return self.size * 11 / 1200 + self.requests * 0.13


def run(log: Log, registers: Sequence[int], logs: dict[int, MeterLog]) -> tuple[LogHistory, Cost]:
    """Read all rows of a log."""
    history, cost = LogHistory(log), Cost()
    asking = read_history(history, registers)
    reply = None
    try:
        while True:
            request = asking.send(reply)
            cost.requests += 1
            cost.count(Direction.TO_METER, request)
            reply = answer(logs, request)
            if reply is not None:
                cost.count(Direction.FROM_METER, reply)
    except StopIteration:
        return history, cost


@pytest.mark.parametrize("log", Log)
def test_every_row_comes_at_its_time(log: Log) -> None:
    logs = past_logs(NOW, COUNTERS)
    history, _ = run(log, (60, 68), logs)
    rows = history.rows()
    assert len(rows) == len(logs[log].rows)
    assert list(history.troubles()) == []
    newest = rows[-1].time
    assert rows == sorted(rows)
    for i, row in enumerate(reversed(rows)):
        assert row.time == later(log, newest, -i)
        energy = int.from_bytes(logs[log].rows[row.id][0])
        assert row.values[60] == (Decimal(energy), 2)
        volume = int.from_bytes(logs[log].rows[row.id][1])
        assert row.values[68] == (Decimal(volume).scaleb(-2), 40)
    assert NOW - newest < timedelta(days=366)


def test_price_of_460_days() -> None:
    history, cost = run(Log.DAYS, (60, 68), past_logs(NOW, COUNTERS))
    assert len(history.rows()) == 460
    assert cost.requests <= 20
    assert cost.size <= 5000
    assert cost.seconds <= 60


@settings(max_examples=30)
@given(st.sets(st.integers(1, 300), max_size=6), st.integers(32, 1024))
def test_missing_days_are_named(missing: set[int], limit: int) -> None:
    logs = past_logs(NOW, COUNTERS, missing={Log.DAYS: missing}, limit=limit)
    history, _ = run(Log.DAYS, (60,), logs)
    times = [row.time for row in history.rows()]
    today = times[-1]
    expected = [back for back in range(460 + len(missing)) if back not in missing]
    assert times == [today - timedelta(days=back) for back in reversed(expected)]
    named = [int(trouble.split()[0]) for trouble in history.troubles()]
    assert sum(named) == len(missing)


def test_registers_that_the_log_does_not_have_are_not_asked_for() -> None:
    history, _ = run(Log.DAYS, (60, 86), past_logs(NOW, COUNTERS))
    assert list(history.troubles()) == ["the log has no register 86"]
    assert {*history.rows()[0].values} == {60}


def test_a_meter_of_last_week() -> None:
    """Its years are empty, and its other logs short: nothing is missing."""
    counters = [counter._replace(shows=counter.shows // 200) for counter in COUNTERS]
    logs = past_logs(NOW, counters)
    assert logs[Log.YEARS].rows == {}
    for log in Log:
        history, _ = run(log, (60, 68), logs)
        assert history.found.is_complete
        assert len(history.rows()) == len(logs[log].rows)
        assert list(history.troubles()) == []


def test_a_meter_without_logs() -> None:
    history, cost = run(Log.DAYS, (60, 68), {})
    assert history.rows() == []
    assert history.configuration is None
    assert list(history.troubles()) == ["nothing came for registers 60, 68: no answer"]
    assert cost.requests <= 15
    assert not history.found.is_complete
