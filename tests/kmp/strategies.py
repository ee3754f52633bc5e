"""Hypothesis strategies for what occurs in KMP; awkward cases are more frequent than by chance."""

from __future__ import annotations

from hypothesis import strategies as st

from kmp import oracle
from kmp.library import Number

MAX_EXPONENT = 63

special_bytes = st.sampled_from(oracle.SPECIAL)
#: PyKMP unescapes these bytes twice when they follow 1B as data.
complements = st.sampled_from(bytes(byte ^ 0xFF for byte in oracle.SPECIAL))
line_bytes = st.one_of(special_bytes, complements, st.integers(0, 255))

register_ids = st.one_of(
    st.tuples(line_bytes, line_bytes).map(lambda pair: pair[0] << 8 | pair[1]),
    st.integers(0, 1100),
)

exponents = st.integers(-MAX_EXPONENT, MAX_EXPONENT)
mantissas = st.one_of(
    st.integers(0, 2**32 - 1),
    # One register has 32 bits, a sum of two has more.
    st.integers(0, 2**64 - 1),
    st.integers(0, 64).map(lambda bits: (1 << bits) - 1),
    # Around 2^24 and its multiples, floats begin to have gaps, and ties occur.
    st.builds(
        lambda high, low, shift: ((high << 1 | 1) << shift) + low & 0xFFFFFFFF,
        st.integers(2**23, 2**24 - 1),
        st.integers(-1, 1),
        st.integers(0, 7),
    ),
)
numbers = st.builds(Number, mantissas, exponents, st.booleans())


def value_bytes(size: int) -> st.SearchStrategy[bytes]:
    """Return value bytes of one size."""
    return st.lists(line_bytes, min_size=size, max_size=size).map(bytes)
