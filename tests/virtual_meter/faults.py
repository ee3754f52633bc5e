"""What can go wrong between a meter and its reader, as a table, and how faults are written.

A fault is written NAME, NAME:PROBABILITY or NAME:PROBABILITY:PARAMETER; an empty PROBABILITY is 1.
So `late:0.2:3` makes every fifth reply up to 3 seconds late, and `batch_refused::1004` leaves all
requests with register 1004 unanswered.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from meter_log import codec
from meter_log.codec import CodecError, Direction

from . import corruption

type Corrupts = Callable[[bytes, Random, float], bytes]
type Strays = Callable[[Random, float], Iterator[tuple[float, int]]]

PULSE = 0x00
"""What a UART at 1200 baud makes of a low pulse of 32 ms, the length of Kamstrup's outputs."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """The number that a fault can be given.

    name: what it counts. low, high: the limits, both allowed.
    """

    name: str
    default: float
    low: float
    high: float

    def number(self, text: str, fault: str) -> float:
        """Return the given number, or the default; ValueError says what is allowed."""
        try:
            number = float(text or self.default)
        except ValueError:
            number = math.nan
        if not self.low <= number <= self.high:
            raise ValueError(
                f"{self.name} {text!r} of fault {fault} is not a number "
                f"from {self.low:.10g} to {self.high:.10g}"
            )
        return number


PROBABILITY = Parameter("probability", 1, 0, 1)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a fault does; everything that a row does not name works as usual.

    parameter: None if it takes none. echoes: the head returns what the reader sends. unplugs: the
    port disappears. silences: decides, from the request, the seconds since the previous one and
    the parameter, whether there is no reply. delays: changes the meter's delay. corrupts: changes
    the bytes of a reply. strays: seconds before each byte that comes without any request, and the
    byte. once: strikes only once, and only after a reply has shown the register that the parameter
    names.
    """

    parameter: Parameter | None = None
    echoes: bool = False
    unplugs: bool = False
    silences: Callable[[bytes, float, float], bool] | None = None
    delays: Callable[[float, Random, float], float] | None = None
    corrupts: Corrupts | None = None
    strays: Strays | None = None
    once: bool = False


def _always(_request: bytes, _quiet: float, _parameter: float) -> bool:
    return True


def _sleeps(_request: bytes, quiet: float, seconds: float) -> bool:
    return quiet >= seconds


def _refuses_register(request: bytes, _quiet: float, register: float) -> bool:
    try:
        frame = codec.decode_frame(Direction.TO_METER, request)
    except CodecError:
        return False
    data = frame.data
    asked = {int.from_bytes(data[i : i + 2]) for i in range(1, len(data), 2)}
    return frame.command == codec.GET_REGISTER and register in asked


def _refuses_command(request: bytes, _quiet: float, command: float) -> bool:
    try:
        return codec.decode_frame(Direction.TO_METER, request).command == command
    except CodecError:
        return False


def _is_late(delay: float, random: Random, seconds: float) -> float:
    return random.uniform(delay, max(delay, seconds))


def _is_slow(delay: float, _random: Random, seconds: float) -> float:
    return max(delay, seconds)


def _noise(random: Random, seconds: float) -> Iterator[tuple[float, int]]:
    while True:
        yield random.expovariate(1 / seconds), corruption.noise_byte(random)


def _pulses(_random: Random, seconds: float) -> Iterator[tuple[float, int]]:
    while True:
        yield seconds, PULSE


def _low_from_now_on(_random: Random, _parameter: float) -> Iterator[tuple[float, int]]:
    yield 0.0, 0x00


def _register(default: int) -> Parameter:
    return Parameter("register", default, 0, 0xFFFF)


def _shows_once(change: Callable[[int], int]) -> Kind:
    return Kind(_register(60), corrupts=corruption.show(change), once=True)


# In the order in which they act: first on the request, then on the reply, where those that read a
# frame come before those that break it.
FAULTS: Mapping[str, Kind] = {
    "unplugged": Kind(silences=_always, unplugs=True),
    # The head returns each byte of a request while it is sent.
    "echo": Kind(echoes=True),
    "echo_only": Kind(echoes=True, silences=_always),
    "silent": Kind(silences=_always),
    # After this long without a request the meter hears no other one.
    "asleep": Kind(Parameter("seconds", 240, 0, 86_400), silences=_sleeps),
    "batch_refused": Kind(_register(96), silences=_refuses_register),
    # 1 is GetType, 2 GetSerialNo, 16 GetRegister.
    "command_refused": Kind(Parameter("command", 1, 0, 0xFF), silences=_refuses_command),
    # A pulse output instead of a meter: one 00 every this many seconds, nothing else.
    "pulses": Kind(Parameter("seconds", 2, 0.1, 3600), silences=_always, strays=_pulses),
    # At a random time up to this many seconds after the request, or exactly this many.
    "late": Kind(Parameter("seconds", 3, 0, 60), delays=_is_late),
    "slow": Kind(Parameter("seconds", 3, 0, 60), delays=_is_slow),
    # A counter shows half of what it counted, ten times as much, or 0.
    "lower_once": _shows_once(lambda mantissa: mantissa // 2),
    "higher_once": _shows_once(lambda mantissa: mantissa * 10),
    "empty_once": _shows_once(lambda _: 0),
    "left_out": Kind(_register(266), corrupts=corruption.leave_out),
    "other_register": Kind(corrupts=corruption.rename_register),
    "other_address": Kind(corrupts=corruption.readdress),
    "checksum_errors": Kind(corrupts=corruption.spoil_checksum),
    "byte_lost": Kind(corrupts=corruption.lose_byte),
    "byte_added": Kind(corrupts=corruption.add_byte),
    "bit_flipped": Kind(corrupts=corruption.flip_bit),
    "frame_cut": Kind(corrupts=corruption.cut),
    "two_replies": Kind(corrupts=corruption.repeat),
    # Artificial: a meter at another speed would not understand the request either and stay silent,
    # and an echo is the reader's own light, always at its speed. What a reader really sees then is
    # "silent" or "echo_only"; this is what its UART makes of foreign bits.
    "wrong_baud": Kind(Parameter("baud", 2400, 50, 115_200), corrupts=corruption.change_speed),
    "garbled": Kind(corrupts=corruption.garble),
    # Only the way to the reader is inverted: it is low when idle, so there is one 00 at first.
    "inverted": Kind(corrupts=corruption.invert, strays=_low_from_now_on),
    # Around the reply, and one byte every this many seconds (on average) without a request.
    "noise": Kind(
        Parameter("seconds", 5, 0.05, 3600), corrupts=corruption.surround_by_noise, strays=_noise
    ),
}
"""All faults by name."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that is on.

    name: one of `FAULTS`. probability: 0..1, drawn for each request. parameter: 0 if it takes none.
    """

    name: str
    probability: float
    parameter: float

    @property
    def kind(self) -> Kind:
        """Its row in the table."""
        return FAULTS[self.name]


def parse(text: str) -> Fault:
    """Read NAME[:[PROBABILITY][:PARAMETER]]; ValueError says what is wrong with it."""
    name, _, rest = text.partition(":")
    probability, _, parameter = rest.partition(":")
    if name not in FAULTS:
        raise ValueError(f"fault {name!r} is not one of {', '.join(FAULTS)}")
    takes = FAULTS[name].parameter
    if parameter and takes is None:
        raise ValueError(f"fault {name} takes no parameter")
    return Fault(
        name,
        PROBABILITY.number(probability, name),
        takes.number(parameter, name) if takes else 0.0,
    )


def in_order(faults: Iterable[Fault | str]) -> tuple[Fault, ...]:
    """Return the faults in the order in which they act, with those written as text parsed."""
    parsed = [parse(fault) if isinstance(fault, str) else fault for fault in faults]
    order = list(FAULTS)
    return tuple(sorted(parsed, key=lambda fault: order.index(fault.name)))
