"""Every fault on a line whose clock is moved by hand; and how faults are written down."""

from itertools import pairwise
from random import Random

import pytest
from virtual_meter import BYTE_TIME, FAULTS, Exchange, Fault, corrupt
from virtual_meter.faults import parse_all
from virtual_meter_tests.helpers import SERIAL, Bench, FakeClock, ask, frames

REPLY = bytes.fromhex("403F0201234567E9560D")
NAMES = {
    *("silent", "echo", "echo_only", "asleep", "late", "byte_lost", "byte_added", "bit_flipped"),
    *("frame_cut", "noise", "two_replies", "other_register", "other_address", "wrong_baud"),
    *("inverted", "batch_refused", "lower_once", "pulses", "unplugged", "garbled"),
    *("checksum_errors", "left_out", "command_refused", "slow", "higher_once", "empty_once"),
}
CORRUPTING = [name for name, kind in FAULTS.items() if kind.corrupts and not kind.once]
HARMLESS = {"two_replies", "noise"}


@pytest.fixture
def bench(clock: FakeClock) -> Bench:
    """Return a line with an answer delay of 0.1 s and no fault."""
    return Bench(clock, delay=0.1)


def last(bench: Bench) -> Exchange:
    """Return the last exchange."""
    return bench.line.exchanges[-1]


def test_without_faults(bench: Bench) -> None:
    """What is sent is the reply; the meter leaves out nothing but unknown registers."""
    assert bench.ask(SERIAL) == REPLY
    exchange = last(bench)
    assert (exchange.fault, exchange.sent, exchange.is_intact) == ("", REPLY, True)
    bench.ask(ask())
    assert (last(bench).sent, last(bench).is_intact) == (b"", False)


def test_silent(bench: Bench) -> None:
    """No reply, and a record that says why."""
    bench.line.faults = ["silent"]
    assert bench.ask(SERIAL) == b""
    exchange = last(bench)
    assert (exchange.reply, exchange.readings, exchange.sent) == (None, (), b"")
    assert (exchange.fault, exchange.silence) == ("silent", "switched to silent")
    bench.line.faults = []
    assert bench.ask(SERIAL) == REPLY


def test_echo(bench: Bench) -> None:
    """Each byte at the end of its own time, then the reply when it is due."""
    bench.line.faults = ["echo"]
    assert bench.ask(SERIAL) == SERIAL + REPLY
    exchange = last(bench)
    assert (exchange.fault, exchange.sent, exchange.reply) == ("echo", SERIAL + REPLY, REPLY)
    assert exchange.is_intact
    times = [time - bench.start for time, _ in bench.port.sent]
    assert times[:6] == pytest.approx([(i + 1) * BYTE_TIME for i in range(6)])
    assert times[6:] == pytest.approx([0.1 + (i + 7) * BYTE_TIME for i in range(10)])


def test_echo_only(bench: Bench) -> None:
    """No reply."""
    bench.line.faults = ["echo_only"]
    assert bench.ask(SERIAL) == SERIAL
    exchange = last(bench)
    assert (exchange.fault, exchange.sent, exchange.reply) == ("echo_only", SERIAL, None)
    assert not exchange.is_intact


def test_echo_of_everything(bench: Bench) -> None:
    """What is no request, and what comes while the meter sends; in the order of time."""
    bench.line.faults = ["echo"]
    assert bench.ask(b"\x00\x55\x0d") == b"\x00\x55\x0d"
    assert bench.line.exchanges == []
    bench.send(SERIAL)
    # Late enough that both directions have much to do at once.
    bench.clock.now += 0.2
    bench.send(b"\x55" * 5)
    bench.run()
    assert [byte for _, byte in bench.port.sent].count(0x55) == 6
    assert bytes(byte for _, byte in bench.port.sent[3:] if byte != 0x55) == SERIAL + REPLY
    times = [time for time, _ in bench.port.sent]
    assert times == sorted(times)


def test_asleep(bench: Bench) -> None:
    """After 240 s without a request; then requests do not wake it, but a key does."""
    bench.line.faults = ["asleep"]
    for seconds in (239, 239):
        bench.wait(seconds)
        assert bench.ask(SERIAL, seconds=0.5) == REPLY
    bench.wait(240)
    for _ in range(3):
        assert bench.ask(SERIAL) == b""
        assert (last(bench).fault, last(bench).silence[:12]) == ("asleep", "asleep after")
    bench.line.wake()
    assert bench.ask(SERIAL, seconds=0.5) == REPLY
    assert last(bench).fault == ""


def test_asleep_after_a_time_of_ones_own(bench: Bench) -> None:
    """A key is pressed in between; without the fault it is awake."""
    bench.line.faults = ["asleep::2.5"]
    bench.wait(2)
    bench.line.wake()
    bench.wait(2)
    assert bench.ask(SERIAL, seconds=3) == REPLY
    assert bench.ask(SERIAL) == b""
    bench.line.faults = []
    assert bench.ask(SERIAL, seconds=1) == REPLY
    bench.line.faults = ["asleep::2.5"]
    assert bench.ask(SERIAL) == REPLY


def test_late(bench: Bench) -> None:
    """From the usual delay to 3 s, whole; what comes before is not heard."""
    bench.line.faults = ["late"]
    delays = []
    for _ in range(100):
        bench.send(SERIAL + SERIAL)
        bench.wait(5)
        exchange = last(bench)
        assert exchange.reply_start is not None
        assert (exchange.fault, exchange.sent, exchange.is_intact) == ("late", REPLY, True)
        delays.append(exchange.reply_start - exchange.request_end)
        assert bench.port.sent[-1][0] == pytest.approx(exchange.reply_end)
    assert bench.port.reply == REPLY * 100
    assert len(bench.line.exchanges) == 100
    assert 0.1 <= min(delays) < 0.3
    assert 2.7 < max(delays) <= 3.0
    bench.line.faults = ["late:1:0"]
    bench.ask(SERIAL)
    exchange = last(bench)
    assert exchange.reply_start == pytest.approx(exchange.request_end + 0.1)


def test_slow(bench: Bench) -> None:
    """Each reply, whole, after exactly that time."""
    for fault, delay in (("slow", 3), ("slow::0.5", 0.5), ("slow::0", 0.1)):
        bench.line.faults = [fault]
        bench.send(SERIAL)
        bench.wait(5)
        exchange = last(bench)
        assert exchange.reply_start == pytest.approx(exchange.request_end + delay)
        assert (exchange.fault, exchange.sent, exchange.is_intact) == ("slow", REPLY, True)


def test_batch_refused(bench: Bench) -> None:
    """96 unless told otherwise, in any place; nothing else is refused."""
    bench.line.faults = ["batch_refused"]
    assert bench.ask(ask(60, 96, 68)) == bench.ask(ask(96)) == b""
    assert (last(bench).fault, last(bench).silence) == (
        "batch_refused",
        "refused because of register 96",
    )
    assert bench.ask(ask(60, 68))
    assert bench.ask(SERIAL) == REPLY
    assert last(bench).fault == ""
    bench.line.faults = ["batch_refused::68", "batch_refused::1004"]
    assert bench.ask(ask(60, 68)) == bench.ask(ask(1004)) == b""
    assert bench.ask(ask(60, 96))


def test_command_refused(bench: Bench) -> None:
    """GetType unless told otherwise; nothing else is refused."""
    get_type = bytes.fromhex("803F01058A0D")
    assert bench.ask(get_type)
    bench.line.faults = ["command_refused"]
    assert bench.ask(get_type) == b""
    assert last(bench).silence == "no answer to command 1"
    assert bench.ask(SERIAL) == REPLY
    bench.line.faults = ["command_refused::2", "command_refused::16"]
    assert bench.ask(SERIAL) == bench.ask(ask(60)) == b""
    assert bench.ask(get_type)


@pytest.mark.parametrize("name", ["lower_once", "higher_once", "empty_once"])
def test_another_value_once(bench: Bench, name: str) -> None:
    """Only after the counter was shown, only once, and again when it is switched on again."""
    bench.line.faults = [name]
    requests = [ask(60, 68)] * 4
    for fault in ("", name, "", ""):
        (frame,) = frames(bench.ask(requests.pop()))
        exchange = last(bench)
        assert (exchange.fault, exchange.is_intact) == (fault, not fault)
        # The truth is recorded, and the line carries another value.
        assert (exchange.reply is not None and frames(exchange.reply) == [frame]) == (not fault)
        assert [r.register for r in exchange.readings] == [60, 68]
    bench.line.faults = [name]
    bench.ask(ask(68))
    assert last(bench).fault == ""
    bench.ask(ask(60))
    assert last(bench).fault == name


@pytest.mark.parametrize("name", CORRUPTING)
def test_replies_that_are_not_what_they_were(bench: Bench, name: str) -> None:
    """The line carries what `corrupt` makes of a reply; the record keeps what the meter said."""
    bench.line.faults = ["left_out::68" if name == "left_out" else name]
    for _ in range(30):
        stray_from = len(bench.port.sent)
        bench.ask(ask(60, 68, 1001), seconds=2)
        exchange = last(bench)
        assert exchange.reply
        assert [r.register for r in exchange.readings] == [60, 68, 1001]
        assert len(frames(exchange.reply)) == 1
        assert exchange.reply_start is not None
        assert exchange.reply_end is not None
        sent = bytes(
            byte
            for time, byte in bench.port.sent[stray_from:]
            if exchange.reply_start < time <= exchange.reply_end + 1e-9
        )
        assert exchange.sent == sent != exchange.reply
        assert exchange.fault == name
        # A byte too many may stand before or after the frame.
        if name != "byte_added":
            assert exchange.is_intact == (name in HARMLESS)
        taken = exchange.reply_end - exchange.reply_start
        assert taken == pytest.approx(len(sent) * BYTE_TIME)


def test_the_same_bytes_as_corrupt(clock: FakeClock) -> None:
    """A line and the function share the faults; the first draw decides whether one strikes."""
    bench = Bench(clock, seed=5, faults=["bit_flipped"])
    random = Random(5)
    for _ in range(2):
        # Once when it is switched on, once when a request begins.
        random.random()
    assert bench.ask(SERIAL) == corrupt(REPLY, "bit_flipped", random)


def test_noise_comes_by_itself(bench: Bench) -> None:
    """About as often as told, with starts and ends of frames; never inside a reply."""
    bench.line.faults = ["noise::0.5"]
    bench.wait(1000)
    noise = bench.port.reply
    assert 1800 < len(noise) < 2200
    assert noise.count(0x40) > 50 < noise.count(0x0D)
    bench.line.faults = ["noise::0.05"]
    for _ in range(20):
        assert REPLY in bench.ask(SERIAL)
        assert REPLY in last(bench).sent
    bench.line.faults = []
    assert bench.ask(SERIAL) == REPLY


def test_pulses(bench: Bench) -> None:
    """One 00 every two seconds, whatever is asked."""
    bench.line.faults = ["pulses"]
    for _ in range(10):
        assert bench.ask(SERIAL, seconds=2) == b"\0"
    times = [time for time, _ in bench.port.sent]
    assert [b - a for a, b in pairwise(times)] == pytest.approx([2.0] * 9)
    assert {exchange.fault for exchange in bench.line.exchanges} == {"pulses"}
    bench.line.faults = ["pulses::0.5"]
    known = len(bench.port.sent)
    bench.wait(10.1)
    assert bench.port.reply[known:] == bytes(20)


def test_inverted(bench: Bench) -> None:
    """One 00 when the line goes low, then replies only."""
    bench.line.faults = ["inverted"]
    bench.wait(100)
    assert bench.port.reply == b"\0"
    inverted = corrupt(REPLY, "inverted", Random(0))
    assert bench.ask(SERIAL) == bench.ask(SERIAL) == inverted
    assert last(bench).sent == inverted


def test_unplugged(bench: Bench) -> None:
    """At a request, not before."""
    bench.line.faults = ["unplugged"]
    bench.wait(100)
    assert bench.port.is_plugged
    assert bench.ask(SERIAL) == b""
    assert not bench.port.is_plugged
    assert (last(bench).fault, last(bench).reply) == ("unplugged", None)
    bench.port.is_plugged = True
    bench.line.faults = ["echo", "silent", "unplugged"]
    assert bench.ask(SERIAL) == SERIAL
    assert not bench.port.is_plugged
    assert last(bench).fault == "unplugged,echo"


def test_several_at_once(bench: Bench) -> None:
    """They add up, in the order of the table; what has no effect is not named."""
    bench.line.faults = ["two_replies", "late", "echo", "other_register", "echo", "lower_once"]
    got = bench.ask(SERIAL)
    assert got == last(bench).sent == SERIAL + REPLY + REPLY
    assert last(bench).fault == "echo,late,two_replies"
    bench.line.faults = ["byte_lost", "silent", "echo"]
    assert bench.ask(SERIAL) == SERIAL
    assert last(bench).fault == "echo,silent"
    bench.line.faults = [name for name in FAULTS if name not in ("pulses", "unplugged")]
    for _ in range(200):
        bench.ask(SERIAL)
    bench.line.faults = CORRUPTING * 10
    for _ in range(20):
        bench.ask(ask(60))


def test_probability(clock: FakeClock) -> None:
    """Drawn for each request; the seed decides, and nothing that comes in between."""

    def strikes(seed: int, probability: float) -> list[bool]:
        bench = Bench(clock, seed=seed, faults=[Fault("silent", probability), "noise:0:0.5"])
        for i in range(300):
            bench.ask(SERIAL, seconds=0.5 + i % 3)
        return [bool(exchange.fault) for exchange in bench.line.exchanges]

    once = strikes(1, 0.3)
    assert 60 < sum(once) < 120
    assert strikes(1, 0.3) == once != strikes(2, 0.3)
    assert not any(strikes(1, 0.0))
    assert all(strikes(1, 1.0))


def test_echo_is_drawn_for_whole_requests(bench: Bench) -> None:
    """All bytes of a request come back, or none."""
    bench.line.faults = ["echo:0.5"]
    got = [bench.ask(SERIAL) for _ in range(50)]
    assert set(got) == {REPLY, SERIAL + REPLY}
    assert [exchange.sent for exchange in bench.line.exchanges] == got


def test_all_names_are_there() -> None:
    """They are fixed, as other programs use them."""
    assert set(FAULTS) == NAMES


@pytest.mark.parametrize("name", FAULTS)
def test_defaults_are_allowed(name: str) -> None:
    """And parsing knows the name."""
    fault = Fault.parse(name)
    assert fault == Fault(name, 1.0, None)
    parameter = FAULTS[name].parameter
    if parameter is None:
        assert fault.value == 0
    else:
        assert Fault(name, 0.5, parameter.default).value == fault.value == parameter.default


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("late:0.25", Fault("late", 0.25)),
        ("late:0.25:1.5", Fault("late", 0.25, 1.5)),
        ("batch_refused::1004", Fault("batch_refused", 1.0, 1004)),
        ("silent:0", Fault("silent", 0.0)),
        ("silent::", Fault("silent")),
    ],
)
def test_written_faults(text: str, fault: Fault) -> None:
    """NAME[:[PROBABILITY][:PARAMETER]], alone and among others."""
    assert Fault.parse(text) == fault
    assert parse_all([text, fault]) == (fault, fault)


WRONG = [
    ("", "'' is none of unplugged, echo"),
    ("Silent", "'Silent' is none of unplugged"),
    ("silent:2", "probability '2' of fault silent is not a number from 0 to 1"),
    ("silent:often", "probability 'often' of fault silent .* from 0 to 1"),
    ("silent:nan", "probability 'nan' of fault silent"),
    ("silent:1:3", "fault silent takes no parameter"),
    ("late:1:-1", "seconds '-1' of fault late is not a number from 0 to 60"),
    ("late:1:3:4", "seconds '3:4' of fault late"),
    ("wrong_baud::2400.5", "baud '2400.5' .* a whole number from 50 to 115200"),
    ("wrong_baud::49", "baud '49'"),
    ("lower_once::65536", "register '65536' .* from 0 to 65535"),
]


@pytest.mark.parametrize(("text", "named"), WRONG)
def test_wrong_faults_are_named(bench: Bench, text: str, named: str) -> None:
    """The message has the value and what is allowed, and the old faults stay on."""
    bench.line.faults = ["echo"]
    with pytest.raises(ValueError, match=named):
        bench.line.faults = ["silent", text]
    assert bench.line.faults == (Fault("echo"),)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("silent", 1.5), "probability 1.5 of fault silent"),
        (("silent", 1.0, 1.0), "fault silent takes no parameter"),
        (("late", 1.0, 61.0), "seconds 61.0 of fault late is not a number from 0 to 60"),
    ],
)
def test_wrong_arguments_are_named(arguments: tuple[str, float], named: str) -> None:
    """The same in Python."""
    with pytest.raises(ValueError, match=named):
        Fault(*arguments)
