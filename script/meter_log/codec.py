"""KMP frames and register blocks, both directions, from and to bytes.

The Kamstrup Meter Protocol as the manufacturer documents it for MULTICAL 601 and 801, and as
frames captured from other MULTICAL meters confirm it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

STOP = 0x0D
ACK = 0x06
ESCAPE = 0x1B

METER_ADDRESS = 0x3F
"""Address of a heat meter (documented)."""

GET_TYPE = 0x01
GET_SERIAL = 0x02
GET_REGISTER = 0x10

MAX_REGISTERS = 8
"""Registers that one GetRegister request may ask for (documented)."""


class Direction(IntEnum):
    """Who sends a frame; the value is the frame's start byte (documented)."""

    TO_METER = 0x80
    FROM_METER = 0x40


SPECIAL: frozenset[int] = frozenset((*Direction, STOP, ACK, ESCAPE))
"""Bytes that never appear bare between start and stop (documented)."""


class CodecError(ValueError):
    """Bytes that are no valid frame or block, or a value that does not fit one."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a frame carries: address and command 0..255, data of any length."""

    address: int
    command: int
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Reading:
    """One register's value as it stands on the wire.

    register: 0..65535. unit: the protocol's unit byte, 0..255. value: exact; its own exponent
    (-63..63) is the one sent, so 12.30 and 12.3 differ. size: mantissa bytes, 1..255.
    """

    register: int
    unit: int
    value: Decimal
    size: int


def crc16(data: bytes) -> int:
    """CRC-16/XMODEM, 0..65535: polynomial 0x1021, start 0 (documented, confirmed by captures)."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = crc << 1 ^ (0x1021 if crc & 0x8000 else 0)
        crc &= 0xFFFF
    return crc


def stuff(data: bytes) -> bytes:
    """Replace each special byte by the escape byte and its complement."""
    return b"".join(bytes((ESCAPE, b ^ 0xFF)) if b in SPECIAL else bytes((b,)) for b in data)


def unstuff(data: bytes) -> bytes:
    """Undo `stuff` in one pass; CodecError for a bare special byte or a wrong escape."""
    plain = bytearray()
    escaped = False
    for byte in data:
        if escaped:
            byte ^= 0xFF
        elif byte == ESCAPE:
            escaped = True
            continue
        # A special byte comes only escaped, and only special bytes do.
        if (byte in SPECIAL) != escaped:
            raise CodecError(f"wrong byte inside a frame: {data.hex(' ').upper()}")
        plain.append(byte)
        escaped = False
    if escaped:
        raise CodecError(f"nothing follows the escape byte: {data.hex(' ').upper()}")
    return bytes(plain)


def encode_frame(direction: Direction, frame: Frame) -> bytes:
    """Return the frame as it goes over the line, start to stop byte."""
    plain = bytes((frame.address, frame.command)) + frame.data
    stuffed = stuff(plain + crc16(plain).to_bytes(2))
    return bytes((direction,)) + stuffed + bytes((STOP,))


def decode_frame(direction: Direction, raw: bytes) -> Frame:
    """Read one whole frame; CodecError for wrong start, stop, escapes, length or CRC."""
    if len(raw) < 2 or raw[0] != direction or raw[-1] != STOP:
        raise CodecError(f"not a frame from {direction:02X} to {STOP:02X}: {raw.hex(' ').upper()}")
    plain = unstuff(raw[1:-1])
    if len(plain) < 4:
        raise CodecError(f"too short for address, command and CRC: {raw.hex(' ').upper()}")
    if crc16(plain):
        raise CodecError(f"wrong CRC: {raw.hex(' ').upper()}")
    return Frame(plain[0], plain[1], plain[2:-2])


def decimal(mantissa: bytes, sign_exponent: int) -> Decimal:
    """Return the number that these bytes stand for, with the exponent that was sent."""
    exponent = sign_exponent & 0x3F
    digits = tuple(map(int, str(int.from_bytes(mantissa))))
    return Decimal((sign_exponent >> 7, digits, -exponent if sign_exponent & 0x40 else exponent))


def encode_readings(readings: Sequence[Reading]) -> bytes:
    """Return the data of a GetRegister reply: id, unit, NoB, SiEx, mantissa for each register.

    CodecError when a mantissa does not fit its size or an exponent its six bits.
    """
    data = bytearray()
    for reading in readings:
        sign, digits, exponent = reading.value.as_tuple()
        if not isinstance(exponent, int) or abs(exponent) > 63:
            raise CodecError(f"no exponent from -63 to 63: {reading}")
        mantissa = int("".join(map(str, digits)))
        if mantissa.bit_length() > 8 * reading.size:
            raise CodecError(f"mantissa does not fit {reading.size} bytes: {reading}")
        sign_exponent = sign << 7 | (exponent < 0) << 6 | abs(exponent)
        data += reading.register.to_bytes(2) + bytes((reading.unit, reading.size, sign_exponent))
        data += mantissa.to_bytes(reading.size)
    return bytes(data)


def decode_readings(data: bytes) -> tuple[Reading, ...]:
    """Read the data of a GetRegister reply; CodecError when a block is cut short or empty."""
    readings: list[Reading] = []
    while data:
        head, rest = data[:5], data[5:]
        if len(head) < 5 or not 0 < head[3] <= len(rest):
            raise CodecError(f"incomplete register block: {data.hex(' ').upper()}")
        mantissa, data = rest[: head[3]], rest[head[3] :]
        value = decimal(mantissa, head[4])
        readings.append(Reading(int.from_bytes(head[:2]), head[2], value, head[3]))
    return tuple(readings)
