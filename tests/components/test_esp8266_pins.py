"""Warnings about the pins of an ESP8266, where ESPHome silently uses a software UART."""

from __future__ import annotations

import logging
from itertools import permutations

import pytest

from .harness import Workbench, device

#: The pins of a D1 mini that a UART may have.
PINS = (0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16)
#: What is below `logger:` -> where the logger sends.
LOGGERS = {
    "": "UART0",
    "baud_rate: 0": None,
    "hardware_uart: UART0_SWAP": "UART0_SWAP",
    "hardware_uart: UART1": "UART1",
    "baud_rate: 0, hardware_uart: UART0_SWAP": None,
}


def _is_hardware(tx_pin: int, rx_pin: int, log: str | None) -> bool:
    """Tell what ESP8266UartComponent::setup() uses (ESPHome 2026.10); both pins are given."""
    if (tx_pin, rx_pin) == (1, 3):
        return log != "UART0_SWAP"
    return (tx_pin, rx_pin) == (15, 13) and log != "UART0"


def _log_is_on(tx_pin: int, rx_pin: int, log: str | None) -> bool:
    """Tell whether the logger sends on one of these pins."""
    log_pins = {"UART0": {1}, "UART0_SWAP": {15}, "UART1": {2}, None: set()}
    return _is_hardware(tx_pin, rx_pin, log) and bool({tx_pin} & log_pins[log])


def _warned(bench: Workbench, caplog: pytest.LogCaptureFixture, text: str) -> list[str]:
    caplog.clear()
    bench.accept(text)
    messages = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    return [message for message in messages if message.startswith("uart 'meter_uart': ")]


def _device(tx_pin: int, rx_pin: int, logger: str) -> str:
    pins = f"tx_pin: GPIO{tx_pin}, rx_pin: GPIO{rx_pin}"
    bus = f"uart: {{id: meter_uart, {pins}, baud_rate: 1200, stop_bits: 2}}\n"
    return device("multical:\n", bus=bus).replace("logger:\n", f"logger: {{{logger}}}\n")


@pytest.mark.parametrize("logger", LOGGERS)
def test_every_pair(bench: Workbench, caplog: pytest.LogCaptureFixture, logger: str) -> None:
    log = LOGGERS[logger]
    for tx_pin, rx_pin in permutations(PINS, 2):
        if rx_pin == 16:  # refused by ESPHome
            continue
        said = " ".join(_warned(bench, caplog, _device(tx_pin, rx_pin, logger)))
        is_software = not _is_hardware(tx_pin, rx_pin, log)
        assert ("a software UART" in said) == is_software, (tx_pin, rx_pin, said)
        assert ("to the meter" in said) == _log_is_on(tx_pin, rx_pin, log), (tx_pin, rx_pin, said)
        assert ("the logger also uses GPIO2" in said) == (log == "UART1" and 2 in (tx_pin, rx_pin))
        if said:
            assert f"GPIO{tx_pin}" in said
            assert "baud_rate: 0" in said


SOFTWARE = (
    "ESPHome then uses a software UART, which receives nothing while it sends and loses bits "
    "while WiFi is busy."
)


@pytest.mark.parametrize(
    ("pins", "logger", "said"),
    [
        (
            (5, 4),
            "baud_rate: 0",
            "tx_pin GPIO5 and rx_pin GPIO4 are not the pins of a hardware UART of an ESP8266. "
            f"{SOFTWARE} Use tx_pin GPIO15 (D8) and rx_pin GPIO13 (D7), or tx_pin GPIO1 and rx_pin "
            "GPIO3, and set 'logger: baud_rate: 0'",
        ),
        (
            (15, 13),
            "",
            f"the logger has UART0, which tx_pin GPIO15 and rx_pin GPIO13 need. {SOFTWARE} "
            "Set 'logger: baud_rate: 0'",
        ),
        (
            (1, 3),
            "",
            "the logger sends all its lines to the meter, because it also uses the UART of tx_pin "
            "GPIO1 and rx_pin GPIO3. Set 'logger: baud_rate: 0'",
        ),
    ],
)
def test_message(
    bench: Workbench,
    caplog: pytest.LogCaptureFixture,
    pins: tuple[int, int],
    logger: str,
    said: str,
) -> None:
    assert _warned(bench, caplog, _device(*pins, logger)) == [f"uart 'meter_uart': {said}"]
    # A refused configuration gets no warning.
    caplog.clear()
    bench.refuse_once(_device(*pins, logger).replace("baud_rate: 1200", "baud_rate: 9600"))
    assert "UART" not in caplog.text


def test_without_logger(bench: Workbench, caplog: pytest.LogCaptureFixture) -> None:
    text = _device(15, 13, "").replace("logger: {}\n", "")
    assert _warned(bench, caplog, text) == []


def test_two_meters(bench: Workbench, caplog: pytest.LogCaptureFixture) -> None:
    """Both need UART0: no order of the two helps."""
    uarts = (
        "  - {id: meter_uart, tx_pin: GPIO15, rx_pin: GPIO13, baud_rate: 1200, stop_bits: 2}\n",
        "  - {id: other, tx_pin: GPIO1, rx_pin: GPIO3, baud_rate: 1200, stop_bits: 2}\n",
    )
    hubs = "multical:\n  - {id: heat, uart_id: meter_uart}\n  - {id: cold, uart_id: other}\n"
    for order in permutations(uarts):
        text = device(hubs, bus="uart:\n" + "".join(order))
        caplog.clear()
        bench.accept(text.replace("logger:\n", "logger: {baud_rate: 0}\n"))
        (said,) = [r.getMessage() for r in caplog.records if "has UART0" in r.getMessage()]
        assert "for two meters use an ESP32, or two ESP8266" in said
        assert "Put it after" not in said


@pytest.mark.parametrize(
    ("first", "is_warned"),
    [
        ("tx_pin: GPIO1, rx_pin: GPIO3", True),
        ("rx_pin: GPIO3", True),
        ("tx_pin: GPIO1", True),
        ("tx_pin: GPIO2", False),
        ("tx_pin: GPIO5, rx_pin: GPIO4", False),
    ],
)
def test_another_uart_takes_the_hardware(
    bench: Workbench, caplog: pytest.LogCaptureFixture, first: str, is_warned: bool
) -> None:
    meter = "{id: meter_uart, tx_pin: GPIO15, rx_pin: GPIO13, baud_rate: 1200, stop_bits: 2}"
    other = f"{{id: other, {first}, baud_rate: 9600}}"
    for order in ((other, meter), (meter, other)):
        bus = "uart:\n" + "".join(f"  - {uart}\n" for uart in order)
        text = device("multical: {uart_id: meter_uart}\n", bus=bus)
        said = _warned(bench, caplog, text.replace("logger:\n", "logger: {baud_rate: 0}\n"))
        assert any("another uart has UART0" in each for each in said) == (
            is_warned and order[0] is other
        )
