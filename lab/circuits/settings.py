"""What an example configuration says about the pins of its circuit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]


class _Loader(yaml.SafeLoader):
    """Reads ESPHome's tags as plain text."""


def _as_text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_LOADER_TAGS = ("!secret", "!lambda")
for _tag in _LOADER_TAGS:
    _Loader.add_constructor(_tag, _as_text)


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin as a configuration has it."""

    gpio: int
    inverted: bool


def example(name: str) -> dict[str, Any]:
    """Return an example configuration."""
    text = (ROOT / "example_configs" / name).read_text("utf-8")
    return yaml.load(text, _Loader)


def uart_pins(name: str) -> tuple[Pin, Pin]:
    """Return the TX and RX pin of an example's UART."""
    uart = example(name)["uart"]
    return _pin(uart["tx_pin"]), _pin(uart["rx_pin"])


def pulse_pin(name: str) -> tuple[Pin, float]:
    """Return the pin of an example's pulse meter, and the shortest pulse it counts, in seconds."""
    (counter,) = [s for s in example(name)["sensor"] if s["platform"] == "pulse_meter"]
    assert counter["internal_filter_mode"] == "PULSE"
    return _pin(counter["pin"]), int(counter["internal_filter"].removesuffix("ms")) / 1000


def _pin(value: str | dict[str, Any]) -> Pin:
    settings: dict[str, Any] = {"number": value} if isinstance(value, str) else value
    return Pin(int(settings["number"].removeprefix("GPIO")), settings.get("inverted", False))
