"""What one attempt of a request amounts to, by what came back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmp import library, oracle
from kmp.library import GET_REGISTER, GET_SERIAL_NO, MAX_KEPT, Attempt, Evidence, Request, attempt
from kmp.oracle import reply_frame
from kmp.strategies import line_bytes
from kmp.vectors import ANSWERED

E1 = Request(GET_REGISTER, (60,))
SENT = E1.encode()  # 80 3F 10 01 00 3C B2 5F 0D
REPLY = bytes.fromhex("403F10003C0304430000D6DE03220D")
BAD_CRC = REPLY[:-2] + b"\x00\x0d"
OTHER_REPLY = bytes.fromhex("403F10005016024100002F5C0D")
SERIAL_REPLY = bytes.fromhex("403F0200692D32CD5D0D")
#: Contains four zeros: the high bytes of its registers.
FOUR = Request(GET_REGISTER, (60, 68, 74, 80))
FOUR_SENT = FOUR.encode()
LONGEST = Request(GET_REGISTER, tuple(0x4040 + i for i in (0, 0xC6, 0xCD, 0xDB)))


def expected(sent: bytes, received: bytes) -> Attempt:
    """Evaluate an attempt a second way: with searches over the whole, not byte by byte."""
    rest = list(received)
    echo_size = 0
    at = 0
    for byte in sent:
        if byte not in rest[at:]:
            break
        at = rest.index(byte, at)
        del rest[at]
        echo_size += 1
    zero_count = rest.count(0)
    whole_echo = 0 < echo_size == len(sent)
    if has_bad_crc(received):
        evidence = Evidence.CHECKSUM
    elif zero_count < len(received) - (echo_size if whole_echo else 0):
        evidence = Evidence.GARBLED
    else:
        evidence = Evidence.ECHO if whole_echo else Evidence.NOTHING
    return Attempt(evidence, len(received), echo_size, zero_count, received[:MAX_KEPT])


def has_bad_crc(received: bytes) -> bool:
    """Tell whether there is a frame in which only the CRC is wrong."""
    for body in received.split(b"\x40")[1:]:
        frame, stop, _ = body.partition(b"\x0d")
        content = oracle.unescape(frame) if stop else None
        fits = content is not None and 4 <= len(content) <= library.MAX_REPLY_SIZE
        if content is not None and fits and not oracle.crc_is_right(content):
            return True
    return False


# --- What it amounts to ---

# what came back for E1's request | evidence | size of the echo in it | other zeros
CASES: list[tuple[str, bytes, Evidence, int, int]] = [
    ("nothing", b"", Evidence.NOTHING, 0, 0),
    ("zeros", b"\x00" * 5, Evidence.NOTHING, 0, 5),
    ("zeros around another byte", b"\x00\x55\x00", Evidence.GARBLED, 0, 2),
    # The echo of an optical head
    ("zeros, then echo", b"\x00\x00" + SENT, Evidence.ECHO, 9, 2),
    # Nobody can tell which of two zeros belongs to the request, and it does not matter.
    ("zero beside the request's own", SENT[:5] + b"\x00" + SENT[5:], Evidence.ECHO, 9, 1),
    ("all but the last byte of the echo", SENT[:-1], Evidence.GARBLED, 8, 0),
    ("echo with a byte added", SENT[:2] + b"\x55" + SENT[2:], Evidence.GARBLED, 9, 0),
    ("echo twice", SENT * 2, Evidence.GARBLED, 9, 1),
    ("echo inverted", bytes(byte ^ 0xFF for byte in SENT), Evidence.GARBLED, 0, 0),
    # Frames
    ("echo, then bad CRC", SENT + BAD_CRC, Evidence.CHECKSUM, 9, 4),
    ("bad CRC, then another's reply", BAD_CRC + OTHER_REPLY, Evidence.CHECKSUM, 0, 7),
    ("another command's reply", SERIAL_REPLY, Evidence.GARBLED, 0, 1),
    ("another address", reply_frame(GET_REGISTER, b"", 0x7F), Evidence.GARBLED, 0, 0),
    ("half a reply", REPLY[:8], Evidence.GARBLED, 0, 1),
    ("too short", b"\x40\x0d", Evidence.GARBLED, 0, 0),
    ("bad escape", b"\x40\x1b\x00", Evidence.GARBLED, 0, 1),
    ("too long", b"\x40" + bytes(200), Evidence.GARBLED, 0, 200),
    # Only the conversation can call the right reply an ANSWER; here it is just bytes that came.
    ("echo, then the reply", SENT + REPLY, Evidence.GARBLED, 9, 3),
]


@pytest.mark.parametrize(
    ("received", "evidence", "echo_size", "zero_count"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_evidence(received: bytes, evidence: Evidence, echo_size: int, zero_count: int) -> None:
    result = attempt(E1, received)
    assert result == expected(SENT, received)
    assert result[:4] == (evidence, len(received), echo_size, zero_count)


def test_begins_with_the_frame_of_its_request() -> None:
    for request, _ in ANSWERED:
        assert library.attempt_frame(request) == request.encode()


# --- What is kept ---


@pytest.mark.parametrize("size", [0, 1, MAX_KEPT - 1, MAX_KEPT, MAX_KEPT + 1, 500, 10_000])
def test_kept(size: int) -> None:
    """The first bytes are kept; the others are only counted."""
    received = bytes(0x41 + i % 50 for i in range(size))
    result = attempt(E1, received)
    assert result.kept == received[:MAX_KEPT]
    assert result.received_size == size
    assert result.evidence is (Evidence.GARBLED if size else Evidence.NOTHING)


def test_longest_echo_is_kept() -> None:
    """And a few bytes after it."""
    assert MAX_KEPT >= library.MAX_REQUEST_SIZE + 1
    received = LONGEST.encode() + b"\x12"
    assert attempt(LONGEST, received).kept == received


@pytest.mark.parametrize("count", [65_534, 65_535, 65_536, 70_000, 140_000])
def test_more_than_can_be_counted(count: int) -> None:
    """All counts stop together: none restarts at 0, and they stay consistent."""
    result = attempt(E1, SENT + bytes(count))
    assert result.received_size == min(count + len(SENT), 65_535)
    assert result.echo_size + result.zero_count == result.received_size
    assert result.evidence is Evidence.ECHO
    assert attempt(E1, bytes(count)).evidence is Evidence.NOTHING
    assert attempt(E1, b"\x55" + bytes(count)).evidence is Evidence.GARBLED
    assert attempt(E1, bytes(count) + BAD_CRC).evidence is Evidence.CHECKSUM


def test_nothing_sent() -> None:
    """Without begin() nothing counts as an echo."""
    assert attempt(None, b"").evidence is Evidence.NOTHING
    assert attempt(None, b"\x00").evidence is Evidence.NOTHING
    assert attempt(None, SENT).evidence is Evidence.GARBLED


# --- Any bytes ---

requests = st.sampled_from([E1, FOUR, Request(GET_SERIAL_NO), LONGEST])
pieces = st.one_of(
    st.just(b"\x00"),
    st.sampled_from([SENT, FOUR_SENT, REPLY, BAD_CRC, OTHER_REPLY, SENT[:5], FOUR_SENT[4:]]),
    st.lists(line_bytes, max_size=20).map(bytes),
    st.integers(1, 300).map(bytes),
)


@settings(max_examples=5 * settings().max_examples)
@given(requests, st.lists(pieces, max_size=6).map(b"".join))
def test_any_bytes(request: Request, received: bytes) -> None:
    assert attempt(request, received) == expected(request.encode(), received)


@given(requests, st.data())
def test_spoiled_echo(request: Request, data: st.DataObject) -> None:
    """With bytes changed, lost and added in places."""
    received = bytearray(request.encode())
    for at in data.draw(st.lists(st.integers(0, len(received) - 1), max_size=3)):
        received[at : at + data.draw(st.integers(0, 1))] = data.draw(st.binary(max_size=2))
    assert attempt(request, bytes(received)) == expected(request.encode(), bytes(received))
