"""Which rows of a log to ask for next, until all that are wanted are here.

No input and output: these are generators that yield the data of a request and are sent the data of
its reply, None when nothing came. A reply has as many rows as the meter likes; when it is short,
the older ones are missing. So the ids say what to ask for next.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from .readout import (
    Column,
    Flag,
    Log,
    ReplyError,
    Rows,
    ask_from_id,
    ask_from_newest,
    read_rows,
)

#: Yields requests, is sent replies, returns what it found.
type Asking[T] = Generator[bytes, bytes | None, T]

#: How often the same request may fail before it is given up.
ATTEMPTS = 3

#: Flags that the owner is told of.
SAID = (
    Flag.INTERVAL_CHANGED,
    Flag.UNSUPPORTED_REGISTER,
    Flag.FORMAT_CHANGED,
    Flag.MEMORY_ERROR,
    Flag.INVALID_REQUEST,
    Flag.INTERNAL_ERROR,
    Flag.REGISTERS_TRUNCATED,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: each register's column and bytes. A register may be missing in some rows."""

    id: int
    values: dict[int, tuple[Column, bytes]]


@dataclass
class LogRows:
    """What was read of a log.

    rows: by id. absent: ids between them that the meter has no row for. troubles: what went
    wrong, a sentence each. is_complete: nothing is left to ask for; a new meter's log is empty.
    """

    rows: dict[int, Row] = field(default_factory=dict)
    absent: set[int] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)
    is_complete: bool = False

    def say(self, trouble: str) -> None:
        """Note a trouble, once."""
        if trouble not in self.troubles:
            self.troubles.append(trouble)


class GivenUpError(Exception):
    """A request failed too often; the text says why."""


def read_log(log: Log, registers: Sequence[int], count: int, found: LogRows) -> Asking[None]:
    """Read the newest `count` ids of a log, newest first, into `found`.

    What has been read is there even when the rest does not come.
    """
    try:
        found.is_complete = yield from _read_log(log, registers, count, found)
    except GivenUpError as why:
        found.say(str(why))


def _read_log(log: Log, registers: Sequence[int], count: int, found: LogRows) -> Asking[bool]:
    """Return whether everything came."""
    page = yield from _newest(log, registers, count, found)
    if page is None or not page.values:
        return page is not None and Flag.EMPTY in page.flags
    newest = page.newest_id
    oldest = max(newest - count + 1, 0)
    asked = newest
    existing = [column.register for column in page.columns]
    for register in registers:
        if register not in existing:
            found.say(f"the log has no register {register}")
    while True:
        _take(page, asked, oldest, found)
        if not page.values:
            return Flag.OUT_OF_RANGE in page.flags
        if Flag.HAS_OLDEST in page.flags:
            return True
        # What comes next was not there yet: so each page brings the end nearer.
        asked = page.ids[-1] - 1
        if asked < oldest:
            return True
        request = ask_from_id(log, asked, asked - oldest + 1, existing)
        try:
            page = yield from ask_rows(request, existing, asked)
        except GivenUpError as why:
            raise GivenUpError(f"given up from row {asked} on: {why}") from None


def _newest(log: Log, registers: Sequence[int], count: int, found: LogRows) -> Asking[Rows | None]:
    """Ask for the newest rows; None when there are none."""
    request = ask_from_newest(log, 0, count, registers)
    try:
        page = yield from ask_rows(request, registers)
    except GivenUpError:
        if len(registers) == 1:
            raise
    else:
        if page.values or Flag.EMPTY in page.flags:
            return page
    # Some meters answer nothing when the log does not have one of the registers.
    existing: list[int] = []
    why = ""
    for register in registers:
        try:
            page = yield from ask_rows(ask_from_newest(log, 0, 1, (register,)), (register,))
        except GivenUpError as error:
            why = str(error)
        else:
            why = "no rows"
            if page.values:
                existing.append(register)
    if not existing:
        found.say(f"nothing came for registers {', '.join(map(str, registers))}: {why}")
        return None
    for register in registers:
        if register not in existing:
            found.say(f"the log has no register {register}")
    return (yield from ask_rows(ask_from_newest(log, 0, count, existing), existing))


def ask_rows(request: bytes, registers: Sequence[int], highest: int | None = None) -> Asking[Rows]:
    """Ask until a right reply comes; GivenUpError when none does."""
    why = ""
    for _ in range(ATTEMPTS):
        reply = yield request
        if reply is None:
            why = "no answer"
            continue
        try:
            page = read_rows(request, reply)
            _check(page, registers, highest)
        except ReplyError as error:
            why = str(error)
        else:
            return page
    raise GivenUpError(why)


def _check(page: Rows, registers: Sequence[int], highest: int | None) -> None:
    """Refuse what cannot be the answer."""
    if not page.values:
        return
    highest = page.newest_id if highest is None else highest
    if page.ids[-1] < 0 or page.first_id > highest:
        raise ReplyError(f"impossible rows: {page.first_id} to {page.ids[-1]}")
    sent = [column.register for column in page.columns]
    if not sent or len({*sent}) != len(sent) or not {*sent} <= {*registers}:
        raise ReplyError(f"registers {sent} instead of {list(registers)}")


def _take(page: Rows, asked: int, oldest: int, found: LogRows) -> None:
    """Keep the rows of a page that was asked for from `asked` on."""
    for flag in SAID:
        if flag in page.flags:
            found.say(f"the meter says: {(flag.name or '').lower().replace('_', ' ')}")
    if not page.values:
        if Flag.OUT_OF_RANGE not in page.flags:
            found.say(f"no rows from {asked} on, and the meter does not say why")
        return
    found.absent.update(range(max(page.first_id + 1, oldest), asked + 1))
    for id_, values in zip(page.ids, page.values, strict=True):
        if id_ < oldest:
            break
        named = zip(page.columns, values, strict=True)
        found.rows[id_] = Row(id_, {column.register: (column, data) for column, data in named})
