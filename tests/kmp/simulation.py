"""A Conversation on a simulated line with a simulated clock, on which hours pass in no time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from kmp.library import Answer, Attempt, Conversation, Reply, Request

#: Milliseconds of one byte: 11 bits at 1200 baud.
BYTE_TIME = 11_000 / 1200


class Burst(NamedTuple):
    """Bytes from the meter without gaps, and when the first one begins.

    The time counts from the end of the last request byte; anything that begins earlier is an echo.
    """

    after: float
    data: bytes


class Event(NamedTuple):
    """What the conversation did, and when."""

    time: int
    kind: str
    detail: bytes | Reply | Request | None = None


class FailedAttempt(NamedTuple):
    """When an attempt failed, and what it had brought back."""

    time: int
    attempt: Attempt


class Simulation:
    """Runs a conversation and records what it does.

    attempts: what comes from the line for each frame sent; nothing for those beyond the list.
    may_repeat: called when an attempt has failed; False ends the request.
    clock: the first time on the millisecond clock, which has 32 bits.
    tick: milliseconds between two passes of the main loop, which are all the conversation sees.
    """

    def __init__(
        self,
        attempts: Sequence[Sequence[Burst]] = (),
        clock: int = 0,
        tick: int = 1,
        retries: int = 2,
        response_timeout: int | None = None,
    ) -> None:
        """Make one with an idle conversation."""
        self.time = 0
        self.events: list[Event] = []
        self.failed_attempts: list[FailedAttempt] = []
        self.answers: list[Answer] = []
        self.last_attempts: list[Attempt] = []
        self.late_replies: list[tuple[int, Attempt]] = []
        self.may_repeat: Callable[[], bool] = lambda: True
        self.on_end: Callable[[], None] = lambda: None
        self.conversation = Conversation(self)
        self.conversation.set_retries(retries)
        if response_timeout is not None:
            self.conversation.set_response_timeout(response_timeout)
        self._attempts = list(attempts)
        self._clock = clock
        self._tick = tick
        self._coming: list[tuple[int, int]] = []  # when a byte is complete, and the byte
        self._was_idle = True

    @property
    def now(self) -> int:
        """The time on the clock."""
        return (self._clock + self.time) & 0xFFFFFFFF

    def send(self, data: bytes) -> None:
        """Note a request, and schedule what comes back for it."""
        sent = self.times("send")
        self.events.append(Event(self.time, "send", data))
        if len(sent) < len(self._attempts):
            for burst in self._attempts[len(sent)]:
                self.put(burst, self.time + len(data) * BYTE_TIME)

    def on_answer(self, answer: Answer) -> None:
        """Note an answer."""
        self.answers.append(answer)
        self.events.append(Event(self.time, "reply", answer.reply))
        self.on_end()

    def on_attempt_failed(self, attempt: Attempt) -> bool:
        """Note an attempt that failed."""
        self.failed_attempts.append(FailedAttempt(self.time, attempt))
        return self.may_repeat()

    def on_failure(self, request: Request, attempt: Attempt) -> None:
        """Note a failure."""
        self.last_attempts.append(attempt)
        self.events.append(Event(self.time, "failure", request))
        self.on_end()

    def on_late_reply(self, attempt: Attempt, delay: int) -> None:
        """Note a reply after the failure."""
        self.late_replies.append((delay, attempt))
        self.events.append(Event(self.time, "late reply"))

    def put(self, burst: Burst, base: float) -> None:
        """Put bytes on the line, after a moment."""
        begin = base + burst.after
        self._coming += [
            (math.ceil(begin + (i + 1) * BYTE_TIME), byte) for i, byte in enumerate(burst.data)
        ]
        self._coming.sort(key=lambda item: item[0])

    def start(self, request: Request) -> bool:
        """Start a request now."""
        self._was_idle = False
        return self.conversation.start(request, self.now)

    def run(self, milliseconds: int) -> None:
        """Let time pass."""
        end = self.time + milliseconds
        while self.time < end:
            self._pass_unnoticed(end)
            self.time += self._tick
            self.loop()

    def _pass_unnoticed(self, end: int) -> None:
        """Do, without Python, all passes of the main loop before `end` in which nothing happens."""
        if self._was_idle == self.conversation.is_idle:
            next_time = min(self._coming[0][0], end) if self._coming else end
            count = max(next_time - 1 - self.time, 0) // self._tick
            passes = self.conversation.poll_unnoticed(self.now, self._tick, count)
            self.time += passes * self._tick

    def loop(self) -> None:
        """One pass of the main loop: receive everything that has come, then poll."""
        while self._coming and self._coming[0][0] <= self.time:
            self.conversation.receive(self._coming.pop(0)[1], self.now)
        self.conversation.poll(self.now)
        is_idle = self.conversation.is_idle
        if is_idle and not self._was_idle:
            self.events.append(Event(self.time, "idle"))
        self._was_idle = is_idle

    def kinds(self) -> list[str]:
        """Return what happened, without the times."""
        return [event.kind for event in self.events]

    def times(self, kind: str) -> list[int]:
        """Return when something happened."""
        return [event.time for event in self.events if event.kind == kind]
