"""The unit table in C++ matches units.py, for all 256 unit bytes."""

from __future__ import annotations

from fractions import Fraction

from multical.units import NUMBER, UNITS, WIRE_UNITS, WITHOUT_AMOUNT, Unit

from kmp import library
from kmp.library import MAX_UNIT_NAME_SIZE

BY_NUMBER: dict[int, Unit] = {unit.number: unit for unit in UNITS}


def factor(unit: Unit) -> Fraction:
    """Return how many of its quantity's first unit one of a unit is."""
    return unit.factor * Fraction(10) ** unit.exponent


def test_ratios() -> None:
    """From each unit that is sent to each of its quantity, including units that are never sent."""
    for number in range(256):
        source = BY_NUMBER.get(number)
        convertible = {}
        if source and number < WIRE_UNITS and source.quantity not in WITHOUT_AMOUNT:
            convertible = {
                target.number: factor(source) / factor(target)
                for target in UNITS
                if target.quantity == source.quantity
            }
        ratios = {target: library.find_ratio(number, target) for target in range(256)}
        there = {target: ratio for target, ratio in ratios.items() if ratio}
        assert {target: ratio.value for target, ratio in there.items()} == convertible
        for ratio in there.values():
            # The limits that kmp_value.h promises to the arithmetic.
            assert 1 <= ratio.numerator <= 0xFFFF
            assert 1 <= ratio.denominator <= 0xFFFF
            assert -16 <= ratio.exponent <= 16


def test_names() -> None:
    """Each name is complete; unknown units, and 0 whose name is empty, get their number."""
    for number in range(256):
        symbol = BY_NUMBER[number].symbol if number in BY_NUMBER else ""
        name = library.unit_name(number)
        assert name == (symbol or f"unit {number}")
        assert len(name.encode()) < MAX_UNIT_NAME_SIZE


def test_a_plain_number_counts_what_its_register_says() -> None:
    """And nothing else does: a unit that was sent stays what it is."""
    for plain in (*BY_NUMBER, 255):
        for source in (0, 1, 22, NUMBER.number - 1, NUMBER.number, NUMBER.number + 1, 255):
            taken = plain if plain and source in (0, NUMBER.number) else source
            for target in BY_NUMBER:
                ratio = library.find_ratio(source, target, plain)
                assert ratio == library.find_ratio(taken, target)
