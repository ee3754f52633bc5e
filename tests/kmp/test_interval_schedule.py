"""Entities with their own interval: they keep their phase, and join the hub's updates."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from kmp.plan import MAX_WAIT, Do, Event, Kind, Scenario, Schedule, Slot, run

#: So short that an update is over before anything else is due.
LATENCY = 1
DURATION = 100_000

intervals = st.sampled_from((1_000, 1_001, 7_000, 9_999, 10_000, 15_000, 33_333, 60_000))
some_intervals = st.lists(intervals, min_size=1, max_size=4)
updates = st.sampled_from((0, 1_000, 9_000, 10_000, 20_000, 60_000, 61_000))


def watch(
    some: list[int],
    update_interval: int,
    *,
    actions: tuple[tuple[Do, int], ...] = ((Do.WAIT, DURATION),),
    latency: int = LATENCY,
    start: int = 0,
) -> list[Event]:
    """Return when entities with these intervals are read, along with one without an interval."""
    own = Schedule.OWN_INTERVAL
    slots = [Slot(200 + i, schedule=own, interval=each) for i, each in enumerate(some)]
    return run(
        Scenario(
            (Slot(60), *slots),
            actions,
            update_interval=update_interval,
            latency=latency,
            start=start,
        )
    )


def reads(trace: list[Event], slot: int) -> list[int]:
    return [event.time for event in trace if event.kind == Kind.DUE and event.slot == slot]


def wait_of(interval: int) -> int:
    """Return how far an entity may stray from its interval to join the hub's updates."""
    return min(interval // 2, MAX_WAIT)


@given(some_intervals, updates, st.sampled_from((0, 2**32 - 50_000)))
def test_each_is_read_at_its_interval_or_with_an_update(
    some: list[int], update_interval: int, start: int
) -> None:
    """Anything due close to an update is read with it."""
    trace = watch(some, update_interval, start=start)
    hub_updates = [event.time for event in trace if event.kind == Kind.HUB_UPDATE]
    for slot, interval in enumerate(some, 1):
        times = reads(trace, slot)
        wait = wait_of(interval) if update_interval else 0
        assert times[0] <= start + LATENCY
        assert start + DURATION - times[-1] <= interval + wait + 9 * LATENCY
        for before, after in itertools.pairwise(times):
            assert abs(after - before - interval) <= wait + 9 * LATENCY
        for time in times if hub_updates else ():
            distance = min(abs(time - update) for update in hub_updates)
            assert distance <= 2 * LATENCY or distance >= wait, time
        if interval == update_interval:
            assert times == reads(trace, 0)


@given(some_intervals, updates, st.integers(0, 2**40))
def test_a_jump_of_the_clock_makes_no_burst(
    some: list[int], update_interval: int, jump: int
) -> None:
    """Whatever was missed is read once, and then the intervals go on as before."""
    begin, after = 500, MAX_WAIT + 100
    actions = ((Do.WAIT, begin), (Do.JUMP, jump), (Do.WAIT, after))
    trace = watch(some, update_interval, actions=actions)
    for slot, interval in enumerate(some, 1):
        times = [time for time in reads(trace, slot) if time > begin + LATENCY]
        assert len(times) <= 2 + after // (interval - wait_of(interval))
        assert times or jump < interval


def test_a_busy_hub_does_not_shift_the_intervals() -> None:
    """Each is wanted on time, however long another reading takes at that moment."""
    latency = 1_700
    trace = watch([10_000, 7_000, 7_000], 0, latency=latency)
    for slot, interval in ((1, 10_000), (2, 7_000)):
        times = reads(trace, slot)
        assert len(times) >= DURATION // interval
        for i, time in enumerate(times):
            assert 0 <= time - interval * i <= 2 * latency
    # Equal intervals share their requests.
    assert reads(trace, 2) == reads(trace, 3)
