"""The line's timing: exactly on a clock moved by hand, roughly on a real pseudo terminal."""

import time
from collections.abc import Callable

import pytest
from virtual_meter import BYTE_TIME, Direction, Frame, Replay, RunningMeter, VirtualMeter
from virtual_meter.codec import encode_frame
from virtual_meter.line import DEAF_TIME, LONGEST_GAP
from virtual_meter_tests.helpers import SERIAL, Bench, Client, FakeClock

TYPE = bytes.fromhex("803F01058A0D")
WRONG_CRC = bytes.fromhex("803F0235E80D")
MANY = bytes.fromhex("803F1004003C00440056005729F90D")


@pytest.fixture
def bench(clock: FakeClock) -> Bench:
    """Return a line with an answer delay of 0.1 s."""
    return Bench(clock, delay=0.1)


def test_every_byte_takes_its_time(bench: Bench) -> None:
    """Request, delay, then each reply byte at the end of its time, to the microsecond."""
    bench.send(SERIAL)
    bench.run()
    (exchange,) = bench.line.exchanges
    assert exchange.request == SERIAL
    assert exchange.reply == bench.port.reply == bytes.fromhex("403F0201234567E9560D")
    assert exchange.request_start == bench.start
    assert exchange.request_end == pytest.approx(bench.start + 6 * BYTE_TIME)
    assert exchange.reply_start == pytest.approx(exchange.request_end + 0.1)
    assert exchange.reply_start is not None
    assert exchange.reply_end == pytest.approx(exchange.reply_start + 10 * BYTE_TIME)
    expected = [exchange.reply_start + (i + 1) * BYTE_TIME for i in range(10)]
    assert [t for t, _ in bench.port.sent] == pytest.approx(expected)
    assert pytest.approx(0.0091667, abs=1e-6) == BYTE_TIME


def test_a_late_look_does_not_delay_the_line(bench: Bench) -> None:
    """Whoever looks rarely sees bytes late, but the later ones are on time again."""
    bench.send(SERIAL)
    bench.clock.now += 0.2
    bench.line.step()
    (exchange,) = bench.line.exchanges
    assert exchange.request_end == pytest.approx(bench.start + 6 * BYTE_TIME)
    assert len(bench.port.sent) == 4
    bench.run()
    assert bench.port.sent[-1][0] == pytest.approx(exchange.reply_end)


def test_no_answer_before_the_request_has_arrived(bench: Bench) -> None:
    """Nothing happens one microsecond before the last byte's end."""
    bench.send(SERIAL)
    bench.run(until=6 * BYTE_TIME - 1e-6)
    assert bench.meter.answers == []
    bench.run(until=6 * BYTE_TIME + 1e-6)
    assert len(bench.meter.answers) == 1


def test_bytes_wait_for_the_one_before(bench: Bench) -> None:
    """A request written in pieces is on the line when its last piece is."""
    bench.send(SERIAL[:4])
    bench.run(until=0.010)
    bench.send(SERIAL[4:5])
    bench.run(until=0.070)
    bench.send(SERIAL[5:])
    bench.run()
    (exchange,) = bench.line.exchanges
    assert exchange.request_end == pytest.approx(bench.start + 0.070 + BYTE_TIME)
    assert exchange.reply


@pytest.mark.parametrize(("beyond", "strict", "heard"), [(-1e-6, 1, 1), (1e-6, 1, 0), (1, 0, 1)])
def test_a_gap_in_a_request(clock: FakeClock, beyond: float, strict: int, heard: int) -> None:
    """At most 27 ms, unless the meter is lenient; the next request is heard."""
    bench = Bench(clock, strict=bool(strict))
    bench.send(SERIAL[:4])
    bench.run(until=4 * BYTE_TIME + LONGEST_GAP + beyond)
    bench.send(SERIAL[4:])
    bench.run()
    bench.send(TYPE)
    bench.run()
    first, second = bench.line.exchanges
    assert (first.request, bool(first.reply)) == (SERIAL, bool(heard))
    assert ("a gap of 27 ms" in first.silence) != bool(heard)
    assert second.reply


@pytest.mark.parametrize(("wait", "heard"), [(DEAF_TIME - 0.001, False), (DEAF_TIME + 0.001, True)])
def test_deaf_after_a_wrong_crc(bench: Bench, wait: float, heard: bool) -> None:
    """For 1.6 s; what comes in this time does not make it longer."""
    bench.send(WRONG_CRC)
    bench.run(until=6 * BYTE_TIME + 1)
    bench.send(WRONG_CRC)
    bench.run(until=6 * BYTE_TIME + wait)
    bench.send(SERIAL)
    bench.run()
    wrong, discarded, last = bench.line.exchanges
    assert "wrong CRC" in wrong.silence
    assert "discarded" in discarded.silence
    assert bool(last.reply) == heard
    assert ("discarded" in last.silence) != heard


def test_not_deaf_after_a_request_that_it_understands(bench: Bench) -> None:
    """One without an answer, one to another address; nor when lenient."""
    for frame in (Frame(0x3F, 0x55), Frame(0x7F, 0x01)):
        bench.send(encode_frame(Direction.TO_METER, frame))
        bench.run()
        assert bench.ask(SERIAL)
    bench.line.strict = False
    bench.send(WRONG_CRC)
    bench.run()
    assert bench.ask(SERIAL)


def test_delay_may_change_at_any_time(bench: Bench) -> None:
    """The delay at the end of the request counts."""
    bench.send(SERIAL)
    bench.meter.delay = 0.3
    bench.run()
    (exchange,) = bench.line.exchanges
    assert exchange.reply_start == pytest.approx(exchange.request_end + 0.3)


def test_half_duplex(bench: Bench) -> None:
    """What comes while the meter waits or sends is recorded but not heard; later it hears."""
    bench.send(SERIAL + TYPE)
    bench.run(until=0.2)
    bench.send(TYPE)
    bench.run()
    assert [e.request for e in bench.line.exchanges] == [SERIAL]
    bench.clock.now += 0.01
    bench.send(TYPE)
    bench.run()
    assert [e.request for e in bench.line.exchanges] == [SERIAL, TYPE]
    assert bench.line.received == SERIAL + TYPE + TYPE + TYPE


def test_garbage_is_recorded_and_ignored(bench: Bench) -> None:
    """Noise before a request, a request begun twice, and endless noise in a request."""
    noise = b"\x00\xff\r\x06" + SERIAL[:3] + b"\x80" + b"\x55" * 1000
    bench.send(noise + SERIAL)
    bench.run()
    assert [e.request for e in bench.line.exchanges] == [SERIAL]
    assert bench.line.received == noise + SERIAL


def test_silent_meter_comes_back(bench: Bench) -> None:
    """Every request is recorded with the reason of the silence."""
    bench.line.silent = True
    bench.send(SERIAL)
    bench.run()
    bench.line.silent = False
    bench.send(WRONG_CRC)
    bench.run()
    bench.clock.now += DEAF_TIME
    bench.send(SERIAL)
    bench.run()
    switched_off, wrong, answered = bench.line.exchanges
    assert (switched_off.reply, switched_off.reply_start, switched_off.reply_end) == (None,) * 3
    assert "silent" in switched_off.silence
    assert "CRC" in wrong.silence
    assert answered.reply == bench.port.reply
    assert answered.silence == ""


@pytest.mark.parametrize("delay", [0.0, 0.25])
def test_timing_on_a_pseudo_terminal(connect: Callable[[str], Client], delay: float) -> None:
    """A real client sees bytes come one by one, neither early nor much too late."""
    with RunningMeter(VirtualMeter("403-kwh", delay=delay)) as running:
        client = connect(running.port)
        begin = time.monotonic()
        client.send(MANY)
        times = [t for t, _ in client.receive(2.0)]
    (exchange,) = running.exchanges
    assert exchange.reply
    assert len(times) == len(exchange.reply) > 40
    quiet = len(MANY) * 0.0091 + delay
    assert quiet + 0.0091 <= times[0] - begin < 3 * quiet + 0.2
    whole = len(times) * 0.0091
    assert whole <= times[-1] - (begin + quiet) < 3 * whole
    assert len(set(times)) > len(times) // 2
    assert exchange.request_start >= begin
    assert exchange.reply_end is not None
    assert exchange.reply_end <= times[-1]


def test_a_client_may_leave_and_another_come(connect: Callable[[str], Client]) -> None:
    """The port stays, and so does the silence that was switched on in between."""
    with RunningMeter(VirtualMeter("601")) as running:
        first = Client(running.port)
        reply = first.ask(SERIAL)
        first.close()
        second = connect(running.port)
        running.silent = True
        assert second.ask(SERIAL, wait=0.3) == b""
        running.silent = False
        assert second.ask(SERIAL) == reply == bytes.fromhex("403F0201234567E9560D")
    assert running.received == SERIAL * 3
    assert [bool(e.reply) for e in running.exchanges] == [True, False, True]


def test_vectors_on_a_pseudo_terminal(
    connect: Callable[[str], Client], vectors: list[dict[str, str | bool]]
) -> None:
    """Recorded replies come to their requests, in turn where there are several; others do not."""
    good = [
        (bytes.fromhex(str(v["request_hex"])), bytes.fromhex(str(v["response_hex"])))
        for v in vectors
        if v["crc_ok"] and v["request_hex"] and v["response_hex"]
    ]
    assert len(good) >= 20
    replay = Replay()
    assert all(replay.answer(request).reply == reply for request, reply in good)

    with RunningMeter(Replay()) as running:
        client = connect(running.port)
        for request, reply in good:
            # The long ones would take seconds on the line and are checked above.
            if len(reply) < 30:
                assert client.ask(request) == reply
        assert client.ask(MANY, wait=0.3) == b""
    readings = {r.register: r for e in running.exchanges for r in e.readings}
    assert str(readings[60].value) == "55.006"
    assert readings[60].unit == 3
