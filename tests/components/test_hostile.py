"""Any value of a key is accepted, or refused with a sentence, and never ends in a traceback."""

from __future__ import annotations

import pytest
from multical import keys

from .harness import Workbench, block, device

VALUES = [
    ".inf",
    "-.inf",
    ".nan",
    "1e400",
    "-1",
    "0",
    "99999999999999999999999",
    "1.5",
    "true",
    "''",
    "",
    "[]",
    "[1, 2]",
    "{}",
    "{a: 1}",
    "2026-11-26",
    "2026-11-26 12:00:00",
    "~",
    "'\\0'",
    "!lambda 'return 1;'",
    "!!binary aGVhdA==",
    "inf",
    "1e400s",
    "0x1FFFFFFFFF",
    f"'{'9' * 400}s'",
    "'.s'",
    "[[1]]",
    "{seconds: .inf}",
    "{days: 99999999999999999999}",
]
each_value = pytest.mark.parametrize("value", VALUES)

#: Options of an entity.
OPTIONS = {
    # One from ESPHome, which cannot refuse it when it is infinite.
    ("sensor", "power"): ("update_interval", "unit_of_measurement", "accuracy_decimals"),
    ("sensor", "heat_energy"): ("update_interval", "unit_of_measurement", "high_resolution"),
    ("sensor", "registers"): ("register", "update_interval", "unit_of_measurement"),
    ("text_sensor", "registers"): ("register", "update_interval"),
}


def _said(bench: Workbench, body: str) -> list[str]:
    with bench._validated(device(body)) as config:
        return [str(error) for error in config.errors]


@each_value
@pytest.mark.parametrize("key", sorted(keys.PLACES["multical"] | {"id"}))
def test_hub(bench: Workbench, key: str, value: str) -> None:
    assert all(_said(bench, f"multical:\n  {key}: {value}\n"))


@each_value
@pytest.mark.parametrize("platform", ["sensor", "text_sensor", "binary_sensor", "button"])
def test_platform(bench: Workbench, platform: str, value: str) -> None:
    lines = "".join(f"    {key}: {value}\n" for key in sorted(keys.PLACES[platform]))
    said = _said(bench, f"multical:\n{platform}:\n  - platform: multical\n{lines}")
    assert said
    assert all(said)


@each_value
@pytest.mark.parametrize(("platform", "key"), OPTIONS)
def test_entity(bench: Workbench, platform: str, key: str, value: str) -> None:
    for option in OPTIONS[platform, key]:
        register = "" if key != "registers" or option == "register" else "register: 239, "
        text = block(platform, key, f"{register}name: A, {option}: {value or "''"}")
        assert all(_said(bench, f"multical:\n{text}"))


@each_value
def test_entity_in_a_list(bench: Workbench, value: str) -> None:
    for platform in ("sensor", "text_sensor"):
        text = f"{platform}:\n  - platform: multical\n    registers: [{value}]\n"
        assert all(_said(bench, f"multical:\n{text}"))
