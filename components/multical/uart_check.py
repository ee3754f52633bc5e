"""What a UART must be for a meter, and how the hub looks at it from outside."""

from __future__ import annotations

from collections.abc import Iterator

import esphome.codegen as cg
import esphome.config_validation as cv
import esphome.final_validate as fv
from esphome.components import uart
from esphome.components.const import CONF_DATA_BITS, CONF_PARITY, CONF_STOP_BITS
from esphome.const import (
    CONF_BAUD_RATE,
    CONF_ID,
    CONF_NUMBER,
    CONF_RX_PIN,
    CONF_TX_PIN,
    CONF_UART_ID,
)
from esphome.core import CORE, ID
from esphome.cpp_generator import MockObj
from esphome.types import ConfigType

#: What a meter speaks, and nothing else.
UART_SETTINGS = {CONF_BAUD_RATE: 1200, CONF_DATA_BITS: 8, CONF_PARITY: "NONE", CONF_STOP_BITS: 2}

#: TX and RX of the ESP8266's swapped UART0. ESPHome's UART leaves these pins when its settings are
#: loaded anew, because it does not swap again. On any other two pins it is another UART.
ESP8266_SWAPPED_PINS = (15, 13)


def _problems(declared: ID, settings: ConfigType) -> Iterator[tuple[str, str]]:
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

    taken = full.data.setdefault("multical_uarts", set())
    if uart_id.id in taken:
        raise cv.Invalid(
            f"{name} has a meter already: each multical needs a uart of its own",
            path=[CONF_UART_ID],
        )
    taken.add(uart_id.id)

    problems = [
        cv.Invalid(f"{name}: {problem}", path=[cv.ROOT_CONFIG_PATH, *path, key])
        for key, problem in _problems(declared, settings)
    ]
    if problems:
        raise cv.MultipleInvalid(problems)
    return config


# ESPHome's own check keeps other components off the meter's UART. The settings are not given to it:
# before 2026.10 it refuses the stop bits of a usb_uart, which are text.
FINAL_VALIDATE_SCHEMA = cv.All(
    _uart_fits,
    uart.final_validate_device_schema("multical", require_tx=True, require_rx=True),
)


def _settings(hub: ConfigType) -> ConfigType:
    """Return the settings of a hub's UART; none of one that is not of the platform `uart:`."""
    uarts: list[ConfigType] = CORE.config.get("uart", [])
    return next((settings for settings in uarts if settings[CONF_ID] == hub[CONF_UART_ID]), {})


def _is_swapped(settings: ConfigType) -> bool:
    pins = (settings[pin][CONF_NUMBER] for pin in (CONF_TX_PIN, CONF_RX_PIN) if pin in settings)
    return tuple(pins) == ESP8266_SWAPPED_PINS


def speed_can_change(hub: ConfigType) -> bool:
    """Tell whether the speed of a hub's UART can be changed while the device runs.

    What is no UART of the chip itself (USB, network) has no speed of its own to change.
    """
    settings = _settings(hub)
    if not settings or not (CORE.is_esp32 or CORE.is_esp8266):
        return False
    return not (CORE.is_esp8266 and _is_swapped(settings))


async def register_port(hub: MockObj, config: ConfigType) -> None:
    """Generate what connects a hub with its UART, and lets it look at the RX pin or the port."""
    port = hub.port()
    await uart.register_uart_device(port, config)
    settings = _settings(config)
    if CORE.is_host and settings:
        cg.add(port.set_component(await cg.get_variable(config[CONF_UART_ID])))
    if (pin := settings.get(CONF_RX_PIN)) is None or not (CORE.is_esp8266 or CORE.is_esp32):
        return
    # A second object for the same pin: it only reads the level and is never set up.
    id_ = ID(f"{config[CONF_ID]}_multical_rx_pin", is_declaration=True, type=pin[CONF_ID].type)
    cg.add_define("USE_MULTICAL_RX_PIN")
    cg.add(port.set_rx_pin(await cg.gpio_pin_expression({**pin, CONF_ID: id_})))
