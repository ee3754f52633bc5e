"""The C++ library under test, as Python objects.

Compiled with the undefined behaviour sanitizer, whose checks include array bounds: an error ends
the test run with its place in the source.
"""

from __future__ import annotations

import ctypes
import enum
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple, Protocol

from kmp.build import HERE, LIBRARY_SOURCES, build

_library = ctypes.CDLL(
    str(
        build(
            "library.so",
            [HERE / "library.cpp", *LIBRARY_SOURCES],
            ["-O1", "-g", "-shared", "-fPIC", "-fsanitize=undefined", "-fno-sanitize-recover=all"],
        )
    )
)

MAX_REQUEST_SIZE = ctypes.c_size_t.in_dll(_library, "KMP_MAX_REQUEST_SIZE").value
MAX_REPLY_SIZE = ctypes.c_size_t.in_dll(_library, "KMP_MAX_REPLY_SIZE").value
MAX_UNIT_NAME_SIZE = ctypes.c_size_t.in_dll(_library, "KMP_MAX_UNIT_NAME_SIZE").value
MAX_REGISTER_NAME_SIZE = ctypes.c_size_t.in_dll(_library, "KMP_MAX_REGISTER_NAME_SIZE").value
MAX_TEXT_SIZE = ctypes.c_size_t.in_dll(_library, "KMP_MAX_TEXT_SIZE").value
MAX_INFO_TEXT_SIZE = ctypes.c_size_t.in_dll(_library, "KMP_MAX_INFO_TEXT_SIZE").value
MAX_INFO_NUMBER_SIZE = ctypes.c_size_t.in_dll(_library, "KMP_MAX_INFO_NUMBER_SIZE").value
MAX_KEPT = ctypes.c_size_t.in_dll(_library, "KMP_MAX_KEPT").value
LONGEST_GAP = ctypes.c_uint32.in_dll(_library, "KMP_LONGEST_GAP").value
LONGEST_REPLY = ctypes.c_uint32.in_dll(_library, "KMP_LONGEST_REPLY").value
MAX_RESPONSE_TIMEOUT = ctypes.c_uint32.in_dll(_library, "KMP_MAX_RESPONSE_TIMEOUT").value
WINDOW = ctypes.c_uint8.in_dll(_library, "KMP_WINDOW").value
MIN_PULSES = ctypes.c_uint8.in_dll(_library, "KMP_MIN_PULSES").value
MIN_LOW_SAMPLES = ctypes.c_uint8.in_dll(_library, "KMP_MIN_LOW_SAMPLES").value
FAILED_UPDATES_UNTIL_GONE = ctypes.c_uint8.in_dll(_library, "KMP_FAILED_UPDATES_UNTIL_GONE").value
MAX_REGISTERS = 8
MAX_TRIED_REGISTERS = 16

GET_TYPE = 0x01
GET_SERIAL_NO = 0x02
GET_REGISTER = 0x10


class ReadResult(enum.IntEnum):
    """What one more byte brought the reader."""

    NOTHING = 0
    FRAME = 1
    BAD_ESCAPE = 2
    TOO_SHORT = 3
    TOO_LONG = 4
    BAD_CRC = 5


class Evidence(enum.IntEnum):
    """What the line brought when a request was sent once."""

    ANSWER = 0
    NOTHING = 1
    ECHO = 2
    GARBLED = 3
    CHECKSUM = 4
    LATE = 5
    NO_PORT = 6


class LinkStatus(enum.IntEnum):
    """What the link to the meter is worth."""

    STARTING = 0
    OK = 1
    NO_ANSWER = 2
    ECHO_ONLY = 3
    GARBLED = 4
    CHECKSUM_ERRORS = 5
    LINE_LOW = 6
    PULSES = 7
    LATE_ANSWERS = 8
    NO_PORT = 9


class Need(enum.IntEnum):
    """How much an asker needs the line."""

    NOTHING = 0
    TURN = 1
    LINE = 2


class InfoForm(enum.IntEnum):
    """How a register says which info codes are active."""

    BITS = 0
    DIGITS = 1
    SUM = 2
    WATER = 3
    UNKNOWN = 4


class YamlPlace(enum.IntEnum):
    """Where the entity of a register stands in the YAML."""

    SENSOR = 0
    SENSOR_BY_NUMBER = 1
    TEXT_SENSOR = 2
    TEXT_SENSOR_BY_NUMBER = 3


class FoundRegister(NamedTuple):
    """The entity that a scan offers. part_of: the register that it is offered with, 0 for none."""

    place: YamlPlace
    needs_unit: bool
    part_of: int
    name: str


class Request(NamedTuple):
    """A question to the meter."""

    command: int
    ids: tuple[int, ...] = ()
    once: bool = False


class Number(NamedTuple):
    """A decimal number: mantissa * 10^exponent."""

    mantissa: int
    exponent: int = 0
    negative: bool = False

    @property
    def value(self) -> Fraction:
        """The exact value."""
        magnitude = self.mantissa * Fraction(10) ** self.exponent
        return -magnitude if self.negative else magnitude


class Ratio(NamedTuple):
    """What a number is multiplied by to change its unit."""

    numerator: int = 1
    denominator: int = 1
    exponent: int = 0

    @property
    def value(self) -> Fraction:
        """The exact value."""
        return Fraction(self.numerator, self.denominator) * Fraction(10) ** self.exponent


class Value(NamedTuple):
    """One register's block as it stands in a reply."""

    unit: int
    data: bytes
    sign_exponent: int = 0
    id: int = 60


@dataclass(frozen=True)
class Info:
    """What an info register says. active, tellable: numbers of codes."""

    active: frozenset[int]
    tellable: frozenset[int]
    has_unknown: bool
    names: str
    number: str


@dataclass(frozen=True)
class Register:
    """One register's block in a reply; number is None when it is none."""

    id: int
    unit: int
    sign_exponent: int
    data: bytes
    number: Number | None


@dataclass(frozen=True)
class Reply:
    """An accepted reply; only what belongs to its command is filled in."""

    command: int
    registers: tuple[Register, ...] = ()
    meter_type: tuple[int, int, int] | None = None
    serial_no: int | None = None


@dataclass(frozen=True)
class Attempt:
    """What one attempt of a request brought."""

    evidence: Evidence
    received_size: int
    echo_size: int
    zero_count: int
    kept: bytes


@dataclass(frozen=True)
class Answer:
    """A request that was answered; delay: milliseconds until the reply began."""

    request: Request
    reply: Reply
    attempt: Attempt
    delay: int


class _CRequest(ctypes.Structure):
    _fields_ = (
        ("command", ctypes.c_uint8),
        ("count", ctypes.c_uint8),
        ("once", ctypes.c_bool),
        ("ids", ctypes.c_uint16 * MAX_TRIED_REGISTERS),
    )


class _CDecimal(ctypes.Structure):
    _fields_ = (
        ("mantissa", ctypes.c_uint64),
        ("exponent", ctypes.c_int8),
        ("negative", ctypes.c_bool),
    )


class _CRatio(ctypes.Structure):
    _fields_ = (
        ("numerator", ctypes.c_uint16),
        ("denominator", ctypes.c_uint16),
        ("exponent", ctypes.c_int8),
    )


class _CRegister(ctypes.Structure):
    _fields_ = (
        ("id", ctypes.c_uint16),
        ("unit", ctypes.c_uint8),
        ("size", ctypes.c_uint8),
        ("sign_exponent", ctypes.c_uint8),
        ("is_number", ctypes.c_bool),
        ("number", _CDecimal),
        ("data", ctypes.c_uint8 * MAX_REPLY_SIZE),
    )


class _CValue(ctypes.Structure):
    _fields_ = (
        ("id", ctypes.c_uint16),
        ("unit", ctypes.c_uint8),
        ("size", ctypes.c_uint8),
        ("sign_exponent", ctypes.c_uint8),
        ("data", ctypes.c_uint8 * MAX_REPLY_SIZE),
    )


class _CInfoCodes(ctypes.Structure):
    _fields_ = (
        ("active", ctypes.c_uint64),
        ("tellable", ctypes.c_uint64),
        ("has_unknown", ctypes.c_bool),
    )


class _CReply(ctypes.Structure):
    _fields_ = (
        ("command", ctypes.c_uint8),
        ("count", ctypes.c_uint8),
        ("type", ctypes.c_uint16),
        ("revision_letter", ctypes.c_uint8),
        ("revision_number", ctypes.c_uint8),
        ("serial_no", ctypes.c_uint32),
        ("registers", _CRegister * MAX_REGISTERS),
    )


class _CAttempt(ctypes.Structure):
    _fields_ = (
        ("evidence", ctypes.c_uint8),
        ("received_size", ctypes.c_uint32),
        ("echo_size", ctypes.c_uint32),
        ("zero_count", ctypes.c_uint32),
        ("kept_size", ctypes.c_uint32),
        ("kept", ctypes.c_uint8 * MAX_KEPT),
    )


_SendCallback = ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_uint8), ctypes.c_size_t)
_AnswerCallback = ctypes.CFUNCTYPE(
    None,
    ctypes.POINTER(_CRequest),
    ctypes.POINTER(_CReply),
    ctypes.POINTER(_CAttempt),
    ctypes.c_uint32,
)
_AttemptCallback = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.POINTER(_CAttempt))
_FailureCallback = ctypes.CFUNCTYPE(None, ctypes.POINTER(_CRequest), ctypes.POINTER(_CAttempt))
_LateReplyCallback = ctypes.CFUNCTYPE(None, ctypes.POINTER(_CAttempt), ctypes.c_uint32)
_NeedCallback = ctypes.CFUNCTYPE(ctypes.c_uint8, ctypes.c_uint8)
_NextCallback = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_uint8, ctypes.c_uint64)

_handle = ctypes.c_void_p
_FUNCTIONS: dict[str, tuple[object, list[object]]] = {
    "crc16": (ctypes.c_uint16, [ctypes.c_char_p, ctypes.c_size_t]),
    "line_time_ms": (ctypes.c_uint32, [ctypes.c_size_t]),
    "add_registers": (None, [ctypes.POINTER(_CRequest), ctypes.c_void_p, _handle]),
    "add_register_pairs": (None, [ctypes.POINTER(_CRequest), ctypes.c_void_p, _handle]),
    "encode": (ctypes.c_size_t, [ctypes.POINTER(_CRequest), ctypes.c_char_p]),
    "reader_new": (_handle, []),
    "reader_delete": (None, [_handle]),
    "reader_feed": (ctypes.c_uint8, [_handle, ctypes.c_uint8]),
    "reader_reset": (None, [_handle]),
    "reader_in_frame": (ctypes.c_bool, [_handle]),
    "reader_frame": (ctypes.c_size_t, [_handle, ctypes.c_char_p]),
    "parse": (ctypes.c_bool, [_handle, ctypes.POINTER(_CRequest), ctypes.POINTER(_CReply)]),
    "to_float": (ctypes.c_float, [ctypes.POINTER(_CDecimal), ctypes.POINTER(_CRatio)]),
    "find_ratio": (
        ctypes.c_bool,
        [ctypes.c_uint8, ctypes.c_uint8, ctypes.c_uint8, ctypes.POINTER(_CRatio)],
    ),
    "found_register": (
        ctypes.c_uint8,
        [
            ctypes.c_uint16,
            ctypes.c_uint8,
            ctypes.c_bool,
            ctypes.POINTER(ctypes.c_bool),
            ctypes.POINTER(ctypes.c_uint16),
            ctypes.c_char_p,
        ],
    ),
    "unit_name": (None, [ctypes.c_uint8, ctypes.c_char_p]),
    "text": (None, [ctypes.POINTER(_CValue), ctypes.c_char_p]),
    "date_time_text": (
        ctypes.c_bool,
        [ctypes.POINTER(_CValue), ctypes.POINTER(_CValue), ctypes.c_char_p],
    ),
    "info": (
        None,
        [
            ctypes.c_uint32,
            ctypes.c_uint8,
            ctypes.POINTER(_CInfoCodes),
            ctypes.c_char_p,
            ctypes.c_char_p,
        ],
    ),
    "energy_total_new": (_handle, [ctypes.c_bool]),
    "energy_total_delete": (None, [_handle]),
    "energy_total_was_fine": (ctypes.c_bool, [_handle]),
    "energy_total_disagrees": (ctypes.c_bool, [_handle]),
    "energy_total_contradicts": (ctypes.c_bool, [_handle]),
    "energy_total_published": (None, [_handle]),
    "energy_total_take": (
        ctypes.c_bool,
        [
            _handle,
            ctypes.POINTER(_CValue),
            ctypes.POINTER(_CValue),
            ctypes.c_bool,
            ctypes.POINTER(_CDecimal),
            ctypes.POINTER(ctypes.c_uint8),
        ],
    ),
    "total_guard_new": (_handle, [ctypes.c_float]),
    "total_guard_delete": (None, [_handle]),
    "total_guard_take": (ctypes.c_bool, [_handle, ctypes.c_float, ctypes.c_bool]),
    "total_guard_must_keep": (ctypes.c_bool, [_handle]),
    "total_guard_last": (ctypes.c_float, [_handle]),
    "to_whole": (ctypes.c_int32, [ctypes.c_float]),
    "attempt": (
        None,
        [
            ctypes.POINTER(_CRequest),
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.POINTER(_CAttempt),
        ],
    ),
    "attempt_begin": (ctypes.c_size_t, [ctypes.POINTER(_CRequest), ctypes.c_char_p]),
    "link_health_new": (_handle, []),
    "link_health_delete": (None, [_handle]),
    "link_health_status": (ctypes.c_uint8, [_handle]),
    "link_health_is_connected": (ctypes.c_bool, [_handle]),
    "link_health_request_answered": (ctypes.c_bool, [_handle]),
    "link_health_attempt_failed": (
        None,
        [_handle, ctypes.POINTER(_CRequest), ctypes.c_char_p, ctypes.c_size_t],
    ),
    "link_health_update_failed": (ctypes.c_bool, [_handle]),
    "link_health_answered_late": (None, [_handle]),
    "link_health_unasked_byte": (None, [_handle, ctypes.c_uint8]),
    "link_health_pulses_seen": (None, [_handle, ctypes.c_size_t]),
    "link_health_line_sampled": (None, [_handle, ctypes.c_bool]),
    "link_health_port_checked": (None, [_handle, ctypes.c_bool]),
    "link_counters_new": (_handle, []),
    "link_counters_delete": (None, [_handle]),
    "link_counters_request_sent": (None, [_handle, ctypes.c_bool]),
    "link_counters_reading_completed": (None, [_handle, ctypes.c_uint64]),
    "link_counters_requests": (ctypes.c_uint32, [_handle]),
    "link_counters_failed_requests": (ctypes.c_uint32, [_handle]),
    "link_counters_last_reading_age": (
        ctypes.c_bool,
        [_handle, ctypes.c_uint64, ctypes.POINTER(ctypes.c_uint32)],
    ),
    "asker_turns_new": (_handle, [ctypes.c_uint8, _NeedCallback, _NextCallback]),
    "asker_turns_delete": (None, [_handle]),
    "asker_turns_next": (
        ctypes.c_bool,
        [_handle, ctypes.c_uint64, ctypes.POINTER(ctypes.c_uint8)],
    ),
    "asker_turns_current": (ctypes.c_uint8, [_handle]),
    "asker_turns_is_needed": (ctypes.c_bool, [_handle]),
    "conversation_new": (
        _handle,
        [_SendCallback, _AnswerCallback, _AttemptCallback, _FailureCallback, _LateReplyCallback],
    ),
    "conversation_delete": (None, [_handle]),
    "conversation_set_response_timeout": (None, [_handle, ctypes.c_uint32]),
    "conversation_set_retries": (None, [_handle, ctypes.c_uint8]),
    "conversation_is_done": (ctypes.c_bool, [_handle]),
    "conversation_is_idle": (ctypes.c_bool, [_handle]),
    "conversation_start": (
        ctypes.c_bool,
        [_handle, ctypes.POINTER(_CRequest), ctypes.c_uint32],
    ),
    "conversation_is_waiting": (ctypes.c_bool, [_handle]),
    "conversation_receive": (None, [_handle, ctypes.c_uint8, ctypes.c_uint32]),
    "conversation_poll": (None, [_handle, ctypes.c_uint32]),
}


def _bind(name: str) -> Callable[..., Any]:
    function = getattr(_library, f"kmp_{name}")
    function.restype, function.argtypes = _FUNCTIONS[name]
    return function


_c = {name: _bind(name) for name in _FUNCTIONS}


def _to_c_request(request: Request) -> _CRequest:
    ids = (ctypes.c_uint16 * MAX_TRIED_REGISTERS)(*request.ids)
    return _CRequest(request.command, len(request.ids), request.once, ids)


def _from_c_request(request: _CRequest) -> Request:
    return Request(request.command, tuple(request.ids[: request.count]), request.once)


def _from_c_reply(reply: _CReply) -> Reply:
    if reply.command == GET_TYPE:
        meter_type = (reply.type, reply.revision_letter, reply.revision_number)
        return Reply(GET_TYPE, meter_type=meter_type)
    if reply.command == GET_SERIAL_NO:
        return Reply(GET_SERIAL_NO, serial_no=reply.serial_no)
    registers = []
    for block in reply.registers[: reply.count]:
        number = block.number
        registers.append(
            Register(
                id=block.id,
                unit=block.unit,
                sign_exponent=block.sign_exponent,
                data=bytes(block.data[: block.size]),
                number=Number(number.mantissa, number.exponent, number.negative)
                if block.is_number
                else None,
            )
        )
    return Reply(reply.command, tuple(registers))


def _from_c_attempt(attempt: _CAttempt) -> Attempt:
    return Attempt(
        evidence=Evidence(attempt.evidence),
        received_size=attempt.received_size,
        echo_size=attempt.echo_size,
        zero_count=attempt.zero_count,
        kept=bytes(attempt.kept[: attempt.kept_size]),
    )


def crc16(data: bytes) -> int:
    """Return the CRC of these bytes."""
    return _c["crc16"](data, len(data))


def line_time_ms(count: int) -> int:
    """Return how long so many bytes take on the line."""
    return _c["line_time_ms"](count)


def add_registers(ids: Iterable[int]) -> tuple[list[bool], Request]:
    """Put registers into a request; return what add_register() said to each, and the request."""
    asked = _to_c_request(Request(GET_REGISTER, tuple(ids)))
    taken = (ctypes.c_bool * MAX_TRIED_REGISTERS)()
    kept = _CRequest()
    _c["add_registers"](asked, taken, ctypes.byref(kept))
    return list(taken[: asked.count]), _from_c_request(kept)


def add_register_pairs(pairs: Iterable[tuple[int, int]]) -> tuple[list[bool], Request]:
    """Put pairs of registers into a request, and return the same."""
    asked = _to_c_request(Request(GET_REGISTER, tuple(i for pair in pairs for i in pair)))
    taken = (ctypes.c_bool * MAX_TRIED_REGISTERS)()
    kept = _CRequest()
    _c["add_register_pairs"](asked, taken, ctypes.byref(kept))
    return list(taken[: asked.count // 2]), _from_c_request(kept)


def encode(request: Request) -> bytes:
    """Return the frame of a request."""
    frame = ctypes.create_string_buffer(MAX_REQUEST_SIZE)
    size = _c["encode"](_to_c_request(request), frame)
    return frame.raw[:size]


class Reader:
    """A FrameReader."""

    def __init__(self) -> None:
        """Make one that has read nothing yet."""
        self._reader = _c["reader_new"]()

    def __del__(self) -> None:
        """Give its memory back."""
        _c["reader_delete"](self._reader)

    def feed(self, byte: int) -> ReadResult:
        """Give it one byte."""
        return ReadResult(_c["reader_feed"](self._reader, byte))

    def reset(self) -> None:
        """Make it forget a frame that has begun."""
        _c["reader_reset"](self._reader)

    @property
    def in_frame(self) -> bool:
        """Whether a frame has begun and not ended."""
        return _c["reader_in_frame"](self._reader)

    def frame(self) -> bytes:
        """Return address, command and payload of the frame that just ended."""
        content = ctypes.create_string_buffer(MAX_REPLY_SIZE)
        size = _c["reader_frame"](self._reader, content)
        return content.raw[:size]

    def parse(self, request: Request) -> Reply | None:
        """Check the frame that just ended as the reply to a request; None when refused."""
        reply = _CReply()
        if not _c["parse"](self._reader, _to_c_request(request), reply):
            return None
        return _from_c_reply(reply)

    def feed_all(self, data: bytes) -> tuple[list[ReadResult], list[bytes]]:
        """Give it many bytes; return everything they brought but NOTHING, and the frames."""
        results: list[ReadResult] = []
        frames: list[bytes] = []
        for byte in data:
            result = self.feed(byte)
            if result is not ReadResult.NOTHING:
                results.append(result)
            if result is ReadResult.FRAME:
                frames.append(self.frame())
        return results, frames


def read_reply(request: Request, data: bytes) -> Reply | None:
    """Read bytes from the line until the first frame that answers a request; None without one."""
    reader = Reader()
    for byte in data:
        if reader.feed(byte) is ReadResult.FRAME and (reply := reader.parse(request)):
            return reply
    return None


def to_float(number: Number, ratio: Ratio = Ratio()) -> float:  # noqa: B008 - immutable
    """Return the float that the library makes of number * ratio."""
    return _c["to_float"](_CDecimal(*number), _CRatio(*ratio))


def find_ratio(source: int, target: int, plain: int = 0) -> Ratio | None:
    """Return what changes one unit into another, None when refused.

    plain: what a plain number counts, 0 for nothing.
    """
    ratio = _CRatio()
    if not _c["find_ratio"](source, target, plain, ratio):
        return None
    return Ratio(ratio.numerator, ratio.denominator, ratio.exponent)


def convert(number: Number, source: int, target: int) -> float | None:
    """Return a number in another unit as a sensor shows it, None when refused."""
    ratio = find_ratio(source, target)
    return None if ratio is None else to_float(number, ratio)


def _string(buffer: ctypes.Array[ctypes.c_char]) -> str:
    """Return the text in a buffer."""
    text, end, _ = buffer.raw.partition(b"\0")
    assert end, "text without an end"
    return text.decode()


def found_register(id_: int, unit: int, is_number: bool) -> FoundRegister:
    """Return what a scan makes of a register with a value like this."""
    needs_unit, part_of = ctypes.c_bool(), ctypes.c_uint16()
    name = ctypes.create_string_buffer(MAX_REGISTER_NAME_SIZE)
    place = _c["found_register"](id_, unit, is_number, needs_unit, part_of, name)
    return FoundRegister(YamlPlace(place), needs_unit.value, part_of.value, _string(name))


def unit_name(unit: int) -> str:
    """Return the name of a unit."""
    name = ctypes.create_string_buffer(MAX_UNIT_NAME_SIZE)
    _c["unit_name"](unit, name)
    return _string(name)


def _to_c_value(value: Value) -> _CValue:
    data = (ctypes.c_uint8 * MAX_REPLY_SIZE)(*value.data)
    return _CValue(value.id, value.unit, len(value.data), value.sign_exponent, data)


def text(value: Value) -> str:
    """Return a value as text."""
    result = ctypes.create_string_buffer(MAX_TEXT_SIZE)
    _c["text"](_to_c_value(value), result)
    return _string(result)


def date_time_text(day: Value, time: Value) -> str | None:
    """Return a day and a time of day as one text; None when refused."""
    result = ctypes.create_string_buffer(MAX_TEXT_SIZE)
    if not _c["date_time_text"](_to_c_value(day), _to_c_value(time), result):
        return None
    return _string(result)


def info(value: int, form: InfoForm) -> Info:
    """Return what an info register says."""
    codes = _CInfoCodes()
    names = ctypes.create_string_buffer(MAX_INFO_TEXT_SIZE)
    number = ctypes.create_string_buffer(MAX_INFO_NUMBER_SIZE)
    _c["info"](value, form, codes, names, number)

    def numbers(bits: int) -> frozenset[int]:
        return frozenset(number for number in range(64) if bits >> number & 1)

    return Info(
        numbers(codes.active),
        numbers(codes.tellable),
        codes.has_unknown,
        _string(names),
        _string(number),
    )


class EnergyTotal:
    """An EnergyTotal."""

    def __init__(self, was_fine: bool = False) -> None:
        """Make one; was_fine: as before a restart."""
        self._total = _c["energy_total_new"](was_fine)

    def __del__(self) -> None:
        """Give its memory back."""
        _c["energy_total_delete"](self._total)

    @property
    def was_fine(self) -> bool:
        """What is to be kept over a restart."""
        return _c["energy_total_was_fine"](self._total)

    @property
    def disagrees(self) -> bool:
        """Whether the fine register came and did not fit."""
        return _c["energy_total_disagrees"](self._total)

    @property
    def contradicts(self) -> bool:
        """Whether the two begin to disagree with the last result."""
        return _c["energy_total_contradicts"](self._total)

    def published(self) -> None:
        """Tell it that the last result was published."""
        _c["energy_total_published"](self._total)

    def take(
        self, coarse: Value, fine: Value | None, fine_is_gone: bool = False
    ) -> tuple[Number, int] | None:
        """Take a reading; return the number to publish and its unit, None for nothing."""
        number, unit = _CDecimal(), ctypes.c_uint8()
        if not _c["energy_total_take"](
            self._total,
            _to_c_value(coarse),
            None if fine is None else _to_c_value(fine),
            fine_is_gone,
            ctypes.byref(number),
            ctypes.byref(unit),
        ):
            return None
        return Number(number.mantissa, number.exponent, number.negative), unit.value


class TotalGuard:
    """A TotalGuard."""

    def __init__(self, kept: float = math.nan) -> None:
        """Make one; kept: what was kept before a restart."""
        self._guard = _c["total_guard_new"](kept)

    def __del__(self) -> None:
        """Give its memory back."""
        _c["total_guard_delete"](self._guard)

    def take(self, total: float, contradicted: bool = False) -> bool:
        """Take a reading; return whether to publish it."""
        return _c["total_guard_take"](self._guard, total, contradicted)

    def must_keep(self) -> bool:
        """Tell whether to keep `last` over a restart, once."""
        return _c["total_guard_must_keep"](self._guard)

    @property
    def last(self) -> float:
        """What was believed last; NaN before that."""
        return _c["total_guard_last"](self._guard)


def to_whole(value: float) -> int:
    """Return a value as the log shows it."""
    return _c["to_whole"](value)


def attempt(request: Request | None, received: bytes) -> Attempt:
    """Return what an attempt comes to that has received these bytes; None: nothing was asked."""
    result = _CAttempt()
    asked = None if request is None else _to_c_request(request)
    _c["attempt"](asked, received, len(received), result)
    return _from_c_attempt(result)


def attempt_frame(request: Request) -> bytes:
    """Return the frame that an attempt begins with."""
    frame = ctypes.create_string_buffer(MAX_REQUEST_SIZE)
    size = _c["attempt_begin"](_to_c_request(request), frame)
    return frame.raw[:size]


class LinkHealth:
    """A LinkHealth."""

    def __init__(self) -> None:
        """Make one that knows nothing yet."""
        self._health = _c["link_health_new"]()

    def __del__(self) -> None:
        """Give its memory back."""
        _c["link_health_delete"](self._health)

    @property
    def status(self) -> LinkStatus:
        """What the link is worth."""
        return LinkStatus(_c["link_health_status"](self._health))

    @property
    def is_connected(self) -> bool:
        """Whether the meter is there."""
        return _c["link_health_is_connected"](self._health)

    def request_answered(self) -> bool:
        """Tell it of an answer; return whether the meter is found with it."""
        return _c["link_health_request_answered"](self._health)

    def attempt_failed(self, request: Request, received: bytes) -> None:
        """Tell it of an attempt that was not answered, and what came instead."""
        asked = _to_c_request(request)
        _c["link_health_attempt_failed"](self._health, asked, received, len(received))

    def update_failed(self) -> bool:
        """Tell it that an update ended without an answer; return whether the meter is lost."""
        return _c["link_health_update_failed"](self._health)

    def answered_late(self) -> None:
        """Tell it that the reply to the last request has come after all."""
        _c["link_health_answered_late"](self._health)

    def unasked_byte(self, byte: int) -> None:
        """Tell it of a byte that came while nothing was asked."""
        _c["link_health_unasked_byte"](self._health, byte)

    def pulses_seen(self, count: int) -> None:
        """Tell it of lone pulses."""
        _c["link_health_pulses_seen"](self._health, count)

    def line_sampled(self, high: bool) -> None:
        """Tell it the level of the line at rest."""
        _c["link_health_line_sampled"](self._health, high)

    def port_checked(self, usable: bool) -> None:
        """Tell it whether there is a port."""
        _c["link_health_port_checked"](self._health, usable)


class LinkCounters:
    """A LinkCounters."""

    def __init__(self) -> None:
        """Make one that has counted nothing yet."""
        self._counters = _c["link_counters_new"]()

    def __del__(self) -> None:
        """Give its memory back."""
        _c["link_counters_delete"](self._counters)

    @property
    def requests(self) -> int:
        """How often a request was sent."""
        return _c["link_counters_requests"](self._counters)

    @property
    def failed_requests(self) -> int:
        """How often it was not answered."""
        return _c["link_counters_failed_requests"](self._counters)

    def request_sent(self, answered: bool) -> None:
        """Tell it that a request was sent once."""
        _c["link_counters_request_sent"](self._counters, answered)

    def reading_completed(self, now: int) -> None:
        """Tell it that everything was read."""
        _c["link_counters_reading_completed"](self._counters, now)

    def last_reading_age(self, now: int) -> int | None:
        """Seconds since then; None before the first time."""
        age = ctypes.c_uint32()
        known = _c["link_counters_last_reading_age"](self._counters, now, ctypes.byref(age))
        return age.value if known else None


class Asker(Protocol):
    """Whoever asks the meter."""

    def need(self) -> Need:
        """Say how much it needs the line."""

    def next(self, now: int) -> bool:
        """Say whether it has a request now."""


class AskerTurns:
    """An AskerTurns."""

    def __init__(self, askers: Sequence[Asker]) -> None:
        """Make one for these askers."""
        # Kept as long as the turns: C++ calls them.
        self._callbacks = (
            _NeedCallback(lambda asker: askers[asker].need()),
            _NextCallback(lambda asker, now: askers[asker].next(now)),
        )
        self._turns = _c["asker_turns_new"](len(askers), *self._callbacks)

    def __del__(self) -> None:
        """Give its memory back."""
        _c["asker_turns_delete"](self._turns)

    @property
    def current(self) -> int:
        """The number of the current asker."""
        return _c["asker_turns_current"](self._turns)

    @property
    def is_needed(self) -> bool:
        """Whether any asker needs anything."""
        return _c["asker_turns_is_needed"](self._turns)

    def next(self, now: int) -> int | None:
        """Return the number of the asker whose request is next; None when nobody has one."""
        asker = ctypes.c_uint8()
        found = _c["asker_turns_next"](self._turns, now, ctypes.byref(asker))
        return asker.value if found else None


class Handler(Protocol):
    """What a conversation tells the world."""

    def send(self, data: bytes) -> None:
        """Put bytes onto the line."""

    def on_answer(self, answer: Answer) -> None:
        """Take an answer."""

    def on_attempt_failed(self, attempt: Attempt) -> bool:
        """Take notice of an attempt without an answer; say whether it may be repeated."""

    def on_failure(self, request: Request, attempt: Attempt) -> None:
        """Take notice of a failure, and of the last attempt."""

    def on_late_reply(self, attempt: Attempt, delay: int) -> None:
        """Take notice of a reply after the failure, and of the attempt with it."""


class Conversation:
    """A Conversation."""

    def __init__(self, handler: Handler) -> None:
        """Make one that talks to this handler."""
        # Kept as long as the conversation: C++ calls them.
        self._callbacks = (
            _SendCallback(lambda data, size: handler.send(bytes(data[:size]))),
            _AnswerCallback(
                lambda request, reply, attempt, delay: handler.on_answer(
                    Answer(
                        request=_from_c_request(request[0]),
                        reply=_from_c_reply(reply[0]),
                        attempt=_from_c_attempt(attempt[0]),
                        delay=delay,
                    )
                )
            ),
            _AttemptCallback(
                lambda attempt: handler.on_attempt_failed(_from_c_attempt(attempt[0]))
            ),
            _FailureCallback(
                lambda request, attempt: handler.on_failure(
                    _from_c_request(request[0]), _from_c_attempt(attempt[0])
                )
            ),
            _LateReplyCallback(
                lambda attempt, delay: handler.on_late_reply(_from_c_attempt(attempt[0]), delay)
            ),
        )
        self._conversation = _c["conversation_new"](*self._callbacks)

    def __del__(self) -> None:
        """Give its memory back."""
        _c["conversation_delete"](self._conversation)

    def set_response_timeout(self, response_timeout: int) -> None:
        """Set the longest time until a reply begins."""
        _c["conversation_set_response_timeout"](self._conversation, response_timeout)

    def set_retries(self, retries: int) -> None:
        """Set how often a request is repeated."""
        _c["conversation_set_retries"](self._conversation, retries)

    @property
    def is_idle(self) -> bool:
        """Whether a request may be started."""
        return _c["conversation_is_idle"](self._conversation)

    @property
    def is_done(self) -> bool:
        """Whether it need not be told any more what comes."""
        return _c["conversation_is_done"](self._conversation)

    @property
    def is_waiting(self) -> bool:
        """Whether the reply to a request is due."""
        return _c["conversation_is_waiting"](self._conversation)

    def start(self, request: Request, now: int) -> bool:
        """Start a request; False when refused."""
        return _c["conversation_start"](self._conversation, _to_c_request(request), now)

    def receive(self, byte: int, now: int) -> None:
        """Give it one byte from the line."""
        _c["conversation_receive"](self._conversation, byte, now)

    def poll(self, now: int) -> None:
        """Let it notice the time."""
        _c["conversation_poll"](self._conversation, now)
