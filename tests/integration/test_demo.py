"""script/demo, as a stranger starts it."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from .firmware import ROOT

# It has one firmware, which runs once at a time.
pytestmark = pytest.mark.xdist_group("demo")


def _demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "script" / "demo", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _shown(*arguments: str) -> dict[str, tuple[object, str]]:
    result = _demo("--json", *arguments)
    assert result.returncode == 0, result.stderr
    entities = json.loads(result.stdout)["entities"]
    return {entity["name"]: (entity["state"], entity["unit"]) for entity in entities}


def test_it_shows_a_full_reading() -> None:
    shown = _shown()
    assert [name for name, (state, _) in shown.items() if state is None] == []
    heat, unit = shown["Heat energy"]
    assert isinstance(heat, float)
    assert heat > 0
    assert unit == "kWh"
    assert shown["Link status"] == ("ok", "")


def test_it_shows_a_table() -> None:
    result = _demo("--once", "--model", "602")
    assert result.returncode == 0, result.stderr
    assert re.search(r"│ Heat energy +│ +5\d{4}\.\d\d │ kWh +│", result.stdout)
    assert re.search(r"│ Meter type +│ 0x0602 +│", result.stdout)


def test_it_shows_what_a_fault_does() -> None:
    shown = _shown("--fault", "inverted")
    assert shown["Connected"] == (False, "")
    assert shown["Heat energy"] == (None, "kWh")
    assert shown["Link status"] == ("garbled", "")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--once --home-assistant", "--home-assistant: not allowed with argument --once"),
        ("--json --once", "--once: not allowed with argument --json"),
        ("--model 404", "invalid choice: '404'"),
        ("--fault inverted:2", "'2' of fault inverted is not a number from 0 to 1"),
        ("--fault upside_down", "'upside_down' is none of unplugged, echo, "),
        ("--delay-ms 10001", "'10001' is not a number of milliseconds from 0 to 10000"),
        ("--speed 0", "'0' is not a factor from 1 to 3600"),
    ],
)
def test_it_refuses(arguments: str, expected: str) -> None:
    result = _demo(*arguments.split())
    assert result.returncode == 2
    assert expected in result.stderr
    assert result.stdout == ""
