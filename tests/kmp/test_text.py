"""Every value as text, exactly as the meter sent it."""

from __future__ import annotations

import contextlib
import itertools
from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from multical.units import UNITS, Quantity
from pykmp.codec import FloatCodec

from kmp import library
from kmp.library import MAX_REPLY_SIZE, MAX_TEXT_SIZE, Value
from kmp.strategies import line_bytes, value_bytes

CLOCK, DATE, LONG_DATE, MONTH_DAY, NUMBER, TEXT, BITS = 47, 48, 49, 50, 51, 54, 59
RTC, DATE_TIME = 53, 79

NAMES = {unit.number: unit.symbol for unit in UNITS} | {0: "", NUMBER: ""}
#: Units whose values have their own form.
WITH_FORM = {CLOCK, DATE, LONG_DATE, MONTH_DAY, TEXT, BITS, RTC, DATE_TIME}


def whole(unit: int, number: int, size: int = 4) -> Value:
    """Return a whole number in a unit."""
    return Value(unit, number.to_bytes(size))


def name_of(unit: int) -> str:
    """Return what follows a number in this unit."""
    name = NAMES.get(unit, f"unit {unit}")
    return f" {name}" if name else ""


@given(
    st.integers(0, 255).filter(lambda unit: unit not in WITH_FORM),
    st.integers(1, 4).flatmap(value_bytes),
    st.integers(0, 255),
)
@example(2, b"\x00\x12\xd6\x87", 0x42)
@example(2, b"\x00", 0x42)
@example(2, b"\xff\xff\xff\xff", 0xBF)  # the longest
@example(2, b"\x00\x00\x00\x00", 0x3F)
def test_numbers(unit: int, data: bytes, sign_exponent: int) -> None:
    """Exactly the digits of PyKMP's decoder."""
    text = library.text(Value(unit, data, sign_exponent))
    decimal = FloatCodec.decode(bytes([len(data), sign_exponent]) + data)
    assert text == f"{decimal:f}{name_of(unit)}"
    assert len(text.encode()) < MAX_TEXT_SIZE


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Value(37, bytes.fromhex("14F5"), 0x42), "53.65 °C"),
        (Value(0, bytes.fromhex("07")), "7"),
        # Captured, or documented.
        (Value(CLOCK, bytes.fromhex("00030E33")), "20:02:43"),
        (Value(DATE, bytes.fromhex("0003AE4F")), "2024-12-31"),
        (Value(MONTH_DAY, bytes.fromhex("0338")), "08-24"),
        (Value(DATE_TIME, bytes.fromhex("00180C1F000004")), "2024-12-31T00:00:04"),
        (Value(DATE_TIME, bytes.fromhex("3C10061E0E3037")), "2016-06-30T14:48:55 DST+01:00"),
        (Value(RTC, bytes.fromhex("82012102100A090C")), "2012-09-10T16:02:33"),
        (Value(TEXT, b"02K52AC1A7CZ"), "02K52AC1A7CZ"),
        (Value(TEXT, b"603 \x00\x00"), "603"),
        (Value(TEXT, b"a\x80\nb~"), "a??b~"),
        (Value(TEXT, b""), ""),
        (whole(BITS, 0x100), "0x00000100"),
        (whole(BITS, 0x4000, 2), "0x4000"),
        # Not in a valid form: as it is.
        (Value(DATE, b"\x01", 0x42), "0.01 yy:mm:dd"),
        (Value(CLOCK, b"\x01", 0x80), "-1 hh:mm:ss"),
        (Value(DATE_TIME, bytes.fromhex("00180D1F000004")), "unknown in 00 18 0D 1F 00 00 04"),
        (Value(DATE_TIME, bytes.fromhex("0000")), "unknown in 00 00"),
        (Value(RTC, bytes(8)), "unknown in 00 00 00 00 00 00 00 00"),
        (Value(RTC, bytes.fromhex("82012102100A09")), "unknown in 82 01 21 02 10 0A 09"),
        (Value(BITS, bytes(7)), "00 00 00 00 00 00 00 bits"),
        (Value(2, bytes(range(1, 9))), "01 02 03 04 05 06 07 08 kWh"),
        (Value(2, b""), ""),
        (
            Value(77, bytes(range(20))),
            "00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F... unit 77",
        ),
    ],
)
def test_known_texts(value: Value, text: str) -> None:
    assert library.text(value) == text


@given(st.integers(0, 255), st.binary(max_size=MAX_REPLY_SIZE - 9), line_bytes)
def test_anything_has_a_text(unit: int, data: bytes, sign_exponent: int) -> None:
    """Whatever a meter sends: a terminated text, of characters that Home Assistant accepts."""
    text = library.text(Value(unit, data, sign_exponent))
    assert len(text.encode()) < MAX_TEXT_SIZE
    assert text.isprintable()


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31, 23, 59, 59)), st.integers(0, 255))
def test_date_and_time(time: datetime, dst: int) -> None:
    """Every second of a century, in every form."""
    time = time.replace(microsecond=0)
    clock = whole(CLOCK, time.hour * 10000 + time.minute * 100 + time.second)
    day = whole(DATE, time.year % 100 * 10000 + time.month * 100 + time.day)
    assert library.text(clock) == f"{time:%H:%M:%S}"
    assert library.text(day) == f"{time:%Y-%m-%d}"
    assert library.text(whole(MONTH_DAY, time.month * 100 + time.day)) == f"{time:%m-%d}"
    assert library.date_time_text(day, clock) == time.isoformat()
    seven = bytes((dst, time.year % 100, *time.timetuple()[1:6]))
    offset = f" DST+{dst // 60:02}:{dst % 60:02}" if dst else ""
    assert library.text(Value(DATE_TIME, seven)) == time.isoformat() + offset
    # Flags and the day of the week do not matter.
    eight = bytes((dst, dst ^ 0xFF, *reversed(seven[1:])))
    assert library.text(Value(RTC, eight)) == time.isoformat()


@given(st.sampled_from((RTC, DATE_TIME)), st.integers(0, 10).flatmap(value_bytes), line_bytes)
@example(RTC, bytes.fromhex("00070000001D021A"), 0)  # 29 February 2026
@example(RTC, bytes.fromhex("0007003C0001011A"), 0)
@example(RTC, bytes.fromhex("000700001801011A"), 0)
@example(RTC, bytes.fromhex("0007000000010164"), 0)
@example(DATE_TIME, bytes.fromhex("00640C1F000004"), 0)
@example(DATE_TIME, bytes.fromhex("00180C1F180004"), 0)
def test_invalid_date_and_time_is_unknown(unit: int, data: bytes, sign_exponent: int) -> None:
    """Python's calendar decides, whatever the size."""
    text = library.text(Value(unit, data, sign_exponent))
    orders = {(RTC, 8): (7, 6, 5, 4, 3, 2), (DATE_TIME, 7): (1, 2, 3, 4, 5, 6)}
    try:
        year, month, *rest = (data[place] for place in orders.get((unit, len(data)), ()))
        day, hour, minute, second = rest
        time = datetime(2000 + year if year < 100 else 0, month, day, hour, minute, second)
    except (ValueError, TypeError):
        assert text == (f"unknown in {data.hex(' ').upper()}" if data else "")
    else:
        assert text.split(" ")[0] == time.isoformat()


@pytest.mark.parametrize("year", [0, 1, 24, 25, 99, 100, 1900, 2000, 2023, 2024, 9999, 10000])
def test_every_day_of_a_year(year: int) -> None:
    """Python's calendar decides."""
    for month, day in itertools.product(range(14), range(33)):
        number = year * 10000 + month * 100 + day
        shown = {unit: library.text(whole(unit, number)) for unit in (DATE, LONG_DATE, MONTH_DAY)}
        expected = {unit: f"{number or 'none'}{name_of(unit) if number else ''}" for unit in shown}
        # Without a year, 29 February is valid.
        years = {DATE: year + 2000 if year < 100 else 0, LONG_DATE: year, MONTH_DAY: 2000}
        for unit, whole_year in years.items():
            if unit == MONTH_DAY and year != 0:
                continue
            with contextlib.suppress(ValueError):
                text = datetime(whole_year, month, day).date().isoformat()
                expected[unit] = text[5:] if unit == MONTH_DAY else text
        assert shown == expected


def test_every_time_of_day() -> None:
    last = (0, 1, 58, 59, 60, 61, 99)
    for hour, minute, second in itertools.product(range(26), last, last):
        number = hour * 10000 + minute * 100 + second
        is_time = hour < 24 and minute < 60 and second < 60
        expected = f"{hour:02}:{minute:02}:{second:02}" if is_time else f"{number} hh:mm:ss"
        assert library.text(whole(CLOCK, number)) == expected


@pytest.mark.parametrize(
    ("day", "time"),
    [
        (whole(DATE, 261301), whole(CLOCK, 120000)),
        (whole(DATE, 261231), whole(CLOCK, 120060)),
        (whole(NUMBER, 261231), whole(CLOCK, 120000)),
        (whole(DATE, 261231), whole(46, 120000)),
    ],
)
def test_not_a_date_and_time(day: Value, time: Value) -> None:
    assert library.date_time_text(day, time) is None


def test_units_with_a_form_are_those_without_an_amount() -> None:
    """Except two for which no frame is known: their numbers come with the unit's name."""
    amounts = {Quantity.CLOCK, Quantity.DATE, Quantity.DATE_TIME, Quantity.TEXT, Quantity.BITS}
    assert {unit.number for unit in UNITS if unit.quantity in amounts} - WITH_FORM == {63, 64}
