"""The receiver of the simulations is stricter than a UART."""

from __future__ import annotations

import pytest

from .line import BIT, Levels, LineError, receive, signal
from .spice import Waveform, steps

ALL_BYTES = bytes(range(256))
LEVELS = Levels(0.8, 2.5)


def _wave(points: list[tuple[float, float]], end: float = 1.0) -> Waveform:
    points = [*points, (max(end, points[-1][0] + 1e-6), points[-1][1])]
    return Waveform([time for time, _ in points], [value for _, value in points])


def _bits(*levels: float) -> Waveform:
    """Return a line that rests at 3.3 V for ten bits, and has each level for one bit."""
    return _wave(steps([*[3.3] * 10, *levels, 3.3], BIT, 0, 1e-6), 40 * BIT)


@pytest.mark.parametrize("inverted", [False, True])
def test_every_byte_comes_back(inverted: bool) -> None:
    rest, other = (0.0, 3.3) if inverted else (3.3, 0.0)
    wave = _wave(signal([(0.01, ALL_BYTES), (2.4, b"\x80\x3f")], other, rest), 2.5)
    received = receive(wave, Levels(0.8, 2.5, inverted))
    assert received.data == ALL_BYTES + b"\x80\x3f"
    assert received.low_margin == pytest.approx(0.8)
    assert received.high_margin == pytest.approx(0.8)
    assert received.lag < 2e-6


def test_margins_are_the_distance_to_the_thresholds() -> None:
    received = receive(_wave(signal([(0.01, b"\x55")], 0.5, 2.6)), LEVELS)
    assert received.low_margin == pytest.approx(0.3)
    assert received.high_margin == pytest.approx(0.1)


@pytest.mark.parametrize(("low", "high"), [(0.9, 3.3), (0.0, 2.4)])
def test_a_level_between_the_thresholds_is_refused(low: float, high: float) -> None:
    with pytest.raises(LineError):
        receive(_wave(signal([(0.01, b"\x55")], low, high)), LEVELS)


def test_a_line_at_the_wrong_rest_is_refused() -> None:
    wave = _wave(signal([(0.01, b"\x55")], 0.0, 3.3))
    with pytest.raises(LineError, match="does not rest"):
        receive(wave, Levels(0.8, 2.5, inverted=True))


@pytest.mark.parametrize(("late", "right"), [(0.25, True), (0.35, False)])
def test_an_edge_may_be_late_by_a_quarter_of_a_bit(late: float, right: bool) -> None:
    start = 10 * BIT
    # 0xFF, whose only rising edge comes late.
    points = [(0, 3.3), (start, 3.3), (start + 1e-6, 0), (start + (1 + late) * BIT, 0)]
    wave = _wave([*points, (start + (1 + late) * BIT + 1e-6, 3.3)])
    if right:
        received = receive(wave, LEVELS)
        assert received.data == b"\xff"
        assert received.lag == pytest.approx(late * BIT, abs=2e-6)
    else:
        with pytest.raises(LineError, match="bit 1"):
            receive(wave, LEVELS)


def test_a_start_bit_counts_from_both_ends_of_its_edge() -> None:
    # From rest to 0 takes most of a bit: where the byte begins is anybody's guess.
    wave = _wave(signal([(0.01, b"\x55")], 0.0, 3.3, edge=0.8 * BIT))
    with pytest.raises(LineError):
        receive(wave, LEVELS)


def test_a_disturbance_is_no_byte() -> None:
    start = 10 * BIT
    dip = [(0, 3.3), (start, 3.3), (start + 1e-6, 0), (start + 50e-6, 0), (start + 51e-6, 3.3)]
    assert receive(_wave(dip), LEVELS).data == b""


def test_a_byte_without_stop_bits_is_refused() -> None:
    with pytest.raises(LineError, match="stop"):
        receive(_bits(*[0.0] * 11), LEVELS)
