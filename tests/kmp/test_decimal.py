"""Numbers become the float nearest to their true value, in the units that sensors have."""

from __future__ import annotations

import math
import struct
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from multical.units import UNIT_BY_SYMBOL, UNITS, WIRE_UNITS, WITHOUT_AMOUNT, Unit

from kmp import library
from kmp.exact import nearest_float32
from kmp.library import Number, Ratio
from kmp.strategies import MAX_EXPONENT, exponents, numbers

LARGEST = float(2**128 - 2**104)
SMALLEST = 2.0**-149
#: Error of the double before it becomes a float: at most 82 steps, each off by half a last bit.
LARGEST_ERROR = Fraction(82, 2**53)
INFINITY = 0x7F800000  # the bits of the float; all finite ones are smaller

PAIRS = [
    (source, target)
    for source in UNITS
    for target in UNITS
    if source.number < WIRE_UNITS
    and source.quantity == target.quantity
    and source.quantity not in WITHOUT_AMOUNT
]


def expect(number: Number, ratio: Ratio) -> None:
    """Check one conversion: the nearest float, or near the midpoint of two one of them."""
    result = library.to_float(number, ratio)
    true = number.value * ratio.value
    nearest = nearest_float32(true)
    if result != nearest:
        said = f"{number} * {ratio}: {result!r}, not {nearest!r}"
        assert abs(bits_of(result) - bits_of(nearest)) == 1, said
        middle = (float_with_bits(bits_of(result)) + float_with_bits(bits_of(nearest))) / 2
        assert abs(abs(true) - middle) <= abs(true) * LARGEST_ERROR, said
    # A negative number too small for a float is -0.0, but the number 0 itself has no sign.
    negative = number.negative and number.mantissa != 0
    assert math.copysign(1, result) == (-1 if negative else 1)


def bits_of(value: float) -> int:
    """Return the bits of a float without its sign."""
    return struct.unpack("I", struct.pack("f", abs(value)))[0]


def float_with_bits(bits: int) -> Fraction:
    """Return the value of the float with these bits, as if infinity were the next number."""
    if bits == INFINITY:
        return Fraction(2) ** 128
    return Fraction(struct.unpack("f", struct.pack("I", bits))[0])


def number_near(value: Fraction, ratio: Ratio, exponent: int) -> int:
    """Return the mantissa whose converted number is nearest to a value."""
    return round(value / ratio.value / Fraction(10) ** exponent)


ratios = st.one_of(
    st.just(Ratio()),
    st.sampled_from(PAIRS).map(lambda pair: library.find_ratio(pair[0].number, pair[1].number)),
    st.builds(Ratio, st.integers(1, 0xFFFF), st.integers(1, 0xFFFF), st.integers(-16, 16)),
)


@given(numbers, ratios)
@example(Number(0, 63, True), Ratio())
@example(Number(2**64 - 1, 63), Ratio(0xFFFF, 1, 16))  # the longest dividend
@example(Number(0xFFFFFFFF, 63), Ratio(0xFFFF, 1, 16))
@example(Number(2**32), Ratio())
@example(Number(0xFFFFFFFF, -63), Ratio(1, 0xFFFF, -16))  # the longest divisor
@example(Number(1, -63, True), Ratio(1, 0xFFFF, -16))
def test_to_float(number: Number, ratio: Ratio) -> None:
    expect(number, ratio)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (Number(2**24), 2.0**24),
        (Number(2**24 + 1), 2.0**24),  # tie, down to even
        (Number(2**24 + 3), 2.0**24 + 4),  # tie, up to even
        (Number(2**25 - 1), 2.0**25),  # tie that carries into the exponent
        (Number(2**32 - 1), 2.0**32),
        (Number(80713078), 80713080.0),
        (Number(55006, -3), 55.006000518798828125),
        (Number(1, -45), SMALLEST),  # denormal
        (Number(7, -46), 0.0),  # less than half of it, 7.006e-46
        (Number(8, -46), SMALLEST),
        (Number(1, -63), 0.0),
        (Number(1, 38), 1e38),
        (Number(34028235, 31), LARGEST),
        (Number(34028236, 31), math.inf),
        (Number(1, 39), math.inf),
        (Number(2**32 - 1, 63), math.inf),
    ],
)
def test_known_floats(number: Number, expected: float) -> None:
    """Values calculated by hand; for 1e38, the comparison value itself is rounded."""
    expected = struct.unpack("f", struct.pack("f", expected))[0]
    assert library.to_float(number) == expected
    assert library.to_float(number._replace(negative=True)) == -expected


@given(
    st.one_of(st.integers(0, INFINITY - 1), st.integers(1, 8).map(lambda i: INFINITY - i)),
    exponents,
    st.sampled_from(PAIRS),
    st.integers(-1, 1),
    st.booleans(),
)
def test_close_to_a_tie(
    bits: int, exponent: int, pair: tuple[Unit, Unit], offset: int, negative: bool
) -> None:
    """Numbers as near as possible to the midpoint between two floats."""
    ratio = library.find_ratio(pair[0].number, pair[1].number)
    assert ratio is not None
    middle = (float_with_bits(bits) + float_with_bits(bits + 1)) / 2
    # With most exponents no mantissa comes near most floats: use the midpoint's own.
    size = math.log10(middle / ratio.value) if middle else 0
    exponent = max(-MAX_EXPONENT, min(MAX_EXPONENT, math.floor(size) - 9 + exponent % 4))
    mantissa = number_near(middle, ratio, exponent) + offset
    assume(0 <= mantissa <= 0xFFFFFFFF)
    expect(Number(mantissa, exponent, negative), ratio)


@pytest.mark.parametrize("decimals", range(5, 13))
def test_nearest_misses_of_a_tie(decimals: int) -> None:
    """Quotients so close to the middle between two floats that no double is between them.

    With a divisor b, a quotient a/b is closest to a midpoint m without being equal to it when
    a * 2^24 = m * b +- 1. A single extra rounding on the way shows up here.
    """
    power = 5**decimals
    largest = min(0xFFFF, 2**29 // power)
    divisors = [(n, n * power) for n in range(1, largest + 1, 2) if n * power > 2**26]
    assert divisors
    for denominator, divisor in divisors[-40:]:
        for off in (-1, 1):
            middle = 2**24 + -off * pow(divisor, -1, 2**24) % 2**24
            mantissa = (middle * divisor + off) // 2**24
            assert mantissa * 2**24 == middle * divisor + off
            number, ratio = Number(mantissa, -decimals), Ratio(1, denominator)
            assert library.to_float(number, ratio) == nearest_float32(number.value * ratio.value)


#: What meters have on the display and send, at least one of each quantity.
DISPLAYED = (
    "kWh",
    "MWh",
    "GJ",
    "Gcal",
    "kW",
    "MW",
    "m³",
    "L/h",
    "m³/h",
    "°C",
    "K",
    "t",
    "h",
    "bar",
)
MOST_DECIMALS = 3
#: Nobody sees his heat in these.
TINY = ("cal", "kcal", "J")
SENSIBLE = [pair for pair in PAIRS if pair[0].symbol in DISPLAYED and pair[1].symbol not in TINY]


@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, MOST_DECIMALS),
    st.sampled_from(SENSIBLE),
    st.booleans(),
)
@example(5_999_999_999 % 2**32, 3, (UNIT_BY_SYMBOL["MWh"], UNIT_BY_SYMBOL["GJ"]), False)
def test_what_meters_send(
    mantissa: int, decimals: int, pair: tuple[Unit, Unit], negative: bool
) -> None:
    """It becomes the nearest float, in each unit that makes sense."""
    ratio = library.find_ratio(pair[0].number, pair[1].number)
    assert ratio is not None
    number = Number(mantissa, -decimals, negative)
    assert library.to_float(number, ratio) == nearest_float32(number.value * ratio.value)


@given(st.integers(0, 2**43), st.sampled_from(["Wh", "kWh", "MWh", "GWh", "J", "GJ", "Gcal"]))
def test_what_is_joined_of_two_registers(joule: int, symbol: str) -> None:
    """It is longer than any number of a single register."""
    result = library.convert(
        Number(joule), UNIT_BY_SYMBOL["J"].number, UNIT_BY_SYMBOL[symbol].number
    )
    target = UNIT_BY_SYMBOL[symbol]
    assert result == nearest_float32(joule / (target.factor * Fraction(10) ** target.exponent))


@pytest.mark.parametrize(
    ("number", "source", "target", "expected"),
    [
        (Number(1), "MWh", "GJ", 3.6),
        (Number(1), "GJ", "kWh", 1000 / 3.6),
        (Number(1), "Gcal", "MWh", 1.163),
        (Number(1), "GJ x 10", "GJ", 10.0),
        (Number(1), "m³ x 10", "m³", 10.0),
        (Number(55006, -3), "MWh", "MWh", 55.006),
        (Number(120), "L/h", "L/min", 2.0),
        (Number(1), "t", "kg", 1000.0),
        (Number(1), "d", "h", 24.0),
        (Number(36), "number", "", 36.0),
    ],
)
def test_known_conversions(number: Number, source: str, target: str, expected: float) -> None:
    """Values from a physics book."""
    numbers_ = UNIT_BY_SYMBOL[source].number, UNIT_BY_SYMBOL[target].number
    assert library.convert(number, *numbers_) == pytest.approx(expected, rel=1e-7)
