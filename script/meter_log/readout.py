"""LoggerReadOut, command B8: what is asked, and what a reply says.

Seen in four replies of meters of the 303/603 family, published by PyKMP's author; expected of a
403 and an 803, where nobody has shown one. Numbers are big-endian. Data is what stands between
the command and the CRC.

==  =====================================================================================
05  request: log. Reply: log, four settings, depth (2), count, registers (2 each)
06  request: log, id of the newest row wanted (4), rows (2), count, registers (2 each)
07  request: log, offset from the newest row (2; FFFF: the oldest), rows (2), count, registers
==  =====================================================================================

06 and 07 have the same reply: log, rows (2), count, id of its newest row (4), id of the log's
newest row (4), flags (2); then the rows from the newest to the oldest, their ids falling by one.
The first row has register (2), unit, size and exponent before each value, the others values only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag

COMMAND = 0xB8
CONFIGURATION = 0x05
FROM_ID = 0x06
FROM_NEWEST = 0x07

#: An offset that stands for the oldest row.
OLDEST = 0xFFFF


class Log(IntEnum):
    """Which log; the numbers are those of one implementation (PyKMP)."""

    YEARS = 2
    MONTHS = 3
    DAYS = 4
    HOURS = 5

    @property
    def label(self) -> str:
        """Its name for people and in files."""
        return self.name.lower()


class Flag(IntFlag):
    """What a reply says about itself."""

    EMPTY = 0x0001
    OUT_OF_RANGE = 0x0002
    INTERVAL_CHANGED = 0x0004
    UNSUPPORTED_REGISTER = 0x0008
    NOT_EVERYTHING = 0x0010
    FORMAT_CHANGED = 0x0020
    HAS_OLDEST = 0x0040
    HAS_NEWEST = 0x0080
    MEMORY_ERROR = 0x0100
    INVALID_REQUEST = 0x0200
    INTERNAL_ERROR = 0x0400
    REGISTERS_TRUNCATED = 0x2000


class ReplyError(ValueError):
    """Data that is no reply, or one to something else."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a log keeps. depth: rows at most. settings: as sent, format and value in turn."""

    log: int
    settings: bytes
    depth: int
    registers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """How a register's values are sent. sign_exponent: bit 7 and 6 are signs, then 0 to 63."""

    register: int
    unit: int
    size: int
    sign_exponent: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Part of a log. newest_id: of the whole log. values: the bytes of each column, per row."""

    log: int
    first_id: int
    newest_id: int
    flags: Flag
    columns: tuple[Column, ...]
    values: tuple[tuple[bytes, ...], ...]

    @property
    def ids(self) -> range:
        """The ids of the rows, falling."""
        return range(self.first_id, self.first_id - len(self.values), -1)


def ask_configuration(log: int) -> bytes:
    """Ask what a log keeps."""
    return bytes((CONFIGURATION, log))


def ask_from_id(log: int, newest: int, count: int, registers: Sequence[int]) -> bytes:
    """Ask for `count` rows, from the one with the id `newest` to older ones."""
    return _ask(FROM_ID, log, newest.to_bytes(4), count, registers)


def ask_from_newest(log: int, offset: int, count: int, registers: Sequence[int]) -> bytes:
    """Ask for `count` rows, from the one `offset` before the newest; OLDEST: the oldest."""
    return _ask(FROM_NEWEST, log, offset.to_bytes(2), count, registers)


def _ask(what: int, log: int, where: bytes, count: int, registers: Sequence[int]) -> bytes:
    ids = b"".join(register.to_bytes(2) for register in registers)
    return bytes((what, log)) + where + count.to_bytes(2) + bytes((len(registers),)) + ids


class _Data:
    """Takes a reply apart from the front; ReplyError when it is too short."""

    def __init__(self, data: bytes) -> None:
        self._whole = data
        self.rest = data

    def take(self, size: int) -> bytes:
        if size > len(self.rest):
            raise ReplyError(f"cut short: {self._whole.hex(' ').upper()}")
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    def end(self) -> None:
        if self.rest:
            raise ReplyError(f"{len(self.rest)} bytes too many: {self._whole.hex(' ').upper()}")


def _begin(request: bytes, reply: bytes) -> _Data:
    if reply[:2] != request[:2]:
        raise ReplyError(
            f"answers {reply[:2].hex(' ').upper()} and not {request[:2].hex(' ').upper()}"
        )
    data = _Data(reply)
    data.take(2)
    return data


def read_configuration(request: bytes, reply: bytes) -> Configuration:
    """Read the reply to ask_configuration(); ReplyError when it is none."""
    data = _begin(request, reply)
    settings = data.take(10)
    depth = data.number(2)
    registers = tuple(data.number(2) for _ in range(data.number(1)))
    data.end()
    return Configuration(reply[1], settings, depth, registers)


def read_rows(request: bytes, reply: bytes) -> Rows:
    """Read the reply to ask_from_id() or ask_from_newest(); ReplyError when it is none.

    An empty log answers with one row of zeros and EMPTY: here that is no row.
    """
    data = _begin(request, reply)
    row_count = data.number(2)
    column_count = data.number(1)
    first_id, newest_id = data.number(4), data.number(4)
    flags = Flag(data.number(2))
    columns: list[Column] = []
    values: list[tuple[bytes, ...]] = []
    if row_count:
        first: list[bytes] = []
        for _ in range(column_count):
            column = Column(data.number(2), data.number(1), data.number(1), data.number(1))
            columns.append(column)
            first.append(data.take(column.size))
        values.append(tuple(first))
    for _ in range(row_count - 1):
        values.append(tuple(data.take(column.size) for column in columns))
    data.end()
    if Flag.EMPTY in flags:
        values = []
    return Rows(reply[1], first_id, newest_id, flags, tuple(columns), tuple(values))
