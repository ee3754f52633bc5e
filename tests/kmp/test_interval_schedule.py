"""Entities with an interval of their own: their rhythm, and that they join the hub's updates."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from kmp.plan import MAX_WAIT, Do, Event, Kind, Scenario, Schedule, Slot, run

#: So short that an update is over before anything else is due.
LATENCY = 1
DURATION = 200_000

intervals = st.sampled_from((1_000, 1_001, 7_000, 9_999, 10_000, 15_000, 33_333, 60_000, 90_000))
updates = st.sampled_from((0, 1_000, 9_000, 10_000, 20_000, 60_000, 61_000))


def entities(*some: int) -> tuple[Slot, ...]:
    """Return an entity for each interval, and one without."""
    own = Schedule.OWN_INTERVAL
    return (Slot(60), *(Slot(200 + i, schedule=own, interval=each) for i, each in enumerate(some)))


def reads(trace: list[Event], slot: int) -> list[int]:
    return [event.time for event in trace if event.kind == Kind.DUE and event.slot == slot]


def hub_updates(trace: list[Event]) -> list[int]:
    return [event.time for event in trace if event.kind == Kind.HUB_UPDATE]


def wait_of(interval: int) -> int:
    """Return how far an entity may be from its rhythm for the sake of the hub's updates."""
    return min(interval // 2, MAX_WAIT)


@given(st.lists(intervals, min_size=1, max_size=4), updates, st.sampled_from((0, 2**32 - 50_000)))
def test_each_is_read_at_its_rhythm(some: list[int], update_interval: int, start: int) -> None:
    trace = run(
        Scenario(
            entities(*some),
            ((Do.WAIT, DURATION),),
            update_interval=update_interval,
            latency=LATENCY,
            start=start,
        )
    )
    for slot, interval in enumerate(some, 1):
        times = reads(trace, slot)
        wait = wait_of(interval) if update_interval else 0
        assert times[0] <= start + LATENCY
        assert start + DURATION - times[-1] <= interval + wait + 9 * LATENCY
        for before, after in itertools.pairwise(times):
            assert interval - wait - 9 * LATENCY <= after - before
            assert after - before <= interval + wait + 9 * LATENCY


@given(st.lists(intervals, min_size=1, max_size=4), updates.filter(bool))
def test_what_is_due_close_to_an_update_is_read_with_it(
    some: list[int], update_interval: int
) -> None:
    trace = run(
        Scenario(
            entities(*some),
            ((Do.WAIT, DURATION),),
            update_interval=update_interval,
            latency=LATENCY,
        )
    )
    for slot, interval in enumerate(some, 1):
        for time in reads(trace, slot):
            distance = min(abs(time - update) for update in hub_updates(trace))
            assert distance <= 2 * LATENCY or distance >= wait_of(interval), time


@given(st.lists(intervals, min_size=1, max_size=4), updates, st.integers(0, 2**40))
def test_a_jump_of_the_clock_makes_no_burst(
    some: list[int], update_interval: int, jump: int
) -> None:
    """Whatever was slept through is read once, and then the rhythm goes on."""
    begin, after = 500, MAX_WAIT + 100
    trace = run(
        Scenario(
            entities(*some),
            ((Do.WAIT, begin), (Do.JUMP, jump), (Do.WAIT, after)),
            update_interval=update_interval,
            latency=LATENCY,
        )
    )
    for slot, interval in enumerate(some, 1):
        times = [time for time in reads(trace, slot) if time > begin + LATENCY]
        assert len(times) <= 2 + after // (interval - wait_of(interval))
        assert times or jump < interval


def test_equal_intervals_share_their_requests() -> None:
    trace = run(Scenario(entities(7_000, 7_000), ((Do.WAIT, DURATION),), latency=LATENCY))
    assert reads(trace, 1) == reads(trace, 2)
    assert len(reads(trace, 1)) == DURATION // 7_000 + 1


def test_a_busy_hub_does_not_shift_the_rhythm() -> None:
    """Each is wanted at its time, however long a reading of another takes just then."""
    latency = 1_700
    trace = run(Scenario(entities(10_000, 7_000), ((Do.WAIT, DURATION),), latency=latency))
    for i, time in enumerate(reads(trace, 1)):
        assert 0 <= time - 10_000 * i <= 2 * latency


def test_the_same_interval_as_the_hub_shares_each_of_its_updates() -> None:
    trace = run(
        Scenario(entities(10_000), ((Do.WAIT, DURATION),), update_interval=10_000, latency=LATENCY)
    )
    assert reads(trace, 1) == reads(trace, 0) == hub_updates(trace)[:-1]
