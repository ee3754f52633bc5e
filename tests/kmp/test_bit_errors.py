"""Every single-bit error in every real reply: none may get through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from kmp import library
from kmp.library import Reader, ReadResult, Request
from kmp.vectors import ANSWERED, VECTORS


def damaged(frame: bytes) -> Iterator[bytes]:
    """Return a frame once for each of its bits, with that bit inverted."""
    for bit in range(8 * len(frame)):
        copy = bytearray(frame)
        copy[bit // 8] ^= 0x80 >> bit % 8
        yield bytes(copy)


def outcome(request: Request, frame: bytes, data: bytes) -> str:
    """Tell what the reader makes of a damaged reply."""
    reply = library.read_reply(request, data)
    if reply is not None:
        return "same values" if reply == library.read_reply(request, frame) else "other values"
    results, _ = Reader().feed_all(data)
    return results[0].name if results else "no frame"


def test_replies(capsys: pytest.CaptureFixture[str]) -> None:
    """No reply with one wrong bit is accepted as an answer to its request."""
    counts = Counter(
        outcome(request, frame, data) for request, frame in ANSWERED for data in damaged(frame)
    )
    with capsys.disabled():
        print(f"\nsingle-bit errors in {len(ANSWERED)} replies: {counts.total()}, {dict(counts)}")
    assert counts.total() == 8 * sum(len(frame) for _, frame in ANSWERED)
    assert counts["same values"] == 0
    assert counts["other values"] == 0


def test_frames(capsys: pytest.CaptureFixture[str]) -> None:
    """Longer frames, from loggers: with one wrong bit, none has a right CRC."""
    frames = [vector.response for vector in VECTORS if vector.crc_ok and len(vector.response) > 1]
    results: Counter[str] = Counter()
    for frame in frames:
        for data in damaged(frame):
            brought, _ = Reader().feed_all(data)
            results.update([result.name for result in brought] or ["no frame"])
    with capsys.disabled():
        print(f"\nsingle-bit errors in {len(frames)} frames: {dict(results)}")
    assert results[ReadResult.FRAME.name] == 0
