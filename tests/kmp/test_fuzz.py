"""Damaged frames, a meter gone mad, and every kind of fault on the line, under sanitizers."""

from __future__ import annotations

import pytest
from hypothesis import settings

from kmp.fuzzer import read_tables, run_fuzzer
from kmp.vectors import ANSWERED

FRAMES = 1000 * settings().max_examples
STEPS = 5000 * settings().max_examples


def fuzz(name: str, count: int, stdin: str = "") -> tuple[str, dict[str, int]]:
    """Run a fuzzer; return what it printed, and its counts."""
    output = run_fuzzer(name, count, stdin)
    lines = (line.rsplit(": ", 1) for line in output.splitlines())
    return output, {name: int(number) for name, number in lines if number.isdecimal()}


def test_frames(capsys: pytest.CaptureFixture[str]) -> None:
    """The program itself compares; here only that it did so, and with both outcomes."""
    frames = "".join(f"{request.encode().hex()} {reply.hex()}\n" for request, reply in ANSWERED)
    output, counts = fuzz("fuzz", FRAMES, stdin=frames)
    with capsys.disabled():
        print("\n" + output)
    assert counts["fed"] == FRAMES
    assert counts["accepted as sent"] > FRAMES // 20
    assert counts["accepted, changed before the CRC was made"] > FRAMES // 50
    assert counts["right CRC, no answer to the request"] > FRAMES // 50
    assert counts["dropped, bad CRC"] > FRAMES // 5
    assert all(counts[f"dropped, {why}"] for why in ("bad escape", "too short", "too long"))
    # A wrong frame passes a 16-bit CRC once in 65536 times; many more would mean a broken check.
    expected = counts["dropped, bad CRC"] / 65536
    assert counts["CRC right by chance"] <= 4 * expected
    assert counts["accepted, though not sent"] <= expected


def test_conversation(capsys: pytest.CaptureFixture[str]) -> None:
    """It always comes back to idle, and with one outcome."""
    output, counts = fuzz("fuzz_conversation", STEPS)
    with capsys.disabled():
        print("\n" + output)
    assert counts["steps"] == STEPS
    ended = counts["replies"] + counts["failures"] + counts["not repeated"]
    assert counts["requests"] - 1 <= ended <= counts["requests"]
    assert counts["replies"] > 100
    assert counts["failures"] > 100
    assert counts["not repeated"] > 100
    assert counts["late"] > 100
    assert counts["clock wrapped"] > 100


def test_faults(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever the line does to the answers: late or never, but no wrong value."""
    output = run_fuzzer("fuzz_faults", FRAMES)
    with capsys.disabled():
        print("\n" + output)
    faults, taken_for = read_tables(output)
    total = faults.pop("all")
    assert total["frames"] >= FRAMES
    assert total["wrong"] == total["unchecked"] == 0

    # Every frame is spoiled in a way of its own, and often enough.
    share = FRAMES // len(faults)
    assert all(row["frames"] >= share for row in faults.values())
    for name, row in faults.items():
        requests = row["at once"] + row["repeated"] + row["failed"]
        assert row["frames"] / 2 < requests <= row["frames"], name
    # What only comes beside a right answer, or makes it late, does no harm.
    for name in ("noise before", "late up to 3 s", "echo and reply"):
        row = faults[name]
        assert row["repeated"] == row["failed"] == 0, name
    # After these nothing can be taken; every other repetition is spoiled, too.
    for name in ("frame cut", "other register", "other address", "silent", "echo only", "bad CRC"):
        row = faults[name]
        assert row["at once"] == 0, name
        assert 2 < row["repeated"] / row["failed"] < 4, name

    # One damaged frame in 65536 has a right CRC; many more would mean a broken check. Those whose
    # CRC was made wrong on purpose cannot have one.
    damaged = total["bad CRC"] - faults["bad CRC"]["bad CRC"]
    assert damaged > FRAMES // 5
    assert total["CRC right"] <= 4 * damaged / 65536
    assert total["by chance"] <= damaged / 65536
    # Only where replies come twice or very late one can be taken for the next one's.
    assert all(
        not row["older"] for name, row in faults.items() if name not in {"two replies", "mixed"}
    )

    evidence = {
        "frame cut": {"nothing", "garbled"},
        "other register": {"garbled"},
        "other address": {"garbled"},
        "late up to 3 s": {"nothing"},
        "silent": {"nothing"},
        "echo and reply": set(),
        "echo only": {"echo"},
        "bad CRC": {"checksum"},
        "mixed": {"nothing", "echo", "garbled", "checksum"},
    }
    for name, seen in evidence.items():
        assert {kind for kind, count in taken_for[name].items() if count} == seen, name
