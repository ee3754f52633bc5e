"""What is said about a key that is in the wrong place, or has another name here."""

from __future__ import annotations

from itertools import pairwise

import multical
import pytest
from multical import binary_sensor, keys

from . import devices
from .harness import Workbench, block, device

#: Place -> its schema.
SCHEMAS = {
    "multical": multical.SCHEMA,
    **devices.SCHEMAS,
    "info_codes": binary_sensor.INFO_CODES_SCHEMA,
}
#: What ESPHome itself, or the link to the hub, adds to a block.
NOT_OURS = {"id", "multical_id", "setup_priority"}


def _with(place: str, wrong: list[str]) -> tuple[str, str]:
    """Return a device with these keys in a place, and the path of that place."""
    lines = "".join(f"      {key}: {{name: A}}\n" for key in wrong)
    if place == "multical":
        return device(f"multical:\n{lines}"), "multical.0"
    if place == "info_codes":
        text = f"binary_sensor:\n  - platform: multical\n    info_codes:\n{lines}"
        return device(f"multical:\n{text}"), "binary_sensor.0.info_codes"
    text = f"{place}:\n    - platform: multical\n{lines}"
    return device(f"multical:\n{text}"), f"{place}.0"


@pytest.mark.parametrize("place", SCHEMAS)
def test_places_have_the_keys_of_their_schemas(place: str) -> None:
    assert {str(key) for key in SCHEMAS[place].schema} - NOT_OURS == keys.PLACES[place]


def _expected(name: str, key: str, place: str, here: set[str]) -> str:
    """Return how the sentence begins that is said about a name for a key in a place."""
    called = f"{name} is called {key} here"
    if key in here:
        return f"{called}."
    if key == "update_interval" and place not in keys.PLACES:
        return f"{place} has no update_interval of its own."
    start = name if name == key else f"{called} and"
    if any({key, place} <= there for there in keys.PLACES.values()):
        return f"{start} belongs next to {place}, not under it."
    return f"{start} belongs under "


@pytest.mark.parametrize("place", SCHEMAS)
def test_every_wrong_key_is_told_its_name_and_place(bench: Workbench, place: str) -> None:
    here = {str(key) for key in SCHEMAS[place].schema}
    ours = set().union(*keys.PLACES.values()) - here
    wrong = {key: key for key in ours} | keys.CALLED_HERE
    wrong = {name: key for name, key in sorted(wrong.items()) if name not in here}
    text, path = _with(place, list(wrong))
    said = {problem.path: problem.message for problem in bench.refuse(text)}
    for name, key in wrong.items():
        message = said[f"{path}.{name}"]
        assert message.startswith(_expected(name, key, place, here))
        if "belongs under" in message:
            assert all(keys._WHERE[home] in message for home in keys.places_of(key))


@pytest.mark.parametrize(
    ("name", "key", "place"),
    [
        ("Heat-Energy-E1", "heat_energy", "sensor"),
        (" heat energy ", "heat_energy", "sensor"),
        ("HEAT", "heat_energy", "sensor"),
        # One of ESPHome's keys.
        ("Setup-Priority", "setup_priority", "multical"),
    ],
)
def test_case_spaces_and_hyphens_do_not_matter(name: str, key: str, place: str) -> None:
    said = keys.advice(name, keys.PLACES[place] | {"setup_priority"}, place)
    assert said == f"{name} is called {key} here"


def test_keys_of_every_entity_are_not_suggested_to_an_entity() -> None:
    assert keys.advice("unit", frozenset({"name", "icon"}), "connected") is None


@pytest.mark.parametrize("place", keys.PLACES)
def test_the_number_of_a_register(place: str) -> None:
    said = keys.advice("60", keys.PLACES[place], place)
    assert (said is not None) == (place in ("sensor", "text_sensor", "registers"))
    if said is not None:
        assert "{register: 60, name: Register 60}" in said


def test_other_names_are_not_keys_and_mean_one_thing() -> None:
    ours = set().union(*keys.PLACES.values())
    names = [name for names in keys.OTHER_NAMES.values() for name in names.split()]
    assert len(names) == len(set(names))
    assert set(keys.CALLED_HERE.values()) <= ours
    assert not set(keys.CALLED_HERE) & ours


#: Platform, key, one more option, and how the sentence begins that is said about it.
OPTIONS = [
    ("sensor", "registers", "unit: kWh", "unit is called unit_of_measurement here"),
    ("sensor", "registers", "command: 60", "command is called register here"),
    ("sensor", "registers", "80: B", "'registers:' is a list, write its entries as - {regis"),
    ("sensor", "power", "interval: 1min", "interval is called update_interval here"),
    ("sensor", "power", "register: 80", "register belongs under an entry of 'registers:'"),
    ("sensor", "requests", "update_interval: 1h", "requests has no update_interval of its own."),
    ("text_sensor", "info", "update_interval: 1h", "info has no update_interval of its own."),
    ("text_sensor", "serial_number", "retries: 1", "retries belongs under 'multical:'"),
    ("button", "read", "uart_id: meter_uart", "uart_id belongs under 'multical:'"),
    ("binary_sensor", "info_codes.dry", "retries: 2", "retries belongs under 'multical:'"),
]


@pytest.mark.parametrize(("platform", "key", "option", "said"), OPTIONS)
def test_option_of_an_entity(
    bench: Workbench, platform: str, key: str, option: str, said: str
) -> None:
    more = "register: 239, " if key == "registers" else ""
    text = block(platform, key, f"{more}name: A, {option}")
    assert bench.refuse_once(device(f"multical:\n{text}")).message.startswith(said)


@pytest.mark.parametrize("place", ["sensor", "text_sensor", "binary_sensor", "button"])
def test_entity_under_an_entity_is_told_to_go_next_to_it(bench: Workbench, place: str) -> None:
    ours = sorted(keys.PLACES[place] - {"registers", "info_codes"})
    for entity, other in pairwise(ours):
        text = block(place, entity, f"name: A, {other}: {{name: B}}")
        said = bench.refuse_once(device(f"multical:\n{text}")).message
        assert said == f"{other} belongs next to {entity}, not under it."


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "multical:\n  sensor:\n    - power: Power\n",
            "sensor is a block of its own: 'sensor: - platform: multical'.",
        ),
        (
            "multical:\nsensor:\n  - platform: multical\n    60: {name: A}\n",
            "register 60 belongs in 'registers:', as {register: 60, name: Register 60}.",
        ),
    ],
)
def test_no_key(bench: Workbench, body: str, said: str) -> None:
    assert bench.refuse_once(device(body)).message == said


@pytest.mark.parametrize("platform", devices.KEYS)
def test_plain_text_is_the_name(bench: Workbench, platform: str) -> None:
    for key in devices.KEYS[platform]:
        text = block(platform, key).replace("{name: A}", "Any name")
        entity = bench.accept(device(f"multical:\n{text}"))[platform][0]
        for step in key.split("."):
            entity = entity[step]
        assert entity["name"] == "Any name"
