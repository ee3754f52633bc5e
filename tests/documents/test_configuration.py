"""docs/configuration.md lists every option: its place, whether it is needed, and its default."""

from __future__ import annotations

import re

import esphome.config_validation as cv
import multical
import pytest
from components.devices import ACTIONS, SCHEMAS
from esphome.components import sensor, text_sensor
from multical import binary_sensor, keys
from multical import sensor as multical_sensor
from multical import text_sensor as multical_text_sensor

from .pages import ROOT

PAGE = (ROOT / "docs" / "configuration.md").read_text("utf-8")

#: Heading -> the schema whose options stand below it.
PLACES = {
    "`multical`": multical.SCHEMA,
    **{f"`{platform}`": schema for platform, schema in SCHEMAS.items()},
    "`info_codes`": binary_sensor.INFO_CODES_SCHEMA,
    "Actions": cv.Schema({cv.GenerateID(): str}),
}
#: Heading -> (what every sensor of ESPHome has, what one or the other of ours has).
ENTITIES = {
    "Options of every sensor": (
        sensor.sensor_schema(),
        [*multical_sensor._FINE_SCHEMAS.values(), *multical_sensor._ENTITY_SCHEMAS.values()],
    ),
    "Options of every text sensor": (
        text_sensor.text_sensor_schema(),
        list(multical_text_sensor.SCHEMAS.values()),
    ),
}
#: What every entity has, and is told all the same.
ALSO = {"name", "unit_of_measurement"}


def _section(text: str, heading: str) -> str:
    """Return what stands below a heading and belongs to no other of PLACES and ENTITIES."""
    (start,) = re.findall(rf"^(#+ {re.escape(heading)})$", text, re.M)
    rest = text.split(f"{start}\n", 1)[1]
    level = start.count("#")
    ends = [re.escape(name) for name in {*PLACES, *ENTITIES} - {heading}]
    return re.split(
        rf"^(?:#{{1,{level}}} |#+ (?:{'|'.join(ends)})$)", rest, maxsplit=1, flags=re.M
    )[0]


def _options(text: str, heading: str) -> dict[str, tuple[str, str]]:
    """Return the options below a heading: key -> (Optional or Required, what is said of it)."""
    found = re.findall(
        r"^ *- \*\*(\w+)\*\* \(\*(\w+)\*.*?\):\s(.*?)(?=\n *- |\n\n|\Z)",
        _section(text, heading),
        re.M | re.S,
    )
    names = [name for name, _, _ in found]
    assert len(names) == len({*names}), "named twice"
    return {name: (need, said) for name, need, said in found}


def _wrong_options(text: str, heading: str) -> list[str]:
    """Return the options of a place that the page does not have, or has and should not."""
    schema = PLACES[heading].schema
    told = _options(text, heading)
    # It stands below `registers`, for its entries.
    told.pop("register", None)
    return sorted(told.keys() ^ {str(key) for key in schema})


@pytest.mark.parametrize("heading", PLACES)
def test_every_option_is_listed(heading: str) -> None:
    assert _wrong_options(PAGE, heading) == []


@pytest.mark.parametrize("heading", PLACES)
def test_an_option_that_is_not_listed_is_found(heading: str) -> None:
    key = max(str(key) for key in PLACES[heading].schema)
    section = _section(PAGE, heading)
    spoiled = PAGE.replace(section, section.replace(f"- **{key}** (", f"- **{key}_** ("))
    assert _wrong_options(spoiled, heading) == sorted([key, f"{key}_"])


def test_places_are_those_of_the_component() -> None:
    told = {heading.strip("`") for heading in PLACES} - {"Actions"}
    assert told == keys.PLACES.keys() - {keys.UART, keys.ENTITY, keys.FINE, keys.LIST}


@pytest.mark.parametrize("heading", ["`sensor`", "`text_sensor`"])
def test_a_listed_register_needs_its_number(heading: str) -> None:
    assert _options(PAGE, heading)["register"][0] == "Required"
    assert keys.PLACES[keys.LIST] == {"register"}


@pytest.mark.parametrize(
    ("heading", "schema", "key"),
    [
        *[
            ("`multical`", multical.SCHEMA, k)
            for k in ("update_interval", "response_timeout", "retries")
        ],
        ("Options of every sensor", multical_sensor._FINE_SCHEMAS[True], "high_resolution"),
    ],
)
def test_defaults_are_named(heading: str, schema: cv.Schema, key: str) -> None:
    (default,) = [each.default() for each in schema.schema if each == key]
    said = re.sub(r"\s+", " ", _options(PAGE, heading)[key][1])
    assert said.endswith(f"Defaults to `{default}`.")


@pytest.mark.parametrize("heading", ENTITIES)
def test_options_of_an_entity_are_listed(heading: str) -> None:
    base, ours = ENTITIES[heading]
    more = {str(key) for schema in ours for key in schema.schema} - {
        str(key) for key in base.schema
    }
    assert _options(PAGE, heading).keys() - ALSO == more
    assert "update_interval" in more


def test_every_action_is_listed() -> None:
    told = re.findall(r"^- \*\*(multical\.\w+)\*\*: ", _section(PAGE, "Actions"), re.M)
    assert sorted(told) == sorted(ACTIONS)
