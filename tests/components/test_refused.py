"""Configurations that cannot work, and what is said about them.

Whoever reads the message may have never programmed: it names the key as it stands in the YAML and
says what is allowed there. Its path makes ESPHome print it at that key.
"""

from __future__ import annotations

import esphome.config_validation as cv
import pytest

from .harness import TARGETS, Problem, Workbench, device, uart, uarts
from .test_accepted import each_action
from .test_defaults import other_keys

ENERGY_UNITS = "Wh, kWh, MWh, GWh, J, kJ, MJ, GJ, cal, kcal, Mcal, Gcal"
SPEAKS = "(a meter speaks 1200 baud, 8 data bits, no parity, 2 stop bits)"
WIRES = "(the meter is asked on tx_pin, answers on rx_pin)"
INTERVAL = (
    "update_interval must be a time with its unit, from 1s to 24d, for example 15min, or never; "
    "a reading takes about a second on the line, and a battery meter pays for each."
)
TIMEOUT = (
    "response_timeout must be a time with its unit, from 100ms to 10s, for example 2s; "
    "the meter may take 1.6s."
)
RETRIES = "retries must be a whole number from 0 to 10."
REGISTER = "register must be a whole number from 1 to 65535."

PLATFORM_KEYS = [
    ("sensor", "power"),
    ("sensor", "requests"),
    ("text_sensor", "link_status"),
    ("text_sensor", "link_advice"),
    ("binary_sensor", "connected"),
    ("button", "read"),
    ("button", "check_wiring"),
]
each_platform = pytest.mark.parametrize(("platform", "key"), PLATFORM_KEYS)

TWO_METERS = "multical:\n  - {id: heat, uart_id: meter_uart}\n  - {id: cold, uart_id: uart_2}\n"


def sensor(lines: str, hub: str = "multical:\n") -> str:
    """Return a hub and a sensor block."""
    return f"{hub}sensor:\n  - platform: multical\n    {lines}\n"


# The UART


@pytest.mark.parametrize(
    ("settings", "key", "said"),
    [
        ("baud_rate: 9600, stop_bits: 2", "baud_rate", "baud_rate is 9600, must be 1200"),
        ("baud_rate: 1200, stop_bits: 1", "stop_bits", "stop_bits is 1, must be 2"),
        # Left out, it is 1.
        ("baud_rate: 1200", "stop_bits", "stop_bits is 1, must be 2"),
        (
            "baud_rate: 1200, stop_bits: 2, parity: EVEN",
            "parity",
            "parity is EVEN, must be NONE",
        ),
        (
            "baud_rate: 1200, stop_bits: 2, data_bits: 7",
            "data_bits",
            "data_bits is 7, must be 8",
        ),
    ],
)
@pytest.mark.parametrize("target", ["esp8266", "esp32c3", "host"])
def test_uart_setting(bench: Workbench, target: str, settings: str, key: str, said: str) -> None:
    problem = bench.refuse_once(device("multical:\n", target, uart(target, settings)))
    assert problem == Problem(f"uart.0.{key}", f"uart 'meter_uart': {said} {SPEAKS}.")


@pytest.mark.parametrize("target", ["esp8266", "esp32", "esp32c3"])
@pytest.mark.parametrize(("there", "missing"), [("tx_pin", "rx_pin"), ("rx_pin", "tx_pin")])
def test_missing_pin(bench: Workbench, target: str, there: str, missing: str) -> None:
    bus = f"uart:\n  {{id: meter_uart, {there}: GPIO4, baud_rate: 1200, stop_bits: 2}}\n"
    problem = bench.refuse_once(device("multical:\n", target, bus))
    said = f"uart 'meter_uart': {missing} is missing {WIRES}."
    assert problem == Problem(f"uart.0.{missing}", said)


def test_everything_wrong_is_said_at_once(bench: Workbench) -> None:
    """And a UART whose id nobody has written is not called by the one that ESPHome gives it."""
    bus = "uart: {tx_pin: GPIO4, baud_rate: 2400, parity: ODD}\n"
    assert bench.refuse(device("multical:\n", bus=bus)) == [
        Problem("uart.0.baud_rate", f"uart: baud_rate is 2400, must be 1200 {SPEAKS}."),
        Problem("uart.0.parity", f"uart: parity is ODD, must be NONE {SPEAKS}."),
        Problem("uart.0.stop_bits", f"uart: stop_bits is 1, must be 2 {SPEAKS}."),
        Problem("uart.0.rx_pin", f"uart: rx_pin is missing {WIRES}."),
    ]


def test_only_the_meters_uart_is_judged(bench: Workbench) -> None:
    bus = uarts().replace("id: uart_2", "stop_bits: 1, id: uart_2").replace(", stop_bits: 2", "")
    problem = bench.refuse_once(device("multical:\n  uart_id: uart_2\n", bus=bus))
    assert problem.path == "uart.1.stop_bits"
    assert problem.message.startswith("uart 'uart_2': ")


def test_usb_uart(bench: Workbench) -> None:
    bus = "usb_uart:\n  - type: cp210x\n    channels: [{id: usb, baud_rate: 1200}]\n"
    text = device("multical:\n", "esp32", bus).replace("variant: esp32\n", "variant: esp32s3\n")
    problem = bench.refuse_once(text)
    said = f"uart 'usb': stop_bits is 1, must be 2 {SPEAKS}."
    assert problem == Problem("usb_uart.0.channels.0.stop_bits", said)


def test_host_uart_without_port(bench: Workbench) -> None:
    bus = "uart: {baud_rate: 1200, stop_bits: 2}\n"
    problem = bench.refuse_once(device("multical:\n", "host", bus))
    assert problem.path == "uart.0"
    assert "port" in problem.message


def test_no_uart(bench: Workbench) -> None:
    problem = bench.refuse_once(device("multical:\n", bus=""))
    assert problem == Problem("multical", "Component multical requires component uart.")


def test_unknown_uart(bench: Workbench) -> None:
    problem = bench.refuse_once(device("multical:\n  uart_id: meter_urt\n"))
    assert problem.path == "multical.0.uart_id"
    assert "'meter_urt'" in problem.message
    assert '"meter_uart"' in problem.message


def test_uart_not_chosen(bench: Workbench) -> None:
    problem = bench.refuse_once(device("multical:\n", bus=uarts()))
    assert problem.path == "multical.0.uart_id"
    assert "'meter_uart', 'uart_2', 'uart_3'" in problem.message


@pytest.mark.parametrize("target", TARGETS)
def test_two_meters_on_one_uart(bench: Workbench, target: str) -> None:
    """Also where a UART has no pins that ESPHome would see in use twice."""
    problem = bench.refuse_once(device("multical:\n  - id: heat\n  - id: cold\n", target))
    assert problem == Problem(
        "multical.1.uart_id",
        "uart 'meter_uart' has a meter already: each multical needs a uart of its own.",
    )


def test_uart_shared_with_another_device(bench: Workbench) -> None:
    """ESPHome's own check."""
    body = "multical:\nsensor:\n  - {platform: cse7766, voltage: {name: Voltage}}\n"
    said = {problem.path: problem.message for problem in bench.refuse(device(body))}
    assert "used both by cse7766 and multical" in said["uart.0.rx_pin"]


# Numbers and times of the hub


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        *[
            ("update_interval", value, INTERVAL)
            for value in ("0s", "500ms", "-5s", "15", "25d", "often", "Never", "", "[1s]")
        ],
        *[
            ("response_timeout", value, TIMEOUT)
            for value in ("0s", "50ms", "99ms", "10001ms", "11s", "2", "never", "")
        ],
        *[("retries", value, RETRIES) for value in ("-1", "11", "2.5", "many", "", "[2]")],
    ],
)
def test_hub_value(bench: Workbench, key: str, value: str, said: str) -> None:
    problem = bench.refuse_once(device(f"multical:\n  {key}: {value}\n"))
    assert problem == Problem(f"multical.0.{key}", said)


@pytest.mark.parametrize("value", ["0s", "500ms", "25d", "15", "often"])
@pytest.mark.parametrize(
    ("lines", "path"),
    [
        ("power: {{name: A, update_interval: {}}}", "power"),
        ("registers: [{{register: 266, name: A, update_interval: {}}}]", "registers.0"),
    ],
)
def test_entity_interval(bench: Workbench, value: str, lines: str, path: str) -> None:
    problem = bench.refuse_once(device(sensor(lines.format(value))))
    assert problem == Problem(f"sensor.0.{path}.update_interval", INTERVAL)


@pytest.mark.parametrize("trigger", ["on_reading", "on_link_status"])
@pytest.mark.parametrize(
    ("action", "path", "named"),
    [
        ("multical.red: heat", "then.0.multical.red", "'multical.red'"),
        ("multical.read: cold", "then.0.multical.read.id", "'cold'"),
        ("multical.read: {id: heat, now: 1}", "then.0.multical.read.now", "[now]"),
        ("multical.check_wirng: heat", "then.0.multical.check_wirng", "'multical.check_wirng'"),
        ("multical.check_wiring: cold", "then.0.multical.check_wiring.id", "'cold'"),
        (
            "multical.check_wiring: {id: heat, baud_rate: 300}",
            "then.0.multical.check_wiring.baud_rate",
            "[baud_rate]",
        ),
    ],
)
def test_action(bench: Workbench, trigger: str, action: str, path: str, named: str) -> None:
    body = f"multical:\n  id: heat\n  {trigger}:\n    then:\n      - {action}\n"
    problem = bench.refuse_once(device(body))
    assert problem.path.endswith(path)
    assert problem.path.startswith(f"multical.0.{trigger}.")
    assert named in problem.message


# Units


@pytest.mark.parametrize(
    ("key", "unit", "allowed"),
    [
        # Of another quantity.
        ("heat_energy", "m³", ENERGY_UNITS),
        ("cooling_energy", "kW", ENERGY_UNITS),
        ("volume", "L/h", "L, m³"),
        ("volume", "kg", "L, m³"),
        ("mass", "m³", "t, kg"),
        ("flow", "m³", "L/h, m³/h, L/min"),
        ("power", "kWh", "W, kW, MW, GW"),
        ("supply_temperature", "K", "°C"),
        ("temperature_difference", "°C", "K"),
        ("pressure_1", "kW", "bar"),
        ("operating_hours", "kWh", "h, min, s, ms, d"),
        ("volume_temperature_supply", "m³", "m³·°C"),
        ("input_a", "°C", f"{ENERGY_UNITS}, L, m³"),
        # Of the meter's, but nothing to show a number in.
        ("volume", "m³ x 10", "L, m³"),
        ("operating_hours", "number", "h, min, s, ms, d"),
        # Of nobody's.
        ("heat_energy", "KWH", ENERGY_UNITS),
        ("supply_temperature", "°F", "°C"),
        ("power", "5", "W, kW, MW, GW"),
        ("power", "''", "W, kW, MW, GW"),
        ("power", "", "W, kW, MW, GW"),
        # A plain number has none.
        ("info_event_count", "h", "none, it is a plain number"),
        ("info_event_count", "number", "none, it is a plain number"),
    ],
)
def test_unit(bench: Workbench, key: str, unit: str, allowed: str) -> None:
    problem = bench.refuse_once(
        device(sensor(f"{key}:\n      name: A\n      unit_of_measurement: {unit}"))
    )
    assert problem == Problem(
        f"sensor.0.{key}.unit_of_measurement",
        f"unit_of_measurement '{unit.strip("'")}' does not fit {key}, allowed: {allowed}.",
    )


@pytest.mark.parametrize(
    ("number", "unit", "allowed"),
    [
        (60, "m³", f"allowed: {ENERGY_UNITS}."),
        (113, "h", "allowed: none, it is a plain number."),
        (266, "furlong", f"allowed: {ENERGY_UNITS}, varh, "),
        (348, "yy:mm:dd", f"allowed: {ENERGY_UNITS}, varh, "),
    ],
)
def test_unit_by_number(bench: Workbench, number: int, unit: str, allowed: str) -> None:
    entity = f"{{register: {number}, name: A, unit_of_measurement: '{unit}'}}"
    problem = bench.refuse_once(device(sensor(f"registers: [{entity}]")))
    assert problem.path == "sensor.0.registers.0.unit_of_measurement"
    said = f"unit_of_measurement '{unit}' does not fit register {number}, {allowed}"
    assert problem.message.startswith(said)


# Registers by number


@pytest.mark.parametrize(
    "number", ["0", "65536", "-1", "1.5", "0x10000", "heat_energy", "''", "", "[60]"]
)
def test_register_number(bench: Workbench, number: str) -> None:
    problem = bench.refuse_once(
        device(sensor(f"registers:\n      - name: A\n        register: {number}"))
    )
    assert problem == Problem("sensor.0.registers.0.register", REGISTER)


def test_register_without_number(bench: Workbench) -> None:
    problem = bench.refuse_once(device(sensor("registers: [{name: A}]")))
    assert problem.path == "sensor.0.registers.0.register"
    assert problem.message == "'register' is a required option for [registers]."


@pytest.mark.parametrize(
    ("first", "second", "path", "number", "shown_by"),
    [
        (
            "registers: [{register: 266, name: A}, {register: 0x10A, name: B}]",
            "",
            "sensor.0.registers.1",
            266,
            "registers[0]",
        ),
        (
            "heat_energy: {name: A}\n    registers: [{register: 60, name: B}]",
            "",
            "sensor.0.registers.0",
            60,
            "heat_energy",
        ),
        (
            "heat_energy: {name: A}",
            "heat_energy: {name: B}",
            "sensor.1.heat_energy",
            60,
            "heat_energy",
        ),
        (
            "registers: [{register: 80, name: A}]",
            "power: {name: B}",
            "sensor.1.power",
            80,
            "registers[0]",
        ),
    ],
    ids=["list", "key and list", "two blocks", "two blocks, list and key"],
)
def test_register_twice(
    bench: Workbench, first: str, second: str, path: str, number: int, shown_by: str
) -> None:
    blocks = "".join(f"  - platform: multical\n    {block}\n" for block in (first, second) if block)
    problem = bench.refuse_once(device(f"multical:\nsensor:\n{blocks}"))
    assert problem == Problem(
        path,
        f"register {number} is read twice: {shown_by} shows it already. "
        "Each register once per meter; for a second unit use a copy sensor.",
    )


# Hubs


@each_platform
def test_no_hub(bench: Workbench, platform: str, key: str) -> None:
    problem = bench.refuse_once(
        device(f"{platform}:\n  - platform: multical\n    {key}: {{name: A}}\n")
    )
    said = f"Component {platform}.multical requires component multical."
    assert problem == Problem(f"{platform}.0", said)


@each_platform
def test_unknown_hub(bench: Workbench, platform: str, key: str) -> None:
    body = (
        f"multical:\n  id: heat_meter\n{platform}:\n  - platform: multical\n"
        f"    multical_id: heat_metre\n    {key}: {{name: A}}\n"
    )
    problem = bench.refuse_once(device(body))
    assert problem.path == f"{platform}.0.multical_id"
    assert "'heat_metre'" in problem.message
    assert '"heat_meter"' in problem.message


@each_platform
def test_hub_not_chosen(bench: Workbench, platform: str, key: str) -> None:
    body = f"{TWO_METERS}{platform}:\n  - platform: multical\n    {key}: {{name: A}}\n"
    problem = bench.refuse_once(device(body, bus=uarts()))
    assert problem.path == f"{platform}.0.multical_id"
    assert "'multical_id'" in problem.message
    assert "'heat', 'cold'" in problem.message


@each_action
def test_action_without_chosen_hub(bench: Workbench, action: str) -> None:
    body = f"{TWO_METERS}interval:\n  - {{interval: 1h, then: [{action}: ]}}\n"
    problem = bench.refuse_once(device(body, bus=uarts()))
    assert problem.path == f"interval.0.then.0.{action}.id"
    assert "'heat', 'cold'" in problem.message


# Keys that do not exist


@pytest.mark.parametrize(
    ("body", "path", "said"),
    [
        (
            "multical:\n  update_intervall: 1min\n",
            "multical.0.update_intervall",
            "[update_intervall] is an invalid option for [multical]. "
            "Did you mean [update_interval]?",
        ),
        (
            sensor("heat_enrgy: {name: A}"),
            "sensor.0.heat_enrgy",
            "[heat_enrgy] is an invalid option for [sensor.multical]. Did you mean [heat_energy]",
        ),
        (
            sensor("failed_request: {name: A}"),
            "sensor.0.failed_request",
            "[failed_request] is an invalid option for [sensor.multical]. "
            "Did you mean [failed_requests]",
        ),
        (
            sensor("registers: [{register: 266, name: A, unit: kWh}]"),
            "sensor.0.registers.0.unit",
            "[unit] is an invalid option for [registers].",
        ),
        (
            "multical:\ntext_sensor:\n  - platform: multical\n    serial: {name: A}\n",
            "text_sensor.0.serial",
            "[serial] is an invalid option for [text_sensor.multical].",
        ),
        (
            "multical:\nbinary_sensor:\n  - platform: multical\n    conected: {name: A}\n",
            "binary_sensor.0.conected",
            "[conected] is an invalid option for [binary_sensor.multical]. "
            "Did you mean [connected]",
        ),
        (
            "multical:\nbutton:\n  - platform: multical\n    reed: {name: A}\n",
            "button.0.reed",
            "[reed] is an invalid option for [button.multical]. Did you mean [read]",
        ),
        # They come with each update, not at an interval or from a register of their own.
        *[
            (
                sensor(f"{key}: {{name: A, {option}: {value}}}"),
                f"sensor.0.{key}.{option}",
                f"[{option}] is an invalid option for [{key}].",
            )
            for key in other_keys("sensor")
            for option, value in (("update_interval", "1min"), ("register", 60))
        ],
        *[
            (
                f"multical:\n{platform}:\n  - platform: multical\n    {key}: {{name: A, nam: B}}\n",
                f"{platform}.0.{key}.nam",
                f"[nam] is an invalid option for [{key}]. Did you mean [name]",
            )
            for platform, key in PLATFORM_KEYS
        ],
    ],
)
def test_unknown_key(bench: Workbench, body: str, path: str, said: str) -> None:
    problem = bench.refuse_once(device(body))
    assert problem.path == path
    assert problem.message.startswith(said)


@each_platform
def test_entity_without_name(bench: Workbench, platform: str, key: str) -> None:
    body = f"multical:\n{platform}:\n  - platform: multical\n    {key}: {{}}\n"
    problem = bench.refuse_once(device(body))
    assert problem.path == f"{platform}.0.{key}"
    assert "'name:' is required" in problem.message


# ESPHome itself


def on_version(monkeypatch: pytest.MonkeyPatch, version: str) -> str:
    """Let ESPHome be of another version, and return a device for it."""
    monkeypatch.setattr(cv, "ESPHOME_VERSION", version)
    # Otherwise the version that is really installed is the default, and ESPHome refuses that.
    return device("multical:\n").replace("esphome:\n", "esphome:\n  min_version: 2025.1.0\n", 1)


@pytest.mark.parametrize("version", ["2026.9.4", "2025.12.0"])
def test_esphome_too_old(bench: Workbench, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    problem = bench.refuse_once(on_version(monkeypatch, version))
    said = "This component requires at least ESPHome version 2026.10.0."
    assert problem == Problem("multical.0", said)


@pytest.mark.parametrize("version", ["2026.10.0", "2026.10.3", "2026.11.0-dev", "2027.1.0"])
def test_esphome_new_enough(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    bench.accept(on_version(monkeypatch, version))
