"""The search for a register that stops a meter answering: every possible case, through a plan."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmp.library import Do, Kind, RegisterNews
from kmp.plan import Event, Meter, Scenario, Slot, run

NUMBERS = (60, 68, 80, 74, 86, 87, 89, 99)
LATENCY = 1_000


def search(count: int, silent: set[int], sleeps: tuple[tuple[int, int], ...] = ()) -> list[Event]:
    """Read this many registers once; sleeps: before which question the meter sleeps, how long."""
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
    """Return what was found, and after how many questions since the first silence."""
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


@pytest.mark.parametrize(
    ("count", "most"), [(1, 4), (2, 5), (3, 6), (4, 6), (5, 8), (6, 8), (7, 8), (8, 8)]
)
def test_each_is_found_with_few_questions(count: int, most: int) -> None:
    questions = []
    for number in NUMBERS[:count]:
        trace = search(count, {number})
        ((name, asked),) = found(trace)
        assert name == number
        assert read(trace) == {*NUMBERS[:count]} - {number}
        questions.append(asked)
    assert max(questions) == most


def test_two_are_found_one_after_the_other() -> None:
    for pair in itertools.combinations(NUMBERS, 2):
        trace = search(8, {*pair})
        assert {number for number, _ in found(trace)} == {*pair}
        assert max(count for _, count in found(trace)) <= 8
        assert read(trace) == {*NUMBERS} - {*pair}


@given(st.integers(1, 8), st.integers(0, 12), st.integers(0, 12))
def test_a_meter_that_sleeps_once_convicts_none(count: int, question: int, length: int) -> None:
    """Whenever it falls asleep and wakes up: it would have to be silent, awake and silent again."""
    assert not found(search(count, set(), ((question, length),)))


@given(st.integers(0, 12), st.integers(0, 12))
def test_two_lost_questions_convict_none(one: int, other: int) -> None:
    """A verdict takes more: the first silence, and two for the register alone."""
    lost = sorted({one, other})
    assert not found(search(8, set(), tuple((question, 1) for question in lost)))


@given(st.sampled_from(NUMBERS), st.integers(0, 14))
def test_a_lost_question_convicts_nobody_else(number: int, lost: int) -> None:
    trace = search(8, {number}, ((lost, 1),))
    assert {each for each, _ in found(trace)} <= {number}
