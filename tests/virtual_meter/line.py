"""A 1200 baud line: the time that bytes take, in both directions, and what goes wrong on the way.

A pseudo terminal moves bytes at once. Here each byte occupies the line for as long as it would on
a wire. All times are seconds of the line's clock, `time.monotonic` by default.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import NamedTuple

from meter_log.codec import STOP, Direction, Reading

from .faults import Fault, in_order
from .meter import Answer, VirtualMeter

BYTE_TIME = 11 / 1200
"""Seconds: start bit, 8 data bits, 2 stop bits at 1200 baud (documented)."""

LONGEST_GAP = 0.027
"""Seconds without a byte after which a meter gives up a request (documented for 601 and 801)."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its result; recorded when its last byte has arrived.

    The times are those of the line and known in advance: when the record appears, the reply is
    still being sent. reply and readings are what the meter means to send, whatever a fault does to
    it. reply and reply_end are None if the meter stayed silent, and `silence` says why.
    """

    request: bytes
    request_start: float
    request_end: float
    reply: bytes | None
    reply_end: float | None
    readings: tuple[Reading, ...]
    silence: str


class _Byte(NamedTuple):
    value: int
    start: float
    end: float


class _Stray(NamedTuple):
    """The next byte of a fault that sends bytes without any request, and those after it."""

    at: float
    value: int
    following: Iterator[tuple[float, int]]


class Line:
    """A meter at the end of a line, advanced by `step`.

    silent: while it is true the meter does not answer. exchanges: all requests so far. received:
    everything that clients have written, including garbage.
    """

    def __init__(
        self,
        meter: VirtualMeter,
        write: Callable[[bytes], None],
        unplug: Callable[[], None],
        *,
        faults: Iterable[Fault | str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect the meter.

        `write` sends bytes to the client, `unplug` unplugs its port; neither may block. Raises
        ValueError for a fault that does not exist.
        """
        self.silent = False
        self.exchanges: list[Exchange] = []
        self.received = bytearray()
        self._meter = meter
        self._write = write
        self._unplug = unplug
        self._clock = clock
        self._arriving: deque[_Byte] = deque()
        self._leaving: deque[_Byte] = deque()
        self._free_at = clock()
        self._busy_until = self._free_at
        self._request: list[_Byte] = []
        self._random = Random(1)
        # How many bytes come without a request depends on the time: they have their own generator.
        self._stray_random = Random(2)
        self._strays: list[_Stray] = []
        self._drawn: list[Fault] = []
        self._last_heard = self._free_at
        self._shown: set[int] = set()
        self._spent: set[Fault] = set()
        self.faults = faults

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The active faults. Once set, those that strike only once may do so again."""
        return self._faults

    @faults.setter
    def faults(self, faults: Iterable[Fault | str]) -> None:
        self._faults = in_order(faults)
        self._draw()
        self._spent.clear()
        self._strays.clear()
        for fault in self._faults:
            if fault.kind.strays is not None and fault.probability:
                strays = fault.kind.strays(self._stray_random, fault.parameter)
                self._send_later(strays, self._clock())

    def step(self, received: bytes) -> float | None:
        """Take what the client has written, and do what is due.

        Returns the time of the next byte, or None if there is none. Call it again then, or as soon
        as something comes.
        """
        now = self._clock()
        self.received += received
        self._free_at = max(self._free_at, now)
        for value in received:
            self._arriving.append(_Byte(value, self._free_at, self._free_at + BYTE_TIME))
            self._free_at += BYTE_TIME
        while (due := self._next()) is not None and due <= now:
            # In order of time, even for callers that rarely look.
            if self._arriving and self._arriving[0].end == due:
                self._hear(self._arriving.popleft())
            elif self._leaving and self._leaving[0].end == due:
                self._write(bytes((self._leaving.popleft().value,)))
            else:
                self._send_stray(due)
        return due

    def _next(self) -> float | None:
        times = [queue[0].end for queue in (self._arriving, self._leaving) if queue]
        times += [stray.at for stray in self._strays]
        return min(times, default=None)

    def _draw(self) -> None:
        """Decide which faults strike the request that begins."""
        self._drawn = [f for f in self._faults if self._random.random() < f.probability]

    def _hear(self, byte: _Byte) -> None:
        """Handle bytes to the meter, each when it has arrived."""
        if byte.value == Direction.TO_METER:
            self._draw()
        if any(fault.kind.echoes for fault in self._drawn):
            self._write(bytes((byte.value,)))
        # Half duplex: a meter that has a reply to send does not listen.
        if byte.start < self._busy_until:
            return
        # The start byte is stuffed inside a frame, so it always begins a new one.
        if byte.value == Direction.TO_METER:
            self._request = [byte]
        elif self._request:
            self._request.append(byte)
            if byte.value == STOP:
                self._answer(self._request)
                self._request = []

    def _answer(self, request: list[_Byte]) -> None:
        raw = bytes(byte.value for byte in request)
        start, end = request[0].start, request[-1].end
        silence = self._silence(raw, request)
        answer = Answer(raw, None, silence=silence) if silence else self._meter.answer(raw)
        reply_end = None
        if answer.reply is not None:
            reply_end = self._say(self._corrupted(answer), end + self._delay())
        self.exchanges.append(
            Exchange(raw, start, end, answer.reply, reply_end, answer.readings, answer.silence)
        )
        if any(fault.kind.unplugs for fault in self._drawn):
            self._unplug()

    def _silence(self, raw: bytes, request: list[_Byte]) -> str:
        """Return why the meter ignores a request; empty if it does not."""
        if self.silent:
            return "switched to silent"
        quiet = request[0].start - self._last_heard
        for fault in self._drawn:
            silences = fault.kind.silences
            if silences is not None and silences(raw, quiet, fault.parameter):
                return f"fault {fault.name}"
        self._last_heard = request[-1].end
        gap = max(later.start - earlier.end for earlier, later in pairwise(request))
        return f"a gap of {1000 * gap:.0f} ms in the request" if gap > LONGEST_GAP else ""

    def _delay(self) -> float:
        delay = self._meter.delay
        for fault in self._drawn:
            if fault.kind.delays is not None:
                delay = fault.kind.delays(delay, self._random, fault.parameter)
        return delay

    def _corrupted(self, answer: Answer) -> bytes:
        """Return what is sent instead of a reply."""
        reply = sent = answer.reply or b""
        for fault in self._drawn:
            is_over = fault.kind.once and (
                fault in self._spent or fault.parameter not in self._shown
            )
            if fault.kind.corrupts is None or not sent or is_over:
                continue
            before, sent = sent, fault.kind.corrupts(sent, self._random, fault.parameter)
            if sent != before:
                self._spent.add(fault)
        if reply in sent:
            self._shown |= {reading.register for reading in answer.readings}
        return sent

    def _say(self, reply: bytes, start: float) -> float:
        """Send bytes from the meter; return when the last one will have left."""
        for i, value in enumerate(reply):
            # Each counts from the reply's start, so that errors do not add up.
            self._leaving.append(_Byte(value, start + i * BYTE_TIME, start + (i + 1) * BYTE_TIME))
        self._busy_until = start + len(reply) * BYTE_TIME
        return self._busy_until

    def _send_stray(self, due: float) -> None:
        """Send a byte that belongs to nothing, unless a reply is on its way."""
        stray = next(stray for stray in self._strays if stray.at == due)
        self._strays.remove(stray)
        self._send_later(stray.following, due)
        if not (self._leaving and self._leaving[0].start <= due):
            self._write(bytes((stray.value,)))

    def _send_later(self, strays: Iterator[tuple[float, int]], now: float) -> None:
        if (stray := next(strays, None)) is not None:
            seconds, value = stray
            self._strays.append(_Stray(now + seconds, value, strays))
