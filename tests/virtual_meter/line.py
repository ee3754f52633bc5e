"""A 1200 baud line: the time that bytes take, in both directions.

A pseudo terminal moves bytes at once. Here each byte occupies the line for as long as it would on
a wire. All times are seconds of the line's clock, `time.monotonic` by default.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Protocol

from .codec import STOP, CodecError, Direction, Reading, decode_frame
from .faults import Fault, parse_all
from .meter import Answer, Answering
from .troubles import Troubles

BYTE_TIME = 11 / 1200
"""Seconds: start bit, 8 data bits, 2 stop bits at 1200 baud (documented)."""

LONGEST_REQUEST = 256
"""Bytes after which a request without a stop byte is given up; no real one has 64."""

LONGEST_GAP = 0.027
"""Seconds without a byte after which a meter gives up a request (documented for 601 and 801)."""

DEAF_TIME = 1.6
"""Seconds after a request with a wrong CRC in which a meter discards others (documented for 601
and 801)."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what became of it; recorded when its last byte has arrived.

    The times are those of the line and known in advance: when the record appears, the reply is
    still being sent. reply, reply_start and reply_end are None if the meter stayed silent, and
    `silence` says why it did.

    reply and readings are what the meter means to say, whatever a fault makes of it. sent is what
    the client gets because of this request: the head's echo, then the reply with its faults, and
    reply_start and reply_end are the times of the latter. fault: the names of the faults that had
    an effect, in the order of `FAULTS` and with commas between them; empty if there was none.
    """

    request: bytes
    request_start: float
    request_end: float
    reply: bytes | None
    reply_start: float | None
    reply_end: float | None
    readings: tuple[Reading, ...]
    silence: str
    fault: str
    sent: bytes

    @property
    def is_intact(self) -> bool:
        """Whether the reply went over the line whole: then a reader may believe its readings."""
        return self.reply is not None and self.reply in self.sent


class Port(Protocol):
    """The meter's end of a serial port."""

    def read(self) -> bytes:
        """Take what has come, without waiting."""
        ...

    def write(self, data: bytes) -> None:
        """Send, without waiting."""
        ...

    def unplug(self) -> None:
        """Go away, as a serial adapter does when it is pulled out."""
        ...


class _Byte(NamedTuple):
    value: int
    start: float
    end: float


class Line:
    """A meter at the end of a line, moved on by `step`.

    silent: while it is true the meter answers nothing. strict: whether it ignores a request with
    a gap of more than `LONGEST_GAP` in it, and all for `DEAF_TIME` after one that it could not
    understand. exchanges: all requests so far.
    """

    def __init__(
        self,
        meter: Answering,
        port: Port,
        *,
        faults: Iterable[Fault | str] = (),
        seed: int = 1,
        strict: bool = True,
        on_exchange: Callable[[Exchange], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect the meter.

        seed: of the faults' dice. `on_exchange` is called with each exchange as it is recorded.
        Raises ValueError for a fault that there is not.
        """
        self.silent = False
        self.strict = strict
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
        self._deaf_until = self._free_at
        self._request: list[_Byte] = []
        self._troubles = Troubles(seed, self._free_at)
        self.faults = faults

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that are on; may be set to others, also as text that `Fault.parse` reads."""
        return self._troubles.faults

    @faults.setter
    def faults(self, faults: Iterable[Fault | str]) -> None:
        self._troubles.switch(parse_all(faults), self._clock())

    def wake(self) -> None:
        """Wake a meter that is asleep, as a press on one of its keys does."""
        self._troubles.wake(self._clock())

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
        while (due := self._next()) is not None and due <= now:
            # In the order of time, also for those who look rarely.
            if self._arriving and self._arriving[0].end == due:
                self._hear(self._arriving.popleft())
            elif self._leaving and self._leaving[0].end == due:
                self._write(self._leaving.popleft().value)
            else:
                self._stray(due)
        return due

    def _next(self) -> float | None:
        times = [queue[0].end for queue in (self._arriving, self._leaving) if queue]
        if (stray := self._troubles.next_stray) is not None:
            times.append(stray)
        return min(times, default=None)

    def _stray(self, now: float) -> None:
        """Send a byte that belongs to nothing, unless a reply is on its way."""
        value = self._troubles.take_stray()
        if not (self._leaving and self._leaving[0].start <= now):
            self._write(value)

    def _write(self, value: int) -> None:
        """All bytes to the client pass here, each when it has arrived."""
        self._port.write(bytes((value,)))

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
        if byte.value == Direction.TO_METER:
            self._troubles.draw()
        if self._troubles.echoes:
            self._write(byte.value)
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
        start, end = request[0].start, request[-1].end
        silence = self._silence(raw, request)
        answer = Answer(raw, None, silence=silence) if silence else self._meter.answer(raw)
        if not silence and not _is_understood(raw):
            self._deaf_until = end + DEAF_TIME
        sent, reply_start, reply_end = b"", None, None
        if answer.reply is not None:
            reply_start = end + self._troubles.delay(self._meter.delay)
            sent = self._troubles.corrupt(answer.reply, answer.readings)
            reply_end = self._say(sent, reply_start)
        exchange = Exchange(
            raw,
            start,
            end,
            answer.reply,
            reply_start,
            reply_end,
            answer.readings,
            answer.silence,
            self._troubles.struck,
            raw + sent if self._troubles.echoes else sent,
        )
        self.exchanges.append(exchange)
        if self._on_exchange is not None:
            self._on_exchange(exchange)
        if self._troubles.unplugs:
            self._port.unplug()

    def _silence(self, raw: bytes, request: list[_Byte]) -> str:
        """Return why the meter does not even look at a request; empty if it does."""
        start, end = request[0].start, request[-1].end
        if self.silent:
            return "switched to silent"
        if silence := self._troubles.silence(raw, start, end):
            return silence
        gap = max(later.start - earlier.end for earlier, later in pairwise(request))
        if self.strict and gap > LONGEST_GAP:
            return f"a gap of {1000 * gap:.0f} ms in the request"
        if self.strict and start < self._deaf_until:
            return f"discarded, as it comes within {DEAF_TIME} s after one with a wrong CRC"
        return ""

    def _say(self, reply: bytes, start: float) -> float:
        """All bytes from the meter pass here; return when the last one will have left."""
        for i, value in enumerate(reply):
            # Each from the reply's start, so that no error adds up.
            self._leaving.append(_Byte(value, start + i * BYTE_TIME, start + (i + 1) * BYTE_TIME))
        self._busy_until = start + len(reply) * BYTE_TIME
        return self._busy_until


def _is_understood(request: bytes) -> bool:
    try:
        decode_frame(Direction.TO_METER, request)
    except CodecError:
        return False
    return True
