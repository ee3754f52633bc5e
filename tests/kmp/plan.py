"""A ReadingPlan in a simulated world: what happens in it is a Scenario, what it does is a trace.

plan.cpp runs it. Compiled with the undefined behaviour sanitizer, like library.py.
"""

from __future__ import annotations

import ctypes
import enum
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kmp.build import HERE, LIBRARY_SOURCES, build

_library = ctypes.CDLL(
    str(
        build(
            "plan.so",
            [HERE / "plan.cpp", *LIBRARY_SOURCES],
            ["-O1", "-g", "-shared", "-fPIC", "-fsanitize=undefined", "-fno-sanitize-recover=all"],
        )
    )
)
_library.plan_run.restype = ctypes.c_size_t

DAY = 24 * 60 * 60 * 1000
MAX_REGISTERS = 8
MAX_WAIT = 5000
GET_TYPE, GET_SERIAL_NO, GET_REGISTER = 0x01, 0x02, 0x10
SERIAL_NUMBER = 1001


class Schedule(enum.IntEnum):
    """When an entity is read."""

    UPDATES = 0
    OWN_INTERVAL = 1
    IDENTITY = 2
    MANUAL = 3
    REQUEST = 4


class Doubt(enum.IntEnum):
    """How often an entity doubts a value in an update."""

    NEVER = 0
    ONCE = 1
    ALWAYS = 2


class Fault(enum.IntEnum):
    """What happens to one attempt.

    NOT_FIRST, NOT_LAST, EMPTY: a reply with fewer registers than asked. LATE: it comes after the
    request was given up.
    """

    NONE = 0
    SILENCE = 1
    ECHO = 2
    GARBLED = 3
    CHECKSUM = 4
    NO_PORT = 5
    NOT_FIRST = 6
    NOT_LAST = 7
    EMPTY = 8
    LATE = 9


class Do(enum.IntEnum):
    """What happens to the world; each with a number."""

    WAIT = 0  # The hub goes on for so many milliseconds.
    JUMP = 1  # The clock goes on, and the hub stands still.
    ASK = 2  # The hub asks so many questions.
    UPDATE = 3
    READ = 4
    WANT = 5  # One entity.
    SLEEP = 6  # The meter is silent for so many milliseconds.
    REPLACE = 7  # The next meter, with another serial number.
    CHAT = 8  # Another asker asks so many questions, one in each of its turns.
    HOLD = 9  # The same, in one turn.
    FLOOD = 10  # So many questions, an update wanted before each.
    HEAL = 11  # Neither faults nor sleep any more.


class Slot(NamedTuple):
    """An entity. A stand-in of 0: none."""

    id: int
    companion: int = 0
    stand_in: int = 0
    stand_in_companion: int = 0
    schedule: Schedule = Schedule.UPDATES
    interval: int = 0
    doubt: Doubt = Doubt.NEVER

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """What may be asked for."""
        own = (self.id, self.companion)
        return (own, (self.stand_in, self.stand_in_companion)) if self.stand_in else (own,)


class Meter(NamedTuple):
    """What a meter does not have, what makes it silent, and commands that it does not answer."""

    lacks: frozenset[int] = frozenset()
    silent_about: frozenset[int] = frozenset()
    refuses: frozenset[int] = frozenset()

    def has(self, register: int) -> bool:
        """Whether the meter answers for a register."""
        return register not in self.lacks and register not in self.silent_about


@dataclass(frozen=True)
class Scenario:
    """Everything that may happen.

    faults: of one attempt after the other; repeats: and again from the first, otherwise none
    follow. update_interval: of the hub, 0 for none. start: what the clock shows at the beginning.
    """

    slots: tuple[Slot, ...] = ()
    actions: tuple[tuple[Do, int], ...] = ()
    meters: tuple[Meter, ...] = (Meter(),)
    faults: bytes = b""
    repeats: bool = False
    update_interval: int = 0
    latency: int = 400
    retries: int = 0
    start: int = 0
    wants_type: bool = False


class Kind(enum.IntEnum):
    """What happened; plan.cpp says what belongs to it."""

    BEGIN = 0
    SKIPPED = 1
    DUE = 2
    ENDED = 3
    UPDATE_END = 4
    ASK = 5
    ANSWERED = 6
    FAILED = 7
    VALUE = 8
    MISSING = 9
    UNKNOWN = 10
    NEW_METER = 11
    NEWS = 12
    REFUSED = 13
    METER_TYPE = 14
    REPLACED = 15
    FOUND = 16
    LOST = 17
    HUB_UPDATE = 18
    ACTION = 19
    STUCK = 20


class Outcome(enum.IntEnum):
    """How an update ended for a slot."""

    VALUE = 0
    MISSING = 1
    FAILED = 2


class News(enum.IntEnum):
    """What is told about a register."""

    LEFT_OUT = 0
    SILENCES = 1
    STOPPED = 2


# Flags of a question, see plan.cpp.
WHOLE, ONLY_DUE, ONCE = 1, 2, 4
# And of a value.
BELIEVED, WITH_COMPANION, WITHOUT_KNOWN_COMPANION = 1, 2, 4


class Event(NamedTuple):
    """One line of a trace."""

    time: int
    update: int
    kind: int
    slot: int
    value: int
    command: int
    ids: tuple[int, ...]

    def __repr__(self) -> str:
        """Show it in short."""
        ids = " ".join(map(str, self.ids))
        kind = Kind(self.kind).name
        return f"\n{self.time} #{self.update} {kind} slot={self.slot} value={self.value} {ids}"


_EVENT = struct.Struct("<QHBBBBBx8H")
_MAX_EVENTS = 50_000
_trace = ctypes.create_string_buffer(_EVENT.size * _MAX_EVENTS)


def _encode_list(code: str, values: frozenset[int]) -> bytes:
    return struct.pack(f"<H{len(values)}{code}", len(values), *sorted(values))


def _encode(scenario: Scenario) -> bytes:
    it = scenario
    parts = [
        struct.pack("<QIIBB", it.start, it.update_interval, it.latency, it.retries, it.wants_type)
    ]
    parts.append(struct.pack("<B", len(it.slots)))
    parts += [struct.pack("<HHHHBIB", *slot) for slot in it.slots]
    parts.append(struct.pack("<B", len(it.meters)))
    for meter in it.meters:
        parts.append(_encode_list("H", meter.lacks) + _encode_list("H", meter.silent_about))
        parts.append(_encode_list("B", meter.refuses))
    parts += [struct.pack("<H", len(it.faults)), it.faults]
    parts.append(struct.pack("<BH", it.repeats, len(it.actions)))
    parts += [struct.pack("<BQ", what, number) for what, number in it.actions]
    return b"".join(parts)


def run(scenario: Scenario) -> list[Event]:
    """Let it happen, and return what the plan did."""
    size = _library.plan_run(_encode(scenario), _trace, ctypes.c_size_t(_MAX_EVENTS))
    assert size < _MAX_EVENTS, "too much happens"
    return [
        Event._make((*numbers[:6], numbers[7 : 7 + numbers[6]]))
        for numbers in _EVENT.iter_unpack(memoryview(_trace)[: _EVENT.size * size])
    ]


def updates(trace: list[Event]) -> Iterator[list[Event]]:
    """Split a trace into its updates, from BEGIN to UPDATE_END, without one that has not ended."""
    begin = None
    for index, event in enumerate(trace):
        if event.kind == Kind.BEGIN:
            begin = index
        elif event.kind == Kind.UPDATE_END and begin is not None:
            yield trace[begin : index + 1]
            begin = None
