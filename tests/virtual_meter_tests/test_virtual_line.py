"""The line's timing, exactly, on a clock advanced by hand."""

import pytest
from virtual_meter import BYTE_TIME
from virtual_meter.line import LONGEST_GAP
from virtual_meter_tests.helpers import SERIAL, SERIAL_601, TYPE, TYPE_601, Bench

WRONG_CRC = bytes.fromhex("803F0235E80D")


def test_every_byte_takes_its_time(bench: Bench) -> None:
    """Request, delay, then each reply byte at the end of its time, to the microsecond."""
    assert pytest.approx(0.0091667, abs=1e-6) == BYTE_TIME
    bench.send(SERIAL, 6 * BYTE_TIME - 1e-6)
    assert bench.line.exchanges == []
    bench.ask(b"")
    (exchange,) = bench.line.exchanges
    assert (exchange.request, exchange.reply, exchange.silence) == (SERIAL, SERIAL_601, "")
    assert exchange.request_start == 0
    assert exchange.request_end == pytest.approx(6 * BYTE_TIME)
    assert bytes(byte for _, byte in bench.sent) == SERIAL_601
    expected = [exchange.request_end + 0.1 + (i + 1) * BYTE_TIME for i in range(10)]
    assert [time for time, _ in bench.sent] == pytest.approx(expected)
    assert exchange.reply_end == pytest.approx(expected[-1])


def test_a_late_look_does_not_delay_the_line(bench: Bench) -> None:
    """If it is rarely looked at, bytes are seen late, but later ones are on time again."""
    bench.send(SERIAL)
    bench.now += 0.2
    bench.line.step(b"")
    assert bench.last.request_end == pytest.approx(6 * BYTE_TIME)
    assert len(bench.sent) == 4
    bench.ask(b"")
    assert bench.sent[-1][0] == pytest.approx(bench.last.reply_end)


def test_bytes_wait_for_the_one_before(bench: Bench) -> None:
    bench.send(SERIAL[:4], 0.010)
    bench.send(SERIAL[4:5], 0.060)
    bench.ask(SERIAL[5:])
    assert bench.last.request_end == pytest.approx(0.070 + BYTE_TIME)
    assert bench.last.reply


@pytest.mark.parametrize(("beyond", "heard"), [(-1e-6, True), (1e-6, False)])
def test_a_gap_in_a_request(bench: Bench, beyond: float, heard: bool) -> None:
    """At most 27 ms; the next request is heard."""
    bench.send(SERIAL[:4], 4 * BYTE_TIME + LONGEST_GAP + beyond)
    assert bench.ask(SERIAL[4:]) == (SERIAL_601 if heard else b"")
    assert ("a gap of 27 ms" in bench.last.silence) != heard
    assert bench.ask(TYPE) == TYPE_601


def test_half_duplex(bench: Bench) -> None:
    """What comes while the meter waits or sends is recorded but not heard; later it hears again."""
    bench.send(SERIAL + TYPE, 0.2)
    assert bench.ask(TYPE) + SERIAL_601 == SERIAL_601[4:] + SERIAL_601
    assert len(bench.line.exchanges) == 1
    assert bench.ask(TYPE) == TYPE_601
    assert bench.line.received == SERIAL + TYPE + TYPE + TYPE


def test_garbage_is_recorded_and_ignored(bench: Bench) -> None:
    noise = b"\x00\xff\r\x06" + SERIAL[:3] + b"\x80" + b"\x55" * 100
    assert bench.ask(noise + SERIAL) == SERIAL_601
    assert [exchange.request for exchange in bench.line.exchanges] == [SERIAL]
    assert bench.line.received == noise + SERIAL


def test_silence(bench: Bench) -> None:
    """Every request is recorded with the reason; the delay may change at any time."""
    bench.line.silent = True
    assert bench.ask(SERIAL) == b""
    assert (bench.last.reply, bench.last.reply_end) == (None, None)
    assert bench.last.silence == "switched to silent"
    bench.line.silent = False
    assert bench.ask(WRONG_CRC) == b""
    assert bench.last.silence.startswith("wrong CRC")
    bench.meter.delay = 0.3
    assert bench.ask(SERIAL) == SERIAL_601
    assert bench.last.reply_end == pytest.approx(bench.last.request_end + 0.3 + 10 * BYTE_TIME)
