"""The search for a register that makes a meter silent: every case there is, by way of a plan."""

from __future__ import annotations

import itertools

import pytest

from kmp.library import Do, Kind, RegisterNews
from kmp.plan import Event, Meter, Scenario, Slot, run

NUMBERS = (60, 68, 80, 74, 86, 87, 89, 99)
LATENCY = 1_000


def search(count: int, silent: set[int], sleeps: tuple[tuple[int, int], ...] = ()) -> list[Event]:
    """Read so many registers once from a meter that sleeps before questions: which, how long."""
    actions = [(Do.READ, 0)]
    asked = 0
    for question, length in sleeps:
        actions += [(Do.ASK, question - asked), (Do.SLEEP, length * LATENCY + 1)]
        asked = question
    return run(
        Scenario(
            tuple(Slot(number) for number in NUMBERS[:count]),
            (*actions, (Do.ASK, 100)),
            (Meter(silent_about=frozenset(silent)),),
            latency=LATENCY,
        )
    )


def found(trace: list[Event]) -> list[tuple[int, int]]:
    """Return what was found, and after how many questions from the first silence."""
    result = []
    count = -1
    for event in trace:
        if event.kind == Kind.ASK and count >= 0:
            count += 1
        elif event.kind == Kind.FAILED and count < 0:
            count = 0
        elif event.kind == Kind.NEWS:
            assert event.value == RegisterNews.SILENCES
            result.append((event.ids[0], count))
            count = -1
    return result


def read(trace: list[Event]) -> set[int]:
    return {event.ids[0] for event in trace if event.kind == Kind.VALUE}


@pytest.mark.parametrize("count", range(1, 9))
def test_each_is_found_with_eight_questions_at_most(count: int) -> None:
    for number in NUMBERS[:count]:
        trace = search(count, {number})
        (result,) = found(trace)
        assert result[0] == number
        assert result[1] <= 8
        assert read(trace) == {*NUMBERS[:count]} - {number}


def test_the_worst_case_takes_eight() -> None:
    assert max(found(search(8, {number}))[0][1] for number in NUMBERS) == 8


def test_two_are_found_one_after_the_other() -> None:
    for pair in itertools.combinations(NUMBERS, 2):
        trace = search(8, {*pair})
        assert {number for number, _ in found(trace)} == {*pair}
        assert max(count for _, count in found(trace)) <= 8
        assert read(trace) == {*NUMBERS} - {*pair}


@pytest.mark.parametrize("count", range(1, 9))
def test_a_meter_that_sleeps_once_convicts_none(count: int) -> None:
    """Whenever it falls asleep and wakes up: it has to be silent, awake and silent again."""
    for question, length in itertools.product(range(12), range(12)):
        assert not found(search(count, set(), ((question, length),))), (question, length)


def test_two_lost_questions_convict_none() -> None:
    """A verdict takes more: the first silence, and two for the register alone."""
    for first, second in itertools.combinations(range(12), 2):
        trace = search(8, set(), ((first, 1), (second, 1)))
        assert not found(trace), (first, second)


def test_a_lost_question_convicts_nobody_else() -> None:
    for number, lost in itertools.product(NUMBERS, range(14)):
        trace = search(8, {number}, ((lost, 1),))
        assert {each for each, _ in found(trace)} <= {number}, (number, lost)
