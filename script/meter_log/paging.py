"""Which rows of a log to ask for next, until all that are wanted are here.

No input and output: whoever owns the line sends what next_request() returns and gives the reply
to take(). A reply has as many rows as the meter likes; when it is short, the older ones are
missing. So the ids say what to ask for next, and rows that are known from an earlier run are just
not asked for again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

#: How often the same request may fail before the rest of the log is given up.
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
    """One row: each register's column and bytes. A register may be missing in older rows."""

    id: int
    values: dict[int, tuple[Column, bytes]]


@dataclass
class LogReading:
    """Reads the newest `count` ids of a log, newest first.

    Afterwards: rows by id; absent: ids between them that the meter has no row for; registers:
    those that the log has; troubles: what went wrong, a sentence each.
    """

    log: Log
    registers: Sequence[int]
    count: int
    rows: dict[int, Row] = field(default_factory=dict)
    absent: set[int] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)
    newest_id: int | None = None
    _oldest_id: int = 0
    _request: bytes | None = None
    _asked_id: int | None = None
    _failures: int = 0
    _is_over: bool = False
    #: Registers that are still to be asked for alone, because all together brought nothing.
    _untried: list[int] | None = None

    def next_request(self) -> bytes | None:
        """Return the data of the next request; None when there is nothing left to ask for."""
        self._request = None if self._is_over else self._make_request()
        return self._request

    def take(self, reply: bytes | None) -> None:
        """Take the data of the reply to the last request; None: nothing came."""
        assert self._request is not None
        if reply is None:
            self._failed("no answer")
            return
        try:
            page = read_rows(self._request, reply)
            self._check(page)
        except ReplyError as error:
            self._failed(str(error))
            return
        self._failures = 0
        if self._untried is None:
            self._take_page(page)
        else:
            self._tried(bool(page.values))

    def take_known(self, rows: Iterable[Row]) -> None:
        """Take rows that an earlier run has read, so that they are not asked for again."""
        self.rows.update((row.id, row) for row in rows)

    def _make_request(self) -> bytes | None:
        if self._untried is not None:
            return ask_from_newest(self.log, 0, 1, self._untried[:1])
        if self.newest_id is None:
            return ask_from_newest(self.log, 0, self.count, self.registers)
        oldest = max(self.newest_id - self.count + 1, self._oldest_id)
        missing = [id_ for id_ in range(self.newest_id, oldest - 1, -1) if not self._is_known(id_)]
        if not missing:
            return None
        self._asked_id = missing[0]
        size = next((i for i, id_ in enumerate(missing) if id_ != missing[0] - i), len(missing))
        return ask_from_id(self.log, self._asked_id, size, self.registers)

    def _is_known(self, id_: int) -> bool:
        return id_ in self.rows or id_ in self.absent

    def _check(self, page: Rows) -> None:
        """Refuse what does not answer the question: then each page brings the end nearer."""
        if not page.values:
            return
        if page.ids[-1] < 0 or page.first_id > page.newest_id:
            raise ReplyError(f"impossible rows, {page.first_id} to {page.ids[-1]}")
        if self._asked_id is not None and page.first_id > self._asked_id:
            raise ReplyError(f"rows from {page.first_id} on instead of {self._asked_id}")
        asked = self.registers if self._untried is None else self._untried[:1]
        sent = [column.register for column in page.columns]
        if not sent or len(set(sent)) != len(sent) or not set(sent) <= set(asked):
            raise ReplyError(f"registers {sent} instead of {list(asked)}")

    def _take_page(self, page: Rows) -> None:
        for flag in SAID:
            if flag in page.flags:
                self._say(f"the meter says: {_words(flag)}")
        if not page.values:
            self._end_of_rows(page.flags)
            return
        if self.newest_id is None:
            self.newest_id = page.newest_id
        asked_id = self.newest_id if self._asked_id is None else self._asked_id
        oldest_wanted = self.newest_id - self.count + 1
        self.absent.update(range(max(page.first_id + 1, oldest_wanted), asked_id + 1))
        for id_, values in zip(page.ids, page.values, strict=True):
            if id_ < oldest_wanted:
                break
            named = zip(page.columns, values, strict=True)
            self.rows[id_] = Row(id_, {column.register: (column, data) for column, data in named})
        if Flag.HAS_OLDEST in page.flags:
            self._oldest_id = page.ids[-1]
        left_out = {*self.registers} - {column.register for column in page.columns}
        for register in sorted(left_out):
            self._say(f"register {register} is not in every row")

    def _end_of_rows(self, flags: Flag) -> None:
        # Nothing older comes, either: a reply always drops the older end.
        if self._asked_id is None and Flag.EMPTY not in flags:
            self._try_each("no rows came, although the log is not said to be empty")
        else:
            self._is_over = True

    def _try_each(self, why: str) -> None:
        """Find out which of the registers the log has: some meters answer nothing for the rest."""
        if len(self.registers) == 1:
            self._say(f"register {self.registers[0]}: {why}")
            self._is_over = True
        else:
            self._untried = list(self.registers)
            self.registers = []

    def _tried(self, is_there: bool) -> None:
        assert self._untried is not None
        register = self._untried.pop(0)
        if is_there:
            self.registers = [*self.registers, register]
        else:
            self._say(f"the log has no register {register}")
        if not self._untried:
            self._untried = None
            self._is_over = not self.registers

    def _failed(self, why: str) -> None:
        self._failures += 1
        if self._failures < ATTEMPTS:
            return
        self._failures = 0
        if self._untried is not None:
            self._tried(False)
        elif self._asked_id is None:
            self._try_each(why)
        else:
            self._say(f"given up from row {self._asked_id} on: {why}")
            self._is_over = True

    def _say(self, trouble: str) -> None:
        if trouble not in self.troubles:
            self.troubles.append(trouble)


def _words(flag: Flag) -> str:
    return (flag.name or "").lower().replace("_", " ")
