"""The C++ that a configuration becomes: everything that is asked for, and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from multical.keys import LINK_SENSORS

from .devices import (
    ACTIONS,
    EVERYTHING,
    FOREIGN_UARTS,
    FORMS,
    KEYS,
    foreign_uart_device,
)
from .harness import (
    COMPONENTS,
    ESPHOME,
    ESPS,
    TARGETS,
    Generated,
    Workbench,
    block,
    device,
    uart,
    uarts,
)

#: What `defines.h` has for the entities that need more than their own class.
FEATURES = {
    "USE_MULTICAL_CONNECTED",
    "USE_MULTICAL_INFO_TEXT",
    "USE_MULTICAL_LINK_ADVICE",
    "USE_MULTICAL_LINK_SENSORS",
    "USE_MULTICAL_LINK_STATUS",
}

#: The lengths of a hub's lists, in `defines.h` whether it needs them or not.
NO_SIZES = dict.fromkeys(
    (
        "MULTICAL_MAX_ENTITIES",
        "MULTICAL_MAX_INFO_CODES",
        "MULTICAL_MAX_INTERVALS",
        "MULTICAL_MAX_SIDE_TASKS",
        "MULTICAL_MAX_TYPE_LISTENERS",
    ),
    "0",
)
#: When one entity is read.
ONE_ENTITY = {"MULTICAL_MAX_ENTITIES": "1"}
#: When it has an interval of its own, as all has that says which meter this is.
OWN_INTERVAL = ONE_ENTITY | {"MULTICAL_MAX_INTERVALS": "1"}
#: When something wants to know the meter's type.
METER_TYPE = {"MULTICAL_MAX_TYPE_LISTENERS": "1"}
#: When the info codes are read: besides, the meter may be asked whether it counts heat.
INFO = {"MULTICAL_MAX_ENTITIES": "2"}
#: When they are written out.
INFO_TEXT = {"USE_MULTICAL_INFO_TEXT": ""}
#: What asks something between the readings.
SIDE_TASK = {"MULTICAL_MAX_SIDE_TASKS": "1"}
#: When the wiring check may change the speed of the UART.
SPEED_CHECK = {"USE_MULTICAL_SPEED_CHECK": ""}

#: What every hub on the pins of an ESP defines.
RX_PIN = {"USE_MULTICAL_RX_PIN": ""}
HUB_DEFINES = dict.fromkeys(ESPS, NO_SIZES | RX_PIN) | {"host": NO_SIZES}

#: How the hub `heat` gets to see the line, or the port.
WIRE = dict.fromkeys(ESPS, "port().set_rx_pin(heat_multical_rx_pin)") | {
    "host": "port().set_component(meter_uart)"
}

#: What else is called on a hub that is left as it is.
HUB_CALLS = [
    "port().set_uart_parent(meter_uart)",
    "set_update_interval(900000)",
    "set_response_timeout(2000)",
    "set_retries(2)",
]

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
    assert sorted(generated.calls("heat")) == sorted([WIRE[target], *HUB_CALLS])


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
        "port().set_rx_pin(heat_multical_rx_pin)",
        "port().set_uart_parent(meter_uart)",
        "set_response_timeout(1600)",
        "set_retries(0)",
        "set_update_interval(4294967295UL)",
    ]


@pytest.mark.parametrize(
    ("platform", "key", "defines"),
    [
        ("sensor", "power", ONE_ENTITY),
        ("sensor", "heat_energy", ONE_ENTITY),
        *[("sensor", key, {"USE_MULTICAL_LINK_SENSORS": ""}) for key in LINK_SENSORS],
        ("text_sensor", "serial_number", OWN_INTERVAL),
        ("text_sensor", "max_flow_year_date", ONE_ENTITY),
        ("text_sensor", "customer_number", OWN_INTERVAL),
        ("text_sensor", "meter_time", OWN_INTERVAL),
        ("text_sensor", "meter_type", METER_TYPE),
        # The register is for meters that tell no revision with their type.
        ("text_sensor", "software_revision", ONE_ENTITY | METER_TYPE),
        ("text_sensor", "info", INFO | INFO_TEXT),
        ("text_sensor", "info_code", INFO | INFO_TEXT),
        ("text_sensor", "link_status", {"USE_MULTICAL_LINK_STATUS": ""}),
        ("text_sensor", "link_advice", {"USE_MULTICAL_LINK_ADVICE": ""}),
        ("binary_sensor", "connected", {"USE_MULTICAL_CONNECTED": ""}),
        ("binary_sensor", "problem", INFO),
        (
            "binary_sensor",
            "info_codes.heating_system_burst",
            INFO | {"MULTICAL_MAX_INFO_CODES": "1"},
        ),
        # None of the codes.
        ("binary_sensor", "info_codes", {}),
        ("button", "read", {}),
        ("button", "check_wiring", SIDE_TASK | SPEED_CHECK),
        ("button", "scan_registers", SIDE_TASK),
    ],
)
def test_only_what_is_asked_for(
    bench: Workbench, platform: str, key: str, defines: dict[str, str]
) -> None:
    lines = block(platform, key, "" if key == "info_codes" else "name: A")
    generated = bench.generate(device(f"multical:\n{lines}"))
    assert of_component(generated) == NO_SIZES | RX_PIN | defines
    assert generated.sources == HUB_SOURCES | platform_sources(platform)


@pytest.mark.parametrize(("interval", "defines"), [("1min", OWN_INTERVAL), ("never", ONE_ENTITY)])
def test_intervals_only_where_there_is_one(
    bench: Workbench, interval: str, defines: dict[str, str]
) -> None:
    lines = block("sensor", "power", f"name: A, update_interval: {interval}")
    generated = bench.generate(device(f"multical:\n{lines}"))
    assert of_component(generated) == NO_SIZES | RX_PIN | defines


@pytest.mark.parametrize(
    ("action", "defines"),
    [
        ("multical.read", {}),
        ("multical.check_wiring", SIDE_TASK | SPEED_CHECK),
        ("multical.scan_registers", SIDE_TASK),
    ],
)
def test_only_what_an_action_needs(bench: Workbench, action: str, defines: dict[str, str]) -> None:
    generated = bench.generate(device(f"multical:\n  on_reading: [{action}: ]\n"))
    assert of_component(generated) == NO_SIZES | RX_PIN | defines
    assert generated.sources == HUB_SOURCES


@pytest.mark.parametrize("target", TARGETS)
def test_everything(bench: Workbench, target: str) -> None:
    generated = bench.generate(device(EVERYTHING, target))
    assert_sound(generated)
    defines = of_component(generated)
    speed_check = set() if target == "host" else set(SPEED_CHECK)
    assert set(defines) == FEATURES | set(HUB_DEFINES[target]) | speed_check
    for size, call in (
        ("MULTICAL_MAX_ENTITIES", "->add_entity("),
        ("MULTICAL_MAX_INTERVALS", ", multical::Schedule::IDENTITY, "),
        ("MULTICAL_MAX_INFO_CODES", "->add_code_binary_sensor("),
    ):
        assert defines[size] == str(generated.main.count(call))
    assert defines["MULTICAL_MAX_SIDE_TASKS"] == "2"
    assert defines["MULTICAL_MAX_TYPE_LISTENERS"] == "2"
    assert generated.sources == HUB_SOURCES.union(*map(platform_sources, KEYS))


def test_names_of_the_users_are_free(bench: Workbench) -> None:
    """What codegen makes beside the YAML's objects takes none of the names that come to mind."""
    bus = uart().replace("rx_pin: GPIO4", "rx_pin: {number: GPIO4, id: heat_rx_pin}")
    generated = bench.generate(
        device(
            """\
            multical:
              id: heat
            text_sensor:
              - platform: multical
                info: {name: A, id: heat_info}
            binary_sensor:
              - platform: multical
                problem: {name: B, id: heat_info_monitor}
            button:
              - platform: multical
                check_wiring: {name: C, id: heat_wiring_check}
                scan_registers: {name: D, id: heat_register_scan}
            """,
            bus=bus,
        )
    )
    assert_sound(generated)


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
                info: {name: H}
              - platform: multical
                multical_id: large
                info_code: {name: I}
                registers: [{register: 1001, name: J}]
              - platform: multical
                multical_id: small
                meter_type: {name: G}
            binary_sensor:
              - platform: multical
                multical_id: small
                info_codes: {low_battery: {name: K}, v1_air: {name: L}}
              - platform: multical
                multical_id: small
                problem: {name: M}
                info_codes: {no_supply: {name: N}}
              - platform: multical
                multical_id: large
                info_codes: {v1_air: {name: O}, v2_air: {name: P}}
            """,
            bus=uarts(),
        )
    )
    assert of_component(generated) == RX_PIN | INFO_TEXT | METER_TYPE | {
        "MULTICAL_MAX_ENTITIES": "7",
        "MULTICAL_MAX_INFO_CODES": "3",
        "MULTICAL_MAX_INTERVALS": "1",
        "MULTICAL_MAX_SIDE_TASKS": "0",
    }

    def count(id_: str, method: str) -> int:
        return len([call for call in generated.calls(id_) if call.startswith(f"{method}(")])

    assert {
        hub: (
            count(hub, "add_entity"),
            generated.made.count(f"{hub}_multical_info"),
            count(f"{hub}_multical_info", "add_code_binary_sensor"),
        )
        for hub in ("none", "small", "large")
    } == {"none": (0, 0, 0), "small": (4, 1, 3), "large": (7, 1, 2)}


def test_side_tasks_are_made_once(bench: Workbench) -> None:
    """Whatever starts them, in whatever order; and for each hub its own."""
    generated = bench.generate(
        device(
            """\
            multical:
              - id: heat
                uart_id: meter_uart
                on_reading: [multical.check_wiring: heat, multical.scan_registers: cold]
              - id: cold
                uart_id: uart_2
                on_link_status: [multical.check_wiring: heat]
            interval:
              - {interval: 1h, then: [multical.check_wiring: heat, multical.scan_registers: cold]}
            button:
              - platform: multical
                multical_id: heat
                check_wiring: {name: A, id: check_heat}
                scan_registers: {name: B, id: scan_heat}
              - platform: multical
                multical_id: cold
                scan_registers: {name: C, id: scan_cold}
            """,
            bus=uarts(),
        )
    )
    assert_sound(generated)
    assert of_component(generated)["MULTICAL_MAX_SIDE_TASKS"] == "2"
    tasks = {
        hub: sorted(call for call in generated.calls(hub) if call.startswith("add_side_task("))
        for hub in ("heat", "cold")
    }
    assert tasks == {
        "heat": [
            "add_side_task(heat_multical_register_scan)",
            "add_side_task(heat_multical_wiring_check)",
        ],
        "cold": ["add_side_task(cold_multical_register_scan)"],
    }
    assert generated.main.count("->set_parent(heat_multical_wiring_check);") == 4
    assert generated.main.count("->set_parent(heat_multical_register_scan);") == 1
    assert generated.main.count("->set_parent(cold_multical_register_scan);") == 3


def test_intervals_of_entities(bench: Workbench) -> None:
    generated = bench.generate(
        device(
            """\
            multical:
              - {id: heat, uart_id: meter_uart}
              - {id: cold, uart_id: uart_2}
            sensor:
              - platform: multical
                multical_id: cold
                heat_energy: {name: J, id: fine_on_demand, update_interval: never}
              - platform: multical
                multical_id: heat
                heat_energy: {name: A, id: with_the_hub}
                power: {name: B, id: every_minute, update_interval: 1min}
                flow: {name: C, id: on_demand, update_interval: never}
                cooling_energy: {name: E, id: fine, update_interval: 5min}
                registers:
                  - {register: 266, name: D, id: listed, update_interval: 24d}
            text_sensor:
              - platform: multical
                multical_id: heat
                max_flow_year_date: {name: F, id: day, update_interval: 1h}
                min_flow_year_date: {name: G, id: day_with_the_hub}
                registers:
                  - {register: 99, name: H, id: exact, update_interval: never}
                  - {register: 1001, name: I, id: exact_with_the_hub}
            """,
            bus=uarts(),
        )
    )

    own = "multical::Schedule::OWN_INTERVAL"
    manual = "multical::Schedule::MANUAL"
    expected = {
        "with_the_hub": "60, 266",
        "every_minute": f"80, 0, {own}, 60000",
        "on_demand": f"74, 0, {manual}",
        "fine": f"63, 267, {own}, 300000",
        "fine_on_demand": f"60, 266, {manual}",
        "listed": f"266, 0, {own}, 2073600000",
        "day": f"123, 0, {own}, 3600000",
        "day_with_the_hub": "125",
        "exact": f"99, 0, {manual}",
        "exact_with_the_hub": "1001",
    }
    calls = [
        call
        for hub in ("heat", "cold")
        for call in generated.calls(hub)
        if call.startswith("add_entity(")
    ]
    assert sorted(calls) == sorted(f"add_entity({id_}, {how})" for id_, how in expected.items())
    assert of_component(generated)["MULTICAL_MAX_INTERVALS"] == "4"


@pytest.mark.parametrize(
    ("clocks", "expected"),
    [
        ("", []),
        ("time: [{platform: host, id: wall}]\n", ["set_time_source(wall)"]),
        ("time: [{platform: host, id: a}, {platform: host, id: b}]\n", ["set_time_source(a)"]),
    ],
    ids=["none", "one", "two"],
)
def test_clock(bench: Workbench, clocks: str, expected: list[str]) -> None:
    """The meter's is compared with the device's, if it has one."""
    lines = block("text_sensor", "meter_time", "name: A, id: meter_time")
    generated = bench.generate(device(f"multical:\n{lines}{clocks}", "host"))
    calls = generated.calls("meter_time")
    assert sorted(calls) == sorted(["set_parent(multical_multical_id)", *expected])


def test_entities_of_two_hubs(bench: Workbench) -> None:
    """Each gets its own, and no other's."""
    hubs = {"first": "meter_uart", "second": "uart_2"}
    shown = {
        "sensor": ("requests", "last_reading_age"),
        "text_sensor": ("info", "info_code", "link_status", "link_advice"),
        "binary_sensor": ("connected", "problem"),
    }
    body = "multical:\n" + "".join(f"  - {{id: {h}, uart_id: {bus}}}\n" for h, bus in hubs.items())
    for platform, keys in shown.items():
        body += f"{platform}:\n"
        for hub in hubs:
            body += f"  - platform: multical\n    multical_id: {hub}\n"
            body += "".join(f"    {key}: {{name: {hub} {key}, id: {hub}_{key}}}\n" for key in keys)
            if platform == "binary_sensor":
                body += f"    info_codes: {{v1_air: {{name: {hub} air, id: {hub}_air}}}}\n"
    generated = bench.generate(device(body, bus=uarts()))
    assert_sound(generated)
    calls = {
        hub: sorted([*generated.calls(hub), *generated.calls(f"{hub}_multical_info")])
        for hub in hubs
    }
    assert "add_code_binary_sensor(8, first_air)" in calls["first"]
    assert sum("link()." in call for call in calls["first"]) == 5
    other = {"first": "second", "meter_uart": "uart_2"}
    of_second = [re.sub("first|meter_uart", lambda m: other[m[0]], call) for call in calls["first"]]
    assert sorted(of_second) == calls["second"]


#: Action -> what a hub `cold` has that it calls.
CALLED = {
    "multical.read": "cold",
    "multical.check_wiring": "cold_multical_wiring_check",
    "multical.scan_registers": "cold_multical_register_scan",
}


@pytest.mark.parametrize(("action", "class_"), ACTIONS.items())
def test_action_has_its_hub(bench: Workbench, action: str, class_: str) -> None:
    body = (
        "multical:\n  - {id: heat, uart_id: meter_uart}\n  - {id: cold, uart_id: uart_2}\n"
        f"interval: [{{interval: 1h, then: [{action}: cold]}}]\n"
    )
    generated = bench.generate(device(body, bus=uarts()))
    (id_,) = re.findall(rf"new\((\w+)\) multical::{class_}<>\(\);", generated.main)
    assert generated.calls(id_) == [f"set_parent({CALLED[action]})"]


# The wiring check at other speeds


CHECK_BUTTON = "button:\n  - platform: multical\n    check_wiring: {name: A}\n"
SETTINGS = "baud_rate: 1200, stop_bits: 2"


def assert_check(generated: Generated, hub: dict[str, str], *, speed: bool) -> None:
    """There is a wiring check, at other speeds or not, and no more. hub: what the hub defines."""
    check = NO_SIZES | SIDE_TASK | (SPEED_CHECK if speed else {})
    assert of_component(generated) == hub | check


@pytest.mark.parametrize(
    ("target", "tx_pin", "rx_pin", "expected"),
    [
        ("esp8266", "GPIO5", "GPIO4", True),
        ("esp8266", "GPIO1", "GPIO3", True),
        # The swapped UART0, in every spelling.
        ("esp8266", "GPIO15", "GPIO13", False),
        ("esp8266", "15", "13", False),
        ("esp8266", "D8", "D7", False),
        ("esp8266", "GPIO15", "{number: GPIO13, inverted: true}", False),
        ("esp8266", "{number: D8, inverted: true}", "{number: D7, mode: INPUT_PULLUP}", False),
        # One of its pins, or both the wrong way round, are no UART0: the program is the UART.
        ("esp8266", "GPIO12", "GPIO13", True),
        ("esp8266", "GPIO15", "GPIO4", True),
        ("esp8266", "GPIO13", "GPIO15", True),
        # An ESP32 has nothing to swap.
        ("esp32", "GPIO5", "GPIO4", True),
        ("esp32", "GPIO15", "GPIO13", True),
        ("esp32c3", "GPIO5", "GPIO4", True),
    ],
)
def test_speed_check(
    bench: Workbench, target: str, tx_pin: str, rx_pin: str, expected: bool
) -> None:
    bus = f"uart: {{tx_pin: {tx_pin}, rx_pin: {rx_pin}, {SETTINGS}}}\n"
    generated = bench.generate(device(f"multical:\n{CHECK_BUTTON}", target, bus))
    assert_check(generated, RX_PIN, speed=expected)


def test_no_speed_check_on_host(bench: Workbench) -> None:
    generated = bench.generate(device(f"multical:\n{CHECK_BUTTON}", "host"))
    assert_check(generated, {}, speed=False)


@pytest.mark.parametrize(
    ("hubs", "expected"),
    [
        # All hubs are one C++ class: the check is not for one of them alone.
        ([("heat", "meter_uart"), ("cold", "swapped")], False),
        ([("cold", "swapped"), ("heat", "meter_uart")], False),
        # What a UART without a meter is on does not matter.
        ([("heat", "meter_uart")], True),
    ],
    ids=["second swapped", "first swapped", "no meter on the swapped one"],
)
@pytest.mark.parametrize("way", ["button", "action"])
def test_speed_check_of_two_meters(
    bench: Workbench, way: str, hubs: list[tuple[str, str]], expected: bool
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
    assert_check(bench.generate(device(body, bus=bus)), RX_PIN, speed=expected)


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
    assert with_hub.calls("heat").count(WIRE[target]) == 1
    assert "heat_multical_rx_pin" in with_hub.variables

    # Nothing else is done with it: above all, no setup() that would take the pin off the UART.
    calls = with_hub.calls("heat_multical_rx_pin")
    methods = {call.split("(")[0] for call in calls}
    assert methods <= {"set_pin", "set_inverted", "set_drive_strength", "set_flags"}
    number = "4" if target == "esp8266" else "::GPIO_NUM_4"
    assert f"set_pin({number})" in calls
    assert ("set_inverted(true)" in calls) == inverted
    assert f"set_flags({flags})" in calls

    # The UART's own is another object of the same class, made from the same settings.
    own = uart_pin(with_hub, "meter_uart")
    assert own != "heat_multical_rx_pin"
    assert own == "mine" or "mine" not in rx_pin
    assert with_hub.calls(own) == calls
    assert class_of(with_hub, own) == class_of(with_hub, "heat_multical_rx_pin")


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
    hubs = {"heat": "meter_uart", "cold": "uart_2"}
    lines = "".join(f"  - {{id: {hub}, uart_id: {bus}}}\n" for hub, bus in hubs.items())
    bus = uarts(target).replace("rx_pin: GPIO4", "rx_pin: {number: GPIO4, inverted: true}")
    generated = bench.generate(device(f"multical:\n{lines}", target, bus))
    assert_sound(generated)
    for hub, uart_id in hubs.items():
        assert [call for call in generated.calls(hub) if "rx_pin" in call] == [
            f"port().set_rx_pin({hub}_multical_rx_pin)"
        ]
        assert generated.calls(f"{hub}_multical_rx_pin") == generated.calls(
            uart_pin(generated, uart_id)
        )
    inverted = [
        hub for hub in hubs if "set_inverted(true)" in generated.calls(f"{hub}_multical_rx_pin")
    ]
    assert inverted == ["heat"]


def test_rx_pin_of_a_hub_without_a_name(bench: Workbench) -> None:
    generated = bench.generate(device("multical:\n"))
    assert_sound(generated)
    assert generated.main.count("multical_multical_id->port().set_rx_pin(") == 1


def test_ports_of_several_hubs(bench: Workbench) -> None:
    generated = bench.generate(
        device(
            "multical:\n  - {id: heat, uart_id: uart_2}\n  - {id: cold, uart_id: uart_3}\n",
            "host",
            uarts("host"),
        )
    )
    assert "port().set_component(uart_2)" in generated.calls("heat")
    assert "port().set_component(uart_3)" in generated.calls("cold")


@pytest.mark.parametrize("bus", FOREIGN_UARTS)
def test_uart_of_another_component(bench: Workbench, bus: str) -> None:
    """It has no pin to look at, no port that the hub could ask for, and no speed on the wire."""
    body = f"multical:\n  id: heat\n{CHECK_BUTTON}"
    generated = bench.generate(foreign_uart_device(bus, body))
    assert_sound(generated)
    assert_check(generated, {}, speed=False)
    calls = [call for call in generated.calls("heat") if call.startswith("port().")]
    assert [call.split("(")[1] for call in calls] == [").set_uart_parent"]


def test_pins_of_another_chip(bench: Workbench) -> None:
    """The hub looks at the line where that is known to work, and changes no speed elsewhere."""
    bus = f"uart: {{tx_pin: GPIO4, rx_pin: GPIO5, {SETTINGS}}}\n"
    text = device(f"multical:\n  id: heat\n{CHECK_BUTTON}", "host", bus)
    chip = "rp2" if ESPHOME >= (2026, 7) else "rp2040"
    generated = bench.generate(text.replace("host:\n", f"{chip}:\n  board: rpipico\n"))
    assert_check(generated, {}, speed=False)
    calls = [call for call in generated.calls("heat") if call.startswith("port().")]
    assert [call.split("(")[1] for call in calls] == [").set_uart_parent"]


# Again, and all of it


def test_changed_configuration_is_generated_anew(bench: Workbench) -> None:
    """In the same build folder, as a user does it: what is gone from the YAML is gone."""
    bench.generate(device(EVERYTHING))
    generated = bench.generate(device("multical:\n"))
    assert of_component(generated) == NO_SIZES | RX_PIN
    assert generated.sources == HUB_SOURCES


def test_automations_compile(bench: Workbench) -> None:
    """The generated calls fit the C++ methods, and x is a text in every usual way."""
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
    generated = bench.generate(device(EVERYTHING.replace("multical:\n", hub, 1), "host"))
    for class_ in ACTIONS.values():
        assert generated.main.count(f"multical::{class_}<>();") == len(FORMS)
        assert generated.main.count(f"multical::{class_}<StringRef>();") == len(FORMS)
    assert_compiles(generated, "src/main.cpp")


#: Name -> YAML beside the hub.
PARTS = {
    "hub": "",
    "sensor": block("sensor", "power"),
    "high-resolution sensor": block("sensor", "heat_energy"),
    "link sensor": block("sensor", "reply_delay"),
    "registers text sensor": block("text_sensor", "registers", "register: 266, name: A"),
    "customer number": block("text_sensor", "customer_number"),
    "meter time": block("text_sensor", "meter_time"),
    "meter time and clock": block("text_sensor", "meter_time") + "time: [{platform: host}]\n",
    "meter type": block("text_sensor", "meter_type"),
    "software revision": block("text_sensor", "software_revision"),
    "info": block("text_sensor", "info"),
    "info code": block("text_sensor", "info_code"),
    "status": block("text_sensor", "link_status"),
    "advice": block("text_sensor", "link_advice"),
    "connected": block("binary_sensor", "connected"),
    "problem": block("binary_sensor", "problem"),
    "info codes": block("binary_sensor", "info_codes.low_battery"),
    "check button": block("button", "check_wiring"),
    "scan button": block("button", "scan_registers"),
    "check action": "interval: [{interval: 1h, then: [multical.check_wiring: ]}]\n",
    "scan action": "interval: [{interval: 1h, then: [multical.scan_registers: ]}]\n",
}


@pytest.mark.parametrize("body", PARTS.values(), ids=PARTS)
def test_each_feature_compiles_alone(bench: Workbench, body: str) -> None:
    """Without the headers and defines that another feature brings along."""
    generated = bench.generate(device(f"multical:\n{body}", "host"))
    # Each source of the class that is made, and each that looks different with these defines; all
    # with conditions for the bare hub.
    classes = re.findall(r"new\(\w+\) multical::(\w+)\(", generated.main)
    defines = [name for name in of_component(generated) if name.startswith("USE_")]
    reasons = [*defines, *[f"{name}::" for name in classes if name != "Multical"]]
    folder = COMPONENTS / "multical"
    texts = {path: (folder / path).read_text("utf-8") for path in generated.sources}
    changed = [
        f"src/esphome/components/multical/{path}"
        for path, text in texts.items()
        if path.endswith(".cpp") and any(it in text for it in reasons or ["#ifdef USE_MULTICAL"])
    ]
    assert changed
    assert_compiles(generated, "src/main.cpp", *changed)


#: What is deprecated in ESPHome's headers is an error.
FLAGS = ("-std=gnu++20", "-Werror=deprecated-declarations", "-DUSE_HOST", "-Isrc")


def assert_compiles(generated: Generated, *sources: str) -> None:
    """Let the compiler look at files of a device that is this computer, and make nothing."""
    compiler = shutil.which("g++")
    assert compiler
    result = subprocess.run(
        [compiler, *FLAGS, "-fsyntax-only", *sources],
        cwd=generated.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
