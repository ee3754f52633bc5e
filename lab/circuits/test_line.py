"""The receiver of the simulations is stricter than a UART."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis.strategies import binary, booleans

from .line import BIT, Levels, LineError, receive, signal
from .spice import Waveform, steps

START = 10 * BIT
LEVELS = Levels(0.8, 2.5)


def _wave(points: list[tuple[float, float]]) -> Waveform:
    """Return a line that goes through these points, and keeps the last level for a second."""
    points = [*points, (points[-1][0] + 1, points[-1][1])]
    return Waveform([time for time, _ in points], [value for _, value in points])


def _bits(*levels: float) -> Waveform:
    """Return a line that is idle at 3.3 V for ten bits, then has each level for one bit."""
    return _wave(steps([*[3.3] * 10, *levels, 3.3], BIT, 0, 1e-6))


@given(binary(min_size=1, max_size=16), binary(min_size=1, max_size=16), booleans())
def test_all_bytes_come_back(first: bytes, second: bytes, inverted: bool) -> None:
    # Ones are 0.1 V beyond their threshold, zeros 0.3 V.
    one, zero = (0.7, 2.8) if inverted else (2.6, 0.5)
    wave = _wave(signal([(START, first), (START + 200 * BIT, second)], zero, one))
    received = receive(wave, Levels(0.8, 2.5, inverted))
    assert received.data == first + second
    margins = {round(received.low_margin, 6), round(received.high_margin, 6)}
    assert margins == {0.1, 0.3}
    assert (received.low_margin < received.high_margin) == inverted
    assert received.lag < 2e-6


def _start_bit(length: float, fall: float = 0.001, middle: float = 0) -> Waveform:
    """Return a byte 0xFF with a start bit of this length.

    fall: how long its first edge takes. Both are in bits. middle: the volts in its middle.
    """
    points = [(0, 3.3), (fall, 0.0), (length / 2, middle), (length, 0.0), (length + 0.001, 3.3)]
    return _wave([(0, 3.3), *((START + time * BIT, volts) for time, volts in points)])


def test_an_edge_may_be_late_by_a_quarter_of_a_bit() -> None:
    received = receive(_start_bit(1.25), LEVELS)
    assert received.data == b"\xff"
    assert received.lag == pytest.approx(0.25 * BIT, abs=2e-6)


def test_margins_are_those_of_the_worst_moment() -> None:
    assert receive(_start_bit(1, middle=0.7), LEVELS).low_margin == pytest.approx(0.1)


def test_a_disturbance_is_no_byte() -> None:
    dip = [(0, 3.3), (START, 3.3), (START + 1e-6, 0), (START + 50e-6, 0), (START + 51e-6, 3.3)]
    assert receive(_wave(dip), LEVELS).data == b""
    byte = signal([(START + 2 * BIT, b"\x55")], 0, 3.3)
    assert receive(_wave([*dip, *byte[1:]]), LEVELS).data == b"\x55"


def _byte(zero: float, one: float, edge: float = 1e-6) -> Waveform:
    return _wave(signal([(START, b"\x55")], zero, one, edge))


#: Lines, and the errors about them.
REFUSED = {
    "low too high": (_byte(0.9, 3.3), "undefined"),
    "high too low": (_byte(0.0, 2.4), "does not rest"),
    "wrong rest": (_byte(3.3, 0.0), "does not rest"),
    "one bit too low": (_bits(0, 2, 3.3), "bit 1"),
    "edge too late": (_start_bit(1.35), "bit 1"),
    "slow start, early edge": (_start_bit(0.85, fall=0.4), "bit 0"),
    # From idle to 0 takes most of a bit: nobody knows where the byte begins.
    "slow start": (_byte(0.0, 3.3, edge=0.8 * BIT), "undefined"),
    "no stop bits": (_bits(*[0.0] * 11), "no stop bits"),
    "one stop bit": (_bits(*[0.0] * 9, 3.3, 0.0), "no stop bits"),
}


@pytest.mark.parametrize(("wave", "why"), REFUSED.values(), ids=REFUSED)
def test_what_a_uart_might_misread_is_refused(wave: Waveform, why: str) -> None:
    with pytest.raises(LineError, match=why):
        receive(wave, LEVELS)
