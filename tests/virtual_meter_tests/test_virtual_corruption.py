"""What each fault makes of the bytes of a reply, on recorded and simulated replies alike."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from virtual_meter import FAULTS, MODELS, Direction, Fault, Reading, VirtualMeter, corrupt
from virtual_meter.codec import (
    GET_REGISTER,
    crc16,
    decode_frame,
    decode_readings,
    encode_frame,
    unstuff,
)
from virtual_meter_tests.helpers import SERIAL, ask, frames

CORRUPTING = [name for name, kind in FAULTS.items() if kind.corrupts]


@pytest.fixture(scope="module")
def replies(vectors: list[dict[str, str | bool]]) -> list[bytes]:
    """Return valid replies of all kinds, 6 to 154 bytes long."""
    found = [
        bytes.fromhex(str(v["response_hex"])) for v in vectors if v["crc_ok"] and v["response_hex"]
    ]
    for name in MODELS:
        meter = VirtualMeter(name, clock=lambda: 0.0)
        numbers = meter.model.numbers
        requests = [ask(*numbers[i : i + 8]) for i in range(0, len(numbers), 8)]
        found += [meter.answer(request).reply or b"" for request in (SERIAL, *requests)]
    assert len(found) > 50
    return found


def readings(reply: bytes) -> list[Reading]:
    """Return what a valid GetRegister reply carries."""
    return list(decode_readings(decode_frame(Direction.FROM_METER, reply).data))


def is_reading(reply: bytes) -> bool:
    """Tell whether a valid reply is one to GetRegister, with something in it."""
    frame = decode_frame(Direction.FROM_METER, reply)
    return frame.command == GET_REGISTER and bool(frame.data)


@pytest.mark.parametrize("name", CORRUPTING)
def test_the_same_seed_gives_the_same_bytes(name: str, replies: list[bytes]) -> None:
    """As often as one asks; another seed gives others, where there is any chance."""
    dice = [Random(seed) for seed in (3, 3, 4)]
    once, again, other = ([corrupt(reply, name, random) for reply in replies] for random in dice)
    assert once == again
    fixed = {"two_replies", "other_address", "wrong_baud", "inverted", "left_out"}
    fixed |= {"lower_once", "higher_once", "empty_once"}
    assert (once != other) == (name not in fixed)


@pytest.mark.parametrize("seed", range(20))
def test_single_bytes(seed: int, replies: list[bytes]) -> None:
    """One less, one more, or one bit of one other."""
    random = Random(seed)
    for reply in replies:
        lost = corrupt(reply, "byte_lost", random)
        assert lost in {reply[:i] + reply[i + 1 :] for i in range(len(reply))}
        added = corrupt(reply, "byte_added", random)
        assert len(added) == len(reply) + 1
        assert any(reply == added[:i] + added[i + 1 :] for i in range(len(added)))
        flipped = corrupt(reply, "bit_flipped", random)
        assert len(flipped) == len(reply)
        assert (int.from_bytes(flipped) ^ int.from_bytes(reply)).bit_count() == 1
        short = corrupt(reply, "frame_cut", random)
        assert reply.startswith(short)
        assert 1 <= len(short) < len(reply)


def test_every_place_is_struck() -> None:
    """The first byte, the last one, and all between."""
    random, reply = Random(0), bytes(range(1, 11))
    many = range(1000)
    lost = [corrupt(reply, "byte_lost", random) for _ in many]
    assert {sum(reply) - sum(x) for x in lost} == set(reply)
    flips = {corrupt(reply, "bit_flipped", random) for _ in many}
    assert len(flips) == 80
    assert {len(corrupt(reply, "frame_cut", random)) for _ in many} == set(range(1, 10))
    added = [corrupt(reply, "byte_added", random) for _ in range(100_000)]
    assert {next((i for i in range(10) if x[i] != reply[i]), 10) for x in added} == set(range(11))


@pytest.mark.parametrize("seed", range(20))
def test_checksum_errors(seed: int, replies: list[bytes]) -> None:
    """Everything but the CRC is as it was, and the frame is stuffed as it should be."""
    random = Random(seed)
    for reply in replies:
        wrong = corrupt(reply, "checksum_errors", random)
        assert (wrong[0], wrong[-1]) == (reply[0], reply[-1])
        plain = unstuff(wrong[1:-1])
        assert plain[:-2] == unstuff(reply[1:-1])[:-2]
        assert crc16(plain) != 0


@pytest.mark.parametrize("seed", range(20))
def test_other_register(seed: int, replies: list[bytes]) -> None:
    """One block, valid, with a register that is known but was not asked; no other kind of reply."""
    random = Random(seed)
    known = {number for model in MODELS.values() for number in model.numbers}
    for reply in replies:
        other = corrupt(reply, "other_register", random)
        if not is_reading(reply):
            assert other == reply
            continue
        before, after = readings(reply), readings(other)
        (changed,) = [
            i for i, pair in enumerate(zip(before, after, strict=True)) if len({*pair}) > 1
        ]
        assert after[changed] == replace(before[changed], register=after[changed].register)
        assert after[changed].register in known - {r.register for r in before}


def test_other_address(replies: list[bytes]) -> None:
    """Valid, and everything else is the same."""
    for reply in replies:
        frame = decode_frame(Direction.FROM_METER, corrupt(reply, "other_address", Random(0)))
        assert frame == replace(decode_frame(Direction.FROM_METER, reply), address=0x7F)


def test_left_out(replies: list[bytes]) -> None:
    """One register less, and everything else as it was."""
    left_out = 0
    for reply in replies:
        less = corrupt(reply, "left_out::266", Random(0))
        if not is_reading(reply) or all(r.register != 266 for r in readings(reply)):
            assert less == reply
            continue
        left_out += 1
        assert readings(less) == [r for r in readings(reply) if r.register != 266]
    assert left_out >= 3  # two models of a 403, and a 603


@pytest.mark.parametrize(
    ("name", "low", "high"), [("lower", 0.4, 0.5), ("higher", 10, 10), ("empty", 0, 0)]
)
def test_another_value_once(replies: list[bytes], name: str, low: float, high: float) -> None:
    """Of the one register, and nothing else; a reply without it stays as it is."""
    seen = Counter[bool]()
    for reply in replies:
        changed = corrupt(reply, f"{name}_once::68", Random(0))
        has = is_reading(reply) and any(r.register == 68 for r in readings(reply))
        seen[has] += 1
        if not has:
            assert changed == reply
            continue
        for before, after in zip(readings(reply), readings(changed), strict=True):
            is_it = before.register == 68
            assert after == (replace(before, value=after.value) if is_it else before)
            if is_it:
                assert low <= after.value / before.value <= high
            assert after.value.as_tuple().exponent == before.value.as_tuple().exponent
    assert min(seen[True], seen[False]) > 3


@pytest.mark.parametrize(
    "name",
    ["wrong_baud", "garbled", "inverted", *map("wrong_baud::{}".format, (300, 600, 4800, 9600))],
)
def test_bits_at_the_wrong_place(name: str, replies: list[bytes]) -> None:
    """Bytes of several kinds arrive, and no valid frame among them."""
    received = [corrupt(reply, name, Random(seed)) for seed in range(3) for reply in replies]
    assert all(received)
    assert not any(frames(stream) for stream in received)
    assert len(set(b"".join(received))) > 3
    assert max(map(len, received)) > 5


def test_other_speeds_give_more_or_fewer_bytes(replies: list[bytes]) -> None:
    """A slow meter seems to send more, a fast one less; 1200 baud is right."""
    longest = max(replies, key=len)
    lengths = [len(corrupt(longest, f"wrong_baud::{b}", Random(0))) for b in (300, 600, 2400, 9600)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[1] > len(longest) > lengths[2]
    assert corrupt(longest, "wrong_baud::1200", Random(0)) == longest


@pytest.mark.parametrize("seed", range(5))
def test_a_reader_that_looks_for_frames_finds_them(seed: int, replies: list[bytes]) -> None:
    """Between noise, and twice in a row."""
    random = Random(seed)
    for reply in replies:
        frame = decode_frame(Direction.FROM_METER, reply)
        noisy = corrupt(reply, "noise", random)
        assert reply in noisy
        assert 1 <= len(noisy) - len(reply) <= 12
        assert frame in frames(noisy)
        twice = corrupt(reply, "two_replies", random)
        assert twice == reply + reply
        assert frames(twice) == [frame, frame]


def test_noise_is_of_all_kinds() -> None:
    """All bytes come, and those that begin and end frames more often than others."""
    random = Random(0)
    seen = Counter(b"".join(corrupt(b"", "noise", random) for _ in range(3000)))
    assert set(seen) == set(range(256))
    common = {byte for byte, _ in seen.most_common(4)}
    assert common == {0x00, 0x0D, 0x40, 0xFF}


@pytest.mark.parametrize("name", CORRUPTING)
def test_any_bytes_will_do(name: str) -> None:
    """Bytes that are no frame, and frames that carry no blocks, do no harm."""
    random = Random(0)
    frame = decode_frame(Direction.FROM_METER, bytes.fromhex("403F10079A0D"))
    broken = encode_frame(Direction.FROM_METER, replace(frame, data=b"\x00\x3c\x02\x09\x00\x01"))
    for reply in (b"\x40", b"\x40\x0d", b"\x40\x1b\x0d", bytes(300), broken):
        for _ in range(20):
            corrupt(reply, name, random)


@pytest.mark.parametrize("name", sorted(set(FAULTS) - set(CORRUPTING)))
def test_others_do_not_act_on_bytes(name: str) -> None:
    """The message names the fault and those that do."""
    with pytest.raises(ValueError, match=f"'{name}'.*byte_lost.*noise"):
        corrupt(b"\x40", Fault(name), Random(0))
