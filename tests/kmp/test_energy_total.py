"""Two counters of the same energy become one total, which never falls."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multical.units import UNIT_BY_SYMBOL

from kmp import library
from kmp.exact import nearest_float32
from kmp.library import EnergyTotal, Number, Value

WRAP = 10_000_000  # Wh

#: What becomes of a reading: nothing is published, or a number.
HOLD, FINE, COARSE = "nothing", "the joint value", "the coarse counter alone"
MISSES_UNTIL_GONE = 3
WH, KWH, MWH, JOULE, GJ, GCAL = 1, 2, 3, 5, 8, 12
#: Wh in a unit, written a second time on purpose.
WATT_HOURS = {
    WH: Fraction(1),
    KWH: Fraction(1000),
    MWH: Fraction(10**6),
    GJ: Fraction(10**9, 3600),
    GCAL: Fraction(1163000),
}
#: Forms of the coarse counter: unit and decimals.
FORMS = [(KWH, 0), (KWH, 1), (MWH, 2), (MWH, 3), (GJ, 2), (GJ, 3), (GCAL, 3)]
each_form = pytest.mark.parametrize(("unit", "decimals"), FORMS)


def sign_exponent(decimals: int) -> int:
    """Return the byte that says how many decimals follow."""
    return 0x40 | decimals if decimals else 0


def coarse_step(unit: int, decimals: int) -> Fraction:
    """Return the last digit's worth in Wh."""
    return WATT_HOURS[unit] / 10**decimals


def coarse(watt_hours: Fraction | int, unit: int = KWH, decimals: int = 0) -> Value:
    """Return what a display shows: the digits that are full."""
    mantissa = math.floor(watt_hours / coarse_step(unit, decimals))
    return Value(unit, mantissa.to_bytes(4), sign_exponent(decimals))


def fine(watt_hours: Fraction | int, decimals: int = 0) -> Value:
    """Return what the counter of fine steps shows."""
    mantissa = math.floor(watt_hours % WRAP * 10**decimals)
    return Value(WH, mantissa.to_bytes(4), sign_exponent(decimals), id=266)


def in_watt_hours(number: Number, unit: int) -> Fraction:
    """Return a result of take()."""
    return number.value / 3600 if unit == JOULE else number.value * WATT_HOURS[unit]


def kind(taken: tuple[Number, int] | None) -> str:
    """Tell what take() has decided; no meter here has a coarse counter in joule."""
    if taken is None:
        return HOLD
    return FINE if taken[1] == JOULE else COARSE


class Sensor:
    """What HighResolutionSensor does around an EnergyTotal, and what survives a restart.

    published: the last state in Wh, None before the first. is_gone: the fine register does not
    count as missing any more. remembered: it was in use.
    """

    def __init__(self) -> None:
        """Start for the first time."""
        self.published: Fraction | None = None
        self.is_gone = False
        self.remembered = False
        self.restart()

    def restart(self) -> None:
        """Start again."""
        self._total = EnergyTotal()
        self._total.restore(self.remembered)
        self._misses = 0

    def read(self, coarse_value: Value, fine_value: Value | None) -> str:
        """Take a reading."""
        self._misses = 0 if fine_value else min(self._misses + 1, MISSES_UNTIL_GONE)
        self.is_gone = self._misses == MISSES_UNTIL_GONE
        taken = self._total.take(coarse_value, fine_value, self.is_gone)
        if taken is None:
            return HOLD
        self._total.published()
        self.remembered = self._total.was_fine
        self.published = in_watt_hours(*taken)
        return kind(taken)


@each_form
@pytest.mark.parametrize("fine_decimals", [0, 1])
def test_every_digit(unit: int, decimals: int, fine_decimals: int) -> None:
    """Kamstrup's pair, the captured one, and many more: the total has the fine counter's end."""
    step = Fraction(1, 10**fine_decimals)
    for total in (0, 1, 999, 4567890, 9_999_999, WRAP, WRAP + 1, 16_655_807, 1_234_567_890, 10**11):
        taken = EnergyTotal().take(coarse(total, unit, decimals), fine(total, fine_decimals))
        assert taken is not None
        assert kind(taken) == FINE
        assert in_watt_hours(*taken) == total // step * step


def test_the_pairs_that_are_known() -> None:
    """E1 = 1,234,567.8 kWh with 4,567,890.1 Wh (403's description); 59.96 GJ with 6,655,807 Wh."""
    documented = EnergyTotal().take(
        Value(KWH, (12345678).to_bytes(4), 0x41), Value(WH, (45678901).to_bytes(4), 0x41)
    )
    assert documented == (Number(12345678901 * 360), JOULE)
    captured = EnergyTotal().take(
        Value(GJ, (5996).to_bytes(4), 0x42), Value(WH, (6655807).to_bytes(4))
    )
    assert captured == (Number(16655807 * 3600), JOULE)


@given(
    st.integers(0, 2 * 10**9),
    st.sampled_from(FORMS),
    st.fractions(-3, 3, max_denominator=1000),
)
def test_believed_within_one_step_only(total: int, form: tuple[int, int], off: Fraction) -> None:
    """The fine counter is so many coarse steps off what the display shows."""
    shown = coarse(total, *form)
    step = coarse_step(*form)
    base = int.from_bytes(shown.data) * step
    other = math.floor(base + off * step)
    if other < 0:
        return
    taken = EnergyTotal().take(shown, fine(other))
    assert taken is not None
    agrees = abs(other - base) <= step
    assert kind(taken) == (FINE if agrees else COARSE)
    assert in_watt_hours(*taken) == (other if agrees else base)


@pytest.mark.parametrize(
    "other",
    [
        None,
        fine(59_989_001),
        fine(59_986_999),
        Value(41, (9_987_654).to_bytes(4), id=266),  # litres an hour
        Value(WH, bytes(7), id=266),
        Value(WH, (1).to_bytes(4), 0x80, id=266),  # negative
        Value(WH, (1).to_bytes(4), 0x7F, id=266),  # 10^-63
        Value(WH, (1).to_bytes(4), 0x3F, id=266),  # 10^63
    ],
)
def test_without_a_fitting_fine_counter(other: Value | None) -> None:
    total = EnergyTotal()
    shown = coarse(59_988_000)
    assert total.take(shown, other) == (Number(59_988), KWH)
    assert total.disagrees == (other is not None)
    total.published()
    assert not total.was_fine


@pytest.mark.parametrize(
    "shown",
    [
        Value(KWH, (5).to_bytes(4), 0x80),
        Value(KWH, (5).to_bytes(4), 0x3F),
        Value(37, (5).to_bytes(4)),
        Value(10, (5).to_bytes(4), 0x42),  # kcal, in steps that are no whole joule
    ],
)
def test_a_coarse_counter_that_cannot_be_joined(shown: Value) -> None:
    taken = EnergyTotal().take(shown, fine(5))
    assert taken is not None
    assert kind(taken) == COARSE
    number, unit = taken
    assert unit == shown.unit
    assert number.mantissa == 5


@pytest.mark.parametrize("data", [b"", bytes(5), bytes(7)])
def test_a_coarse_counter_that_is_no_number(data: bytes) -> None:
    total = EnergyTotal()
    total.restore(True)
    assert total.take(Value(KWH, data), None, fine_is_gone=True) is None
    assert total.take(Value(KWH, data), fine(5)) is None
    assert total.was_fine


def test_a_missing_fine_counter_holds_the_total() -> None:
    sensor = Sensor()
    assert sensor.read(coarse(59_988_750), fine(59_988_750)) == FINE
    for _ in range(MISSES_UNTIL_GONE - 1):
        assert sensor.read(coarse(59_988_900), None) == HOLD
    assert sensor.published == 59_988_750
    # Gone for good: the display's value, as soon as that is not less.
    assert sensor.read(coarse(59_988_950), None) == HOLD
    assert sensor.read(coarse(59_989_000), None) == COARSE
    assert sensor.published == 59_989_000
    assert sensor.read(coarse(59_989_999), fine(59_989_999)) == FINE


def test_a_missing_fine_counter_after_a_restart() -> None:
    sensor = Sensor()
    sensor.read(coarse(59_988_750), fine(59_988_750))
    sensor.restart()
    for watt_hours in (59_988_800, 59_988_850, 59_988_900, 59_988_990):
        assert sensor.read(coarse(watt_hours), None) == HOLD
    assert sensor.read(coarse(59_989_000), None) == COARSE
    # It is not waited for after the next restart.
    sensor.restart()
    assert sensor.read(coarse(59_989_001), None) == COARSE


def test_a_meter_without_a_fine_counter_is_not_waited_for() -> None:
    sensor = Sensor()
    assert sensor.read(coarse(59_988_750), None) == COARSE
    assert sensor.published == 59_988_000


def test_a_disagreement_does_not_let_it_fall() -> None:
    sensor = Sensor()
    sensor.read(coarse(59_988_750), fine(59_988_750))
    assert sensor.read(coarse(59_988_800), fine(5)) == HOLD
    assert sensor.read(coarse(59_989_100), fine(5)) == COARSE
    assert sensor.published == 59_989_000
    # A display that is ahead of the fine counter, as one that rounds.
    assert sensor.read(coarse(59_989_000), fine(59_988_900)) == HOLD
    assert sensor.read(coarse(59_989_000), fine(59_989_010)) == FINE


def test_a_counter_that_really_falls_comes_out() -> None:
    """Another meter. That it is read twice is the sensor's business."""
    sensor = Sensor()
    sensor.read(coarse(59_988_750), fine(59_988_750))
    assert sensor.read(coarse(1_500), fine(1_500)) == FINE
    assert sensor.published == 1_500
    sensor.read(coarse(59_988_750), fine(59_988_750))
    assert sensor.read(coarse(1_500), fine(7_000_000)) == COARSE
    assert sensor.published == 1_000


def course(end: int, seed: int) -> Iterator[int]:
    """Yield the true energy in Wh at each reading until `end`."""
    dice = random.Random(seed)
    now = 0
    while now < end:
        now += dice.choice((0, 1, 3, dice.randrange(500), dice.randrange(5_000), 11_000))
        yield now


@each_form
@pytest.mark.parametrize("start", [0, 3_123_456, 59_987_654])
@pytest.mark.parametrize("rounds", [False, True])
def test_thirty_megawatt_hours(unit: int, decimals: int, start: int, rounds: bool) -> None:
    """Three wraps, with missing replies, missing registers and restarts mixed in.

    rounds: the display rounds instead of cutting off.
    """
    dice = random.Random(f"{unit} {decimals} {start} {rounds}")
    sensor = Sensor()
    last = Fraction(start)
    shown = wraps = 0
    for now in course(30_100_000, seed=start):
        now += start
        if dice.random() < 0.05:
            sensor.restart()
        if dice.random() < 0.05:
            continue  # the reply is lost
        half = coarse_step(unit, decimals) / 2 if rounds else 0
        is_left_out = dice.random() < 0.05
        was_in_use = sensor.remembered
        result = sensor.read(coarse(now + half, unit, decimals), None if is_left_out else fine(now))
        if result == HOLD:
            continue
        assert sensor.published is not None
        assert sensor.published >= last
        if result == COARSE:
            assert sensor.is_gone or not was_in_use
        else:
            assert 0 <= now - sensor.published < 1
            shown += 1
        wraps += sensor.published // WRAP > last // WRAP
        last = sensor.published
    assert wraps >= 3
    assert shown > 5_000


@given(
    st.integers(0, 2**63).map(lambda number: number >> 20),
    st.sampled_from(["Wh", "kWh", "MWh", "GWh", "J", "GJ", "Gcal"]),
)
def test_a_total_becomes_the_nearest_float(joule: int, symbol: str) -> None:
    """Also one that is longer than any number of a single register."""
    target = UNIT_BY_SYMBOL[symbol]
    result = library.convert(Number(joule), JOULE, target.number)
    true = Fraction(joule) / (target.factor * Fraction(10) ** target.exponent)
    assert result == nearest_float32(true)


# --- Joined with a display of large steps ---

#: Steps of a display: unit and power of ten. The last ones are worth 5 MWh or more.
STEPS = [(KWH, 0), (KWH, 3), (MWH, 0), (GJ, 0), (GJ, 1), (GCAL, 0)]
TOO_LARGE = [(KWH, 4), (MWH, 1), (MWH, 2), (GJ, 2), (GCAL, 1)]


def in_steps(watt_hours: Fraction | int, unit: int, exponent: int, rounds: bool) -> Value:
    """Return what a display with so large steps shows."""
    step = WATT_HOURS[unit] * 10**exponent
    mantissa = math.floor(watt_hours / step + (Fraction(1, 2) if rounds else 0))
    return Value(unit, mantissa.to_bytes(4), exponent)


@given(st.integers(0, 10**10), st.sampled_from(STEPS + TOO_LARGE), st.booleans(), st.integers(0, 7))
def test_never_off_by_a_wrap(
    total: int, step: tuple[int, int], rounds: bool, fine_exponent: int
) -> None:
    """Whatever the steps of the two are: joined is the truth, down to the fine step."""
    fine_step = 10**fine_exponent
    mantissa = total % WRAP // fine_step
    taken = EnergyTotal().take(
        in_steps(total, *step, rounds), Value(WH, mantissa.to_bytes(4), fine_exponent, id=266)
    )
    assert taken is not None
    if kind(taken) == FINE:
        assert step in STEPS
        assert 0 <= total - in_watt_hours(*taken) < fine_step
    elif step in STEPS and fine_exponent == 0:
        pytest.fail("refused")


def test_a_display_in_steps_of_ten_megawatt_hours() -> None:
    """35,100 kWh is between 30 and 40 MWh, and 25,100 kWh is as near to what it shows."""
    total = EnergyTotal()
    assert total.take(in_steps(35_100_000, MWH, 1, False), fine(35_100_000)) == (Number(3, 1), MWH)
    assert total.disagrees


def test_a_contradiction_is_told_when_it_begins() -> None:
    total = EnergyTotal()
    total.take(coarse(59_988_750), fine(59_988_750))
    total.published()
    for _ in range(2):
        assert total.take(coarse(599_880_000), fine(59_988_800)) == (Number(599_880), KWH)
        assert total.contradicts
    total.take(coarse(59_989_750), fine(59_989_750))
    assert not total.contradicts
    # Believed, it is no news.
    total.take(coarse(59_990_750), fine(5))
    assert total.contradicts
    total.published()
    total.take(coarse(59_991_750), fine(5))
    assert total.disagrees
    assert not total.contradicts


def test_a_fine_register_with_coarser_steps_is_not_used() -> None:
    total = EnergyTotal()
    assert total.take(Value(KWH, (51).to_bytes(4), 0x41), Value(KWH, (5).to_bytes(4), id=266)) == (
        Number(51, -1),
        KWH,
    )
    assert total.disagrees
