"""The dashboard, the blueprint and the package of example_configs/home-assistant."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal

import pytest

from .browser import DESKTOP, PHONE, browser, missing
from .connection import State
from .examples import DASHBOARD, DASHBOARD_PATH, DOWN_FOR, make_dashboard
from .house import CONNECTED, UNTIL_BACK, UNTIL_GIVEN_UP, House

AUTOMATION = "automation.heat_meter_notice"
INFO = "sensor.heat_meter_info"
#: The register in which a 403 has a bit for each info code.
INFO_BITS = 369
V1_AIR, LOW_BATTERY = 0x100, 0x002

#: Of the year so far -> of the meter.
YEAR = {
    f"sensor.heat_meter_year_{name}": f"sensor.heat_meter_{name}"
    for name in ("volume", "volume_times_supply_temperature", "volume_times_return_temperature")
}
AVERAGES = [
    f"sensor.heat_meter_year_{name}"
    for name in ("supply_temperature", "return_temperature", "cooling")
]

needs_browser = pytest.mark.skipif(bool(missing()), reason=missing() or "there is one")

type NextNotice = Callable[[float], str]


@contextmanager
def _notices(house: House) -> Iterator[NextNotice]:
    """Give a function that waits some seconds for the next notice, and returns its message."""
    with house.home.connection.events("call_service") as wait:

        def next_notice(timeout: float) -> str:
            while (call := wait(timeout))["domain"] != "persistent_notification":
                pass
            assert call["service"] == "create"
            assert call["service_data"]["title"].startswith("Heat meter: ")
            return call["service_data"]["message"]

        yield next_notice


def _shown(house: House, entity_id: str) -> str:
    return house.home.connection.states()[entity_id].state


def _have_values(states: dict[str, State], names: Iterable[str]) -> bool:
    return all(states[name].is_known for name in names)


def _wait_for(house: House, entity_id: str, state: str, timeout: float = UNTIL_BACK) -> None:
    house.home.connection.wait_until(
        lambda states: states[entity_id].state == state, timeout, f"{entity_id} {state}"
    )


def _register(house: House, entity_id: str) -> float:
    return float(_shown(house, entity_id))


@pytest.fixture(scope="module", autouse=True)
def begin(the_house: House) -> Iterator[dict[str, float]]:
    """What the meter's totals were when the year of all these tests began."""
    connection = the_house.home.connection
    connection.wait_until(
        lambda states: (
            states[CONNECTED].state == "on" and _have_values(states, [*YEAR, *YEAR.values()])
        ),
        UNTIL_BACK,
        "a reading",
    )
    while True:
        before = {year: _register(the_house, total) for year, total in YEAR.items()}
        for entity_id in YEAR:
            connection.act("utility_meter.calibrate", entity_id=entity_id, value="0")
        # A reading in between would belong to nobody knows which year.
        if before == {year: _register(the_house, total) for year, total in YEAR.items()}:
            break
    yield before
    the_house.devices["heat_meter"].meter.silent = False
    the_house.devices["heat_meter"].virtual_meter.overrides.pop(INFO_BITS, None)
    _wait_for(the_house, CONNECTED, "on")
    _wait_for(the_house, INFO, "none")


def test_each_entity_of_the_dashboard_is_there(the_house: House) -> None:
    named = set(
        re.findall(
            r"\b(?:binary_sensor|button|sensor)\.heat_meter_\w+", DASHBOARD.read_text("utf-8")
        )
    )
    assert len(named) >= 15
    assert named - the_house.home.connection.states().keys() == set()


@needs_browser
def test_the_dashboard_is_drawn(the_house: House) -> None:
    make_dashboard(the_house.home.connection)
    volume = f"{int(float(_shown(the_house, 'sensor.heat_meter_volume'))):,}."
    for viewport in (DESKTOP, PHONE):
        with browser(the_house.home, viewport) as page:
            page.open(f"/{DASHBOARD_PATH}", "Heat power")
            page.wait_for(volume)
            assert page.errors() == []
            assert not page.shows("Link status:")


def _report(house: House, bits: int) -> None:
    """Have the meter report these info codes, and read it."""
    house.devices["heat_meter"].virtual_meter.overrides[INFO_BITS] = Decimal(bits)
    house.home.connection.act("button.press", entity_id="button.heat_meter_read_now")


def test_the_notice_names_the_codes(the_house: House) -> None:
    with _notices(the_house) as next_notice:
        _report(the_house, V1_AIR)
        assert next_notice(30) == "The meter reports: v1 air"
        _report(the_house, V1_AIR + LOW_BATTERY)
        assert next_notice(30) == "The meter reports: low battery, v1 air"
        # That one of two has gone is no news: what is told next comes from what follows.
        _report(the_house, V1_AIR)
        _wait_for(the_house, INFO, "v1 air")
        _report(the_house, 0)
        assert "no info code any more" in next_notice(30)


def test_who_does_not_want_to_be_told_of_the_end_is_not(the_house: House) -> None:
    with (
        _notices(the_house) as next_notice,
        the_house.home.connection.events("quiet_notice") as next_quiet_notice,
    ):
        for code, name in ((V1_AIR, "v1 air"), (LOW_BATTERY, "low battery")):
            _report(the_house, code)
            told = f"The meter reports: {name}"
            assert next_notice(30) == told
            assert next_quiet_notice(30)["message"] == f"Heat meter: info code: {told}"
            _report(the_house, 0)
            assert "no info code any more" in next_notice(30)


@needs_browser
def test_the_dashboard_shows_the_codes(the_house: House) -> None:
    make_dashboard(the_house.home.connection)
    with _notices(the_house) as next_notice:
        _report(the_house, V1_AIR + LOW_BATTERY)
        assert next_notice(30) == "The meter reports: low battery, v1 air"
        with browser(the_house.home) as page:
            page.open(f"/{DASHBOARD_PATH}", "The meter reports")
            assert page.shows("low battery, v1 air")
        _report(the_house, 0)
        assert "no info code any more" in next_notice(30)


@needs_browser
@pytest.mark.parametrize("name", ["Read now", "Check wiring"])
def test_a_button_of_the_dashboard_is_one_of_the_device(name: str, the_house: House) -> None:
    connection = the_house.home.connection
    make_dashboard(connection)
    button = f"button.heat_meter_{name.lower().replace(' ', '_')}"
    before = _shown(the_house, button)
    with browser(the_house.home) as page:
        page.open(f"/{DASHBOARD_PATH}", name)
        page.page.get_by_text(name).click(force=True)  # what lies over it acts
        # The state of a button is when it was pressed.
        connection.wait_until(lambda states: states[button].state != before, 10, "pressed")


def test_a_restart_of_the_device_is_no_news_but_a_code_meanwhile_is(the_house: House) -> None:
    device = the_house.devices["heat_meter"]
    with _notices(the_house) as next_notice:
        _report(the_house, V1_AIR)
        assert next_notice(30) == "The meter reports: v1 air"
        for code in (V1_AIR, LOW_BATTERY):
            device.switch_off()
            device.virtual_meter.overrides[INFO_BITS] = Decimal(code)
            the_house.home.connection.wait_until(
                lambda states: states[AUTOMATION].attributes["current"] == 1, 30, "it waits"
            )
            device.switch_on()
            _wait_for(the_house, CONNECTED, "on")
        assert next_notice(30) == "The meter reports: low battery"


def test_a_restart_of_home_assistant_is_no_news(the_house: House) -> None:
    _report(the_house, LOW_BATTERY)
    _wait_for(the_house, INFO, "low battery")
    # An automation that does something as it stops would keep it for half a minute and more.
    assert the_house.home.restart() < 20
    _wait_for(the_house, INFO, "low battery")
    _wait_for(the_house, CONNECTED, "on")
    connection = the_house.home.connection
    connection.wait_until(
        lambda states: states[AUTOMATION].attributes["current"] == 0, DOWN_FOR + 10, "no run"
    )
    # They do not outlive a restart, so each would be new.
    assert connection.ask("persistent_notification/get") == []
    with _notices(the_house) as next_notice:
        _report(the_house, 0)
        assert "no info code any more" in next_notice(30)


def _give_up(house: House) -> None:
    """Have the device read until it gives up a meter that is silent, which three updates do."""
    deadline = time.monotonic() + UNTIL_GIVEN_UP
    while time.monotonic() < deadline:
        house.home.connection.act("button.press", entity_id="button.heat_meter_read_now")
        with suppress(TimeoutError):
            _wait_for(house, CONNECTED, "off", 5)
            return
    raise TimeoutError(f"not given up in {UNTIL_GIVEN_UP} s")


@needs_browser
def test_a_silent_meter_is_told_and_shown_and_so_is_its_return(the_house: House) -> None:
    meter = the_house.devices["heat_meter"].meter
    make_dashboard(the_house.home.connection)
    with _notices(the_house) as next_notice:
        meter.silent = True
        _give_up(the_house)
        message = next_notice(DOWN_FOR + 30)
        advice = _shown(the_house, "sensor.heat_meter_link_advice")
        assert "no_answer" in message
        assert advice in message
        with browser(the_house.home) as page:
            page.open(f"/{DASHBOARD_PATH}", "Link status: no_answer")
            assert page.shows(advice)
            assert page.errors() == []
        meter.silent = False
        assert "answers again" in next_notice(UNTIL_BACK)


def test_a_device_without_power_is_told_and_so_is_its_return(the_house: House) -> None:
    device = the_house.devices["heat_meter"]
    with _notices(the_house) as next_notice:
        device.switch_off()
        try:
            assert "cannot be reached" in next_notice(DOWN_FOR + 30)
        finally:
            device.switch_on()
        assert "answers again" in next_notice(UNTIL_BACK)


def test_the_year_is_what_the_meter_has_added_up(the_house: House, begin: dict[str, float]) -> None:
    connection = the_house.home.connection
    # Restarts and silence are behind it: what ran meanwhile counts.
    states = connection.wait_until(
        lambda states: (
            _have_values(states, [*YEAR, *YEAR.values()])
            and all(
                float(states[total].state) - begin[year] >= 1
                for year, total in YEAR.items()
                if "times" in year
            )
            # The meter reads on, and the year follows its total.
            and all(
                float(states[year].state)
                == pytest.approx(float(states[total].state) - begin[year], abs=1e-3)
                for year, total in YEAR.items()
            )
        ),
        180,
        "a step of both registers, added up",
    )
    assert float(states["sensor.heat_meter_year_volume"].state) < 1
    assert {states[name].state for name in AVERAGES} == {"unavailable"}


def test_the_averages_of_the_year(the_house: House) -> None:
    connection = the_house.home.connection
    known = dict(zip(YEAR, (200, 14250, 6610), strict=True))
    for entity_id, value in known.items():
        connection.act("utility_meter.calibrate", entity_id=entity_id, value=str(value))
    states = connection.wait_until(lambda states: _have_values(states, AVERAGES), 10, "averages")
    volume, supply, back = (float(states[name].state) for name in YEAR)
    assert volume >= 200
    expected = supply / volume, back / volume, (supply - back) / volume
    assert [float(states[name].state) for name in AVERAGES] == pytest.approx(expected, abs=0.01)
    assert expected == pytest.approx((71.25, 33.05, 38.2), abs=0.5)
    units = [states[name].attributes["unit_of_measurement"] for name in AVERAGES]
    assert units == ["°C", "°C", "K"]


def test_home_assistant_has_nothing_against_the_files(the_house: House) -> None:
    ours = ("automation", "blueprint", "template", "lovelace", "packages")
    assert [
        line for line in the_house.home.complaints() if any(f".{name}" in line for name in ours)
    ] == []
