"""What the user sees in a terminal: `esphome config` as a program of its own."""

from __future__ import annotations

import re

import pytest

from .harness import Workbench, device, uart

ENERGY_UNITS = "Wh, kWh, MWh, GWh, J, kJ, MJ, GJ, cal, kcal, Mcal, Gcal"

#: ESPHome's exit code for a configuration that it refuses.
REFUSED = 2


def test_accepted(bench: Workbench) -> None:
    result = bench.run(
        device("multical:\nsensor:\n  - platform: multical\n    power: {name: Power}\n"), "config"
    )
    assert result.returncode == 0, result.stdout
    assert "Configuration is valid!" in result.stdout


@pytest.mark.parametrize(
    ("text", "heading", "said", "line"),
    [
        (
            device("multical:\n", bus=uart(settings="baud_rate: 1200")),
            "uart",
            "uart 'meter_uart': stop_bits is 1, must be 2 "
            "(a meter speaks 1200 baud, 8 data bits, no parity, 2 stop bits).",
            "stop_bits: 1",
        ),
        (
            device("""\
                multical:
                sensor:
                  - platform: multical
                    heat_energy:
                      name: Heat energy
                      unit_of_measurement: m³
            """),
            "sensor.multical",
            f"unit_of_measurement 'm³' does not fit heat_energy, allowed: {ENERGY_UNITS} "
            "(Home Assistant's device class energy takes all).",
            "unit_of_measurement: m³",
        ),
        (
            device("""\
                multical:
                sensor:
                  - platform: multical
                    heat_energy:
                      name: Heat energy
                      high_resolution: fine
            """),
            "sensor.multical",
            "high_resolution 'fine' must be auto, which uses it where the meter has it, or off.",
            "high_resolution: fine",
        ),
        (
            device("""\
                multical:
                binary_sensor:
                  - platform: multical
                    info_codes:
                      low_batery:
                        name: Low battery
            """),
            "binary_sensor.multical",
            "[low_batery] is an invalid option for [info_codes]. Did you mean [low_battery]?",
            "low_batery:",
        ),
        (
            device("multical:\n  update_interval: 15\n"),
            "multical",
            "update_interval must be a time with its unit, from 1s to 24d, for example 15min, or "
            "never; a reading takes about a second on the line, and a battery meter pays for each.",
            "update_interval: 15",
        ),
        (
            device("multical:\n  - id: heat\n  - id: cold\n"),
            "multical",
            "uart 'meter_uart' has a meter already: each multical needs a uart of its own, named "
            "by its 'uart_id:'.",
            "- id: cold",
        ),
        (
            device("button:\n  - platform: multical\n    read: {name: Read}\n"),
            "button.multical",
            "Component button.multical requires component multical.",
            "platform: multical",
        ),
    ],
    ids=["uart", "unit", "resolution", "info code", "interval", "two on one uart", "no hub"],
)
def test_refused(bench: Workbench, text: str, heading: str, said: str, line: str) -> None:
    """The message stands under its section's heading, right above the line that is wrong."""
    result = bench.run(text, "config")
    assert result.returncode == REFUSED
    assert "Traceback" not in result.stdout
    after_heading = re.split(rf"^{re.escape(heading)}: ", result.stdout, flags=re.MULTILINE)[1]
    lines = [each.strip() for each in after_heading.splitlines()]
    assert said in lines, result.stdout
    assert lines[lines.index(said) + 1].startswith(line), result.stdout


def test_more_entities_than_a_byte_counts(bench: Workbench) -> None:
    rows = "".join(f"      - {{register: {n}, name: n{n}}}\n" for n in range(1, 257))
    body = f"multical:\n  id: heat\nsensor:\n  - platform: multical\n    registers:\n{rows}"
    result = bench.run(device(body), "compile", "--only-generate")
    assert result.returncode != 0
    assert "multical 'heat' reads 256 entities, allowed: 255" in result.stdout
