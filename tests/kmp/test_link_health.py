"""The link's status, by what came back."""

from __future__ import annotations

from collections import deque
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
#: What an attempt brought back, not counting zeros of the request itself.
RECEIVED = {
    NOTHING: b"",
    ECHO: REQUEST.encode(),
    GARBLED: b"\x55",
    CHECKSUM: b"\x40\x3f\x10\x55\x55\x0d",
}
STATUSES = {
    LATE: LinkStatus.LATE_ANSWERS,
    CHECKSUM: LinkStatus.CHECKSUM_ERRORS,
    GARBLED: LinkStatus.GARBLED,
    ECHO: LinkStatus.ECHO_ONLY,
    NOTHING: LinkStatus.NO_ANSWER,
}
MOST_TELLING_FIRST = tuple(STATUSES)


def test_evidence() -> None:
    """The attempts in these tests give the evidence that they stand for."""
    for evidence, received in RECEIVED.items():
        attempt = library.attempt(REQUEST, received)
        assert (attempt.evidence, attempt.zero_count) == (evidence, 0)


# --- Every status by its evidence ---

# A request is a list of its attempts; `pulses` and `samples` come before the last one ends.
Requests = list[list[Evidence]]
# requests | pulses | samples of the line, 1 is high | port | status
TABLE: list[tuple[Requests, int, list[int], bool, LinkStatus]] = [
    ([], 9, [0] * 9, True, LinkStatus.STARTING),
    ([], 0, [], False, LinkStatus.NO_PORT),
    ([[CHECKSUM]], 9, [0] * 9, False, LinkStatus.NO_PORT),
    ([[NOTHING, CHECKSUM, ANSWER]], 9, [0] * 9, True, LinkStatus.OK),
    # One bad request changes nothing, four out of eight do.
    ([[ANSWER], [ECHO], [ECHO], [ANSWER], [ECHO]], 0, [], True, LinkStatus.OK),
    ([[ANSWER], [ECHO], [ECHO], [ANSWER], [ECHO], [ECHO]], 0, [], True, LinkStatus.ECHO_ONLY),
    (
        [[each] for each in (ANSWER, ECHO, ECHO, ANSWER, ECHO, ANSWER, ANSWER, ANSWER, ECHO)],
        0,
        [],
        True,
        LinkStatus.ECHO_ONLY,
    ),
    # Lost, and found again: everything before is forgotten.
    ([[ANSWER], *[[ECHO] * 3] * 3], 0, [], True, LinkStatus.ECHO_ONLY),
    ([*[[ECHO] * 3] * 30, [ANSWER], [ECHO], [ECHO]], 0, [], True, LinkStatus.OK),
    # Never answered: the first failed request decides, by what most attempts show.
    ([[NOTHING] * 3], 0, [], True, LinkStatus.NO_ANSWER),
    ([[CHECKSUM, NOTHING, NOTHING]], 0, [], True, LinkStatus.NO_ANSWER),
    ([[ECHO, CHECKSUM, ECHO]], 0, [], True, LinkStatus.ECHO_ONLY),
    ([[GARBLED, GARBLED, LATE]], 0, [], True, LinkStatus.GARBLED),
    # In a tie, the more telling one
    ([[NOTHING, ECHO, GARBLED, CHECKSUM]], 0, [], True, LinkStatus.CHECKSUM_ERRORS),
    ([[CHECKSUM, LATE]], 0, [], True, LinkStatus.LATE_ANSWERS),
    # A late answer says more than the silence before it.
    ([[NOTHING, ECHO, ECHO, LATE]], 0, [], True, LinkStatus.LATE_ANSWERS),
    # Pulses: silence, but not quite
    ([[NOTHING]], MIN_PULSES, [], True, LinkStatus.PULSES),
    ([[NOTHING]], MIN_PULSES - 1, [], True, LinkStatus.NO_ANSWER),
    ([[ECHO]], 99, [], True, LinkStatus.ECHO_ONLY),
    # A low idle line says more than any bytes that seem to come in.
    ([[LATE]], 99, [1] + [0] * MIN_LOW_SAMPLES, True, LinkStatus.LINE_LOW),
    ([[NOTHING]], 0, [0] * (MIN_LOW_SAMPLES - 1), True, LinkStatus.NO_ANSWER),
    ([[NOTHING]], 0, [0] * 9 + [1] + [0] * (MIN_LOW_SAMPLES - 1), True, LinkStatus.NO_ANSWER),
]


def ask(health: LinkHealth, *evidence: Evidence) -> None:
    """Report one update with one request and its attempts."""
    for each in evidence:
        if each is not ANSWER:
            health.attempt_failed(REQUEST, RECEIVED[NOTHING if each is LATE else each])
    if evidence[-1] is ANSWER:
        health.request_answered()
    else:
        health.update_failed()
    if evidence[-1] is LATE:
        health.answered_late()


@pytest.mark.parametrize(("requests", "pulses", "samples", "port", "status"), TABLE)
def test_status(
    requests: Requests, pulses: int, samples: list[int], port: bool, status: LinkStatus
) -> None:
    health = LinkHealth()
    if not port:
        health.port_checked(False)
    for evidence in requests[:-1]:
        ask(health, *evidence)
    health.pulses_seen(pulses)
    for level in samples:
        health.line_sampled(bool(level))
    for evidence in requests[-1:]:
        ask(health, *evidence)
    assert health.status is status


@pytest.mark.parametrize(
    ("unasked", "status"),
    [
        (b"\x00" * MIN_PULSES, LinkStatus.PULSES),
        (b"\x00" * (MIN_PULSES - 1), LinkStatus.NO_ANSWER),
        (b"\x00" * MIN_PULSES + b"\x55", LinkStatus.NO_ANSWER),
        (b"\x55" + b"\x00" * (MIN_PULSES - 1), LinkStatus.NO_ANSWER),
        (b"\x55" + b"\x00" * MIN_PULSES, LinkStatus.PULSES),
    ],
)
@pytest.mark.parametrize("before", [None, ANSWER, GARBLED, CHECKSUM])
def test_unasked_bytes(unasked: bytes, status: LinkStatus, before: Evidence | None) -> None:
    """Zeros are pulses unless another byte comes among them, as in any whole frame."""
    health = LinkHealth()
    if before is not None:
        ask(health, before)
    for byte in unasked:
        health.unasked_byte(byte)
    for _ in range(WINDOW):
        ask(health, NOTHING)
    assert health.status is status


# --- Any course of events ---


class Model:
    """The rules of the header, written a second time and without regard to memory."""

    def __init__(self) -> None:
        """Start as after a restart."""
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
            # In a tie, max() takes the first one.
            most = max(MOST_TELLING_FIRST, key=self.attempts.count)
            silent = most is NOTHING or most not in self.attempts
            self.status = LinkStatus.NO_ANSWER if silent else STATUSES[most]
            if LATE in self.attempts and (silent or most is ECHO):
                self.status = LinkStatus.LATE_ANSWERS
            elif silent and self.pulses >= MIN_PULSES:
                self.status = LinkStatus.PULSES


# Simplest first. Attempts and failed updates in a row decide, and counts may overflow a byte.
STEPS: tuple[tuple[int, str, tuple[Any, ...]], ...] = (
    (1, "port_checked", (True,)),
    (1, "port_checked", (False,)),
    *((times, "request_answered", ()) for times in (1, 1, 1, 2, 3, WINDOW)),
    *((times, "update_failed", ()) for times in (1, 1, 1, 2, 2, 3, 300)),
    *((times, "attempt_failed", (REQUEST, each)) for each in RECEIVED.values() for times in (1, 5)),
    *((1, "attempt_failed", (REQUEST, b"\x00" + each)) for each in RECEIVED.values()),
    *((1, "answered_late", ()),) * 2,
    *((times, "unasked_byte", (0,)) for times in (1, MIN_PULSES - 1, 300)),
    (1, "unasked_byte", (0x40,)),
    *((1, "pulses_seen", (count,)) for count in (1, 2, 254, 256, 10**9)),
    *((times, "line_sampled", (False,)) for times in (1, MIN_LOW_SAMPLES - 1, 256, 300)),
    *((1, "line_sampled", (True,)),) * 2,
)


@given(st.lists(st.sampled_from(STEPS), min_size=60, max_size=200))
def test_any_course(course: list[tuple[int, str, tuple[Any, ...]]]) -> None:
    """Even courses that no hub makes, such as an update that fails without an attempt."""
    health, model = LinkHealth(), Model()
    for times, name, arguments in course:
        for _ in range(times):
            assert getattr(health, name)(*arguments) == getattr(model, name)(*arguments)
        assert health.status is model.status
        assert health.is_connected is model.is_connected


def test_the_limit_that_the_advice_names() -> None:
    """What can be configured, how long is waited, and what the advice says."""
    seconds = MAX_RESPONSE_TIMEOUT // 1000
    sources = {path.name: path.read_text("utf-8") for path in COMPONENT.iterdir() if path.is_file()}
    assert f"MAX_RESPONSE_TIMEOUT = TimePeriod(seconds={seconds})" in sources["__init__.py"]
    assert (
        f"raise 'response_timeout' under 'multical:', up to {seconds}s"
        in sources["link_advice.cpp"]
    )


# --- Counters ---

DAY = 24 * 60 * 60 * 1000


def test_counters() -> None:
    """Every attempt counts as a request."""
    counters = LinkCounters()
    assert (counters.requests, counters.failed_requests) == (0, 0)
    for answered in (True, False, False, True, True):
        counters.request_sent(answered)
    assert (counters.requests, counters.failed_requests) == (5, 2)
    assert counters.last_reading_age(DAY) is None


@given(st.integers(0, 2**40), st.one_of(st.integers(0, 2**33), st.sampled_from((999, 1000))))
def test_age(begin: int, elapsed: int) -> None:
    """Whole seconds, even after 49.7 days, when 32 bits of milliseconds wrap around."""
    counters = LinkCounters()
    for reading in (begin // 2, begin):
        counters.reading_completed(reading)
        assert counters.last_reading_age(reading + elapsed) == elapsed // 1000
