"""What is said of the link, by what the line brought."""

from __future__ import annotations

import itertools
import random
from collections import deque
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmp.library import MIN_LOW_SAMPLES, MIN_PULSES, WINDOW, Diagnosis, Evidence, LinkStatus

ANSWER, NOTHING, ECHO, GARBLED, CHECKSUM = Evidence
FAULTS = {
    NOTHING: LinkStatus.NO_ANSWER,
    ECHO: LinkStatus.ECHO_ONLY,
    GARBLED: LinkStatus.GARBLED,
    CHECKSUM: LinkStatus.CHECKSUM_ERRORS,
}
MOST_TELLING_FIRST = (CHECKSUM, GARBLED, ECHO, NOTHING)


class Link:
    """A Diagnosis, told of what a hub sees; the hub's rule when a meter counts as connected."""

    def __init__(self) -> None:
        """Begin as after a restart."""
        self.diagnosis = Diagnosis()
        self.connected = False
        self.failed_in_a_row = 0

    @property
    def status(self) -> LinkStatus:
        """What is said of the link."""
        return self.diagnosis.status

    def ask(self, *evidence: Evidence, give_up_after: int = 3) -> LinkStatus:
        """One request with its attempts; return what is said after it."""
        for each in evidence:
            self.diagnosis.attempt_ended(each)
        answered = evidence[-1] is ANSWER
        self.failed_in_a_row = 0 if answered else self.failed_in_a_row + 1
        self.connected = answered or (self.connected and self.failed_in_a_row < give_up_after)
        self.diagnosis.request_ended(answered, self.connected)
        return self.status

    def ask_all(self, answered: Iterable[bool]) -> list[LinkStatus]:
        """Many requests with one attempt each, the meter never given up; return every status."""
        return [self.ask(ANSWER if each else NOTHING, give_up_after=10**6) for each in answered]


def sample(link: Link, *levels: int) -> None:
    for level in levels:
        link.diagnosis.line_sampled(bool(level))


# --- Every status by its evidence ---

# A request is a list of its attempts; `pulses` and `samples` come before the last one ends.
Requests = list[list[Evidence]]
# requests | pulses | samples of the line, 1 is high | port | status
TABLE: list[tuple[str, Requests, int, list[int], bool, LinkStatus]] = [
    ("nothing asked", [], 0, [], True, LinkStatus.STARTING),
    ("nothing asked, pulses", [], 9, [], True, LinkStatus.STARTING),
    ("nothing asked, line low", [], 0, [0, 0, 0, 0], True, LinkStatus.STARTING),
    ("nothing asked, no port", [], 0, [], False, LinkStatus.NO_PORT),
    # Answered
    ("answered", [[ANSWER]], 0, [], True, LinkStatus.OK),
    ("answered at the third time", [[NOTHING, CHECKSUM, ANSWER]], 0, [], True, LinkStatus.OK),
    ("answered, with pulses", [[ANSWER]], 200, [], True, LinkStatus.OK),
    ("answered, with the line low", [[ANSWER]], 0, [0] * 9, True, LinkStatus.OK),
    ("answered, without a port", [[ANSWER]], 0, [], False, LinkStatus.NO_PORT),
    ("answered, then not", [[ANSWER], [NOTHING] * 3], 0, [], True, LinkStatus.OK),
    ("answered, then not, twice", [[ANSWER], *[[ECHO] * 3] * 2], 0, [], True, LinkStatus.OK),
    ("given up", [[ANSWER], *[[ECHO] * 3] * 3], 0, [], True, LinkStatus.ECHO_ONLY),
    ("given up and found", [*[[ECHO] * 3] * 30, [ANSWER]], 0, [], True, LinkStatus.OK),
    # Never answered: the first failed request decides.
    ("silence", [[NOTHING] * 3], 0, [], True, LinkStatus.NO_ANSWER),
    ("silence, one attempt", [[NOTHING]], 0, [], True, LinkStatus.NO_ANSWER),
    ("echo", [[ECHO] * 3], 0, [], True, LinkStatus.ECHO_ONLY),
    ("garbled", [[GARBLED] * 3], 0, [], True, LinkStatus.GARBLED),
    ("bad CRC", [[CHECKSUM] * 3], 0, [], True, LinkStatus.CHECKSUM_ERRORS),
    # What most attempts show
    ("2 silent, 1 echo", [[NOTHING, ECHO, NOTHING]], 0, [], True, LinkStatus.NO_ANSWER),
    ("2 echo, 1 bad CRC", [[ECHO, CHECKSUM, ECHO]], 0, [], True, LinkStatus.ECHO_ONLY),
    ("2 garbled, 1 bad CRC", [[GARBLED, GARBLED, CHECKSUM]], 0, [], True, LinkStatus.GARBLED),
    (
        "2 bad CRC, 1 silent",
        [[CHECKSUM, CHECKSUM, NOTHING]],
        0,
        [],
        True,
        LinkStatus.CHECKSUM_ERRORS,
    ),
    # Of equally many what says more
    ("one of each", [[NOTHING, ECHO, GARBLED, CHECKSUM]], 0, [], True, LinkStatus.CHECKSUM_ERRORS),
    ("no bad CRC among them", [[GARBLED, ECHO, NOTHING]], 0, [], True, LinkStatus.GARBLED),
    ("echo and silence", [[NOTHING, ECHO]], 0, [], True, LinkStatus.ECHO_ONLY),
    # Only the last WINDOW attempts count.
    (
        "older ones are more",
        [*[[CHECKSUM] * 3] * 9, [NOTHING] * 3, [NOTHING] * 3],
        0,
        [],
        True,
        LinkStatus.NO_ANSWER,
    ),
    # Pulses: silence, but not quite
    ("pulses", [[NOTHING] * 3], MIN_PULSES, [], True, LinkStatus.PULSES),
    ("fewer pulses", [[NOTHING] * 3], MIN_PULSES - 1, [], True, LinkStatus.NO_ANSWER),
    ("pulses and echo", [[ECHO] * 3], 99, [], True, LinkStatus.ECHO_ONLY),
    ("pulses and garbage", [[GARBLED] * 3], 99, [], True, LinkStatus.GARBLED),
    ("pulses and bad CRC", [[CHECKSUM] * 3], 99, [], True, LinkStatus.CHECKSUM_ERRORS),
    # The line at rest: says more than everything that seems to come over it
    ("line low", [[NOTHING] * 3], 0, [0] * MIN_LOW_SAMPLES, True, LinkStatus.LINE_LOW),
    (
        "line low, few samples",
        [[NOTHING]],
        0,
        [0] * (MIN_LOW_SAMPLES - 1),
        True,
        LinkStatus.NO_ANSWER,
    ),
    ("line low, once high", [[NOTHING]], 0, [0, 0, 0, 0, 1, 0, 0], True, LinkStatus.NO_ANSWER),
    ("line high, then low", [[NOTHING]], 0, [1, 1, 0, 0, 0], True, LinkStatus.LINE_LOW),
    ("line high", [[NOTHING]], 0, [1] * 9, True, LinkStatus.NO_ANSWER),
    ("line low and pulses", [[NOTHING]], 99, [0] * 3, True, LinkStatus.LINE_LOW),
    ("line low and echo", [[ECHO]], 0, [0] * 3, True, LinkStatus.LINE_LOW),
    ("line low and garbage", [[GARBLED]], 0, [0] * 3, True, LinkStatus.LINE_LOW),
    ("line low and bad CRC", [[CHECKSUM]], 0, [0] * 3, True, LinkStatus.LINE_LOW),
    # No port: nothing else can be true
    ("no port", [[NOTHING] * 3], 0, [], False, LinkStatus.NO_PORT),
    ("no port, everything else", [[CHECKSUM] * 3], 99, [0] * 9, False, LinkStatus.NO_PORT),
]


@pytest.mark.parametrize(
    ("requests", "pulses", "samples", "port", "status"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_status(
    requests: Requests, pulses: int, samples: list[int], port: bool, status: LinkStatus
) -> None:
    link = Link()
    if not port:
        link.diagnosis.port_checked(False)
    for evidence in requests[:-1]:
        link.ask(*evidence)
    link.diagnosis.pulses_seen(pulses)
    sample(link, *samples)
    if requests:
        link.ask(*requests[-1])
    assert link.status is status


def test_every_status_is_in_the_table() -> None:
    assert {row[-1] for row in TABLE} == set(LinkStatus)


def test_the_first_failed_request_decides() -> None:
    """And each of the next ones, until an answer comes."""
    for evidence, status in FAULTS.items():
        link = Link()
        assert link.ask(evidence) is status
        assert [link.ask(evidence) for _ in range(20)] == [status] * 20
        assert link.ask(ANSWER) is LinkStatus.OK


def test_majority_and_ties() -> None:
    """Every number of each kind that fills the look-back, in two orders."""
    for counts in itertools.product(range(WINDOW + 1), repeat=len(MOST_TELLING_FIRST)):
        if sum(counts) != WINDOW:
            continue
        attempts = [
            evidence
            for evidence, count in zip(MOST_TELLING_FIRST, counts, strict=True)
            for _ in range(count)
        ]
        most = MOST_TELLING_FIRST[counts.index(max(counts))]
        for order in (attempts, attempts[::-1]):
            link = Link()
            link.ask(CHECKSUM, GARBLED, ECHO, *order)  # the first three are looked at no more
            assert link.status is FAULTS[most], (counts, order)


def test_answers_are_no_failures() -> None:
    """Attempts that were answered stand in the look-back, but do not take part."""
    link = Link()
    link.ask(ANSWER)
    for _ in range(4):
        link.ask(ANSWER)
        link.ask(ECHO)
    assert link.status is LinkStatus.ECHO_ONLY


# --- No flicker ---


def test_lost_attempts() -> None:
    """One attempt in twenty is lost, as on a good optical head: nobody hears of it."""
    chance = random.Random(1)
    link = Link()
    failed = repeated = 0
    assert link.ask(ANSWER) is LinkStatus.OK
    for _ in range(100_000):
        attempts: list[Evidence] = []
        while len(attempts) < 3 and (not attempts or attempts[-1] is not ANSWER):
            lost = chance.random() < 0.05
            attempts.append(chance.choice((NOTHING, GARBLED, CHECKSUM)) if lost else ANSWER)
        repeated += len(attempts) > 1
        failed += attempts[-1] is not ANSWER
        assert link.ask(*attempts) is LinkStatus.OK
    assert repeated > 4000
    assert failed > 3


@settings(deadline=None, max_examples=200)
@given(st.lists(st.booleans(), max_size=300), st.integers(0, 3))
def test_more_than_half(wished: list[bool], start: int) -> None:
    """As long as more than half of every 8 requests are answered, from the first one on."""
    link = Link()
    link.ask_all([False] * start)
    last = deque([True] * WINDOW, WINDOW)
    answered = [True]
    for each in wished:
        may_fail = sum(list(last)[1:]) > WINDOW // 2
        answered.append(each or not may_fail)
        last.append(answered[-1])
    assert set(link.ask_all(answered)) == {LinkStatus.OK}


def test_one_bad_request_right_after_the_first_answer() -> None:
    """What is not known counts as good."""
    link = Link()
    assert set(link.ask_all([True, False, False, False])) == {LinkStatus.OK}
    assert link.ask_all([False]) == [LinkStatus.NO_ANSWER]


@pytest.mark.parametrize("bits", range(256))
def test_any_eight_requests(bits: int) -> None:
    """OK exactly when more than half of them were answered, whatever was before."""
    eight = [bool(bits >> i & 1) for i in range(WINDOW)]
    status = LinkStatus.OK if sum(eight) > WINDOW // 2 else LinkStatus.NO_ANSWER
    for before in ([], [True] * 50, [False] * 50, [True, False] * 20):
        link = Link()
        link.ask_all([True, *before])
        assert link.ask_all(eight)[-1] is status


def test_bad_and_good_again() -> None:
    """Not more than half: the status leaves OK once, and comes back once."""
    link = Link()
    link.ask_all([True] * 20)
    worse = link.ask_all([True, False] * 8)
    first = worse.index(LinkStatus.NO_ANSWER)
    assert first == 7  # the fourth failed one
    assert set(worse[first:]) == {LinkStatus.NO_ANSWER}
    better = link.ask_all([True] * 8)
    assert better == [LinkStatus.NO_ANSWER] + [LinkStatus.OK] * 7


# --- Given up, and found again ---


@pytest.mark.parametrize("failed", [3, 4, 8, 100])
@pytest.mark.parametrize("evidence", FAULTS)
def test_outage(failed: int, evidence: Evidence) -> None:
    """Told when the meter is given up, and over with the first answer."""
    link = Link()
    for _ in range(20):
        link.ask(ANSWER)
    statuses = [link.ask(evidence, evidence, evidence) for _ in range(failed)]
    assert statuses == [LinkStatus.OK] * 2 + [FAULTS[evidence]] * (failed - 2)
    assert link.ask(ANSWER) is LinkStatus.OK
    assert [link.ask(evidence) for _ in range(2)] == [LinkStatus.OK] * 2


@pytest.mark.parametrize("before", range(1, 20))
def test_evidence_from_before_the_outage_is_forgotten(before: int) -> None:
    """However many attempts there were: what is said next comes from what was seen since."""
    link = Link()
    for _ in range(before):
        link.ask(CHECKSUM)
    assert link.ask(ANSWER) is LinkStatus.OK
    link.ask(NOTHING)
    link.ask(NOTHING)
    assert link.ask(NOTHING) is LinkStatus.NO_ANSWER


def test_last_attempts_decide_when_given_up() -> None:
    """What made it leave is said, not what was wrong now and then before."""
    link = Link()
    for _ in range(50):
        link.ask(CHECKSUM, ANSWER)
    for _ in range(3):
        link.ask(NOTHING, NOTHING, NOTHING)
    assert link.status is LinkStatus.NO_ANSWER


# --- Pulses and the line at rest ---


def test_pulses_add_up() -> None:
    """Over requests, asked or not, until an answer comes."""
    link = Link()
    statuses = []
    for _ in range(5):
        link.diagnosis.pulses_seen(1)
        statuses.append(link.ask(NOTHING))
    quiet = MIN_PULSES - 1
    assert statuses == [LinkStatus.NO_ANSWER] * quiet + [LinkStatus.PULSES] * (5 - quiet)


def test_answer_resets_the_pulses() -> None:
    """A meter that sends a lone zero now and then is no pulse output."""
    link = Link()
    for _ in range(50):
        link.diagnosis.pulses_seen(MIN_PULSES - 1)
        link.ask(ANSWER)
    link.diagnosis.pulses_seen(MIN_PULSES - 1)
    assert [link.ask(NOTHING) for _ in range(3)][-1] is LinkStatus.NO_ANSWER
    link.diagnosis.pulses_seen(1)
    assert link.ask(NOTHING) is LinkStatus.PULSES


def test_failed_attempts_do_not_reset_the_pulses() -> None:
    link = Link()
    link.diagnosis.pulses_seen(MIN_PULSES)
    assert link.ask(GARBLED, ECHO, CHECKSUM) is LinkStatus.CHECKSUM_ERRORS
    assert [link.ask(NOTHING) for _ in range(8)][-1] is LinkStatus.PULSES


def test_answer_resets_the_low_samples() -> None:
    link = Link()
    sample(link, *[0] * 50)
    assert link.ask(NOTHING) is LinkStatus.LINE_LOW
    assert link.ask(ANSWER) is LinkStatus.OK
    sample(link, *[0] * (MIN_LOW_SAMPLES - 1))
    assert [link.ask(NOTHING) for _ in range(3)][-1] is LinkStatus.NO_ANSWER
    sample(link, 0)
    assert link.ask(NOTHING) is LinkStatus.LINE_LOW


def test_one_high_sample_clears_the_low_ones() -> None:
    link = Link()
    sample(link, *[0] * 200)
    assert link.ask(NOTHING) is LinkStatus.LINE_LOW
    sample(link, 1)
    assert link.ask(NOTHING) is LinkStatus.NO_ANSWER
    sample(link, *[0] * (MIN_LOW_SAMPLES - 1))
    assert link.ask(NOTHING) is LinkStatus.NO_ANSWER
    sample(link, 0)
    assert link.ask(NOTHING) is LinkStatus.LINE_LOW


@pytest.mark.parametrize(
    "more", [lambda link: link.diagnosis.pulses_seen(99), lambda link: sample(link, 0, 0, 0, 0)]
)
def test_nothing_is_said_between_requests(more: Callable[[Link], None]) -> None:
    """What was seen counts at the next request's end: no status without a question."""
    link = Link()
    more(link)
    assert link.status is LinkStatus.STARTING
    assert link.ask(NOTHING) in (LinkStatus.PULSES, LinkStatus.LINE_LOW)
    link = Link()
    link.ask(ECHO)
    more(link)
    assert link.status is LinkStatus.ECHO_ONLY


# --- The port ---


def test_port_lost_and_back() -> None:
    """Told at once, both times; then it is as it was before."""
    link = Link()
    link.diagnosis.port_checked(True)
    assert link.status is LinkStatus.STARTING
    link.diagnosis.port_checked(False)
    assert link.status is LinkStatus.NO_PORT
    link.diagnosis.port_checked(True)
    assert link.status is LinkStatus.STARTING

    link.ask(ANSWER)
    link.diagnosis.port_checked(False)
    assert link.status is LinkStatus.NO_PORT
    link.diagnosis.port_checked(False)
    assert link.status is LinkStatus.NO_PORT
    link.diagnosis.port_checked(True)
    assert link.status is LinkStatus.OK


def test_requests_without_a_port() -> None:
    """They fail, and it stays the port's fault; back again the last attempts speak."""
    link = Link()
    link.ask(ANSWER)
    link.diagnosis.port_checked(False)
    assert [link.ask(NOTHING) for _ in range(9)] == [LinkStatus.NO_PORT] * 9
    link.diagnosis.port_checked(True)
    assert link.status is LinkStatus.NO_ANSWER
    assert link.ask(ANSWER) is LinkStatus.OK


# --- Counters ---


@pytest.mark.parametrize("counts", [[255], [255, 255], [1] * 1000, [254, 1], [254, 2], [128, 128]])
def test_pulses_do_not_overflow(counts: list[int]) -> None:
    link = Link()
    for count in counts:
        link.diagnosis.pulses_seen(count)
        assert link.ask(NOTHING) in (LinkStatus.PULSES, LinkStatus.NO_ANSWER)
    assert link.status is LinkStatus.PULSES


def test_low_samples_do_not_overflow() -> None:
    """With every number of them up to four times what a byte holds."""
    link = Link()
    for count in range(1, 1025):
        sample(link, 0)
        low = count >= MIN_LOW_SAMPLES
        assert link.ask(NOTHING) is (LinkStatus.LINE_LOW if low else LinkStatus.NO_ANSWER)


@pytest.mark.parametrize("evidence", Evidence)
def test_requests_do_not_overflow(evidence: Evidence) -> None:
    """Thousands of them, with different numbers of attempts."""
    link = Link()
    status = LinkStatus.OK if evidence is ANSWER else FAULTS[evidence]
    for count in range(1, 2000):
        assert link.ask(*[evidence] * (1 if evidence is ANSWER else 1 + count % 5)) is status


# --- Any course of things ---


class Model:
    """The rules of the header, written down once more and without thought of memory."""

    def __init__(self) -> None:
        """Begin as after a restart."""
        self.attempts: deque[Evidence] = deque(maxlen=WINDOW)
        self.requests: deque[bool] = deque([True] * WINDOW, WINDOW)
        self.asked = self.connected = False
        self.port = True
        self.pulses = self.low = 0
        self.status = LinkStatus.STARTING

    def attempt_ended(self, evidence: Evidence) -> None:
        self.attempts.append(evidence)
        if evidence is ANSWER:
            self.pulses = self.low = 0

    def request_ended(self, answered: bool, connected: bool) -> None:
        if connected and not self.connected:
            self.attempts.clear()
            self.requests.extend([True] * WINDOW)
        self.connected, self.asked = connected, True
        self.requests.append(answered)
        self.say()

    def pulses_seen(self, count: int) -> None:
        self.pulses += count

    def line_sampled(self, high: bool) -> None:
        self.low = 0 if high else self.low + 1

    def port_checked(self, usable: bool) -> None:
        changed = usable != self.port
        self.port = usable
        if changed:
            self.say()

    def say(self) -> None:
        if not self.port:
            self.status = LinkStatus.NO_PORT
        elif not self.asked:
            self.status = LinkStatus.STARTING
        elif self.connected and sum(self.requests) > WINDOW / 2:
            self.status = LinkStatus.OK
        elif self.low >= MIN_LOW_SAMPLES:
            self.status = LinkStatus.LINE_LOW
        else:
            # Of equally many max() takes the first one.
            most = max(MOST_TELLING_FIRST, key=self.attempts.count)
            silent = most is NOTHING or most not in self.attempts
            self.status = LinkStatus.NO_ANSWER if silent else FAULTS[most]
            if silent and self.pulses >= MIN_PULSES:
                self.status = LinkStatus.PULSES


steps = st.one_of(
    st.tuples(st.just("attempt_ended"), st.sampled_from(Evidence)),
    st.tuples(st.just("request_ended"), st.booleans(), st.booleans()),
    st.tuples(st.just("pulses_seen"), st.one_of(st.integers(0, 3), st.integers(0, 255))),
    st.tuples(st.just("line_sampled"), st.sampled_from([False, False, False, True])),
    st.tuples(st.just("port_checked"), st.sampled_from([True, True, True, False])),
)


@settings(deadline=None, max_examples=500)
@given(st.lists(steps, max_size=80))
def test_any_course(course: list[tuple[str, ...]]) -> None:
    """Also such as no hub makes: a request without an attempt, connected by a failure."""
    diagnosis, model = Diagnosis(), Model()
    for name, *arguments in course:
        getattr(diagnosis, name)(*arguments)
        getattr(model, name)(*arguments)
        assert diagnosis.status is model.status


def test_any_course_reaches_every_status() -> None:
    """By chance alone, in one long course."""
    chance = random.Random(2)
    link = Link()
    seen = {link.status}
    for _ in range(30_000):
        # A while of one kind of trouble, so that the rarer ones get a majority.
        evidence = chance.choice(list(Evidence))
        link.diagnosis.port_checked(chance.random() < 0.9)
        sample(link, *[chance.random() < 0.3 for _ in range(3)])
        link.diagnosis.pulses_seen(chance.choice((0, 0, 0, 1, 5)))
        seen.add(link.ask(*[evidence] * (1 if evidence is ANSWER else chance.randint(1, 3))))
    assert seen == set(LinkStatus)
