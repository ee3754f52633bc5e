"""What the user sees in a terminal: `esphome config` as a program of its own."""

from __future__ import annotations

import re

import pytest

from .harness import Workbench, block, device, uart

#: ESPHome's exit code for a configuration that it refuses.
REFUSED = 2


def test_accepted(bench: Workbench) -> None:
    result = bench.run(device(f"multical:\n{block('sensor', 'power')}"), "config")
    assert result.returncode == 0, result.stdout
    assert "Configuration is valid!" in result.stdout


@pytest.mark.parametrize(
    ("text", "heading", "said", "line"),
    [
        # A place that only the component knows.
        (
            device("multical:\n", bus=uart(settings="baud_rate: 1200")),
            "uart",
            "uart 'meter_uart': stop_bits is 1, must be 2 "
            "(a meter speaks 1200 baud, 8 data bits, no parity, 2 stop bits).",
            "stop_bits: 1",
        ),
        # A place below an entity, and a unit that is not ASCII.
        (
            device("""\
                multical:
                sensor:
                  - platform: multical
                    supply_temperature:
                      name: Supply temperature
                      unit_of_measurement: °F
            """),
            "sensor.multical",
            "unit_of_measurement '°F' does not fit supply_temperature, allowed: °C "
            "(Home Assistant's device class temperature accepts all).",
            "unit_of_measurement: °F",
        ),
        # One of several hubs.
        (
            device("multical:\n  - id: heat\n  - id: cold\n"),
            "multical",
            "uart 'meter_uart' has a meter already: each multical needs a uart of its own, named "
            "by its 'uart_id:'.",
            "- id: cold",
        ),
        # ESPHome's own words.
        (
            device(block("button", "read")),
            "button.multical",
            "Component button.multical requires component multical.",
            "platform: multical",
        ),
    ],
    ids=["uart", "unit", "two on one uart", "no hub"],
)
def test_refused(bench: Workbench, text: str, heading: str, said: str, line: str) -> None:
    """The message is under its section's heading, right above the wrong line."""
    result = bench.run(text, "config")
    assert result.returncode == REFUSED
    assert "Traceback" not in result.stdout
    after_heading = re.split(rf"^{re.escape(heading)}: ", result.stdout, flags=re.MULTILINE)[1]
    lines = [each.strip() for each in after_heading.splitlines()]
    assert said in lines, result.stdout
    assert lines[lines.index(said) + 1].startswith(line), result.stdout
