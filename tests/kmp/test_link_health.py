"""What is said of the link, by what the line brought."""

from __future__ import annotations

import itertools
import random
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmp import library
from kmp.build import COMPONENT
from kmp.library import (
    FAILED_UPDATES_UNTIL_GONE,
    GET_REGISTER,
    MAX_RESPONSE_TIMEOUT,
    MIN_LOW_SAMPLES,
    MIN_PULSES,
    WINDOW,
    Evidence,
    LinkCounters,
    LinkHealth,
    LinkStatus,
    Request,
)

REQUEST = Request(GET_REGISTER, (60, 68))
ANSWER, NOTHING, ECHO, GARBLED, CHECKSUM, LATE, _ = Evidence
#: What an attempt brought, without a zero that is not the request's own.
RECEIVED = {
    NOTHING: b"",
    ECHO: REQUEST.encode(),
    GARBLED: b"\x55",
    CHECKSUM: b"\x40\x3f\x10\x55\x55\x0d",
}
FAULTS = {
    NOTHING: LinkStatus.NO_ANSWER,
    ECHO: LinkStatus.ECHO_ONLY,
    GARBLED: LinkStatus.GARBLED,
    CHECKSUM: LinkStatus.CHECKSUM_ERRORS,
}
LATE_FAULT = {LATE: LinkStatus.LATE_ANSWERS}
NOT_LATE = (CHECKSUM, GARBLED, ECHO, NOTHING)
MOST_TELLING_FIRST = (LATE, *NOT_LATE)


class Link:
    """A LinkHealth, told of what a hub sees."""

    def __init__(self) -> None:
        """Begin as after a restart."""
        self.health = LinkHealth()

    @property
    def status(self) -> LinkStatus:
        """What is said of the link."""
        return self.health.status

    def ask(self, *evidence: Evidence) -> LinkStatus:
        """One update of one request, with its attempts; return what is said after it."""
        for each in evidence:
            if each is not ANSWER:
                self.health.attempt_failed(REQUEST, RECEIVED[NOTHING if each is LATE else each])
        if evidence[-1] is ANSWER:
            self.health.request_answered()
        else:
            self.health.update_failed()
        if evidence[-1] is LATE:
            self.health.answered_late()
        return self.status

    def ask_all(self, answered: Iterable[bool]) -> list[LinkStatus]:
        """Many of them with one attempt each; return every status."""
        return [self.ask(ANSWER if each else NOTHING) for each in answered]


def sample(link: Link, *levels: int) -> None:
    for level in levels:
        link.health.line_sampled(bool(level))


def test_evidence() -> None:
    """The attempts of these tests are what they are taken for."""
    for evidence, received in RECEIVED.items():
        attempt = library.attempt(REQUEST, received)
        assert (attempt.evidence, attempt.zero_count) == (evidence, 0)


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
    # Late: what came after all says more than the silence before it.
    ("late", [[LATE]], 0, [], True, LinkStatus.LATE_ANSWERS),
    ("the last attempt was late", [[NOTHING, NOTHING, LATE]], 0, [], True, LinkStatus.LATE_ANSWERS),
    ("late and echo", [[ECHO, ECHO, LATE]], 0, [], True, LinkStatus.LATE_ANSWERS),
    ("late once", [[LATE], *[[NOTHING]] * (WINDOW - 1)], 0, [], True, LinkStatus.LATE_ANSWERS),
    ("late long ago", [[LATE], *[[NOTHING]] * WINDOW], 0, [], True, LinkStatus.NO_ANSWER),
    ("more garbled than late", [[GARBLED, GARBLED, LATE]], 0, [], True, LinkStatus.GARBLED),
    ("late as often", [[CHECKSUM, LATE]], 0, [], True, LinkStatus.LATE_ANSWERS),
    ("late and pulses", [[LATE]], 99, [], True, LinkStatus.LATE_ANSWERS),
    ("late, line low", [[LATE]], 0, [0] * 9, True, LinkStatus.LINE_LOW),
    ("late, then answered", [[LATE], [ANSWER]], 0, [], True, LinkStatus.OK),
    ("answered, then late twice", [[ANSWER], [LATE], [LATE]], 0, [], True, LinkStatus.OK),
    ("given up, late", [[ANSWER], *[[LATE]] * 3], 0, [], True, LinkStatus.LATE_ANSWERS),
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
        link.health.port_checked(False)
    for evidence in requests[:-1]:
        link.ask(*evidence)
    link.health.pulses_seen(pulses)
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
    for counts in itertools.product(range(WINDOW + 1), repeat=len(FAULTS)):
        if sum(counts) != WINDOW:
            continue
        attempts = [
            evidence for evidence, count in zip(NOT_LATE, counts, strict=True) for _ in range(count)
        ]
        most = NOT_LATE[counts.index(max(counts))]
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


@given(st.lists(st.booleans(), max_size=300), st.integers(0, 3))
def test_more_than_half(wished: list[bool], start: int) -> None:
    """As long as more than half of every 8 are answered, and never 3 in a row are not."""
    link = Link()
    link.ask_all([False] * start)
    last = deque([True] * WINDOW, WINDOW)
    answered = [True]
    for each in wished:
        may_fail = sum(list(last)[1:]) > WINDOW // 2 and any(answered[-2:])
        answered.append(each or not may_fail)
        last.append(answered[-1])
    assert set(link.ask_all(answered)) == {LinkStatus.OK}


def test_one_bad_request_right_after_the_first_answer() -> None:
    """What is not known counts as good."""
    link = Link()
    assert set(link.ask_all([True, False, False, True, False])) == {LinkStatus.OK}
    assert link.ask_all([False]) == [LinkStatus.NO_ANSWER]


@pytest.mark.parametrize("bits", range(256))
def test_any_eight_requests(bits: int) -> None:
    """OK exactly when the meter is there and more than half were answered since it was found."""
    eight = [bool(bits >> i & 1) for i in range(WINDOW)]
    lost = "-" * FAILED_UPDATES_UNTIL_GONE
    for before in ([], [True] * 50, [False] * 50, [True, False] * 20):
        link = Link()
        link.ask_all([True, *before])
        course = "".join("+" if each else "-" for each in [True, *before, *eight])
        since_found = course.rsplit(lost, 1)[-1].lstrip("-")[-WINDOW:]
        is_ok = not course.endswith(lost) and since_found.count("-") < WINDOW // 2
        status = LinkStatus.OK if is_ok else LinkStatus.NO_ANSWER
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


def test_found_and_lost() -> None:
    """Each told once, with the call that decides it."""
    health = LinkHealth()
    for _ in range(5):
        assert not health.is_connected
        assert not health.update_failed()
    for _ in range(3):
        assert health.request_answered()
        assert health.is_connected
        assert not health.request_answered()
        for _ in range(FAILED_UPDATES_UNTIL_GONE - 1):
            assert not health.update_failed()
            assert health.is_connected
        assert health.update_failed()
        assert not health.is_connected
        for _ in range(600):
            assert not health.update_failed()
            assert not health.is_connected


def test_an_answer_in_time_keeps_the_meter() -> None:
    """Only failures in a row count, however many there are."""
    health = LinkHealth()
    health.request_answered()
    for _ in range(600):
        for _ in range(FAILED_UPDATES_UNTIL_GONE - 1):
            assert not health.update_failed()
        assert not health.request_answered()
    assert health.is_connected


def test_failed_attempts_do_not_lose_the_meter() -> None:
    """Updates do: a request may be asked again, or be one that this meter never answers."""
    link = Link()
    link.ask(ANSWER)
    for _ in range(600):
        link.health.attempt_failed(REQUEST, RECEIVED[NOTHING])
    assert link.health.is_connected
    assert link.status is LinkStatus.OK


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


def test_the_limit_that_the_advice_names() -> None:
    """What can be configured, what is waited for, and what is said."""
    seconds = MAX_RESPONSE_TIMEOUT // 1000
    sources = {path.name: path.read_text("utf-8") for path in COMPONENT.iterdir() if path.is_file()}
    assert f"MAX_RESPONSE_TIMEOUT = TimePeriod(seconds={seconds})" in sources["__init__.py"]
    assert (
        f"raise 'response_timeout' under 'multical:', up to {seconds}s"
        in sources["link_advice.cpp"]
    )


# --- Pulses and the line at rest ---


def test_pulses_add_up() -> None:
    """Over requests, asked or not, until an answer comes."""
    link = Link()
    statuses = []
    for _ in range(5):
        link.health.pulses_seen(1)
        statuses.append(link.ask(NOTHING))
    quiet = MIN_PULSES - 1
    assert statuses == [LinkStatus.NO_ANSWER] * quiet + [LinkStatus.PULSES] * (5 - quiet)


@pytest.mark.parametrize("evidence", FAULTS)
def test_zeros_of_attempts_are_pulses(evidence: Evidence) -> None:
    """Those that stand alone, or beside the echo; in anything else they are parts of it."""
    link = Link()
    for _ in range(MIN_PULSES):
        link.health.attempt_failed(REQUEST, b"\x00" + RECEIVED[evidence])
    status = [link.ask(NOTHING) for _ in range(WINDOW)][-1]
    is_pulse = evidence in (NOTHING, ECHO)
    assert status is (LinkStatus.PULSES if is_pulse else LinkStatus.NO_ANSWER)


@pytest.mark.parametrize(
    ("unasked", "status"),
    [
        (b"\x00" * MIN_PULSES, LinkStatus.PULSES),
        (b"\x00" * (MIN_PULSES - 1), LinkStatus.NO_ANSWER),
        (b"\x55" + b"\x00" * MIN_PULSES, LinkStatus.PULSES),
        (b"\x00" * MIN_PULSES + b"\x55", LinkStatus.NO_ANSWER),
        (bytes.fromhex("403F10003C03040000000000004F0D"), LinkStatus.NO_ANSWER),
    ],
)
def test_unasked_bytes(unasked: bytes, status: LinkStatus) -> None:
    """Zeros are pulses as long as nothing else comes among them: whole frames end otherwise."""
    link = Link()
    for byte in unasked:
        link.health.unasked_byte(byte)
    assert link.ask(NOTHING) is status


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=5))
def test_frames_are_no_pulses(contents: list[bytes]) -> None:
    """Whatever is in them, and however many come."""
    link = Link()
    for content in contents:
        for byte in b"\x40" + content + b"\x0d":
            link.health.unasked_byte(byte)
    assert link.ask(NOTHING) is LinkStatus.NO_ANSWER


def test_answer_resets_the_pulses() -> None:
    """A meter that sends a lone zero now and then is no pulse output."""
    link = Link()
    for _ in range(50):
        link.health.pulses_seen(MIN_PULSES - 1)
        link.ask(ANSWER)
    link.health.pulses_seen(MIN_PULSES - 1)
    assert [link.ask(NOTHING) for _ in range(3)][-1] is LinkStatus.NO_ANSWER
    link.health.pulses_seen(1)
    assert link.ask(NOTHING) is LinkStatus.PULSES


@pytest.mark.parametrize("evidence", FAULTS)
def test_attempts_that_reset_the_pulses(evidence: Evidence) -> None:
    """The ones that brought something else."""
    link = Link()
    link.health.pulses_seen(MIN_PULSES)
    link.ask(evidence)
    status = [link.ask(NOTHING) for _ in range(WINDOW)][-1]
    stay = evidence in (NOTHING, ECHO)
    assert status is (LinkStatus.PULSES if stay else LinkStatus.NO_ANSWER)


def test_a_late_reply_is_told_at_once() -> None:
    """What was said when the request failed is put right."""
    link = Link()
    assert link.ask(NOTHING) is LinkStatus.NO_ANSWER
    link.health.answered_late()
    assert link.status is LinkStatus.LATE_ANSWERS


@pytest.mark.parametrize("before", [(), (ANSWER,)])
def test_a_late_reply_without_a_failed_attempt(before: tuple[Evidence, ...]) -> None:
    """None of the plan's: it changes nothing."""
    link = Link()
    status = link.ask(*before) if before else link.status
    link.health.answered_late()
    assert link.status is status


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
    "more", [lambda link: link.health.pulses_seen(99), lambda link: sample(link, 0, 0, 0, 0)]
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

    def check(is_there: bool) -> LinkStatus:
        link.health.port_checked(is_there)
        return link.status

    assert check(True) is LinkStatus.STARTING
    assert check(False) is LinkStatus.NO_PORT
    assert check(True) is LinkStatus.STARTING

    link.ask(ANSWER)
    assert check(False) is LinkStatus.NO_PORT
    assert check(False) is LinkStatus.NO_PORT
    assert check(True) is LinkStatus.OK


def test_requests_without_a_port() -> None:
    """They fail, and it stays the port's fault; back again the last attempts speak."""
    link = Link()
    link.ask(ANSWER)
    link.health.port_checked(False)
    assert [link.ask(NOTHING) for _ in range(9)] == [LinkStatus.NO_PORT] * 9
    link.health.port_checked(True)
    assert link.status is LinkStatus.NO_ANSWER
    assert link.ask(ANSWER) is LinkStatus.OK


# --- Numbers that grow ---


@pytest.mark.parametrize(
    "counts", [[255], [255, 255], [1] * 1000, [254, 1], [254, 2], [128, 128], [256], [10**9]]
)
def test_pulses_do_not_overflow(counts: list[int]) -> None:
    link = Link()
    for count in counts:
        link.health.pulses_seen(count)
        assert link.ask(NOTHING) in (LinkStatus.PULSES, LinkStatus.NO_ANSWER)
    assert link.status is LinkStatus.PULSES


def test_low_samples_do_not_overflow() -> None:
    """With every number of them up to four times what a byte holds."""
    link = Link()
    for count in range(1, 1025):
        sample(link, 0)
        low = count >= MIN_LOW_SAMPLES
        assert link.ask(NOTHING) is (LinkStatus.LINE_LOW if low else LinkStatus.NO_ANSWER)


@pytest.mark.parametrize("evidence", [ANSWER, *FAULTS])
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
        self.asked = self.is_connected = False
        self.port = True
        self.failed_updates = self.pulses = self.low = 0
        self.status = LinkStatus.STARTING

    def attempt_failed(self, request: Request, received: bytes) -> None:
        attempt = library.attempt(request, received)
        self.attempts.append(attempt.evidence)
        is_silence = attempt.evidence in (NOTHING, ECHO)
        self.pulses = self.pulses + attempt.zero_count if is_silence else 0

    def answered_late(self) -> None:
        if self.attempts:
            self.attempts[-1] = LATE
        self.say()

    def unasked_byte(self, byte: int) -> None:
        self.pulses = 0 if byte else self.pulses + 1

    def request_answered(self) -> bool:
        found = not self.is_connected
        if found:
            self.attempts.clear()
            self.requests.extend([True] * WINDOW)
        self.attempts.append(ANSWER)
        self.requests.append(True)
        self.asked = self.is_connected = True
        self.failed_updates = self.pulses = self.low = 0
        self.say()
        return found

    def update_failed(self) -> bool:
        was_connected = self.is_connected
        self.failed_updates += 1
        self.is_connected &= self.failed_updates < FAILED_UPDATES_UNTIL_GONE
        self.requests.append(False)
        self.asked = True
        self.say()
        return was_connected and not self.is_connected

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
        elif self.is_connected and sum(self.requests) > WINDOW / 2:
            self.status = LinkStatus.OK
        elif self.low >= MIN_LOW_SAMPLES:
            self.status = LinkStatus.LINE_LOW
        else:
            # Of equally many max() takes the first one.
            most = max(MOST_TELLING_FIRST, key=self.attempts.count)
            silent = most is NOTHING or most not in self.attempts
            self.status = LinkStatus.NO_ANSWER if silent else (FAULTS | LATE_FAULT)[most]
            if LATE in self.attempts and (silent or most is ECHO):
                self.status = LinkStatus.LATE_ANSWERS
            elif silent and self.pulses >= MIN_PULSES:
                self.status = LinkStatus.PULSES


received = st.one_of(
    st.sampled_from(list(RECEIVED.values())),
    st.lists(st.sampled_from([b"\x00", b"\x55", *RECEIVED.values()]), max_size=5).map(b"".join),
)
steps = st.one_of(
    st.tuples(st.just("attempt_failed"), st.just(REQUEST), received),
    st.tuples(st.just("request_answered")),
    st.tuples(st.just("update_failed")),
    st.tuples(st.just("answered_late")),
    st.tuples(st.just("unasked_byte"), st.sampled_from([0, 0, 0, 0x40])),
    st.tuples(st.just("pulses_seen"), st.one_of(st.integers(0, 3), st.integers(0, 255))),
    st.tuples(st.just("line_sampled"), st.sampled_from([False, False, False, True])),
    st.tuples(st.just("port_checked"), st.sampled_from([True, True, True, False])),
)


@given(st.lists(steps, max_size=80))
def test_any_course(course: list[tuple[Any, ...]]) -> None:
    """Also such as no hub makes: an update that fails without an attempt."""
    health, model = LinkHealth(), Model()
    for name, *arguments in course:
        assert getattr(health, name)(*arguments) == getattr(model, name)(*arguments)
        assert health.status is model.status
        assert health.is_connected is model.is_connected


def test_any_course_reaches_every_status() -> None:
    """By chance alone, in one long course."""
    chance = random.Random(2)
    link = Link()
    seen = {link.status}
    for _ in range(30_000):
        # A while of one kind of trouble, so that the rarer ones get a majority.
        evidence = chance.choice([ANSWER, LATE, *FAULTS])
        link.health.port_checked(chance.random() < 0.9)
        sample(link, *[chance.random() < 0.3 for _ in range(3)])
        link.health.pulses_seen(chance.choice((0, 0, 0, 1, 5)))
        seen.add(link.ask(*[evidence] * (1 if evidence is ANSWER else chance.randint(1, 3))))
    assert seen == set(LinkStatus)


# --- Counters ---

DAY = 24 * 60 * 60 * 1000


def test_counters() -> None:
    """Every attempt counts as a request."""
    counters = LinkCounters()
    assert (counters.requests, counters.failed_requests) == (0, 0)
    for answered in (True, False, False, True, True):
        counters.request_sent(answered)
    assert (counters.requests, counters.failed_requests) == (5, 2)


@pytest.mark.parametrize("now", [0, 1, 2**32 - 1, 2**32, 500 * DAY])
def test_no_age_before_the_first_reading(now: int) -> None:
    counters = LinkCounters()
    assert counters.last_reading_age(now) is None
    counters.request_sent(True)
    assert counters.last_reading_age(now) is None


@pytest.mark.parametrize("begin", [0, 1, 2**31, 2**32 - 1, 2**32, 500 * DAY])
@pytest.mark.parametrize(
    "elapsed", [0, 999, 1000, 1999, DAY, 2**32 - 1, 2**32, 2**32 + 1000, 50 * DAY, 500 * DAY]
)
def test_age(begin: int, elapsed: int) -> None:
    """Whole seconds, also over the 49.7 days after which 32 bits of milliseconds begin anew."""
    counters = LinkCounters()
    counters.reading_completed(begin)
    assert counters.last_reading_age(begin + elapsed) == elapsed // 1000


def test_age_of_the_newest_reading() -> None:
    counters = LinkCounters()
    for now in (0, 5 * DAY, 60 * DAY, 600 * DAY):
        counters.reading_completed(now)
        assert counters.last_reading_age(now) == 0
        counters.request_sent(False)
        assert counters.last_reading_age(now + 30_000) == 30
