"""What one attempt of a request comes to, by what came back."""

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
CHANGED = SENT[:3] + b"\x03" + SENT[4:]  # the 4th byte is another one
#: Four zeros in it: the high bytes of its registers.
FOUR = Request(GET_REGISTER, (60, 68, 74, 80))
FOUR_SENT = FOUR.encode()
LONGEST = Request(GET_REGISTER, tuple(0x4040 + i for i in (0, 0xC6, 0xCD, 0xDB)))


# --- What it comes to ---

# what came back for E1's request | evidence | of it the echo | zeros beside it
CASES: list[tuple[str, bytes, Evidence, int, int]] = [
    ("nothing", b"", Evidence.NOTHING, 0, 0),
    ("one zero", b"\x00", Evidence.NOTHING, 0, 1),
    ("zeros", b"\x00" * 5, Evidence.NOTHING, 0, 5),
    ("another byte", b"\x06", Evidence.GARBLED, 0, 0),
    ("zeros around another byte", b"\x00\x55\x00", Evidence.GARBLED, 0, 2),
    # The echo of an optical head
    ("echo", SENT, Evidence.ECHO, 9, 0),
    ("echo, then a zero", SENT + b"\x00", Evidence.ECHO, 9, 1),
    ("zeros, then echo", b"\x00\x00" + SENT, Evidence.ECHO, 9, 2),
    ("zero in the middle of the echo", SENT[:2] + b"\x00" + SENT[2:], Evidence.ECHO, 9, 1),
    # Which of two zeros is the request's nobody can tell, and it does not matter.
    ("zero beside the request's own", SENT[:5] + b"\x00" + SENT[5:], Evidence.ECHO, 9, 1),
    ("first half of the echo", SENT[:5], Evidence.GARBLED, 5, 0),
    ("first byte of the echo", SENT[:1], Evidence.GARBLED, 1, 0),
    ("all but the last byte of the echo", SENT[:-1], Evidence.GARBLED, 8, 0),
    ("second half of the echo", SENT[5:], Evidence.GARBLED, 0, 0),
    ("first half of the echo and zeros", SENT[:4] + b"\x00" * 3, Evidence.GARBLED, 5, 2),
    ("echo with a byte changed", CHANGED, Evidence.GARBLED, 3, 1),
    ("echo with a byte lost", SENT[:2] + SENT[3:], Evidence.GARBLED, 2, 1),
    ("echo with a byte added", SENT[:2] + b"\x55" + SENT[2:], Evidence.GARBLED, 9, 0),
    ("echo, then garbage", SENT + b"\x12\x34", Evidence.GARBLED, 9, 0),
    ("garbage, then echo", b"\x12" + SENT, Evidence.GARBLED, 9, 0),
    ("echo twice", SENT * 2, Evidence.GARBLED, 9, 1),
    ("echo inverted", bytes(byte ^ 0xFF for byte in SENT), Evidence.GARBLED, 0, 0),
    # Frames
    ("bad CRC", BAD_CRC, Evidence.CHECKSUM, 0, 4),
    ("echo, then bad CRC", SENT + BAD_CRC, Evidence.CHECKSUM, 9, 4),
    ("bad CRC, then garbage", BAD_CRC + b"\x12\x34", Evidence.CHECKSUM, 0, 4),
    ("garbage, then bad CRC", b"\x12\x34" + BAD_CRC, Evidence.CHECKSUM, 0, 4),
    ("bad CRC, then another's reply", BAD_CRC + OTHER_REPLY, Evidence.CHECKSUM, 0, 7),
    ("another's reply", OTHER_REPLY, Evidence.GARBLED, 0, 3),
    ("another command's reply", SERIAL_REPLY, Evidence.GARBLED, 0, 1),
    ("another address", reply_frame(GET_REGISTER, b"", 0x7F), Evidence.GARBLED, 0, 0),
    ("echo, then another's reply", SENT + OTHER_REPLY, Evidence.GARBLED, 9, 3),
    ("half a reply", REPLY[:8], Evidence.GARBLED, 0, 1),
    ("echo, then half a reply", SENT + REPLY[:8], Evidence.GARBLED, 9, 1),
    ("start byte only", b"\x40", Evidence.GARBLED, 0, 0),
    ("too short", b"\x40\x0d", Evidence.GARBLED, 0, 0),
    ("bad escape", b"\x40\x1b\x00", Evidence.GARBLED, 0, 1),
    ("too long", b"\x40" + bytes(200), Evidence.GARBLED, 0, 200),
    # The right reply is ANSWER by the conversation's word only; here it is something that came.
    ("the reply", REPLY, Evidence.GARBLED, 0, 3),
    ("echo, then the reply", SENT + REPLY, Evidence.GARBLED, 9, 3),
]


@pytest.mark.parametrize(
    ("received", "evidence", "echo_size", "zero_count"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_evidence(received: bytes, evidence: Evidence, echo_size: int, zero_count: int) -> None:
    assert attempt(E1, received) == Attempt(
        evidence=evidence,
        received_size=len(received),
        echo_size=echo_size,
        zero_count=zero_count,
        kept=received[:MAX_KEPT],
    )


def test_every_evidence_has_a_case() -> None:
    """The others come from what is around an attempt: an answer, in time or late, or no port."""
    others = {Evidence.ANSWER, Evidence.LATE, Evidence.NO_PORT}
    assert {case[2] for case in CASES} == set(Evidence) - others


def test_zeros_of_the_request() -> None:
    """Zeros in the echo are the request's own, and no pulses."""
    assert FOUR_SENT.count(0) == 4
    result = attempt(FOUR, FOUR_SENT)
    assert (result.evidence, result.echo_size, result.zero_count) == (
        Evidence.ECHO,
        len(FOUR_SENT),
        0,
    )
    result = attempt(FOUR, b"\x00".join(bytes([byte]) for byte in FOUR_SENT))
    assert (result.evidence, result.echo_size) == (Evidence.ECHO, len(FOUR_SENT))
    assert result.zero_count == len(FOUR_SENT) - 1


def test_every_request_is_its_own_echo() -> None:
    for request, reply in ANSWERED:
        sent = request.encode()
        assert attempt(request, sent).evidence is Evidence.ECHO
        assert attempt(request, reply[:-1]).evidence is Evidence.GARBLED


def test_begins_with_the_frame_of_its_request() -> None:
    for request, _ in ANSWERED:
        assert library.attempt_frame(request) == request.encode()


@pytest.mark.parametrize("changed", range(len(SENT)))
def test_echo_with_any_byte_changed(changed: int) -> None:
    """Not the request any more, wherever it is; in front of the change it was."""
    received = bytearray(SENT)
    received[changed] ^= 0x02  # makes no 0x00 and no 0x40 of any of them
    result = attempt(E1, bytes(received))
    assert result.evidence is Evidence.GARBLED
    assert result.echo_size == changed


# --- What is kept ---


@pytest.mark.parametrize("size", [0, 1, MAX_KEPT - 1, MAX_KEPT, MAX_KEPT + 1, 500, 10_000])
def test_kept(size: int) -> None:
    """The first bytes; the others are counted."""
    received = bytes(0x41 + i % 50 for i in range(size))
    result = attempt(E1, received)
    assert result.kept == received[:MAX_KEPT]
    assert result.received_size == size
    assert result.evidence is (Evidence.GARBLED if size else Evidence.NOTHING)


def test_longest_echo_is_kept() -> None:
    """And a few bytes behind it."""
    assert MAX_KEPT >= library.MAX_REQUEST_SIZE + 1
    received = LONGEST.encode() + b"\x12"
    assert attempt(LONGEST, received).kept == received


@pytest.mark.parametrize("count", [65_534, 65_535, 65_536, 70_000, 140_000])
def test_more_than_can_be_counted(count: int) -> None:
    """All counts stop together: none begins at 0 again, and they still fit to each other."""
    result = attempt(E1, SENT + bytes(count))
    assert result.received_size == min(count + len(SENT), 65_535)
    assert result.echo_size + result.zero_count == result.received_size
    assert result.evidence is Evidence.ECHO
    assert attempt(E1, bytes(count)).evidence is Evidence.NOTHING
    assert attempt(E1, b"\x55" + bytes(count)).evidence is Evidence.GARBLED
    assert attempt(E1, bytes(count) + BAD_CRC).evidence is Evidence.CHECKSUM


def test_nothing_sent() -> None:
    """Never begun: then nothing is its echo."""
    assert attempt(None, b"").evidence is Evidence.NOTHING
    assert attempt(None, b"\x00").evidence is Evidence.NOTHING
    assert attempt(None, SENT).evidence is Evidence.GARBLED


# --- Any bytes ---


def expected_evidence(sent: bytes, received: bytes) -> Evidence:
    """Work out the evidence once more: with searches over the whole, not byte by byte."""
    for body in received.split(b"\x40")[1:]:
        frame, stop, _ = body.partition(b"\x0d")
        content = oracle.unescape(frame) if stop else None
        fits = content is not None and 4 <= len(content) <= library.MAX_REPLY_SIZE
        if content is not None and fits and not oracle.crc_is_right(content):
            return Evidence.CHECKSUM
    rest = list(received)
    for byte in sent:
        if byte not in rest:
            break
        # Nothing but zeros may stand in front of it; other bytes stay and are garbage.
        index = rest.index(byte)
        if any(rest[:index]):
            return Evidence.GARBLED
        del rest[: index + 1]
    else:
        return Evidence.ECHO if not any(rest) else Evidence.GARBLED
    return Evidence.GARBLED if any(received) else Evidence.NOTHING


requests = st.sampled_from([E1, FOUR, Request(GET_SERIAL_NO), LONGEST])
pieces = st.one_of(
    st.just(b"\x00"),
    st.sampled_from([SENT, FOUR_SENT, REPLY, BAD_CRC, OTHER_REPLY, SENT[:5], FOUR_SENT[4:]]),
    st.lists(line_bytes, max_size=20).map(bytes),
    st.integers(1, 300).map(bytes),
)
anything = st.lists(pieces, max_size=6).map(b"".join)


@given(requests, anything)
def test_any_bytes(request: Request, received: bytes) -> None:
    """The counts fit to each other and to what came, and it is known what it comes to."""
    sent = request.encode()
    result = attempt(request, received)
    assert result.received_size == len(received)
    assert result.kept == received[:MAX_KEPT]
    assert result.echo_size <= len(sent)
    assert result.zero_count <= received.count(0)
    assert result.echo_size + result.zero_count <= result.received_size
    assert result.evidence is expected_evidence(sent, received)


@settings(max_examples=settings().max_examples // 2)
@given(requests, anything)
def test_byte_by_byte(request: Request, received: bytes) -> None:
    """Each byte is counted once at most, and nothing is taken back."""
    before = attempt(request, b"")
    for size in range(1, min(len(received), 100) + 1):
        after = attempt(request, received[:size])
        counted = after.echo_size + after.zero_count - before.echo_size - before.zero_count
        assert counted in (0, 1)
        assert after.echo_size >= before.echo_size
        assert after.zero_count >= before.zero_count
        if before.evidence is Evidence.CHECKSUM:
            assert after.evidence is Evidence.CHECKSUM
        before = after
