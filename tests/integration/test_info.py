"""What the meter says is wrong with itself, in each of the forms that meters use."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from virtual_meter import MODELS, VirtualMeter
from virtual_meter.models import Fixed

from .bench import asked, bench, read
from .client import State, States
from .trouble import fast_line

CODES = ("problem", "low_battery", "v1_air", "t1_out_of_range")
TEXTS = ("info", "info_code")


def shown(states: States) -> tuple[State | None, ...]:
    """Return the texts, then the binary sensors."""
    return tuple(states.get(name) for name in (*TEXTS, *CODES))


def test_a_bit_each() -> None:
    meter = VirtualMeter("403-kwh")
    with fast_line(), bench("fine", meter) as device:
        read(device.client)
        assert shown(device.client.states) == ("none", "0x00000000", False, False, False, None)
        meter.overrides[369] = Decimal(0x102)
        # The other form must not matter while this one is there.
        meter.overrides[99] = Decimal(20000000)
        read(device.client)
        assert shown(device.client.states) == (
            *("low battery, v1 air", "0x00000102"),
            *(True, True, True, None),
        )
        meter.overrides[369] = Decimal(0x400)
        read(device.client)
        assert shown(device.client.states) == (
            *("unknown in 0x00000400", "0x00000400"),
            *(True, False, False, None),
        )
        # Nothing new is not published again.
        since = len(device.client.events)
        read(device.client)
        assert not [e for e in device.client.events[since:] if e.name in (*TEXTS, *CODES)]


def test_a_sum() -> None:
    meter = VirtualMeter("602")
    meter.overrides[99] = Decimal(4096 + 8)
    with fast_line(), bench("fine", meter) as device:
        read(device.client)
        assert shown(device.client.states) == (
            *("v1 air, t1 out of range", "4104"),
            *(True, None, True, True),
        )
        asked = [e.request for e in device.meter.exchanges]
        read(device.client)
        # 369 is asked for twice; then the entity has found another register.
        assert sum(b"\x01\x71" in request for request in asked) == 2
        assert not any(b"\x01\x71" in e.request for e in device.meter.exchanges[len(asked) :])
        assert "Register 369 is not in this meter" not in device.device.text()


def test_eight_digits() -> None:
    """A newer meter that does not have the bits."""
    model = MODELS["403-kwh"]
    model = replace(model, simulated=tuple(n for n in model.simulated if n != 369))
    meter = VirtualMeter(model)
    meter.overrides[99] = Decimal(20003000)
    with fast_line(), bench("fine", meter) as device:
        read(device.client)
        assert shown(device.client.states) == (
            *("low battery, v1 air", "20003000"),
            *(True, True, True, None),
        )


def meter_without_heat(size: int) -> VirtualMeter:
    """Return a meter that counts no heat, whose register 99 has so many bytes."""
    fixed = {99: Fixed(51, 0, size), 68: Fixed(40, 831), 1001: Fixed(51, 6892850)}
    return VirtualMeter(replace(MODELS["602"], simulated=(), fixed=fixed))


WATER = ("dry", "burst")


@pytest.mark.parametrize(
    ("value", "text", "number", "problem", "dry", "burst"),
    [
        (0x0000, "none", "0x0000", False, False, False),
        (0x0001, "dry", "0x0001", True, True, False),
        (0x0002, "reverse", "0x0002", True, False, False),
        (0x0004, "leak", "0x0004", True, False, False),
        (0x0008, "burst", "0x0008", True, False, True),
        (0x0100, "none", "0x0100", False, False, False),
        (0x0240, "none", "0x0240", False, False, False),
    ],
)
def test_a_water_meter(
    value: int, text: str, number: str, problem: bool, dry: bool, burst: bool
) -> None:
    meter = meter_without_heat(2)
    meter.overrides[99] = Decimal(value)
    with fast_line(), bench("fine", meter) as device:
        read(device.client)
        states = device.client.states
        # The codes of heat meters are none of its own.
        assert shown(states) == (text, number, problem, None, None, None)
        assert tuple(states[name] for name in WATER) == (dry, burst)
        # What it is was found out once.
        known = len(device.meter.exchanges)
        meter.overrides[99] = Decimal(0x0248)
        read(device.client)
        states = device.client.states
        assert (states["info"], states["problem"], states["burst"]) == ("burst", True, True)
        assert not any(60 in asked(e) for e in device.meter.exchanges[known:])


@pytest.mark.parametrize("value", [0, 256])
def test_a_meter_whose_form_is_not_known(value: int) -> None:
    """As 61 and 62: no heat, and not the two bytes of the newer water meters."""
    meter = meter_without_heat(4)
    meter.overrides[99] = Decimal(value)
    with fast_line(), bench("fine", meter) as device:
        read(device.client)
        assert shown(device.client.states) == (f"unknown in {value}", f"{value}", *(None,) * 4)
        assert device.client.states["dry"] is None


def test_a_heat_meter_with_short_values_is_no_water_meter() -> None:
    model = MODELS["602"]
    meter = VirtualMeter(replace(model, sizes={**model.sizes, 51: 2}))
    meter.overrides[99] = Decimal(8)
    with fast_line(), bench("fine", meter) as device:
        read(device.client)
        assert shown(device.client.states) == ("t1 out of range", "8", True, None, False, True)
        assert device.client.states["dry"] is None


def test_another_meter_may_be_of_another_form() -> None:
    """What the one before was says nothing of it."""
    meter = meter_without_heat(2)
    meter.overrides[99] = Decimal(0x100)
    with fast_line(), bench("fine", meter) as device:
        read(device.client)
        assert device.client.states["info"] == "none"
        device.meter.faults = ["silent"]
        for _ in range(3):
            read(device.client)
        device.client.wait_until(lambda states: states["connected"] is False, 5)
        meter.model = MODELS["602"]
        device.meter.faults = []
        read(device.client)
        assert device.client.states["info"] == "heating system leak"


def test_a_meter_that_is_gone_has_no_problem_that_is_known() -> None:
    meter = VirtualMeter("403-kwh")
    with fast_line(), bench("fine", meter) as device:
        read(device.client)
        device.meter.faults = ["silent"]
        for _ in range(3):
            read(device.client)
        states = device.client.wait_until(lambda states: states["connected"] is False, 5)
        assert shown(states) == ("unknown", "unknown", None, None, None, None)
        device.meter.faults = []
        read(device.client)
        assert shown(device.client.states) == ("none", "0x00000000", False, False, False, None)


def test_no_number_is_no_info_code() -> None:
    meter = VirtualMeter("403-kwh")
    meter.overrides[369] = Decimal("0.5")
    with fast_line(), bench("fine", meter) as device:
        read(device.client)
        assert shown(device.client.states) == (None,) * 6
        assert "Register 369 is no info code" in device.device.text()
