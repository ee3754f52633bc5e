"""The reader finds every frame in what comes from the line, and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmp import oracle
from kmp.library import GET_REGISTER, MAX_REPLY_SIZE, Reader, ReadResult, Request
from kmp.oracle import SPECIAL, frame_of
from kmp.strategies import line_bytes
from kmp.vectors import VECTORS

FRAME, BAD_ESCAPE, TOO_SHORT, TOO_LONG, BAD_CRC = (
    ReadResult.FRAME,
    ReadResult.BAD_ESCAPE,
    ReadResult.TOO_SHORT,
    ReadResult.TOO_LONG,
    ReadResult.BAD_CRC,
)

E1 = bytes.fromhex("403F10003C0304430000D6DE03220D")
E1_CONTENT = bytes.fromhex("3F10003C0304430000D6DE")
POWER = bytes.fromhex("403F10005016024100002F5C0D")
POWER_CONTENT = bytes.fromhex("3F1000501602410000")
# None of its bytes is right, and none begins or ends a frame.
NOISE = bytes(sorted(set(range(256)) - {oracle.START_OF_REPLY}))
REQUEST = Request(GET_REGISTER, (60,)).encode()
LONGEST = MAX_REPLY_SIZE - 2  # without the CRC


@pytest.mark.parametrize(
    ("data", "results", "frames"),
    [
        (E1, [FRAME], [E1_CONTENT]),
        (NOISE + E1, [FRAME], [E1_CONTENT]),
        (REQUEST + E1, [FRAME], [E1_CONTENT]),  # the head's echo
        (b"\x00" + E1, [FRAME], [E1_CONTENT]),
        (b"\x06" + E1, [FRAME], [E1_CONTENT]),
        (b"\x0d" + E1, [FRAME], [E1_CONTENT]),
        (b"\x1b" + E1, [FRAME], [E1_CONTENT]),
        (b"\x40" + E1, [FRAME], [E1_CONTENT]),
        (E1[:6] + E1, [FRAME], [E1_CONTENT]),  # starts over
        (b"\x40\x1b" + E1, [FRAME], [E1_CONTENT]),
        (E1 + POWER, [FRAME, FRAME], [E1_CONTENT, POWER_CONTENT]),
        (E1 + NOISE + POWER, [FRAME, FRAME], [E1_CONTENT, POWER_CONTENT]),
        (E1[:-1], [], []),
        (E1[1:], [], []),
        (b"", [], []),
        (b"\x06", [], []),
        (b"\x40\x0d", [TOO_SHORT], []),
        (b"\x40\x00\x00\x00\x0d", [TOO_SHORT], []),
        (b"\x40\x00\x00\x00\x00\x0d", [FRAME], [b"\x00\x00"]),
        (frame_of(b"\x3f"), [TOO_SHORT], []),
        (frame_of(b"\x3f\x10"), [FRAME], [b"\x3f\x10"]),
        (E1[:-2] + b"\x00\x0d", [BAD_CRC], []),
        (E1[:-2] + b"\x0d", [BAD_CRC], []),
        (E1[:-2] + b"\x00\x0d" + E1, [BAD_CRC, FRAME], [E1_CONTENT]),
        (frame_of(bytes(LONGEST)), [FRAME], [bytes(LONGEST)]),
        (frame_of(SPECIAL * (LONGEST // 5)), [FRAME], [SPECIAL * (LONGEST // 5)]),
        (frame_of(bytes(LONGEST + 1)), [TOO_LONG], []),
        (frame_of(b"\x40" * (LONGEST + 1)), [TOO_LONG], []),
        (b"\x40" + bytes(100_000) + b"\x0d", [TOO_LONG], []),
        (b"\x40" + bytes(100_000) + E1, [TOO_LONG, FRAME], [E1_CONTENT]),
        (b"\x40" + bytes(MAX_REPLY_SIZE), [], []),
    ],
)
def test_stream(data: bytes, results: list[ReadResult], frames: list[bytes]) -> None:
    reader = Reader()
    assert reader.feed_all(data) == (results, frames)
    # Whatever it was, the next reply is read.
    reader.feed_all(b"\x0d")
    assert reader.feed_all(E1) == ([FRAME], [E1_CONTENT])


@pytest.mark.parametrize("byte", range(256))
def test_escape(byte: int) -> None:
    """Only five bytes have a meaning after an escape; 0x40 always begins a frame."""
    reader = Reader()
    results, _ = reader.feed_all(b"\x40\x3f\x1b" + bytes([byte]))
    meant = byte ^ 0xFF in SPECIAL or byte == oracle.START_OF_REPLY
    assert results == ([] if meant else [BAD_ESCAPE])
    assert reader.in_frame == meant


def test_in_frame() -> None:
    """True from the first byte of a frame to its last but one."""
    reader = Reader()
    states = []
    for byte in b"\x00" + E1 + b"\x00":
        reader.feed(byte)
        states.append(reader.in_frame)
    assert states == [False] + [True] * (len(E1) - 1) + [False, False]


@pytest.mark.parametrize("split", range(1, len(E1)))
def test_reset(split: int) -> None:
    """A forgotten frame does not continue, and does not spoil the next."""
    reader = Reader()
    reader.feed_all(E1[:split])
    reader.reset()
    assert not reader.in_frame
    assert reader.feed_all(E1[split:]) == ([], [])
    assert reader.feed_all(E1) == ([FRAME], [E1_CONTENT])


def expected_frames(data: bytes) -> list[bytes]:
    """Find the frames with a regular expression instead of byte by byte."""
    bodies = re.findall(rb"\x40([^\x40\x0d]*)\x0d", data)
    contents = [oracle.unescape(body) for body in bodies]
    return [
        content[:-2]
        for content in contents
        if content is not None
        and 4 <= len(content) <= MAX_REPLY_SIZE
        and oracle.crc_is_right(content)
    ]


pieces = st.one_of(
    st.sampled_from([vector.response for vector in VECTORS if vector.response]),
    st.sampled_from([vector.request for vector in VECTORS if vector.request]),
    st.lists(line_bytes, max_size=20).map(bytes),
    st.lists(line_bytes, min_size=1, max_size=60).map(bytes).map(frame_of),
    st.integers(LONGEST - 2, LONGEST + 2).map(bytes).map(frame_of),
    st.sampled_from([E1[:cut] for cut in range(len(E1))]),
    st.sampled_from([E1[cut:] for cut in range(len(E1))]),
)


@given(st.lists(pieces, max_size=8).map(b"".join))
def test_any_stream(data: bytes) -> None:
    """Frames, parts of frames and noise in a row: it finds what a regular expression finds."""
    _, frames = Reader().feed_all(data)
    assert frames == expected_frames(data)
