"""Info codes: the forms in which meters send them, and their names."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from multical.info_codes import INFO_CODES, Form, InfoCode

from kmp import library
from kmp.library import MAX_INFO_TEXT_SIZE, InfoForm

BY_NUMBER = {code.number: code for code in INFO_CODES}
BY_KEY = {code.key: code for code in INFO_CODES}
values = st.integers(0, 2**32 - 1)
forms = st.sampled_from(list(InfoForm))


def names(value: int, form: InfoForm) -> str:
    """Return the text of all active codes."""
    return library.info(value, form).names


# Written from the manufacturer's documents, not from the table.

#: 403, M-Bus bits as its technical description lists them.
DOCUMENTED_BITS = {
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
}
#: MULTICAL 21 and flowIQ 2101, technical description p. 50.
WATER_21 = {1: "dry", 2: "reverse", 4: "leak", 8: "burst"}
#: 602, technical description 6.11.2.
SUM_602 = {
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
}


@pytest.mark.parametrize(("value", "name"), DOCUMENTED_BITS.items())
def test_documented_bits(value: int, name: str) -> None:
    assert names(value, InfoForm.BITS) == name
    assert {code.number for code in INFO_CODES if code.documented and code.number < 32} == {
        bit.bit_length() - 1 for bit in DOCUMENTED_BITS
    }


@given(st.integers(0, 0xFFFF))
@example(0x0100)
@example(0x0240)
def test_water(value: int) -> None:
    """Four names; whatever the counters of hours above them say, it is no code."""
    info = library.info(value, InfoForm.WATER)
    shown = [name for bit, name in WATER_21.items() if value & bit]
    assert info.names == (", ".join(shown) or "none")
    assert info.number == f"0x{value:04X}"
    assert not info.has_unknown
    assert info.tellable == {BY_KEY[name].number for name in WATER_21.values()}


@pytest.mark.parametrize(("value", "name"), SUM_602.items())
def test_sum(value: int, name: str) -> None:
    assert names(value, InfoForm.SUM) == name


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (0, InfoForm.BITS, "none"),
        (0, InfoForm.DIGITS, "none"),
        (0, InfoForm.SUM, "none"),
        (2, InfoForm.BITS, "low battery"),
        (0x82, InfoForm.BITS, "low battery, invalid difference"),
        (0x80000000, InfoForm.BITS, "leak penetration"),
        (0x400, InfoForm.BITS, "unknown in 0x00000400"),
        (0x4000008, InfoForm.BITS, "t1 above range, unknown in 0x04000008"),
        # The 602's own example: both temperature sensors.
        (12, InfoForm.SUM, "t1 out of range, t2 out of range"),
        (2, InfoForm.SUM, "unknown in 2"),
        (1, InfoForm.WATER, "dry"),
        (2, InfoForm.WATER, "reverse"),
        (4, InfoForm.WATER, "leak"),
        (8, InfoForm.WATER, "burst"),
        (0xF, InfoForm.WATER, "dry, reverse, leak, burst"),
        (0x100, InfoForm.WATER, "none"),
        (0x240, InfoForm.WATER, "none"),
        (0x248, InfoForm.WATER, "burst"),
        (0, InfoForm.UNKNOWN, "unknown in 0"),
        (256, InfoForm.UNKNOWN, "unknown in 256"),
        (65536 + 8, InfoForm.SUM, "t1 out of range, unknown in 65544"),
        # The 403 guide's own example: no supply, t2 below, input A alarm.
        (10200090, InfoForm.DIGITS, "no supply, t2 below range, input a alarm"),
        (20000000, InfoForm.DIGITS, "low battery"),
        (90000000, InfoForm.DIGITS, "external alarm"),
        (9900000, InfoForm.DIGITS, "invalid difference"),
        (1100000, InfoForm.DIGITS, "t1 above range, t2 above range"),
        (12000, InfoForm.DIGITS, "t3 above range, unknown in 00012000"),
        (6600, InfoForm.DIGITS, "v1 high flow, v2 high flow"),
        (98, InfoForm.DIGITS, "input b leak, input a alarm"),
        # 9 means that the difference is wrong at both places together only.
        (9000000, InfoForm.DIGITS, "unknown in 09000000"),
        (9100000, InfoForm.DIGITS, "t2 above range, unknown in 09100000"),
        (30000000, InfoForm.DIGITS, "unknown in 30000000"),
        (100000000, InfoForm.DIGITS, "unknown in 100000000"),
        (4294967295, InfoForm.DIGITS, "external alarm, input a alarm, unknown in 4294967295"),
    ],
)
def test_texts(value: int, form: InfoForm, expected: str) -> None:
    assert names(value, form) == expected


@given(values, forms)
def test_any_value(value: int, form: InfoForm) -> None:
    info = library.info(value, form)
    known = {code.number for code in INFO_CODES if int(form) in map(int, code.forms)}
    assert info.tellable == known
    assert info.active <= known
    assert (info.names == "none") == (not info.active and not info.has_unknown)
    match form:
        case InfoForm.WATER:
            assert not info.has_unknown
        case InfoForm.UNKNOWN:
            assert info.has_unknown
        case _:
            assert (info.names == "none") == (value == 0)
    assert len(info.names.encode()) < MAX_INFO_TEXT_SIZE
    shown = info.names.split(", ")
    if shown[-1] != "...":
        expected = [BY_NUMBER[number].name for number in sorted(info.active)]
        assert [name for name in shown if name != "none" and "unknown" not in name] == expected
        assert info.has_unknown == shown[-1].startswith("unknown in ")
    match form:
        case InfoForm.BITS:
            assert info.number == f"0x{value:08X}"
        case InfoForm.DIGITS:
            assert info.number == f"{value:08}"
        case InfoForm.WATER:
            assert info.number == f"0x{value:04X}"
        case _:
            assert info.number == f"{value}"


def test_a_text_that_is_full_ends_with_dots() -> None:
    text = names(0xFFFFFFFF, InfoForm.BITS)
    assert text.startswith("no supply, low battery, external alarm, t1 above range, ")
    assert text.endswith(", ...")
    assert MAX_INFO_TEXT_SIZE - 30 < len(text) < MAX_INFO_TEXT_SIZE
    assert set(text.removesuffix(", ...").split(", ")) <= {code.name for code in INFO_CODES}


@pytest.mark.parametrize("code", INFO_CODES, ids=lambda code: code.key)
def test_code_in_each_form(code: InfoCode) -> None:
    values = {
        Form.BITS: 1 << code.number,
        Form.DIGITS: sum(digit * 10 ** (8 - place) for place, digit in code.digits),
        Form.SUM: code.summand,
        Form.WATER: 1 << code.number >> BY_KEY["dry"].number,
    }
    assert code.forms
    for form in code.forms:
        info = library.info(values[form], InfoForm(form))
        assert info.active == {code.number}
        assert not info.has_unknown


def test_table() -> None:
    assert len(BY_NUMBER) == len(BY_KEY) == len(INFO_CODES)
    assert all(code.key.isidentifier() and code.key.islower() for code in INFO_CODES)
    assert all(0 <= code.number < 64 and code.meaning for code in INFO_CODES)
    summands = [code.summand for code in INFO_CODES if code.summand]
    assert sorted(summands) == sorted(SUM_602)
    # Bits 10 and 26 are in no list.
    assert {number for number in BY_NUMBER if number < 32} == set(range(32)) - {10, 26}
