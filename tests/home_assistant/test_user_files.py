"""The dashboard, the blueprint and the package of example_configs/home-assistant."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import ViewportSize

from .browser import DESKTOP, PHONE, browser, needs_browser, text, wait_for
from .connection import States
from .examples import DASHBOARD, DASHBOARD_PATH, DOWN_FOR
from .house import CONNECTED, SENSOR, UNTIL_BACK, UNTIL_GIVEN_UP, House

AUTOMATION = "automation.heat_meter_notice"
INFO = f"{SENSOR}info"
#: The register in which a 403 has a bit for each info code.
INFO_BITS = 369
V1_AIR, LOW_BATTERY = 0x100, 0x002

#: Sensor of the year so far -> sensor of the meter.
YEAR = {
    f"{SENSOR}year_{name}": f"{SENSOR}{name}"
    for name in ("volume", "volume_times_supply_temperature", "volume_times_return_temperature")
}
AVERAGES = [
    f"{SENSOR}year_{name}" for name in ("supply_temperature", "return_temperature", "cooling")
]


@pytest.fixture(autouse=True)
def _connected_and_without_codes(the_house: House) -> Iterator[None]:
    the_house.connection.wait_for(CONNECTED, "on", UNTIL_BACK)
    yield
    the_house.devices["heat_meter"].virtual_meter.overrides.pop(INFO_BITS, None)
    the_house.connection.wait_for(INFO, "none")


def test_each_entity_of_the_dashboard_is_there(the_house: House) -> None:
    entity = r"\b(?:binary_sensor|button|sensor)\.heat_meter_\w+"
    named = set(re.findall(entity, DASHBOARD.read_text("utf-8")))
    assert len(named) >= 15
    assert named - the_house.connection.states().keys() == set()


@needs_browser
@pytest.mark.parametrize(("viewport", "name"), [(DESKTOP, "Read now"), (PHONE, "Check wiring")])
def test_the_dashboard_is_drawn_and_its_buttons_act(
    viewport: ViewportSize, name: str, the_house: House
) -> None:
    before = the_house.connection.states()
    volume = f"{int(float(before[f'{SENSOR}volume'].state)):,}."
    button = f"button.heat_meter_{name.lower().replace(' ', '_')}"
    with browser(the_house.home, viewport) as page:
        page.goto(DASHBOARD_PATH)
        wait_for(page, volume)
        assert text(page, "Link status:").count() == 0
        assert text(page, "The meter reports").count() == 0
        page.get_by_text(name).click(force=True)  # the element on top of it acts
        # The state of a button is when it was pressed.
        the_house.connection.wait_until(
            lambda states: states[button].state != before[button].state, 10, "pressed"
        )


def _report(house: House, bits: int) -> None:
    """Have the meter report these info codes, and read it."""
    house.devices["heat_meter"].virtual_meter.overrides[INFO_BITS] = Decimal(bits)
    house.connection.press("read_now")


@needs_browser
def test_info_codes_are_reported_and_shown(the_house: House) -> None:
    """Even by an automation that does something of its own, and reports no end."""
    with (
        the_house.notices() as next_notice,
        the_house.connection.events("quiet_notice") as next_quiet_notice,
    ):

        def told(names: str) -> None:
            expected = f"The meter reports: {names}"
            assert next_notice(30) == expected
            assert next_quiet_notice(30)["message"] == f"Heat meter: info code: {expected}"

        _report(the_house, V1_AIR)
        told("v1 air")
        _report(the_house, V1_AIR + LOW_BATTERY)
        told("low battery, v1 air")
        with browser(the_house.home) as page:
            page.goto(DASHBOARD_PATH)
            wait_for(page, "The meter reports")
            assert text(page, "low battery, v1 air").count() > 0
        # That one of two has gone is no news: the next notification is about what follows.
        _report(the_house, V1_AIR)
        the_house.connection.wait_for(INFO, "v1 air")
        _report(the_house, 0)
        assert "no longer reports an info code" in next_notice(30)
        _report(the_house, LOW_BATTERY)
        told("low battery")


def test_a_restart_of_the_device_is_no_news_but_a_code_meanwhile_is(the_house: House) -> None:
    device, connection = the_house.devices["heat_meter"], the_house.connection
    with the_house.notices() as next_notice:
        _report(the_house, V1_AIR)
        assert next_notice(30) == "The meter reports: v1 air"
        for code in (V1_AIR, LOW_BATTERY):
            device.switch_off()
            device.virtual_meter.overrides[INFO_BITS] = Decimal(code)
            connection.wait_until(
                lambda states: states[AUTOMATION].attributes["current"] == 1, 30, "it waits"
            )
            device.switch_on()
            connection.wait_for(CONNECTED, "on")
        assert next_notice(30) == "The meter reports: low battery"


def test_a_restart_of_home_assistant_is_no_news(the_house: House) -> None:
    _report(the_house, LOW_BATTERY)
    the_house.connection.wait_for(INFO, "low battery")
    # An automation that does something while it stops would delay it for half a minute and more.
    assert the_house.home.restart() < 20
    connection = the_house.connection
    connection.wait_for(INFO, "low battery")
    connection.wait_for(CONNECTED, "on")
    connection.wait_until(
        lambda states: states[AUTOMATION].attributes["current"] == 0, DOWN_FOR + 10, "no run"
    )
    # They do not survive a restart, so each would be new.
    assert connection.ask("persistent_notification/get") == []
    with the_house.notices() as next_notice:
        _report(the_house, 0)
        assert "no longer reports an info code" in next_notice(30)


@needs_browser
def test_a_silent_meter_is_reported_and_shown_and_so_is_its_return(the_house: House) -> None:
    connection, meter = the_house.connection, the_house.devices["heat_meter"].meter
    with (
        connection.events("esphome.heat_meter_link") as next_link,
        the_house.notices() as next_notice,
    ):
        meter.silent = True
        try:
            connection.wait_for(CONNECTED, "off", UNTIL_GIVEN_UP)
            assert next_link(10)["status"] == "no_answer"
            states = connection.wait_until(
                lambda states: (
                    states[f"{SENSOR}link_status"].state == "no_answer"
                    and "RX" in states[f"{SENSOR}link_advice"].state
                    # No current value is left; counted values stay.
                    and states[f"{SENSOR}power"].state == "unknown"
                    and states[f"{SENSOR}heat_energy"].is_known
                ),
                10,
                "what to do",
            )
            advice = states[f"{SENSOR}link_advice"].state
            message = next_notice(DOWN_FOR + 30)
            assert "no_answer" in message
            assert advice in message
            with browser(the_house.home) as page:
                page.goto(DASHBOARD_PATH)
                wait_for(page, "Link status: no_answer")
                assert text(page, advice).count() > 0
        finally:
            meter.silent = False
        assert "answers again" in next_notice(UNTIL_BACK)
        assert next_link(10)["status"] == "ok"


def test_a_device_without_power_is_reported_and_so_is_its_return(the_house: House) -> None:
    device = the_house.devices["heat_meter"]
    with the_house.notices() as next_notice:
        device.switch_off()
        try:
            assert "cannot be reached" in next_notice(UNTIL_GIVEN_UP)
            assert not the_house.connection.states()[f"{SENSOR}heat_energy"].is_known
        finally:
            device.switch_on()
        assert "answers again" in next_notice(UNTIL_BACK)
    the_house.connection.wait_until(
        lambda states: _are_known(states, f"{SENSOR}heat_energy"), UNTIL_BACK, "a reading"
    )


def _are_known(states: States, *names: str) -> bool:
    return all(states[name].is_known for name in names)


def _calibrate(house: House, *values: str) -> None:
    for entity_id, value in zip(YEAR, values, strict=True):
        house.connection.act("utility_meter.calibrate", entity_id=entity_id, value=value)


def test_the_year_is_what_the_meter_has_added_up(the_house: House) -> None:
    connection, device = the_house.connection, the_house.devices["heat_meter"]

    def totals() -> dict[str, float]:
        states = connection.wait_until(
            lambda states: _are_known(states, *YEAR, *YEAR.values()), UNTIL_BACK, "totals"
        )
        return {year: float(states[total].state) for year, total in YEAR.items()}

    begin: dict[str, float] = {}
    # A reading in between could belong to either year.
    while totals() != begin:
        begin = totals()
        _calibrate(the_house, "0", "0", "0")
    # What is used meanwhile counts: more than the smallest step of the volume.
    device.switch_off()
    time.sleep(20)
    device.switch_on()
    states = connection.wait_until(
        lambda states: (
            _are_known(states, *YEAR, *YEAR.values())
            and all(
                float(states[total].state) - begin[year] >= (1 if "times" in year else 0.01)
                # Readings go on, and the year follows the meter's total.
                and float(states[year].state)
                == pytest.approx(float(states[total].state) - begin[year], abs=1e-3)
                for year, total in YEAR.items()
            )
        ),
        120,
        "a step of each register, added up",
    )
    assert float(states[f"{SENSOR}year_volume"].state) < 1
    assert {states[name].state for name in AVERAGES} == {"unavailable"}

    _calibrate(the_house, "200", "14250", "6610")
    states = connection.wait_until(lambda states: _are_known(states, *AVERAGES), 10, "averages")
    volume, supply, back = (float(states[name].state) for name in YEAR)
    assert volume >= 200
    expected = supply / volume, back / volume, (supply - back) / volume
    assert [float(states[name].state) for name in AVERAGES] == pytest.approx(expected, abs=0.01)
    assert expected == pytest.approx((71.25, 33.05, 38.2), abs=0.5)
    units = [states[name].attributes["unit_of_measurement"] for name in AVERAGES]
    assert units == ["°C", "°C", "K"]


def test_home_assistant_has_no_objection_to_the_files(the_house: House) -> None:
    ours = r"\.(automation|blueprint|template|lovelace|packages)"
    assert the_house.home.complaints(ours) == []
