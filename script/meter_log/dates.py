"""When each row of a log was written, from the stamps of a few of them.

A stamp in each row would double what goes over the line. So only those of the newest and the
oldest row are asked for: as many days apart as their ids means that none is missing in between.
Otherwise the middle is asked for, until every gap is found.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from .readout import Log

#: The register of a row's date and time.
STAMP = 348


class Stamp(NamedTuple):
    """Register 348: the meter's standard time, and what its summer time adds to it."""

    time: datetime
    summer_time: timedelta


def read_stamp(data: bytes) -> Stamp:
    """Read the 7 bytes of register 348; ValueError when they are no date and time.

    Minutes of summer time, year, month, day, hour, minute, second (seen on a 303/603).
    """
    if len(data) != 7:
        raise ValueError(f"{data.hex(' ').upper()} is no date and time")
    minutes, year, month, day, hour, minute, second = data
    try:
        time = datetime(2000 + year, month, day, hour, minute, second)
    except ValueError:
        raise ValueError(f"{data.hex(' ').upper()} is no date and time") from None
    return Stamp(time, timedelta(minutes=minutes))


def find_stamp(data: bytes) -> Stamp | None:
    """Read register 348; None when that is no date and time."""
    try:
        return read_stamp(data)
    except ValueError:
        return None


def count(log: Log, time: datetime) -> int:
    """Return how many of the log's intervals begin before a time; only differences matter."""
    match log:
        case Log.YEARS:
            return time.year
        case Log.MONTHS:
            return time.year * 12 + time.month
        case Log.DAYS:
            return time.toordinal()
        case Log.HOURS:
            return time.toordinal() * 24 + time.hour


def later(log: Log, time: datetime, intervals: int) -> datetime:
    """Return the time so many of the log's intervals after another one."""
    match log:
        case Log.DAYS:
            return time + timedelta(days=intervals)
        case Log.HOURS:
            return time + timedelta(hours=intervals)
        case Log.YEARS:
            intervals *= 12
    year, month = divmod(time.year * 12 + time.month - 1 + intervals, 12)
    return time.replace(year=year, month=month + 1)


class Gap(NamedTuple):
    """Two rows that follow each other, and how many more intervals lie between them.

    Below 0: the meter's clock was set back.
    """

    older_id: int
    older: datetime
    newer: datetime
    missing: int


@dataclass
class DateSearch:
    """Finds out when each of these rows was written.

    next_id() says which row's stamp to ask for; take() takes it, None when it has none. When
    there is nothing left to ask for, times() are those of all rows between known ones.
    """

    log: Log
    ids: Iterable[int]
    stamps: dict[int, Stamp] = field(default_factory=dict)
    _without: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Sort the rows."""
        self.ids = sorted(self.ids)

    def next_id(self) -> int | None:
        """Return the row whose stamp is needed next; None when all is known that can be."""
        open_ = [id_ for id_ in self.ids if id_ not in self._without]
        if not open_:
            return None
        for id_ in (open_[-1], open_[0]):
            if id_ not in self.stamps:
                return id_
        for older, newer in pairwise(sorted(self.stamps)):
            if self._missing(older, newer) == 0:
                continue
            between = open_[bisect_left(open_, older + 1) : bisect_left(open_, newer)]
            if between:
                return between[len(between) // 2]
        return None

    def take(self, id_: int, stamp: Stamp | None) -> None:
        """Take the stamp of a row."""
        if stamp is None:
            self._without.add(id_)
        else:
            self.stamps[id_] = stamp

    def times(self) -> dict[int, datetime]:
        """Return when each row was written, in the meter's standard time."""
        known = {id_: stamp.time for id_, stamp in self.stamps.items()}
        for older, newer in pairwise(sorted(self.stamps)):
            if self._missing(older, newer) == 0:
                begin = self.stamps[older].time
                between = range(older + 1, newer)
                known.update((id_, later(self.log, begin, id_ - older)) for id_ in between)
        return {id_: known[id_] for id_ in self.ids if id_ in known}

    def gaps(self) -> Iterator[Gap]:
        """Yield each place where a row is missing, or the clock was set."""
        for older, newer in pairwise(sorted(self.stamps)):
            if missing := self._missing(older, newer):
                yield Gap(older, self.stamps[older].time, self.stamps[newer].time, missing)

    def _missing(self, older: int, newer: int) -> int:
        begin, end = self.stamps[older].time, self.stamps[newer].time
        return count(self.log, end) - count(self.log, begin) - (newer - older)
