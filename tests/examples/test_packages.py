"""Packages: each is valid, they fit together, and match the complete examples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from components.harness import ROOT, Workbench
from documents.pages import yaml_blocks

from .devices import (
    BOARD,
    BOARDS,
    CHECKOUT,
    FOLDER,
    NETWORK,
    PACKAGES,
    PARTS,
    STANDARD,
    block_with,
    example,
    include,
    sections,
    sensor_registers,
)


def _plain(config: Any) -> Any:
    """Return a part of a validated configuration without ids, which may differ."""
    if isinstance(config, dict):
        return {key: _plain(value) for key, value in config.items() if not key.endswith("id")}
    return list(map(_plain, config)) if isinstance(config, list) else str(config)


@pytest.mark.parametrize("board", BOARDS, ids=lambda path: path.stem)
def test_board_is_that_of_the_complete_example(board: Path, bench: Workbench) -> None:
    ours = bench.accept(include(board, NETWORK, STANDARD))
    theirs = bench.accept(example(FOLDER / board.name))
    keys = {"esp8266", "esp32", "rp2", "bk72xx", "logger", "uart", "usb_uart", "api", "ota", "wifi"}
    assert keys & ours.keys() == keys & theirs.keys() > {"logger", "wifi"}
    for key in keys & ours.keys():
        assert _plain(ours[key]) == _plain(theirs[key])


def test_packages_have_what_a_complete_example_has(bench: Workbench) -> None:
    ours = bench.accept(include(BOARD, *PARTS))
    theirs = bench.accept(example(FOLDER / BOARD.name))
    for platform in ("sensor", "text_sensor", "binary_sensor", "button"):
        (wanted,) = theirs[platform]
        have = {key: _plain(entity) for block in ours[platform] for key, entity in block.items()}
        assert _plain(wanted).items() <= have.items()


def test_standard_fits_into_one_request(bench: Workbench) -> None:
    assert len(sensor_registers(bench.accept(include(BOARD, STANDARD)))) == 8


def test_peaks_are_as_many_registers_as_they_say_each_with_their_interval(
    bench: Workbench,
) -> None:
    package = PACKAGES / "peaks.yaml"
    config = bench.accept(
        "substitutions: {peaks_update_interval: 3h}\n" + include(BOARD, STANDARD, package)
    )
    peaks = {
        key: str(entity["update_interval"])
        for platform in ("sensor", "text_sensor")
        for block in config[platform]
        for key, entity in block.items()
        if key.endswith(("_year", "_month", "_date"))
    }
    assert peaks == dict.fromkeys(peaks, "3h")
    assert f" {len(peaks)} registers " in package.read_text("utf-8")


SUBSTITUTIONS = [
    ("update_interval", "1h", "multical.0.update_interval"),
    ("heat_energy_unit", "GJ", "sensor.0.heat_energy.unit_of_measurement"),
    ("flow_unit", "m³/h", "sensor.0.flow.unit_of_measurement"),
    ("peaks_update_interval", "2h", "sensor.1.max_power_year.update_interval"),
    ("usb_head_type", "ch340", "usb_uart.0.type"),
]


@pytest.mark.parametrize(("substitution", "value", "path"), SUBSTITUTIONS)
def test_substitution_can_be_set(
    substitution: str, value: str, path: str, bench: Workbench
) -> None:
    board = PACKAGES / "boards" / "esp32-s3-usb-head.yaml"
    text = include(board, STANDARD, PACKAGES / "peaks.yaml")
    found = bench.accept(f"substitutions: {{{substitution}: {value}}}\n{text}")
    for step in path.split("."):
        found = found[int(step) if step.isdigit() else step]
    assert str(found) in (value, value.upper())


def test_every_substitution_is_tried_above() -> None:
    declared: set[str] = set()
    for package in PACKAGES.rglob("*.yaml"):
        text = re.sub(r"!secret", "", package.read_text("utf-8"))
        declared |= set(yaml.safe_load(text).get("substitutions", {}))
    assert {substitution for substitution, *_ in SUBSTITUTIONS} == declared


def test_additions_of_the_user_win(bench: Workbench) -> None:
    config = bench.accept(include(BOARD, STANDARD) + block_with("multical: # merged"))
    (hub,) = config["multical"]
    assert (str(hub["id"]), hub["retries"], str(hub["update_interval"])) == ("heat_meter", 1, "1h")
    (uart,) = config["uart"]
    assert (uart["rx_pin"]["number"], uart["rx_pin"]["inverted"]) == (13, True)
    assert uart["tx_pin"]["number"] == 15
    units = {
        key: entity["unit_of_measurement"]
        for block in config["sensor"]
        for key, entity in block.items()
        if key.endswith("_energy")
    }
    assert units == {"heat_energy": "MWh", "cooling_energy": "kWh"}


def test_an_entity_that_two_packages_have_is_refused(bench: Workbench) -> None:
    text = include(BOARD, STANDARD) + "sensor:\n  - platform: multical\n    power: {name: P}\n"
    assert "register 80 is read twice" in str(bench.refuse(text))


TWO_METERS = example(FOLDER / "two-meters.yaml")
REMOTE_HEAD = PACKAGES / "remote-head.yaml"


@pytest.mark.parametrize(
    ("uart_id", "said"),
    [
        ("heating_uart", "Couldn't find ID 'meter_uart'"),
        (
            "meter_uart",
            "uart 'meter_uart' has a meter, so nothing else can use it: this would take the "
            "meter's bytes or send to the meter. It needs a uart of its own, or multical must name "
            "it with 'serial_proxy_id:' to share the line.",
        ),
    ],
)
def test_remote_head_beside_two_meters_is_refused(
    uart_id: str, said: str, bench: Workbench
) -> None:
    """A list of meters takes the place of the one that the package has."""
    text = TWO_METERS.replace("heating_uart", uart_id)
    text += f"packages:\n  a: !include {CHECKOUT}/{REMOTE_HEAD.relative_to(ROOT).as_posix()}\n"
    assert said in "".join(problem.message for problem in bench.refuse(text))


def test_two_meters_with_a_serial_proxy_each_as_the_page_has_it(bench: Workbench) -> None:
    page = (ROOT / "docs" / "history.md").read_text("utf-8")
    (block,) = [block for block in yaml_blocks(page) if "heating_proxy" in block]
    config = bench.accept("".join((sections(TWO_METERS) | sections(block)).values()))
    wanted = {"heating_meter": "heating_proxy", "cooling_meter": "cooling_proxy"}
    assert {str(hub["id"]): str(hub["serial_proxy_id"]) for hub in config["multical"]} == wanted
    assert len(config["sensor"]) == 2
