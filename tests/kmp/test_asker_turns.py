"""Whose turn it is to ask."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from kmp.library import AskerTurns, Need

MAX_ASKERS = 4


@dataclass
class Behaviour:
    """What an asker needs before and after it is asked for a request, and whether it has one."""

    before: Need
    has_request: bool
    after: Need

    @property
    def is_ready(self) -> bool:
        """Whether it would ask now, if it were its turn."""
        return self.before is not Need.NOTHING and self.has_request


class Asker:
    """An asker that does what it is told."""

    def __init__(self, number: int, calls: list[int]) -> None:
        """Make one that needs nothing; `calls` gets its number each time it is its turn."""
        self.behaviour = Behaviour(Need.NOTHING, False, Need.NOTHING)
        self._number = number
        self._calls = calls

    def need(self) -> Need:
        return self.behaviour.before

    def next(self, now: int) -> bool:
        self._calls.append(self._number)
        self.behaviour = Behaviour(
            self.behaviour.after, self.behaviour.has_request, self.behaviour.after
        )
        return self.behaviour.has_request


def make(count: int) -> tuple[list[Asker], AskerTurns, list[int]]:
    """Return askers, their turns, and the list of those that were asked for a request."""
    calls: list[int] = []
    askers = [Asker(number, calls) for number in range(count)]
    return askers, AskerTurns(askers), calls


ALWAYS = Behaviour(Need.TURN, True, Need.TURN)


def test_one_after_the_other() -> None:
    askers, turns, _ = make(3)
    for asker in askers:
        asker.behaviour = ALWAYS
    asked = [turns.next(0) for _ in range(6)]
    assert sorted(asked[:3]) == [0, 1, 2]
    assert asked[3:] == asked[:3]
    # In the middle of something, even while there is nothing to ask.
    askers[1].behaviour = Behaviour(Need.LINE, True, Need.LINE)
    while turns.current != 1:
        turns.next(0)
    assert [turns.next(0) for _ in range(3)] == [1] * 3
    askers[1].behaviour = Behaviour(Need.LINE, False, Need.LINE)
    assert [turns.next(0) for _ in range(3)] == [None] * 3
    assert turns.current == 1
    askers[1].behaviour = ALWAYS
    assert [turns.next(0) for _ in range(3)] == [2, 0, 1]


class Beginner(Asker):
    """Finishes something when it is asked first, and then always has something new."""

    def next(self, now: int) -> bool:
        has_request = super().next(now)
        self.behaviour = ALWAYS
        return has_request


def test_something_new_after_finishing() -> None:
    """The one that was asked first is asked again if nobody else has a request."""
    beginner = Beginner(0, [])
    beginner.behaviour = Behaviour(Need.LINE, False, Need.TURN)
    assert AskerTurns([beginner, Asker(1, [])]).next(0) == 0


needs = st.sampled_from(Need)
behaviours = st.builds(Behaviour, needs, st.booleans(), needs)
# What each asker does from now on; None: the same as before.
rounds = st.lists(
    st.tuples(*[st.one_of(st.none(), st.none(), st.just(ALWAYS), behaviours)] * MAX_ASKERS),
    min_size=5,
    max_size=40,
)


@given(st.integers(1, MAX_ASKERS), rounds)
def test_any_behaviour(count: int, course: list[tuple[Behaviour | None, ...]]) -> None:
    """Nobody is interrupted, and nobody waits for more than one turn of each other asker."""
    askers, turns, calls = make(count)
    # How many turns each other asker had while this one was waiting.
    waited = [[0] * count for _ in askers]
    for changes in course:
        for asker, change in zip(askers, changes, strict=False):
            asker.behaviour = change or asker.behaviour
        before = [asker.behaviour for asker in askers]
        assert turns.is_needed == any(each.before is not Need.NOTHING for each in before)
        holder = turns.current
        calls.clear()
        asked = turns.next(0)

        # What each was told to do and has not done yet.
        now = list(before)
        for i, number in enumerate(calls):
            goes_on = i == 0 and number == holder and now[number].before is Need.LINE
            assert i > 0 or goes_on or now[holder].before is not Need.LINE, "interrupted"
            is_last = i == len(calls) - 1
            assert is_last or now[number].after is not Need.LINE, "interrupted"
            assert is_last or not now[number].has_request, "request lost"
            for other in range(count):
                if other == number or not now[other].is_ready:
                    waited[other] = [0] * count
                elif not goes_on:
                    waited[other][number] += 1
                    assert waited[other][number] <= 1, "waited too long"
            after = now[number].after
            now[number] = Behaviour(after, now[number].has_request, after)

        if asked is None:
            is_held = bool(calls) and now[calls[-1]].before is Need.LINE
            assert is_held or not any(each.is_ready for each in now)
        else:
            assert asked == calls[-1] == turns.current
            assert now[asked].has_request
