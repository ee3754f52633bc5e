"""The C++ that a configuration becomes: everything that is asked for, and nothing else."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from .harness import COMPONENTS, TARGETS, Generated, Workbench, device, uarts
from .test_accepted import ACTIONS, EVERYTHING
from .test_defaults import SENSORS

FEATURES = ("USE_MULTICAL_CONNECTED", "USE_MULTICAL_LINK_STATUS", "USE_MULTICAL_METER_TYPE")
SIZES = ("MULTICAL_MAX_ENTITIES", "MULTICAL_MAX_TYPE_LISTENERS")

HUB_SOURCES = {path.name for path in COMPONENTS.glob("multical/*") if path.suffix in (".h", ".cpp")}


def of_component(generated: Generated) -> dict[str, str]:
    """Return the defines of this component."""
    return {name: value for name, value in generated.defines.items() if "MULTICAL" in name}


def platform_sources(platform: str) -> set[str]:
    """Return the files that a platform adds."""
    return {
        f"{platform}/{path.name}"
        for path in (COMPONENTS / "multical" / platform).iterdir()
        if path.suffix in (".h", ".cpp")
    }


def test_hub_alone(bench: Workbench) -> None:
    generated = bench.generate(device("multical:\n  id: heat\n"))
    assert of_component(generated) == {}
    assert generated.sources == HUB_SOURCES
    assert generated.constructed("heat") == "Multical()"
    assert sorted(generated.calls("heat")) == [
        "set_response_timeout(2000)",
        "set_retries(2)",
        "set_uart_parent(meter_uart)",
        "set_update_interval(900000)",
    ]


def test_settings_of_the_hub(bench: Workbench) -> None:
    generated = bench.generate(
        device("""\
            multical:
              id: heat
              update_interval: never
              response_timeout: 1600ms
              retries: 0
        """)
    )
    assert sorted(generated.calls("heat")) == [
        "set_response_timeout(1600)",
        "set_retries(0)",
        "set_uart_parent(meter_uart)",
        "set_update_interval(4294967295UL)",
    ]


@pytest.mark.parametrize(
    ("platform", "key", "defines"),
    [
        ("sensor", "power", {"MULTICAL_MAX_ENTITIES": "1"}),
        ("text_sensor", "serial_number", {"MULTICAL_MAX_ENTITIES": "1"}),
        (
            "text_sensor",
            "meter_type",
            {"MULTICAL_MAX_TYPE_LISTENERS": "1", "USE_MULTICAL_METER_TYPE": ""},
        ),
        (
            # The register is for meters that tell no revision with their type.
            "text_sensor",
            "software_revision",
            {
                "MULTICAL_MAX_ENTITIES": "1",
                "MULTICAL_MAX_TYPE_LISTENERS": "1",
                "USE_MULTICAL_METER_TYPE": "",
            },
        ),
        ("text_sensor", "link_status", {"USE_MULTICAL_LINK_STATUS": ""}),
        ("binary_sensor", "connected", {"USE_MULTICAL_CONNECTED": ""}),
        ("button", "read", {}),
    ],
)
def test_only_what_is_asked_for(
    bench: Workbench, platform: str, key: str, defines: dict[str, str]
) -> None:
    generated = bench.generate(
        device(f"multical:\n{platform}:\n  - platform: multical\n    {key}: {{name: A}}\n")
    )
    assert of_component(generated) == defines
    assert generated.sources == HUB_SOURCES | platform_sources(platform)


@pytest.mark.parametrize("target", TARGETS)
def test_everything(bench: Workbench, target: str) -> None:
    generated = bench.generate(device(EVERYTHING, target))
    defines = of_component(generated)
    assert set(defines) == {*FEATURES, *SIZES}
    # Also the serial number and the software revision are registers.
    assert defines["MULTICAL_MAX_ENTITIES"] == str(len(SENSORS) + 2)
    assert defines["MULTICAL_MAX_TYPE_LISTENERS"] == "2"
    assert generated.main.count("->add_entity(") == len(SENSORS) + 2
    platforms = ("sensor", "text_sensor", "binary_sensor", "button")
    assert generated.sources == HUB_SOURCES.union(*map(platform_sources, platforms))


def test_lists_are_as_long_as_the_largest_hub_needs(bench: Workbench) -> None:
    generated = bench.generate(
        device(
            """\
            multical:
              - {id: none, uart_id: meter_uart}
              - {id: small, uart_id: uart_2}
              - {id: large, uart_id: uart_3}
            sensor:
              - platform: multical
                multical_id: small
                heat_energy: {name: A}
                power: {name: B}
              - platform: multical
                multical_id: large
                heat_energy: {name: C}
              - platform: multical
                multical_id: large
                registers:
                  - {register: 266, name: D}
                  - {register: 267, name: E}
            text_sensor:
              - platform: multical
                multical_id: large
                serial_number: {name: F}
              - platform: multical
                multical_id: small
                meter_type: {name: G}
            """,
            bus=uarts(),
        )
    )
    assert of_component(generated) == {
        "MULTICAL_MAX_ENTITIES": "4",
        "MULTICAL_MAX_TYPE_LISTENERS": "1",
        "USE_MULTICAL_METER_TYPE": "",
    }
    added = {
        hub: len([call for call in generated.calls(hub) if call.startswith("add_entity(")])
        for hub in ("none", "small", "large")
    }
    assert added == {"none": 0, "small": 2, "large": 4}


#: (entity, register, number of its unit on the wire or in our list, is it a value of the moment)
ARGUMENTS = [
    ("heat_energy: {name: A, id: it}", "60, 2, false"),
    ("heat_energy: {name: A, id: it, unit_of_measurement: GJ}", "60, 8, false"),
    ("volume: {name: A, id: it, unit_of_measurement: l}", "68, 39, false"),
    ("mass: {name: A, id: it}", "72, 91, false"),
    ("operating_hours: {name: A, id: it}", "1004, 46, false"),
    ("info_event_count: {name: A, id: it}", "113, 51, false"),
    ("power: {name: A, id: it}", "80, 22, true"),
    ("flow: {name: A, id: it}", "74, 41, true"),
    ("flow: {name: A, id: it, unit_of_measurement: L/min}", "74, 92, true"),
    ("return_temperature: {name: A, id: it}", "87, 37, true"),
    ("temperature_difference: {name: A, id: it}", "89, 38, true"),
    ("battery_days_left: {name: A, id: it}", "582, 62, true"),
    # The nature of a known register does not change with what Home Assistant is told of it.
    ("heat_energy: {name: A, id: it, state_class: measurement}", "60, 2, false"),
    ("power: {name: A, id: it, state_class: total}", "80, 22, true"),
    # By number: what is known stays known.
    ("registers: {register: 60, name: A, id: it}", "60, 2, false"),
    ("registers: {register: 113, name: A, id: it}", "113, 51, false"),
    # Of an unknown register nothing is known but what the user says.
    ("registers: {register: 266, name: A, id: it}", "266, UNIT_AS_SENT, true"),
    ("registers: {register: 0x10A, name: A, id: it, unit_of_measurement: °C}", "266, 37, true"),
    ("registers: {register: 266, name: A, id: it, unit_of_measurement: MWh}", "266, 3, false"),
    (
        "registers: {register: 266, name: A, id: it, state_class: total_increasing}",
        "266, UNIT_AS_SENT, false",
    ),
]


def test_sensor_arguments(bench: Workbench) -> None:
    """All in one device; each sensor has a meter of its own, so that they may be of one register.

    `uart:` settings do not matter here, so the host's is used, which has no pins to run out of.
    """
    count = range(len(ARGUMENTS))
    bus = "uart:\n" + "".join(
        f"  - {{id: uart_{i}, port: /dev/tty{i}, baud_rate: 1200, stop_bits: 2}}\n" for i in count
    )
    hubs = "".join(f"  - {{id: hub_{i}, uart_id: uart_{i}}}\n" for i in count)
    sensors = "".join(
        f"  - platform: multical\n    multical_id: hub_{i}\n    "
        + entity.replace("id: it", f"id: it_{i}").replace("name: A", f"name: A{i}")
        + "\n"
        for i, (entity, _) in enumerate(ARGUMENTS)
    )
    generated = bench.generate(device(f"multical:\n{hubs}sensor:\n{sensors}", "host", bus))
    made = {entity: generated.constructed(f"it_{i}") for i, (entity, _) in enumerate(ARGUMENTS)}
    assert made == {entity: f"MulticalSensor({arguments})" for entity, arguments in ARGUMENTS}


def test_intervals_of_entities(bench: Workbench) -> None:
    generated = bench.generate(
        device("""\
            multical:
            sensor:
              - platform: multical
                heat_energy: {name: A, id: with_the_hub}
                power: {name: B, id: every_minute, update_interval: 1min}
                flow: {name: C, id: on_demand, update_interval: never}
                registers:
                  - {register: 266, name: D, id: listed, update_interval: 24d}
        """)
    )

    def intervals(id_: str) -> list[str]:
        return [call for call in generated.calls(id_) if call.startswith("set_update_interval")]

    assert intervals("with_the_hub") == []
    assert intervals("every_minute") == ["set_update_interval(60000)"]
    assert intervals("on_demand") == ["set_update_interval(4294967295UL)"]
    assert intervals("listed") == ["set_update_interval(2073600000)"]


def test_text_sensors_and_button(bench: Workbench) -> None:
    generated = bench.generate(
        device("""\
            multical:
              id: heat
            text_sensor:
              - platform: multical
                serial_number: {name: A, id: serial}
                meter_type: {name: B, id: type}
                software_revision: {name: C, id: revision}
                link_status: {name: D, id: status}
            binary_sensor:
              - platform: multical
                connected: {name: E, id: there}
            button:
              - platform: multical
                read: {name: F, id: now}
        """)
    )
    assert generated.constructed("serial") == "NumberTextSensor(1001)"
    assert generated.constructed("type") == "MeterTypeTextSensor()"
    assert generated.constructed("revision") == "SoftwareRevisionTextSensor(1005)"
    assert generated.constructed("now") == "ReadButton()"
    assert "set_parent(heat)" in generated.calls("revision")
    assert "set_parent(heat)" in generated.calls("now")
    assert set(generated.calls("heat")) == {
        "set_uart_parent(meter_uart)",
        "set_update_interval(900000)",
        "set_response_timeout(2000)",
        "set_retries(2)",
        "add_entity(serial)",
        "add_entity(revision)",
        "add_meter_type_listener(type)",
        "add_meter_type_listener(revision)",
        "set_link_status_text_sensor(status)",
        "set_connected_binary_sensor(there)",
    }


def test_changed_configuration_is_generated_anew(bench: Workbench) -> None:
    """In the same build folder, as a user does it: what is gone from the YAML is gone."""
    bench.generate(device(EVERYTHING))
    generated = bench.generate(device("multical:\n"))
    assert of_component(generated) == {}
    assert generated.sources == HUB_SOURCES


def test_automations_compile(bench: Workbench) -> None:
    """The generated calls fit the C++ methods, and x is a text in every usual way."""
    actions = "".join(f"    - {action}\n" for action in ACTIONS)
    lambda_ = """\
    - lambda: |-
        if (x == "ok" || x != "no_answer")
          id(heat).read();
        const std::string text = "link " + x.str();
        ESP_LOGD("test", "%s, %s", x.c_str(), text.c_str());
    - logger.log: {format: "link %s", args: [x.c_str()]}
"""
    hub = f"multical:\n  id: heat\n  on_reading:\n{actions}  on_link_status:\n{actions}{lambda_}"
    generated = bench.generate(device(EVERYTHING.replace("multical:\n", hub, 1), "host"))
    assert generated.main.count("multical::ReadAction<>();") == len(ACTIONS)
    assert generated.main.count("multical::ReadAction<StringRef>();") == len(ACTIONS)
    compiler = shutil.which("g++")
    assert compiler
    result = subprocess.run(
        [compiler, "-std=gnu++20", "-fsyntax-only", "-DUSE_HOST", "-Isrc", "src/main.cpp"],
        cwd=generated.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
