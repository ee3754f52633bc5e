"""Kamstrup MULTICAL heat meters over KMP: the hub, one for each meter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome import automation
from esphome.components import uart
from esphome.const import CONF_ID, CONF_UART_ID, CONF_UPDATE_INTERVAL
from esphome.core import ID, TimePeriod
from esphome.cpp_generator import MockObj, MockObjClass
from esphome.types import ConfigType

from . import uart_check
from .helpers import (
    Multical,
    RegisterScan,
    WiringCheck,
    define_sizes,
    multical_ns,
    use_check_wiring,
    use_scan,
)
from .keys import CONF_SERIAL_PROXY_ID, DOMAIN
from .validators import block, one_of_several, time_between, update_interval, whole_number

CODEOWNERS: list[str] = []
DEPENDENCIES = ["uart"]
MULTI_CONF = True


def AUTO_LOAD() -> list[str]:  # noqa: N802
    """Load nothing. ESPHome calls this before its UART fails with a traceback on some chips."""
    uart_check.refuse_chip_without_uart()
    return []


CONF_ON_LINK_STATUS = "on_link_status"
CONF_ON_READING = "on_reading"
CONF_RESPONSE_TIMEOUT = "response_timeout"
CONF_RETRIES = "retries"

MIN_RESPONSE_TIMEOUT = TimePeriod(milliseconds=100)
MAX_RESPONSE_TIMEOUT = TimePeriod(seconds=10)
MAX_RETRIES = 10


# Importing ESPHome's own class would import its usb_uart, which needs to know the chip at once.
SerialProxy = cg.esphome_ns.namespace("serial_proxy").class_(
    "SerialProxy", cg.Component, uart.UARTDevice
)


def _action(name: str, parent: MockObjClass) -> MockObjClass:
    return multical_ns.class_(name, automation.Action, cg.Parented.template(parent))


ReadAction = _action("ReadAction", Multical)
CheckWiringAction = _action("CheckWiringAction", WiringCheck)
ScanRegistersAction = _action("ScanRegistersAction", RegisterScan)

SCHEMA = (
    cv.Schema(
        {
            cv.GenerateID(): cv.declare_id(Multical),
            cv.Optional(CONF_UPDATE_INTERVAL, default="1h"): update_interval,
            cv.Optional(CONF_RESPONSE_TIMEOUT, default="2s"): time_between(
                CONF_RESPONSE_TIMEOUT,
                MIN_RESPONSE_TIMEOUT,
                MAX_RESPONSE_TIMEOUT,
                ", for example 2s; the meter may take 1.6s",
            ),
            cv.Optional(CONF_RETRIES, default=2): whole_number(CONF_RETRIES, 0, MAX_RETRIES),
            cv.Optional(CONF_ON_READING): automation.validate_automation({}),
            cv.Optional(CONF_ON_LINK_STATUS): automation.validate_automation({}),
            cv.Optional(CONF_SERIAL_PROXY_ID): cv.use_id(SerialProxy),
        }
    )
    .extend(uart.UART_DEVICE_SCHEMA)
    .extend(cv.COMPONENT_SCHEMA)
)
CONFIG_SCHEMA = cv.All(
    cv.require_esphome_version(2026, 6, 0),
    one_of_several(uart.DOMAIN, CONF_UART_ID),
    block(DOMAIN, SCHEMA),
)

FINAL_VALIDATE_SCHEMA = uart_check.FINAL_VALIDATE_SCHEMA


ON_READING = automation.CallbackAutomation(CONF_ON_READING, "add_on_reading_callback")
ON_LINK_STATUS = automation.CallbackAutomation(
    CONF_ON_LINK_STATUS, "add_on_link_status_callback", [(cg.StringRef, "x")]
)


async def to_code(config: ConfigType) -> None:
    """Generate the hub."""
    var = cg.new_Pvariable(config[CONF_ID])
    await cg.register_component(var, config)
    await uart_check.register_port(var, config)
    cg.add(var.set_response_timeout(config[CONF_RESPONSE_TIMEOUT]))
    cg.add(var.set_retries(config[CONF_RETRIES]))
    await automation.build_callback_automations(var, config, (ON_READING,))
    await automation.build_callback_automations(var.link(), config, (ON_LINK_STATUS,))
    define_sizes()


ACTION_SCHEMA = cv.All(
    one_of_several(DOMAIN, CONF_ID),
    automation.maybe_simple_id({cv.GenerateID(): cv.use_id(Multical)}),
)

#: Puts the object that an action acts on into the firmware, and returns it.
Use = Callable[[ID], Awaitable[MockObj]]


def _register_action(name: str, class_: MockObjClass, use: Use) -> None:
    @automation.register_action(f"{DOMAIN}.{name}", class_, ACTION_SCHEMA, synchronous=True)
    async def to_code(
        config: ConfigType, action_id: ID, template_arg: cg.TemplateArguments, args: Any
    ) -> MockObj:
        var = cg.new_Pvariable(action_id, template_arg)
        cg.add(var.set_parent(await use(config[CONF_ID])))
        return var


_register_action("read", ReadAction, cg.get_variable)
_register_action("check_wiring", CheckWiringAction, use_check_wiring)
_register_action("scan_registers", ScanRegistersAction, use_scan)
