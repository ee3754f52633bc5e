"""Every key there is, as Home Assistant shows it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from integration.bench import sent
from integration.conversion import number, text
from multical.info_codes import INFO_CODES, Form
from multical.registers import NUMERIC_REGISTERS, TEXT_REGISTERS

from .connection import State
from .figures import ENTITIES
from .house import House

#: Key -> state, for texts that are more than one register.
OTHER_TEXTS = {
    "serial_number": "80713078",
    "meter_type": "0x0403",
    "software_revision": "B3",
    "customer_number": "00403117",
    "info": "none",
    "info_code": "0x00000000",
    "link_status": "ok",
    "link_advice": "Nothing to do",
}
#: Key -> device class, state class, unit; what the device knows of its link.
LINK = {
    "requests": (None, "total_increasing", None),
    "failed_requests": (None, "total_increasing", None),
    "reply_delay": ("duration", "measurement", "ms"),
    "last_reading_age": ("duration", "measurement", "s"),
}
BUTTONS = ("read", "check_wiring", "scan_registers")


class Shown:
    """The entities of one device as Home Assistant has them, by the name that the device gives."""

    def __init__(self, house: House, device: str) -> None:
        """Ask for them."""
        self._prefix = f"{device}_"
        self._states = house.home.connection.states()
        registry = house.home.connection.ask("config/entity_registry/list")
        self._categories = {row["entity_id"]: row["entity_category"] for row in registry}
        self.names = {
            entity_id.partition(f".{self._prefix}")[2]
            for entity_id in self._categories
            if f".{self._prefix}" in entity_id
        }

    def state(self, domain: str, name: str) -> State:
        """Return an entity."""
        return self._states[f"{domain}.{self._prefix}{name}"]

    def category(self, domain: str, name: str) -> str | None:
        """Return an entity's category."""
        return self._categories[f"{domain}.{self._prefix}{name}"]


@pytest.fixture(scope="module")
def shown(the_house: House) -> Shown:
    # The device sends its entities one after the other, texts last.
    texts = [f"sensor.every_key_{key}" for key in OTHER_TEXTS]
    numbers = [f"sensor.every_key_{key}" for key in ("last_reading_age", "target_date")]
    known: set[str] = set()

    def all_is_there(states: dict[str, State]) -> bool:
        before = known.copy()
        known.update(name for name, state in states.items() if state.is_known)
        return known == before and known.issuperset(texts + numbers)

    the_house.home.connection.wait_until(all_is_there, 60, "a reading of every key")
    return Shown(the_house, "every_key")


@pytest.fixture(scope="module")
def values(shown: Shown, the_house: House) -> dict[int, tuple[Any, int]]:
    return sent(the_house.devices["every_key"].meter.exchanges)


@pytest.mark.parametrize("register", NUMERIC_REGISTERS, ids=lambda register: register.key)
def test_number(register: Any, shown: Shown, values: dict[int, tuple[Any, int]]) -> None:
    state = shown.state("sensor", register.key)
    expected = number(register.key, register.number, values)
    if expected is None:
        assert state.state == "unknown"
    else:
        assert float(state.state) == pytest.approx(expected, rel=1e-6)
    symbol = register.unit.symbol if register.unit else None
    assert state.attributes.get("unit_of_measurement") == symbol
    assert state.attributes.get("device_class") == register.device_class(register.unit)
    assert state.attributes.get("state_class") == register.state_class
    assert shown.category("sensor", register.key) == (register.entity_category or None)


def test_some_numbers_are_known_and_some_unknown(values: dict[int, tuple[Any, int]]) -> None:
    known = [register.number in values for register in NUMERIC_REGISTERS]
    assert sum(known) >= 30
    assert not all(known)


@pytest.mark.parametrize("register", TEXT_REGISTERS, ids=lambda register: register.key)
def test_text(
    register: Any, shown: Shown, values: dict[int, tuple[Any, int]], the_house: House
) -> None:
    exchanges = the_house.devices["every_key"].meter.exchanges
    sizes = {r.register: r.size for exchange in exchanges for r in exchange.readings}
    expected = OTHER_TEXTS.get(register.key, "unknown")
    if register.key not in OTHER_TEXTS and register.number in values:
        expected = text(*values[register.number], sizes[register.number])
    state = shown.state("sensor", register.key)
    assert state.state == expected
    assert {"unit_of_measurement", "state_class", "device_class"}.isdisjoint(state.attributes)
    category = "diagnostic" if register.identity or register.key == "info" else None
    assert shown.category("sensor", register.key) == category


@pytest.mark.parametrize("key", ["meter_type", "info_code", "link_status", "link_advice"])
def test_other_text(key: str, shown: Shown) -> None:
    assert shown.state("sensor", key).state == OTHER_TEXTS[key]
    assert shown.category("sensor", key) == "diagnostic"


@pytest.mark.parametrize("key", LINK)
def test_number_of_the_link(key: str, shown: Shown) -> None:
    state = shown.state("sensor", key)
    classes = ("device_class", "state_class", "unit_of_measurement")
    assert tuple(state.attributes.get(name) for name in classes) == LINK[key]
    assert float(state.state) >= 0
    assert shown.category("sensor", key) == "diagnostic"


def test_registers_by_number(shown: Shown, values: dict[int, tuple[Any, int]]) -> None:
    assert float(shown.state("sensor", "sensor_register_99").state) == 0
    assert shown.state("sensor", "text_sensor_register_60").state == text(*values[60], 4)


@pytest.mark.parametrize("code", INFO_CODES, ids=lambda code: code.key)
def test_info_code(code: Any, shown: Shown) -> None:
    state = shown.state("binary_sensor", code.key)
    # The form that a 403 is asked in has no word for some codes of a 602.
    assert state.state == ("off" if Form.BITS in code.forms else "unknown")
    assert state.attributes["device_class"] == "problem"
    assert shown.category("binary_sensor", code.key) == "diagnostic"


@pytest.mark.parametrize(
    ("key", "state", "device_class"),
    [("connected", "on", "connectivity"), ("problem", "off", "problem")],
)
def test_link_and_problem(key: str, state: str, device_class: str, shown: Shown) -> None:
    entity = shown.state("binary_sensor", key)
    assert entity.state == state
    assert entity.attributes["device_class"] == device_class
    assert shown.category("binary_sensor", key) == "diagnostic"


def test_buttons(shown: Shown) -> None:
    categories = [shown.category("button", key) for key in BUTTONS]
    assert categories == [None, "diagnostic", "diagnostic"]


def test_nothing_else_is_there(
    shown: Shown, record_property: Callable[[str, object], None]
) -> None:
    record_property(ENTITIES, len(shown.names))
    keys = {row.key for row in NUMERIC_REGISTERS} | {row.key for row in TEXT_REGISTERS}
    keys |= {code.key for code in INFO_CODES}
    others = {*OTHER_TEXTS, *LINK, *BUTTONS, "connected", "problem", "read_by_action"}
    by_number = {"sensor_register_99", "text_sensor_register_60"}
    assert shown.names == keys | others | by_number


def test_home_assistant_does_not_complain(the_house: House) -> None:
    log = the_house.home.complaints()
    about_us = [line for line in log if re.search("esphome|multical|every_|heat_", line, re.I)]
    # Those of the yearly cooling say so of every sensor that is not known yet.
    assert [
        line for line in about_us if "[homeassistant.components.utility_meter" not in line
    ] == []
    # It always has something to say when it starts, so this was its log.
    assert any("[homeassistant.bootstrap]" in line for line in log)
