"""What the component takes of an ESP8266, beside ESPHome's kamstrup_kmp.

script/bench prints all of it.
"""

from __future__ import annotations

import pytest

from .emulator.machines import ESP8266
from .side_by_side.esp8266 import (
    KAMSTRUP_KMP,
    MULTICAL,
    REGISTERS,
    Reading,
    Sizes,
    reading,
    sizes,
)

#: Bytes: more than it takes, so that a large step is noticed.
LARGEST_FLASH = 13_400

pytestmark = [
    pytest.mark.xdist_group("lx106"),
    pytest.mark.skipif(bool(ESP8266.missing), reason=ESP8266.missing),
]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Sizes:
    """The sizes of this component."""
    return sizes(MULTICAL, tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Reading, Reading]:
    """A reading by each of the two."""
    return (
        reading(MULTICAL, tmp_path_factory.mktemp("own-reading")),
        reading(KAMSTRUP_KMP, tmp_path_factory.mktemp("their-reading")),
    )


def test_size_in_flash(own: Sizes) -> None:
    assert 1_000 < own.code < own.flash < LARGEST_FLASH


def test_less_memory_than_theirs(
    own: Sizes, readings: tuple[Reading, Reading], tmp_path_factory: pytest.TempPathFactory
) -> None:
    theirs = sizes(KAMSTRUP_KMP, tmp_path_factory.mktemp("theirs"))
    assert 0 < own.ram + readings[0].heap < theirs.ram + readings[1].heap
    assert own.data == own.bss == 0
    assert theirs.arithmetic > 0, "the division of floats is not counted"


def test_both_read_the_same_meter(readings: tuple[Reading, Reading]) -> None:
    """And ours takes its unit into account: the meter counts MWh."""
    own, theirs = readings
    assert (own.requests, theirs.requests) == (1, len(REGISTERS))
    assert own.states[0] == pytest.approx(theirs.states[0] * 1000, rel=1e-6)
    assert own.states[1:] == pytest.approx(theirs.states[1:], rel=1e-6)


def test_no_heap(readings: tuple[Reading, Reading]) -> None:
    assert readings[0].heap == 0
    assert readings[1].heap > 0, "the heap is not counted"
