"""The problems that the meter reports about itself, in each of the forms that meters use."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from virtual_meter import MODELS, VirtualMeter
from virtual_meter.models import Fixed, Model

from .bench import Bench, bench, read, requests
from .client import State, States
from .trouble import fast_line

KEYS = ("info", "info_code", "problem", "low_battery", "v1_air", "t1_out_of_range", "dry", "burst")
UNKNOWN = ("unknown", "unknown", None, None, None, None, None, None)


def without(model: Model, *registers: int) -> Model:
    """Return a meter without these registers."""
    left = tuple(number for number in model.simulated if number not in registers)
    fixed = {number: row for number, row in model.fixed.items() if number not in registers}
    return replace(model, simulated=left, fixed=fixed)


def without_heat(size: int) -> Model:
    """Return a meter that counts no heat, whose register 99 has this many bytes."""
    fixed = {99: Fixed(51, 0, size), 68: Fixed(40, 831), 1001: Fixed(51, 6892850)}
    return replace(OLDER, simulated=(), fixed=fixed)


#: One bit per code in register 369. The others have 99: newer ones eight digits, older ones a sum,
#: even if it is short; water meters one bit per code.
NEWER = MODELS["403-kwh"]
DIGITS = without(NEWER, 369)
OLDER = MODELS["602"]
SHORT = replace(OLDER, sizes={**OLDER.sizes, 51: 2})
WATER = without_heat(2)
#: Like the meters 61 and 62: no heat, and not the two bytes of the newer water meters.
STRANGE = without_heat(4)


def has(value: int, model: Model) -> VirtualMeter:
    """Return a meter with this info code."""
    meter = VirtualMeter(model)
    meter.overrides[369 if 369 in model.numbers else 99] = Decimal(value)
    return meter


def seen(states: States) -> tuple[State | None, ...]:
    """Return the texts, then the binary sensors."""
    return tuple(states.get(key) for key in KEYS)


def shown(device: Bench) -> tuple[State | None, ...]:
    """Read, and return them."""
    read(device.client)
    return seen(device.client.states)


@pytest.mark.parametrize(
    ("model", "value", "expected"),
    [
        (NEWER, 0, ("none", "0x00000000", False, False, False, None, None, None)),
        (NEWER, 0x102, ("low battery, v1 air", "0x00000102", True, True, True, None, None, None)),
        (NEWER, 0x400, ("unknown in 0x00000400", "0x00000400", True, False, False)),
        (DIGITS, 20003000, ("low battery, v1 air", "20003000", True, True, True)),
        (OLDER, 4104, ("v1 air, t1 out of range", "4104", True, None, True, True)),
        (SHORT, 8, ("t1 out of range", "8", True, None, False, True, None)),
        # It does not have the codes of heat meters.
        (WATER, 0x0001, ("dry", "0x0001", True, None, None, None, True, False)),
        (WATER, 0x0240, ("none", "0x0240", False, None, None, None, False, False)),
        (STRANGE, 0, ("unknown in 0", "0", None, None, None, None, None, None)),
    ],
)
def test_each_form(model: Model, value: int, expected: tuple[State | None, ...]) -> None:
    with fast_line(), bench("on_demand", has(value, model)) as device:
        read(device.client)
        # Its form may be found out after the reading.
        device.client.wait_until(lambda states: seen(states)[: len(expected)] == expected, 5)
        # That happened once, and the same value is not published again.
        events, asked = len(device.client.events), len(requests(device.meter))
        read(device.client)
        later = [event for event in device.client.events[events:] if event.name in KEYS]
        assert [event for event in later if event.state is not None] == []
        assert any(369 in numbers for numbers in requests(device.meter)[asked:]) == (
            369 in model.numbers
        )
        assert "Register 369 is not in this meter" not in device.device.text()


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [(DIGITS, OLDER, "heating system leak"), (OLDER, WATER, "none"), (WATER, WATER, "none")],
)
def test_a_meter_that_is_gone_and_another_one(before: Model, after: Model, text: str) -> None:
    """Meanwhile nothing is known about it; the old meter says nothing about the next one."""
    meter = has(256, before)
    with fast_line(), bench("on_demand", meter) as device:
        read(device.client)
        device.client.wait_until(lambda states: states.get("info") is not None, 5)
        device.meter.faults = ["silent"]
        for _ in range(3):
            read(device.client)
        # The age comes first, and the rest of the states right behind it.
        device.client.wait_until(
            lambda states: seen(states) == UNKNOWN and states["connected"] is False, 5
        )
        meter.model = after
        device.meter.faults = []
        read(device.client)
        device.client.wait_until(lambda states: states["info"] == text, 5)


def test_a_value_that_is_not_a_number_is_not_an_info_code() -> None:
    meter = has(0, NEWER)
    meter.overrides[369] = Decimal("0.5")
    with fast_line(), bench("on_demand", meter) as device:
        assert shown(device) == (None,) * 8
        assert "Register 369 is not an info code" in device.device.text()
