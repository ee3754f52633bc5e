"""Requests: PyKMP understands ours, and none can be made that writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pykmp import messages

from kmp import library, oracle
from kmp.build import COMPONENT, ROOT
from kmp.library import (
    GET_REGISTER,
    GET_SERIAL_NO,
    GET_TYPE,
    MAX_REGISTERS,
    MAX_REQUEST_SIZE,
    Request,
)
from kmp.strategies import register_ids

SPECIAL_IDS = [int.from_bytes(bytes([a, b])) for a in oracle.SPECIAL for b in oracle.SPECIAL]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (Request(GET_TYPE), messages.GetTypeRequest),
        (Request(GET_SERIAL_NO), messages.GetSerialRequest),
    ],
)
def test_request_without_data(request_: Request, message: type[messages.WithoutDataMixin]) -> None:
    message.decode(oracle.decode_request(request_.encode()))


@given(st.lists(register_ids, min_size=1, max_size=MAX_REGISTERS, unique=True))
def test_registers(ids: list[int]) -> None:
    request = Request(GET_REGISTER, ids)
    frame = request.encode()
    assert messages.GetRegisterRequest.decode(oracle.decode_request(frame)).registers == ids


def test_every_register() -> None:
    """Each of the 65536 ids; they include every byte that has to be escaped, even in the CRC."""
    for first in range(0, 0x10000, MAX_REGISTERS):
        ids = list(range(first, first + MAX_REGISTERS))
        data = oracle.decode_request(Request(GET_REGISTER, ids).encode())
        assert messages.GetRegisterRequest.decode(data).registers == ids


def test_longest_request() -> None:
    """Everything that can be escaped is escaped, and the frame still fits."""
    for first in range(len(SPECIAL_IDS) - MAX_REGISTERS + 1):
        ids = SPECIAL_IDS[first : first + MAX_REGISTERS]
        frame = Request(GET_REGISTER, ids).encode()
        # Start, address, command, count, the ids twice as long, CRC, stop.
        assert 4 + 4 * MAX_REGISTERS + 2 + 1 <= len(frame) <= MAX_REQUEST_SIZE
        assert messages.GetRegisterRequest.decode(oracle.decode_request(frame)).registers == ids


@given(st.lists(st.integers(0, 11), max_size=2 * MAX_REGISTERS))
def test_add_register(ids: list[int]) -> None:
    """A register counts once; one that does not fit is refused, and the request stays as it was."""
    request = Request(GET_REGISTER)
    taken = [request.add_register(id_) for id_ in ids]
    kept = list(dict.fromkeys(ids))[:MAX_REGISTERS]
    assert request == Request(GET_REGISTER, kept)
    assert taken == [id_ in kept for id_ in ids]


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=8))
def test_add_register_pair(pairs: list[tuple[int, int]]) -> None:
    """Both are added or neither is; the two may be the same, or already there."""
    kept: list[int] = []
    expected = []
    for pair in pairs:
        more = list(dict.fromkeys([*kept, *pair]))
        expected.append(len(more) <= MAX_REGISTERS)
        kept = more if expected[-1] else kept
    request = Request(GET_REGISTER)
    assert [request.add_registers(*pair) for pair in pairs] == expected
    assert request == Request(GET_REGISTER, kept)


def test_line_time() -> None:
    """11 bits per byte at 1200 baud, rounded up."""
    assert [library.line_time_ms(count) for count in (0, 1, 2, 3, 12, 1200)] == [
        0,
        10,
        19,
        28,
        110,
        11000,
    ]


def _code(path: Path) -> str:
    """Return a C++ file without its comments."""
    return re.sub(r"//.*?$|/\*.*?\*/", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def test_only_reading_commands_exist() -> None:
    """bindings.cpp asserts that only these three commands' functions make a Request."""
    commands = re.search(
        r"enum class Command : uint8_t {(.*?)}", _code(COMPONENT / "kmp_protocol.h"), re.DOTALL
    )
    assert commands is not None
    assert dict(re.findall(r"(\w+) = (\w+),", commands[1])) == {
        "GET_TYPE": "0x01",
        "GET_SERIAL_NO": "0x02",
        "GET_REGISTER": "0x10",
    }


@pytest.mark.parametrize(
    "request_", [Request(GET_TYPE), Request(GET_SERIAL_NO), Request(GET_REGISTER, (60,))]
)
def test_command_byte(request_: Request) -> None:
    """Third byte of the frame: each of the three kinds of Request that can be made."""
    assert request_.encode()[2] == request_.command


#: Kamstrup's names for what changes a meter, and ways to make any other Command.
FORBIDDEN = re.compile(
    r"(?i:set_?clock|put_?register|clear_?event|event_?status)"
    r"|_cast<\s*(kmp::)?Command\s*>|\(Command\)"
)


def test_no_writing_command_in_the_component() -> None:
    files = [*ROOT.glob("components/**/*.h"), *ROOT.glob("components/**/*.cpp")]
    assert files
    for path in files:
        assert not FORBIDDEN.search(_code(path)), path
