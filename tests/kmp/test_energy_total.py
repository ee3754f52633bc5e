"""Two counters of the same energy become one total, which never falls."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmp.library import EnergyTotal, Number, Value

WH, KWH, MWH, JOULE, GJ, KCAL, GCAL = 1, 2, 3, 5, 8, 10, 12
#: Joules in a unit, deliberately written a second time.
JOULES = {
    WH: Fraction(3600),
    KWH: Fraction(3600_000),
    MWH: Fraction(3600_000_000),
    JOULE: Fraction(1),
    GJ: Fraction(10**9),
    KCAL: Fraction(41868, 10),
    GCAL: Fraction(4186_800_000),
}
WRAP = 10_000_000 * JOULES[WH]
#: What displays show: a unit, and the power of ten of the last digit.
FORMS = (
    *((KWH, 0), (KWH, -1), (MWH, -2), (MWH, -3), (GJ, -2), (GJ, -3), (GCAL, -3)),
    *((KWH, 3), (MWH, 0), (GJ, 0), (GJ, 1), (GCAL, 0)),
    # A digit is 5 MWh or more.
    *((KWH, 4), (MWH, 1), (MWH, 2), (GJ, 2), (GCAL, 1)),
)


def shown(joule: Fraction, unit: int, exponent: int, register: int = 60) -> Value:
    """Return what a counter shows: only full steps."""
    mantissa = math.floor(joule / JOULES[unit] / Fraction(10) ** exponent)
    sign_exponent = exponent if exponent >= 0 else 0x40 | -exponent
    return Value(unit, mantissa.to_bytes(4), sign_exponent, register)


def fine(joule: Fraction, exponent: int = 0) -> Value:
    """Return what the fine counter shows."""
    return shown(joule % WRAP, WH, exponent, register=266)


class Energy(NamedTuple):
    """What a register says, in joules."""

    joule: Fraction
    step: Fraction


def energy_of(value: Value) -> Energy | None:
    """Return what can be joined: whole joules that fit in 64 bits."""
    number = value.number
    if number is None or number.negative or value.unit not in JOULES:
        return None
    step = Fraction(10) ** number.exponent * JOULES[value.unit]
    energy = Energy(number.value * JOULES[value.unit], step)
    return energy if step.denominator == 1 and max(energy) < 2**64 else None


def joined(coarse: Energy, end: Energy) -> Fraction | None:
    """Return the only total with this end that is within a coarse step of the coarse counter."""
    first = (coarse.joule // WRAP - 1) * WRAP + end.joule % WRAP
    near = [
        total
        for total in (first, first + WRAP, first + 2 * WRAP)
        if total >= 0 and abs(total - coarse.joule) <= coarse.step
    ]
    is_unique = coarse.step < WRAP / 2 and end.step <= coarse.step
    return near[0] if near and is_unique else None


@dataclass(frozen=True)
class State:
    """What was taken. energy: None if it is not known in joules."""

    energy: Fraction | None = None
    is_fine: bool = False
    disagrees: bool = False


class Model:
    """The rules of the header, with exact numbers."""

    def __init__(self, was_fine: bool = False) -> None:
        """Start as after a restart."""
        self.was_fine = was_fine
        self.published = self.taken = State()
        self._floor: Fraction | None = None

    def take(self, coarse: Value, end: Value | None, is_gone: bool) -> tuple[Number, int] | None:
        energy = energy_of(coarse)
        fine_energy = energy_of(end) if end else None
        total = joined(energy, fine_energy) if energy and fine_energy else None
        self.taken = State(
            self.taken.energy, self.taken.is_fine, disagrees=end is not None and total is None
        )
        if energy and total is not None:
            if not self.published.is_fine and self._is_little_less(total, energy.step):
                return None
            self.was_fine = True
            self._floor = None
            self.taken = State(total, is_fine=True)
            return Number(int(total)), JOULE
        is_waited_for = end is None and self.was_fine and not is_gone
        if is_waited_for or (energy and self._may_fall(*energy)) or coarse.number is None:
            return None
        self.was_fine &= not is_gone
        self.taken = State(energy.joule if energy else None, disagrees=self.taken.disagrees)
        return coarse.number, coarse.unit

    def _is_little_less(self, joule: Fraction, step: Fraction) -> bool:
        last = self.published.energy
        return last is not None and last - step <= joule < last

    def _may_fall(self, joule: Fraction, step: Fraction) -> bool:
        if self.published.energy is not None:
            return self._is_little_less(joule, step)
        if not self.was_fine:
            return False
        # The value published before a restart is within a step of the coarse counter.
        if self._floor is None:
            self._floor = joule
        return self._floor <= joule < self._floor + step


class Step(NamedTuple):
    """A reading, after the meter has counted another `grows` Wh.

    off: how many coarse steps the fine register is off, None if it is left out.
    coarse, fine: sent instead of the true value. is_doubted: what is taken is not published.
    """

    grows: int
    off: Fraction | None = Fraction(0)
    is_gone: bool = False
    restarts: bool = False
    coarse: Value | None = None
    fine: Value | None = None
    is_doubted: bool = False


NO_ENERGY = (
    Value(41, (9_987_654).to_bytes(4)),  # litres per hour
    Value(KWH, bytes(7)),
    Value(KWH, b""),
    Value(WH, (1).to_bytes(4), 0x80),  # negative
    Value(WH, (1).to_bytes(4), 0x7F),  # 10^-63
    Value(WH, (0).to_bytes(4), 0x3F),  # in steps of 10^63
    Value(JOULE, (1).to_bytes(4), 20),
    Value(JOULE, (2).to_bytes(4), 19),
    Value(KCAL, (5).to_bytes(4), 0x42),  # in steps that are not whole joules
)
ENERGY = (
    Value(JOULE, (1).to_bytes(4), 19),
    Value(KCAL, (5).to_bytes(4), 1),
    Value(KWH, (1_500).to_bytes(4)),  # from another meter
)
GROWTHS = (0, 0, 1, 7, 300, 999, 1_000, 11_000, 9_999_000, 10_000_000)
TRUE_STEPS = [
    Step(grows, off, is_gone, restarts)
    for grows in GROWTHS
    # Usually nothing is left out.
    for off in (Fraction(0), Fraction(0), None)
    for is_gone in (False, True)
    for restarts in (False, False, True)
]
ANY_STEPS = [
    *TRUE_STEPS,
    *(
        step
        for grows in GROWTHS
        for step in (
            *(Step(grows, Fraction(off, 100)) for off in (0, 99, -99, 100, -100, 101, -199)),
            *(Step(grows, coarse=each) for each in NO_ENERGY + ENERGY),
            *(Step(grows, fine=each) for each in NO_ENERGY + ENERGY),
            *(Step(grows, None, is_gone=True, coarse=each) for each in NO_ENERGY),
        )
    ),
]
ANY_STEPS += [step._replace(is_doubted=True) for step in ANY_STEPS[::3]]
#: In Wh; most are close to where the fine counter rolls over.
starts = st.one_of(
    st.integers(0, 10**9),
    st.builds(
        lambda wraps, off: max(wraps * 10**7 + off, 0), st.integers(0, 9), st.integers(-9, 9)
    ),
)


def take_course(
    form: tuple[int, int], rounds: bool, start: int, course: list[Step], is_true: bool
) -> None:
    """Compare with the model. is_true: the meter sends nothing wrong, and the total never falls."""
    now = start * JOULES[WH]
    total, model = EnergyTotal(), Model()
    last = Fraction(0)
    remembered = False
    step = JOULES[form[0]] * Fraction(10) ** form[1]
    for each in course:
        now += each.grows * JOULES[WH]
        # A display that rounds up may be ahead of what is published after a restart.
        if each.restarts and not (is_true and rounds):
            total, model = EnergyTotal(), Model(remembered)
            total.restore(remembered)
        coarse = each.coarse or shown(now + (step / 2 if rounds else 0), *form)
        end = (
            None if each.off is None else each.fine or fine(max(now + each.off * step, Fraction(0)))
        )
        taken = total.take(coarse, end, each.is_gone)
        assert taken == model.take(coarse, end, each.is_gone)
        assert total.disagrees == model.taken.disagrees
        assert total.contradicts == (model.taken.disagrees and not model.published.disagrees)
        assert total.was_fine == model.was_fine
        if taken is None or each.is_doubted:
            continue
        total.published()
        model.published = model.taken
        remembered = total.was_fine
        assert total.contradicts is False
        if is_true:
            joule = taken[0].value * JOULES[taken[1]]
            assert joule >= last
            assert taken[1] != JOULE or 0 <= now - joule < JOULES[WH]
            last = joule


forms = st.sampled_from(FORMS)
any_course = st.lists(st.sampled_from(ANY_STEPS), min_size=10, max_size=40)
true_course = st.lists(st.sampled_from(TRUE_STEPS), min_size=10, max_size=40)


@given(forms, st.booleans(), starts, any_course)
def test_any_course(form: tuple[int, int], rounds: bool, start: int, course: list[Step]) -> None:
    take_course(form, rounds, start, course, is_true=False)


@given(forms, st.booleans(), starts, true_course)
def test_the_total_never_falls(
    form: tuple[int, int], rounds: bool, start: int, course: list[Step]
) -> None:
    """When registers are left out, replies are lost and the device is restarted."""
    take_course(form, rounds, start, course, is_true=True)


@given(st.integers(0, 10**10), st.sampled_from(FORMS), st.integers(-1, 7), st.fractions(-3, 3))
def test_joined_within_one_step(
    watt_hours: int, form: tuple[int, int], fine_exponent: int, off: Fraction
) -> None:
    coarse = shown(watt_hours * JOULES[WH], *form)
    energy = energy_of(coarse)
    assert energy is not None
    end = fine(max(energy.joule + off * energy.step, Fraction(0)), fine_exponent)
    fine_energy = energy_of(end)
    assert fine_energy is not None
    total = joined(energy, fine_energy)
    expected = (coarse.number, coarse.unit) if total is None else (Number(int(total)), JOULE)
    assert EnergyTotal().take(coarse, end) == expected


@pytest.mark.parametrize(
    ("coarse", "end", "taken"),
    [
        # The 403's description: 1,234,567.8 kWh and 4,567,890.1 Wh.
        (
            Value(KWH, (12345678).to_bytes(4), 0x41),
            Value(WH, (45678901).to_bytes(4), 0x41),
            (Number(12345678901 * 360), JOULE),
        ),
        # Captured: 59.96 GJ and 6,655,807 Wh.
        (
            Value(GJ, (5996).to_bytes(4), 0x42),
            Value(WH, (6655807).to_bytes(4)),
            (Number(16655807 * 3600), JOULE),
        ),
        # 35,100 kWh is between 30 and 40 MWh, and 25,100 kWh is equally near to what it shows.
        (Value(MWH, (3).to_bytes(4), 1), Value(WH, (5_100_000).to_bytes(4)), (Number(3, 1), MWH)),
        # Fine steps as large as the coarse ones, and larger.
        (
            Value(KWH, (12345).to_bytes(4)),
            Value(KWH, (2345).to_bytes(4)),
            (Number(12345 * 3600_000), JOULE),
        ),
        (Value(KWH, (51).to_bytes(4), 0x41), Value(KWH, b"\x05"), (Number(51, -1), KWH)),
        (Value(KWH, (5).to_bytes(4), 0x80), Value(WH, b"\x05"), (Number(5, 0, True), KWH)),
        (Value(37, b"\x05"), Value(WH, b"\x05"), (Number(5), 37)),
        (Value(KWH, bytes(7)), Value(WH, b"\x05"), None),
    ],
)
def test_pairs(coarse: Value, end: Value, taken: tuple[Number, int] | None) -> None:
    assert EnergyTotal().take(coarse, end) == taken


def test_the_display_may_be_a_whole_step_behind() -> None:
    total = EnergyTotal()
    shows = Value(KWH, (59_988).to_bytes(4))
    assert total.take(shows, fine(59_989_000 * JOULES[WH])) == (Number(59_989_000 * 3600), JOULE)
    total.published()
    assert total.take(shows, None, fine_is_gone=True) is None
    following = Value(KWH, (59_989).to_bytes(4))
    assert total.take(following, None, fine_is_gone=True) == (Number(59_989), KWH)
