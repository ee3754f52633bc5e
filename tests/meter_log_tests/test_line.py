"""One request over a port: the reply is found in whatever comes, and the meter has its pauses."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_log import line
from meter_log.codec import Direction, Frame, encode_frame
from meter_log.line import Line, find_reply, is_complete

ECHO = encode_frame(Direction.TO_METER, Frame(0x3F, 0xB8, b"\x05\x02"))


def reply(data: bytes, address: int = 0x3F, command: int = 0xB8) -> bytes:
    """Return a frame from the meter."""
    return encode_frame(Direction.FROM_METER, Frame(address, command, data))


class FakePort:
    """Gives what it was told, one part a read; b"" is silence. Time passes as it is waited for."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self.parts = [b"", *parts]
        self.sent: list[tuple[float, bytes]] = []
        self.now = 0.0

    def write(self, data: bytes) -> None:
        self.sent.append((self.now, data))

    def read(self, timeout: float) -> bytes:
        part = self.parts.pop(0) if self.parts else b""
        self.now += timeout if not part else 0.01
        return part

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def monotonic(self) -> float:
        return self.now


def ask(monkeypatch: pytest.MonkeyPatch, *parts: bytes) -> tuple[bytes | None, FakePort]:
    """Ask once for the configuration of the years."""
    port = FakePort(parts)
    monkeypatch.setattr(line, "time", port)
    return Line(port).ask(0xB8, b"\x05\x02"), port


@pytest.mark.parametrize(
    "parts",
    [
        (reply(b"\x01"),),
        (ECHO, reply(b"\x01")),
        (ECHO[:3], ECHO[3:], b"", reply(b"\x01")),  # an optical head, and a slow meter
        (b"\x00\x55", reply(b"\x01")),
        tuple(bytes([byte]) for byte in ECHO + reply(b"\x01")),
        (reply(b"\x07")[:4], reply(b"\x01")),
    ],
)
def test_reply_is_found(monkeypatch: pytest.MonkeyPatch, parts: tuple[bytes, ...]) -> None:
    data, port = ask(monkeypatch, *parts)
    assert data == b"\x01"
    assert [frame for _, frame in port.sent] == [ECHO]


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (ECHO,),
        (reply(b"\x01")[:-1],),
        (reply(b"\x01", address=0x7F),),
        (reply(b"\x01", command=0x10),),
        (b"\x40\x3f\xb8\x01\x00\x00\x0d",),
        (b"\x55",) * 3000,
    ],
)
def test_no_reply(monkeypatch: pytest.MonkeyPatch, parts: tuple[bytes, ...]) -> None:
    data, port = ask(monkeypatch, *parts)
    assert data is None
    assert port.now < 60


def test_meter_has_its_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """1.6 s after a failure; and what came too late is not taken for the next reply."""
    port = FakePort([])
    monkeypatch.setattr(line, "time", port)
    asking = Line(port)
    assert asking.ask(0xB8, b"\x05\x02") is None
    given_up = port.now
    port.parts = [reply(b"\x07"), b"", reply(b"\x01")]
    assert asking.ask(0xB8, b"\x05\x02") == b"\x01"
    assert port.sent[1][0] >= given_up + 1.6


def test_every_exchange_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With everything that came, also when it was no reply: later it may be understood."""
    port = FakePort([b"\x40\x01\x02"])
    monkeypatch.setattr(line, "time", port)
    told: list[tuple[bytes, bytes]] = []
    Line(port, lambda *exchange: told.append(exchange)).ask(0xB8, b"\x05\x02")
    assert told == [(ECHO, b"\x40\x01\x02")]


def test_what_it_has_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The echo of an optical head is not another byte on the line."""
    port = FakePort([ECHO, reply(b"\x01")])
    monkeypatch.setattr(line, "time", port)
    asking = Line(port)
    asking.ask(0xB8, b"\x05\x02")
    assert (asking.requests, asking.failed) == (1, 0)
    assert asking.size == len(ECHO) + len(reply(b"\x01"))
    assert asking.seconds == pytest.approx(0.02)
    assert asking.ask(0xB8, b"\x05\x02") is None
    assert (asking.requests, asking.failed) == (2, 1)
    assert asking.size == 2 * len(ECHO) + len(reply(b"\x01"))
    assert asking.seconds == pytest.approx(0.02 + line.RESPONSE_TIMEOUT)


@given(st.binary(max_size=30), st.binary(max_size=60))
def test_any_bytes_before_a_reply(before: bytes, data: bytes) -> None:
    frame = reply(data)
    if not is_complete(before):
        assert is_complete(before + frame)
        assert find_reply(before + frame, 0xB8) == data
        assert not is_complete(frame[:-1])
