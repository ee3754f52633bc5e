"""Every chip for which ESPHome has a UART: code is generated, even with the oldest ESPHome."""

from __future__ import annotations

import pytest
from esphome.components.esp32 import VARIANTS
from multical.uart_check import CHIPS

from .harness import ESPHOME, TARGETS, Workbench, device

#: The variants that ESPHome has with the Arduino framework.
ARDUINO = ("ESP32", "ESP32C3", "ESP32S2", "ESP32S3")
#: Those that need one more option in ESPHome, or are not in its oldest supported version.
PREVIEW = {"ESP32H4", "ESP32H21", "ESP32S31"}

#: ESPHome's names for the RP2040.
RP2 = "rp2" if ESPHOME >= (2026, 7) else "rp2040"


def _esp32(variant: str, framework: str) -> str:
    return f"esp32:\n  variant: {variant.lower()}\n  framework: {{type: {framework}}}\n"


#: Name -> the chip in the YAML, TX and RX.
DEVICES = {
    "esp8266": ("esp8266: {board: d1_mini}\n", "15", "13"),
    **{variant: (_esp32(variant, "esp-idf"), "4", "5") for variant in {*VARIANTS} - PREVIEW},
    **{f"{variant} Arduino": (_esp32(variant, "arduino"), "4", "5") for variant in ARDUINO},
    "rp2040": (f"{RP2}: {{board: rpipicow}}\n", "4", "5"),
}
#: ESPHome keeps the pins of whichever of these it sees first.
LIBRETINY = {
    "bk72xx": ("bk72xx: {board: cb3s}\n", "TX1", "RX1"),
    "rtl87xx": ("rtl87xx: {board: wr3}\n", "TX0", "RX0"),
    "ln882x": ("ln882x: {board: generic-ln882hki}\n", "TX1", "RX1"),
}


def test_every_chip_is_in_the_table() -> None:
    named = {board.split(":")[0] for board, *_ in (DEVICES | LIBRETINY).values()}
    assert named | {"host", "rp2", "rp2040"} == set(CHIPS)


def _text(board: str, tx_pin: str, rx_pin: str) -> str:
    bus = f"uart: {{id: u, tx_pin: {tx_pin}, rx_pin: {rx_pin}, baud_rate: 1200, stop_bits: 2}}\n"
    body = (
        "multical:\n  id: heat\nsensor:\n  - {platform: multical, power: Power}\n"
        "button:\n  - {platform: multical, check_wiring: Check wiring}\n"
    )
    return device(body, bus=bus).replace(TARGETS["esp8266"], board)


@pytest.mark.parametrize("name", sorted(DEVICES))
def test_code_is_generated(bench: Workbench, name: str) -> None:
    """The hub reads the line's level only where that is known to work, and the same for speeds."""
    code = bench.code(_text(*DEVICES[name]))
    is_esp = name.upper().startswith("ESP")
    assert ("USE_MULTICAL_RX_PIN" in code.own_defines) == is_esp
    assert ("USE_MULTICAL_SPEED_CHECK" in code.own_defines) == (is_esp and name != "esp8266")
    calls = [call.split("(")[1] for call in code.calls("heat") if call.startswith("port().")]
    assert sorted(calls) == [*[").set_rx_pin"] * is_esp, ").set_uart_parent"]


@pytest.mark.parametrize("name", LIBRETINY)
def test_code_is_generated_in_a_process_of_its_own(bench: Workbench, name: str) -> None:
    folder = bench.generate(_text(*LIBRETINY[name])).folder
    main = (folder / "src" / "main.cpp").read_text("utf-8")
    assert "new(heat) multical::Multical()" in main
    defines = (folder / "src/esphome/core/defines.h").read_text("utf-8")
    assert "USE_MULTICAL" not in defines
