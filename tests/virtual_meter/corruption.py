"""What can happen to a reply on its way: functions from bytes to other bytes.

All take the reply, a random generator and a parameter that most ignore. Those that change what a
frame says leave bytes alone that are not a frame; a reply that a fault does not apply to is
returned unchanged.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from random import Random

from meter_log import codec
from meter_log.codec import STOP, CodecError, Direction, Frame, Reading

from . import uart
from .models import MODELS

HEADER = (codec.METER_ADDRESS, codec.GET_REGISTER)
"""Address and command of a GetRegister reply."""

LOGGER_ADDRESS = 0x7F
"""Address of a logger top module (documented)."""

ON_EVERY_MODEL = tuple(sorted(set.intersection(*(set(m.numbers) for m in MODELS.values()))))
"""Registers that every model has: asked for one of them, a meter does not leave it out."""

GARBLING_BAUDS = (300, 600, 2400, 4800, 9600)
"""Usual speeds at which a reply is still bytes for a UART at 1200 baud, but others."""

NOISE_BYTES = (0x00, 0xFF, Direction.FROM_METER, STOP)
"""What every fourth byte of noise is taken from: line levels, and the ends of a frame."""


def lose_byte(reply: bytes, random: Random, _: float) -> bytes:
    """One byte is missing, anywhere."""
    i = random.randrange(len(reply))
    return reply[:i] + reply[i + 1 :]


def add_byte(reply: bytes, random: Random, _: float) -> bytes:
    """One extra byte, anywhere, even before or after the frame."""
    i = random.randint(0, len(reply))
    return reply[:i] + random.randbytes(1) + reply[i:]


def flip_bit(reply: bytes, random: Random, _: float) -> bytes:
    """One bit of one byte has the wrong value."""
    changed = bytearray(reply)
    changed[random.randrange(len(reply))] ^= 1 << random.randrange(8)
    return bytes(changed)


def cut(reply: bytes, random: Random, _: float) -> bytes:
    """The end is missing, at least the stop byte; the start byte is there."""
    return reply[: random.randrange(1, max(2, len(reply)))]


def repeat(reply: bytes, _random: Random, _: float) -> bytes:
    """Come twice in a row."""
    return reply * 2


def change_speed(reply: bytes, _random: Random, baud: float) -> bytes:
    """Sent at `baud`, received at 1200."""
    return uart.from_bits(uart.to_bits(reply), baud=int(baud))


def garble(reply: bytes, random: Random, _: float) -> bytes:
    """Sent at a wrong speed, a different one each time, received at 1200."""
    return change_speed(reply, random, random.choice(GARBLING_BAUDS))


def invert(reply: bytes, _random: Random, _: float) -> bytes:
    """Sent on a line that is low when idle and high for a 0, received as if it were idle high."""
    return uart.from_bits(uart.invert(uart.to_bits(reply)), rest=0)


def surround_by_noise(reply: bytes, random: Random, _: float) -> bytes:
    """Up to eight bytes of noise before the reply and up to four after it, at least one in all."""
    before = bytes(noise_byte(random) for _ in range(random.randint(1, 8)))
    after = bytes(noise_byte(random) for _ in range(random.randint(0, 4)))
    return before + reply + after


def noise_byte(random: Random) -> int:
    """Return any byte; line levels and the ends of a frame are more frequent than others."""
    return random.choice(NOISE_BYTES) if random.random() < 0.25 else random.randrange(256)


def spoil_checksum(reply: bytes, random: Random, _: float) -> bytes:
    """Keep the form of a frame, escapes included, with another CRC."""
    if _frame(reply) is None:
        return reply
    plain = codec.unstuff(reply[1:-1])
    crc = int.from_bytes(plain[-2:]) ^ random.randrange(1, 0x10000)
    return reply[:1] + codec.stuff(plain[:-2] + crc.to_bytes(2)) + reply[-1:]


def readdress(reply: bytes, _random: Random, _: float) -> bytes:
    """Carry the address of a logger module, with the right CRC."""
    frame = _frame(reply)
    if frame is None:
        return reply
    return codec.encode_frame(Direction.FROM_METER, replace(frame, address=LOGGER_ADDRESS))


def rename_register(reply: bytes, random: Random, _: float) -> bytes:
    """One block of a valid GetRegister reply claims to be another register, not asked for.

    The other is one that every model has; so if it is not in the reply, it was not asked for.
    """
    readings = _readings(reply)
    if not readings:
        return reply
    had = {reading.register for reading in readings}
    i = random.randrange(len(readings))
    other = random.choice([number for number in ON_EVERY_MODEL if number not in had])
    readings[i] = replace(readings[i], register=other)
    return _encode(readings)


def leave_out(reply: bytes, _random: Random, register: float) -> bytes:
    """The register is not among those that are sent; the frame is valid."""
    readings = _readings(reply)
    rest = [reading for reading in readings if reading.register != register]
    return reply if len(rest) == len(readings) else _encode(rest)


def show(change: Callable[[int], int]) -> Callable[[bytes, Random, float], bytes]:
    """Return a function that makes a register show something else; the frame is valid."""

    def corrupt(reply: bytes, _random: Random, register: float) -> bytes:
        readings = _readings(reply)
        changed = [_shown(r, change) if r.register == register else r for r in readings]
        return reply if changed == readings else _encode(changed)

    return corrupt


def _shown(reading: Reading, change: Callable[[int], int]) -> Reading:
    sign, digits, exponent = reading.value.as_tuple()
    assert isinstance(exponent, int)  # not a text: a number from the wire is finite
    mantissa = change(int("".join(map(str, digits))))
    value = Decimal((sign, tuple(map(int, str(mantissa))), exponent))
    return replace(reading, value=value)


def _frame(reply: bytes) -> Frame | None:
    try:
        return codec.decode_frame(Direction.FROM_METER, reply)
    except CodecError:
        return None


def _readings(reply: bytes) -> list[Reading]:
    """What a GetRegister reply from a heat meter carries; empty if it is not one."""
    frame = _frame(reply)
    if frame is None or (frame.address, frame.command) != HEADER:
        return []
    try:
        return list(codec.decode_readings(frame.data))
    except CodecError:
        return []


def _encode(readings: list[Reading]) -> bytes:
    data = codec.encode_readings(readings)
    return codec.encode_frame(Direction.FROM_METER, Frame(*HEADER, data))
