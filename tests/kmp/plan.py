"""A ReadingPlan in a simulated world: a Scenario says what happens, a trace what the plan does.

plan.cpp runs it, and explains its enumerations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kmp.library import Do, Doubt, Kind, Schedule, run_plan

DAY = 24 * 60 * 60 * 1000
MAX_WAIT = 5000
SERIAL_NUMBER = 1001


class Slot(NamedTuple):
    """An entity. A stand-in of 0 means none."""

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
    """Registers that a meter does not have or that stop it answering, and commands it ignores."""

    lacks: frozenset[int] = frozenset()
    silent_about: frozenset[int] = frozenset()
    refuses: frozenset[int] = frozenset()

    def has(self, register: int) -> bool:
        """Whether the meter answers with a register."""
        return register not in self.lacks and register not in self.silent_about


@dataclass(frozen=True)
class Scenario:
    """Everything that may happen.

    faults: of one attempt after another; repeats: start again from the first, otherwise no more
    follow. update_interval: of the hub, 0 for none. start: the clock's first time.
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
        """Show it briefly."""
        ids = " ".join(map(str, self.ids))
        kind = Kind(self.kind).name
        return f"\n{self.time} #{self.update} {kind} slot={self.slot} value={self.value} {ids}"


def run(scenario: Scenario) -> list[Event]:
    """Run it, and return what the plan did."""
    return run_plan(scenario)


def updates(trace: list[Event]) -> Iterator[list[Event]]:
    """Split a trace into its updates, from BEGIN to UPDATE_END; without one that has not ended."""
    begin = None
    for index, event in enumerate(trace):
        if event.kind == Kind.BEGIN:
            begin = index
        elif event.kind == Kind.UPDATE_END and begin is not None:
            yield trace[begin : index + 1]
            begin = None
