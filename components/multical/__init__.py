"""Kamstrup MULTICAL heat meters over KMP: the hub, one for each meter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import esphome.codegen as cg
import esphome.config_validation as cv
import esphome.final_validate as fv
from esphome import automation
from esphome.components import uart
from esphome.components.const import CONF_DATA_BITS, CONF_PARITY, CONF_STOP_BITS
from esphome.const import (
    CONF_BAUD_RATE,
    CONF_ID,
    CONF_NUMBER,
    CONF_RX_PIN,
    CONF_TX_PIN,
    CONF_UART_ID,
    CONF_UPDATE_INTERVAL,
)
from esphome.core import CORE, ID, CoroPriority, TimePeriod, coroutine_with_priority
from esphome.cpp_generator import MockObj
from esphome.types import ConfigType

from .registers import MAX_REGISTER, MIN_REGISTER

CODEOWNERS: list[str] = []
DEPENDENCIES = ["uart"]
MULTI_CONF = True

DOMAIN = "multical"

CONF_MULTICAL_ID = "multical_id"
CONF_ON_LINK_STATUS = "on_link_status"
CONF_ON_READING = "on_reading"
CONF_REGISTER = "register"
CONF_REGISTERS = "registers"
CONF_RESPONSE_TIMEOUT = "response_timeout"
CONF_RETRIES = "retries"

MIN_UPDATE_INTERVAL = TimePeriod(seconds=1)
# The firmware compares times of 32 bits in milliseconds, which works up to half their range.
MAX_UPDATE_INTERVAL = TimePeriod(days=24)
MIN_RESPONSE_TIMEOUT = TimePeriod(milliseconds=100)
MAX_RESPONSE_TIMEOUT = TimePeriod(seconds=10)
MAX_RETRIES = 10

multical_ns = cg.esphome_ns.namespace(DOMAIN)
Multical = multical_ns.class_("Multical", cg.PollingComponent, uart.UARTDevice)
RegisterEntity = multical_ns.class_("RegisterEntity")
ReadAction = multical_ns.class_("ReadAction", automation.Action, cg.Parented.template(Multical))
CheckWiringAction = multical_ns.class_(
    "CheckWiringAction", automation.Action, cg.Parented.template(Multical)
)
ScanRegistersAction = multical_ns.class_(
    "ScanRegistersAction", automation.Action, cg.Parented.template(Multical)
)


def whole_number(key: str, low: int, high: int) -> Callable[[Any], int]:
    """Return a validator of a whole number that says all that is allowed whatever is wrong."""
    return cv.All(
        cv.int_, cv.Range(low, high), msg=f"{key} must be a whole number from {low} to {high}"
    )


register_number = whole_number(CONF_REGISTER, MIN_REGISTER, MAX_REGISTER)


def _time(key: str, low: TimePeriod, high: TimePeriod, more: str) -> Callable[[Any], TimePeriod]:
    return cv.All(
        cv.positive_time_period_milliseconds,
        cv.Range(low, high),
        msg=f"{key} must be a time with its unit, from {low} to {high}{more}",
    )


_interval = _time(
    CONF_UPDATE_INTERVAL,
    MIN_UPDATE_INTERVAL,
    MAX_UPDATE_INTERVAL,
    ", for example 15min, or never; a reading takes about a second on the line, and a battery "
    "meter pays for each",
)


def update_interval(value: Any) -> TimePeriod:
    """Validate an update interval: at least a second, or never."""
    return cv.update_interval(value) if value == "never" else _interval(value)


CONFIG_SCHEMA = cv.All(
    cv.require_esphome_version(2026, 6, 0),
    cv.Schema(
        {
            cv.GenerateID(): cv.declare_id(Multical),
            cv.Optional(CONF_UPDATE_INTERVAL, default="15min"): update_interval,
            cv.Optional(CONF_RESPONSE_TIMEOUT, default="2s"): _time(
                CONF_RESPONSE_TIMEOUT,
                MIN_RESPONSE_TIMEOUT,
                MAX_RESPONSE_TIMEOUT,
                ", for example 2s; the meter may take 1.6s",
            ),
            cv.Optional(CONF_RETRIES, default=2): whole_number(CONF_RETRIES, 0, MAX_RETRIES),
            cv.Optional(CONF_ON_READING): automation.validate_automation({}),
            cv.Optional(CONF_ON_LINK_STATUS): automation.validate_automation({}),
        }
    )
    .extend(uart.UART_DEVICE_SCHEMA)
    .extend(cv.COMPONENT_SCHEMA),
)

#: What a meter speaks, and nothing else.
UART_SETTINGS = {CONF_BAUD_RATE: 1200, CONF_DATA_BITS: 8, CONF_PARITY: "NONE", CONF_STOP_BITS: 2}


def _uart_problems(declared: ID, settings: ConfigType) -> Iterator[tuple[str, str]]:
    """Yield each key of a UART that is wrong for a meter, and what must stand there."""
    for key, wanted in UART_SETTINGS.items():
        # A usb_uart has its stop bits as text.
        if str(settings.get(key, wanted)) != str(wanted):
            yield (
                key,
                f"{key} is {settings[key]}, must be {wanted} "
                "(a meter speaks 1200 baud, 8 data bits, no parity, 2 stop bits)",
            )
    if str(declared.type) in uart.NATIVE_UART_CLASSES:
        for pin in (CONF_TX_PIN, CONF_RX_PIN):
            if pin not in settings:
                yield pin, f"{pin} is missing (the meter is asked on tx_pin, answers on rx_pin)"


def _uart_fits(config: ConfigType) -> ConfigType:
    """Refuse a UART that no meter answers on, or that another meter has."""
    full = fv.full_config.get()
    uart_id = config[CONF_UART_ID]
    path = full.get_path_for_id(uart_id)[:-1]
    settings = full.get_config_for_path(path)
    declared = settings[CONF_ID]
    name = f"uart '{declared}'" if declared.is_manual else "uart"

    taken = full.data.setdefault(f"{DOMAIN}_uarts", set())
    if uart_id.id in taken:
        raise cv.Invalid(
            f"{name} has a meter already: each {DOMAIN} needs a uart of its own",
            path=[CONF_UART_ID],
        )
    taken.add(uart_id.id)

    problems = [
        cv.Invalid(f"{name}: {problem}", path=[cv.ROOT_CONFIG_PATH, *path, key])
        for key, problem in _uart_problems(declared, settings)
    ]
    if problems:
        raise cv.MultipleInvalid(problems)
    return config


# ESPHome's own check keeps other components off the meter's UART. The settings are not given to it:
# before 2026.10 it refuses the stop bits of a usb_uart, which are text.
FINAL_VALIDATE_SCHEMA = cv.All(
    _uart_fits,
    uart.final_validate_device_schema(DOMAIN, require_tx=True, require_rx=True),
)

#: What every platform's block starts with.
HUB_SCHEMA = cv.Schema({cv.GenerateID(CONF_MULTICAL_ID): cv.use_id(Multical)})


@dataclass
class _Sizes:
    """How many of a kind each hub has; the largest number becomes the size of the hubs' lists."""

    entities: Counter[str] = field(default_factory=Counter)
    type_listeners: Counter[str] = field(default_factory=Counter)
    info_codes: Counter[str] = field(default_factory=Counter)
    info_monitors: set[str] = field(default_factory=set)


def _sizes() -> _Sizes:
    if DOMAIN not in CORE.data:
        CORE.data[DOMAIN] = _Sizes()
        CORE.add_job(_define_sizes)
    return CORE.data[DOMAIN]


@coroutine_with_priority(CoroPriority.FINAL)
async def _define_sizes() -> None:
    sizes = _sizes()
    for define, counts in (
        ("MULTICAL_MAX_ENTITIES", sizes.entities),
        ("MULTICAL_MAX_TYPE_LISTENERS", sizes.type_listeners),
        ("MULTICAL_MAX_INFO_CODES", sizes.info_codes),
    ):
        if counts:
            cg.add_define(define, max(counts.values()))


def add_entity(
    hub: MockObj, hub_id: ID, entity: MockObj, interval: TimePeriod | None = None
) -> None:
    """Generate the code that lets an entity read its register, at its own interval if any."""
    _sizes().entities[hub_id.id] += 1
    if interval is not None:
        cg.add_define("USE_MULTICAL_OWN_INTERVALS")
        cg.add(entity.set_update_interval(interval))
    cg.add(hub.add_entity(entity))


def set_identity(entity: MockObj) -> None:
    """Generate the code that reads an entity once after connecting, then daily."""
    cg.add_define("USE_MULTICAL_OWN_INTERVALS")
    cg.add(entity.set_identity())


def add_meter_type_listener(hub: MockObj, hub_id: ID, listener: MockObj) -> None:
    """Generate the code that tells an entity the meter's type."""
    _sizes().type_listeners[hub_id.id] += 1
    cg.add_define("USE_MULTICAL_METER_TYPE")
    cg.add(hub.add_meter_type_listener(listener))


def use_info(hub: MockObj, hub_id: ID) -> MockObj:
    """Generate the code that reads the info codes, once for each hub; return their monitor."""
    sizes = _sizes()
    if hub_id.id not in sizes.info_monitors:
        sizes.info_monitors.add(hub_id.id)
        sizes.entities[hub_id.id] += 1
        cg.add_define("USE_MULTICAL_INFO")
        cg.add(hub.use_info())
    return hub.info()


def add_info_code(hub: MockObj, hub_id: ID, number: int, entity: MockObj) -> None:
    """Generate the code that tells an entity whether one info code is active."""
    info = use_info(hub, hub_id)
    _sizes().info_codes[hub_id.id] += 1
    cg.add_define("USE_MULTICAL_INFO_CODES")
    cg.add(info.add_code_binary_sensor(number, entity))


#: TX and RX of the ESP8266's swapped UART0. ESPHome's UART leaves these pins when its settings are
#: loaded anew, because it does not swap again. On any other two pins it is another UART.
ESP8266_SWAPPED_PINS = (15, 13)


def use_link_advice() -> None:
    """Put the sentences of advice into the firmware."""
    cg.add_define("USE_MULTICAL_LINK_ADVICE")


def use_check_wiring() -> None:
    """Put the wiring check into the firmware, with other speeds where every meter's UART can.

    What is no UART of the chip itself (USB, network) has no speed of its own to change.
    """
    use_link_advice()
    cg.add_define("USE_MULTICAL_SIDE_TASKS")
    cg.add_define("USE_MULTICAL_CHECK_WIRING")
    uarts = [_uart_config(hub[CONF_UART_ID]) for hub in CORE.config[DOMAIN]]
    swapped = CORE.is_esp8266 and any(map(_is_swapped, uarts))
    if (CORE.is_esp32 or CORE.is_esp8266) and all(uarts) and not swapped:
        cg.add_define("USE_MULTICAL_SPEED_CHECK")


def use_scan() -> None:
    """Put the scan of all registers into the firmware, with their names."""
    cg.add_define("USE_MULTICAL_SIDE_TASKS")
    cg.add_define("USE_MULTICAL_SCAN")


def _uart_config(uart_id: ID) -> ConfigType:
    """Return a UART's settings; none of one that is not of the platform `uart:`."""
    return next((c for c in CORE.config.get("uart", []) if c[CONF_ID] == uart_id), {})


def _is_swapped(settings: ConfigType) -> bool:
    pins = (settings[pin][CONF_NUMBER] for pin in (CONF_TX_PIN, CONF_RX_PIN) if pin in settings)
    return tuple(pins) == ESP8266_SWAPPED_PINS


async def _look_at_the_wire(var: MockObj, config: ConfigType) -> None:
    """Generate what lets the hub look at its UART from outside: the RX pin, or the port."""
    settings = _uart_config(config[CONF_UART_ID])
    if CORE.is_host and settings:
        cg.add(var.set_port(await cg.get_variable(config[CONF_UART_ID])))
    if (pin := settings.get(CONF_RX_PIN)) is None or not (CORE.is_esp8266 or CORE.is_esp32):
        return
    # A second object for the same pin: it only reads the level and is never set up.
    id_ = ID(f"{config[CONF_ID]}_rx_pin", is_declaration=True, type=pin[CONF_ID].type)
    cg.add_define("USE_MULTICAL_RX_PIN")
    cg.add(var.set_rx_pin(await cg.gpio_pin_expression({**pin, CONF_ID: id_})))


async def to_code(config: ConfigType) -> None:
    """Generate the hub."""
    var = cg.new_Pvariable(config[CONF_ID])
    await cg.register_component(var, config)
    await uart.register_uart_device(var, config)
    await _look_at_the_wire(var, config)
    cg.add(var.set_response_timeout(config[CONF_RESPONSE_TIMEOUT]))
    cg.add(var.set_retries(config[CONF_RETRIES]))
    await automation.build_callback_automations(
        var,
        config,
        (
            automation.CallbackAutomation(CONF_ON_READING, "add_on_reading_callback"),
            automation.CallbackAutomation(
                CONF_ON_LINK_STATUS, "add_on_link_status_callback", [(cg.StringRef, "x")]
            ),
        ),
    )


ACTION_SCHEMA = automation.maybe_simple_id({cv.GenerateID(): cv.use_id(Multical)})


def _register_action(name: str, class_: MockObj, use: Callable[[], None] | None = None) -> None:
    """Register an action on a hub.

    use: puts a part into the firmware that is not always there.
    """

    @automation.register_action(f"{DOMAIN}.{name}", class_, ACTION_SCHEMA, synchronous=True)
    async def to_code(
        config: ConfigType, action_id: ID, template_arg: cg.TemplateArguments, args: Any
    ) -> MockObj:
        if use is not None:
            use()
        var = cg.new_Pvariable(action_id, template_arg)
        await cg.register_parented(var, config[CONF_ID])
        return var


_register_action("read", ReadAction)
_register_action("check_wiring", CheckWiringAction, use_check_wiring)
_register_action("scan_registers", ScanRegistersAction, use_scan)
