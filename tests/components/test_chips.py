"""Every chip for which ESPHome has a UART: its code is generated, with the oldest ESPHome, too."""

from __future__ import annotations

import pytest
from esphome.components.esp32 import VARIANTS
from multical.uart_check import CHIPS

from .harness import TARGETS, Workbench, device

#: Those of the variants that ESPHome has with the Arduino framework.
ARDUINO = ("ESP32", "ESP32C3", "ESP32S2", "ESP32S3")
#: Those that ESPHome takes with an option more, or not yet in its oldest version that is supported.
PREVIEW = {"ESP32H4", "ESP32H21", "ESP32S31"}


def _esp32(variant: str, framework: str) -> str:
    return f"esp32:\n  variant: {variant.lower()}\n  framework: {{type: {framework}}}\n"


#: Name -> what the YAML says of the chip, TX and RX.
DEVICES = {
    "esp8266": ("esp8266: {board: d1_mini}\n", "15", "13"),
    **{variant: (_esp32(variant, "esp-idf"), "4", "5") for variant in {*VARIANTS} - PREVIEW},
    **{f"{variant} Arduino": (_esp32(variant, "arduino"), "4", "5") for variant in ARDUINO},
    "rp2040": ("rp2040: {board: rpipicow}\n", "4", "5"),
    "bk72xx": ("bk72xx: {board: cb3s}\n", "TX1", "RX1"),
    "rtl87xx": ("rtl87xx: {board: wr3}\n", "TX0", "RX0"),
    "ln882x": ("ln882x: {board: generic-ln882hki}\n", "TX1", "RX1"),
}


def test_every_chip_is_in_the_table() -> None:
    named = {board.split(":")[0] for board, *_ in DEVICES.values()}
    assert named | {"host", "rp2"} == set(CHIPS)  # rp2 is the new name of rp2040


@pytest.mark.parametrize("name", sorted(DEVICES))
def test_code_is_generated(bench: Workbench, name: str) -> None:
    board, tx_pin, rx_pin = DEVICES[name]
    bus = f"uart: {{id: u, tx_pin: {tx_pin}, rx_pin: {rx_pin}, baud_rate: 1200, stop_bits: 2}}\n"
    body = (
        "multical:\nsensor:\n  - {platform: multical, power: Power}\n"
        "button:\n  - {platform: multical, check_wiring: Check wiring}\n"
    )
    text = device(body, bus=bus).replace(TARGETS["esp8266"], board)
    result = bench.run(text, "compile", "--only-generate")
    assert result.returncode == 0, result.stdout
    main = next((bench._folder / "data" / "build").rglob("main.cpp")).read_text("utf-8")
    assert "new multical::Multical" in main or "multical::Multical(" in main
