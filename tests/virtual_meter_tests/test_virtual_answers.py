"""What the meters answer, and what they do not."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pykmp.codec import FloatCodec
from pykmp.messages import GetRegisterResponse
from virtual_meter import MODELS, CodecError, Direction, Frame, Reading, VirtualMeter
from virtual_meter.codec import GET_REGISTER, decode_frame, encode_frame, encode_readings
from virtual_meter_tests.helpers import ask

EMPTY = bytes.fromhex("403F10079A0D")

TOTALS = {60, 61, 62, 63, 64, 65, 68, 69, 72, 73, 84, 85, 94, 95, 96, 97, 110, 113, 175, 1004}
MOMENTARY = {74, 75, 80, 86, 87, 88, 89, 91, 92, 122, 582}
PEAKS = {*range(123, 131), *range(138, 148), 149, 150}
IDENTITY = {99, 112, 1001, 1002, 1003, 1005, 1010}


def blocks(reply: bytes | None) -> dict[int, tuple[int, Decimal]]:
    """Return unit and value by register, as PyKMP decodes the data of a reply."""
    assert reply is not None
    data = decode_frame(Direction.FROM_METER, reply).data
    found: dict[int, tuple[int, Decimal]] = {}
    while data:
        block, data = GetRegisterResponse._decode_one_register_value(data)
        found[block.id_] = (block.unit, FloatCodec.decode(block.value))
    return found


@pytest.mark.parametrize("model", MODELS)
def test_all_registers_as_pykmp_reads_them(model: str) -> None:
    """Every register of a model arrives as it was sent, eight at a time."""
    meter = VirtualMeter(model, clock=lambda: 0.0)
    numbers = meter.model.numbers
    for i in range(0, len(numbers), 8):
        answer = meter.answer(ask(*numbers[i : i + 8]))
        assert tuple(r.register for r in answer.readings) == numbers[i : i + 8]
        assert blocks(answer.reply) == {r.register: (r.unit, r.value) for r in answer.readings}


def test_the_models_cover_what_a_reader_may_ask() -> None:
    """Together all totals and momentary values; peaks and identity on each model."""
    numbers = {name: set(model.numbers) for name, model in MODELS.items()}
    assert set.union(*numbers.values()) >= TOTALS | MOMENTARY
    assert numbers["601"] >= TOTALS | MOMENTARY - {582}
    assert all(have >= PEAKS | IDENTITY for have in numbers.values())
    for name in ("403-kwh", "403-gj"):
        assert numbers[name] >= {266, 267, 348, 369, 582, 97, 110}


@pytest.mark.parametrize(
    ("model", "register", "form"),
    [
        ("403-kwh", 60, (2, 4, 0)),
        ("403-kwh", 85, (2, 4, 0)),
        ("403-kwh", 348, (79, 7, 0)),
        ("403-kwh", 582, (62, 4, 0)),
        ("403-gj", 60, (8, 4, -3)),
        ("602", 60, (3, 4, -3)),
        ("602", 80, (22, 2, -1)),
        ("602", 86, (37, 2, -2)),
        ("602", 89, (38, 2, -2)),
        ("602", 74, (41, 2, 0)),
        ("602", 141, (41, 2, 0)),
        ("602", 68, (40, 4, -2)),
        ("601", 60, (8, 4, -2)),
        ("601", 86, (37, 4, -2)),
    ],
)
def test_form_of_values(model: str, register: int, form: tuple[int, int, int]) -> None:
    """Unit, size and exponent; those of the 602 stand in captured frames."""
    (reading,) = VirtualMeter(model).readings(register)
    assert (reading.unit, reading.size, reading.value.as_tuple().exponent) == form


@pytest.mark.parametrize(
    ("model", "data"),
    [("601", "00040601"), ("602", "06020A05"), ("403-kwh", "04030203"), ("403-gj", "04030000")],
)
def test_type_and_serial_number(model: str, data: str) -> None:
    """GetType is the model's, GetSerialNo the same number as register 1001."""
    meter = VirtualMeter(model)
    kind = meter.answer(bytes.fromhex("803F01058A0D")).reply
    serial = meter.answer(bytes.fromhex("803F0235E90D")).reply
    assert kind
    assert serial
    assert decode_frame(Direction.FROM_METER, kind).data.hex().upper() == data
    number = int.from_bytes(decode_frame(Direction.FROM_METER, serial).data)
    assert number == meter.readings(1001)[0].value


def test_the_601_answers_its_documented_frames() -> None:
    """GetType and GetSerialNo byte by byte as in the manufacturer's examples."""
    meter = VirtualMeter("601")
    assert meter.answer(bytes.fromhex("803F01058A0D")).reply == bytes.fromhex(
        "403F0100041BF90126990D"
    )
    assert meter.answer(bytes.fromhex("803F0235E90D")).reply == bytes.fromhex(
        "403F0201234567E9560D"
    )


def test_unknown_registers_are_left_out() -> None:
    """Some of them, or all."""
    meter = VirtualMeter("403-kwh")
    assert list(blocks(meter.answer(ask(91, 60, 4711, 1001)).reply)) == [60, 1001]
    assert meter.answer(ask(0xFFFF)).reply == EMPTY
    assert meter.answer(ask(91, 92, 94, 95)).reply == EMPTY


@pytest.mark.parametrize(
    "request_",
    [
        ask(),
        ask(*range(60, 69)),
        ask(60, count=2),
        ask(60, 68, count=1),
        ask(60)[:-2] + b"\xff\r",
        encode_frame(Direction.TO_METER, Frame(0x7F, GET_REGISTER, b"\x01\x00\x3c")),
        encode_frame(Direction.TO_METER, Frame(0x3F, 0x01, b"\x00")),
        encode_frame(Direction.TO_METER, Frame(0x3F, 0x02, b"\x00")),
        encode_frame(Direction.TO_METER, Frame(0x3F, 0x09, bytes(8))),
        encode_frame(Direction.TO_METER, Frame(0x3F, 0x11, bytes(11))),
        encode_frame(Direction.TO_METER, Frame(0x3F, 0xB8, b"\x05\x02")),
        encode_frame(Direction.TO_METER, Frame(0x3F, GET_REGISTER)),
        encode_frame(Direction.FROM_METER, Frame(0x3F, GET_REGISTER, b"\x01\x00\x3c")),
        b"",
    ],
)
def test_silence(request_: bytes) -> None:
    """None, nine or miscounted registers, wrong CRC, address, command or direction."""
    meter = VirtualMeter("403-kwh")
    answer = meter.answer(request_)
    assert answer.reply is None
    assert answer.readings == ()
    assert answer.silence
    assert meter.answers == [answer]


@settings(max_examples=300, deadline=None, database=None)
@given(st.integers(0, 8), st.integers(1, 255))
def test_a_changed_byte_is_never_answered(position: int, change: int) -> None:
    """The CRC finds every error of one byte, wherever it is."""
    request = bytearray(ask(60))
    request[position] ^= change
    assert VirtualMeter("403-kwh").answer(bytes(request)).reply is None


def test_answers_keep_what_was_sent() -> None:
    """Readings carry exact decimals and unit bytes."""
    meter = VirtualMeter("602")
    answer = meter.answer(ask(60, 98))
    assert answer.readings == (
        Reading(60, 3, Decimal("59.987"), 4),
        Reading(98, 50, Decimal(630), 4),
    )
    assert meter.answers == [answer]


def test_overrides_replace_values() -> None:
    """Any value with any digits; one that cannot be sent is an error, not a wrong frame."""
    meter = VirtualMeter("602")
    meter.overrides = {87: Decimal("-3.5"), 99: Decimal(12), 91: Decimal(1)}
    assert meter.readings(87, 99, 91) == (
        Reading(87, 37, Decimal("-3.5"), 2),
        Reading(99, 51, Decimal(12), 4),
    )
    meter.overrides[87] = Decimal(65_536)
    with pytest.raises(CodecError, match="2 bytes"):
        encode_readings(meter.readings(87))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"model": "404"}, "'404'.*403-kwh.*601"),
        ({"model": "601", "delay": -0.1}, "delay -0.1"),
        ({"model": "601", "speed": 0.0}, "speed 0.0"),
        ({"model": "601", "speed": float("inf")}, "speed inf"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], named: str) -> None:
    """The message has the argument, the value and what is allowed."""
    with pytest.raises(ValueError, match=named):
        VirtualMeter(**arguments)
