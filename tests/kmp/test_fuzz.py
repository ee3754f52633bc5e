"""A million damaged frames, and a conversation with a meter gone mad, under sanitizers."""

from __future__ import annotations

import pytest

from kmp.build import HERE, LIBRARY_SOURCES, build, run
from kmp.library import encode
from kmp.vectors import ANSWERED

FLAGS = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
SEED = "1"
FRAMES = 1_000_000
STEPS = 500_000


def fuzz(name: str, count: int, stdin: str = "") -> tuple[str, dict[str, int]]:
    """Run a fuzzer; return what it printed, and its counts."""
    program = build(name, [HERE / f"{name}.cpp", *LIBRARY_SOURCES], FLAGS)
    output = run(program, SEED, str(count), stdin=stdin)
    lines = (line.rsplit(": ", 1) for line in output.splitlines())
    return output, {name: int(number) for name, number in lines if number.isdecimal()}


def test_frames(capsys: pytest.CaptureFixture[str]) -> None:
    """The program itself compares; here only that it did so, and with both outcomes."""
    frames = "".join(f"{encode(request).hex()} {reply.hex()}\n" for request, reply in ANSWERED)
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
    assert counts["requests"] - 1 <= counts["replies"] + counts["failures"] <= counts["requests"]
    assert counts["replies"] > 100
    assert counts["failures"] > 100
    assert counts["clock wrapped"] > 100
