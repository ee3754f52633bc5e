"""Replies: read and written as PyKMP does, and refused if they do not answer the request."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pykmp import codec, messages

from kmp import library, oracle
from kmp.library import (
    GET_REGISTER,
    GET_SERIAL_NO,
    GET_TYPE,
    MAX_REGISTERS,
    MAX_REPLY_SIZE,
    MeterType,
    Number,
    Reply,
    Request,
)
from kmp.oracle import register_block, reply_frame
from kmp.strategies import MAX_EXPONENT, line_bytes, register_ids, value_bytes

MAX_VALUE_SIZE = 16


def ask(*ids: int) -> Request:
    """Return a request for registers."""
    return Request(GET_REGISTER, ids)


@st.composite
def values(draw: st.DrawFn) -> bytes:
    """Length, sign and exponent, value: every kind of number, and some texts and dates."""
    size = draw(st.sampled_from([1, 2, 3, 4, 4, 4, 7, 12, MAX_VALUE_SIZE]))
    return bytes([size, draw(line_bytes), *draw(value_bytes(size))])


# --- We read what PyKMP writes ---


@given(
    st.dictionaries(register_ids, st.tuples(line_bytes, values()), max_size=MAX_REGISTERS),
    st.randoms(use_true_random=False),
)
def test_registers(blocks: dict[int, tuple[int, bytes]], random: Random) -> None:
    """Any registers, in any order, some left out: each is found."""
    message = messages.GetRegisterResponse(
        registers={
            messages.RegisterID(id_): messages.RegisterData(
                id_=messages.RegisterID(id_),
                unit=messages.RegisterUnit(unit),
                value=messages.RegisterValueBytes(value),
            )
            for id_, (unit, value) in blocks.items()
        }
    )
    asked = [*blocks, *(id_ for id_ in range(2000, 2008))][:MAX_REGISTERS]
    random.shuffle(asked)
    reply = library.read_reply(ask(*asked), oracle.encode_reply(message.encode()))
    assert reply is not None
    assert [register.id for register in reply.registers] == [id_ for id_ in asked if id_ in blocks]
    for register in reply.registers:
        unit, value = blocks[register.id]
        assert register.unit == unit
        assert bytes([len(register.data), register.sign_exponent]) + register.data == value
        if len(register.data) > 4:
            assert register.number is None
        else:
            assert register.number is not None
            assert register.number.value == Fraction(codec.FloatCodec.decode(value))


@given(st.data())
def test_decimals(data: st.DataObject) -> None:
    """A Decimal that PyKMP encodes has the same value for us."""
    size = data.draw(st.integers(1, 4))
    mantissa = data.draw(st.integers(0, 256**size - 1))
    # PyKMP moves zeros at the end of the mantissa into the exponent.
    zeros = len(str(mantissa)) - len(str(mantissa).rstrip("0")) if mantissa else 0
    exponent = data.draw(st.integers(-MAX_EXPONENT, MAX_EXPONENT - zeros))
    sign = data.draw(st.integers(0, 1))
    value = Decimal((sign, tuple(int(digit) for digit in str(mantissa)), exponent))
    encoded = codec.FloatCodec.encode(to_encode=value, significand_num_bytes=size)
    block = (60).to_bytes(2, "big") + bytes([3]) + encoded
    reply = library.read_reply(ask(60), reply_frame(GET_REGISTER, block))
    assert reply is not None
    number = reply.registers[0].number
    assert number is not None
    assert number.value == Fraction(value)
    assert number.negative == bool(sign)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("smallest", [True, False])
def test_sign_and_exponent(size: int, smallest: bool) -> None:
    """Each sign and exponent byte with the largest and the smallest value of each size."""
    data = b"\x00" * (size - 1) + b"\x01" if smallest else b"\xff" * size
    for sign_exponent in range(256):
        block = register_block(60, data, sign_exponent=sign_exponent)
        reply = library.read_reply(ask(60), reply_frame(GET_REGISTER, block))
        assert reply is not None
        number = reply.registers[0].number
        assert number is not None
        assert number.mantissa == int.from_bytes(data, "big")
        assert -MAX_EXPONENT <= number.exponent <= MAX_EXPONENT
        assert number.value == Fraction(codec.FloatCodec.decode(block[3:]))


@given(value_bytes(4))
def test_serial_number(data: bytes) -> None:
    number = int.from_bytes(data, "big")
    frame = oracle.encode_reply(messages.GetSerialResponse(serial=str(number)).encode())
    assert library.read_reply(Request(GET_SERIAL_NO), frame) == Reply(
        GET_SERIAL_NO, serial_no=number
    )


@given(value_bytes(2), st.integers(1, 26), st.integers(0, 255))
def test_meter_type(type_: bytes, letter: int, number: int) -> None:
    message = messages.GetTypeResponse(
        meter_type_bytes=type_, software_revision=f"{chr(64 + letter)}{number}"
    )
    reply = library.read_reply(Request(GET_TYPE), oracle.encode_reply(message.encode()))
    assert reply == Reply(
        GET_TYPE, meter_type=MeterType(int.from_bytes(type_, "big"), letter, number)
    )


def test_meter_type_without_revision() -> None:
    message = messages.GetTypeResponse(meter_type_bytes=b"\x00\x01", software_revision=None)
    reply = library.read_reply(Request(GET_TYPE), oracle.encode_reply(message.encode()))
    assert reply == Reply(GET_TYPE, meter_type=MeterType(1, 0, 0))


# --- Which replies answer the request ---

A = register_block(60, b"\x00\x00\xd6\xde", unit=3, sign_exponent=0x43)
B = register_block(68, b"\x00\x02\xdc\xa4", unit=40, sign_exponent=0x42)


@pytest.mark.parametrize(
    ("ids", "payload", "answered"),
    [
        ((60, 68), A + B, (60, 68)),
        ((60, 68), B + A, (60, 68)),  # another order
        ((60, 68), B, (68,)),  # the first left out
        ((60, 68), A, (60,)),  # the last left out
        ((60, 68), b"", ()),  # all left out
        ((60,), b"", ()),
        (tuple(range(8)), b"".join(register_block(i, b"\x01" * 4) for i in range(8)), range(8)),
        (tuple(range(8)), b"".join(register_block(i, b"") for i in range(8)), range(8)),
        (
            tuple(range(8)),
            b"".join(register_block(i, b"\xff" * MAX_VALUE_SIZE) for i in range(8)),
            range(8),
        ),
    ],
)
def test_answered(ids: tuple[int, ...], payload: bytes, answered: tuple[int, ...]) -> None:
    reply = library.read_reply(ask(*ids), reply_frame(GET_REGISTER, payload))
    assert reply is not None
    assert [register.id for register in reply.registers] == list(answered)


@pytest.mark.parametrize(
    ("ids", "payload"),
    [
        ((68,), A),  # not asked for
        ((60,), A + B),  # one of two not asked for
        ((), A),  # nothing asked for
        ((60, 68), A + A),  # twice
        ((60, 68), A + B + A),
        (tuple(range(8)), register_block(0, b"\x01") * 9),
        ((60, 68), A + B[:4]),  # cut off in the head of a block
        ((60, 68), A + B[:-1]),  # cut off in the value
        ((60, 68), A + b"\x00"),  # an extra byte
        ((60,), A[:1]),
        ((60,), register_block(60, b"\x01" * 4, size=5)),  # claims too much
        ((60,), register_block(60, b"\x01" * 4, size=255)),
        ((60,), register_block(60, b"\x01" * 4, size=3)),  # leaves a byte over
    ],
)
def test_not_answered(ids: tuple[int, ...], payload: bytes) -> None:
    assert library.read_reply(ask(*ids), reply_frame(GET_REGISTER, payload)) is None


@pytest.mark.parametrize("cut", range(1, len(A + B)))
def test_cut_off(cut: int) -> None:
    """A cut-off reply with a right CRC: only whole blocks are accepted."""
    reply = library.read_reply(ask(60, 68), reply_frame(GET_REGISTER, (A + B)[:cut]))
    assert (reply is not None) == (cut == len(A))


REQUESTS = (Request(GET_TYPE), Request(GET_SERIAL_NO), ask(60))


@pytest.mark.parametrize("request_", REQUESTS)
def test_address(request_: Request) -> None:
    """Only the heat meter answers, not a logger module or anything else."""
    payload = A if request_.command == GET_REGISTER else bytes(4)
    accepted = [
        address
        for address in range(256)
        if library.read_reply(request_, reply_frame(request_.command, payload, address))
    ]
    assert accepted == [oracle.HEAT_METER]


@pytest.mark.parametrize("request_", REQUESTS)
def test_command(request_: Request) -> None:
    """The reply repeats the command."""
    payload = A if request_.command == GET_REGISTER else bytes(4)
    accepted = [
        command
        for command in range(256)
        if library.read_reply(request_, reply_frame(command, payload))
    ]
    assert accepted == [request_.command]


@pytest.mark.parametrize("command", [GET_TYPE, GET_SERIAL_NO])
def test_length(command: int) -> None:
    """Type and serial number are 4 bytes."""
    accepted = [
        size
        for size in range(MAX_REPLY_SIZE - 3)
        if library.read_reply(Request(command), reply_frame(command, bytes(size)))
    ]
    assert accepted == [4]


@pytest.mark.parametrize("size", range(MAX_REPLY_SIZE - 4 - 5 + 1))
def test_value_size(size: int) -> None:
    """1 to 4 bytes are a number; a date has 7, a text 12: kept, but not a number."""
    data = bytes(range(1, size + 1))
    reply = library.read_reply(ask(60), reply_frame(GET_REGISTER, register_block(60, data)))
    assert reply is not None
    number = Number(int.from_bytes(data, "big")) if 1 <= size <= 4 else None
    assert [(register.data, register.number) for register in reply.registers] == [(data, number)]
