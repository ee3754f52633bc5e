"""What a meter has stored: its logs, and its answers to LoggerReadOut (command B8)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from meter_log.readout import CONFIGURATION, FROM_ID, FROM_NEWEST, OLDEST, Column, Flag


@dataclass(frozen=True)
class MeterLog:
    """One log. rows: each column's bytes, by the row's id. Ids may be missing.

    settings: ten bytes, as the meter sends them. limit: the most bytes of data in a reply.
    """

    columns: Sequence[Column]
    rows: Mapping[int, Sequence[bytes]]
    depth: int
    settings: bytes = bytes.fromhex("01010101000001000100")
    limit: int = 255
    silent_about: frozenset[int] = field(default_factory=frozenset)


def answer(logs: Mapping[int, MeterLog], data: bytes) -> bytes | None:
    """Return the data of the reply to a LoggerReadOut; None: the meter does not answer.

    What a real meter does with a log that it does not have is unknown; this one does not answer.
    """
    if len(data) < 2 or (log := logs.get(data[1])) is None:
        return None
    if data[0] == CONFIGURATION and len(data) == 2:
        registers = b"".join(column.register.to_bytes(2) for column in log.columns)
        head = data + log.settings + log.depth.to_bytes(2)
        return head + bytes((len(log.columns),)) + registers
    where_size = {FROM_ID: 4, FROM_NEWEST: 2}.get(data[0], 0)
    where, rest = data[2 : 2 + where_size], data[2 + where_size :]
    if not where_size or len(rest) < 3 or len(rest) != 3 + 2 * rest[2]:
        return None
    count = int.from_bytes(rest[:2])
    asked = [int.from_bytes(rest[i : i + 2]) for i in range(3, len(rest), 2)]
    if log.silent_about & set(asked):
        return None
    if data[0] == FROM_ID:
        first_id = int.from_bytes(where)
    elif int.from_bytes(where) == OLDEST:
        first_id = min(log.rows, default=0) + count - 1
    else:
        first_id = max(log.rows, default=0) - int.from_bytes(where)
    return data[:2] + _rows(log, first_id, count, asked)


def _rows(log: MeterLog, first_id: int, count: int, asked: Sequence[int]) -> bytes:
    """Return what follows sub-command and log in a reply: the rows from first_id on."""
    if not log.rows:
        # As captured: one row of zeros.
        empty = b"".join(_cell(column, bytes(column.size)) for column in log.columns[:1])
        return _head(1, 1, 0, 0, Flag.EMPTY) + empty
    flags = Flag(0)
    places = {column.register: i for i, column in enumerate(log.columns)}
    if not set(asked) <= set(places):
        flags |= Flag.UNSUPPORTED_REGISTER
    chosen = [places[register] for register in asked if register in places]
    newest_id, oldest_id = max(log.rows), min(log.rows)
    first_id = max((id_ for id_ in log.rows if id_ <= first_id), default=0)
    # The ids of the rows of one reply fall by one.
    following = itertools.takewhile(log.rows.__contains__, itertools.count(first_id, -1))
    ids = list(itertools.islice(following, count))
    if not ids or not chosen:
        return _head(0, 0, 0, newest_id, flags | Flag.OUT_OF_RANGE)
    body = b""
    sent = 0
    for id_ in ids:
        cells = [(log.columns[i], log.rows[id_][i]) for i in chosen]
        row = b"".join(_cell(*cell) if id_ == ids[0] else cell[1] for cell in cells)
        if sent and len(body) + len(row) + 15 > log.limit:
            flags |= Flag.NOT_EVERYTHING
            break
        body += row
        sent += 1
    flags |= Flag.HAS_NEWEST if first_id == newest_id else Flag(0)
    flags |= Flag.HAS_OLDEST if ids[sent - 1] == oldest_id else Flag(0)
    return _head(sent, len(chosen), first_id, newest_id, flags) + body


def _head(rows: int, registers: int, first_id: int, newest_id: int, flags: Flag) -> bytes:
    ids = first_id.to_bytes(4) + newest_id.to_bytes(4)
    return rows.to_bytes(2) + bytes((registers,)) + ids + flags.to_bytes(2)


def _cell(column: Column, value: bytes) -> bytes:
    head = bytes((column.unit, column.size, column.sign_exponent))
    return column.register.to_bytes(2) + head + value
