"""A 1200 baud line: the time that bytes take, in both directions.

A pseudo terminal moves bytes at once. Here each byte occupies the line for as long as it would on
a wire. All times are seconds of the line's clock, `time.monotonic` by default.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from .codec import STOP, Direction, Reading
from .meter import Answer, Answering

BYTE_TIME = 11 / 1200
"""Seconds: start bit, 8 data bits, 2 stop bits at 1200 baud (documented)."""

LONGEST_REQUEST = 256
"""Bytes after which a request without a stop byte is given up; no real one has 64."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what became of it; recorded when its last byte has arrived.

    The times are those of the line and known in advance: when the record appears, the reply is
    still being sent. reply, reply_start and reply_end are None if the meter stayed silent, and
    `silence` says why it did.
    """

    request: bytes
    request_start: float
    request_end: float
    reply: bytes | None
    reply_start: float | None
    reply_end: float | None
    readings: tuple[Reading, ...]
    silence: str


class Port(Protocol):
    """The meter's end of a serial port."""

    def read(self) -> bytes:
        """Take what has come, without waiting."""
        ...

    def write(self, data: bytes) -> None:
        """Send, without waiting."""
        ...


class _Byte(NamedTuple):
    value: int
    start: float
    end: float


class Line:
    """A meter at the end of a line, moved on by `step`.

    silent: while it is true the meter answers nothing. exchanges: all requests so far.
    """

    def __init__(
        self,
        meter: Answering,
        port: Port,
        *,
        on_exchange: Callable[[Exchange], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect the meter; `on_exchange` is called with each exchange as it is recorded."""
        self.silent = False
        self.exchanges: list[Exchange] = []
        self._meter = meter
        self._port = port
        self._on_exchange = on_exchange
        self._clock = clock
        self._received = bytearray()
        self._arriving: deque[_Byte] = deque()
        self._leaving: deque[_Byte] = deque()
        self._free_at = clock()
        self._busy_until = self._free_at
        self._request: list[_Byte] = []

    @property
    def received(self) -> bytes:
        """Everything that clients have written, garbage as well."""
        return bytes(self._received)

    def step(self) -> float | None:
        """Do what is due; return the time of the next byte, or None if there is none.

        Call it again then, or as soon as the port can be read.
        """
        self._take()
        now = self._clock()
        while self._arriving and self._arriving[0].end <= now:
            self._hear(self._arriving.popleft())
        while self._leaving and self._leaving[0].end <= now:
            self._port.write(bytes((self._leaving.popleft().value,)))
        return min(
            (queue[0].end for queue in (self._arriving, self._leaving) if queue), default=None
        )

    def _take(self) -> None:
        """Put what the client has written on the line."""
        data = self._port.read()
        self._received += data
        self._free_at = max(self._free_at, self._clock())
        for value in data:
            self._arriving.append(_Byte(value, self._free_at, self._free_at + BYTE_TIME))
            self._free_at += BYTE_TIME

    def _hear(self, byte: _Byte) -> None:
        """All bytes to the meter pass here, each when it has arrived."""
        # Half duplex: a meter that has a reply to send does not listen.
        if byte.start < self._busy_until:
            return
        # The start byte is stuffed inside a frame, so it always begins a new one.
        if byte.value == Direction.TO_METER or len(self._request) >= LONGEST_REQUEST:
            self._request.clear()
        if self._request or byte.value == Direction.TO_METER:
            self._request.append(byte)
        if self._request and byte.value == STOP:
            self._answer(self._request)
            self._request.clear()

    def _answer(self, request: list[_Byte]) -> None:
        raw = bytes(byte.value for byte in request)
        if self.silent:
            answer = Answer(raw, None, silence="switched to silent")
        else:
            answer = self._meter.answer(raw)
        start, end = request[0].start, request[-1].end
        reply_start = reply_end = None
        if answer.reply is not None:
            reply_start = end + self._meter.delay
            reply_end = self._say(answer.reply, reply_start)
        exchange = Exchange(
            raw, start, end, answer.reply, reply_start, reply_end, answer.readings, answer.silence
        )
        self.exchanges.append(exchange)
        if self._on_exchange is not None:
            self._on_exchange(exchange)

    def _say(self, reply: bytes, start: float) -> float:
        """All bytes from the meter pass here; return when the last one will have left."""
        for i, value in enumerate(reply):
            # Each from the reply's start, so that no error adds up.
            self._leaving.append(_Byte(value, start + i * BYTE_TIME, start + (i + 1) * BYTE_TIME))
        self._busy_until = start + len(reply) * BYTE_TIME
        return self._busy_until
