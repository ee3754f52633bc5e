"""The years before a virtual meter is switched on: its logs up to that moment.

Rows are stamped in standard time, and hold what the counters showed when their interval began. The
house uses more heat in winter and in the morning; all numbers are invented.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from math import floor, pi, sin
from typing import NamedTuple

from meter_log.dates import later
from meter_log.history import DEPTHS
from meter_log.readout import Column, Log

from .logs import MeterLog

YEAR, DAY = 31_557_600, 86_400
#: Watts: on average, and how much they swing in a year and in a day.
MEAN, SEASON, MORNING = 2_600, 1_900, 600

STAMP = Column(348, 79, 7, 0)


def heat(time: datetime) -> float:
    """Return the kWh used since some fixed moment; only differences matter."""
    seconds = (time - datetime(2000, 1, 15)).total_seconds()
    swing = SEASON * YEAR * sin(2 * pi * seconds / YEAR) / (2 * pi)
    swing += MORNING * DAY * sin(2 * pi * (seconds - 25_200) / DAY) / (2 * pi)
    return (MEAN * seconds + swing) / 3_600_000


class Counter(NamedTuple):
    """A counter in the logs. shows: its steps now. per_kwh: steps for each kWh used."""

    column: Column
    shows: int
    per_kwh: float

    def at(self, time: datetime, now: datetime) -> int:
        """Return what it showed at a time, in steps; below 0 before the meter was there."""
        return floor(self.shows - (heat(now) - heat(time)) * self.per_kwh)


def past_logs(
    now: datetime,
    counters: Sequence[Counter],
    *,
    summer_time: Callable[[datetime], int] = lambda time: 0,
    missing: Mapping[Log, set[int]] | None = None,
    limit: int = 255,
) -> dict[int, MeterLog]:
    """Return the logs of a meter that was installed when its counter was at 0.

    now: the meter's standard time. counters: the first one determines since when there are rows.
    summer_time: minutes that are kept along with a stamp. missing: intervals without a row,
    counted back from now, by log.
    """
    logs: dict[int, MeterLog] = {}
    columns = (*(counter.column for counter in counters), STAMP)
    for log, depth in DEPTHS.items():
        begin = _begin(log, now)
        times: list[datetime] = []
        for back in range(depth + len((missing or {}).get(log, ()))):
            time = later(log, begin, -back)
            if counters[0].at(time, now) < 0:
                break
            if back not in (missing or {}).get(log, ()):
                times.append(time)
        rows = {
            len(times) + 185 - i: _row(time, counters, now, summer_time(time))
            for i, time in enumerate(times)
        }
        logs[log] = MeterLog(columns, rows, depth, limit=limit)
    return logs


def _begin(log: Log, now: datetime) -> datetime:
    hour = now.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    match log:
        case Log.HOURS:
            return hour
        case Log.DAYS:
            return day
        case Log.MONTHS:
            return day.replace(day=1)
        case Log.YEARS:
            return day.replace(month=1, day=1)


def _row(
    time: datetime, counters: Sequence[Counter], now: datetime, summer_time: int
) -> list[bytes]:
    shown = [max(counter.at(time, now), 0).to_bytes(counter.column.size) for counter in counters]
    stamp = (summer_time, time.year - 2000, time.month, time.day, time.hour, 0, 4)
    return [*shown, bytes(stamp)]
