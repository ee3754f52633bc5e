"""Info codes: the forms in which meters send them, and their names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multical.info_codes import FIRST_OF_WATER, INFO_CODES, Form, InfoCode

from kmp import library
from kmp.library import MAX_INFO_TEXT_SIZE, InfoForm

# Written from the manufacturer's documents, not from the table.
DOCUMENTED = {
    # 403, M-Bus bits as its technical description lists them.
    InfoForm.BITS: {
        1: "no supply",
        8: "t1 above range",
        16: "t2 above range",
        32: "t1 below range",
        64: "t2 below range",
        128: "invalid difference",
        256: "v1 air",
        4096: "input a leak",
        8192: "input b leak",
        16384: "input a alarm",
        32768: "input b alarm",
    },
    # 602, technical description 6.11.2.
    InfoForm.SUM: {
        1: "no supply",
        4: "t2 out of range",
        8: "t1 out of range",
        16: "v1 communication error",
        32: "t3 out of range",
        64: "cold water leak",
        128: "v2 wrong pulse figure",
        256: "heating system leak",
        512: "heating system burst",
        1024: "v2 communication error",
        2048: "v1 wrong pulse figure",
        4096: "v1 air",
        8192: "v2 air",
        16384: "v1 wrong direction",
        32768: "v2 wrong direction",
        12: "t1 out of range, t2 out of range",
    },
    # MULTICAL 21 and flowIQ 2101, technical description p. 50; hour counters are above.
    InfoForm.WATER: {
        1: "dry",
        2: "reverse",
        4: "leak",
        8: "burst",
        0x240: "none",
        0x248: "burst",
    },
    # The 403 guide's own example, and what the other displays show.
    InfoForm.DIGITS: {
        10200090: "no supply, t2 below range, input a alarm",
        20000000: "low battery",
        90000000: "external alarm",
        9900000: "invalid difference",
        1100000: "t1 above range, t2 above range",
        6600: "v1 high flow, v2 high flow",
        98: "input b leak, input a alarm",
    },
}


@pytest.mark.parametrize("form", DOCUMENTED)
def test_documented(form: InfoForm) -> None:
    for value, names in DOCUMENTED[form].items():
        assert library.info(value, form).names == names


@pytest.mark.parametrize(
    ("value", "form", "names"),
    [
        (0x400, InfoForm.BITS, "unknown in 0x00000400"),
        (0x4000008, InfoForm.BITS, "t1 above range, unknown in 0x04000008"),
        (2, InfoForm.SUM, "unknown in 2"),
        (65536 + 8, InfoForm.SUM, "t1 out of range, unknown in 65544"),
        (0, InfoForm.UNKNOWN, "unknown in 0"),
        (12000, InfoForm.DIGITS, "t3 above range, unknown in 00012000"),
        # 9 means a wrong difference only if it is in both places.
        (9000000, InfoForm.DIGITS, "unknown in 09000000"),
        (9100000, InfoForm.DIGITS, "t2 above range, unknown in 09100000"),
        (4294967295, InfoForm.DIGITS, "external alarm, input a alarm, unknown in 4294967295"),
    ],
)
def test_unknown(value: int, form: InfoForm, names: str) -> None:
    assert library.info(value, form).names == names


def bits_of(code: InfoCode, value: int, form: InfoForm) -> int:
    """Return the part of a value that shows an active code; one digit has four bits.

    0: the code is not active.
    """
    if form == InfoForm.DIGITS:
        explained = 0
        for place, digit in code.digits:
            if value // 10 ** (8 - place) % 10 != digit:
                return 0
            explained |= 0xF << 4 * (8 - place)
        return explained
    mask = {
        InfoForm.BITS: 1 << code.number if Form.BITS in code.forms else 0,
        InfoForm.SUM: code.summand,
        InfoForm.WATER: 1 << code.number >> FIRST_OF_WATER,
    }
    return value & mask[form]


digits = st.lists(st.sampled_from((0, 0, 1, 2, 3, 4, 6, 8, 9, 5)), min_size=8, max_size=8)
values = st.one_of(
    st.integers(0, 2**32 - 1),
    st.sets(st.integers(0, 31), max_size=3).map(lambda bits: sum(1 << bit for bit in bits)),
    digits.map(lambda each: int("".join(map(str, each)))),
)


@given(values, st.sampled_from(InfoForm))
def test_any_value(value: int, form: InfoForm) -> None:
    """It means what the table says about each part of it."""
    info = library.info(value, form)
    explained = {}
    if form != InfoForm.UNKNOWN:
        explained = {code: bits for code in INFO_CODES if (bits := bits_of(code, value, form))}
    rest = int(f"{value:08}", 16) if form == InfoForm.DIGITS else value
    for bits in explained.values():
        rest &= ~bits
    assert info.tellable == {code.number for code in INFO_CODES if form in {*code.forms}}
    assert info.active == {code.number for code in explained}
    assert info.has_unknown == (form == InfoForm.UNKNOWN or (rest != 0 and form != InfoForm.WATER))
    number = {
        InfoForm.BITS: f"0x{value:08X}",
        InfoForm.DIGITS: f"{value:08}",
        InfoForm.WATER: f"0x{value:04X}",
    }.get(form, str(value))
    assert info.number == number

    names = [code.name for code in sorted(explained, key=lambda code: code.number)]
    if info.has_unknown:
        names.append(f"unknown in {number}")
    whole = ", ".join(names) or "none"
    # Names that do not fit become dots, and only those.
    shown = info.names.removesuffix(", ...")
    assert len(info.names) < MAX_INFO_TEXT_SIZE
    if info.names != whole:
        assert info.names != shown
        assert whole.startswith(f"{shown}, ")
        one_more = ", ".join(names[: shown.count(", ") + 2])
        assert len(f"{one_more}, ...") >= MAX_INFO_TEXT_SIZE


def test_table() -> None:
    keys = {code.key for code in INFO_CODES}
    numbers = {code.number for code in INFO_CODES}
    assert len(numbers) == len(keys) == len(INFO_CODES)
    assert all(code.key.isidentifier() and code.key.islower() for code in INFO_CODES)
    assert all(0 <= code.number < 64 and code.meaning and code.forms for code in INFO_CODES)
    # Bits 10 and 26 are not in any list.
    assert {number for number in numbers if number < 32} == set(range(32)) - {10, 26}
    documented = {code.number for code in INFO_CODES if code.documented and code.number < 32}
    assert {1 << number for number in documented} == DOCUMENTED[InfoForm.BITS].keys()
    summands = {code.summand for code in INFO_CODES} - {0}
    assert summands == DOCUMENTED[InfoForm.SUM].keys() - {12}
