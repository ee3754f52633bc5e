"""The file of a reading: what it says of the meter's clock, and what is no such file."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from meter_log.codec import GET_REGISTER, METER_ADDRESS, Direction, Frame, encode_frame
from meter_log.record import CLOCK, Record, RecordError

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def frame(direction: Direction, data: bytes) -> str:
    """Return a frame that asks for registers, or answers."""
    return encode_frame(direction, Frame(METER_ADDRESS, GET_REGISTER, data)).hex()


def record(folder: Path, stamp: str, at: str) -> Record:
    """Return a file with one exchange: the meter's clock, read at a time."""
    reply = (348).to_bytes(2) + bytes.fromhex("4F0700") + bytes.fromhex(stamp)
    line = {
        "request": frame(Direction.TO_METER, CLOCK),
        "reply": frame(Direction.FROM_METER, reply),
        "at": at,
    }
    (folder / "a.jsonl").write_text(json.dumps(line) + "\n")
    return Record(folder / "a.jsonl")


@pytest.mark.parametrize(
    ("stamp", "at", "minutes"),
    [
        # In summer the meter's stamps are in standard time, whether it keeps summer time or not.
        ("3C1A04150C0700", "2026-04-21T13:07:00+02:00", 0),
        ("001A04150C0700", "2026-04-21T13:07:00+02:00", 0),
        ("001A04150C0700", "2026-04-21T11:07:00+00:00", 0),
        ("001A01150C1100", "2026-01-21T12:07:00+01:00", 10),
        ("001A01150B0700", "2026-01-21T12:07:00+01:00", -60),
    ],
)
def test_clock(tmp_path: Path, stamp: str, at: str, minutes: int) -> None:
    assert record(tmp_path, stamp, at).clock_is_off(COPENHAGEN) == timedelta(minutes=minutes)


def test_clock_that_cannot_be_told(tmp_path: Path) -> None:
    """No valid date, or not read at all."""
    at = "2026-04-21T13:07:00+02:00"
    assert record(tmp_path, "00000000000000", at).clock_is_off(COPENHAGEN) is None
    assert Record(tmp_path / "new.jsonl").clock_is_off(COPENHAGEN) is None


@pytest.mark.parametrize("content", [b"\xff\n", b"[]x\n", b'{"plan": 1}\n', b'{"request": "80"}\n'])
def test_what_is_no_such_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(RecordError, match=r"a\.jsonl"):
        Record(tmp_path / "a.jsonl")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="cannot be read"):
        Record(tmp_path)
