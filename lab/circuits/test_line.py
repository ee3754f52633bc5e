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
    """Return a line that rests at 3.3 V for ten bits, and has each level for one bit."""
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


def _late(part: float) -> Waveform:
    """Return a byte 0xFF whose only rising edge comes late by a part of a bit."""
    rising = START + (1 + part) * BIT
    return _wave([(0, 3.3), (START, 3.3), (START + 1e-6, 0), (rising, 0), (rising + 1e-6, 3.3)])


def test_an_edge_may_be_late_by_a_quarter_of_a_bit() -> None:
    received = receive(_late(0.25), LEVELS)
    assert received.data == b"\xff"
    assert received.lag == pytest.approx(0.25 * BIT, abs=2e-6)


def test_a_disturbance_is_no_byte() -> None:
    dip = [(0, 3.3), (START, 3.3), (START + 1e-6, 0), (START + 50e-6, 0), (START + 51e-6, 3.3)]
    assert receive(_wave(dip), LEVELS).data == b""


@pytest.mark.parametrize(
    ("wave", "why"),
    [
        pytest.param(_wave(signal([(START, b"\x55")], 0.9, 3.3)), "undefined", id="low too high"),
        pytest.param(
            _wave(signal([(START, b"\x55")], 0.0, 2.4)), "does not rest", id="high too low"
        ),
        pytest.param(_wave(signal([(START, b"\x55")], 3.3, 0.0)), "does not rest", id="wrong rest"),
        pytest.param(_bits(0, 2, 3.3), "bit 1", id="one bit too low"),
        pytest.param(_late(0.35), "bit 1", id="edge too late"),
        # From rest to 0 takes most of a bit: where the byte begins is anybody's guess.
        pytest.param(
            _wave(signal([(START, b"\x55")], 0.0, 3.3, edge=0.8 * BIT)),
            "undefined",
            id="slow start",
        ),
        pytest.param(_bits(*[0.0] * 11), "no stop bits", id="no stop bits"),
        pytest.param(_bits(*[0.0] * 9, 3.3, 0.0), "no stop bits", id="one stop bit"),
    ],
)
def test_what_a_uart_might_misread_is_refused(wave: Waveform, why: str) -> None:
    with pytest.raises(LineError, match=why):
        receive(wave, LEVELS)
