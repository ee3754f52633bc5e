"""What Home Assistant shows while the link works, is silent, and the device is gone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from .connection import State
from .house import CONNECTED, SENSOR, UNTIL_BACK, UNTIL_GIVEN_UP, House

MOMENTARY = ("power", "flow", "supply_temperature", "return_temperature", "temperature_difference")
KEPT = ("heat_energy", "volume", "largest_power_this_year")


@pytest.mark.parametrize(("button", "flow"), [("read", 123), ("read_by_action", 234)])
def test_a_button_brings_a_new_reading(the_house: House, button: str, flow: int) -> None:
    # The device reads once an hour, so nothing but the button can bring it.
    meter = the_house.devices["every_key"].virtual_meter
    meter.overrides[74] = Decimal(flow)
    the_house.home.connection.act("button.press", entity_id=f"button.every_key_{button}")
    the_house.home.connection.wait_until(
        lambda states: states["sensor.every_key_flow"].state == f"{flow}.0", 30, "the new flow"
    )
    del meter.overrides[74]


def _states(states: dict[str, State], keys: tuple[str, ...]) -> list[str]:
    return [states[f"{SENSOR}{key}"].state for key in keys]


def _are_known(states: dict[str, State], keys: tuple[str, ...]) -> bool:
    return all(states[f"{SENSOR}{key}"].is_known for key in keys)


def test_a_silent_meter_and_its_return(the_house: House) -> None:
    connection, meter = the_house.home.connection, the_house.devices["heat_meter"].meter
    connection.wait_until(
        lambda states: states[CONNECTED].state == "on" and _are_known(states, KEPT),
        UNTIL_BACK,
        "a reading",
    )
    with connection.events("esphome.heat_meter_link") as wait:
        meter.silent = True
        try:
            connection.wait_until(
                lambda states: states[CONNECTED].state == "off", UNTIL_GIVEN_UP, "disconnected"
            )
            assert wait(UNTIL_GIVEN_UP)["status"] == "no_answer"
            states = connection.wait_until(
                lambda states: (
                    set(_states(states, MOMENTARY)) == {"unknown"}
                    and _states(states, ("link_status",)) == ["no_answer"]
                    and "RX" in states[f"{SENSOR}link_advice"].state
                ),
                10,
                "no value of the moment, and what to do",
            )
            assert all(float(state) > 0 for state in _states(states, KEPT))
        finally:
            meter.silent = False
        connection.wait_until(
            lambda states: (
                states[CONNECTED].state == "on" and "unknown" not in _states(states, MOMENTARY)
            ),
            UNTIL_BACK,
            "all values back",
        )
        assert wait(10)["status"] == "ok"


def test_the_device_dies_and_comes_back(the_house: House) -> None:
    connection, device = the_house.home.connection, the_house.devices["heat_meter"]
    before = connection.states()["sensor.heat_meter_heat_energy"]
    device.switch_off()
    connection.wait_until(
        lambda states: set(_states(states, MOMENTARY + KEPT)) == {"unavailable"},
        UNTIL_GIVEN_UP,
        "unavailable",
    )
    device.switch_on()
    states = connection.wait_until(
        lambda states: _are_known(states, MOMENTARY + KEPT),
        UNTIL_BACK,
        "all values back",
    )
    assert float(states["sensor.heat_meter_heat_energy"].state) >= float(before.state)
