"""The C++ that a configuration becomes: everything that is asked for, and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from .harness import COMPONENTS, ESPS, TARGETS, Generated, Workbench, device, uarts
from .test_accepted import (
    ACTIONS,
    EVERYTHING,
    FOREIGN_UARTS,
    FORMS,
    foreign_uart_device,
)
from .test_defaults import SENSORS, other_keys

FEATURES = {
    "USE_MULTICAL_CHECK_WIRING",
    "USE_MULTICAL_CONNECTED",
    "USE_MULTICAL_LINK_ADVICE",
    "USE_MULTICAL_LINK_SENSORS",
    "USE_MULTICAL_LINK_STATUS",
    "USE_MULTICAL_METER_TYPE",
}
SIZES = {"MULTICAL_MAX_ENTITIES", "MULTICAL_MAX_TYPE_LISTENERS"}

#: What the wiring check needs on every device.
CHECK = {"USE_MULTICAL_CHECK_WIRING": "", "USE_MULTICAL_LINK_ADVICE": ""}
#: And where a UART can change its speed.
SPEED_CHECK = CHECK | {"USE_MULTICAL_SPEED_CHECK": ""}

#: What every hub on the pins of an ESP defines.
RX_PIN = {"USE_MULTICAL_RX_PIN": ""}
HUB_DEFINES = dict.fromkeys(ESPS, RX_PIN) | {"host": {}}

#: How the hub `heat` gets to see the line, or the port.
WIRE = dict.fromkeys(ESPS, "set_rx_pin(heat_rx_pin)") | {"host": "set_port(meter_uart)"}

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


@pytest.mark.parametrize("target", TARGETS)
def test_hub_alone(bench: Workbench, target: str) -> None:
    generated = bench.generate(device("multical:\n  id: heat\n", target))
    assert of_component(generated) == HUB_DEFINES[target]
    assert generated.sources == HUB_SOURCES
    assert generated.constructed("heat") == "Multical()"
    assert sorted(generated.calls("heat")) == sorted(
        [
            WIRE[target],
            "set_response_timeout(2000)",
            "set_retries(2)",
            "set_uart_parent(meter_uart)",
            "set_update_interval(900000)",
        ]
    )


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
        "set_rx_pin(heat_rx_pin)",
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
        *[("sensor", key, {"USE_MULTICAL_LINK_SENSORS": ""}) for key in other_keys("sensor")],
        ("text_sensor", "link_status", {"USE_MULTICAL_LINK_STATUS": ""}),
        ("text_sensor", "link_advice", {"USE_MULTICAL_LINK_ADVICE": ""}),
        ("binary_sensor", "connected", {"USE_MULTICAL_CONNECTED": ""}),
        ("button", "read", {}),
        ("button", "check_wiring", SPEED_CHECK),
    ],
)
def test_only_what_is_asked_for(
    bench: Workbench, platform: str, key: str, defines: dict[str, str]
) -> None:
    generated = bench.generate(
        device(f"multical:\n{platform}:\n  - platform: multical\n    {key}: {{name: A}}\n")
    )
    assert of_component(generated) == RX_PIN | defines
    assert generated.sources == HUB_SOURCES | platform_sources(platform)


@pytest.mark.parametrize(
    ("action", "defines"), [("multical.read", {}), ("multical.check_wiring", SPEED_CHECK)]
)
def test_only_what_an_action_needs(bench: Workbench, action: str, defines: dict[str, str]) -> None:
    generated = bench.generate(device(f"multical:\n  on_reading: [{action}: ]\n"))
    assert of_component(generated) == RX_PIN | defines
    assert generated.sources == HUB_SOURCES


@pytest.mark.parametrize("target", TARGETS)
def test_everything(bench: Workbench, target: str) -> None:
    generated = bench.generate(device(EVERYTHING, target))
    defines = of_component(generated)
    speed_check = set() if target == "host" else {"USE_MULTICAL_SPEED_CHECK"}
    assert set(defines) == FEATURES | SIZES | set(HUB_DEFINES[target]) | speed_check
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
    assert of_component(generated) == RX_PIN | {
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


def test_text_sensors_and_buttons(bench: Workbench) -> None:
    generated = bench.generate(
        device("""\
            multical:
              id: heat
            sensor:
              - platform: multical
                requests: {name: G, id: asked}
                failed_requests: {name: H, id: failed}
                reply_delay: {name: I, id: latency}
                last_reading_age: {name: J, id: age}
            text_sensor:
              - platform: multical
                serial_number: {name: A, id: serial}
                meter_type: {name: B, id: type}
                software_revision: {name: C, id: revision}
                link_status: {name: D, id: status}
                link_advice: {name: K, id: advice}
            binary_sensor:
              - platform: multical
                connected: {name: E, id: there}
            button:
              - platform: multical
                read: {name: F, id: now}
                check_wiring: {name: L, id: check}
        """)
    )
    assert generated.constructed("serial") == "NumberTextSensor(1001)"
    assert generated.constructed("type") == "MeterTypeTextSensor()"
    assert generated.constructed("revision") == "SoftwareRevisionTextSensor(1005)"
    assert generated.constructed("now") == "ReadButton()"
    assert generated.constructed("check") == "CheckWiringButton()"
    assert "set_parent(heat)" in generated.calls("revision")
    assert "set_parent(heat)" in generated.calls("now")
    assert "set_parent(heat)" in generated.calls("check")
    assert set(generated.calls("heat")) == {
        "set_uart_parent(meter_uart)",
        "set_rx_pin(heat_rx_pin)",
        "set_update_interval(900000)",
        "set_response_timeout(2000)",
        "set_retries(2)",
        "add_entity(serial)",
        "add_entity(revision)",
        "add_meter_type_listener(type)",
        "add_meter_type_listener(revision)",
        "link().set_requests_sensor(asked)",
        "link().set_failed_requests_sensor(failed)",
        "link().set_reply_delay_sensor(latency)",
        "link().set_last_reading_age_sensor(age)",
        "link().set_link_status_text_sensor(status)",
        "link().set_link_advice_text_sensor(advice)",
        "link().set_connected_binary_sensor(there)",
    }


def test_entities_of_two_links(bench: Workbench) -> None:
    """Each hub gets its own."""
    hubs = {"heat": "meter_uart", "cold": "uart_2"}
    keys = {
        "sensor": other_keys("sensor"),
        "text_sensor": ["link_status", "link_advice"],
        "binary_sensor": ["connected"],
    }
    body = "multical:\n" + "".join(f"  - {{id: {h}, uart_id: {bus}}}\n" for h, bus in hubs.items())
    for platform, names in keys.items():
        body += f"{platform}:\n"
        for hub in hubs:
            body += f"  - platform: multical\n    multical_id: {hub}\n"
            body += "".join(f"    {key}: {{name: {hub} {key}, id: {hub}_{key}}}\n" for key in names)
    generated = bench.generate(device(body, bus=uarts()))
    for hub in hubs:
        assert {call for call in generated.calls(hub) if call.startswith("link()")} == {
            f"link().set_{key}_{platform}({hub}_{key})"
            for platform, names in keys.items()
            for key in names
        }


# The wiring check at other speeds


CHECK_BUTTON = "button:\n  - platform: multical\n    check_wiring: {name: A}\n"
SETTINGS = "baud_rate: 1200, stop_bits: 2"


@pytest.mark.parametrize(
    ("target", "tx_pin", "rx_pin", "expected"),
    [
        ("esp8266", "GPIO5", "GPIO4", SPEED_CHECK),
        ("esp8266", "GPIO1", "GPIO3", SPEED_CHECK),
        # The swapped UART0, in every spelling.
        ("esp8266", "GPIO15", "GPIO13", CHECK),
        ("esp8266", "15", "13", CHECK),
        ("esp8266", "D8", "D7", CHECK),
        ("esp8266", "GPIO15", "{number: GPIO13, inverted: true}", CHECK),
        ("esp8266", "{number: D8, inverted: true}", "{number: D7, mode: INPUT_PULLUP}", CHECK),
        # One of its pins, or both the wrong way round, are no UART0: the program is the UART.
        ("esp8266", "GPIO12", "GPIO13", SPEED_CHECK),
        ("esp8266", "GPIO15", "GPIO4", SPEED_CHECK),
        ("esp8266", "GPIO13", "GPIO15", SPEED_CHECK),
        # An ESP32 has nothing to swap.
        ("esp32", "GPIO5", "GPIO4", SPEED_CHECK),
        ("esp32", "GPIO15", "GPIO13", SPEED_CHECK),
        ("esp32c3", "GPIO5", "GPIO4", SPEED_CHECK),
    ],
)
def test_speed_check(
    bench: Workbench, target: str, tx_pin: str, rx_pin: str, expected: dict[str, str]
) -> None:
    bus = f"uart: {{tx_pin: {tx_pin}, rx_pin: {rx_pin}, {SETTINGS}}}\n"
    generated = bench.generate(device(f"multical:\n{CHECK_BUTTON}", target, bus))
    assert of_component(generated) == RX_PIN | expected


def test_no_speed_check_on_host(bench: Workbench) -> None:
    generated = bench.generate(device(f"multical:\n{CHECK_BUTTON}", "host"))
    assert of_component(generated) == CHECK


@pytest.mark.parametrize(
    ("hubs", "expected"),
    [
        # All hubs are one C++ class: the check is not for one of them alone.
        ([("heat", "meter_uart"), ("cold", "swapped")], CHECK),
        ([("cold", "swapped"), ("heat", "meter_uart")], CHECK),
        # What a UART without a meter is on does not matter.
        ([("heat", "meter_uart")], SPEED_CHECK),
    ],
    ids=["second swapped", "first swapped", "no meter on the swapped one"],
)
@pytest.mark.parametrize("way", ["button", "action"])
def test_speed_check_of_two_meters(
    bench: Workbench, way: str, hubs: list[tuple[str, str]], expected: dict[str, str]
) -> None:
    bus = (
        f"uart:\n  - {{id: meter_uart, tx_pin: GPIO5, rx_pin: GPIO4, {SETTINGS}}}\n"
        f"  - {{id: swapped, tx_pin: GPIO15, rx_pin: GPIO13, {SETTINGS}}}\n"
    )
    body = "multical:\n" + "".join(f"  - {{id: {hub}, uart_id: {uart}}}\n" for hub, uart in hubs)
    if way == "button":
        body += CHECK_BUTTON.replace("check_wiring", "multical_id: heat\n    check_wiring")
    else:
        body += "interval: [{interval: 1h, then: [multical.check_wiring: heat]}]\n"
    assert of_component(bench.generate(device(body, bus=bus))) == RX_PIN | expected


# The pin object with which the hub looks at the line


def assert_sound(generated: Generated) -> None:
    """Each object is declared once and made once: anything else does not compile or not run."""
    assert sorted(generated.variables) == sorted(set(generated.variables))
    assert sorted(generated.made) == sorted(generated.variables)


@pytest.mark.parametrize(
    ("rx_pin", "inverted", "flags"),
    [
        ("GPIO4", False, "gpio::Flags::FLAG_INPUT"),
        ("{number: GPIO4}", False, "gpio::Flags::FLAG_INPUT"),
        ("{number: GPIO4, inverted: true}", True, "gpio::Flags::FLAG_INPUT"),
        (
            "{number: GPIO4, inverted: true, mode: {input: true, pullup: true}}",
            True,
            "(gpio::Flags::FLAG_INPUT | gpio::Flags::FLAG_PULLUP)",
        ),
        # An id of the user's is the UART's pin, not ours.
        ("{number: GPIO4, id: mine}", False, "gpio::Flags::FLAG_INPUT"),
    ],
)
@pytest.mark.parametrize("target", ["esp8266", "esp32"])
def test_rx_pin(bench: Workbench, target: str, rx_pin: str, inverted: bool, flags: str) -> None:
    bus = f"uart: {{id: meter_uart, tx_pin: GPIO5, rx_pin: {rx_pin}, {SETTINGS}}}\n"
    with_hub = bench.generate(device("multical:\n  id: heat\n", target, bus))
    assert_sound(with_hub)
    assert with_hub.calls("heat").count("set_rx_pin(heat_rx_pin)") == 1
    assert "heat_rx_pin" in with_hub.variables

    # Nothing else is done with it: above all, no setup() that would take the pin off the UART.
    calls = with_hub.calls("heat_rx_pin")
    methods = {call.split("(")[0] for call in calls}
    assert methods <= {"set_pin", "set_inverted", "set_drive_strength", "set_flags"}
    number = "4" if target == "esp8266" else "::GPIO_NUM_4"
    assert f"set_pin({number})" in calls
    assert ("set_inverted(true)" in calls) == inverted
    assert f"set_flags({flags})" in calls

    # The UART's own is another object of the same class, made from the same settings.
    own = uart_pin(with_hub, "meter_uart")
    assert own != "heat_rx_pin"
    assert own == "mine" or "mine" not in rx_pin
    assert with_hub.calls(own) == calls
    assert class_of(with_hub, own) == class_of(with_hub, "heat_rx_pin")


def uart_pin(generated: Generated, uart_id: str) -> str:
    """Return the name of the object that a UART has for its RX pin."""
    (call,) = [call for call in generated.calls(uart_id) if call.startswith("set_rx_pin(")]
    return call.removeprefix("set_rx_pin(").removesuffix(")")


def class_of(generated: Generated, id_: str) -> str:
    """Return the class of which setup() makes an object."""
    (name,) = re.findall(rf"new\({id_}\) ([\w:]+)\(\);", generated.main)
    return name


@pytest.mark.parametrize("target", ["esp8266", "esp32"])
def test_uart_is_the_same_without_a_meter(bench: Workbench, target: str) -> None:
    """Its pins, their modes at start and its settings."""
    bus = (
        f"uart: {{id: meter_uart, tx_pin: GPIO5, {SETTINGS}, "
        "rx_pin: {number: GPIO4, inverted: true, mode: {input: true, pullup: true}}}\n"
    )

    def of_uart(generated: Generated) -> list[str]:
        names = ["meter_uart", *[name for name in generated.variables if "gpiopin" in name]]
        lines = [line.strip() for line in generated.main.splitlines()]
        return [
            line
            for line in lines
            if line.startswith(tuple(f"{name}->" for name in names))
            or any(f"new({name})" in line or f"const {name} =" in line for name in names)
            or "ESPHOME_ESP8266_GPIO_INITIAL" in line
        ]

    without = of_uart(bench.generate(device("", target, bus)))
    assert len(without) > 10
    assert of_uart(bench.generate(device("multical:\n", target, bus))) == without


@pytest.mark.parametrize("target", ESPS)
def test_rx_pins_of_several_hubs(bench: Workbench, target: str) -> None:
    hubs = {"heat": "meter_uart", "cold": "uart_2", "water": "uart_3"}
    lines = "".join(f"  - {{id: {hub}, uart_id: {bus}}}\n" for hub, bus in hubs.items())
    bus = uarts(target).replace("rx_pin: GPIO4", "rx_pin: {number: GPIO4, inverted: true}")
    generated = bench.generate(device(f"multical:\n{lines}", target, bus))
    assert_sound(generated)
    for hub, uart_id in hubs.items():
        assert [call for call in generated.calls(hub) if "rx_pin" in call] == [
            f"set_rx_pin({hub}_rx_pin)"
        ]
        assert generated.calls(f"{hub}_rx_pin") == generated.calls(uart_pin(generated, uart_id))
    inverted = [hub for hub in hubs if "set_inverted(true)" in generated.calls(f"{hub}_rx_pin")]
    assert inverted == ["heat"]


def test_rx_pin_of_a_hub_without_a_name(bench: Workbench) -> None:
    generated = bench.generate(device("multical:\n"))
    assert_sound(generated)
    assert generated.main.count("multical_multical_id->set_rx_pin(") == 1


def test_ports_of_several_hubs(bench: Workbench) -> None:
    generated = bench.generate(
        device(
            "multical:\n  - {id: heat, uart_id: uart_2}\n  - {id: cold, uart_id: uart_3}\n",
            "host",
            uarts("host"),
        )
    )
    assert "set_port(uart_2)" in generated.calls("heat")
    assert "set_port(uart_3)" in generated.calls("cold")


@pytest.mark.parametrize("bus", FOREIGN_UARTS)
def test_uart_of_another_component(bench: Workbench, bus: str) -> None:
    """It has no pin to look at, no port that the hub could ask for, and no speed on the wire."""
    body = f"multical:\n  id: heat\n{CHECK_BUTTON}"
    generated = bench.generate(foreign_uart_device(bus, body))
    assert_sound(generated)
    assert of_component(generated) == CHECK
    methods = [call.split("(")[0] for call in generated.calls("heat")]
    assert "set_rx_pin" not in methods
    assert "set_port" not in methods


def test_pins_of_another_chip(bench: Workbench) -> None:
    """The hub looks at the line where that is known to work, and changes no speed elsewhere."""
    bus = f"uart: {{tx_pin: GPIO4, rx_pin: GPIO5, {SETTINGS}}}\n"
    text = device(f"multical:\n  id: heat\n{CHECK_BUTTON}", "host", bus)
    generated = bench.generate(text.replace("host:\n", "rp2:\n  board: rpipico\n"))
    assert of_component(generated) == CHECK
    assert not [call for call in generated.calls("heat") if "pin" in call or "port" in call]


# Again, and all of it


def test_changed_configuration_is_generated_anew(bench: Workbench) -> None:
    """In the same build folder, as a user does it: what is gone from the YAML is gone."""
    bench.generate(device(EVERYTHING))
    generated = bench.generate(device("multical:\n"))
    assert of_component(generated) == RX_PIN
    assert generated.sources == HUB_SOURCES


def test_automations_compile(bench: Workbench) -> None:
    """The generated calls fit the C++ methods, and x is a text in every usual way."""
    actions = "".join(f"    - {action}{form}\n" for action in ACTIONS for form in FORMS)
    lambda_ = """\
    - lambda: |-
        if (x == "ok" || x != "no_answer")
          id(heat).read();
        if (!id(heat).link().connected())
          id(heat).check_wiring();
        const std::string text = "link " + x.str();
        ESP_LOGD("test", "%s, %s", x.c_str(), text.c_str());
    - logger.log: {format: "link %s", args: [x.c_str()]}
"""
    hub = f"multical:\n  id: heat\n  on_reading:\n{actions}  on_link_status:\n{actions}{lambda_}"
    generated = bench.generate(device(EVERYTHING.replace("multical:\n", hub, 1), "host"))
    for class_ in ACTIONS.values():
        assert generated.main.count(f"multical::{class_}<>();") == len(FORMS)
        assert generated.main.count(f"multical::{class_}<StringRef>();") == len(FORMS)
    assert_compiles(generated, "src/main.cpp")


@pytest.mark.parametrize(
    "body",
    [
        "",
        *[
            f"{platform}:\n  - platform: multical\n    {key}: {{name: A}}\n"
            for platform, key in (
                ("sensor", "reply_delay"),
                ("text_sensor", "link_status"),
                ("text_sensor", "link_advice"),
                ("binary_sensor", "connected"),
                ("button", "check_wiring"),
            )
        ],
        "interval: [{interval: 1h, then: [multical.check_wiring: ]}]\n",
    ],
    ids=["hub", "sensor", "status", "advice", "connected", "check button", "check action"],
)
def test_each_feature_compiles_alone(bench: Workbench, body: str) -> None:
    """Without the headers and defines that another feature brings along."""
    generated = bench.generate(device(f"multical:\n{body}", "host"))
    # Each source that looks different with these defines; all with conditions for the bare hub.
    defines = of_component(generated) or ["#ifdef USE_MULTICAL"]
    folder = "esphome/components/multical"
    texts = {
        path: (COMPONENTS / "multical" / path).read_text("utf-8") for path in generated.sources
    }
    changed = [
        f"src/{folder}/{path}"
        for path, text in texts.items()
        if path.endswith(".cpp") and any(define in text for define in defines)
    ]
    assert changed
    assert_compiles(generated, "src/main.cpp", *changed)


def assert_compiles(generated: Generated, *sources: str) -> None:
    """Let the compiler look at files of a device that is this computer, and make nothing."""
    compiler = shutil.which("g++")
    assert compiler
    result = subprocess.run(
        [compiler, "-std=gnu++20", "-fsyntax-only", "-DUSE_HOST", "-Isrc", *sources],
        cwd=generated.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
