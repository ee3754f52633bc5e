"""How IEEE 754 rounds, computed with exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction


def nearest_float32(value: Fraction) -> float:
    """Return the 32-bit float nearest to a value; of two equally near floats, the even one."""
    exponent = abs(value.numerator).bit_length() - value.denominator.bit_length()
    if abs(value) < Fraction(2) ** exponent:
        exponent -= 1
    # Floats this large are multiples of 2^(exponent - 23), or of 2^-149 if they are denormal.
    step = Fraction(2) ** max(exponent - 23, -149)
    rounded = abs(round(value / step) * step)  # round() rounds ties to even
    magnitude = float(rounded) if rounded < 2**128 else math.inf
    return -magnitude if value < 0 else magnitude
