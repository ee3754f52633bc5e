"""LoggerReadOut: the public replies of real meters, and everything that the virtual meter sends."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_log import readout
from meter_log.codec import Direction, decode_frame
from meter_log.readout import Column, Flag, Log, ReplyError
from virtual_meter.logs import MeterLog, answer

VECTORS = json.loads((Path(__file__).parents[1] / "vectors.json").read_text("utf-8"))


def captured(beginning: str) -> bytes:
    """Return the data of the one reply in tests/vectors.json that begins like this."""
    (frame,) = {
        each["response_hex"] for each in VECTORS if each["response_hex"].startswith(beginning)
    }
    return decode_frame(Direction.FROM_METER, bytes.fromhex(frame)).data


YEARS = captured("403FB80502")
EMPTY = captured("403FB80707")
DAYS = captured("403FB81BF9")
ASKED_FOR_DAYS = readout.ask_from_id(Log.DAYS, 188, 3, (1002, 1003, 348))


def test_requests_of_others() -> None:
    """Byte for byte what others have sent."""
    assert readout.ask_configuration(Log.YEARS) == bytes.fromhex("0502")
    assert readout.ask_from_newest(7, readout.OLDEST, 1, (1002,)) == bytes.fromhex(
        "0707FFFF00010103EA"
    )


def test_years_configuration() -> None:
    configuration = readout.read_configuration(readout.ask_configuration(Log.YEARS), YEARS)
    assert (configuration.log, configuration.depth) == (Log.YEARS, 20)
    assert configuration.settings == bytes.fromhex("01010101000001000100")
    assert len(configuration.registers) == 43
    assert configuration.registers[:4] == (60, 63, 97, 110)
    assert configuration.registers[-3:] == (348, 1003, 1002)


def test_days() -> None:
    rows = readout.read_rows(ASKED_FOR_DAYS, DAYS)
    assert (rows.first_id, rows.newest_id, rows.flags) == (188, 645, Flag.HAS_OLDEST)
    assert list(rows.ids) == [188, 187, 186]
    assert rows.columns == (Column(1002, 47, 4, 0), Column(1003, 48, 4, 0), Column(348, 79, 7, 0))
    assert [values[2].hex() for values in rows.values] == [
        "00180c1f000004",
        "00180c1e000004",
        "00180c1d000004",
    ]


def test_empty_log() -> None:
    rows = readout.read_rows(readout.ask_from_newest(7, readout.OLDEST, 1, (1002,)), EMPTY)
    assert rows.flags == Flag.EMPTY
    assert rows.values == ()
    assert list(rows.ids) == []


def read(request: bytes, reply: bytes) -> None:
    """Read a reply of either kind."""
    if request[0] == readout.CONFIGURATION:
        readout.read_configuration(request, reply)
    else:
        readout.read_rows(request, reply)


@pytest.mark.parametrize(("request_", "reply"), [(b"\x05\x02", YEARS), (ASKED_FOR_DAYS, DAYS)])
def test_any_other_length_is_refused(request_: bytes, reply: bytes) -> None:
    for size in range(len(reply)):
        with pytest.raises(ReplyError, match=r"cut short|answers"):
            read(request_, reply[:size])
    with pytest.raises(ReplyError, match="1 bytes too many"):
        read(request_, reply + b"\x00")


@pytest.mark.parametrize("request_", [b"\x05\x03", b"\x06\x02"])
def test_answer_to_something_else_is_refused(request_: bytes) -> None:
    with pytest.raises(ReplyError, match="answers 05 02 and not"):
        readout.read_configuration(request_, YEARS)


@given(st.sampled_from([b"\x05\x02", b"\x06\x02", b"\x07\x02"]), st.binary(max_size=60))
def test_any_reply(request_: bytes, data: bytes) -> None:
    """Read or refused, and nothing else."""
    for reply in (data, request_ + data):
        with contextlib.suppress(ReplyError):
            read(request_, reply)


def test_virtual_meter_answers_like_the_real_one() -> None:
    """Byte for byte."""
    columns = (Column(1002, 47, 4, 0), Column(1003, 48, 4, 0), Column(348, 79, 7, 0))
    read = readout.read_rows(ASKED_FOR_DAYS, DAYS)
    newer = dict.fromkeys(range(189, 646), read.values[0])
    log = MeterLog(columns, {**dict(zip(read.ids, read.values, strict=True)), **newer}, 460)
    assert answer({Log.DAYS: log}, ASKED_FOR_DAYS) == DAYS
    years = readout.read_configuration(b"\x05\x02", YEARS)
    log = MeterLog([Column(each, 0, 4, 0) for each in years.registers], {}, 20)
    assert answer({Log.YEARS: log}, b"\x05\x02") == YEARS
    empty = MeterLog([Column(1002, 47, 4, 0)], {}, 1400)
    assert answer({7: empty}, readout.ask_from_newest(7, readout.OLDEST, 1, (1002,))) == EMPTY
