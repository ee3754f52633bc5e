"""When a conversation sends, waits, repeats and fails. All times are simulated milliseconds."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kmp import library, oracle
from kmp.library import GET_REGISTER, GET_SERIAL_NO, Evidence, Number, Reply, Request
from kmp.oracle import register_block, reply_frame
from kmp.simulation import BYTE_TIME, Burst, Simulation

# The rules of kmp_conversation.h, written a second time.
RESPONSE_TIMEOUT = 2000
PAUSE_AFTER_FAILURE = 1600
LONGEST_GAP = 500
LONGEST_REPLY = math.ceil(2 * library.MAX_REPLY_SIZE * BYTE_TIME) + LONGEST_GAP
MAX_RESPONSE_TIMEOUT = 10_000

E1 = Request(GET_REGISTER, (60,))
E1_FRAME = E1.encode()
E1_TIME = len(E1_FRAME) * BYTE_TIME
E1_REPLY = bytes.fromhex("403F10003C0304430000D6DE03220D")
E1_REPLY_TIME = len(E1_REPLY) * BYTE_TIME
BAD_CRC = E1_REPLY[:-2] + b"\x00\x0d"
OTHER_REPLY = bytes.fromhex("403F10005016024100002F5C0D")  # a valid one, to another request
SERIAL_REPLY = bytes.fromhex("403F0200692D32CD5D0D")

# As long as a reply can be; almost every byte of it is escaped.
SPECIAL_IDS = tuple(int.from_bytes(bytes([0x40, low])) for low in range(0x40, 0x48))
LONG = Request(GET_REGISTER, SPECIAL_IDS)
LONG_REPLY = reply_frame(
    GET_REGISTER,
    b"".join(register_block(i, b"\x40" * 16, unit=0x40, sign_exponent=0x40) for i in SPECIAL_IDS),
)


def simulate(simulation: Simulation, request: Request = E1, milliseconds: int = 30_000) -> None:
    """Start a request and let more time pass than it can take."""
    assert simulation.start(request)
    simulation.run(milliseconds)


def reply_at(simulation: Simulation) -> int:
    """Check that one request brought E1's value, and return when."""
    assert simulation.kinds() == ["send", "reply", "idle"]
    check_value(simulation)
    return simulation.times("reply")[0]


def check_value(simulation: Simulation) -> None:
    """Check that E1's value was reported."""
    (reply,) = [event.detail for event in simulation.events if event.kind == "reply"]
    assert isinstance(reply, Reply)
    assert [(r.id, r.number) for r in reply.registers] == [(60, Number(55006, -3))]


def delay_of(after: float) -> int:
    """Return when a reply with this delay is noticed: when its first byte is complete."""
    return math.ceil(E1_TIME + after + BYTE_TIME) - math.ceil(E1_TIME)


def reply_delay(simulation: Simulation) -> int:
    """Return what was reported about the one reply."""
    (answer,) = simulation.answers
    return answer.delay


# --- Sending ---


def test_request_in_one_write() -> None:
    """The whole frame is sent at once, in start() itself."""
    simulation = Simulation()
    assert simulation.start(E1)
    assert simulation.events == [(0, "send", E1_FRAME)]
    simulation.run(RESPONSE_TIMEOUT)
    assert simulation.kinds() == ["send"]


def test_idle_does_nothing() -> None:
    """Nothing is sent without a request, whatever comes from the line."""
    simulation = Simulation()
    assert simulation.conversation.is_idle
    simulation.put(Burst(10, E1_REPLY + b"\x00\x06" + BAD_CRC), 0)
    simulation.run(5000)
    assert simulation.events == []
    assert simulation.conversation.is_idle


@pytest.mark.parametrize("time", [0, 50, 500, 1000, 2500, 4000, 6000, 9000, 10_000])
def test_start_while_busy(time: int) -> None:
    """Refused in every phase; the current request goes on undisturbed."""
    undisturbed, disturbed = Simulation([], retries=2), Simulation([], retries=2)
    simulate(undisturbed)
    assert disturbed.start(E1)
    disturbed.run(time)
    assert not disturbed.conversation.is_idle
    assert not disturbed.start(Request(GET_SERIAL_NO))
    disturbed.run(30_000 - time)
    assert disturbed.events == undisturbed.events


# --- Waiting ---


@pytest.mark.parametrize("response_timeout", [1600, 2000, 5000])
def test_timeout(response_timeout: int) -> None:
    """It counts from the last request byte, not from the first."""
    simulation = Simulation(retries=0, response_timeout=response_timeout)
    simulate(simulation)
    assert simulation.kinds() == ["send", "failure", "idle"]
    (failure,) = simulation.times("failure")
    assert 0 <= failure - (E1_TIME + response_timeout) <= 2


@pytest.mark.parametrize("after", [0, 9, 100, 1600, 1985, 2000, 2500, 3500, 3580])
@pytest.mark.parametrize("clock", [0, 2**32 - 40, 2**32 - 1000, 2**31 - 1000])
def test_reply(after: int, clock: int) -> None:
    """A meter may take 1.6 s; a reply that begins before the timeout is read to its end.

    It is also accepted in the pause before the next attempt, even if it ends after the pause. The
    reported delay counts from the end of the request on the line to the start byte.
    """
    simulation = Simulation([[Burst(after, E1_REPLY)]], clock=clock)
    simulate(simulation)
    assert reply_at(simulation) == math.ceil(E1_TIME + after + E1_REPLY_TIME)
    assert reply_delay(simulation) == delay_of(after)


@pytest.mark.parametrize(
    "before",
    [
        [Burst(-E1_TIME, E1_FRAME)],  # the head's echo, as the request goes out
        [Burst(-E1_TIME + 30, E1_FRAME)],  # through a slow adapter
        [Burst(20, b"\x00")],
        [Burst(20, b"\x06")],
        [Burst(20, bytes(range(0x41, 0x80)))],
        [Burst(20, b"\x40")],
        [Burst(20, b"\x40\x12\x34")],  # something that begins like a reply
        [Burst(20, E1_REPLY[:7])],
        [Burst(20, b"\x40" * 30)],
        [Burst(800, b"\x40\x1b")],
        [Burst(-E1_TIME, E1_FRAME), Burst(400, b"\x40\x00\x00"), Burst(900, b"\x00")],
        [Burst(1300, BAD_CRC)],
        [Burst(1300, OTHER_REPLY)],
    ],
)
@pytest.mark.parametrize("tick", [1, 16])
def test_noise_before_the_reply(before: list[Burst], tick: int) -> None:
    """The reply is found after it, and in time; only the reply's own start byte counts."""
    simulation = Simulation([[*before, Burst(1600, E1_REPLY)]], tick=tick)
    simulate(simulation)
    assert 0 <= reply_at(simulation) - (E1_TIME + 1600 + E1_REPLY_TIME) <= tick
    assert 0 <= reply_delay(simulation) - delay_of(1600) <= tick


@pytest.mark.parametrize("gap", [0, 9, 100, 400])
def test_reply_right_after_a_bad_one(gap: int) -> None:
    """While the line is not quiet, a bad reply is not the end, not even without retries."""
    bad = b"\x55\x40\xaa\x0d" + BAD_CRC
    bursts = [Burst(20, bad), Burst(20 + len(bad) * BYTE_TIME + gap, E1_REPLY)]
    simulation = Simulation([bursts], retries=0)
    simulate(simulation)
    reply_at(simulation)


def test_reply_comes_twice() -> None:
    """The second one is ignored."""
    simulation = Simulation([[Burst(100, E1_REPLY * 3)]])
    simulate(simulation)
    reply_at(simulation)


EIGHT = Request(GET_REGISTER, tuple(range(60, 68)))
EIGHT_REPLY = reply_frame(GET_REGISTER, b"".join(register_block(i, bytes(4)) for i in EIGHT.ids))
REPLIES = [
    (E1, E1_REPLY),
    (E1, bytes.fromhex("403F10079A0D")),  # a meter without the register has answered, too
    (Request(GET_SERIAL_NO), SERIAL_REPLY),
    (EIGHT, EIGHT_REPLY),
    (LONG, LONG_REPLY),  # three seconds
]


def in_parts(reply: bytes, sizes: list[int], gaps: list[int], after: int) -> list[Burst]:
    """Return the reply in parts of these sizes with these gaps between them, in rotation."""
    parts: list[Burst] = []
    begin = float(after)
    for size, gap in zip(itertools.cycle(sizes), itertools.cycle(gaps), strict=False):
        if not reply:
            return parts
        part, reply = reply[:size], reply[size:]
        parts.append(Burst(begin, part))
        begin += len(part) * BYTE_TIME + gap
    return parts


@given(
    st.sampled_from(REPLIES),
    st.lists(st.integers(1, 20), min_size=1, max_size=5),
    st.lists(st.integers(0, LONGEST_GAP - 120), min_size=1, max_size=5),
    st.sampled_from([0, 100, 1850]),
    st.sampled_from([0, 1]),
    st.sampled_from([1, 16, 100]),
)
@example((E1, E1_REPLY), [1], [LONGEST_GAP - 15], 1950, 0, 1)
@example((EIGHT, EIGHT_REPLY), [1], [200], 100, 0, 1)
@example((LONG, LONG_REPLY), [20], [0], 1985, 0, 1)
def test_reply_with_gaps(
    asked: tuple[Request, bytes],
    sizes: list[int],
    gaps: list[int],
    after: int,
    retries: int,
    tick: int,
) -> None:
    """Adapters and networks deliver bytes in blocks: the number of gaps does not matter."""
    request, reply = asked
    simulation = Simulation([in_parts(reply, sizes, gaps, after)], retries=retries, tick=tick)
    simulate(simulation, request, 200_000)
    assert simulation.kinds() == ["send", "reply", "idle"]
    assert simulation.answers[0].reply == library.read_reply(request, reply)


@settings(max_examples=settings().max_examples // 2)
@given(
    st.sampled_from(REPLIES),
    st.lists(st.integers(1, 5), min_size=1, max_size=5),
    st.integers(LONGEST_GAP + 1, 1000),
)
def test_reply_with_longer_gaps(asked: tuple[Request, bytes], sizes: list[int], gap: int) -> None:
    """Not read, however many registers were requested; once complete, it is a late one."""
    request, reply = asked
    bursts = in_parts(reply, sizes, [gap], RESPONSE_TIMEOUT - 50)
    simulation = Simulation([bursts], retries=0)
    simulate(simulation, request, 200_000)
    kinds = simulation.kinds()
    assert [kind for kind in kinds if kind != "late reply"] == ["send", "failure", "idle"]
    assert simulation.times("failure")[0] <= E1_TIME + 2500 + 100 + 16 * BYTE_TIME + gap


def test_main_loop_was_busy() -> None:
    """The loop resumes long after the timeout; the whole reply has been waiting there."""
    simulation = Simulation([[Burst(100, E1_REPLY)]])
    assert simulation.start(E1)
    simulation.time += 5000
    simulation.loop()
    simulation.run(100)
    assert reply_at(simulation) == 5000


def test_main_loop_was_busy_in_the_middle_of_a_reply() -> None:
    simulation = Simulation([[Burst(2900, E1_REPLY)]])
    assert simulation.start(E1)
    simulation.time = math.ceil(E1_TIME + 2900 + 7 * BYTE_TIME)
    simulation.loop()
    simulation.run(5000)
    reply_at(simulation)


# --- Failing and repeating ---


@pytest.mark.parametrize("retries", [0, 1, 2, 5, 255])
def test_attempts(retries: int) -> None:
    """One more attempt than retries, at the right distance, then one failure."""
    simulation = Simulation(retries=retries, tick=10)
    simulate(simulation, milliseconds=4000 * (retries + 2))
    assert simulation.kinds() == ["send"] * (retries + 1) + ["failure", "idle"]
    assert all(event.detail == E1_FRAME for event in simulation.events[: retries + 1])
    distance = E1_TIME + RESPONSE_TIMEOUT + PAUSE_AFTER_FAILURE
    sent = simulation.times("send")
    assert all(0 <= b - a - distance <= 30 for a, b in itertools.pairwise(sent))
    (failure,), (idle,) = simulation.times("failure"), simulation.times("idle")
    assert 0 <= failure - (sent[-1] + E1_TIME + RESPONSE_TIMEOUT) <= 20
    assert 0 <= idle - failure - PAUSE_AFTER_FAILURE <= 20


@pytest.mark.parametrize(
    "bad",
    [
        BAD_CRC,
        b"\x40\x0d",  # too short
        b"\x40\x1b\x00",  # bad escape
        b"\x40" + bytes(library.MAX_REPLY_SIZE + 1),  # too long
        OTHER_REPLY,
        SERIAL_REPLY,
        reply_frame(GET_REGISTER, b"", address=0x7F),
        oracle.frame_of(b"\x3f\xb8"),
    ],
)
def test_bad_reply(bad: bytes) -> None:
    """The pause begins once the line is quiet; nobody waits for the rest of the timeout."""
    simulation = Simulation([[Burst(100, bad)], [Burst(100, E1_REPLY)]])
    simulate(simulation)
    assert simulation.kinds() == ["send", "send", "reply", "idle"]
    check_value(simulation)
    end = E1_TIME + 100 + len(bad) * BYTE_TIME
    pause = simulation.times("send")[1] - end
    assert PAUSE_AFTER_FAILURE <= pause <= LONGEST_GAP + PAUSE_AFTER_FAILURE + 3


def test_bad_reply_counts_for_one_attempt() -> None:
    """The next attempt has its whole timeout again."""
    simulation = Simulation([[Burst(100, BAD_CRC)]], retries=1)
    simulate(simulation)
    assert simulation.kinds() == ["send", "send", "failure", "idle"]
    sent, (failure,) = simulation.times("send"), simulation.times("failure")
    assert failure - sent[1] >= E1_TIME + RESPONSE_TIMEOUT


def test_bad_reply_while_the_request_goes_out() -> None:
    """Noise cannot start the pause before the request has ended."""
    size = len(LONG.encode())
    simulation = Simulation([[Burst(-size * BYTE_TIME, b"\x40\x0d")], [Burst(9, LONG_REPLY)]])
    simulate(simulation, LONG)
    assert simulation.kinds() == ["send", "send", "reply", "idle"]
    assert simulation.times("send")[1] >= size * BYTE_TIME + PAUSE_AFTER_FAILURE


def test_reply_is_not_assembled_from_two_attempts() -> None:
    """A stop byte missing in one attempt is not taken from the next one."""
    simulation = Simulation([[Burst(100, E1_REPLY[:-1])], [Burst(100, E1_REPLY[-1:])]], retries=1)
    simulate(simulation)
    assert simulation.kinds() == ["send", "send", "failure", "idle"]


@pytest.mark.parametrize("retries", [0, 1])
def test_cut_off_reply(retries: int) -> None:
    """A reply that stops in the middle fails at the timeout, or once it has stopped."""
    simulation = Simulation([[Burst(1950, E1_REPLY[:10])]], retries=retries)
    simulate(simulation)
    assert simulation.kinds() == ["send"] * (retries + 1) + ["failure", "idle"]
    first_end = E1_TIME + 1950 + 10 * BYTE_TIME + LONGEST_GAP
    if retries:
        assert 0 <= simulation.times("send")[1] - first_end - PAUSE_AFTER_FAILURE <= 4
    else:
        assert 0 <= simulation.times("failure")[0] - first_end <= 3


@pytest.mark.parametrize("noise", [b"\x40\x0d", BAD_CRC, OTHER_REPLY, b"\x40\x12\x34\x0d"])
@pytest.mark.parametrize("after", [600, 1000, 1600])
def test_late_reply_after_a_bad_one(noise: bytes, after: int) -> None:
    """Noise that looks like a reply starts the pause too early; the reply still counts."""
    simulation = Simulation([[Burst(20, noise), Burst(after, E1_REPLY)]])
    simulate(simulation)
    assert reply_at(simulation) == math.ceil(E1_TIME + after + E1_REPLY_TIME)


@pytest.mark.parametrize("after", [2000, 2500, 3500, 3590, 5000, 9000])
def test_late_reply_after_the_failure(after: int) -> None:
    """Nobody waits for it any more; it is reported, with its delay."""
    simulation = Simulation([[Burst(after, E1_REPLY)]], retries=0)
    simulate(simulation)
    kinds = simulation.kinds()
    assert sorted(kinds) == ["failure", "idle", "late reply", "send"]
    assert kinds.index("failure") < kinds.index("late reply")
    ((delay, attempt),) = simulation.late_replies
    assert delay == delay_of(after)
    assert attempt == library.attempt(E1, E1_REPLY)


def test_late_reply_to_the_last_attempt() -> None:
    """It may answer the first: with the delay from that one, nothing would have been too late."""
    simulation = Simulation([[], [Burst(2500, E1_REPLY)]], retries=1)
    simulate(simulation)
    assert simulation.kinds() == ["send", "send", "failure", "late reply", "idle"]
    distance = simulation.times("send")[1]
    assert abs(simulation.late_replies[0][0] - distance - delay_of(2500)) <= 1


@pytest.mark.parametrize(
    "bursts",
    [
        [],
        [Burst(2500, BAD_CRC)],
        [Burst(2500, OTHER_REPLY)],
        [Burst(2500, SERIAL_REPLY)],
        [Burst(2500, E1_REPLY[:-1])],
        [Burst(2500, E1_FRAME), Burst(3000, b"\x00")],
        [Burst(MAX_RESPONSE_TIMEOUT, E1_REPLY)],  # no response_timeout would be long enough
        [Burst(100, E1_REPLY), Burst(2500, E1_REPLY)],  # answered
    ],
)
def test_no_late_reply(bursts: list[Burst]) -> None:
    simulation = Simulation([bursts], retries=0)
    simulate(simulation)
    assert simulation.late_replies == []
    assert simulation.conversation.is_done


def test_late_reply_comes_twice() -> None:
    """Reported once for each failure."""
    simulation = Simulation([[Burst(2500, E1_REPLY * 3)]] * 2, retries=0)
    for count in (1, 2):
        simulate(simulation, milliseconds=12_000)
        assert len(simulation.late_replies) == count


def test_nothing_more_to_wait_for() -> None:
    """After a failure it waits for as long as a longer timeout could have helped."""
    simulation = Simulation(retries=0)
    assert simulation.conversation.is_done
    simulation.start(E1)
    simulation.run(math.ceil(E1_TIME) + MAX_RESPONSE_TIMEOUT - 1)
    assert simulation.conversation.is_idle
    assert not simulation.conversation.is_done
    simulation.run(2)
    assert simulation.conversation.is_done
    answered = Simulation([[Burst(100, E1_REPLY)]])
    simulate(answered, milliseconds=500)
    assert answered.conversation.is_done


def test_reply_after_the_failure() -> None:
    """Cut off by the next request: no part of it gets into the next reply."""
    simulation = Simulation([[Burst(3900 - E1_TIME, E1_REPLY)], [Burst(100, E1_REPLY)]], retries=0)
    simulate(simulation, milliseconds=3800)
    assert simulation.kinds() == ["send", "failure", "idle"]
    simulation.run(150)  # in the middle of the reply
    assert simulation.start(E1)
    simulation.run(1000)
    assert simulation.kinds() == ["send", "failure", "idle", "send", "reply", "idle"]
    begin = 3950 + E1_TIME + 100
    assert simulation.times("reply") == [math.ceil(begin + E1_REPLY_TIME)]


# --- Between two requests ---


def test_pause_after_a_reply() -> None:
    """At least one byte time, and hardly more."""
    simulation = Simulation([[Burst(100, E1_REPLY)]])
    simulate(simulation)
    (reply,), (idle,) = simulation.times("reply"), simulation.times("idle")
    assert BYTE_TIME <= idle - reply <= BYTE_TIME + 2


@pytest.mark.parametrize("retries", [0, 1])
@pytest.mark.parametrize("answer", [[], [Burst(100, E1_REPLY)]])
def test_start_from_the_handler(answer: list[Burst], retries: int) -> None:
    """The handler is called before the pause is over: it is not idle, and start() is refused."""
    simulation = Simulation([answer] * (retries + 1), retries=retries)
    seen: list[bool] = []
    simulation.on_end = lambda: seen.extend(
        [simulation.conversation.is_idle, simulation.conversation.start(E1, simulation.now)]
    )
    simulate(simulation)
    assert seen == [False, False]
    assert simulation.kinds().count("send") == (1 if answer else retries + 1)
    assert simulation.conversation.is_idle
    assert simulation.start(E1)


def test_many_requests() -> None:
    """Each as soon as the last one is over: every pause that the meter needs is kept."""
    answers: list[list[Burst]] = [[Burst(200, E1_REPLY)], [Burst(50, BAD_CRC)], [], [], []]
    simulation = Simulation(answers * 3, retries=1)
    for _ in range(60_000):
        if simulation.conversation.is_idle and len(simulation.times("send")) < 15:
            simulation.start(E1)
        simulation.run(1)
    last = 0.0
    for event in simulation.events:
        if event.kind == "send":
            assert event.time >= last
            last = event.time + E1_TIME + PAUSE_AFTER_FAILURE
        elif event.kind == "reply":
            last = event.time + BYTE_TIME
        elif event.kind == "failure":
            last = event.time + PAUSE_AFTER_FAILURE
    # answers 1; bad, silent; silent, silent; three times
    assert simulation.kinds().count("reply") == 3
    assert simulation.kinds().count("failure") == 6


# --- Failed attempts ---

# what each attempt brings back | what is reported about it
ATTEMPTS: dict[str, tuple[list[list[Burst]], list[Evidence]]] = {
    "silence": ([[], [], []], [Evidence.NOTHING] * 3),
    "zeros": ([[Burst(500, b"\x00")]] * 3, [Evidence.NOTHING] * 3),
    "echo": ([[Burst(-E1_TIME, E1_FRAME)]] * 3, [Evidence.ECHO] * 3),
    "garbage": ([[Burst(20, b"\x12\x34")]] * 3, [Evidence.GARBLED] * 3),
    "another's reply": ([[Burst(20, OTHER_REPLY)]] * 3, [Evidence.GARBLED] * 3),
    "bad CRC": ([[Burst(20, BAD_CRC)]] * 3, [Evidence.CHECKSUM] * 3),
    "cut off": ([[Burst(1950, E1_REPLY[:9])]] * 3, [Evidence.GARBLED] * 3),
    # Nothing from one attempt counts in the next one.
    "each another": (
        [[Burst(20, BAD_CRC)], [Burst(-E1_TIME, E1_FRAME)], []],
        [Evidence.CHECKSUM, Evidence.ECHO, Evidence.NOTHING],
    ),
    "answer at once": ([[Burst(20, E1_REPLY)]], []),
    "answer at the second time": ([[], [Burst(20, E1_REPLY)]], [Evidence.NOTHING]),
    "answer at the third time": (
        [[Burst(20, BAD_CRC)], [], [Burst(20, E1_REPLY)]],
        [Evidence.CHECKSUM, Evidence.NOTHING],
    ),
    "answer in the pause": ([[Burst(2500, E1_REPLY)]], [Evidence.NOTHING]),
    # What comes later is no longer reported.
    "bad CRC in the pause": ([[Burst(2500, BAD_CRC)], [], []], [Evidence.NOTHING] * 3),
}


@pytest.mark.parametrize("case", ATTEMPTS)
@pytest.mark.parametrize("tick", [1, 16])
def test_failed_attempts(case: str, tick: int) -> None:
    """Each is reported once, with what it brought back, and before the request fails."""
    attempts, evidence = ATTEMPTS[case]
    simulation = Simulation(attempts, tick=tick)
    seen: list[list[str]] = []

    def note() -> bool:
        seen.append(simulation.kinds())
        return True

    simulation.may_repeat = note
    simulate(simulation)
    assert [each.attempt.evidence for each in simulation.failed_attempts] == evidence
    assert seen == [["send"] * (i + 1) for i in range(len(evidence))]
    end = "failure" if len(evidence) == 3 else "reply"
    assert simulation.kinds()[-2:] == [end, "idle"]
    if end == "failure":
        assert simulation.times("failure") == [simulation.failed_attempts[-1].time]


def test_what_a_failed_attempt_brought() -> None:
    """Its bytes, its echo and its zeros, and none from another attempt."""
    simulation = Simulation([[Burst(-E1_TIME, E1_FRAME), Burst(50, b"\x00\x12")], []], retries=1)
    simulate(simulation)
    first, second = (each.attempt for each in simulation.failed_attempts)
    assert first == library.attempt(E1, E1_FRAME + b"\x00\x12")
    assert (first.received_size, first.echo_size, first.zero_count) == (11, 9, 1)
    assert second == library.attempt(E1, b"")
    assert simulation.last_attempts == [second]


def test_answer() -> None:
    """With its request and the successful attempt, and without anything unrequested."""
    simulation = Simulation([[], [Burst(-E1_TIME, E1_FRAME), Burst(50, E1_REPLY)]])
    simulation.put(Burst(8000, b"\x55\x00"), 0)
    simulate(simulation)
    assert simulation.kinds() == ["send", "send", "reply", "idle"]
    (answer,) = simulation.answers
    assert answer.request == E1
    assert answer.attempt == library.attempt(E1, E1_FRAME + E1_REPLY)


def test_attempt_goes_on_in_the_pause() -> None:
    """Bytes that come after the failed attempt was reported are in it once it is answered."""
    simulation = Simulation([[Burst(2500, BAD_CRC), Burst(3000, E1_REPLY)]])
    simulate(simulation)
    assert [each.attempt.evidence for each in simulation.failed_attempts] == [Evidence.NOTHING]
    (answer,) = simulation.answers
    assert answer.attempt == library.attempt(E1, BAD_CRC + E1_REPLY)


@pytest.mark.parametrize("retries", [0, 2, 255])
def test_sent_once(retries: int) -> None:
    """Whatever the retries; the next request has its retries again."""
    simulation = Simulation(retries=retries, tick=10)
    simulate(simulation, Request(GET_REGISTER, (60,), once=True))
    assert simulation.kinds() == ["send", "failure", "idle"]
    assert simulation.events[0].detail == E1_FRAME
    assert simulation.events[1].detail == Request(GET_REGISTER, (60,), once=True)
    assert len(simulation.failed_attempts) == 1
    simulate(simulation, milliseconds=4000 * (retries + 2))
    assert simulation.kinds()[3:] == ["send"] * (retries + 1) + ["failure", "idle"]


def test_start_from_a_failed_attempt() -> None:
    """Refused: the request is still under way."""
    simulation = Simulation(retries=1)
    seen: list[bool] = []

    def start() -> bool:
        seen.append(simulation.conversation.start(Request(GET_SERIAL_NO), simulation.now))
        return True

    simulation.may_repeat = start
    simulate(simulation)
    assert seen == [False, False]
    assert [event.detail for event in simulation.events[:2]] == [E1_FRAME] * 2
    assert simulation.kinds() == ["send", "send", "failure", "idle"]


def test_waiting() -> None:
    """From the request until it is answered or fails, but not in any pause."""
    simulation = Simulation([[], [Burst(300, BAD_CRC)], [Burst(1000, E1_REPLY)]])
    waiting: list[tuple[int, bool]] = [(0, simulation.conversation.is_waiting)]
    simulation.start(E1)
    for _ in range(9000):
        if simulation.conversation.is_waiting != waiting[-1][1]:
            waiting.append((simulation.time, not waiting[-1][1]))
        simulation.run(1)
    first, second, third = simulation.times("send")
    failed = [each.time for each in simulation.failed_attempts]
    (reply,) = simulation.times("reply")
    assert waiting == [
        (0, False),
        (first, True),
        (failed[0], False),
        (second, True),
        (failed[1], False),
        (third, True),
        (reply, False),
    ]


# --- A bad late reply ---

LATE_AND_BAD = (
    BAD_CRC,
    OTHER_REPLY,
    b"\x40\x0d",
    b"\x40\x1b\x00",
    b"\x40" + bytes(library.MAX_REPLY_SIZE + 1),
)


@pytest.mark.parametrize(
    ("bursts", "counts"),
    [
        *[([Burst(after, bad)], 0) for bad in LATE_AND_BAD for after in (2000, 2800, 3500)],
        # The pause restarts only once.
        *[
            (
                [
                    Burst(2500, BAD_CRC),
                    Burst(2500 + later, BAD_CRC),
                    Burst(2700 + later, b"\x40\x0d"),
                ],
                0,
            )
            for later in (200, 500, 1000)
        ],
        # The one that ended the attempt does not count as the late one.
        ([Burst(20, BAD_CRC), Burst(1000, BAD_CRC), Burst(2000, BAD_CRC)], 1),
    ],
)
@pytest.mark.parametrize("attempts", [1, 2])
def test_late_bad_reply(bursts: list[Burst], counts: int, attempts: int) -> None:
    """After each attempt the pause counts from its end: only then is the meter done with it."""
    simulation = Simulation([bursts] * attempts + [[Burst(100, E1_REPLY)]])
    simulate(simulation)
    assert simulation.kinds() == ["send"] * (attempts + 1) + ["reply", "idle"]
    end = E1_TIME + bursts[counts].after + len(bursts[counts].data) * BYTE_TIME
    for earlier, later in itertools.pairwise(simulation.times("send")):
        assert 0 <= later - earlier - end - PAUSE_AFTER_FAILURE <= 1
    assert len(simulation.failed_attempts) == attempts


def test_late_bad_reply_then_the_right_one() -> None:
    simulation = Simulation([[Burst(2500, BAD_CRC), Burst(4000, E1_REPLY)]])
    simulate(simulation)
    assert reply_at(simulation) == math.ceil(E1_TIME + 4000 + E1_REPLY_TIME)


# --- Giving up a request ---


@pytest.mark.parametrize("retries", [0, 1, 2])
@pytest.mark.parametrize("attempt", [0, 1, 2])
@pytest.mark.parametrize("clock", [0, 2**32 - 2500])
def test_not_repeated(retries: int, attempt: int, clock: int) -> None:
    """An attempt that may not be repeated is the last one: one failure, reported once, at once."""
    simulation = Simulation(retries=retries, clock=clock)
    simulation.may_repeat = lambda: len(simulation.failed_attempts) <= attempt
    simulate(simulation)
    sends = min(attempt, retries) + 1
    assert simulation.kinds() == ["send"] * sends + ["failure", "idle"]
    assert len(simulation.failed_attempts) == sends
    (failure,), (idle,) = simulation.times("failure"), simulation.times("idle")
    assert failure == simulation.failed_attempts[-1].time
    assert idle == failure + PAUSE_AFTER_FAILURE
    assert simulation.last_attempts == [simulation.failed_attempts[-1].attempt]


# what comes back for the one attempt | when it ends, counted from the end of the request
GIVEN_UP: dict[str, tuple[list[Burst], float]] = {
    "silence": ([], RESPONSE_TIMEOUT),
    "bad reply": ([Burst(20, BAD_CRC)], 20 + E1_REPLY_TIME + LONGEST_GAP),
    "late reply": ([Burst(2500, E1_REPLY)], RESPONSE_TIMEOUT),
    "late bad reply": ([Burst(2500, BAD_CRC)], RESPONSE_TIMEOUT),
    "endless noise": ([Burst(0, b"\x55" * 2000)], RESPONSE_TIMEOUT),
}


@pytest.mark.parametrize("case", GIVEN_UP)
def test_nothing_more_is_told_after_it(case: str) -> None:
    """Whatever comes then: no answer, no second failure, and the pause is as long as ever."""
    bursts, end = GIVEN_UP[case]
    simulation = Simulation([bursts])
    seen: list[tuple[bool, bool, bool]] = []

    def give_up() -> bool:
        conversation = simulation.conversation
        started = conversation.start(E1, simulation.now)
        seen.append((started, conversation.is_idle, conversation.is_waiting))
        return False

    simulation.may_repeat = give_up
    simulate(simulation)
    assert seen == [(False, False, False)]
    kinds = [kind for kind in simulation.kinds() if kind != "late reply"]
    assert kinds == ["send", "failure", "idle"]
    assert len(simulation.late_replies) == (case == "late reply")
    (failure,), (idle,) = simulation.times("failure"), simulation.times("idle")
    assert 0 <= failure - (E1_TIME + end) <= 2
    assert idle == failure + PAUSE_AFTER_FAILURE


def test_request_after_one_that_was_given_up() -> None:
    """It has all its attempts, and none of the other request's reply gets into it."""
    simulation = Simulation([[Burst(3550, E1_REPLY)], [], [], [Burst(100, SERIAL_REPLY)]])
    simulation.may_repeat = lambda: False
    assert simulation.start(E1)
    while not simulation.conversation.is_idle:
        simulation.run(1)
    simulation.may_repeat = lambda: True
    simulate(simulation, Request(GET_SERIAL_NO))
    assert simulation.kinds() == [
        "send",
        "failure",
        "idle",
        "send",
        "send",
        "send",
        "reply",
        "idle",
    ]
    assert simulation.events[-2].detail == Reply(GET_SERIAL_NO, serial_no=6892850)


# --- How long the meter takes ---


def test_reply_before_the_request_has_ended() -> None:
    """No clock is that exact; the impossible delay is 0, not 49 days."""
    simulation = Simulation([[Burst(-20, E1_REPLY)]])
    simulate(simulation)
    reply_at(simulation)
    assert reply_delay(simulation) == 0


# --- Endless noise, and the clock ---


@pytest.mark.parametrize(
    "noise",
    [
        b"\x55", b"\x00", b"\x40", b"\x40\x00", b"\x40\x0d", b"\x0d", b"\x1b", b"\x40" + bytes(400),
        b"\x40\x3f\x10" + bytes(400), E1_REPLY[:9] + bytes(400), OTHER_REPLY, BAD_CRC,
    ],
)  # fmt: skip
def test_endless_noise(noise: bytes) -> None:
    """It delays each step by at most the time of one longest reply."""
    retries = 1
    simulation = Simulation([[Burst(0, noise * (60_000 // len(noise) // 9))]], retries=retries)
    simulate(simulation, milliseconds=40_000)
    assert simulation.kinds() == ["send", "send", "failure", "idle"]
    attempt = E1_TIME + RESPONSE_TIMEOUT + LONGEST_REPLY
    pause = PAUSE_AFTER_FAILURE + LONGEST_REPLY
    assert simulation.times("idle")[0] <= (attempt + pause) * (retries + 1)
    assert simulation.times("send")[1] >= E1_TIME + RESPONSE_TIMEOUT + PAUSE_AFTER_FAILURE


def test_the_slowest_possible_reply() -> None:
    """Bytes that begin like a reply and never end are dropped when they are too long for one."""
    noise = in_parts(E1_REPLY[:3] + bytes(1000), [1], [LONGEST_GAP - 15], 100)
    simulation = Simulation([noise], retries=0)
    simulate(simulation, milliseconds=200_000)
    (failure,) = simulation.times("failure")
    assert failure <= E1_TIME + 100 + (library.MAX_REPLY_SIZE + 2) * LONGEST_GAP


@pytest.mark.parametrize("noise", [b"\x55", b"\x00", b"\x0d", E1_FRAME])
def test_noise_without_a_start_byte(noise: bytes) -> None:
    """It does not even prolong the timeout."""
    simulation = Simulation([[Burst(0, noise * (4000 // 9 // len(noise)))]], retries=0)
    simulate(simulation)
    assert simulation.kinds() == ["send", "failure", "idle"]
    assert 0 <= simulation.times("failure")[0] - (E1_TIME + RESPONSE_TIMEOUT) <= 2


def test_reply_in_noise() -> None:
    """Found if no part of the noise begins like a reply."""
    noise = bytes(byte for byte in range(256) if byte != oracle.START_OF_REPLY)
    simulation = Simulation([[Burst(0, noise[:150] + E1_REPLY + noise)]])
    simulate(simulation)
    reply_at(simulation)


PHASES = {
    "reply": ([[Burst(1600, E1_REPLY)]], 2),
    "late start": ([[Burst(1985, LONG_REPLY)]], 0),
    "late reply": ([[Burst(3000, E1_REPLY)]], 2),
    "silence": ([], 1),
    "bad reply": ([[Burst(100, BAD_CRC)], [Burst(100, E1_REPLY)]], 2),
    "cut off": ([[Burst(1950, E1_REPLY[:10])]], 0),
    "noise": ([[Burst(0, b"\x40\x00" * 1000)]], 0),
}


@pytest.mark.parametrize("phase", PHASES)
def test_clock_wraps_around(phase: str) -> None:
    """After 49 days the clock restarts at 0; nobody notices, whenever it happens."""
    attempts, retries = PHASES[phase]
    request = LONG if phase == "late start" else E1

    def events(clock: int) -> list[tuple[object, ...]]:
        simulation = Simulation(attempts, clock=clock, tick=7, retries=retries)
        simulate(simulation, request, 12_000)
        return list(simulation.events)

    expected = events(clock=1_000_000)
    assert expected[-1][1] == "idle"
    for before in range(0, 12_000, 397):
        assert events(clock=2**32 - before) == expected
        assert events(clock=2**31 - before) == expected


bursts = st.builds(
    Burst,
    st.integers(-80, 5000),
    st.one_of(
        st.sampled_from([E1_REPLY, BAD_CRC, OTHER_REPLY, E1_FRAME, E1_REPLY[:9], b"\x40\x0d"]),
        st.binary(max_size=30),
        st.integers(1, 800).map(lambda size: b"\x40" + bytes(size)),
    ),
)


@given(
    st.lists(st.lists(bursts, max_size=4), max_size=3),
    st.integers(0, 2),
    st.integers(1, 40),
    st.booleans(),
    st.integers(1, 4),
)
def test_any_meter(
    attempts: list[list[Burst]], retries: int, tick: int, once: bool, given_up: int
) -> None:
    """Whatever comes from the line, the rules hold, and it ends with one reply or failure."""
    simulation = Simulation(attempts, tick=tick, retries=retries, clock=2**32 - 4000)
    simulation.may_repeat = lambda: len(simulation.failed_attempts) < given_up
    simulate(simulation, Request(GET_REGISTER, (60,), once=once), 35_000)
    kinds = [kind for kind in simulation.kinds() if kind != "late reply"]
    assert len(simulation.late_replies) <= kinds.count("failure")
    sends = kinds.count("send")
    most = 1 if once else min(retries + 1, given_up)
    assert sends <= most
    assert kinds in (["send"] * sends + ["reply", "idle"], ["send"] * sends + ["failure", "idle"])
    failed = len(simulation.failed_attempts)
    if "failure" in kinds:
        assert failed == sends == most
        idle, failure = simulation.times("idle")[0], simulation.times("failure")[0]
        assert idle - failure >= PAUSE_AFTER_FAILURE
    else:
        assert failed in (sends - 1, sends)
    told = [each.attempt for each in simulation.failed_attempts]
    for each in [*told, *(answer.attempt for answer in simulation.answers)]:
        assert each.echo_size + each.zero_count <= each.received_size
    for earlier, later in itertools.pairwise(simulation.times("send")):
        assert later - earlier >= E1_TIME + PAUSE_AFTER_FAILURE
    # A late bad reply restarts the pause.
    pause = 2 * (PAUSE_AFTER_FAILURE + LONGEST_REPLY)
    attempt = E1_TIME + RESPONSE_TIMEOUT + LONGEST_REPLY + pause + 4 * tick
    assert simulation.times("idle")[0] <= attempt * sends
    for answer in simulation.answers:
        assert [r.id for r in answer.reply.registers] in ([60], [])
        assert answer.delay <= simulation.time
