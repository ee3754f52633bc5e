"""example_configs/README.md: its YAML works as it is there, and what it says about pins is true."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from components.harness import TARGETS, Workbench, device
from esphome.components import uart
from esphome.core import CORE

from .devices import (
    ADDRESS,
    BOARDS,
    FOLDER,
    PARTS,
    README,
    block_with,
    config_command,
    make_origin,
)

TEXT = README.read_text("utf-8")

#: In the one block that has packages from a folder, and in the one that has them from git.
LOCAL = "board: !include"
REMOTE = "    files:\n"


# Its YAML


def test_every_file_is_listed() -> None:
    listed = set(re.findall(r"^\| \[(.+?)\]", TEXT, re.M))
    files = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.yaml")}
    assert listed == files - {"secrets.example.yaml"}
    assert len(BOARDS) + len(PARTS) == sum(name.startswith("packages/") for name in listed)


def test_local_packages_are_a_device_of_at_most_fifteen_lines() -> None:
    assert sum(1 for line in block_with(LOCAL).splitlines() if line.strip()) <= 15


@pytest.fixture
def repository(tmp_path: Path) -> str:
    """Return the address of a git repository with this project's files."""
    return make_origin(tmp_path / "origin")


def test_remote_packages_are_the_same_device(bench: Workbench, repository: str) -> None:
    text = block_with(REMOTE)
    assert text.count(ADDRESS) == 2
    # Packages and component of the same version.
    assert text.count("ref: main") == 2
    remote = bench.accept(text.replace(ADDRESS, repository))
    local = bench.accept(block_with(LOCAL))
    assert remote.keys() == local.keys()
    for key in local.keys() - {"external_components", "packages"}:
        assert str(remote[key]) == str(local[key])


def test_remote_packages_of_another_version_are_refused(home: Path, repository: str) -> None:
    config = home / "remote.yaml"
    text = block_with(REMOTE).replace(ADDRESS, repository)
    config.write_text(text.replace("ref: main", "ref: v999"), "utf-8")
    result = config_command(config)
    assert result.returncode != 0
    assert "v999" in result.stdout


def test_component_can_come_from_git(home: Path, repository: str) -> None:
    (source,) = re.findall(r"^```yaml\n(external_components:\n(?:  .*\n)+)```", TEXT, re.M)
    assert source.count(ADDRESS) == 1
    example = (FOLDER / "d1-mini-optical.yaml").read_text("utf-8")
    local = re.search(r"^external_components:\n(?:  .*\n)+", example, re.M)
    assert local
    config = home / "heat-meter.yaml"
    config.write_text(
        example.replace(local[0], source.replace(ADDRESS, repository)), encoding="utf-8"
    )
    result = config_command(config)
    assert result.returncode == 0, result.stdout


# Pins


#: Chip in the table -> (target of the harness or YAML, number of pins).
CHIPS = {
    "ESP32": ("esp32", 40),
    "ESP32-C3": ("esp32c3", 22),
    "ESP32-C6": ("esp32c6", 31),
    "ESP32-S3": ("esp32s3", 49),
}
#: Those of them that the harness does not have.
MORE_TARGETS = {
    chip: f"esp32:\n  variant: {chip}\n  framework:\n    type: esp-idf\n"
    for chip in ("esp32c6", "esp32s3")
}


def _numbers(cell: str) -> set[int]:
    """Return the pins named in a cell of the table, as in "1, 3 (USB), 28 to 31"."""
    cell = re.sub(r"\(.*?\)", "", cell)
    found = set()
    for first, last in re.findall(r"(\d+)(?: to (\d+))?", cell):
        found |= set(range(int(first), int(last or first) + 1))
    return found


def _pin_table() -> dict[str, list[str]]:
    table = TEXT.split("\n| chip | refused by ESPHome |")[1].split("\n\n")[0]
    rows = [
        line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ESP")
    ]
    return {chip: cells for chip, *cells in rows}


def _verdict(
    bench: Workbench, caplog: pytest.LogCaptureFixture, target: str, pin: str, number: int
) -> str:
    """Tell what ESPHome says about a UART that has only this pin."""
    caplog.clear()
    bus = f"uart: {{id: u, baud_rate: 1200, {pin}: GPIO{number}}}\n"
    text = device("", target, bus)
    with bench._validated(text) as config:
        refused = bool(config.errors)
    warned = any(record.levelno >= logging.WARNING for record in caplog.records)
    return "refused" if refused else "warned" if warned else "fine"


@pytest.mark.parametrize("chip", _pin_table())
def test_pins_to_avoid(
    chip: str,
    bench: Workbench,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("components.harness.TARGETS", TARGETS | MORE_TARGETS)
    target, count = CHIPS[chip]
    refused_cell, warned_cell, also_cell = _pin_table()[chip]
    everywhere, _, as_tx = refused_cell.partition("as TX")
    for number in range(count):
        verdicts = {
            pin: _verdict(bench, caplog, target, pin, number) for pin in ("tx_pin", "rx_pin")
        }
        if number in _numbers(everywhere):
            expected = {"tx_pin": "refused", "rx_pin": "refused"}
        elif number in _numbers(as_tx):
            expected = {"tx_pin": "refused", "rx_pin": "fine"}
        else:
            name = "warned" if number in _numbers(warned_cell) else "fine"
            expected = {"tx_pin": name, "rx_pin": name}
        assert verdicts == expected, f"GPIO{number}"
        if number in _numbers(also_cell):
            assert "refused" not in expected.values(), f"GPIO{number} is named twice"
    assert max(_numbers(" ".join(_pin_table()[chip]))) < count
    assert not CORE.config


@pytest.mark.parametrize("board", [board for board in BOARDS if "esp32" in board.name])
def test_boards_keep_off_the_pins_to_avoid(board: Path) -> None:
    (variant,) = re.findall(r"^esp32(-[cs]\d)?-", board.name)
    chip = f"ESP32{variant.upper()}"
    text = board.read_text("utf-8")
    pins = {int(n) for n in re.findall(r"_pin:\s+(?:number: )?GPIO(\d+)", text)}
    assert len(pins) == (0 if "usb_uart:" in text else 2)
    assert not pins & _numbers(" ".join(_pin_table()[chip]))


def test_hardware_uarts_of_the_pico() -> None:
    source = Path(uart.__file__).with_name("uart_component_rp2.cpp").read_text("utf-8")
    (cell,) = re.findall(r"^\| Pico W \(RP2040\) \| (.+?) \|", TEXT, re.M)
    for number, (tx_pins, rx_pins) in enumerate(
        re.findall(r"TX ([\d, ]+) with RX ([\d, ]+)", cell)
    ):
        for way, pins in (("tx", tx_pins), ("rx", rx_pins)):
            assert f"valid_{way}_uart_{number} = __bitset({{{pins.strip()}}})" in source


def test_bk7231_does_not_invert_in_hardware() -> None:
    source = Path(uart.__file__).with_name("uart_component_libretiny.cpp").read_text("utf-8")
    inverting = [line.strip() for line in source.splitlines() if "inverted" in line]
    assert len(inverting) == 3
    assert "SoftwareSerial(" in inverting[-1]
    assert "| **does nothing** on these pins." in TEXT


@pytest.mark.parametrize(
    ("pins", "defines"),
    [
        ("tx_pin: GPIO15, rx_pin: GPIO13", {"USE_ESP8266_UART_SERIAL"}),
        ("tx_pin: GPIO1, rx_pin: GPIO3", {"USE_ESP8266_UART_SERIAL"}),
        ("tx_pin: GPIO2", {"USE_ESP8266_UART_SERIAL1"}),
        ("tx_pin: GPIO2, rx_pin: GPIO13", set()),
        ("tx_pin: GPIO13, rx_pin: GPIO15", set()),
        ("tx_pin: GPIO5, rx_pin: GPIO4", set()),
    ],
)
def test_hardware_uarts_of_the_esp8266(bench: Workbench, pins: str, defines: set[str]) -> None:
    bus = f"uart: {{id: u, baud_rate: 1200, stop_bits: 2, {pins}}}\n"
    code = bench.code(device("", "esp8266", bus))
    assert {name for name in code.defines if name.startswith("USE_ESP8266_UART")} == defines


def test_esp8266_cannot_receive_on_uart1(bench: Workbench) -> None:
    bus = "uart: {id: u, baud_rate: 1200, tx_pin: GPIO2, rx_pin: GPIO8}\n"
    assert "flash interface" in bench.refuse_once(device("", "esp8266", bus)).message


@pytest.mark.parametrize(
    ("chip", "log"),
    [
        ("esp32", "UART0"),
        *((chip, "USB_SERIAL_JTAG") for chip in ("esp32c3", "esp32c6", "esp32s3")),
    ],
)
def test_where_the_log_is_by_default(
    chip: str, log: str, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.harness.TARGETS", TARGETS | MORE_TARGETS)
    config = bench.accept(device("", chip, ""))
    assert config["logger"]["hardware_uart"] == log
    name = f"ESP32{chip.removeprefix('esp32') and '-'}{chip.removeprefix('esp32').upper()}"
    (row,) = re.findall(rf"^\| {name} \| \d \| (.+?) \| \d \|$", TEXT, re.M)
    assert log in row
