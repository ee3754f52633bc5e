"""All YAML that a user may copy from a page, or as an example, is valid exactly as it is there."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from compile import configurations
from components.harness import COMPONENTS, Workbench
from examples.devices import (
    ADDRESS,
    BOARD,
    BOARDS,
    FOLDER,
    NETWORK,
    PARTS,
    STANDARD,
    block_with,
    example,
    include,
    make_home,
    make_origin,
    sections,
)

from .pages import DOCUMENTS, yaml_blocks

#: What a part of a device leaves out because every device has it.
COMMON = {
    "esphome": "esphome: {name: heat-meter}\n",
    "esp8266": "esp8266: {board: d1_mini}\n",
    "logger": "logger: {baud_rate: 0}\n",
    "external_components": "external_components:\n"
    f"  - source: {{type: local, path: {COMPONENTS}}}\n",
    "uart": "uart:\n  id: meter_uart\n  tx_pin: GPIO15\n  rx_pin: GPIO13\n"
    "  baud_rate: 1200\n  stop_bits: 2\n",
    "multical": "multical:\n",
}

#: What else is needed by a clock, by what sends to Home Assistant and by what lends its line.
NETWORK_OF_ITS_OWN = {
    "wifi": "wifi: {ssid: network, password: not-a-secret}\n",
    "api": "api:\n",
}


def _completed(block: str) -> str:
    """Return a block of a page as the YAML of a device."""
    if "uart_id: heating_uart" in block:
        return "".join((sections(example(FOLDER / "two-meters.yaml")) | sections(block)).values())
    has = set(re.findall(r"^(\w+):", block, re.M))
    has_board = bool(has & {"esp8266", "esp32", "host"})
    if has_board:
        has.add("esp8266")
    if "multical" not in block and "uart" not in has:
        has |= {"uart", "multical"}
    wanted = COMMON | NETWORK_OF_ITS_OWN
    # A device with a name and a board is copied as it is.
    is_whole = has_board and "esphome" in has
    missing = [] if is_whole else [text for key, text in wanted.items() if key not in has]
    return "".join(missing) + block


#: Where it is -> YAML.
DEVICES = configurations() | {
    f"{path.name}:{number}": _completed(block)
    for path in DOCUMENTS
    for number, block in enumerate(yaml_blocks(path.read_text("utf-8")), 1)
}
DEVICES["local packages"] = block_with("board: !include")
for package in PARTS:
    parts = dict.fromkeys((BOARD, NETWORK, STANDARD, package))
    DEVICES[f"package {package.stem}"] = include(*parts)
for board in BOARDS:
    DEVICES[f"all packages, {board.stem}"] = include(board, *PARTS)


@pytest.mark.parametrize("name", DEVICES)
def test_is_valid(name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    make_home(tmp_path)
    text = DEVICES[name]
    if ADDRESS in text:
        text = text.replace(ADDRESS, make_origin(tmp_path / "origin"))
    with Workbench(tmp_path)._validated(text) as config:
        assert config.errors == []
    warnings = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    # Configurations with every key of a chip are not for users: ESPHome may warn about their pins.
    assert warnings == [] or name.startswith("every-key-")
