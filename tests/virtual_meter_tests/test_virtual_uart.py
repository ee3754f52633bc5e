"""Bits on a wire, and a UART that samples them; the expected bytes are worked out by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from virtual_meter.uart import BAUD, from_bits, invert, to_bits


def test_bits_of_a_byte() -> None:
    assert to_bits(b"\x0d") == [0, 1, 0, 1, 1, 0, 0, 0, 0, 1, 1]


@settings(max_examples=100, deadline=None, database=None)
@given(st.binary(max_size=40), st.integers(0, 30), st.integers(-40, 40))
def test_nearly_the_right_speed(data: bytes, rest: int, off: int) -> None:
    """Every byte arrives, even after a pause; a UART tolerates half a bit in nine and a half."""
    assert from_bits([1] * rest + to_bits(data), baud=BAUD + off) == data


@pytest.mark.parametrize(
    ("data", "baud", "received"),
    [
        # The start bit is over before its middle is sampled.
        ("ff", 2400, ""),
        # The first two low bits are too short; from the third on 0 0 | 0 1 and idle.
        ("0d", 2400, "fe"),
        # Nine low bits, every second one sampled: start and three bits.
        ("00", 2400, "f8"),
        # A low of 18 bits: one byte with a framing error, and no second falling edge.
        ("00", 600, "00"),
        # Each bit twice: 0 | 01100110 | 0, a framing error; then 11, and 0 | 01100111 | 1.
        ("55", 600, "66e6"),
        # A low of four bits, many times.
        ("ff" * 10, 300, "f8" * 10),
    ],
)
def test_other_speeds(data: str, baud: int, received: str) -> None:
    assert from_bits(to_bits(bytes.fromhex(data)), baud=baud).hex() == received


@pytest.mark.parametrize(
    ("data", "received"),
    [
        # Nine high, two low and then idle: a falling edge at the end, and no other.
        ("00", "00"),
        # One high, then low forever.
        ("ff", "00"),
        # High for a bit, and from there the same pattern one bit later, with a low stop bit.
        ("55", "55"),
    ],
)
def test_inverted(data: str, received: str) -> None:
    """The line is low when idle; framing errors are delivered."""
    assert from_bits(invert(to_bits(bytes.fromhex(data))), rest=0).hex() == received


def test_lows_of_any_length() -> None:
    """A low of any length is one 00; a short dip is nothing; a low line sends nothing."""
    assert from_bits(([0] * 38 + [1] * 50) * 3) == b"\0\0\0"
    assert from_bits([0] * 1000) == b"\0"
    assert from_bits([0], baud=3 * BAUD) == b""
    assert from_bits([0] * 100, rest=0) == b""
