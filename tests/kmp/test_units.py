"""The unit table in C++ says what units.py says, for all 256 unit bytes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from multical.units import NUMBER, UNITS, WIRE_UNITS, WITHOUT_AMOUNT, Unit

from kmp import library
from kmp.library import MAX_UNIT_NAME_SIZE

BY_NUMBER: dict[int, Unit] = {unit.number: unit for unit in UNITS}


def convertible(source: int, target: int) -> bool:
    """Tell from units.py whether a value on the wire can be shown in another unit."""
    if source not in BY_NUMBER or target not in BY_NUMBER or source >= WIRE_UNITS:
        return False
    quantity = BY_NUMBER[source].quantity
    return quantity == BY_NUMBER[target].quantity and quantity not in WITHOUT_AMOUNT


@pytest.mark.parametrize("source", range(256))
def test_ratios(source: int) -> None:
    """Quantities, factors and exponents: the ratio to each of the 256 others."""
    for target in range(256):
        ratio = library.find_ratio(source, target)
        if not convertible(source, target):
            assert ratio is None
            continue
        assert ratio is not None
        assert ratio.value == Fraction(
            BY_NUMBER[source].factor, BY_NUMBER[target].factor
        ) * Fraction(10) ** (BY_NUMBER[source].exponent - BY_NUMBER[target].exponent)
        # The limits that kmp_value.h promises to the arithmetic.
        assert 1 <= ratio.numerator <= 0xFFFF
        assert 1 <= ratio.denominator <= 0xFFFF
        assert -16 <= ratio.exponent <= 16


@pytest.mark.parametrize("number", range(256))
def test_names(number: int) -> None:
    """Each name is whole; what is unknown, and 0 whose name is empty, gets its number."""
    symbol = BY_NUMBER[number].symbol if number in BY_NUMBER else ""
    name = library.unit_name(number)
    assert name == (symbol or f"unit {number}")
    assert len(name.encode()) < MAX_UNIT_NAME_SIZE


def test_wire_numbers() -> None:
    """Units above the wire's are targets only."""
    beyond = [unit.number for unit in UNITS if unit.number >= WIRE_UNITS]
    assert beyond
    for number in beyond:
        assert all(library.find_ratio(number, target) is None for target in range(256))
        assert any(library.find_ratio(source, number) for source in range(WIRE_UNITS))


@pytest.mark.parametrize("plain", range(256))
def test_a_plain_number_counts_what_its_register_says(plain: int) -> None:
    """And nothing else does: a unit that was sent stays what it is."""
    for source in range(256):
        taken = plain if plain and source in (0, NUMBER.number) else source
        for target in BY_NUMBER:
            ratio = library.find_ratio(source, target, plain)
            assert ratio == library.find_ratio(taken, target)
