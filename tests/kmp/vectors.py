"""The real frames of tests/vectors.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from kmp.library import GET_REGISTER, GET_SERIAL_NO, GET_TYPE, Request

PATH = Path(__file__).resolve().parents[1] / "vectors.json"


class Vector(NamedTuple):
    """A request and its response, either may be empty, and whether both CRCs are right."""

    request: bytes
    response: bytes
    crc_ok: bool


VECTORS = [
    Vector(
        bytes.fromhex(entry["request_hex"]), bytes.fromhex(entry["response_hex"]), entry["crc_ok"]
    )
    for entry in json.loads(PATH.read_text("utf-8"))
]

#: What the request frames ask that our library can ask.
REQUESTS: dict[str, Request] = {
    "803F01058A0D": Request(GET_TYPE),
    "803F0235E90D": Request(GET_SERIAL_NO),
    "803F1001003CB25F0D": Request(GET_REGISTER, (60,)),
    "803F1001006319450D": Request(GET_REGISTER, (99,)),
    "803F100100444DC00D": Request(GET_REGISTER, (68,)),
    "803F1001004AAC0E0D": Request(GET_REGISTER, (74,)),
    "803F100100501F750D": Request(GET_REGISTER, (80,)),
    "803F100100567FB30D": Request(GET_REGISTER, (86,)),
    "803F100100598E5C0D": Request(GET_REGISTER, (89,)),
    "803F1001001B7FD4080D": Request(GET_REGISTER, (128,)),
    "803F1001008D05A50D": Request(GET_REGISTER, (141,)),
    "803F100103E97CD40D": Request(GET_REGISTER, (1001,)),
    "803F100103EA4CB70D": Request(GET_REGISTER, (1002,)),
    "803F1001041E7ABB0D": Request(GET_REGISTER, (1054,)),
    "803F1001FFFF588F0D": Request(GET_REGISTER, (65535,)),
    "803F1002015A009A1BBF2B0D": Request(GET_REGISTER, (346, 154)),
}

#: For a response that the file has without its request: what was asked.
_REQUEST_OF_RESPONSE = {"403F1000010204000000008BE1900D": Request(GET_REGISTER, (1,))}


def request_of(vector: Vector) -> Request | None:
    """Return what was asked in a vector, None when our library cannot ask it."""
    return REQUESTS.get(vector.request.hex().upper()) or _REQUEST_OF_RESPONSE.get(
        vector.response.hex().upper()
    )


#: Each right reply to one of our requests.
ANSWERED: list[tuple[Request, bytes]] = [
    (request, vector.response)
    for vector in VECTORS
    if vector.crc_ok and vector.response and (request := request_of(vector))
]
