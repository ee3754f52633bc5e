"""Configurations that cannot work, and what is said about them.

The reader of a message may never have programmed: it names the key as it is in the YAML and says
what is allowed there. Its path makes ESPHome print it at that key.
"""

from __future__ import annotations

from collections.abc import Iterator

import esphome.config_validation as cv
import pytest
from esphome import const

from .devices import ACTIONS, KEYS
from .harness import PINS, TARGETS, Problem, Workbench, block, device, uart, uarts

#: The YAML of a device, the path of the one thing that is refused, and the message there.
Refusal = tuple[str, str, str]

ENERGY_UNITS = "Wh, kWh, MWh, GWh, J, kJ, MJ, GJ, cal, kcal, Mcal, Gcal"
SPEAKS = "(a meter speaks 1200 baud, 8 data bits, no parity, 2 stop bits)"
WIRES = "(requests go out on tx_pin, answers arrive on rx_pin)"
INTERVAL = (
    "update_interval must be a time with its unit, from 1s to 24d, for example 1h, or never; "
    "each reading takes about a second on the line, and costs a battery meter some charge."
)
TIMEOUT = (
    "response_timeout must be a time with its unit, from 100ms to 10s, for example 2s; "
    "the meter may take 1.6s."
)
RETRIES = "retries must be a whole number from 0 to 10."
NOTHING_ELSE = (
    "uart 'meter_uart' has a meter, so nothing else can use it: this would take the meter's bytes "
    "or send to the meter. It needs a uart of its own."
)
DUMMY = (
    "dummy_receiver takes every byte from the meter before it can be read; "
    "remove it, or set it to false."
)
FITS = "baud_rate: 1200, stop_bits: 2"
TWO_HUBS = "there are 2 blocks 'multical:', so"
TWO_METERS = "multical:\n  - {id: heat, uart_id: meter_uart}\n  - {id: cold, uart_id: uart_2}\n"


def on_bus(settings: str, target: str = "esp8266") -> str:
    """Return the YAML of a meter on the only UART."""
    return device("multical:\n", target, f"uart: {{{settings}}}\n")


def usb_uart(channel: str) -> str:
    """Return the YAML of a meter on a USB head."""
    bus = f"usb_uart:\n  - type: cp210x\n    channels: [{{id: usb, baud_rate: 1200{channel}}}]\n"
    return device("multical:\n", "esp32", bus).replace("variant: esp32\n", "variant: esp32s3\n")


def with_block(platform: str, lines: str) -> str:
    """Return the YAML of a meter with a platform's block."""
    return device(f"multical:\n{platform}:\n  - platform: multical\n    {lines}\n")


def with_entity(platform: str, key: str, options: str) -> str:
    """Return the YAML of a meter with one entity."""
    return device(f"multical:\n{block(platform, key, options)}")


def _uarts() -> Iterator[Refusal]:
    for target in ("esp8266", "esp32c3", "host"):
        for settings, key, said in (
            ("baud_rate: 9600, stop_bits: 2", "baud_rate", "baud_rate is 9600, must be 1200"),
            ("baud_rate: 1200, stop_bits: 1", "stop_bits", "stop_bits is 1, must be 2"),
            # If left out, it is 1.
            ("baud_rate: 1200", "stop_bits", "stop_bits is 1, must be 2"),
            (f"{FITS}, parity: EVEN", "parity", "parity is EVEN, must be NONE"),
            (f"{FITS}, data_bits: 7", "data_bits", "data_bits is 7, must be 8"),
        ):
            text = on_bus(f"id: meter_uart, {PINS[target]}, {settings}", target)
            yield text, f"uart.0.{key}", f"uart 'meter_uart': {said} {SPEAKS}."
    for target in ("esp8266", "esp32", "esp32c3"):
        for there, missing in (("tx_pin", "rx_pin"), ("rx_pin", "tx_pin")):
            text = on_bus(f"id: meter_uart, {there}: GPIO4, {FITS}", target)
            yield text, f"uart.0.{missing}", f"uart 'meter_uart': {missing} is missing {WIRES}."
    # Only the meter's UART is checked.
    bus = uarts().replace("id: uart_2", "stop_bits: 1, id: uart_2").replace(", stop_bits: 2", "")
    yield (
        device("multical: {uart_id: uart_2}\n", bus=bus),
        "uart.1.stop_bits",
        f"uart 'uart_2': stop_bits is 1, must be 2 {SPEAKS}.",
    )
    yield (
        usb_uart(""),
        "usb_uart.0.channels.0.stop_bits",
        f"uart 'usb': stop_bits is 1, must be 2 {SPEAKS}.",
    )
    yield (
        device("multical:\n", bus=""),
        "multical",
        "Component multical requires component uart.",
    )
    yield (
        device("multical:\n", bus=uarts()),
        "multical.0.uart_id",
        "there are 3 blocks 'uart:', so add 'uart_id:' with the id of the right one: "
        "meter_uart, uart_2, uart_3.",
    )
    for second in ("id: b, ", ""):
        pins = ("tx_pin: GPIO4, rx_pin: GPIO5", f"{second}tx_pin: GPIO15, rx_pin: GPIO13")
        yield (
            device("multical:\n", bus="uart:\n" + "".join(f"  - {{{p}, {FITS}}}\n" for p in pins)),
            "multical.0.uart_id",
            "there are 2 blocks 'uart:', so give each an 'id:' and add 'uart_id:' with the id of "
            "the right one.",
        )
    # Even if a UART has no pins that ESPHome would see used twice.
    for target in TARGETS:
        yield (
            device("multical:\n  - id: heat\n  - id: cold\n", target),
            "multical.1.uart_id",
            "uart 'meter_uart' has a meter already: each multical needs a uart of its own, named "
            "by its 'uart_id:'.",
        )
    yield (
        device(
            "multical: {uart_id: meter_uart}\n",
            "host",
            uarts("host").replace("/dev/ttyUSB2", "/dev/ttyUSB0"),
        ),
        "uart.2.port",
        "this is also the port of uart 'meter_uart': each would take the other's bytes.",
    )
    yield (
        device("multical:\n", bus=uart(settings=f"{FITS}, debug: {{dummy_receiver: true}}")),
        "uart.0.debug.dummy_receiver",
        f"uart 'meter_uart': {DUMMY}",
    )
    yield (
        usb_uart(", stop_bits: '2', dummy_receiver: true"),
        "usb_uart.0.channels.0.dummy_receiver",
        f"uart 'usb': {DUMMY}",
    )


#: What else can use a UART -> where the YAML says so.
PROXY = (
    "api:\nwifi: {ssid: a, password: abcdefgh}\n"
    "serial_proxy: [{id: head, name: Head, port_type: TTL, uart_id: meter_uart}]\n"
)

OTHER_USERS = {
    "sensor: [{platform: cse7766, voltage: {name: V}, uart_id: meter_uart}]": "sensor.0.uart_id",
    # Those below do not ask ESPHome whether the UART is free.
    "switch: [{platform: uart, name: S, data: [1], uart_id: meter_uart}]": "switch.0.uart_id",
    "button: [{platform: uart, name: S, data: [1], uart_id: meter_uart}]": "button.0.uart_id",
    "interval: [{interval: 1h, then: [{uart.write: {id: meter_uart, data: [1]}}]}]": (
        "interval.0.then.0.uart.write.id"
    ),
    "dsmr: {uart_id: meter_uart}": "dsmr.0.uart_id",
}


def _other_users() -> Iterator[Refusal]:
    for other, path in OTHER_USERS.items():
        yield device(f"multical:\n{other}\n"), path, NOTHING_ELSE
    yield (
        device(f"{PROXY}multical:\n"),
        "serial_proxy.0.uart_id",
        NOTHING_ELSE.removesuffix(".")
        + ", or multical must name it with 'serial_proxy_id:' to share the line.",
    )
    yield (
        device(f"{PROXY}multical: {{uart_id: uart_2, serial_proxy_id: head}}\n", bus=uarts()),
        "multical.0.serial_proxy_id",
        "serial_proxy 'head' is on uart 'meter_uart', and this meter on uart 'uart_2'. To share "
        "the meter's line, give both the same uart_id; otherwise remove serial_proxy_id.",
    )
    # Not even in an automation of the meter.
    yield (
        device("multical:\n  on_reading: [{uart.write: {id: meter_uart, data: [1]}}]\n"),
        "multical.0.on_reading.0.then.0.uart.write.id",
        NOTHING_ELSE,
    )


def _hub() -> Iterator[Refusal]:
    for value in ("hello", "5", "false"):
        said = f"multical is '{value}', must be a block of keys and values."
        yield device(f"multical: {value}\n"), "multical.0", said
    for key, said, values in (
        (
            "update_interval",
            INTERVAL,
            ("0s", "500ms", "-5s", "15", "25d", "often", "Never", "", "[1s]"),
        ),
        (
            "response_timeout",
            TIMEOUT,
            ("0s", "50ms", "99ms", "10001ms", "11s", "2", "never", ""),
        ),
        ("retries", RETRIES, ("-1", "11", "2.5", "many", "", "[2]", "true")),
    ):
        for value in values:
            yield device(f"multical:\n  {key}: {value}\n"), f"multical.0.{key}", said
    yield (
        device("multical:\n  update_intervall: 1min\n"),
        "multical.0.update_intervall",
        "[update_intervall] is an invalid option for [multical]. Did you mean [update_interval]?",
    )
    for action in ACTIONS:
        body = f"{TWO_METERS}interval:\n  - {{interval: 1h, then: [{action}: ]}}\n"
        said = f"{TWO_HUBS} add 'id:' with the id of the right one: heat, cold."
        yield device(body, bus=uarts()), f"interval.0.then.0.{action}.id", said


def _entity(platform: str, key: str) -> Iterator[Refusal]:
    """Yield what is said about every entity, whatever it shows."""
    path = f"{platform}.0"
    name = key.split(".")[-1]
    yield (
        device(block(platform, key)),
        path,
        f"Component {platform}.multical requires component multical.",
    )
    yield (
        device(TWO_METERS + block(platform, key), bus=uarts()),
        f"{path}.multical_id",
        f"{TWO_HUBS} add 'multical_id:' with the id of the right one: heat, cold.",
    )
    yield (
        with_entity(platform, key, "name: A, nam: B"),
        f"{path}.{key}.nam",
        f"[nam] is an invalid option for [{name}]. Did you mean [name]?",
    )
    yield (
        with_entity(platform, key, ""),
        f"{path}.{key}",
        "At least one of 'id:' or 'name:' is required!.",
    )
    # What people write before they learn that each entity is a block of its own.
    example = f"{name}: {{name: {name.replace('_', ' ').capitalize()}}}"
    for value in ("", "''", "'  '", "true", "5", "['a']"):
        said = f"is '{value}', must be a name or a block, for example {example}"
        if not value.strip("' "):
            said = f"is empty, write {example}"
        text = with_entity(platform, key, "name: A").replace("{name: A}", value)
        yield text, f"{path}.{key}", f"{name} {said}."


def _entities() -> Iterator[Refusal]:
    # One of each kind.
    for platform, keys in {
        "sensor": "power heat_energy requests",
        "text_sensor": "max_flow_year_date serial_number customer_number meter_time info "
        "link_status link_advice",
        "binary_sensor": "connected problem info_codes.low_battery",
        "button": "read check_wiring scan_registers",
    }.items():
        for key in keys.split():
            yield from _entity(platform, key)
    for value in ("0s", "500ms", "25d", "15", "often"):
        for platform, key, more in (
            ("sensor", "power", ""),
            ("sensor", "heat_energy", ""),
            ("sensor", "heat_energy", "high_resolution: off, "),
            ("sensor", "registers", "register: 266, "),
            ("text_sensor", "max_flow_year_date", ""),
            ("text_sensor", "registers", "register: 266, "),
        ):
            options = f"{more}name: A, update_interval: {value}"
            where = f"{platform}.0.{key}.update_interval"
            yield with_entity(platform, key, options), where, INTERVAL
    for value in ("", "low_battery", "[low_battery]"):
        yield (
            with_block("binary_sensor", f"info_codes: {value}"),
            "binary_sensor.0.info_codes",
            "info_codes must be a block of info codes, for example "
            "info_codes: {low_battery: {name: Low battery}}.",
        )


def taken(units: str, device_class: str) -> str:
    """Return the message about units that Home Assistant all accepts for a device class."""
    return f"{units} (Home Assistant's device class {device_class} accepts all)"


ENERGY = taken(ENERGY_UNITS, "energy")
POWER = taken("W, kW, MW, GW", "power")
TEMPERATURE = taken("°C", "temperature")
VOLUME = taken("L, m³", "volume")
FLOW = taken("L/h, m³/h, L/min, L/s", "volume_flow_rate")
PRESSURE = taken("bar, kPa, mbar", "pressure")
DURATION = taken("h, min, s, ms, d", "duration")
#: Home Assistant has no tonne.
MASS = "t, kg (Home Assistant's device class weight accepts kg)"
PLAIN_NUMBER = "none, it is a plain number"
ENERGY_OR_WATER = (
    f"{ENERGY_UNITS}, L, m³ (Home Assistant's device class energy accepts {ENERGY_UNITS} "
    "and water accepts L, m³)"
)
ENERGY_OR_VOLUME = ENERGY_OR_WATER.replace("water", "volume")
#: Nothing is known about the register, so it has no device class either.
ANY_UNIT = (
    f"{ENERGY_UNITS}, varh, kvarh, Mvarh, Gvarh, VAh, kVAh, MVAh, GVAh, W, kW, MW, GW, var, kvar, "
    "Mvar, Gvar, VA, kVA, MVA, GVA, V, A, kV, kA, °C, K, L, m³, L/h, m³/h, m³·°C, t, t/h, h, bar, "
    "min, s, ms, d, imp/L, L/imp, %RH, %O2, m/s, kJ/kg, pH, g/kg, kg, L/min, L/s, kPa, mbar"
)
#: A sensor's key or the number of a register, a unit that it cannot have, and what it can have.
UNITS: list[tuple[str | int, str, str]] = [
    # Of another quantity.
    ("heat_energy", "m³", ENERGY),
    ("volume", "L/h", VOLUME),
    ("mass", "m³", MASS),
    ("flow", "m³", FLOW),
    ("power", "kWh", POWER),
    ("supply_temperature", "K", TEMPERATURE),
    ("temperature_difference", "°C", taken("K", "temperature_delta")),
    ("pressure_1", "kW", PRESSURE),
    ("operating_hours", "kWh", DURATION),
    ("volume_temperature_supply", "m³", "m³·°C"),
    ("input_a", "°C", ENERGY_OR_WATER),
    ("tariff_2", "h", ENERGY_OR_VOLUME),
    # Units that the meter uses, but not for numbers.
    ("volume", "m³ x 10", VOLUME),
    ("operating_hours", "number", DURATION),
    # Units that nobody uses.
    ("heat_energy", "KWH", ENERGY),
    ("supply_temperature", "°F", TEMPERATURE),
    ("power", "5", POWER),
    ("power", "''", POWER),
    ("power", "", POWER),
    # A plain number has none.
    ("info_event_count", "h", PLAIN_NUMBER),
    ("info_event_count", "number", PLAIN_NUMBER),
    ("cop", "kW", PLAIN_NUMBER),
    # By number.
    (60, "m³", ENERGY),
    (84, "kW", ENERGY_OR_WATER),
    (113, "h", PLAIN_NUMBER),
    (266, "furlong", ANY_UNIT),
    (348, "'yy:mm:dd'", ANY_UNIT),
]


def _units() -> Iterator[Refusal]:
    for what, unit, allowed in UNITS:
        entity = f"{{name: A, unit_of_measurement: {unit}}}"
        text, path, named = with_block("sensor", f"{what}: {entity}"), str(what), what
        if isinstance(what, int):
            entity = entity.replace("{", f"{{register: {what}, ")
            text, path = with_block("sensor", f"registers: [{entity}]"), "registers.0"
            named = f"register {what}"
        said = f"unit_of_measurement '{unit.strip("'")}' does not fit {named}, allowed: {allowed}."
        yield text, f"sensor.0.{path}.unit_of_measurement", said


def _resolutions() -> Iterator[Refusal]:
    fine = ("heat_energy", "cooling_energy")
    # YAML takes the first ones to be the same value.
    values = {"true": "on", "on": "on", "yes": "on", "fine": "fine", "0": "0", "5": "5"}
    for key in fine:
        for value, said in (values | {"''": "", "": "", "[auto]": "['auto']"}).items():
            yield (
                with_entity("sensor", key, f"name: A, high_resolution: {value}"),
                f"sensor.0.{key}.high_resolution",
                f"high_resolution '{said}' must be auto, which uses it where the meter has it, "
                "or off.",
            )
    # For no other register do the meter's documents say how to join the finer steps.
    for key in sorted({*KEYS["sensor"]} - {*fine}):
        yield (
            with_entity("sensor", key, "name: A, high_resolution: auto"),
            f"sensor.0.{key}.high_resolution",
            "high_resolution belongs under heat_energy and cooling_energy of 'sensor:'.",
        )


def _listed() -> Iterator[Refusal]:
    for platform in ("sensor", "text_sensor"):
        path = f"{platform}.0.registers.0"
        for number in ("0", "65536", "-1", "1.5", "0x10000", "heat_energy", "''", "", "[60]"):
            lines = f"registers:\n      - name: A\n        register: {number}"
            said = "register must be a whole number from 1 to 65535."
            yield with_block(platform, lines), f"{path}.register", said
        yield (
            with_block(platform, "registers: [{name: A}]"),
            f"{path}.register",
            "'register' is a required option for [registers].",
        )
        for value, number in (("239", "239"), ("heat_energy", "266"), ("true", "266")):
            yield (
                with_block(platform, f"registers: [{value}]"),
                path,
                "registers must list blocks, for example "
                f"{{register: {number}, name: Register {number}}}.",
            )
    # Path, number, the entity that has it, and the lines of one block or two.
    for path, number, shown_by, *blocks in (
        (
            "registers.1",
            "266",
            "registers[0]",
            "registers: [{register: 266, name: A}, {register: 0x10A, name: B}]",
        ),
        (
            "registers.0",
            "60",
            "heat_energy",
            "heat_energy: A\n    registers: [{register: 60, name: B}]",
        ),
        ("heat_energy", "60", "heat_energy", "heat_energy: A", "heat_energy: B"),
        ("power", "80", "registers[0]", "registers: [{register: 80, name: A}]", "power: B"),
        # With or without its fine register, it is the same one.
        (
            "heat_energy",
            "60",
            "heat_energy",
            "heat_energy: A",
            "heat_energy: {name: B, high_resolution: off}",
        ),
    ):
        yield (
            with_block("sensor", "\n  - platform: multical\n    ".join(blocks)),
            f"sensor.{len(blocks) - 1}.{path}",
            f"register {number} is read twice: {shown_by} shows it already. "
            "Each register once per meter; for a second unit use a copy sensor.",
        )


#: Subject -> what is refused, each with its whole message.
SUBJECTS = {
    "uart": _uarts,
    "other users": _other_users,
    "hub": _hub,
    "entity": _entities,
    "unit": _units,
    "resolution": _resolutions,
    "registers": _listed,
}


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        pytest.param(*refusal, id=f"{subject}: {refusal[1]}")
        for subject, refusals in SUBJECTS.items()
        for refusal in refusals()
    ],
)
def test_refused(bench: Workbench, text: str, path: str, said: str) -> None:
    assert bench.refuse_once(text) == Problem(path, said)


# ESPHome's own messages: only their subject is checked


def _unknown() -> Iterator[Refusal]:
    yield device("multical:\n  uart_id: meter_urt\n"), "multical.0.uart_id", "'meter_urt'"
    yield on_bus(FITS, "host"), "uart.0", "port"
    for platform, key in (("sensor", "power"), ("text_sensor", "info"), ("button", "read")):
        text = with_entity(platform, key, "name: A") + "    multical_id: heat_metre\n"
        yield text, f"{platform}.0.multical_id", "'heat_metre'"
    for key in ("accuracy_decimals: .inf", "filters: [{median: {window_size: .inf}}]"):
        name = key.split(":")[0]
        said = f"power, {name} has a value that cannot be used ("
        yield with_entity("sensor", "power", f"name: A, {key}"), f"sensor.0.power.{name}", said
    # Similar names are suggested, the most likely first.
    for platform, key, meant in (
        ("sensor", "heat_enrgy", "heat_energy"),
        ("sensor", "failed_request", "failed_requests"),
        ("text_sensor", "meter_tme", "meter_time"),
        ("binary_sensor", "conected", "connected"),
        ("binary_sensor", "info_codes.low_batery", "low_battery"),
        ("binary_sensor", "info_codes.alarm_7", ""),
        ("button", "reed", "read"),
        ("button", "press", ""),
    ):
        *above, last = key.split(".")
        where = above[0] if above else f"{platform}.multical"
        more = f"Did you mean [{meant}]" if meant else "Please check the indentation."
        said = f"[{last}] is an invalid option for [{where}]. {more}"
        yield with_entity(platform, key, "name: A"), f"{platform}.0.{key}", said
    for trigger in ("on_reading", "on_link_status"):
        for action in ACTIONS:
            for form, path, named in (
                (f"{action}x: heat", f"then.0.{action}x", f"'{action}x'"),
                (f"{action}: cold", f"0.then.0.{action}.id", "'cold'"),
                (f"{action}: {{id: heat, now: 1}}", f"then.0.{action}.now", "[now]"),
            ):
                text = device(f"multical:\n  id: heat\n  {trigger}:\n    then: [{form}]\n")
                yield text, f"multical.0.{trigger}.{path}", named


@pytest.mark.parametrize(
    ("text", "path", "named"), [pytest.param(*each, id=each[1]) for each in _unknown()]
)
def test_unknown(bench: Workbench, text: str, path: str, named: str) -> None:
    problem = bench.refuse_once(text)
    assert problem.path == path
    assert named in problem.message


# More than one device


def test_every_mistake_is_reported_at_once(bench: Workbench) -> None:
    """And a UART without an id of the user is not called by the id that ESPHome gives it."""
    assert bench.refuse(on_bus("tx_pin: GPIO4, baud_rate: 2400, parity: ODD")) == [
        Problem("uart.0.baud_rate", f"uart: baud_rate is 2400, must be 1200 {SPEAKS}."),
        Problem("uart.0.parity", f"uart: parity is ODD, must be NONE {SPEAKS}."),
        Problem("uart.0.stop_bits", f"uart: stop_bits is 1, must be 2 {SPEAKS}."),
        Problem("uart.0.rx_pin", f"uart: rx_pin is missing {WIRES}."),
    ]


def test_another_device_on_another_uart(bench: Workbench) -> None:
    body = "multical:\n  uart_id: meter_uart\n"
    for other in OTHER_USERS:
        if "cse" not in other:
            text = f"{body}{other.replace('meter_uart', 'uart_2')}\n"
            bench.accept(device(text, bus=uarts()))


def test_chip_without_uart(bench: Workbench) -> None:
    text = on_bus("id: u, tx_pin: 1, rx_pin: 2, baud_rate: 1200")
    result = bench.run(text.replace(TARGETS["esp8266"], "nrf52: {board: xiao_ble}\n"), "config")
    assert result.returncode != 0
    assert "multical does not run on nrf52, because ESPHome has no UART for it" in result.stdout
    assert "Traceback" not in result.stdout


#: ESP32 with a fixed number of UARTs -> that number, and where its logger sends by default.
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
    """Whatever takes the place of the meter's, the count is that of ESPHome's UART at its start."""
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
        has_log = str(log).startswith("UART")
        logged = f", and the logger has {log}" if has_log else ""
        more = ", or set 'logger: baud_rate: 0'" if has_log else ""
        assert bench.refuse_once(text) == Problem(
            f"uart.{index}",
            f"uart '{name}': an {target.upper()} has {available} UARTs{logged}: none is left for "
            f"this one. Put it before the others{more}.",
        )


@pytest.mark.parametrize(
    ("version", "is_refused"),
    [
        ("2025.12.0", True),
        ("2026.5.3", True),
        ("2026.6.0", False),
        ("2026.11.0-dev", False),
        ("2027.1.0", False),
    ],
)
def test_esphome_version(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, version: str, is_refused: bool
) -> None:
    monkeypatch.setattr(cv, "ESPHOME_VERSION", version)
    monkeypatch.setattr(const, "__version__", version)  # where older versions look
    # Otherwise the default is the installed version, which ESPHome refuses.
    text = device("multical:\n").replace("esphome:\n", "esphome:\n  min_version: 2025.1.0\n", 1)
    if is_refused:
        said = "This component requires at least ESPHome version 2026.6.0."
        assert bench.refuse_once(text) == Problem("multical.0", said)
    else:
        bench.accept(text)
