"""One request at a time over a port, as slowly as a meter wants it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from .codec import (
    METER_ADDRESS,
    STOP,
    CodecError,
    Direction,
    Frame,
    decode_frame,
    encode_frame,
)

#: Seconds. The meter may take 1.6 s to begin (Kamstrup's document on KMP, 2.1); the rest is for
#: the network in between.
RESPONSE_TIMEOUT = 3.0
#: A reply whose next byte takes longer has been cut off; like the firmware's LONGEST_GAP.
LONGEST_GAP = 0.5
#: What takes longer is noise: 2,000 bytes.
LONGEST_REPLY = 20.0
#: After a failure the meter discards what comes earlier (2.1); after a reply it needs a byte time.
PAUSE_AFTER_FAILURE = 1.6
PAUSE_AFTER_REPLY = 0.05


class Port(Protocol):
    """Something that bytes go through."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def read(self, timeout: float) -> bytes:
        """Return what comes within `timeout` seconds, as soon as there is anything."""


class Line:
    """Asks a meter. on_exchange: called with each request frame, and what came: the raw bytes."""

    def __init__(
        self, port: Port, on_exchange: Callable[[bytes, bytes], None] = lambda *_: None
    ) -> None:
        """Take a port that is open."""
        self._port = port
        self._on_exchange = on_exchange
        self._free_at = time.monotonic()
        #: What it has cost so far: requests, those without a right reply, bytes in both directions
        #: as they go over the line, and seconds from a request to its reply.
        self.requests = 0
        self.failed = 0
        self.size = 0
        self.seconds = 0.0

    def ask(self, command: int, data: bytes) -> bytes | None:
        """Return the data of the reply; None when no right one came."""
        time.sleep(max(self._free_at - time.monotonic(), 0))
        while self._port.read(0):
            pass  # what came late
        request = encode_frame(Direction.TO_METER, Frame(METER_ADDRESS, command, data))
        begin = time.monotonic()
        self._port.write(request)
        raw = self._receive()
        self._on_exchange(request, raw)
        reply = find_reply(raw, command)
        self.requests += 1
        self.failed += reply is None
        # An optical head hears its own request, which goes over the line only once.
        self.size += len(request) + len(raw.removeprefix(request))
        self.seconds += time.monotonic() - begin
        self._free_at = time.monotonic() + (
            PAUSE_AFTER_FAILURE if reply is None else PAUSE_AFTER_REPLY
        )
        return reply

    def _receive(self) -> bytes:
        """Return everything up to the stop byte of a frame, or until nothing comes any more."""
        end = time.monotonic() + LONGEST_REPLY
        raw = self._port.read(RESPONSE_TIMEOUT)
        while raw and not is_complete(raw) and time.monotonic() < end:
            more = self._port.read(LONGEST_GAP)
            if not more and bytes((Direction.FROM_METER,)) not in raw:
                # Our own request came back from the optical head, and the meter still thinks.
                more = self._port.read(RESPONSE_TIMEOUT - LONGEST_GAP)
            if not more:
                break
            raw += more
        return raw


def is_complete(raw: bytes) -> bool:
    """Tell whether a frame from the meter has come to its end."""
    return bytes((STOP,)) in raw[raw.rfind(Direction.FROM_METER) :] and Direction.FROM_METER in raw


def find_reply(raw: bytes, command: int) -> bytes | None:
    """Return the data of the last frame that answers a command, whatever came before it."""
    start = raw.rfind(Direction.FROM_METER)
    stop = raw.find(STOP, start)
    if start < 0 or stop < 0:
        return None
    try:
        frame = decode_frame(Direction.FROM_METER, raw[start : stop + 1])
    except CodecError:
        return None
    return frame.data if (frame.address, frame.command) == (METER_ADDRESS, command) else None
