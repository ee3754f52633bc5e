"""The C++ of a configuration, apart from what test_every_key.py shows of single entities."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from .devices import (
    ACTIONS,
    EVERYTHING,
    FOREIGN_UARTS,
    FORMS,
    KEYS,
    foreign_uart_device,
)
from .harness import COMPONENTS, ESPS, TARGETS, Code, Workbench, block, device, uart, uarts

#: How the hub `heat` gets at the pin or the port.
WIRE = dict.fromkeys(ESPS, "port().set_rx_pin(heat_multical_rx_pin)") | {
    "host": "port().set_component(meter_uart)"
}
#: The lengths of a hub's lists, always in `defines.h`.
SIZES = {
    f"MULTICAL_MAX_{kind}"
    for kind in ("ENTITIES", "INFO_CODES", "INTERVALS", "SIDE_TASKS", "TYPE_LISTENERS")
}
SETTINGS = "baud_rate: 1200, stop_bits: 2"
CHECK_BUTTON = "button:\n  - platform: multical\n    check_wiring: {name: A}\n"


def assert_sound(code: Code) -> None:
    """Each object is declared once and made once; otherwise it does not compile or run."""
    assert sorted(code.variables) == sorted(set(code.variables))
    assert sorted(code.made) == sorted(code.variables)


def two_hubs(body: str) -> str:
    """Return the YAML of a device with the hubs heat and cold, and this body."""
    hubs = "multical:\n  - {id: heat, uart_id: meter_uart}\n  - {id: cold, uart_id: uart_2}\n"
    return device(hubs + body, bus=uarts())


@pytest.mark.parametrize("target", TARGETS)
def test_hub_alone(bench: Workbench, target: str) -> None:
    code = bench.code(device("multical:\n  id: heat\n", target))
    pin = {} if target == "host" else {"USE_MULTICAL_RX_PIN": ""}
    assert code.own_defines == dict.fromkeys(SIZES, "0") | pin
    assert code.constructed("heat") == "Multical()"
    assert sorted(code.calls("heat")) == sorted(
        [
            WIRE[target],
            "port().set_uart_parent(meter_uart)",
            "set_update_interval(3600000)",
            "set_response_timeout(2000)",
            "set_retries(2)",
        ]
    )


def test_settings_of_the_hub(bench: Workbench) -> None:
    settings = "update_interval: never, response_timeout: 1600ms, retries: 0"
    calls = bench.code(device(f"multical: {{id: heat, {settings}}}\n")).calls("heat")
    assert sorted(call for call in calls if call.startswith("set_")) == [
        "set_response_timeout(1600)",
        "set_retries(0)",
        "set_update_interval(4294967295UL)",
    ]


@pytest.mark.parametrize("target", TARGETS)
def test_line_is_lent_only_where_that_is_wanted(bench: Workbench, target: str) -> None:
    """And only by the hub that names the serial_proxy of its UART."""
    network = "" if target == "host" else "wifi: {ssid: a, password: abcdefgh}\n"
    proxy = "{id: head, name: H, port_type: TTL, uart_id: meter_uart}"
    hubs = "multical:\n  - {id: heat, uart_id: meter_uart, serial_proxy_id: head}\n"
    hubs += "  - {id: cold, uart_id: uart_2}\n"
    text = f"api:\n{network}serial_proxy: [{proxy}]\n{hubs}"
    code = bench.code(device(text, target, uarts(target)))
    assert "USE_MULTICAL_SERIAL_PROXY" in code.own_defines
    assert "port().set_serial_proxy(head)" in code.calls("heat")
    assert not any("serial_proxy" in call for call in code.calls("cold"))


@pytest.mark.parametrize("target", TARGETS)
def test_everything(bench: Workbench, target: str) -> None:
    code = bench.code(device(EVERYTHING, target))
    assert_sound(code)
    # Nothing is lost that an entity brings along when it is alone.
    for platform, keys in KEYS.items():
        for key in keys:
            assert f"{platform}_{key.removeprefix('info_codes.')}" in code.made
    assert {name: int(code.own_defines[name]) for name in SIZES} == {
        "MULTICAL_MAX_ENTITIES": code.main.count("->add_entity("),
        "MULTICAL_MAX_INTERVALS": code.main.count(", multical::Schedule::IDENTITY, "),
        "MULTICAL_MAX_INFO_CODES": code.main.count("->add_code_binary_sensor("),
        "MULTICAL_MAX_SIDE_TASKS": 2,
        "MULTICAL_MAX_TYPE_LISTENERS": 2,
    }


def test_users_can_use_any_name(bench: Workbench) -> None:
    """Objects that codegen adds to those of the YAML take no name that a user may choose."""
    bus = uart().replace("rx_pin: GPIO4", "rx_pin: {number: GPIO4, id: heat_rx_pin}")
    body = (
        "multical: {id: heat}\n"
        + block("text_sensor", "info", "name: A, id: heat_info")
        + block("binary_sensor", "problem", "name: B, id: heat_info_monitor")
        + block("button", "check_wiring", "name: C, id: heat_wiring_check")
        + "    scan_registers: {name: D, id: heat_register_scan}\n"
    )
    assert_sound(bench.code(device(body, bus=bus)))


# Several hubs


def test_entities_of_two_hubs(bench: Workbench) -> None:
    """Each gets its own and nobody else's, from any number of blocks."""
    shown = {
        "sensor": ("requests", "last_reading_age", "heat_energy", "power"),
        "text_sensor": ("info", "info_code", "link_status", "link_advice", "meter_type"),
        "binary_sensor": ("connected", "problem"),
        "button": ("check_wiring", "scan_registers"),
    }
    body = ""
    for platform, keys in shown.items():
        body += f"{platform}:\n"
        for hub in ("heat", "cold"):
            head = f"  - platform: multical\n    multical_id: {hub}\n"
            for key in keys:
                body += f"{head}    {key}: {{name: {hub} {key}, id: {hub}_{key}}}\n"
            if platform == "binary_sensor":
                body += f"{head}    info_codes: {{v1_air: {{name: {hub} air, id: {hub}_air}}}}\n"
    code = bench.code(two_hubs(body))
    assert_sound(code)
    calls = {
        hub: sorted([*code.calls(hub), *code.calls(f"{hub}_multical_info")])
        for hub in ("heat", "cold")
    }
    assert "add_code_binary_sensor(8, heat_air)" in calls["heat"]
    assert sum("link()." in call for call in calls["heat"]) == 5
    other = {"heat": "cold", "meter_uart": "uart_2"}
    name = r"\b(heat(?=\b|_(?!energy|evidence))|meter_uart)"
    assert sorted(re.sub(name, lambda m: other[m[0]], call) for call in calls["heat"]) == sorted(
        calls["cold"]
    )


def test_lists_are_as_long_as_the_largest_hub_needs(bench: Workbench) -> None:
    """Not what the last one or all of them need; each list has a different largest hub."""
    body = """\
sensor:
  - {platform: multical, multical_id: heat, heat_energy: A, power: B}
  - {platform: multical, multical_id: cold, heat_energy: C}
text_sensor:
  - {platform: multical, multical_id: cold, serial_number: D, info: E}
  - {platform: multical, multical_id: cold, type_number: F}
  - {platform: multical, multical_id: heat, meter_type: G, target_date: M}
binary_sensor:
  - {platform: multical, multical_id: heat, info_codes: {low_battery: H, v1_air: I}}
  - {platform: multical, multical_id: heat, problem: J}
  - {platform: multical, multical_id: cold, info_codes: {v1_air: K}}
button:
  - {platform: multical, multical_id: heat, scan_registers: L}
"""
    assert bench.code(two_hubs(body)).own_defines == {
        "USE_MULTICAL_INFO_TEXT": "",
        "USE_MULTICAL_RX_PIN": "",
        "MULTICAL_MAX_ENTITIES": "5",
        "MULTICAL_MAX_INFO_CODES": "2",
        "MULTICAL_MAX_INTERVALS": "2",
        "MULTICAL_MAX_SIDE_TASKS": "1",
        "MULTICAL_MAX_TYPE_LISTENERS": "1",
    }


def test_more_entities_than_a_byte_counts(bench: Workbench) -> None:
    rows = "".join(f"      - {{register: {n}, name: n{n}}}\n" for n in range(1, 257))
    body = f"multical:\n  id: heat\nsensor:\n  - platform: multical\n    registers:\n{rows}"
    text = device(body)
    result = bench.run(text, "compile", "--only-generate")
    assert result.returncode != 0
    assert "multical 'heat' reads 256 entities, allowed: 255" in result.stdout
    one_less = text.replace("      - {register: 256, name: n256}\n", "")
    assert bench.code(one_less).own_defines["MULTICAL_MAX_ENTITIES"] == "255"


#: Action -> what each hub has once because of it, and what is defined.
TASKS = {
    "multical.read": ("", set()),
    "multical.check_wiring": ("_multical_wiring_check", {"USE_MULTICAL_SPEED_CHECK"}),
    "multical.scan_registers": ("_multical_register_scan", set()),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_action_is_for_its_hub(bench: Workbench, action: str) -> None:
    """What it needs is made once for that hub, whatever starts it, and not for other hubs."""
    task, defines = TASKS[action]
    key = action.removeprefix("multical.")
    body = (
        f"interval: [{{interval: 1h, then: [{action}: cold]}}]\n"
        f"button: [{{platform: multical, multical_id: cold, {key}: A}}]\n"
    )
    both = f"uart_2, on_reading: [{action}: heat, {action}: cold]"
    for text, heat, cold in (
        (two_hubs(body), 0, 2),
        (two_hubs(body).replace("uart_2}\n", f"{both}}}\n"), 1, 3),
    ):
        code = bench.code(text)
        assert_sound(code)
        assert code.main.count(f"->set_parent(heat{task});") == heat
        assert code.main.count(f"->set_parent(cold{task});") == cold
        made = [call for hub in ("heat", "cold") for call in code.calls(hub) if "_task(" in call]
        hubs = ["heat"] * bool(heat) + ["cold"]
        assert made == [f"add_side_task({hub}{task})" for hub in hubs if task]
        assert code.own_defines["MULTICAL_MAX_SIDE_TASKS"] == str(int(bool(task)))
        assert code.own_defines.keys() - SIZES == defines | {"USE_MULTICAL_RX_PIN"}


@pytest.mark.parametrize("clocks", ["", "one", "one two"])
def test_clock(bench: Workbench, clocks: str) -> None:
    """The meter's clock is compared with the device's, if it has one."""
    lines = block("text_sensor", "meter_time", "name: A, id: meter_time")
    times = "".join(f"  - {{platform: host, id: {id_}}}\n" for id_ in clocks.split())
    code = bench.code(device(f"multical:\n{lines}{times and f'time:\n{times}'}", "host"))
    expected = ["set_parent(multical_multical_id)", *["set_time_source(one)"] * bool(clocks)]
    assert sorted(code.calls("meter_time")) == expected


# The wiring check at other speeds


@pytest.mark.parametrize(
    ("target", "tx_pin", "rx_pin", "expected"),
    [
        ("esp8266", "GPIO5", "GPIO4", True),
        ("esp8266", "GPIO1", "GPIO3", True),
        # The swapped UART0, in every spelling.
        ("esp8266", "GPIO15", "GPIO13", False),
        ("esp8266", "15", "13", False),
        ("esp8266", "D8", "D7", False),
        ("esp8266", "{number: D8, inverted: true}", "{number: D7, mode: INPUT_PULLUP}", False),
        # Only one of its pins, or the two swapped, is not UART0: the UART is in software.
        ("esp8266", "GPIO12", "GPIO13", True),
        ("esp8266", "GPIO15", "GPIO4", True),
        ("esp8266", "GPIO13", "GPIO15", True),
        # An ESP32 has nothing to swap.
        ("esp32", "GPIO15", "GPIO13", True),
        ("esp32c3", "GPIO5", "GPIO4", True),
    ],
)
def test_speed_check(
    bench: Workbench, target: str, tx_pin: str, rx_pin: str, expected: bool
) -> None:
    bus = f"uart: {{tx_pin: {tx_pin}, rx_pin: {rx_pin}, {SETTINGS}}}\n"
    code = bench.code(device(f"multical:\n{CHECK_BUTTON}", target, bus))
    assert ("USE_MULTICAL_SPEED_CHECK" in code.own_defines) == expected


@pytest.mark.parametrize(
    ("hubs", "expected"),
    [
        # All hubs are one C++ class: the check is not for one of them alone.
        ({"heat": "meter_uart", "cold": "swapped"}, False),
        ({"cold": "swapped", "heat": "meter_uart"}, False),
        # The pins of a UART without a meter do not matter.
        ({"heat": "meter_uart"}, True),
    ],
    ids=["second swapped", "first swapped", "no meter on the swapped one"],
)
def test_speed_check_of_two_meters(bench: Workbench, hubs: dict[str, str], expected: bool) -> None:
    swapped = f"  - {{id: swapped, tx_pin: GPIO15, rx_pin: GPIO13, {SETTINGS}}}\n"
    lines = "".join(f"  - {{id: {hub}, uart_id: {uart}}}\n" for hub, uart in hubs.items())
    button = CHECK_BUTTON.replace("check_wiring", "multical_id: heat\n    check_wiring")
    code = bench.code(device(f"multical:\n{lines}{button}", bus=uart() + swapped))
    assert ("USE_MULTICAL_SPEED_CHECK" in code.own_defines) == expected


# How the hub reads the line


@pytest.mark.parametrize(
    ("rx_pin", "inverted", "flags"),
    [
        ("GPIO4", False, "gpio::Flags::FLAG_INPUT"),
        (
            "{number: GPIO4, inverted: true, mode: {input: true, pullup: true}}",
            True,
            "(gpio::Flags::FLAG_INPUT | gpio::Flags::FLAG_PULLUP)",
        ),
        # An id from the user names the UART's pin, not ours.
        ("{number: GPIO4, id: mine}", False, "gpio::Flags::FLAG_INPUT"),
    ],
)
@pytest.mark.parametrize("target", ESPS)
def test_rx_pin(bench: Workbench, target: str, rx_pin: str, inverted: bool, flags: str) -> None:
    """Each hub has its own object, for the same pin as the UART's."""
    bus = uarts(target).replace("rx_pin: GPIO4", f"rx_pin: {rx_pin}")
    hubs = {"heat": "meter_uart", "cold": "uart_2"}
    lines = "".join(f"  - {{id: {hub}, uart_id: {uart_id}}}\n" for hub, uart_id in hubs.items())
    code = bench.code(device(f"multical:\n{lines}", target, bus))
    assert_sound(code)

    # Nothing else is done with it: above all, no setup() that would take the pin from the UART.
    calls = code.calls("heat_multical_rx_pin")
    methods = {call.split("(")[0] for call in calls}
    assert methods <= {"set_pin", "set_inverted", "set_drive_strength", "set_flags"}
    number = "4" if target == "esp8266" else "::GPIO_NUM_4"
    assert f"set_pin({number})" in calls
    assert ("set_inverted(true)" in calls) == inverted
    assert f"set_flags({flags})" in calls

    for hub, uart_id in hubs.items():
        ours = f"{hub}_multical_rx_pin"
        assert [call for call in code.calls(hub) if "pin" in call] == [f"port().set_rx_pin({ours})"]
        # The UART's own is another object of the same class, made from the same settings.
        (call,) = [call for call in code.calls(uart_id) if call.startswith("set_rx_pin(")]
        own = call.removeprefix("set_rx_pin(").removesuffix(")")
        assert own != ours
        assert code.calls(own) == code.calls(ours)
        classes = re.findall(rf"new\((?:{own}|{ours})\) ([\w:]+)\(\);", code.main)
        assert len(classes) == 2
        assert len(set(classes)) == 1
    assert ("mine" in code.made) == ("mine" in rx_pin)


def test_ports_of_several_hubs(bench: Workbench) -> None:
    hubs = "multical:\n  - {id: heat, uart_id: uart_2}\n  - {id: cold, uart_id: uart_3}\n"
    code = bench.code(device(hubs, "host", uarts("host")))
    assert "port().set_component(uart_2)" in code.calls("heat")
    assert "port().set_component(uart_3)" in code.calls("cold")


@pytest.mark.parametrize("bus", FOREIGN_UARTS)
def test_uart_of_another_component(bench: Workbench, bus: str) -> None:
    """It has no pin to read, no port that the hub could check, and no speed on the wire."""
    code = bench.code(foreign_uart_device(bus, f"multical:\n  id: heat\n{CHECK_BUTTON}"))
    assert_sound(code)
    assert code.own_defines.keys() == SIZES
    calls = [call for call in code.calls("heat") if call.startswith("port().")]
    assert [call.split("(")[1] for call in calls] == [").set_uart_parent"]


# Compiling


def test_automations_compile(bench: Workbench) -> None:
    """The generated calls fit the C++ methods, and x can be used as a text in every usual way."""
    actions = "".join(f"    - {action}{form}\n" for action in ACTIONS for form in FORMS)
    lambda_ = """\
    - lambda: |-
        if (x == "ok" || x != "no_answer")
          id(heat).read();
        if (!id(heat).is_updating())
          id(heat).update();
        const std::string text = "link " + x.str();
        ESP_LOGD("test", "%s, %s", x.c_str(), text.c_str());
    - logger.log: {format: "link %s", args: [x.c_str()]}
"""
    hub = f"multical:\n  id: heat\n  on_reading:\n{actions}  on_link_status:\n{actions}{lambda_}"
    text = device(EVERYTHING.replace("multical:\n", hub, 1), "host")
    main = bench.code(text).main
    for class_ in ACTIONS.values():
        assert main.count(f"multical::{class_}<>();") == len(FORMS)
        assert main.count(f"multical::{class_}<StringRef>();") == len(FORMS)
    assert_compiles(bench, text)


#: Name -> YAML next to the hub: one for everything that is defined and for each class.
PARTS = {
    "hub": "",
    "sensor": block("sensor", "power"),
    "high-resolution sensor": block("sensor", "heat_energy"),
    "link sensor": block("sensor", "reply_delay"),
    "registers text sensor": block("text_sensor", "registers", "register: 266, name: A"),
    "customer number": block("text_sensor", "customer_number"),
    "meter time and clock": block("text_sensor", "meter_time") + "time: [{platform: host}]\n",
    "meter type": block("text_sensor", "meter_type"),
    "software revision": block("text_sensor", "software_revision"),
    "info code": block("text_sensor", "info_code"),
    "status": block("text_sensor", "link_status"),
    "advice": block("text_sensor", "link_advice"),
    "connected": block("binary_sensor", "connected"),
    "info codes": block("binary_sensor", "info_codes.low_battery"),
    "check button": block("button", "check_wiring"),
    "scan action": "interval: [{interval: 1h, then: [multical.scan_registers: ]}]\n",
}


@pytest.mark.parametrize("body", PARTS.values(), ids=PARTS)
def test_each_feature_compiles_alone(bench: Workbench, body: str) -> None:
    """Without the headers and defines that another feature brings along."""
    text = device(f"multical:\n{body}", "host")
    code = bench.code(text)
    # The sources of each class that is made, and those that change with these defines; for the bare
    # hub, all that have conditions.
    classes = re.findall(r"new\(\w+\) multical::(\w+)\(", code.main)
    defines = [name for name in code.own_defines if name.startswith("USE_")]
    reasons = [*defines, *[f"{name}::" for name in classes if name != "Multical"]]
    folder = COMPONENTS / "multical"
    changed = [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*.cpp"))
        if any(it in path.read_text("utf-8") for it in reasons or ["#ifdef USE_MULTICAL"])
    ]
    assert changed
    assert_compiles(bench, text, *changed)


#: Anything deprecated in ESPHome's headers is an error.
FLAGS = ("-std=gnu++20", "-Werror=deprecated-declarations", "-DUSE_HOST", "-Isrc")


def assert_compiles(bench: Workbench, text: str, *sources: str) -> None:
    """Have the compiler check main.cpp and sources of a device for the host platform."""
    generated = bench.generate(text)
    paths = [f"src/esphome/components/multical/{path}" for path in sources]
    compiler = shutil.which("g++")
    assert compiler
    result = subprocess.run(
        [compiler, *FLAGS, "-fsyntax-only", "src/main.cpp", *paths],
        cwd=generated.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
