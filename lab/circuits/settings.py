"""What an example configuration says about the pins of its circuit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml
from wiring.document import ROOT


class _Loader(yaml.SafeLoader):
    """Reads values with ESPHome's tags as plain text."""


_Loader.add_multi_constructor("!", lambda loader, tag, node: str(node.value))


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin as a configuration has it. gpio: None for that of a serial port."""

    gpio: int | None
    inverted: bool


def uart_pins(example: str) -> tuple[Pin, Pin]:
    """Return the TX and RX pin of an example's UART."""
    uart = _read(example)["uart"]
    if "port" in uart:
        return Pin(None, False), Pin(None, False)
    return _pin(uart["tx_pin"]), _pin(uart["rx_pin"])


def pulse_pin(example: str) -> tuple[Pin, float]:
    """Return the pin of an example's pulse meter, and the shortest pulse it counts, in seconds."""
    (counter,) = [s for s in _read(example)["sensor"] if s["platform"] == "pulse_meter"]
    assert counter["internal_filter_mode"] == "PULSE"
    return _pin(counter["pin"]), int(counter["internal_filter"].removesuffix("ms")) / 1000


def _read(example: str) -> dict[str, Any]:
    return yaml.load((ROOT / "example_configs" / example).read_text("utf-8"), _Loader)


def _pin(value: str | dict[str, Any]) -> Pin:
    settings: dict[str, Any] = {"number": value} if isinstance(value, str) else value
    return Pin(int(settings["number"].removeprefix("GPIO")), settings.get("inverted", False))
