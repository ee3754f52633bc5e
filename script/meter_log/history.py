"""One log from its configuration to dated rows: everything that is asked of the meter for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from .codec import decimal
from .dates import STAMP, DateSearch, find_stamp
from .paging import ATTEMPTS, Asking, GivenUpError, LogRows, ask_rows, read_log
from .readout import (
    Column,
    Configuration,
    Log,
    ReplyError,
    ask_configuration,
    ask_from_id,
    read_configuration,
)

#: How many rows a log has at most when it does not say so (302/403/603/803, technical description).
DEPTHS = {Log.YEARS: 20, Log.MONTHS: 36, Log.DAYS: 460, Log.HOURS: 1400}

#: Logs with so few rows that each may have its stamp.
STAMPED = (Log.YEARS, Log.MONTHS)


class DatedRow(NamedTuple):
    """A row, when it was written in the meter's standard time, and its values by register.

    A value with the number of its unit; None for what is no number.
    """

    id: int
    time: datetime
    values: dict[int, tuple[Decimal, int]]


@dataclass
class LogHistory:
    """Everything that was read of a log. configuration: None when the meter did not tell it."""

    log: Log
    configuration: Configuration | None = None
    found: LogRows = field(default_factory=LogRows)
    dates: DateSearch | None = None

    def rows(self) -> list[DatedRow]:
        """Return the rows whose time is known, the oldest first."""
        times = self.dates.times() if self.dates else {}
        return [
            DatedRow(id_, times[id_], dict(_numbers(self.found.rows[id_].values)))
            for id_ in sorted(times)
        ]

    def troubles(self) -> Iterator[str]:
        """Yield what went wrong, and what is missing, a sentence each."""
        yield from self.found.troubles
        if self.dates is None:
            return
        for gap in self.dates.gaps():
            between = f"between {gap.older:%Y-%m-%d %H:%M} and {gap.newer:%Y-%m-%d %H:%M}"
            if gap.missing > 0:
                yield f"{gap.missing} rows are missing {between}"
            else:
                yield f"the meter's clock was set back {between}"
        if undated := len(self.found.rows) - len(self.dates.times()):
            yield f"{undated} rows have no date"


def read_history(
    history: LogHistory, registers: Sequence[int], count: int | None = None
) -> Asking[None]:
    """Read the newest rows of a log into `history`; count: None for all.

    registers: those that the log does not have are left out, and named.
    """
    log = history.log
    history.configuration = yield from _configuration(log)
    depth = history.configuration.depth if history.configuration else DEPTHS[log]
    wanted = list(registers)
    if history.configuration:
        for register in registers:
            if register not in history.configuration.registers:
                history.found.say(f"the log has no register {register}")
                wanted.remove(register)
    if not wanted:
        history.found.is_complete = True
        return
    if log in STAMPED:
        wanted.append(STAMP)
    yield from read_log(log, wanted, min(count or depth, depth), history.found)
    history.dates = DateSearch(log, history.found.rows)
    yield from _read_dates(log, history)


def _configuration(log: Log) -> Asking[Configuration | None]:
    request = ask_configuration(log)
    for _ in range(ATTEMPTS):
        reply = yield request
        if reply is None:
            continue
        try:
            return read_configuration(request, reply)
        except ReplyError:
            continue
    return None


def _read_dates(log: Log, history: LogHistory) -> Asking[None]:
    assert history.dates is not None
    for id_, row in history.found.rows.items():
        if STAMP in row.values:
            history.dates.take(id_, find_stamp(row.values[STAMP][1]))
    while (needed := history.dates.next_id()) is not None:
        stamp = None
        try:
            page = yield from ask_rows(ask_from_id(log, needed, 1, (STAMP,)), (STAMP,), needed)
        except GivenUpError as why:
            history.found.say(f"the time of row {needed} did not come: {why}")
            if not history.dates.stamps:
                return  # the next one would not come, either
        else:
            if page.values and page.first_id == needed:
                stamp = find_stamp(page.values[0][0])
        history.dates.take(needed, stamp)


def _numbers(values: dict[int, tuple[Column, bytes]]) -> Iterator[tuple[int, tuple[Decimal, int]]]:
    for register, (column, data) in values.items():
        if 1 <= column.size <= 4:
            yield register, (decimal(data, column.sign_exponent), column.unit)
