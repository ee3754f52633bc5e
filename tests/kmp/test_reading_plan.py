"""What is asked next, and what happens to the answers: rules that always hold."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmp.library import (
    GET_REGISTER,
    GET_SERIAL_NO,
    GET_TYPE,
    MAX_REGISTERS,
    ONCE,
    ONLY_DUE,
    WHOLE,
    WITHOUT_KNOWN_COMPANION,
    Do,
    Doubt,
    Fault,
    Kind,
    Outcome,
    RegisterNews,
    Schedule,
)
from kmp.plan import DAY, SERIAL_NUMBER, Event, Meter, Scenario, Slot, run, updates

NOTHING, ECHO = 1, 2  # evidence
MAX_MISSES = 3  # updates in a row without a value, or without any answer
ENDS_OF_QUESTIONS = (Kind.ANSWERED, Kind.FAILED, Kind.REFUSED)
RETRIED = 2  # how often a register that replies leave out is asked for in an update

# A world is made from a few draws of bytes, each an index into one of these lists, which begin with
# the simplest: that is several times as fast as one draw per thing, and failures shrink well.

NUMBERS = (60, 80, 74, 86, 87, 89, 99, 266, 6, 13, 27, 64, 128, 1002, SERIAL_NUMBER)
PAIRS = (
    *((number,) for number in NUMBERS),
    (60, 266),
    (64, 128),
    (1003, 1002),
    (89, 87),
    (369, 0, 99),
    (348, 0, 1003, 1002),
    (13, 27, 6, 64),
)
SCHEDULES = (
    (Schedule.UPDATES, 0),
    (Schedule.OWN_INTERVAL, 7_000),
    (Schedule.OWN_INTERVAL, 60_000),
    (Schedule.IDENTITY, DAY),
    (Schedule.MANUAL, 0),
    (Schedule.REQUEST, 0),
)
SLOTS = tuple(
    Slot._make((*(*pair, 0, 0, 0)[:4], schedule, interval, doubt))
    for doubt, (schedule, interval), pair in itertools.product(Doubt, SCHEDULES, PAIRS)
)
# What a meter does not have, or what stops it answering. The serial number is never the latter: the
# plan relies on every meter answering with that.
DEFECTS = (
    None,
    *itertools.product(
        (0, 1), sorted({each for pair in PAIRS for each in pair} - {0, SERIAL_NUMBER})
    ),
    (0, SERIAL_NUMBER),
)
ACTIONS = (
    *((Do.WAIT, number) for number in (100, 1_000, 10_000, 30_000)),
    *((Do.ASK, number) for number in (1, 2, 3, 10)),
    (Do.UPDATE, 0),
    (Do.READ, 0),
    *((Do.WANT, slot) for slot in range(4)),
    *((Do.SLEEP, number) for number in (300, 1_500, 5_000, 30_000)),
    (Do.REPLACE, 0),
    (Do.CHAT, 3),
    (Do.HOLD, 3),
    (Do.FLOOD, 8),
    (Do.HEAL, 0),
    *((Do.JUMP, number) for number in (999, DAY - 1, DAY, 2**31, 2**32 - 1, 2**32, 2**40)),
)
# Half of the attempts have no fault.
FAULTS = bytes([Fault.NONE] * (256 - 16 * (len(Fault) - 1)) + 16 * list(Fault)[1:])
HUBS = tuple(
    itertools.product(
        (0, 10_000, 900_000),  # update interval
        (400, 20, 3_000),  # latency
        (0, 2),  # retries
        (False, True),  # wants the meter's type
        (frozenset(), frozenset({GET_TYPE})),  # refused
        (False, True),  # the faults repeat
        (0, 2**32 - 20_000, 2**40),  # start
    )
)


def recovery(actions: tuple[tuple[Do, int], ...]) -> tuple[tuple[Do, int], ...]:
    """Let everything work for a day, and read everything.

    If the meter was replaced, read often enough for the old one to be forgotten: the new one may
    stop answering because of a register that the old one had.
    """
    times = MAX_MISSES + 3 if (Do.REPLACE, 0) in actions else 1
    return ((Do.HEAL, 0), (Do.ASK, 80), (Do.JUMP, DAY), *[(Do.READ, 0), (Do.ASK, 80)] * times)


def _of_kind(kind: int, defects: list[tuple[int, int] | None]) -> frozenset[int]:
    return frozenset(each[1] for each in defects if each and each[0] == kind)


def make_world(slots: bytes, actions: bytes, meters: bytes, faults: bytes, hub: int) -> Scenario:
    """Look up what the bytes stand for."""
    done = tuple(ACTIONS[byte % len(ACTIONS)] for byte in actions)
    interval, latency, retries, wants_type, refuses, repeats, start = HUBS[hub]
    defects = [DEFECTS[byte % len(DEFECTS)] for byte in meters]
    return Scenario(
        slots=tuple(
            SLOTS[(high << 8 | low) % len(SLOTS)]
            for low, high in itertools.batched(slots[: len(slots) & ~1], 2)
        ),
        actions=done + recovery(done),
        # Every other defect belongs to the meter that replaces the first one.
        meters=tuple(
            Meter(_of_kind(0, defects[which::2]), _of_kind(1, defects[which::2]), refuses)
            for which in (0, 1)
        ),
        faults=faults.translate(FAULTS),
        repeats=repeats,
        update_interval=interval,
        latency=latency,
        retries=retries,
        start=start,
        wants_type=wants_type,
    )


worlds = st.builds(
    make_world,
    st.binary(max_size=24),
    st.binary(max_size=10),
    st.binary(max_size=8),
    st.binary(max_size=24),
    st.integers(0, len(HUBS) - 1),
)


# Queries on a trace


def questions(trace: list[Event], asker: int = 0) -> list[Event]:
    return [event for event in trace if event.kind == Kind.ASK and event.slot == asker]


def values(trace: list[Event]) -> Counter[int]:
    return Counter(event.slot for event in trace if event.kind == Kind.VALUE)


def news(trace: list[Event], what: RegisterNews) -> list[int]:
    return [event.ids[0] for event in trace if event.kind == Kind.NEWS and event.value == what]


def ends(trace: list[Event]) -> list[int]:
    """Return for each update whether it was complete."""
    return [event.value for event in trace if event.kind == Kind.UPDATE_END]


# Rules: each searches the trace of a world for violations.


def every_due_entity_ends_its_update_once(scenario: Scenario, trace: list[Event]) -> None:
    """With a value, as missing or as failed; it is not asked for again in that update."""
    due: set[int] = set()
    ended: set[int] = set()
    may_begin = False
    for event in trace:
        match event.kind:
            case Kind.BEGIN:
                assert not due
                ended.clear()
                may_begin = True
            case Kind.FOUND | Kind.REPLACED:
                # An entity that identifies the meter is read again.
                ended.clear()
                may_begin = True
            case Kind.ASK if event.slot == 0:
                assert event.value & ONLY_DUE, event
                may_begin = False
            case Kind.DUE:
                # Another entity is asked for because of a value, as often as somebody asks.
                on_request = scenario.slots[event.slot].schedule == Schedule.REQUEST
                assert event.slot not in due, event
                assert (may_begin and event.slot not in ended) or on_request, event
                due.add(event.slot)
            case Kind.VALUE:
                assert event.slot in due, event
            case Kind.ENDED:
                due.remove(event.slot)
                ended.add(event.slot)
            case Kind.UPDATE_END:
                assert not due, event


def companions_travel_together(scenario: Scenario, trace: list[Event]) -> None:
    """Except in the search for a register that stops a meter answering while it is awake."""
    silent: list[set[int]] = []
    proved = False
    asked: Event | None = None
    for event in trace:
        if event.kind == Kind.BEGIN:
            silent, proved = [], False
        elif event.kind == Kind.ASK and event.slot == 0:
            asked = event
            assert event.value & WHOLE or (
                proved and any({*event.ids} - {SERIAL_NUMBER} <= request for request in silent)
            ), event
        elif event.kind == Kind.FAILED and event.slot == 0 and event.value in (NOTHING, ECHO):
            assert asked is not None
            silent.append(set(asked.ids))
        elif event.kind == Kind.ANSWERED and event.slot == 0 and event.command == GET_SERIAL_NO:
            assert asked is not None
            proved |= asked.value & ONCE != 0


def requests_only_read(scenario: Scenario, trace: list[Event]) -> None:
    """Up to 8 registers, and no command other than 01, 02 and 10."""
    for event in trace:
        if event.kind == Kind.ASK:
            assert event.command in (GET_TYPE, GET_SERIAL_NO, GET_REGISTER), event
            assert (event.command == GET_REGISTER) == bool(event.ids), event
            assert len(event.ids) == len(set(event.ids)) <= MAX_REGISTERS, event


def updates_are_complete_when_everything_known_came(scenario: Scenario, trace: list[Event]) -> None:
    """Not if a known register or companion did not come, or a request was not answered.

    A value that did not come in an earlier update counts until it comes, unless it is manual.
    """
    complete = answered = True
    gone: set[int] = set()
    for event in trace:
        match event.kind:
            case Kind.BEGIN:
                complete = True
            case Kind.UNKNOWN:
                gone.add(event.slot)
            case Kind.MISSING:
                gone.discard(event.slot)
            case Kind.ANSWERED | Kind.REFUSED:
                answered = True
            case Kind.FAILED if event.slot == 0:
                answered = False
            case Kind.ENDED:
                complete &= event.value != Outcome.FAILED
                (gone.add if event.value == Outcome.FAILED else gone.discard)(event.slot)
            case Kind.VALUE:
                complete &= not event.value & WITHOUT_KNOWN_COMPANION
            case Kind.UPDATE_END:
                behind = {i for i in gone if scenario.slots[i].schedule < Schedule.MANUAL}
                assert event.value == (complete and answered and not behind), event


def what_is_not_there_is_told_once(scenario: Scenario, trace: list[Event]) -> None:
    """If it stops coming: once until it comes again, or for a day, when the plan has forgotten it.

    If the meter does not have it: once per update.
    """
    stopped: dict[int, int] = {}
    left_out: set[int] = set()
    told: set[int] = set()
    by_answer = False
    for event in trace:
        match event.kind:
            case Kind.BEGIN | Kind.FOUND | Kind.REPLACED:
                left_out.clear()
            case Kind.FAILED:
                by_answer = False
            case Kind.ANSWERED if event.slot == 0:
                by_answer = True
                told -= set(event.ids)
                for register in event.ids:
                    stopped.pop(register, None)
            case Kind.NEWS if event.value == RegisterNews.STOPPED:
                assert event.time - stopped.get(event.ids[0], -DAY) >= DAY, event
                stopped[event.ids[0]] = event.time
                told.add(event.ids[0])
            case Kind.NEWS if event.value == RegisterNews.LEFT_OUT:
                assert event.ids[0] not in left_out, event
                left_out.add(event.ids[0])
                told.add(event.ids[0])
            case Kind.NEWS:
                told.add(event.ids[0])
            case Kind.ENDED if event.value != Outcome.VALUE and by_answer:
                assert event.ids[0] in told, event


def what_was_left_out_or_doubted_is_asked_once_more(scenario: Scenario, trace: list[Event]) -> None:
    """No less often in the same update, and no more."""

    def may_ask_anew(slot: int) -> bool:
        return scenario.slots[slot].schedule == Schedule.REQUEST

    left_out: Counter[int] = Counter()
    silences: set[int] = set()
    answered: Counter[int] = Counter()
    values: Counter[int] = Counter()
    due: set[int] = set()
    asked: Event | None = None
    is_replaced = False
    for event in trace:
        match event.kind:
            case Kind.BEGIN:
                left_out.clear()
                silences.clear()
                is_replaced = False
            case Kind.DUE:
                due.add(event.slot)
                values[event.slot] = 0
                answered[event.slot] = 0
            case Kind.FOUND | Kind.REPLACED:
                is_replaced |= event.kind == Kind.REPLACED
                for slot in due:
                    values[slot] = 0
                    answered[slot] = 0
            case Kind.ASK if event.slot == 0:
                asked = event
            case Kind.ANSWERED if event.slot == 0:
                assert asked is not None
                left_out.update(set(asked.ids) - set(event.ids))
                for slot in due:
                    own, *stand_in = scenario.slots[slot].pairs
                    answered[slot] += not stand_in and {*own} - {0} <= {*asked.ids}
            case Kind.VALUE:
                values[event.slot] += 1
                assert values[event.slot] <= RETRIED or may_ask_anew(event.slot), event
            case Kind.NEWS if event.value == RegisterNews.SILENCES:
                silences |= set(event.ids)
            case Kind.ENDED:
                due.remove(event.slot)
                register = event.ids[0]
                # In the update in which another meter comes, the first time may be the last.
                if event.value == Outcome.MISSING and not is_replaced | (register in silences):
                    assert left_out[register] >= RETRIED, event
                assert answered[event.slot] <= RETRIED or may_ask_anew(event.slot), event


def values_become_unknown_once_and_together(scenario: Scenario, trace: list[Event]) -> None:
    """Of an entity that was missed three times in a row, or that the meter does not have.

    Of all entities when the meter is lost.
    """
    unknown: set[int] = set()
    misses: Counter[int] = Counter()
    slots = set(range(len(scenario.slots)))
    failed_updates = 0
    is_connected = False
    for index, event in enumerate(trace):
        match event.kind:
            case Kind.VALUE:
                unknown.discard(event.slot)
                misses[event.slot] = 0
            case Kind.UNKNOWN:
                assert event.slot not in unknown, event
                until_asked = itertools.takewhile(lambda e: e.kind != Kind.ASK, trace[index:])
                is_missing = (Kind.MISSING, event.slot) in ((e.kind, e.slot) for e in until_asked)
                is_gone = max(misses[event.slot], failed_updates) >= MAX_MISSES - 1
                assert is_missing or is_gone, event
                unknown.add(event.slot)
            case Kind.MISSING:
                assert event.slot in unknown, event
            case Kind.ENDED if event.value == Outcome.FAILED:
                misses[event.slot] += 1
                assert misses[event.slot] < MAX_MISSES or event.slot in unknown, event
            case Kind.ANSWERED if event.slot == 0:
                failed_updates = 0
            case Kind.UPDATE_END:
                before = next(e for e in trace[index::-1] if e.kind in ENDS_OF_QUESTIONS)
                failed_updates += before.kind == Kind.FAILED
            case Kind.LOST:
                is_connected = False
                assert unknown == slots, event
            case Kind.FOUND | Kind.REPLACED:
                is_connected = True
                told = trace[index + 1 : index + 1 + len(slots)]
                assert all(each.kind == Kind.NEW_METER for each in told)
                assert {each.slot for each in told} == slots
        if event.kind == Kind.UPDATE_END and failed_updates >= MAX_MISSES:
            assert not is_connected, event


def a_found_meter_is_read_at_once(scenario: Scenario, trace: list[Event]) -> None:
    """Unknown entities, and those that identify the meter, need not wait for their interval."""
    schedules = [slot.schedule for slot in scenario.slots]
    unknown: set[int] = set()
    due: set[int] = set()
    wanted: set[int] = set()
    for event in trace:
        match event.kind:
            case Kind.UNKNOWN:
                unknown.add(event.slot)
            case Kind.DUE:
                due.add(event.slot)
                wanted.discard(event.slot)
            case Kind.VALUE:
                unknown.discard(event.slot)
            case Kind.ENDED:
                due.discard(event.slot)
            case Kind.FOUND | Kind.REPLACED:
                identity = {i for i, each in enumerate(schedules) if each == Schedule.IDENTITY}
                back = {i for i in unknown if schedules[i] != Schedule.REQUEST}
                wanted = (identity | back) - due
            case Kind.ASK if event.slot == 0:
                assert not wanted, event


def what_is_read_rarely_is_not_lost(scenario: Scenario, trace: list[Event]) -> None:
    """What was due in a failed update is due in the next one."""
    rarely = (Schedule.IDENTITY, Schedule.REQUEST)
    failed = False
    owed: set[int] = set()
    for event in trace:
        match event.kind:
            case Kind.ANSWERED | Kind.FAILED:
                failed = event.kind == Kind.FAILED
            case Kind.ENDED if scenario.slots[event.slot].schedule in rarely:
                if failed and event.value == Outcome.FAILED:
                    owed.add(event.slot)
            case Kind.DUE:
                owed.discard(event.slot)
            case Kind.ASK if event.slot == 0:
                assert not owed, event


def meters_are_told_apart_by_their_serial_numbers(scenario: Scenario, trace: list[Event]) -> None:
    serial_no = None
    for event in trace:
        if event.kind == Kind.REPLACED:
            old, new = event.ids
            assert old != new
            assert serial_no in (None, old), event
            serial_no = new


def what_came_is_likely_to_come(scenario: Scenario, trace: list[Event]) -> None:
    """Otherwise the first register to read, along with one that every meter has."""
    came: set[int] = set()
    first = {pair[0] for slot in scenario.slots[:1] for pair in slot.pairs}
    for event in trace:
        if event.kind == Kind.ANSWERED and event.slot == 0:
            came |= {*event.ids}
        elif event.kind == Kind.LIKELY:
            is_known = len(event.ids) == 1 and event.ids[0] in came
            guess = {*event.ids} - {SERIAL_NUMBER}
            is_guess = SERIAL_NUMBER in event.ids and len(guess - first) == 0
            assert is_known or (is_guess and (guess or first <= {SERIAL_NUMBER})), event


def nothing_is_missing_longer_than_a_day(scenario: Scenario, trace: list[Event]) -> None:
    """After that it is asked for again as soon as it is wanted."""
    since: dict[int, int] = {}
    for event in trace:
        if event.kind == Kind.MISSING:
            since[event.slot] = event.time
        elif event.kind == Kind.SKIPPED:
            assert event.time - since[event.slot] < DAY, event


def nothing_gets_stuck(scenario: Scenario, trace: list[Event]) -> None:
    """After a day without faults, everything that the meter has is read."""
    last = 0  # the last time that everything was wanted
    which = 0
    is_noticed = (
        True  # that it is another meter; not if it came before the first had given its number
    )
    for index, event in enumerate(trace):
        assert event.kind != Kind.STUCK
        if event.kind == Kind.ACTION and event.slot == Do.READ:
            last = index
        elif event.kind == Kind.ACTION and event.slot == Do.REPLACE:
            which += 1
            is_noticed = False
        elif event.kind in (Kind.FOUND, Kind.REPLACED):
            is_noticed = True
    assert ends(trace)[-1] or not is_noticed
    meter = scenario.meters[which % len(scenario.meters)]
    read = {event.slot for event in trace[last:] if event.kind == Kind.VALUE}
    for index, slot in enumerate(scenario.slots):
        pairs = slot.pairs if is_noticed else slot.pairs[:1]
        if slot.schedule != Schedule.REQUEST and any(meter.has(pair[0]) for pair in pairs):
            assert index in read, slot


RULES = (
    every_due_entity_ends_its_update_once,
    companions_travel_together,
    requests_only_read,
    updates_are_complete_when_everything_known_came,
    what_is_not_there_is_told_once,
    what_was_left_out_or_doubted_is_asked_once_more,
    values_become_unknown_once_and_together,
    a_found_meter_is_read_at_once,
    what_is_read_rarely_is_not_lost,
    meters_are_told_apart_by_their_serial_numbers,
    what_came_is_likely_to_come,
    nothing_is_missing_longer_than_a_day,
    nothing_gets_stuck,
)


@settings(max_examples=20 * settings().max_examples, report_multiple_bugs=False)
@given(worlds)
def test_every_rule_holds_in_every_world(scenario: Scenario) -> None:
    trace = run(scenario)
    try:
        for rule in RULES:
            rule(scenario, trace)
    except AssertionError as broken:
        broken.add_note(repr(scenario))
        raise


# Cases that need a world of their own


READING = ((Do.READ, 0), (Do.ASK, 80))
UPDATING = ((Do.UPDATE, 0), (Do.ASK, 80))

singles = st.integers(0, 30).map(lambda n: [Slot(200 + i) for i in range(n)])
pairs = st.integers(0, 10).map(lambda n: [Slot(300 + i, 400 + i) for i in range(n)])
disjoint = st.tuples(singles, pairs, st.randoms()).map(
    lambda some: tuple(some[2].sample(some[0] + some[1], len(some[0]) + len(some[1])))
)


@given(disjoint.filter(len))
def test_as_few_requests_as_possible_when_nothing_fails(slots: tuple[Slot, ...]) -> None:
    registers = sum(1 + (slot.companion != 0) for slot in slots)
    trace = run(Scenario(slots, READING * 3))
    first, second, third = updates(trace)
    least = -(-registers // MAX_REGISTERS)
    assert len(questions(first)) == least
    # The serial number, once: where there is room, otherwise in a request of its own.
    assert len(questions(second)) == -(-(registers + 1) // MAX_REGISTERS)
    assert len(questions(third)) == least
    assert ends(trace) == [True] * 3


@settings(max_examples=settings().max_examples // 2)
@given(
    disjoint.filter(len),
    st.booleans(),
    st.sampled_from((Fault.SILENCE, Fault.GARBLED)),
    st.integers(0, 2),
)
def test_everything_is_read_when_every_second_question_is_lost(
    slots: tuple[Slot, ...], always_wanted: bool, fault: Fault, retries: int
) -> None:
    # A search for a register that stops the meter answering may come in between, once per update.
    registers = sum(1 + (slot.companion != 0) for slot in slots)
    limit = 2 * (registers // MAX_REGISTERS + 1) + 2
    actions = ((Do.FLOOD, 40),) * limit if always_wanted else READING * limit
    faults = bytes((fault, Fault.NONE))
    trace = run(Scenario(slots, actions, faults=faults, repeats=True, retries=retries))
    begun = list(updates(trace))
    assert set(values([event for each in begun[:limit] for event in each])) == {*range(len(slots))}
    assert not news(trace, RegisterNews.SILENCES)


@settings(max_examples=settings().max_examples // 3)
@given(disjoint.filter(len), st.integers())
def test_everything_is_read_when_half_of_the_questions_are_lost_by_chance(
    slots: tuple[Slot, ...], seed: int
) -> None:
    # Four days: a register may be blamed for the silence, for a day.
    lost = bytes(random.Random(seed).choices((Fault.NONE, Fault.SILENCE), k=997))
    actions = (*READING * 20, (Do.JUMP, DAY)) * 4
    trace = run(Scenario(slots, actions, faults=lost, repeats=True))
    assert set(values(trace)) == {*range(len(slots))}


@given(disjoint.filter(len), st.integers(0, 10))
def test_others_have_their_turn_when_updates_are_wanted_all_the_time(
    slots: tuple[Slot, ...], chat: int
) -> None:
    trace = run(Scenario(slots, ((Do.CHAT, chat), (Do.FLOOD, 200)), update_interval=1_000))
    assert len(questions(trace, asker=1)) == chat
    # At the latest, one after each update.
    for before, after in itertools.pairwise(updates(trace)):
        assert before[-1].update + 1 == after[0].update
    order = [event.slot or -event.update for event in trace if event.kind == Kind.ASK]
    asked_by_other = [i for i, who in enumerate(order) if who == 1]
    for one, other in itertools.pairwise(asked_by_other):
        assert len(set(order[one + 1 : other])) == 1
    # Wants during an update lead to one more update.
    assert (
        len(ends(trace)) >= len(questions(trace)) // (-(-len(slots) * 2 // MAX_REGISTERS) + 1) - 1
    )


@given(disjoint.filter(len), st.data())
def test_registers_that_stop_a_meter_answering_are_found_and_no_others(
    slots: tuple[Slot, ...], data: st.DataObject
) -> None:
    """Even if it wakes up at any moment: each is found with at most 8 requests."""
    registers = [number for slot in slots for number in (slot.id, slot.companion) if number]
    silent = data.draw(st.sets(st.sampled_from(registers), max_size=3))
    sleep = data.draw(st.integers(0, 10_000))
    latency, retries = data.draw(st.sampled_from(((2_000, 0), (2_000, 2), (100, 0))))
    trace = run(
        Scenario(
            slots,
            ((Do.SLEEP, sleep), *READING * 4, (Do.WAIT, sleep), *READING * 3),
            (Meter(silent_about=frozenset(silent)),),
            latency=latency,
            retries=retries,
        )
    )
    # A companion is no longer asked for when the register that it belongs to is out.
    found = silent - {slot.companion for slot in slots if slot.id in silent}
    assert sorted(news(trace, RegisterNews.SILENCES)) == sorted(found)
    assert set(values(trace)) == {i for i, slot in enumerate(slots) if slot.id not in silent}
    assert all(ends(trace)[-2:])
    count = 0  # questions from the first that brought no reply
    for event in trace:
        if event.kind == Kind.ASK and (count or silent.intersection(event.ids)):
            count += 1
        elif event.kind == Kind.NEWS:
            assert count <= 1 + 8, event
            count = 0
        elif event.kind == Kind.UPDATE_END:
            count = 0


# Cases that need a course of their own


def test_what_is_known_is_not_suspected_before_three_misses() -> None:
    """A meter that is silent for a moment is not searched; every request costs battery."""
    faults = bytes((Fault.NONE, *[Fault.SILENCE] * 9))
    trace = run(Scenario((Slot(60), Slot(80)), READING * 5, faults=faults))
    assert [len(questions(update)) for update in updates(trace)] == [1, 1, 1, 1, 2]


def test_late_answers_convict_no_register() -> None:
    """Even though the proof that the meter is awake comes in time."""
    faults = bytes((Fault.LATE, Fault.NONE, Fault.LATE, Fault.LATE, Fault.NONE))
    trace = run(Scenario((Slot(80),), READING, faults=faults))
    assert not news(trace, RegisterNews.SILENCES)


def test_two_meters_that_answer_in_turn_end_every_update() -> None:
    """Even though each proof stops the search for the register that stops one of them answering."""
    meters = (Meter(silent_about=frozenset({74})),) * 2
    slots = (Slot(74), Slot(1001, schedule=Schedule.IDENTITY, interval=DAY))
    actions = ((Do.JUMP, DAY), (Do.READ, 0), *((Do.ASK, 1), (Do.REPLACE, 0)) * 30)
    trace = run(Scenario(slots, (*READING, *actions), meters))
    assert len(ends(trace)) >= 2


def test_others_may_ask_while_a_register_is_searched_for() -> None:
    """A search takes a minute, and far longer on a meter that gives only its serial number."""
    slots = tuple(Slot(60 + i) for i in range(8))
    actions = ((Do.READ, 0), (Do.ASK, 2), (Do.CHAT, 1), (Do.ASK, 80))
    trace = run(Scenario(slots, actions, (Meter(silent_about=frozenset({62})),)))
    kinds = [event.kind for event in trace]
    others = [i for i, event in enumerate(trace) if event.kind == Kind.ASK and event.slot == 1]
    assert others
    assert others[0] < kinds.index(Kind.UPDATE_END)


def test_a_meter_that_does_not_tell_its_type_is_asked_once_a_day() -> None:
    meters = (Meter(refuses=frozenset({GET_TYPE})),)
    actions = (*READING, (Do.JUMP, DAY), *READING * 4)
    trace = run(Scenario((), actions, meters, wants_type=True))
    assert not any(event.kind == Kind.LOST for event in trace)
    assert sum(event.kind == Kind.REFUSED for event in trace) == 2


@pytest.mark.parametrize("moment", range(25))
def test_a_search_asks_for_the_registers_of_the_meter_that_is_there(moment: int) -> None:
    """Even if the meter is replaced meanwhile, or found again with stand-ins in use."""
    replaced = Scenario(
        (Slot(348, 0, 1003, 1002),),
        ((Do.READ, 0), (Do.ASK, moment), (Do.REPLACE, 0), (Do.ASK, 80)),
        (Meter(silent_about=frozenset({348, 1002})),),
    )
    found_again = Scenario(
        (Slot(369, 0, 99),),
        (*READING, (Do.SLEEP, 1_500 + 100 * moment), *READING * 9),
        (Meter(lacks=frozenset({369})),),
    )
    for scenario in (replaced, found_again):
        every_due_entity_ends_its_update_once(scenario, run(scenario))


@pytest.mark.parametrize("moment", range(12))
def test_the_next_meter_is_not_blamed_for_the_silence_of_the_last_one(moment: int) -> None:
    meters = (Meter(silent_about=frozenset({80})), Meter())
    slots = (Slot(60), Slot(80, schedule=Schedule.MANUAL))
    actions = ((Do.READ, 0), (Do.ASK, moment), (Do.REPLACE, 0), (Do.ASK, 80))
    trace = run(Scenario(slots, (*UPDATING * 2, *actions), meters))
    since = list(itertools.dropwhile(lambda event: event.kind != Kind.REPLACED, trace))
    assert not news(since, RegisterNews.SILENCES)


def test_what_stops_the_next_meter_answering_is_found() -> None:
    """Even though the one before had it, and the meter answers with everything else."""
    meters = (Meter(), Meter(silent_about=frozenset({80})))
    slots = (Slot(60), Slot(80, schedule=Schedule.MANUAL))
    some = (*UPDATING, (Do.WANT, 1), (Do.ASK, 80))
    trace = run(Scenario(slots, (*READING * 2, (Do.REPLACE, 0), *some * 4), meters))
    assert news(trace, RegisterNews.SILENCES) == [80]
    assert ends(trace)[-1]


def test_what_is_missing_starts_no_update_before_its_chance() -> None:
    interval = 60_000
    slots = (Slot(60, schedule=Schedule.OWN_INTERVAL, interval=interval),)
    waits = ((Do.WAIT, 10 * interval), (Do.JUMP, DAY), (Do.WAIT, 10 * interval))
    trace = run(Scenario(slots, waits, (Meter(lacks=frozenset({60})),)))
    assert news(trace, RegisterNews.LEFT_OUT) == [60, 60]
    assert [event.time for event in trace if event.kind == Kind.BEGIN] == [0, 10 * interval + DAY]


def test_a_companion_that_stops_coming_is_dropped_for_a_day() -> None:
    """Reported once; no update is complete while it is still asked for."""
    actions = (*READING * 6, (Do.JUMP, DAY), *READING)
    faults = bytes((*[Fault.NONE] * 2, *[Fault.NOT_LAST] * 3))
    trace = run(Scenario((Slot(80), Slot(60, 266)), actions, faults=faults))
    asked = [266 in event.ids for event in questions(trace)]
    assert asked == [True] * 5 + [False, True]
    assert news(trace, RegisterNews.STOPPED) == [266]
    assert ends(trace) == [True, True, False, False, True, True, True]


def test_a_companion_that_is_not_there_is_asked_for_three_times_a_day() -> None:
    actions = (*READING * 5, (Do.JUMP, DAY), *READING * 5)
    trace = run(Scenario((Slot(60, 266),), actions, (Meter(lacks=frozenset({266})),)))
    asked = [266 in event.ids for event in questions(trace)]
    assert asked == [True] * 3 + [False] * 2 + [True] * 3 + [False] * 2
    assert all(ends(trace))


def test_what_comes_for_one_entity_is_not_missing_for_another() -> None:
    slots = (Slot(60), Slot(60, schedule=Schedule.MANUAL))
    trace = run(Scenario(slots, (*UPDATING, *READING, *UPDATING), faults=bytes((Fault.EMPTY,) * 2)))
    assert values(trace) == {0: 1, 1: 1}


def test_the_type_of_the_next_meter_is_asked_for_until_it_comes() -> None:
    """Once a day, if not at once."""
    faults = bytes((*[Fault.NONE] * 4, Fault.SILENCE))
    actions = (*READING * 2, (Do.REPLACE, 0), (Do.JUMP, DAY), *READING, (Do.JUMP, DAY), *READING)
    trace = run(Scenario((Slot(60),), actions, faults=faults, wants_type=True))
    told = [event.kind for event in trace if event.kind in (Kind.METER_TYPE, Kind.REFUSED)]
    assert told == [Kind.METER_TYPE, Kind.REFUSED, Kind.METER_TYPE]


def test_what_is_left_out_is_asked_in_company() -> None:
    """Some meters send no reply if they have none of the registers."""
    trace = run(Scenario((Slot(60),), READING, (Meter(lacks=frozenset({60})),)))
    assert [{*event.ids} for event in questions(trace)] == [{60}, {60, SERIAL_NUMBER}]


def test_a_stand_in_makes_room_after_a_day() -> None:
    actions = (*READING * 2, (Do.JUMP, DAY), *READING)
    trace = run(Scenario((Slot(348, 0, 1003),), actions, faults=bytes((Fault.EMPTY,) * 2)))
    assert [event.ids for event in trace if event.kind == Kind.VALUE] == [(1003,), (1003,), (348,)]


def test_a_stand_in_is_not_asked_for_before_it_is_wanted() -> None:
    slots = (Slot(348, 0, 1003), Slot(348, 0, 1003, schedule=Schedule.MANUAL))
    trace = run(Scenario(slots, UPDATING, (Meter(silent_about=frozenset({348})),)))
    assert values(trace) == {0: 1}


def test_a_port_that_goes_away_is_no_refusal() -> None:
    faults = bytes((Fault.NONE, Fault.NO_PORT))
    trace = run(Scenario((Slot(60),), READING, faults=faults, wants_type=True))
    assert not any(event.kind == Kind.REFUSED for event in trace)
    assert ends(trace) == [False]
