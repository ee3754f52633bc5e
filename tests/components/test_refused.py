"""Configurations that cannot work, and what is said about them.

Whoever reads the message may have never programmed: it names the key as it stands in the YAML and
says what is allowed there. Its path makes ESPHome print it at that key.
"""

from __future__ import annotations

import esphome.config_validation as cv
import pytest
from esphome import const

from .devices import KEYS, each_action
from .harness import TARGETS, Problem, Workbench, block, device, uart, uarts

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

#: One of each kind.
PLATFORM_KEYS = [
    ("sensor", "power"),
    ("sensor", "heat_energy"),
    ("sensor", "requests"),
    ("text_sensor", "max_flow_year_date"),
    ("text_sensor", "serial_number"),
    ("text_sensor", "customer_number"),
    ("text_sensor", "meter_time"),
    ("text_sensor", "info"),
    ("text_sensor", "link_status"),
    ("text_sensor", "link_advice"),
    ("binary_sensor", "connected"),
    ("binary_sensor", "problem"),
    ("binary_sensor", "info_codes.low_battery"),
    ("button", "read"),
    ("button", "check_wiring"),
    ("button", "scan_registers"),
]
each_platform = pytest.mark.parametrize(("platform", "key"), PLATFORM_KEYS)

TWO_HUBS = "there are 2 blocks 'multical:', so"
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
    said = (
        "there are 3 blocks 'uart:', so add 'uart_id:' with the id of the right one: "
        "meter_uart, uart_2, uart_3."
    )
    assert problem == Problem("multical.0.uart_id", said)


@pytest.mark.parametrize("ids", [("", "id: b, "), ("", "")])
def test_uart_without_id_not_chosen(bench: Workbench, ids: tuple[str, str]) -> None:
    pins = ("tx_pin: GPIO4, rx_pin: GPIO5", "tx_pin: GPIO15, rx_pin: GPIO13")
    bus = "uart:\n" + "".join(
        f"  - {{{id_}{pin}, baud_rate: 1200, stop_bits: 2}}\n"
        for id_, pin in zip(ids, pins, strict=True)
    )
    problem = bench.refuse_once(device("multical:\n", bus=bus))
    said = (
        "there are 2 blocks 'uart:', so give each an 'id:' and add 'uart_id:' with the id of the "
        "right one."
    )
    assert problem == Problem("multical.0.uart_id", said)


@pytest.mark.parametrize("target", TARGETS)
def test_two_meters_on_one_uart(bench: Workbench, target: str) -> None:
    """Also where a UART has no pins that ESPHome would see in use twice."""
    problem = bench.refuse_once(device("multical:\n  - id: heat\n  - id: cold\n", target))
    assert problem == Problem(
        "multical.1.uart_id",
        "uart 'meter_uart' has a meter already: each multical needs a uart of its own, named by "
        "its 'uart_id:'.",
    )


#: What else can be on a UART -> where it says so.
OTHER_USERS = {
    "sensor:\n  - {platform: cse7766, voltage: {name: Voltage}, uart_id: meter_uart}\n": (
        "sensor.0.uart_id"
    ),
    # Those below do not ask ESPHome whether the UART is free.
    "serial_proxy:\n  - {name: head, port_type: TTL, uart_id: meter_uart}\n": (
        "serial_proxy.0.uart_id"
    ),
    "switch:\n  - {platform: uart, name: S, data: [1], uart_id: meter_uart}\n": "switch.0.uart_id",
    "button:\n  - {platform: uart, name: S, data: [1], uart_id: meter_uart}\n": "button.0.uart_id",
    "interval:\n  - {interval: 1h, then: [{uart.write: {id: meter_uart, data: [1]}}]}\n": (
        "interval.0.then.0.uart.write.id"
    ),
    "dsmr: {uart_id: meter_uart}\n": "dsmr.0.uart_id",
}


@pytest.mark.parametrize(("other", "path"), OTHER_USERS.items(), ids=OTHER_USERS.values())
def test_uart_shared_with_another_device(bench: Workbench, other: str, path: str) -> None:
    api = "api:\nwifi: {ssid: a, password: abcdefgh}\n" if "serial_proxy" in other else ""
    said = {
        problem.path: problem.message
        for problem in bench.refuse(device(f"{api}multical:\n{other}"))
    }
    assert said == {
        path: "uart 'meter_uart' has a meter, so nothing else can use it: this would take the "
        "meter's bytes or send to the meter. It needs a uart of its own."
    }


def test_an_automation_of_the_meter_writes_to_its_uart(bench: Workbench) -> None:
    body = "multical:\n  on_reading: [{uart.write: {id: meter_uart, data: [1]}}]\n"
    problem = bench.refuse_once(device(body))
    assert problem.path == "multical.0.on_reading.0.then.0.uart.write.id"
    assert "has a meter, so nothing else can use it" in problem.message


def test_another_device_on_another_uart(bench: Workbench) -> None:
    body = "multical:\n  uart_id: meter_uart\n"
    for other in OTHER_USERS:
        if "serial_proxy" not in other and "cse" not in other:
            bench.accept(device(body + other.replace("meter_uart", "uart_2"), bus=uarts()))


def test_two_uarts_on_one_port(bench: Workbench) -> None:
    bus = uarts("host").replace("/dev/ttyUSB2", "/dev/ttyUSB0")
    problem = bench.refuse_once(device("multical: {uart_id: meter_uart}\n", "host", bus))
    said = "this is the port of uart 'meter_uart', too: each would take bytes of the other."
    assert problem == Problem("uart.2.port", said)


def test_dummy_receiver(bench: Workbench) -> None:
    bus = uart(settings="baud_rate: 1200, stop_bits: 2, debug: {dummy_receiver: true}")
    said = (
        "uart 'meter_uart': dummy_receiver takes every byte of the meter before it can be read; "
        "remove it, or set it to false."
    )
    problem = bench.refuse_once(device("multical:\n", bus=bus))
    assert problem == Problem("uart.0.debug.dummy_receiver", said)
    bench.accept(device("multical:\n", bus=bus.replace("true", "false")))


def test_dummy_receiver_of_a_usb_uart(bench: Workbench) -> None:
    channel = "{id: usb, baud_rate: 1200, stop_bits: '2', dummy_receiver: true}"
    bus = f"usb_uart:\n  - type: cp210x\n    channels: [{channel}]\n"
    text = device("multical:\n", "esp32", bus).replace("variant: esp32\n", "variant: esp32s3\n")
    problem = bench.refuse_once(text)
    assert problem.path == "usb_uart.0.channels.0.dummy_receiver"
    assert "takes every byte of the meter" in problem.message


# Chips


def test_chip_without_uart(bench: Workbench) -> None:
    text = device("multical:\n", bus="uart: {id: u, tx_pin: 1, rx_pin: 2, baud_rate: 1200}\n")
    text = text.replace(TARGETS["esp8266"], "nrf52: {board: xiao_ble}\n")
    result = bench.run(text, "config")
    assert result.returncode != 0
    assert "multical does not run on nrf52, because ESPHome has no UART for it" in result.stdout
    assert "Traceback" not in result.stdout


#: ESP32 with a fixed number of UARTs -> that number, and where its logger sends without a word.
ESP32S = {"esp32": (3, "UART0"), "esp32c3": (2, "USB_SERIAL_JTAG")}
LOGGERS = {
    "": None,
    "baud_rate: 0": "",
    "hardware_uart: UART0": "UART0",
    "hardware_uart: UART1": "UART1",
}


@pytest.mark.parametrize("logger", LOGGERS)
@pytest.mark.parametrize("target", ESP32S)
def test_more_uarts_than_an_esp32_has(bench: Workbench, target: str, logger: str) -> None:
    """Whatever has the place of the meter's: it is counted as ESPHome's UART does at its start."""
    available, default = ESP32S[target]
    log = default if LOGGERS[logger] is None else LOGGERS[logger]
    for index, name in enumerate(("meter_uart", "uart_2", "uart_3")):
        number = -1
        for _ in range(index + 1):
            number += 1
            if log == f"UART{number}":
                number += 1
        text = device(f"multical: {{uart_id: {name}}}\n", target, uarts(target))
        text = text.replace("logger:\n", f"logger: {{{logger}}}\n")
        if number < available:
            bench.accept(text)
            continue
        problem = bench.refuse_once(text)
        has_log = str(log).startswith("UART")
        logged = f", and the logger has {log}" if has_log else ""
        more = ", or set 'logger: baud_rate: 0'" if has_log else ""
        assert problem == Problem(
            f"uart.{index}",
            f"uart '{name}': an {target.upper()} has {available} UARTs{logged}: none is left for "
            f"this one. Put it before the others{more}.",
        )


# Numbers and times of the hub


@pytest.mark.parametrize("value", ["hello", "5", "false"])
def test_hub_that_is_no_block(bench: Workbench, value: str) -> None:
    problem = bench.refuse_once(device(f"multical: {value}\n"))
    assert problem.message == f"multical is '{value}', must be a block of keys with their values."


@pytest.mark.parametrize(
    ("option", "key"),
    [
        ("accuracy_decimals: .inf", "accuracy_decimals"),
        ("filters: [{median: {window_size: .inf}}]", "filters"),
    ],
)
def test_a_value_that_esphome_does_not_expect(bench: Workbench, option: str, key: str) -> None:
    problem = bench.refuse_once(device(sensor(f"power: {{name: A, {option}}}")))
    assert problem.path == f"sensor.0.power.{key}"
    assert problem.message.startswith(f"power, {key} has a value that cannot be used (")


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
        *[("retries", value, RETRIES) for value in ("-1", "11", "2.5", "many", "", "[2]", "true")],
    ],
)
def test_hub_value(bench: Workbench, key: str, value: str, said: str) -> None:
    problem = bench.refuse_once(device(f"multical:\n  {key}: {value}\n"))
    assert problem == Problem(f"multical.0.{key}", said)


@pytest.mark.parametrize("value", ["0s", "500ms", "25d", "15", "often"])
@pytest.mark.parametrize(
    ("platform", "key", "more"),
    [
        ("sensor", "power", ""),
        ("sensor", "heat_energy", ""),
        ("sensor", "heat_energy", "high_resolution: off, "),
        ("sensor", "registers", "register: 266, "),
        ("text_sensor", "max_flow_year_date", ""),
        ("text_sensor", "registers", "register: 266, "),
    ],
)
def test_entity_interval(bench: Workbench, value: str, platform: str, key: str, more: str) -> None:
    options = f"{more}name: A, update_interval: {value}"
    problem = bench.refuse_once(device(f"multical:\n{block(platform, key, options)}"))
    assert problem == Problem(f"{platform}.0.{key}.update_interval", INTERVAL)


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
        (
            "multical.scan_register: heat",
            "then.0.multical.scan_register",
            "'multical.scan_register'",
        ),
        ("multical.scan_registers: cold", "then.0.multical.scan_registers.id", "'cold'"),
        (
            "multical.scan_registers: {id: heat, from: 100}",
            "then.0.multical.scan_registers.from",
            "[from]",
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


def taken(units: str, device_class: str) -> str:
    """Return what is said of units all of which Home Assistant takes for a device class."""
    return f"{units} (Home Assistant's device class {device_class} takes all)"


ENERGY = taken(ENERGY_UNITS, "energy")
POWER = taken("W, kW, MW, GW", "power")
TEMPERATURE = taken("°C", "temperature")
VOLUME = taken("L, m³", "volume")
FLOW = taken("L/h, m³/h, L/min, L/s", "volume_flow_rate")
PRESSURE = taken("bar, kPa, mbar", "pressure")
DURATION = taken("h, min, s, ms, d", "duration")
#: Home Assistant has no tonne.
MASS = "t, kg (Home Assistant's device class weight takes kg)"
PLAIN_NUMBER = "none, it is a plain number"
ENERGY_OR_WATER = (
    f"{ENERGY_UNITS}, L, m³ (Home Assistant's device class energy takes {ENERGY_UNITS} "
    "and water takes L, m³)"
)
ENERGY_OR_VOLUME = ENERGY_OR_WATER.replace("water", "volume")
#: Nothing is known of the register, so there is no device class either.
ANY_UNIT = (
    f"{ENERGY_UNITS}, varh, kvarh, Mvarh, Gvarh, VAh, kVAh, MVAh, GVAh, W, kW, MW, GW, var, kvar, "
    "Mvar, Gvar, VA, kVA, MVA, GVA, V, A, kV, kA, °C, K, L, m³, L/h, m³/h, m³·°C, t, t/h, h, bar, "
    "min, s, ms, d, imp/L, L/imp, %RH, %O2, m/s, kJ/kg, pH, g/kg, kg, L/min, L/s, kPa, mbar"
)


@pytest.mark.parametrize(
    ("key", "unit", "allowed"),
    [
        # Of another quantity.
        ("heat_energy", "m³", ENERGY),
        ("cooling_energy", "kW", ENERGY),
        ("surcharge_energy", "L", ENERGY),
        ("volume", "L/h", VOLUME),
        ("volume", "kg", VOLUME),
        ("mass", "m³", MASS),
        ("flow", "m³", FLOW),
        ("max_flow_day", "kW", FLOW),
        ("power", "kWh", POWER),
        ("supply_temperature", "K", TEMPERATURE),
        ("average_return_temperature_hour", "K", TEMPERATURE),
        ("temperature_difference", "°C", taken("K", "temperature_delta")),
        ("pressure_1", "kW", PRESSURE),
        ("operating_hours", "kWh", DURATION),
        ("volume_temperature_supply", "m³", "m³·°C"),
        ("input_a", "°C", ENERGY_OR_WATER),
        ("input_b2", "kW", ENERGY_OR_WATER),
        ("tariff_2", "h", ENERGY_OR_VOLUME),
        ("tariff_4", "L/h", ENERGY_OR_VOLUME),
        # Of the meter's, but nothing to show a number in.
        ("volume", "m³ x 10", VOLUME),
        ("operating_hours", "number", DURATION),
        # Of nobody's.
        ("heat_energy", "KWH", ENERGY),
        ("supply_temperature", "°F", TEMPERATURE),
        ("pressure_2", "psi", PRESSURE),
        ("power", "5", POWER),
        ("power", "''", POWER),
        ("power", "", POWER),
        # A plain number has none.
        ("info_event_count", "h", PLAIN_NUMBER),
        ("info_event_count", "number", PLAIN_NUMBER),
        ("cop", "kW", PLAIN_NUMBER),
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
        (60, "m³", ENERGY),
        (84, "kW", ENERGY_OR_WATER),
        (113, "h", PLAIN_NUMBER),
        (266, "furlong", ANY_UNIT),
        (348, "yy:mm:dd", ANY_UNIT),
    ],
)
def test_unit_by_number(bench: Workbench, number: int, unit: str, allowed: str) -> None:
    entity = f"{{register: {number}, name: A, unit_of_measurement: '{unit}'}}"
    problem = bench.refuse_once(device(sensor(f"registers: [{entity}]")))
    assert problem == Problem(
        "sensor.0.registers.0.unit_of_measurement",
        f"unit_of_measurement '{unit}' does not fit register {number}, allowed: {allowed}.",
    )


# Resolution


@pytest.mark.parametrize("key", ["heat_energy", "cooling_energy"])
@pytest.mark.parametrize(
    ("value", "said"),
    [
        # YAML takes the first ones for one and the same.
        ("true", "on"),
        ("on", "on"),
        ("yes", "on"),
        ("fine", "fine"),
        ("0", "0"),
        ("5", "5"),
        ("''", ""),
        ("", ""),
        ("[auto]", "['auto']"),
    ],
)
def test_high_resolution(bench: Workbench, key: str, value: str, said: str) -> None:
    problem = bench.refuse_once(device(sensor(f"{key}: {{name: A, high_resolution: {value}}}")))
    assert problem == Problem(
        f"sensor.0.{key}.high_resolution",
        f"high_resolution '{said}' must be auto, which uses it where the meter has it, or off.",
    )


@pytest.mark.parametrize("key", sorted({*KEYS["sensor"]} - {"heat_energy", "cooling_energy"}))
def test_resolution_of_others(bench: Workbench, key: str) -> None:
    """No other register has finer steps that the meter's documents tell how to join."""
    problem = bench.refuse_once(device(sensor(f"{key}: {{name: A, high_resolution: auto}}")))
    assert problem == Problem(
        f"sensor.0.{key}.high_resolution",
        "high_resolution belongs below heat_energy and cooling_energy of 'sensor:'.",
    )


# Registers by number


each_listing = pytest.mark.parametrize("platform", ["sensor", "text_sensor"])


@each_listing
@pytest.mark.parametrize(
    "number", ["0", "65536", "-1", "1.5", "0x10000", "heat_energy", "''", "", "[60]"]
)
def test_register_number(bench: Workbench, platform: str, number: str) -> None:
    body = (
        f"multical:\n{platform}:\n  - platform: multical\n"
        f"    registers:\n      - name: A\n        register: {number}\n"
    )
    problem = bench.refuse_once(device(body))
    assert problem == Problem(f"{platform}.0.registers.0.register", REGISTER)


@each_listing
def test_register_without_number(bench: Workbench, platform: str) -> None:
    body = f"multical:\n{platform}:\n  - platform: multical\n    registers: [{{name: A}}]\n"
    problem = bench.refuse_once(device(body))
    assert problem == Problem(
        f"{platform}.0.registers.0.register", "'register' is a required option for [registers]."
    )


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
        # With its fine register or without, it is the same one.
        (
            "heat_energy: {name: A}",
            "heat_energy: {name: B, high_resolution: off}",
            "sensor.1.heat_energy",
            60,
            "heat_energy",
        ),
    ],
    ids=["list", "key and list", "two blocks", "two blocks, list and key", "two resolutions"],
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
    problem = bench.refuse_once(device(block(platform, key)))
    said = f"Component {platform}.multical requires component multical."
    assert problem == Problem(f"{platform}.0", said)


@each_platform
def test_unknown_hub(bench: Workbench, platform: str, key: str) -> None:
    lines = f"{block(platform, key)}    multical_id: heat_metre\n"
    problem = bench.refuse_once(device(f"multical:\n  id: heat_meter\n{lines}"))
    assert problem.path == f"{platform}.0.multical_id"
    assert "'heat_metre'" in problem.message
    assert '"heat_meter"' in problem.message


@each_platform
def test_hub_not_chosen(bench: Workbench, platform: str, key: str) -> None:
    problem = bench.refuse_once(device(TWO_METERS + block(platform, key), bus=uarts()))
    said = f"{TWO_HUBS} add 'multical_id:' with the id of the right one: heat, cold."
    assert problem == Problem(f"{platform}.0.multical_id", said)


@each_action
def test_action_without_chosen_hub(bench: Workbench, action: str) -> None:
    body = f"{TWO_METERS}interval:\n  - {{interval: 1h, then: [{action}: ]}}\n"
    problem = bench.refuse_once(device(body, bus=uarts()))
    said = f"{TWO_HUBS} add 'id:' with the id of the right one: heat, cold."
    assert problem == Problem(f"interval.0.then.0.{action}.id", said)


# Keys that do not exist


INDENTATION = "Please check the indentation."
MEANT_NAME = "Did you mean [name]?"


def test_unknown_key_of_the_hub(bench: Workbench) -> None:
    problem = bench.refuse_once(device("multical:\n  update_intervall: 1min\n"))
    assert problem == Problem(
        "multical.0.update_intervall",
        "[update_intervall] is an invalid option for [multical]. Did you mean [update_interval]?",
    )


@pytest.mark.parametrize(
    ("platform", "key", "meant"),
    [
        ("sensor", "heat_enrgy", "heat_energy"),
        ("sensor", "failed_request", "failed_requests"),
        ("text_sensor", "meter_tme", "meter_time"),
        ("binary_sensor", "conected", "connected"),
        ("binary_sensor", "info_codes.low_batery", "low_battery"),
        ("binary_sensor", "info_codes.alarm_7", None),
        ("button", "reed", "read"),
        ("button", "press", None),
    ],
)
def test_unknown_key(bench: Workbench, platform: str, key: str, meant: str | None) -> None:
    """What is similar is named, the likeliest key first."""
    problem = bench.refuse_once(device(f"multical:\n{block(platform, key)}"))
    *above, last = key.split(".")
    where = above[0] if above else f"{platform}.multical"
    more = f"Did you mean [{meant}]" if meant else INDENTATION
    assert problem.path == f"{platform}.0.{key}"
    assert problem.message.startswith(f"[{last}] is an invalid option for [{where}]. {more}")


@pytest.mark.parametrize(("platform", "key"), PLATFORM_KEYS)
def test_unknown_option(bench: Workbench, platform: str, key: str) -> None:
    problem = bench.refuse_once(device(f"multical:\n{block(platform, key, 'name: A, nam: B')}"))
    entity = key.split(".")[-1]
    assert problem == Problem(
        f"{platform}.0.{key}.nam", f"[nam] is an invalid option for [{entity}]. {MEANT_NAME}"
    )


@each_platform
def test_entity_without_name(bench: Workbench, platform: str, key: str) -> None:
    problem = bench.refuse_once(device(f"multical:\n{block(platform, key, '')}"))
    assert problem == Problem(
        f"{platform}.0.{key}", "At least one of 'id:' or 'name:' is required!."
    )


@each_platform
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "is empty, write {example}"),
        ("''", "is empty, write {example}"),
        ("'  '", "is empty, write {example}"),
        *[
            (value, f"is '{value}', must be a name or a block, for example {{example}}")
            for value in ("true", "5", "['a']")
        ],
    ],
)
def test_no_entity(bench: Workbench, platform: str, key: str, value: str, said: str) -> None:
    """What people write when they have not yet seen that each entity is a block of its own."""
    text = block(platform, key).replace("{name: A}", value)
    name = key.split(".")[-1]
    example = f"{name}: {{name: {name.replace('_', ' ').capitalize()}}}"
    problem = bench.refuse_once(device(f"multical:\n{text}"))
    assert problem == Problem(f"{platform}.0.{key}", f"{name} {said.format(example=example)}.")


@pytest.mark.parametrize("value", ["", "low_battery", "[low_battery]"])
def test_no_info_codes(bench: Workbench, value: str) -> None:
    body = f"binary_sensor:\n  - platform: multical\n    info_codes: {value}\n"
    said = (
        "info_codes must be a block of info codes, for example "
        "info_codes: {low_battery: {name: Low battery}}."
    )
    problem = bench.refuse_once(device(f"multical:\n{body}"))
    assert problem == Problem("binary_sensor.0.info_codes", said)


@pytest.mark.parametrize(("value", "number"), [("239", 239), ("heat_energy", 266), ("true", 266)])
@each_listing
def test_no_block_in_the_list(bench: Workbench, platform: str, value: str, number: int) -> None:
    body = f"{platform}:\n  - platform: multical\n    registers: [{value}]\n"
    problem = bench.refuse_once(device(f"multical:\n{body}"))
    example = f"{{register: {number}, name: Register {number}}}"
    said = f"registers must list blocks, for example {example}."
    assert problem == Problem(f"{platform}.0.registers.0", said)


# ESPHome itself


def on_version(monkeypatch: pytest.MonkeyPatch, version: str) -> str:
    """Let ESPHome be of another version, and return a device for it."""
    monkeypatch.setattr(cv, "ESPHOME_VERSION", version)
    monkeypatch.setattr(const, "__version__", version)  # where older ones look
    # Otherwise the version that is really installed is the default, and ESPHome refuses that.
    return device("multical:\n").replace("esphome:\n", "esphome:\n  min_version: 2025.1.0\n", 1)


@pytest.mark.parametrize("version", ["2026.5.3", "2025.12.0"])
def test_esphome_too_old(bench: Workbench, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    problem = bench.refuse_once(on_version(monkeypatch, version))
    said = "This component requires at least ESPHome version 2026.6.0."
    assert problem == Problem("multical.0", said)


@pytest.mark.parametrize("version", ["2026.6.0", "2026.10.3", "2026.11.0-dev", "2027.1.0"])
def test_esphome_new_enough(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    bench.accept(on_version(monkeypatch, version))
