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

#: The request frames that our library can make, and what they ask.
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
    "803F1003004A0044007BD0370D": Request(GET_REGISTER, (74, 68, 123)),
    "803F1007004403EC0063004A00F30124012BE2C30D": Request(
        GET_REGISTER, (68, 1004, 99, 74, 243, 292, 299)
    ),
    "803F1008003C003F0050005600570059004A0044C1380D": Request(
        GET_REGISTER, (60, 63, 80, 86, 87, 89, 74, 68)
    ),
}

#: For a response that is in the file without its request: what was asked.
_REQUEST_OF_RESPONSE = {
    "403F1000010204000000008BE1900D": Request(GET_REGISTER, (1,)),
    "403F10003C0304430000D96000562502421A4500572502420A8300592602420FC2004A290200001BF94EF30D": (
        Request(GET_REGISTER, (60, 86, 87, 89, 74))
    ),
    (
        "403F10041E21020000E5041F21020000000420210200000004342204420000000004352204420000000004"
        "362204420000000070AC0D"
    ): Request(GET_REGISTER, (1054, 1055, 1056, 1076, 1077, 1078)),
    (
        "403F1003EB3004000001D84E03EA2F0400000271E903EC2E0400000014E104173508008201210210"
        "0A090C041500010000D6970D"
    ): Request(GET_REGISTER, (1003, 1002, 1004, 1047, 1045)),
    (
        "403F10001BF2020444001D443F0001020400000000BF0013020400000000BF001702040000000000001BE402"
        "040000000000001F0204000000000045140D"
    ): Request(GET_REGISTER, (13, 1, 19, 23, 27, 31)),
    "403F10052E1E0443000000008EBF0D": Request(GET_REGISTER, (1326,)),
    "403F015A001BF2013B330D": Request(GET_TYPE),
}


def request_of(vector: Vector) -> Request | None:
    """Return what was asked in a vector, None if our library cannot ask it."""
    return REQUESTS.get(vector.request.hex().upper()) or _REQUEST_OF_RESPONSE.get(
        vector.response.hex().upper()
    )


#: Each right reply to one of our requests.
ANSWERED: list[tuple[Request, bytes]] = [
    (request, vector.response)
    for vector in VECTORS
    if vector.crc_ok and vector.response and (request := request_of(vector))
]
