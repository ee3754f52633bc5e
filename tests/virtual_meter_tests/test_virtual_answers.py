"""What the meters answer, and what they do not."""

from decimal import Decimal

import pytest
from meter_log.codec import GET_REGISTER, decode_frame, decode_readings, encode_frame
from virtual_meter import MODELS, CodecError, Direction, Frame, Reading, VirtualMeter
from virtual_meter_tests.helpers import SERIAL, SERIAL_601, TYPE, TYPE_601, ask

EMPTY = bytes.fromhex("403F10079A0D")


def readings(reply: bytes | None) -> tuple[Reading, ...]:
    return decode_readings(decode_frame(Direction.FROM_METER, reply or b"").data)


@pytest.mark.parametrize("model", MODELS)
def test_all_registers(model: str) -> None:
    meter = VirtualMeter(model, clock=lambda: 0.0)
    numbers = meter.model.numbers
    for i in range(0, len(numbers), 8):
        answer = meter.answer(ask(*numbers[i : i + 8]))
        assert tuple(r.register for r in answer.readings) == numbers[i : i + 8]
        assert readings(answer.reply) == answer.readings


@pytest.mark.parametrize(
    ("model", "forms"),
    [
        ("403-kwh", {60: (2, 4, 0), 85: (2, 4, 0), 348: (79, 7, 0), 582: (62, 4, 0)}),
        ("403-gj", {60: (8, 4, -3), 85: (40, 4, -2)}),
        (
            "602",
            {60: (3, 4, -3), 80: (22, 2, -1), 86: (37, 2, -2), 89: (38, 2, -2), 74: (41, 2, 0)}
            | {141: (41, 2, 0), 68: (40, 4, -2), 155: (1, 4, -1)},
        ),
        ("601", {60: (8, 4, -2), 86: (37, 4, -2), 154: (51, 4, 0), 98: (50, 4, 0)}),
        ("603", {60: (3, 4, -2), 254: (54, 12, 0), 371: (51, 4, -2)}),
    ],
)
def test_form_of_values(model: str, forms: dict[int, tuple[int, int, int]]) -> None:
    """Unit, size and exponent; those of the 602 are from captured frames."""
    shown = VirtualMeter(model).readings(*forms)
    assert {r.register: (r.unit, r.size, r.value.as_tuple().exponent) for r in shown} == forms


def test_the_601_answers_its_documented_frames() -> None:
    """GetType and GetSerialNo byte for byte as in the manufacturer's examples."""
    meter = VirtualMeter("601")
    assert meter.answer(TYPE).reply == TYPE_601
    assert meter.answer(SERIAL).reply == SERIAL_601
    assert meter.readings(1001)[0].value == 0x01234567


def test_unknown_registers_are_left_out() -> None:
    meter = VirtualMeter("403-kwh")
    found = readings(meter.answer(ask(91, 60, 4711, 1001)).reply)
    assert [reading.register for reading in found] == [60, 1001]
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
        encode_frame(Direction.TO_METER, Frame(0x3F, 0x11, bytes(11))),
        encode_frame(Direction.TO_METER, Frame(0x3F, GET_REGISTER)),
        encode_frame(Direction.FROM_METER, Frame(0x3F, GET_REGISTER, b"\x01\x00\x3c")),
    ],
)
def test_silence(request_: bytes) -> None:
    """No registers, nine or miscounted ones, wrong CRC, address, command or direction."""
    answer = VirtualMeter("403-kwh").answer(request_)
    assert (answer.reply, answer.readings) == (None, ())
    assert answer.silence


def test_overrides_replace_values() -> None:
    """Any value with any digits; one that cannot be sent is an error, not a wrong frame."""
    meter = VirtualMeter("602")
    meter.overrides = {87: Decimal("-3.5"), 98: Decimal(12), 91: Decimal(1)}
    assert meter.readings(87, 98, 91) == (
        Reading(87, 37, Decimal("-3.5"), 2),
        Reading(98, 50, Decimal(12), 4),
    )
    meter.overrides[87] = Decimal(65_536)
    with pytest.raises(CodecError, match="2 bytes"):
        meter.answer(ask(87))
