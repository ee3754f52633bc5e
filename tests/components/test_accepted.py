"""Configurations that must work."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pytest
from esphome import config as esphome_config

from .devices import EVERYTHING, FOREIGN_UARTS, FORMS, each_action, foreign_uart_device
from .harness import TARGETS, Workbench, block, device, uart, uarts

NEVER = 0xFFFFFFFF


def milliseconds(config: Any, *path: str | int) -> int:
    """Return a time in a validated configuration."""
    for step in path:
        config = config[step]
    return config.total_milliseconds


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("body", ["multical:\n", EVERYTHING], ids=["minimal", "everything"])
def test_every_target(bench: Workbench, target: str, body: str) -> None:
    bench.accept(device(body, target))


def test_defaults_of_the_hub(bench: Workbench) -> None:
    config = bench.accept(device("multical:\n"))
    assert milliseconds(config, "multical", 0, "update_interval") == 15 * 60 * 1000
    assert milliseconds(config, "multical", 0, "response_timeout") == 2000
    assert config["multical"][0]["retries"] == 2


@pytest.mark.parametrize(
    ("interval", "expected"),
    [("1s", 1000), ("1h", 3_600_000), ("24d", 24 * 86_400_000), ("never", NEVER)],
)
def test_intervals(bench: Workbench, interval: str, expected: int) -> None:
    config = bench.accept(
        device(f"""\
            multical:
              update_interval: {interval}
            sensor:
              - platform: multical
                power: {{name: Power, update_interval: {interval}}}
                heat_energy: {{name: Energy, update_interval: {interval}}}
                registers:
                  - {{register: 266, name: Other, update_interval: {interval}}}
            text_sensor:
              - platform: multical
                max_flow_year_date: {{name: Day, update_interval: {interval}}}
                registers:
                  - {{register: 266, name: Exact, update_interval: {interval}}}
        """)
    )
    for path in (
        ("multical", 0),
        ("sensor", 0, "power"),
        ("sensor", 0, "heat_energy"),
        ("sensor", 0, "registers", 0),
        ("text_sensor", 0, "max_flow_year_date"),
        ("text_sensor", 0, "registers", 0),
    ):
        assert milliseconds(config, *path, "update_interval") == expected


@pytest.mark.parametrize(
    "line", ["response_timeout: 100ms", "response_timeout: 10s", "retries: 0", "retries: 10"]
)
def test_limits_are_allowed(bench: Workbench, line: str) -> None:
    bench.accept(device(f"multical:\n  {line}\n"))


@pytest.mark.parametrize("platform", ["sensor", "text_sensor"])
@pytest.mark.parametrize("registers", ["{register: 266, name: A}", "[{register: 65535, name: A}]"])
def test_registers_is_one_or_a_list(bench: Workbench, platform: str, registers: str) -> None:
    config = bench.accept(
        device(f"multical:\n{platform}:\n  - platform: multical\n    registers: {registers}\n")
    )
    assert len(config[platform][0]["registers"]) == 1


#: Whether an energy has the digits of its fine register -> ways to say so.
RESOLUTIONS = {
    True: ("", ", high_resolution: auto", ", high_resolution: 'auto'"),
    # YAML takes the first ones for false.
    False: (
        ", high_resolution: off",
        ", high_resolution: Off",
        ", high_resolution: no",
        ", high_resolution: false",
        ", high_resolution: 'off'",
    ),
}


@pytest.mark.parametrize("key", ["heat_energy", "cooling_energy"])
@pytest.mark.parametrize(
    ("option", "expected"),
    [(option, is_on) for is_on, options in RESOLUTIONS.items() for option in options],
)
def test_high_resolution(bench: Workbench, key: str, option: str, expected: bool) -> None:
    config = bench.accept(device(f"multical:\n{block('sensor', key, f'name: A{option}')}"))
    assert config["sensor"][0][key]["high_resolution"] is expected


def test_same_register_in_several_ways(bench: Workbench) -> None:
    """As numbers each once; beside that as a text, in whatever way and as often as one likes."""
    bench.accept(
        device("""\
            multical:
            sensor:
              - platform: multical
                heat_energy: {name: A}
                registers:
                  - {register: 266, name: B}
                  - {register: 1001, name: C}
            text_sensor:
              - platform: multical
                serial_number: {name: D}
                registers:
                  - {register: 60, name: E}
                  - {register: 266, name: F}
                  - {register: 1001, name: G}
                  - {register: 1001, name: H}
              - platform: multical
                serial_number: {name: I}
        """)
    )


@pytest.mark.parametrize("codes", ["{}", "{low_battery: {name: A}, v1_air: {name: B}}"])
def test_info_codes(bench: Workbench, codes: str) -> None:
    config = bench.accept(
        device(f"multical:\nbinary_sensor:\n  - platform: multical\n    info_codes: {codes}\n")
    )
    assert len(config["binary_sensor"][0]["info_codes"]) == codes.count("name")


@pytest.mark.parametrize("target", TARGETS)
def test_several_meters(bench: Workbench, target: str) -> None:
    """Each on a UART of its own; the same registers of each."""
    config = bench.accept(
        device(
            """\
            multical:
              - {id: heat, uart_id: meter_uart}
              - {id: cold, uart_id: uart_2}
            sensor:
              - platform: multical
                multical_id: heat
                heat_energy: {name: Heat}
                requests: {name: Heat requests}
                registers: [{register: 266, name: A}]
              - platform: multical
                multical_id: cold
                heat_energy: {name: Cold}
                requests: {name: Cold requests}
                registers: [{register: 266, name: B}]
            text_sensor:
              - platform: multical
                multical_id: heat
                serial_number: {name: C}
                info: {name: Heat info}
                link_advice: {name: Heat advice}
              - platform: multical
                multical_id: cold
                serial_number: {name: D}
                info: {name: Cold info}
                link_advice: {name: Cold advice}
            binary_sensor:
              - platform: multical
                multical_id: heat
                info_codes: {low_battery: {name: Heat battery}}
              - platform: multical
                multical_id: cold
                connected: {name: E}
                info_codes: {low_battery: {name: Cold battery}}
            button:
              - platform: multical
                multical_id: heat
                read: {name: F}
                check_wiring: {name: G}
                scan_registers: {name: Heat scan}
              - platform: multical
                multical_id: cold
                check_wiring: {name: H}
                scan_registers: {name: Cold scan}
            """,
            target,
            uarts(target),
        )
    )
    assert [str(block["multical_id"]) for block in config["sensor"]] == ["heat", "cold"]


def test_several_blocks_of_one_meter(bench: Workbench) -> None:
    bench.accept(
        device("""\
            multical:
            sensor:
              - platform: multical
                heat_energy: {name: A}
              - platform: multical
                power: {name: B}
            text_sensor:
              - platform: multical
                info: {name: C}
              - platform: multical
                info_code: {name: D}
            binary_sensor:
              - platform: multical
                info_codes: {low_battery: {name: E}}
              - platform: multical
                info_codes: {v1_air: {name: F}}
        """)
    )


def test_other_devices_on_other_uarts(bench: Workbench) -> None:
    """What a UART without a meter is set to is nobody's business."""
    bench.accept(
        device(
            "multical:\n  uart_id: meter_uart\n",
            bus=uart() + "  - {id: other, tx_pin: GPIO12, baud_rate: 9600, parity: EVEN}\n",
        )
    )


@pytest.mark.parametrize("body", ["multical:\n", EVERYTHING], ids=["minimal", "everything"])
@pytest.mark.parametrize("bus", FOREIGN_UARTS)
def test_uart_of_another_component(bench: Workbench, bus: str, body: str) -> None:
    bench.accept(foreign_uart_device(bus, body))


@pytest.mark.parametrize("settings", ["", ", parity: none", ", parity: NONE, data_bits: 8"])
def test_uart_settings_that_say_the_default(bench: Workbench, settings: str) -> None:
    bench.accept(
        device("multical:\n", bus=uart(settings=f"baud_rate: 1200, stop_bits: 2{settings}"))
    )


@pytest.mark.parametrize("trigger", ["on_reading", "on_link_status"])
@pytest.mark.parametrize("form", FORMS)
@each_action
def test_action(bench: Workbench, trigger: str, action: str, form: str) -> None:
    config = bench.accept(device(f"multical:\n  id: heat\n  {trigger}:\n    - {action}{form}\n"))
    (automation,) = config["multical"][0][trigger]
    assert str(automation["then"][0][action]["id"]) == "heat"


@each_action
def test_action_elsewhere(bench: Workbench, action: str) -> None:
    bench.accept(
        device(
            f"""\
            multical:
              - {{id: heat, uart_id: meter_uart}}
              - {{id: cold, uart_id: uart_2}}
            interval:
              - interval: 1h
                then:
                  - {action}: heat
                  - {action}: {{id: cold}}
            """,
            bus=uarts(),
        )
    )


@pytest.mark.parametrize(
    "actions",
    [
        ["logger.log: hello"],
        ["logger.log: hello", "multical.read: heat"],
        ["logger.log: {format: 'link %s', args: [x.c_str()]}"],
        ["lambda: 'if (x == \"ok\") id(heat).read();'"],
        ["if: {condition: {lambda: 'return x == \"no_answer\";'}, then: [multical.read: heat]}"],
    ],
)
def test_link_status_trigger(bench: Workbench, actions: Sequence[str]) -> None:
    lines = "".join(f"    - {action}\n" for action in actions)
    bench.accept(device(f"multical:\n  id: heat\n  on_link_status:\n{lines}"))


def test_bench_is_clean_between_runs(bench: Workbench) -> None:
    """A refusal, another target and an accepted device do not influence each other."""
    wrong = device("multical:\n", bus=uart(settings="baud_rate: 9600"))
    for _ in range(2):
        first = bench.refuse(wrong)
        for target in TARGETS:
            bench.accept(device(EVERYTHING, target))
        assert bench.refuse(wrong) == first


def test_what_is_deprecated_is_noticed(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """ESPHome says so in its log, and that is an error in all of these tests."""
    load = esphome_config.load_config

    def load_with_warning(substitutions: dict[str, str]) -> esphome_config.Config:
        logging.getLogger("esphome.components.multical").warning("'x' is deprecated")
        return load(substitutions)

    monkeypatch.setattr(esphome_config, "load_config", load_with_warning)
    with pytest.raises(AssertionError, match="is deprecated"):
        bench.accept(device("multical:\n"))
