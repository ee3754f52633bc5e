"""What can go wrong between a meter and its reader, as a table, and how a fault is written down.

A fault is written NAME, NAME:PROBABILITY or NAME:PROBABILITY:PARAMETER; an empty PROBABILITY is 1.
So `late:0.2:3` makes every fifth reply up to 3 seconds late, and `batch_refused::1004` leaves all
requests with register 1004 unanswered.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple, Self

from . import codec, corruption
from .codec import CodecError, Direction

PULSE = 0x00
"""What a UART at 1200 baud makes of a low pulse of 32 ms, the length of Kamstrup's outputs."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number that a fault can be given.

    name: what is counted. low, high: both allowed. is_whole: only whole numbers are.
    """

    name: str
    default: float
    low: float
    high: float
    is_whole: bool = False

    def number(self, given: float | str, fault: str) -> float:
        """Return what was given as a number; ValueError names it, the fault and what is allowed."""
        try:
            number = float(given)
        except ValueError:
            number = math.nan
        if not self.low <= number <= self.high or (self.is_whole and number % 1):
            kind = "a whole number" if self.is_whole else "a number"
            raise ValueError(
                f"{self.name} {given!r} of fault {fault} is not {kind} "
                f"from {self.low:.10g} to {self.high:.10g}"
            )
        return number


PROBABILITY = Parameter("probability", 1, 0, 1)


class Heard(NamedTuple):
    """A request that has reached the meter. quiet: seconds since the one before, or a wake-up."""

    request: bytes
    quiet: float


@dataclass(frozen=True, slots=True)
class Kind:
    """What a fault does; everything that a row does not name stays as it should be.

    parameter: None if it takes none. echoes: the head returns what the reader sends. unplugs: the
    port goes away. silences: tells why there is no reply, empty if there is one. is_late: the
    reply waits for a random time up to the parameter in seconds; is_slow: for exactly that time.
    corrupts: makes other bytes of a reply. strays: seconds before each byte that comes without any
    request, and the byte. once: strikes a single time, and only after a reply has shown the
    register that the parameter names.
    """

    description: str
    parameter: Parameter | None = None
    echoes: bool = False
    unplugs: bool = False
    silences: Callable[[Heard, float], str] | None = None
    is_late: bool = False
    is_slow: bool = False
    corrupts: Callable[[bytes, Random, float], bytes] | None = None
    strays: Callable[[Random, float], Iterator[tuple[float, int]]] | None = None
    once: bool = False


def _always(reason: str) -> Callable[[Heard, float], str]:
    return lambda _heard, _value: reason


def _sleeps(heard: Heard, seconds: float) -> str:
    return f"asleep after {heard.quiet:.1f} s" if heard.quiet >= seconds else ""


def _refuses(heard: Heard, register: float) -> str:
    try:
        frame = codec.decode_frame(Direction.TO_METER, heard.request)
    except CodecError:
        return ""
    data = frame.data
    asked = {int.from_bytes(data[i : i + 2]) for i in range(1, len(data), 2)}
    is_asked = frame.command == codec.GET_REGISTER and register in asked
    return f"refused because of register {register:g}" if is_asked else ""


def _refuses_command(heard: Heard, command: float) -> str:
    try:
        frame = codec.decode_frame(Direction.TO_METER, heard.request)
    except CodecError:
        return ""
    return f"no answer to command {command:g}" if frame.command == command else ""


def _noise(random: Random, seconds: float) -> Iterator[tuple[float, int]]:
    while True:
        yield random.expovariate(1 / seconds), corruption.noise_byte(random)


def _pulses(_random: Random, seconds: float) -> Iterator[tuple[float, int]]:
    while True:
        yield seconds, PULSE


def _low_from_now_on(_random: Random, _value: float) -> Iterator[tuple[float, int]]:
    yield 0.0, 0x00


def _shows_once(what: str, corrupts: Callable[[bytes, Random, float], bytes]) -> Kind:
    return Kind(
        f"one reply shows {what} that was shown before",
        Parameter("register", 60, 0, 0xFFFF, is_whole=True),
        corrupts=corrupts,
        once=True,
    )


# In the order in which they act: first on the request, then on the reply; there those that read a
# frame come before those that break it.
FAULTS: Mapping[str, Kind] = {
    "unplugged": Kind(
        "the port goes away at a request, until it is plugged in again",
        silences=_always("unplugged"),
        unplugs=True,
    ),
    "echo": Kind(
        "the head returns each byte of a request while it is sent; then the reply", echoes=True
    ),
    "echo_only": Kind(
        "the head returns each byte of a request; no reply",
        echoes=True,
        silences=_always("nothing but the echo"),
    ),
    "silent": Kind("no reply", silences=_always("switched to silent")),
    "asleep": Kind(
        "after so long without a request no reply, until the meter is woken",
        Parameter("seconds", 240, 0, 86_400),
        silences=_sleeps,
    ),
    "batch_refused": Kind(
        "no reply to any request with this register; all others are answered",
        Parameter("register", 96, 0, 0xFFFF, is_whole=True),
        silences=_refuses,
    ),
    "command_refused": Kind(
        "no reply to one command: 1 is GetType, 2 GetSerialNo, 16 GetRegister",
        Parameter("command", 1, 0, 0xFF, is_whole=True),
        silences=_refuses_command,
    ),
    "pulses": Kind(
        "a pulse output instead of a meter: one 00 every so many seconds, nothing else",
        Parameter("seconds", 2, 0.1, 3600),
        silences=_always("a pulse output has no ears"),
        strays=_pulses,
    ),
    "late": Kind(
        "the reply begins at a random time up to so many seconds after the request",
        Parameter("seconds", 3, 0, 60),
        is_late=True,
    ),
    "slow": Kind(
        "the reply begins so many seconds after the request",
        Parameter("seconds", 3, 0, 60),
        is_slow=True,
    ),
    "lower_once": _shows_once("half the value of a counter", corruption.lower),
    "higher_once": _shows_once("ten times the value of a counter", corruption.higher),
    "empty_once": _shows_once("0 for a counter", corruption.empty),
    "left_out": Kind(
        "the reply leaves out one register that the meter has",
        Parameter("register", 266, 0, 0xFFFF, is_whole=True),
        corrupts=corruption.leave_out,
    ),
    "other_register": Kind(
        "the reply carries a register that was not asked for", corrupts=corruption.rename_register
    ),
    "other_address": Kind(
        "the reply comes from address 7F, with a right CRC", corrupts=corruption.readdress
    ),
    "checksum_errors": Kind(
        "the reply has the right form and a wrong CRC", corrupts=corruption.spoil_checksum
    ),
    "byte_lost": Kind("the reply lacks one byte", corrupts=corruption.lose_byte),
    "byte_added": Kind("the reply has one byte too many", corrupts=corruption.add_byte),
    "bit_flipped": Kind("one bit of the reply is wrong", corrupts=corruption.flip_bit),
    "frame_cut": Kind("the reply breaks off", corrupts=corruption.cut),
    "two_replies": Kind("the reply comes twice in a row", corrupts=corruption.repeat),
    # Artificial: a meter at another speed would not understand the request either and stay silent,
    # and an echo is the reader's own light, always at its speed. What a reader really sees then is
    # "silent" or "echo_only"; this is what its UART makes of foreign bits.
    "wrong_baud": Kind(
        "the reply is sent at another speed and received at 1200 baud",
        Parameter("baud", 2400, 50, 115_200, is_whole=True),
        corrupts=corruption.change_speed,
    ),
    "garbled": Kind(
        "the reply is sent at a wrong speed, another each time", corrupts=corruption.garble
    ),
    # Only the way to the reader is inverted.
    "inverted": Kind(
        "the line to the reader rests low: one 00 at first, then replies with all bits inverted",
        corrupts=corruption.invert,
        strays=_low_from_now_on,
    ),
    "noise": Kind(
        "random bytes around the reply, and one every so many seconds (on average) without",
        Parameter("seconds", 5, 0.05, 3600),
        corrupts=corruption.surround_by_noise,
        strays=_noise,
    ),
}
"""All faults by name."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that is on.

    name: one of `FAULTS`. probability: 0..1, drawn for each request. parameter: None stands for
    the default. Raises ValueError for anything that its row in the table does not allow.
    """

    name: str
    probability: float = 1.0
    parameter: float | None = None

    def __post_init__(self) -> None:
        """Check."""
        if self.name not in FAULTS:
            raise ValueError(f"fault {self.name!r} is none of {', '.join(FAULTS)}")
        PROBABILITY.number(self.probability, self.name)
        if self.parameter is not None:
            _parameter(self.name).number(self.parameter, self.name)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read NAME[:[PROBABILITY][:PARAMETER]]; ValueError says what is wrong with it."""
        name, _, rest = text.partition(":")
        probability, _, parameter = rest.partition(":")
        # The name first, as the others are read by its row.
        fault = cls(name)
        if probability:
            fault = replace(fault, probability=PROBABILITY.number(probability, name))
        if parameter:
            fault = replace(fault, parameter=_parameter(name).number(parameter, name))
        return fault

    @property
    def kind(self) -> Kind:
        """Its row in the table."""
        return FAULTS[self.name]

    @property
    def value(self) -> float:
        """The parameter or its default; 0 if the fault takes none."""
        if self.parameter is not None:
            return self.parameter
        return self.kind.parameter.default if self.kind.parameter else 0.0


def parse_all(faults: Iterable[Fault | str]) -> tuple[Fault, ...]:
    """Return the faults, in this order, with those that are written down as text parsed."""
    return tuple(Fault.parse(f) if isinstance(f, str) else f for f in faults)


def corrupt(reply: bytes, fault: Fault | str, random: Random) -> bytes:
    """Return what a fault makes of a reply of at least one byte, whatever its probability.

    It comes back unchanged if the fault does not apply to it. ValueError for a fault that does
    not act on the bytes of a reply.
    """
    (fault,) = parse_all((fault,))
    if fault.kind.corrupts is None:
        names = ", ".join(name for name, kind in FAULTS.items() if kind.corrupts)
        raise ValueError(f"fault {fault.name!r} does not act on bytes; these do: {names}")
    return fault.kind.corrupts(reply, random, fault.value)


def _parameter(name: str) -> Parameter:
    parameter = FAULTS[name].parameter
    if parameter is None:
        raise ValueError(f"fault {name} takes no parameter")
    return parameter
