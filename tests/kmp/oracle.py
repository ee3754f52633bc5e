"""What the library is compared with: PyKMP's codec, and a second implementation of the rules.

PyKMP removes escapes by searching and replacing five times in a row. That converts some data
twice: the bytes 1B 7F are sent as 1B E4 7F; the first replacement turns them into 1B 7F, and the
next one into 80. So escapes are removed here, in one pass, and PyKMP does the rest.
"""

from __future__ import annotations

import logging
import re

from pykmp import codec, constants

logging.getLogger("pykmp").setLevel(logging.CRITICAL)  # it logs every wrong checksum as an error

HEAT_METER = constants.DestinationAddress.HEAT_METER.value
START_OF_REQUEST = 0x80
START_OF_REPLY = 0x40
STOP = 0x0D
ACK = 0x06
ESCAPE = 0x1B
SPECIAL = bytes([START_OF_REQUEST, START_OF_REPLY, STOP, ACK, ESCAPE])

_link = codec.DataLinkCodec()
_from_meter = codec.PhysicalCodec(direction=codec.PhysicalDirection.FROM_METER)


def unescape(data: bytes) -> bytes | None:
    """Remove the escapes; None if one is followed by something that is never escaped."""
    pairs = re.findall(b"\x1b(.?)", data, re.DOTALL)
    if any(pair == b"" or pair[0] ^ 0xFF not in SPECIAL for pair in pairs):
        return None
    return re.sub(b"\x1b(.)", lambda pair: bytes([pair[1][0] ^ 0xFF]), data, flags=re.DOTALL)


def decode_request(frame: bytes) -> codec.ApplicationData:
    """Return command and data of a request frame to the heat meter."""
    assert frame[0] == START_OF_REQUEST
    assert frame[-1] == STOP
    assert not set(frame[1:-1]) & {START_OF_REQUEST, START_OF_REPLY, STOP, ACK}
    content = unescape(frame[1:-1])
    assert content is not None
    link = _link.decode(codec.DataLinkBytes(content))
    assert link.destination_address == HEAT_METER
    return codec.ApplicationCodec.decode(link.application_bytes)


def encode_reply(data: codec.ApplicationData, address: int = HEAT_METER) -> bytes:
    """Return the frame of a meter's reply."""
    link = codec.DataLinkData(
        destination_address=address,
        application_bytes=codec.ApplicationCodec.encode(data),
    )
    return _from_meter.encode(_link.encode(link))


def reply_frame(command: int, payload: bytes, address: int = HEAT_METER) -> bytes:
    """Return the frame of a reply with any payload."""
    return encode_reply(
        codec.ApplicationData(command_id=command, data=codec.ApplicationDataBytes(payload)),
        address,
    )


def frame_of(content: bytes) -> bytes:
    """Return a frame from the meter with any content, however short; the CRC is added."""
    crc = _link.crc_calculator.checksum(content).to_bytes(2, "big")
    return _from_meter.encode(codec.DataLinkBytes(content + crc))


def register_block(
    register: int, data: bytes, unit: int = 51, sign_exponent: int = 0, size: int | None = None
) -> bytes:
    """Return one register's block in a reply; size is the length that it claims to have."""
    return register.to_bytes(2, "big") + bytes(
        [unit, len(data) if size is None else size, sign_exponent, *data]
    )


def crc_is_right(content: bytes) -> bool:
    """Check the CRC at the end of a frame's content."""
    return _link.crc_calculator.verify(content, expected=0)
