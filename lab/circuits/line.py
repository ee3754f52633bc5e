"""Bytes from a voltage or current, as a UART reads them, but stricter.

A level between the two thresholds is neither high nor low. A UART samples the middle of each bit;
here the level must be right for 0.4 bits around it, so that clocks may differ by 2 % (0.2 bits
after ten). And a byte begins both where the line leaves its idle level and where it arrives at
the other one, since nobody knows where in between a given chip switches.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from virtual_meter.uart import BAUD, to_bits

from .spice import Waveform, steps

#: When messages begin, and their bytes.
Messages = list[tuple[float, bytes]]

BIT = 1 / BAUD
BITS = 11
#: The part of a bit in which its level must be right.
BAND = (0.3, 0.7)


class LineError(ValueError):
    """A UART could not read it."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What counts as low and what as high; inverted as in the YAML."""

    low: float
    high: float
    inverted: bool = False

    def bit(self, value: float) -> int | None:
        """Return the bit that a value stands for; None between the thresholds."""
        if value >= self.high:
            return 0 if self.inverted else 1
        if value <= self.low:
            return 1 if self.inverted else 0
        return None

    def threshold(self, bit: int) -> float:
        """Return where values begin to stand for a bit."""
        return self.high if bit != self.inverted else self.low


@dataclass(frozen=True, slots=True)
class Received:
    """What was received, and how well.

    low_margin, high_margin: the least distance to the thresholds where a level was sampled.
    lag: the longest time by which an edge was late, in seconds.
    """

    data: bytes
    low_margin: float
    high_margin: float
    lag: float


def signal(
    messages: Messages, low: float, high: float, edge: float = 1e-6
) -> list[tuple[float, float]]:
    """Return the points of a source that sends messages, each starting at its time; idle is 1."""
    points = [(0.0, high)]
    for start, data in messages:
        levels = [high if bit else low for bit in to_bits(data)]
        points += steps([high, *levels], BIT, start - BIT, edge)[1:]
    return points


def receive(wave: Waveform, levels: Levels) -> Received:
    """Return the bytes on a line; LineError if a UART might read something else."""
    edges = list(changes(wave, levels))
    # The bit that the line stands for, starting at each of these times.
    times, bits = [time for time, _ in edges], [bit for _, bit in edges]
    if bits[0] != 1:
        raise LineError(f"the line does not rest at 1 but has {wave.values[0]:.3g}")
    data = bytearray()
    low_margins: list[float] = []
    high_margins: list[float] = []
    lags: list[float] = []

    def look(left: float, arrived: float, k: int) -> int:
        """Return bit k of a byte that began somewhere between two times."""
        start, end = left + (k + BAND[0]) * BIT, arrived + (k + BAND[1]) * BIT
        first, last = (bisect_right(times, time) - 1 for time in (start, end))
        low, high = wave.extremes(start, end)
        bit = bits[first]
        if bit is None or first != last:
            raise LineError(
                f"bit {k} of the byte at {left * 1000:.2f} ms is undefined: {low:.3g} to {high:.3g}"
            )
        if low >= levels.high:
            high_margins.append(low - levels.high)
        else:
            low_margins.append(levels.low - high)
        if k > 0:
            lags.append(times[first] - (left + k * BIT))
        return bit

    i = 1
    while i < len(bits):
        left = times[i]
        while i + 1 < len(bits) and bits[i] is None:
            i += 1
        arrived = times[i] if bits[i] == 0 else left
        if look(left, arrived, 0) == 1:
            # Over before the middle of a start bit: a UART ignores it.
            i = bisect_right(times, left + BIT / 2)
            continue
        byte = [look(left, arrived, k) for k in range(BITS)]
        if byte[9:] != [1, 1]:
            raise LineError(f"no stop bits after the byte at {left * 1000:.2f} ms: {byte}")
        data.append(sum(bit << k for k, bit in enumerate(byte[1:9])))
        # The line is idle in the second stop bit; what comes next may be a start.
        i = bisect_right(times, arrived + (BITS - 0.5) * BIT)
    return Received(
        data=bytes(data),
        low_margin=min(low_margins, default=inf),
        high_margin=min(high_margins, default=inf),
        lag=max(lags, default=0.0),
    )


def changes(wave: Waveform, levels: Levels) -> Iterator[tuple[float, int | None]]:
    """Yield each time at which a line begins to stand for another bit; None: for neither."""
    before: int | None = None
    for i, value in enumerate(wave.values):
        bit = levels.bit(value)
        if i == 0:
            yield wave.times[0], bit
        elif bit != before:
            (t0, t1), v0 = wave.times[i - 1 : i + 1], wave.values[i - 1]
            slope = (t1 - t0) / (value - v0)
            if before is not None:
                yield t0 + slope * (levels.threshold(before) - v0), None
            if bit is not None:
                yield t0 + slope * (levels.threshold(bit) - v0), bit
        before = bit
