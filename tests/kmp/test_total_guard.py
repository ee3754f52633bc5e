"""What Home Assistant records for a counter when single replies are wrong."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kmp.library import TotalGuard, to_whole


class Booking:
    """Home Assistant's statistics of a total_increasing sensor (its sensor/recorder.py).

    total: what was recorded since the first state.
    """

    def __init__(self) -> None:
        """Start without a state."""
        self.last: float | None = None
        self.total = Fraction(0)

    def take(self, state: float) -> None:
        """Take a new state; one below 90 % of the last is a new counter, which started at 0."""
        if self.last is not None:
            is_new = state < 0.9 * self.last
            self.total += Fraction(state) - (0 if is_new else Fraction(self.last))
        self.last = state


def restored(kept: float) -> TotalGuard:
    """Return a guard as after a restart; kept: NaN for nothing."""
    guard = TotalGuard()
    guard.restore(kept)
    return guard


class Device:
    """A sensor with its guard, as TotalSensorBase and ReadingPlan use it.

    published: every state. heard: the last reply. writes: how often something was kept.
    """

    def __init__(self) -> None:
        """Start for the first time."""
        self.published: list[float] = []
        self.heard = math.nan
        self.writes = 0
        self._kept = math.nan
        self.restart()

    def restart(self, forget: bool = False) -> None:
        """Start again; forget: without the kept values, like an ESP8266 without power."""
        if forget:
            self._kept = math.nan
        self._guard = restored(self._kept)

    def update(self, *replies: float | None) -> None:
        """Read once; a doubtful value is read a second time. None: the reply is lost."""
        for reply in replies[:2]:
            if reply is None:
                return
            self.heard = reply
            if self._take(reply):
                return

    def _take(self, total: float) -> bool:
        believed = self._guard.take(total)
        if self._guard.must_keep():
            self._kept = self._guard.last
            self.writes += 1
        if believed:
            self.published.append(total)
        return believed


# --- Single cases: the replies of each update in turn, and what is published ---

Updates = list[tuple[float | None, ...] | None]
RESTART = None
SAME = (59_988.0, 59_988.0)
NEXT = (59_989.0, 59_989.0)
CASES: dict[str, tuple[Updates, list[float]]] = {
    "first contact, counts on": ([(59_988, 59_989)], [59_989]),
    "first one is wrong": ([(5_998, 59_988), NEXT], [59_989]),
    "first one is lost": ([(None,), SAME], [59_988]),
    "second one is lost": ([(59_988, None), NEXT], [59_989]),
    "follows": ([SAME, (59_989,), (59_989,)], [59_988, 59_989, 59_989]),
    "ten times": ([SAME, (599_880, 59_989)], [59_988, 59_989]),
    "ten times, twice": ([SAME, (599_880, 599_880)], [59_988, 599_880]),
    "falls by one": ([SAME, (59_987, 59_988)], [59_988, 59_988]),
    "two wrong ones": ([SAME, (0, 5_998), NEXT], [59_988, 59_989]),
    "two wrong ones, falling": ([SAME, (5_998, 5_990), NEXT], [59_988, 59_989]),
    "two wrong ones, far between": ([SAME, (5_998, None), (700,), NEXT], [59_988, 59_989]),
    "replaced": ([SAME, (12, 12), (13, 13)], [59_988, 12, 13]),
    "replaced, the second is lost": ([SAME, (12, None), (12,)], [59_988, 12]),
    # A 0 needs another update.
    "empty at first": ([(0, 0), SAME], [59_988]),
    "empty and stays so": ([(0, 0), (0,), (0,)], [0, 0]),
    "empty, then counts": ([(0, 0), (0,), (1, 1)], [0, 1]),
    "empty for a while": ([SAME, (0, 0), SAME], [59_988, 59_988]),
    "reset": ([SAME, (0, 0), (0,)], [59_988, 0]),
    # The last believed value survives a restart, a doubt does not.
    "restarted": ([SAME, RESTART, RESTART, (5_998, 59_989)], [59_988, 59_989]),
    "restarted in doubt": ([SAME, (12, None), RESTART, (12, 59_989)], [59_988, 59_989]),
    "restarted before the first": ([(12, None), RESTART, (12, 12)], [12]),
    "empty and restarted": ([(0, 0), RESTART, (0, 0), RESTART, (0, 0)], [0, 0]),
}


@pytest.mark.parametrize("case", CASES)
def test_published(case: str) -> None:
    updates, published = CASES[case]
    device = Device()
    for replies in updates:
        if replies is RESTART:
            device.restart()
        else:
            device.update(*replies)
    assert device.published == published


def test_flash_is_written_rarely() -> None:
    """Sixty megawatt hours in thirty years, read every day; doubts cost little, too."""
    device = Device()
    doubts = 0
    years = 30
    readings = years * 365
    for i in range(readings):
        total = float(60_000 * i // readings)
        before = len(device.published)
        device.update(total)
        if len(device.published) == before:
            device.update(total)
            doubts += 1
    assert device.published[-1] == 59_994
    assert device.writes < 15 * years
    assert doubts < 100


# --- Any course of readings ---

#: What a meter counts between two readings, in steps of its display.
growth = st.one_of(st.integers(0, 3), st.integers(0, 5_000))
#: Wrong values, as a factor or as a value.
wrong = st.one_of(
    st.sampled_from([0.0, 0.1, 0.5, 0.89, 0.97, 1.02, 1.04, 1.5, 2.0, 10.0, 100.0]).map(
        lambda factor: lambda true: float(math.floor(true * factor))
    ),
    st.integers(0, 2**24).map(lambda value: lambda _true: float(value)),
)
#: An update: growth since the last one, which reply is wrong (2: none) and how, which is lost, and
#: whether the device was restarted before.
steps = st.tuples(
    growth,
    st.sampled_from([0, 1, 2, 2]),
    wrong,
    st.sampled_from([None, None, None, 0, 1]),
    st.sampled_from(["no", "no", "no", "restart", "power cut"]),
)


@given(st.integers(0, 2**22), st.lists(steps, min_size=1, max_size=25))
def test_what_is_recorded_is_what_was_used(start: int, course: list[tuple[Any, ...]]) -> None:
    """Whatever single replies say: there is at most one wrong one between two right ones."""
    device, booking = Device(), Booking()
    true = start
    was_wrong = False
    shown: set[float] = set()

    def update(*replies: float | None) -> None:
        before = len(device.published)
        shown.add(true)
        device.update(*replies)
        for state in device.published[before:]:
            booking.take(state)
            # A wrong value that follows is taken back later; another may follow it.
            assert booking.total + Fraction(device.published[0]) <= true + Fraction(3 * true, 32)

    for grows, wrong_reply, make_wrong, lost, restart in course:
        true += grows
        if restart != "no":
            device.restart(forget=restart == "power cut")
        replies: list[float | None] = [float(true), float(true)]
        if wrong_reply < 2 and not (was_wrong and wrong_reply == 0) and lost is None:
            replies[wrong_reply] = make_wrong(true)
        if lost is not None:
            replies[lost] = None
        update(*replies)
        if lost != 0:
            was_wrong = device.heard != true
    # Two more, both right, settle any doubt.
    for _ in range(2):
        update(true, true)
    assert device.published[0] in shown
    assert device.published[-1] == true
    assert booking.total == true - Fraction(device.published[0])


@given(st.floats(0, 1e7, width=32), st.floats(0, 1e8, width=32), st.floats(0, 1e8, width=32))
def test_two_different_wrong_values(last: float, one: float, other: float) -> None:
    """They never confirm each other."""
    for value in (one, other):
        assume(not last <= value <= last * 1.04)
    assume(not one <= other <= one * 1.005)
    guard = restored(last)
    assert not guard.take(one)
    assert not guard.take(other)
    assert guard.take(last)


# --- The limits ---


def test_how_much_follows() -> None:
    """A 32nd more, even for a counter below 0; and a 256th for the second reading."""
    assert restored(3200).take(3300)
    assert not restored(3200).take(3301)
    assert restored(-1000).take(-999)
    guard = restored(59_988)
    assert not guard.take(25_600)
    assert not guard.take(25_701)
    assert guard.take(25_801)


def test_a_contradiction_is_read_twice() -> None:
    guard = restored(59_988)
    assert not guard.take(59_989, contradicted=True)
    assert not guard.take(60_500, contradicted=True)
    assert guard.take(60_501, contradicted=True)
    assert guard.take(60_501)
    # A 0 after a 0 has been confirmed already.
    guard = restored(0)
    assert not guard.take(0, contradicted=True)
    assert guard.take(0, contradicted=True)


@pytest.mark.parametrize(
    ("value", "whole"),
    [
        (59_988.75, 59_988),
        (-3.9, -3),
        (2147483520, 2147483520),
        (2147483648, 2147483520),
        (math.inf, 2147483520),
        (-2147483648, -(2**31)),
        (-math.inf, -(2**31)),
        (math.nan, -(2**31)),
    ],
)
def test_to_whole(value: float, whole: int) -> None:
    """For the log: no float causes undefined behaviour, and none wraps around."""
    assert to_whole(value) == whole
