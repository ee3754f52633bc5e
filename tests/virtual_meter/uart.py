"""Bytes as bits on a wire, and what a UART makes of bits that were not meant for it.

Everything is counted in bits and parts of bits: exact, and without a clock.
"""

from collections.abc import Sequence

BAUD = 1200
"""Bits per second that the reader's UART expects; 8N2, as documented."""

TICKS = 16
"""Times per bit that the UART looks at the line, as most do."""


def to_bits(data: bytes) -> list[int]:
    """Return the line's levels, one per bit: start bit 0, lowest bit first, two stop bits 1."""
    return [bit for byte in data for bit in (0, *(byte >> i & 1 for i in range(8)), 1, 1)]


def invert(bits: Sequence[int]) -> list[int]:
    """Return the opposite levels."""
    return [1 - bit for bit in bits]


def from_bits(bits: Sequence[int], *, baud: int = BAUD, rest: int = 1) -> bytes:
    """Return the bytes that a UART at `BAUD` receives from a line that carries `bits`.

    baud: how many bits pass per second, above 0; at a speed other than `BAUD` the UART samples in
    the wrong places. rest: the level before and after the bits, 0 or 1; 1 is right.

    A byte begins with a falling edge whose level is still low half a bit later; each bit is
    sampled once, in its middle. A byte whose stop bit is low (a framing error) is delivered all
    the same, as serial drivers do, and the next one needs a new falling edge. So a line that goes
    low for long gives one 0x00, and nothing more until it has been high again.
    """
    end = (len(bits) * BAUD // baud + 12) * TICKS

    def level(tick: int) -> int:
        # Sampling in the middle of a tick never hits a change of level exactly.
        i = (2 * tick + 1) * baud // (2 * TICKS * BAUD)
        return bits[i] if i < len(bits) else rest

    received = bytearray()
    tick, before = 0, rest
    while tick < end:
        now = level(tick)
        if before and not now and not level(tick + TICKS // 2):
            start = tick + TICKS // 2
            received.append(sum(level(start + (i + 1) * TICKS) << i for i in range(8)))
            tick = start + 9 * TICKS
            now = level(tick)
        before = now
        tick += 1
    return bytes(received)
