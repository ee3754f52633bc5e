"""Real frames: we build the requests byte for byte and read the right values from the replies."""

from __future__ import annotations

import pytest

from kmp import library, oracle
from kmp.library import GET_REGISTER, GET_SERIAL_NO, GET_TYPE, Number, Reader, ReadResult, Request
from kmp.vectors import ANSWERED, REQUESTS, VECTORS, Vector, request_of

OUR_COMMANDS = (GET_TYPE, GET_SERIAL_NO, GET_REGISTER)

#: What each reply says: registers as (id, unit, mantissa, exponent), or its one answer.
#: No mantissa: the value is not a number.
REGISTERS: dict[str, list[tuple[int, int, int | None, int]]] = {
    "403F10003C0304430000D6DE03220D": [(60, 3, 55006, -3)],
    "403F10005016024100002F5C0D": [(80, 22, 0, -1)],
    "403F10005625024214F569DC0D": [(86, 37, 5365, -2)],
    "403F100059260242031255200D": [(89, 38, 786, -2)],
    "403F10004A2902000000F0500D": [(74, 41, 0, 0)],
    "403F1000442804420002DCA47C0A0D": [(68, 40, 187556, -2)],
    "403F10008D290200000086210D": [(141, 41, 0, 0)],
    "403F1003EA2F040000030E33B2320D": [(1002, 47, 200243, 0)],
    "403F1003E93304000000000063380D": [(1001, 51, 0, 0)],
    "403F10001B7F160411012AF02463030D": [(128, 22, 19591204, 17)],
    "403F1000010204000000008BE1900D": [(1, 2, 139, 0)],
    "403F10079A0D": [],
    # A water meter: an hour counter as a plain number, an info code of two bytes.
    (
        "403F100044280443000CAFAB03EC3304000000D66800633302000000004A290200000000F328044300000000"
        "012425010014012B25010015912B0D"
    ): [
        (68, 40, 831403, -3),
        (1004, 51, 54888, 0),
        (99, 51, 0, 0),
        (74, 41, 0, 0),
        (243, 40, 0, -3),
        (292, 37, 20, 0),
        (299, 37, 21, 0),
    ],
    "403F10003C0304430000D96000562502421A4500572502420A8300592602420FC2004A290200001BF94EF30D": [
        (60, 3, 55648, -3),
        (86, 37, 6725, -2),
        (87, 37, 2691, -2),
        (89, 38, 4034, -2),
        (74, 41, 6, 0),
    ],
    "403F10004A290200000500442804420002ED1BF2007B30040000035BD07AC40D": [
        (74, 41, 5, 0),
        (68, 40, 191757, -2),
        (123, 48, 220112, 0),
    ],
    # Electricity meters.
    (
        "403F10041E21020000E5041F21020000000420210200000004342204420000000004352204420000000004"
        "362204420000000070AC0D"
    ): [
        *((1054, 33, 229, 0), (1055, 33, 0, 0), (1056, 33, 0, 0)),
        *((number, 34, 0, -2) for number in (1076, 1077, 1078)),
    ],
    (
        "403F1003EB3004000001D84E03EA2F0400000271E903EC2E0400000014E104173508008201210210"
        "0A090C041500010000D6970D"
    ): [
        (1003, 48, 120910, 0),
        (1002, 47, 160233, 0),
        (1004, 46, 5345, 0),
        (1047, 53, None, 0),
        (1045, 0, 0, 0),
    ],
    (
        "403F10001BF2020444001D443F0001020400000000BF0013020400000000BF001702040000000000001BE402"
        "040000000000001F0204000000000045140D"
    ): [
        (13, 2, 1918015, -4),
        *((1, 2, 191, 0), (19, 2, 191, 0), (23, 2, 0, 0), (27, 2, 0, 0), (31, 2, 0, 0)),
    ],
    "403F10052E1E0443000000008EBF0D": [(1326, 30, 0, -3)],
}
SERIAL_NUMBERS = {
    "403F0200692D32CD5D0D": 6892850,
    "403F0201234567E9560D": 19088743,
    "403F0200BC614EB4830D": 12345678,
}
METER_TYPES = {
    "403F0100041BF90126990D": (0x0004, 6, 1),
    "403F015A001BF2013B330D": (0x5A00, 13, 1),
}


def is_ours(frame: bytes) -> bool:
    """Tell whether our library can make a request frame."""
    return frame[:2] == b"\x80\x3f" and frame[2] in OUR_COMMANDS


def name(vector: Vector) -> str:
    """Return a short name for a vector."""
    return vector.response.hex()[:24] or "none"


@pytest.mark.parametrize("frame", REQUESTS)
def test_request(frame: str) -> None:
    """The library builds the frames that others have sent."""
    assert REQUESTS[frame].encode().hex().upper() == frame


def test_no_request_is_forgotten() -> None:
    """The table above has every request of the file, except the one with a wrong CRC."""
    frames = {v.request.hex().upper() for v in VECTORS if v.request and is_ours(v.request)}
    assert frames - set(REQUESTS) == {"803F1001041E55A10D"}
    assert Request(GET_REGISTER, (0x041E,)).encode().hex().upper() == "803F1001041E7ABB0D"


@pytest.mark.parametrize(("request_", "frame"), ANSWERED, ids=lambda value: str(value)[:40])
def test_reply(request_: Request, frame: bytes) -> None:
    """The library reads the right values from a reply."""
    reply = library.read_reply(request_, frame)
    assert reply is not None
    text = frame.hex().upper()
    if request_.command == GET_TYPE:
        assert reply.meter_type == METER_TYPES[text]
    elif request_.command == GET_SERIAL_NO:
        assert reply.serial_no == SERIAL_NUMBERS[text]
    else:
        expected = [
            (id_, unit, None if mantissa is None else Number(mantissa, exponent))
            for id_, unit, mantissa, exponent in REGISTERS[text]
        ]
        assert [(r.id, r.unit, r.number) for r in reply.registers] == expected


def test_no_reply_is_forgotten() -> None:
    """The tables above and the file have the same replies."""
    table = {*REGISTERS, *SERIAL_NUMBERS, *METER_TYPES}
    assert {frame.hex().upper() for _, frame in ANSWERED} == table


@pytest.mark.parametrize("vector", [v for v in VECTORS if v.response], ids=name)
def test_frame(vector: Vector) -> None:
    """The reader accepts every frame with a right CRC, whoever sent it, and no other."""
    content = oracle.unescape(vector.response[1:-1])
    assert content is not None
    is_ack = vector.response == bytes([oracle.ACK])
    right = not is_ack and oracle.crc_is_right(content)
    assert right == (vector.crc_ok and not is_ack)
    results, frames = Reader().feed_all(vector.response)
    if is_ack:
        assert results == []
    else:
        assert results == [ReadResult.FRAME if right else ReadResult.BAD_CRC]
        assert frames == ([content[:-2]] if right else [])


@pytest.mark.parametrize("vector", [v for v in VECTORS if v.response], ids=name)
def test_refused(vector: Vector) -> None:
    """Logger replies, ACK and frames with a wrong CRC do not answer any of our requests."""
    own = request_of(vector)
    if own and vector.crc_ok:
        refused = [Request(command) for command in OUR_COMMANDS if command != own.command]
    else:
        refused = [Request(GET_TYPE), Request(GET_SERIAL_NO), *REQUESTS.values()]
    for request in refused:
        assert library.read_reply(request, vector.response) is None
