"""The component's C++ classes that are independent of ESPHome, as Python objects.

bindings.cpp lists them: a new class or function is one line there and one name here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from kmp.build import HERE, load

load("multical_library", [HERE / "bindings.cpp", HERE / "plan.cpp"])

from multical_library import (  # noqa: E402 - there is none before
    FAILED_UPDATES_UNTIL_GONE,
    LONGEST_GAP,
    LONGEST_REPLY,
    MAX_INFO_TEXT_SIZE,
    MAX_KEPT,
    MAX_REGISTERS,
    MAX_REPLY_SIZE,
    MAX_REQUEST_SIZE,
    MAX_RESPONSE_TIMEOUT,
    MAX_TEXT_SIZE,
    MAX_UNIT_NAME_SIZE,
    MIN_LOW_SAMPLES,
    MIN_PULSES,
    ONCE,
    ONLY_DUE,
    WHOLE,
    WINDOW,
    WITHOUT_KNOWN_COMPANION,
    AskerTurns,
    Command,
    Conversation,
    Do,
    Doubt,
    EnergyTotal,
    Evidence,
    Fault,
    InfoForm,
    Kind,
    LinkCounters,
    LinkHealth,
    LinkStatus,
    Need,
    Outcome,
    Reader,
    ReadResult,
    RegisterNews,
    Request,
    Schedule,
    TotalGuard,
    YamlPlace,
    attempt,
    attempt_frame,
    date_time_text,
    find_ratio,
    found_register,
    info_codes,
    info_number,
    info_text,
    line_time_ms,
    run_plan,
    text,
    to_decimal,
    to_float,
    to_whole,
    unit_name,
)

GET_TYPE, GET_SERIAL_NO, GET_REGISTER = Command


class FoundRegister(NamedTuple):
    """The entity that a scan offers. part_of: the register it is offered with, 0 for none."""

    place: YamlPlace
    needs_unit: bool
    part_of: int
    name: str


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
    """One register's block in a reply."""

    unit: int
    data: bytes
    sign_exponent: int = 0
    id: int = 60

    @property
    def number(self) -> Number | None:
        """The value as a number; None if it is not one."""
        return to_decimal(self)


class MeterType(NamedTuple):
    """Answer to GetType."""

    type: int
    revision_letter: int
    revision_number: int


class Total(NamedTuple):
    """What EnergyTotal publishes."""

    value: Number
    unit: int


class InfoCodes(NamedTuple):
    """The codes in an info register; bit n of active and tellable stands for code n."""

    active: int
    tellable: int
    has_unknown: bool


class Info(NamedTuple):
    """The codes in an info register. active, tellable: numbers of codes."""

    active: frozenset[int]
    tellable: frozenset[int]
    has_unknown: bool
    names: str
    number: str


@dataclass(frozen=True)
class Reply:
    """An accepted reply; only the fields of its command are filled in."""

    command: int
    registers: tuple[Value, ...] = ()
    meter_type: MeterType | None = None
    serial_no: int | None = None


class Attempt(NamedTuple):
    """What one attempt of a request brought back."""

    evidence: Evidence
    received_size: int
    echo_size: int
    zero_count: int
    kept: bytes


class Answer(NamedTuple):
    """A request that was answered; delay: milliseconds until the reply began."""

    request: Request
    reply: Reply
    attempt: Attempt
    delay: int


def read_reply(request: Request, data: bytes) -> Reply | None:
    """Read bytes from the line until the first frame that answers a request; None if none does."""
    reader = Reader()
    for byte in data:
        if reader.feed(byte) is ReadResult.FRAME and (reply := reader.parse(request)):
            return reply
    return None


def convert(number: Number, source: int, target: int) -> float | None:
    """Return a number in another unit as a sensor shows it, None if it is refused."""
    ratio = find_ratio(source, target)
    return None if ratio is None else to_float(number, ratio)


def info(value: int, form: InfoForm) -> Info:
    """Return the codes in an info register."""
    codes: InfoCodes = info_codes(value, form)

    def numbers(bits: int) -> frozenset[int]:
        return frozenset(number for number in range(64) if bits >> number & 1)

    return Info(
        numbers(codes.active),
        numbers(codes.tellable),
        codes.has_unknown,
        info_text(value, form),
        info_number(value, form),
    )
