"""A meter's history as Home Assistant's long-term statistics, and how the two are joined.

Home Assistant keeps a row for each hour: `start` is when it began, `state` and `sum` are those at
its end. A log's row at 13:00 so belongs to the hour that began at 12:00. One rule holds for every
row, live or imported: sum = state - the oldest state that is known. So no sum is negative, and the
same import again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from multical.units import UNIT_BY_SYMBOL, UNITS

from .history import LogHistory
from .readout import Log

HOUR = timedelta(hours=1)
#: By which two sums of the same may differ: Home Assistant's are added up of binary fractions.
TOLERANCE = 1e-6


class JoinError(Exception):
    """Rows that do not fit together; the text says why."""


@dataclass(frozen=True, slots=True)
class Point:
    """What a counter showed at the end of the hour that begins at `start`, in UTC."""

    start: datetime
    state: Decimal


@dataclass(frozen=True, slots=True)
class StatisticRow:
    """A row that Home Assistant has: what stands at the end of what begins at `start`, in UTC."""

    start: datetime
    state: float
    sum: float

    @property
    def zero(self) -> float:
        """The state at which the sum would be 0; the same in all rows of a counter."""
        return self.state - self.sum


@dataclass(frozen=True, slots=True)
class Join:
    """What is to be done. adjustment: by how much the sums from `live_start` on are to grow."""

    points: tuple[Point, ...]
    zero: Decimal
    live_start: datetime
    adjustment: float


def standard_offset(zone: ZoneInfo, year: int) -> timedelta:
    """Return how far a zone's standard time is from UTC, whatever it calls its summer time."""
    offsets = [zone.utcoffset(datetime(year, month, 1)) for month in (1, 7)]
    return min(offset for offset in offsets if offset is not None)


def hour_of(log: Log, written: datetime, zone: ZoneInfo) -> datetime:
    """Return the beginning of the hour, in UTC, that a row belongs to.

    written: in standard time. A day ends at 24:00 of the clock on the wall, also in summer, when
    a meter writes its row at 01:00: the row so counts to the day that it is about. Home
    Assistant's hours are whole in UTC: where a zone is half an hour off, the earlier one is taken.
    """
    if log is Log.HOURS:
        end = written.replace(minute=0, second=0) - standard_offset(zone, written.year)
        return end.replace(minute=0, tzinfo=UTC) - HOUR
    day_before = written.date() - timedelta(days=1)
    return datetime.combine(day_before, time(23), zone).astimezone(UTC).replace(minute=0)


def points_of(
    histories: Iterable[LogHistory], register: int, unit: str, zone: ZoneInfo
) -> list[Point]:
    """Return the states of a counter in a unit, the oldest first, as finely as the logs tell.

    JoinError when the counter falls, is not in them, or has a unit of another kind.
    """
    states: dict[datetime, Decimal] = {}
    for history in sorted(histories, key=lambda history: history.log, reverse=True):
        # A coarser log only adds what is older than everything that a finer one has.
        oldest = min(states, default=datetime.max.replace(tzinfo=UTC))
        for row in history.rows():
            if register in row.values:
                start = hour_of(history.log, row.time, zone)
                if start < oldest:
                    states[start] = _converted(*row.values[register], register, unit)
    if not states:
        raise JoinError(f"the file has no dated rows with register {register}")
    points = [Point(start, states[start]) for start in sorted(states)]
    for before, after in pairwise(points):
        if after.state < before.state:
            raise JoinError(
                f"the counter falls from {before.state:f} to {after.state:f} {unit} at "
                f"{after.start.astimezone(zone):%Y-%m-%d %H:%M}: it was set back, or went past its "
                "last digit and began again at 0. What was used at that moment is not known, so "
                "this history cannot be imported"
            )
    return points


def _converted(value: Decimal, number: int, register: int, symbol: str) -> Decimal:
    source = next((unit for unit in UNITS if unit.number == number), None)
    target = UNIT_BY_SYMBOL.get(symbol)
    if source is None or target is None or source.quantity != target.quantity:
        raise JoinError(
            f"register {register} has the unit {source.symbol if source else number}, "
            f"and the entity {symbol}"
        )
    ratio = Decimal(source.factor) / Decimal(target.factor)
    return value * ratio.scaleb(source.exponent - target.exponent)


def unit_of(histories: Iterable[LogHistory], register: int) -> str:
    """Return the unit in which the meter sends a register; JoinError when there is none."""
    numbers = {
        row.values[register][1]
        for history in histories
        for row in history.rows()
        if register in row.values
    }
    symbols = [unit.symbol for unit in UNITS if unit.number in numbers]
    if len(symbols) != 1:
        raise JoinError(
            f"register {register} has the units {', '.join(symbols)} in the file: say which one "
            "the entity has with --unit"
            if symbols
            else f"the file has no register {register} with a unit"
        )
    return symbols[0]


def statistics_table(
    statistic_id: str, unit: str, points: Sequence[Point]
) -> Iterator[tuple[str, ...]]:
    """Yield the lines that the integration import_statistics takes, the names of columns first.

    Times are in UTC: when clocks are set back, an hour of the clock on the wall comes twice.
    """
    yield "statistic_id", "unit", "start", "state", "sum"
    for point in points:
        total = point.state - points[0].state
        start = f"{point.start:%d.%m.%Y %H:%M}"
        yield statistic_id, unit, start, f"{point.state:f}", f"{total:f}"


def display_step(histories: Iterable[LogHistory], register: int, unit: str) -> float:
    """Return a step of the meter's display; what it shows is cut off, not rounded."""
    values = [
        row.values[register]
        for history in histories
        for row in history.rows()[-1:]
        if register in row.values
    ]
    steps = (_converted(_last_digit(value), number, register, unit) for value, number in values)
    return float(max(steps, default=0))


def _last_digit(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return Decimal(1).scaleb(exponent)


def join(points: Sequence[Point], live: StatisticRow, tolerance: float) -> Join:
    """Return what puts these points before the oldest row that Home Assistant has.

    tolerance: one step of the meter's display. JoinError when the two are not of one counter.
    A point above the first live state, by less than a step, is left out: the sum would fall there.
    """
    older = tuple(point for point in points if point.start < live.start)
    if not older:
        return Join((), Decimal(0), live.start, 0.0)
    if float(older[-1].state) > live.state + tolerance:
        raise JoinError(
            f"the meter's history ends at {older[-1].state:f}, and Home Assistant's begins at "
            f"{live.state:g}: they are not of the same meter and register"
        )
    older = tuple(point for point in older if float(point.state) <= live.state)
    if not older:
        return Join((), Decimal(0), live.start, 0.0)
    zero = older[0].state
    return Join(older, zero, live.start, live.zero - float(zero))


def check_sums(rows: Iterable[StatisticRow]) -> None:
    """Look over all rows after they were changed; JoinError when a sum falls."""
    for before, after in pairwise(rows):
        if after.sum < before.sum - TOLERANCE:
            raise JoinError(
                f"the sum falls from {before.sum:g} to {after.sum:g} at "
                f"{after.start.astimezone():%Y-%m-%d %H:%M}"
            )
