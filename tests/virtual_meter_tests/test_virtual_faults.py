"""What every fault does to the bytes, and how faults are written."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meter_log.codec import (
    GET_REGISTER,
    crc16,
    decode_frame,
    decode_readings,
    encode_readings,
    unstuff,
)
from virtual_meter import BYTE_TIME, FAULTS, MODELS, Direction, Reading, VirtualMeter
from virtual_meter.faults import parse
from virtual_meter_tests.helpers import (
    SERIAL,
    SERIAL_601,
    TYPE,
    TYPE_601,
    Bench,
    ask,
    frames,
)

BEGIN = SERIAL_601[:1]


@pytest.fixture(scope="module")
def replies(recorded: list[tuple[Direction, bytes, bool]]) -> list[bytes]:
    """Return valid replies of all kinds, 6 to 154 bytes long."""
    found = [raw for direction, raw, is_good in recorded if is_good and direction == BEGIN[0]]
    for name in MODELS:
        meter = VirtualMeter(name, clock=lambda: 0.0)
        numbers = meter.model.numbers
        requests = [ask(*numbers[i : i + 8]) for i in range(0, len(numbers), 8)]
        found += [meter.answer(request).reply or b"" for request in (SERIAL, *requests)]
    assert len(found) > 50
    return found


def corrupt(fault: str, reply: bytes, random: Random) -> bytes:
    parsed = parse(fault)
    assert parsed.kind.corrupts
    return parsed.kind.corrupts(reply, random, parsed.parameter)


def readings(reply: bytes) -> list[Reading]:
    """Return what a valid GetRegister reply carries; empty if it is another reply."""
    frame = decode_frame(Direction.FROM_METER, reply)
    return list(decode_readings(frame.data)) if frame.command == GET_REGISTER else []


def is_wrong_checksum(reply: bytes, sent: bytes) -> bool:
    """Everything but the CRC is unchanged, and the frame is still stuffed correctly."""
    plain = unstuff(sent[1:-1])
    ends = (sent[0], sent[-1]) == (reply[0], reply[-1])
    return ends and plain[:-2] == unstuff(reply[1:-1])[:-2] and crc16(plain) != 0


def is_renamed(reply: bytes, sent: bytes) -> bool:
    """One block, valid, with a register that every model has but was not asked for."""
    before, after = readings(reply), readings(sent)
    pairs = [(b, a) for b, a in zip(before, after, strict=True) if b != a]
    if not before:
        return sent == reply
    ((was, became),) = pairs
    is_known = all(became.register in model.numbers for model in MODELS.values())
    is_new = became.register not in {r.register for r in before}
    return is_known and is_new and became == replace(was, register=became.register)


def shows(change: Callable[[int], int]) -> Callable[[bytes, bytes], bool]:
    """Return a check: register 68 shows another number, with as many decimals."""

    def changed(reading: Reading) -> Reading:
        exponent = int(reading.value.as_tuple().exponent)
        number = change(int(reading.value.scaleb(-exponent)))
        return replace(reading, value=Decimal(number).scaleb(exponent))

    def check(reply: bytes, sent: bytes) -> bool:
        expected = [changed(r) if r.register == 68 else r for r in readings(reply)]
        data = decode_frame(Direction.FROM_METER, sent).data
        return encode_readings(expected) == data if expected else sent == reply

    return check


def is_no_frame(_: bytes, sent: bytes) -> bool:
    return len(sent) > 0 and not frames(sent)


CHECKS: dict[str, Callable[[bytes, bytes], bool]] = {
    "byte_lost": lambda reply, sent: (
        sent in {reply[:i] + reply[i + 1 :] for i in range(len(reply))}
    ),
    "byte_added": lambda reply, sent: reply in {sent[:i] + sent[i + 1 :] for i in range(len(sent))},
    "bit_flipped": lambda reply, sent: (
        (int.from_bytes(sent) ^ int.from_bytes(reply)).bit_count() == 1 and len(sent) == len(reply)
    ),
    "frame_cut": lambda reply, sent: reply.startswith(sent) and 1 <= len(sent) < len(reply),
    "two_replies": lambda reply, sent: sent == reply + reply,
    "noise": lambda reply, sent: reply in sent and 1 <= len(sent) - len(reply) <= 12,
    "checksum_errors": is_wrong_checksum,
    "other_address": lambda reply, sent: (
        decode_frame(Direction.FROM_METER, sent)
        == replace(decode_frame(Direction.FROM_METER, reply), address=0x7F)
    ),
    "other_register": is_renamed,
    "left_out::68": lambda reply, sent: (
        readings(sent) == [r for r in readings(reply) if r.register != 68]
    ),
    "lower_once::68": shows(lambda number: number // 2),
    "higher_once::68": shows(lambda number: number * 10),
    "empty_once::68": shows(lambda number: 0),
    "wrong_baud": is_no_frame,
    "wrong_baud::9600": is_no_frame,
    "wrong_baud::1200": lambda reply, sent: sent == reply,
    "garbled": is_no_frame,
    "inverted": is_no_frame,
}


@pytest.mark.parametrize("fault", CHECKS)
def test_what_happens_to_a_reply(fault: str, replies: list[bytes]) -> None:
    random = Random(0)
    check = CHECKS[fault]
    for reply in replies:
        assert check(reply, corrupt(fault, reply, random)), reply.hex()


def test_every_corruption_is_checked() -> None:
    assert {fault.split(":")[0] for fault in CHECKS} == {n for n, k in FAULTS.items() if k.corrupts}


@settings(deadline=None, database=None)
@given(st.sampled_from(list(CHECKS)), st.binary(min_size=1, max_size=300))
def test_any_bytes_will_do(fault: str, data: bytes) -> None:
    corrupt(fault, data, Random(0))
    corrupt(fault, BEGIN + data, Random(0))


def test_every_place_is_struck() -> None:
    """The first byte, the last one, and all between; noise and wrong speeds of all kinds."""
    random, reply = Random(0), bytes(range(1, 11))

    def seen(fault: str, times: int = 5000) -> set[bytes]:
        return {corrupt(fault, reply, random) for _ in range(times)}

    assert len(seen("byte_lost")) == 10
    assert len(seen("bit_flipped")) == 80
    assert {len(sent) for sent in seen("frame_cut")} == set(range(1, 10))
    added = {next((i for i in range(10) if sent[i] != reply[i]), 10) for sent in seen("byte_added")}
    assert added == set(range(11))
    assert len(seen("garbled", 100)) == 5
    noise = [sent.split(reply) for sent in seen("noise")]
    assert {len(before) for before, _ in noise} == set(range(1, 9))
    assert {len(after) for _, after in noise} == set(range(5))
    every = b"".join(before for before, _ in noise)
    assert set(every) == set(range(256))
    assert min(map(every.count, b"\x00\xff\x40\x0d")) > 10 * every.count(0x55)


# Fault, request, and what comes back from a 601.
ON_THE_LINE = [
    ("silent", SERIAL, b""),
    ("silent:0", SERIAL, SERIAL_601),
    ("echo", SERIAL, SERIAL + SERIAL_601),
    ("echo_only", SERIAL, SERIAL),
    ("echo", b"\x00\x55" + SERIAL, b"\x00\x55" + SERIAL + SERIAL_601),
    ("unplugged", SERIAL, b""),
    ("asleep", SERIAL, SERIAL_601),
    ("asleep::0", SERIAL, b""),
    ("pulses::0.3", SERIAL, bytes(3)),
    ("inverted", SERIAL, b"\0" + corrupt("inverted", SERIAL_601, Random(0))),
    ("two_replies", SERIAL, SERIAL_601 * 2),
    ("batch_refused", SERIAL, SERIAL_601),
    ("batch_refused", ask(60, 96, 68), b""),
    ("batch_refused::68", ask(60, 96, 68), b""),
    ("batch_refused::1004", ask(4711), bytes.fromhex("403F10079A0D")),
    ("command_refused", TYPE, b""),
    ("command_refused", SERIAL, SERIAL_601),
    ("command_refused::2", SERIAL, b""),
    ("command_refused::2", TYPE, TYPE_601),
    ("command_refused::16", ask(60), b""),
    # Several act in the order of the table, whatever order they are named in.
    ("two_replies other_register slow::0.2 echo echo", SERIAL, SERIAL + SERIAL_601 * 2),
    ("byte_lost silent echo", SERIAL, SERIAL),
    ("inverted two_replies", SERIAL, b"\0" + corrupt("inverted", SERIAL_601 * 2, Random(0))),
]


@pytest.mark.parametrize(("faults", "request_", "got"), ON_THE_LINE)
def test_on_the_line(bench: Bench, faults: str, request_: bytes, got: bytes) -> None:
    """The record keeps what the meter meant to send; without the fault everything works again."""
    bench.line.faults = faults.split()
    assert bench.ask(request_, seconds=1) == got
    is_silenced = bench.last.reply is None
    assert is_silenced == ("fault" in bench.last.silence) == (got in (b"", bytes(3), SERIAL))
    assert is_silenced or bench.last.reply in (SERIAL_601, TYPE_601, b"\x40\x3f\x10\x07\x9a\x0d")
    assert bench.unplugged == (faults == "unplugged")
    bench.line.faults = []
    assert bench.ask(SERIAL) == SERIAL_601


def test_echo_and_reply_at_once(bench: Bench) -> None:
    """Each byte at the end of its own time, in order of time, even if it is rarely looked at."""
    bench.line.faults = ["echo"]
    bench.send(SERIAL)
    bench.now += 0.2
    assert bench.ask(b"\x55" * 5).count(0x55) == 5
    assert bytes(byte for _, byte in bench.sent if byte != 0x55) == SERIAL + SERIAL_601
    assert bench.sent[-1][0] == pytest.approx(bench.last.reply_end)


def test_asleep(bench: Bench) -> None:
    bench.line.faults = ["asleep"]
    for seconds in (239, 239):
        bench.ask(b"", seconds)
        assert bench.ask(SERIAL, seconds=0.5) == SERIAL_601
    bench.ask(b"", 240)
    assert bench.ask(SERIAL) == bench.ask(SERIAL) == b""


@pytest.mark.parametrize(
    ("fault", "low", "high"),
    [("late", 0.1, 3), ("late::0", 0.1, 0.1), ("slow", 3, 3), ("slow::0.5", 0.5, 0.5)],
)
def test_delays(bench: Bench, fault: str, low: float, high: float) -> None:
    """The reply is whole, and what comes before it is not heard."""
    bench.line.faults = [fault]
    delays = []
    for number in range(1, 101):
        assert bench.ask(SERIAL + SERIAL) == SERIAL_601
        assert len(bench.line.exchanges) == number
        assert bench.last.reply_end == pytest.approx(bench.sent[-1][0])
        delays.append(bench.sent[-1][0] - bench.last.request_end - 10 * BYTE_TIME)
    assert low == pytest.approx(min(delays), abs=0.1)
    assert high == pytest.approx(max(delays), abs=0.1)
    assert low - 1e-6 <= min(delays) <= max(delays) <= high + 1e-6


def test_once(bench: Bench) -> None:
    """Only after the counter was shown, only once, and again when it is switched on again."""
    bench.line.faults = ["lower_once"]

    def is_true(*registers: int) -> bool:
        got = bench.ask(ask(*registers))
        assert [r.register for r in readings(got)] == list(registers)
        return got == bench.last.reply

    assert [is_true(60, 68) for _ in range(4)] == [True, False, True, True]
    bench.line.faults = ["lower_once"]
    assert [is_true(68), is_true(60), is_true(60)] == [True, False, True]


def test_bytes_without_a_request(bench: Bench) -> None:
    """Noise about as often as stated and never inside a reply; pulses exactly as often."""
    bench.line.faults = ["noise::0.5"]
    noise = bench.ask(b"", 1000)
    assert 1800 < len(noise) < 2200
    assert noise.count(0x40) > 50 < noise.count(0x0D)
    bench.line.faults = ["noise::0.05"]
    assert all(SERIAL_601 in bench.ask(SERIAL) for _ in range(20))
    bench.sent.clear()
    bench.line.faults = ["pulses"]
    assert bench.ask(b"", 100) == bytes(50)
    assert [b[0] - a[0] for a, b in pairwise(bench.sent)] == pytest.approx([2.0] * 49)


def test_probability() -> None:
    """Drawn for each whole request, the same ones each time whatever comes in between."""

    def strikes(*faults: str) -> list[bytes]:
        bench = Bench()
        bench.line.faults = faults
        return [bench.ask(SERIAL, seconds=0.5 + i % 3) for i in range(300)]

    got = strikes("echo:0.3", "noise:0:0.5")
    assert set(got) == {SERIAL_601, SERIAL + SERIAL_601}
    assert 60 < got.count(SERIAL + SERIAL_601) < 120
    assert strikes("echo:0.3", "noise:0:0.5") == got


def test_all_at_once_do_no_harm(bench: Bench) -> None:
    bench.line.faults = [f"{name}:0.5" for name in FAULTS if name not in ("pulses", "unplugged")]
    for request in (SERIAL, ask(60), ask(68, 96)) * 100:
        bench.ask(request)
    assert len(bench.line.exchanges) > 100


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "'' is not one of unplugged, echo"),
        ("Silent", "'Silent' is not one of unplugged"),
        ("silent:2", "probability '2' of fault silent is not a number from 0 to 1"),
        ("silent:often", "probability 'often' of fault silent .* from 0 to 1"),
        ("silent:nan", "probability 'nan' of fault silent"),
        ("silent:1:3", "fault silent takes no parameter"),
        ("late:1:-1", "seconds '-1' of fault late is not a number from 0 to 60"),
        ("late:1:3:4", "seconds '3:4' of fault late"),
        ("wrong_baud::49", "baud '49' .* from 50 to 115200"),
        ("lower_once::65536", "register '65536' .* from 0 to 65535"),
    ],
)
def test_wrong_faults_are_named(bench: Bench, text: str, named: str) -> None:
    """The message has the value and what is allowed, and the old faults stay on."""
    bench.line.faults = ["echo"]
    with pytest.raises(ValueError, match=named):
        bench.line.faults = ["silent", text]
    assert bench.line.faults == (parse("echo"),)
