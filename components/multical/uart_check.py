"""What a meter needs from its UART, and how the hub gets at the UART's pin or port."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import esphome.codegen as cg
import esphome.config_validation as cv
import esphome.final_validate as fv
from esphome.components import uart
from esphome.components.const import CONF_DATA_BITS, CONF_PARITY, CONF_STOP_BITS
from esphome.components.esp32 import get_esp32_variant
from esphome.const import (
    CONF_BAUD_RATE,
    CONF_DEBUG,
    CONF_DUMMY_RECEIVER,
    CONF_HARDWARE_UART,
    CONF_ID,
    CONF_LOGGER,
    CONF_NUMBER,
    CONF_PORT,
    CONF_RX_PIN,
    CONF_TX_PIN,
    CONF_UART_ID,
)
from esphome.core import CORE, ID, EsphomeError
from esphome.cpp_generator import MockObj
from esphome.types import ConfigType

from .keys import CONF_SERIAL_PROXY_ID, DOMAIN

#: The only settings that a meter uses.
UART_SETTINGS = {CONF_BAUD_RATE: 1200, CONF_DATA_BITS: 8, CONF_PARITY: "NONE", CONF_STOP_BITS: 2}

SERIAL_PROXY = "serial_proxy"

_PINS = (CONF_TX_PIN, CONF_RX_PIN)

#: The chips for which ESPHome has a UART (esphome/components/uart, _uart_declare_type).
CHIPS = ("esp8266", "esp32", "rp2040", "rp2", "bk72xx", "rtl87xx", "ln882x", "host")

#: Hardware UARTs of the ESP32 variants (Espressif's datasheets), without the variants that also
#: have a low-power UART, which ESPHome counts as one more.
ESP32_UARTS = {"ESP32": 3, "ESP32C2": 2, "ESP32C3": 2, "ESP32H2": 2, "ESP32S2": 2, "ESP32S3": 3}
_LOGGER_UARTS = ("UART0", "UART1", "UART2")

#: TX and RX of the ESP8266's UART0.
ESP8266_UART0_PINS = (1, 3)
#: The same UART, swapped. ESPHome's UART loses these pins when its settings are reloaded, because
#: it does not swap again. Any other two pins belong to another UART.
ESP8266_SWAPPED_PINS = (15, 13)
#: These pins -> the logger's names for them.
_UART0 = {ESP8266_UART0_PINS: "UART0", ESP8266_SWAPPED_PINS: "UART0_SWAP"}

#: What happens on the ESP8266 if the pins do not belong to a hardware UART.
_SOFTWARE = (
    "ESPHome then uses a software UART, which receives nothing while it sends and loses bits while "
    "WiFi is busy"
)

_LOGGER = logging.getLogger(__name__)


def refuse_chip_without_uart() -> None:
    """Refuse a chip for which ESPHome has no UART, and name those for which it has one."""
    chip = CORE.target_platform
    if chip not in CHIPS:
        raise EsphomeError(
            f"multical does not run on {chip}, because ESPHome has no UART for it. "
            f"It runs on {', '.join(CHIPS)}"
        )


def _wrong_settings(declared: ID, settings: ConfigType) -> Iterator[tuple[list[str], str]]:
    """Yield the place of each UART setting that is wrong for a meter, and what is wrong."""
    for key, wanted in UART_SETTINGS.items():
        # A usb_uart has its stop bits as text.
        if str(settings.get(key, wanted)) != str(wanted):
            yield (
                [key],
                f"{key} is {settings[key]}, must be {wanted} "
                "(a meter speaks 1200 baud, 8 data bits, no parity, 2 stop bits)",
            )
    if str(declared.type) in uart.NATIVE_UART_CLASSES:
        for pin in _PINS:
            if pin not in settings:
                yield (
                    [pin],
                    f"{pin} is missing (requests go out on tx_pin, answers arrive on rx_pin)",
                )
    # A usb_uart has it next to its other settings.
    for above, options in (([CONF_DEBUG], settings.get(CONF_DEBUG)), ([], settings)):
        if isinstance(options, Mapping) and options.get(CONF_DUMMY_RECEIVER):
            yield (
                [*above, CONF_DUMMY_RECEIVER],
                f"{CONF_DUMMY_RECEIVER} takes every byte from the meter before it can be read; "
                "remove it, or set it to false",
            )


def _references(config: Any, path: list[Any]) -> Iterator[tuple[list[Any], ID]]:
    """Yield the place of each reference to something with an id."""
    if isinstance(config, ID):
        if not config.is_declaration:
            yield path, config
    elif isinstance(config, Mapping):
        for key, value in config.items():
            yield from _references(value, [*path, key])
    elif isinstance(config, list):
        for index, value in enumerate(config):
            yield from _references(value, [*path, index])


def _other_users(full: Any, uart_id: ID) -> Iterator[list[Any]]:
    """Yield the place of each other component that reads or writes this UART.

    ESPHome's own check covers only components that request it.
    """
    lent = [hub[CONF_SERIAL_PROXY_ID].id for hub in full[DOMAIN] if CONF_SERIAL_PROXY_ID in hub]
    for path, reference in _references(full, []):
        if reference.id != uart_id.id or (path[2:] == [CONF_UART_ID] and path[0] == DOMAIN):
            continue
        if path[0] == SERIAL_PROXY and full[SERIAL_PROXY][path[1]][CONF_ID].id in lent:
            continue
        yield path


def _elsewhere(full: Any, hub: ConfigType) -> Iterator[str]:
    """Yield what is wrong if the serial_proxy that shares this meter's line is on another UART."""
    wanted = hub.get(CONF_SERIAL_PROXY_ID)
    for proxy in full.get(SERIAL_PROXY, []):
        if wanted and proxy[CONF_ID].id == wanted.id and proxy[CONF_UART_ID] != hub[CONF_UART_ID]:
            yield (
                f"{SERIAL_PROXY} '{wanted}' is on uart '{proxy[CONF_UART_ID]}', and this meter on "
                f"uart '{hub[CONF_UART_ID]}'. To share the meter's line, give both the same "
                f"{CONF_UART_ID}; otherwise remove {CONF_SERIAL_PROXY_ID}"
            )


def _same_port(uarts: list[ConfigType] | None, settings: ConfigType) -> Iterator[int]:
    """Yield the index of each other UART that uses the same port of this computer."""
    if not uarts or CONF_PORT not in settings or not CORE.is_host:
        return
    for index, other in enumerate(uarts):
        if other is not settings and CONF_PORT in other and other[CONF_PORT] == settings[CONF_PORT]:
            yield index


def _numbers(settings: ConfigType) -> tuple[int | None, ...]:
    return tuple(settings[pin][CONF_NUMBER] if pin in settings else None for pin in _PINS)


def _is_uart0(settings: ConfigType) -> bool:
    """Tell whether ESPHome may give these pins UART0; a missing pin fits."""
    return any(
        all(mine in (None, its) for mine, its in zip(_numbers(settings), pins, strict=True))
        for pins in _UART0
    )


def _has_meter(full: Any, settings: ConfigType) -> bool:
    return any(hub[CONF_UART_ID].id == settings[CONF_ID].id for hub in full[DOMAIN])


def _warnings(
    settings: ConfigType, logger: ConfigType, earlier: list[ConfigType], has_rival: bool
) -> Iterator[str]:
    """Yield what goes wrong with such pins on an ESP8266, and the fix.

    earlier: the UARTs before this one in the YAML.
    has_rival: whether one of them has UART0 and a meter.
    Source: ESP8266UartComponent::setup() and the logger's pre_setup() in ESPHome.
    """
    pins = _numbers(settings)
    log = logger.get(CONF_HARDWARE_UART) if logger.get(CONF_BAUD_RATE) else None
    named = f"tx_pin GPIO{pins[0]} and rx_pin GPIO{pins[1]}"
    if pins not in _UART0:
        yield (
            f"{named} are not the pins of a hardware UART of an ESP8266. {_SOFTWARE}. Use tx_pin "
            "GPIO15 (D8) and rx_pin GPIO13 (D7), or tx_pin GPIO1 and rx_pin GPIO3, and set "
            "'logger: baud_rate: 0'"
        )
    elif any(map(_is_uart0, earlier)):
        cure = "Put it after this one"
        if has_rival:
            cure = "It has a meter, too: for two meters use an ESP32, or two ESP8266"
        yield f"another uart has UART0, which {named} need. {_SOFTWARE}. {cure}"
    elif log in _UART0.values() and log != _UART0[pins]:
        yield f"the logger has UART0, which {named} need. {_SOFTWARE}. Set 'logger: baud_rate: 0'"
    elif log == _UART0[pins]:
        yield (
            "the logger sends all its lines to the meter, because it also uses the UART of "
            f"{named}. Set 'logger: baud_rate: 0'"
        )
    if log == "UART1" and 2 in pins:
        yield "the logger also uses GPIO2. Set 'logger: baud_rate: 0'"


def _esp32_problem(logger: ConfigType, index: int, variant: str) -> str | None:
    """Say why an ESP32 has no hardware left for a UART.

    index: its place in the YAML.
    Source: IDFUARTComponent::setup() in ESPHome, which assigns the UARTs in order.
    """
    available = ESP32_UARTS.get(variant)
    log = str(logger.get(CONF_HARDWARE_UART)) if logger.get(CONF_BAUD_RATE) else ""
    # Whichever uart comes to the logger's skips it.
    has_log = log in _LOGGER_UARTS and _LOGGER_UARTS.index(log) <= index
    if available is None or index + has_log < available:
        return None
    logged = f", and the logger has {log}" if has_log else ""
    cure = "Put it before the others" + (", or set 'logger: baud_rate: 0'" if has_log else "")
    return f"an {variant} has {available} UARTs{logged}: none is left for this one. {cure}"


def _problems(
    full: Any, path: list[Any], settings: ConfigType, name: str
) -> Iterator[tuple[list[Any], str]]:
    """Yield what keeps a meter from being read on a UART: the place, and what is wrong there.

    path, settings, name: those of the UART.
    """
    declared = settings[CONF_ID]
    for below, problem in _wrong_settings(declared, settings):
        yield [*path, *below], f"{name}: {problem}"
    for where in _other_users(full, declared):
        cure = "It needs a uart of its own"
        if where[0] == SERIAL_PROXY:
            cure += f", or multical must name it with '{CONF_SERIAL_PROXY_ID}:' to share the line"
        yield (
            where,
            f"{name} has a meter, so nothing else can use it: this would take the meter's bytes "
            f"or send to the meter. {cure}",
        )
    if CORE.is_esp32 and path[0] == uart.DOMAIN:
        logger = full.get(CONF_LOGGER) or {}
        if said := _esp32_problem(logger, path[-1], get_esp32_variant()):
            yield path, f"{name}: {said}"
    for index in _same_port(full.get(uart.DOMAIN), settings):
        yield (
            [*path[:-1], index, CONF_PORT],
            f"this is also the {CONF_PORT} of {name}: each would take the other's bytes",
        )


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
            f"{name} has a meter already: each multical needs a uart of its own, "
            f"named by its '{CONF_UART_ID}:'",
            path=[CONF_UART_ID],
        )
    taken.add(uart_id.id)

    problems = [
        cv.Invalid(problem, path=[cv.ROOT_CONFIG_PATH, *where])
        for where, problem in _problems(full, path, settings, name)
    ]
    problems += [cv.Invalid(said, path=[CONF_SERIAL_PROXY_ID]) for said in _elsewhere(full, config)]
    if str(declared.type) == str(uart.ESP8266UartComponent) and not problems:
        earlier = full[uart.DOMAIN][: path[-1]]
        has_rival = any(_is_uart0(each) and _has_meter(full, each) for each in earlier)
        for warning in _warnings(settings, full.get(CONF_LOGGER) or {}, earlier, has_rival):
            _LOGGER.warning("%s: %s", name, warning)
    if problems:
        raise cv.MultipleInvalid(problems)
    return config


# ESPHome's own check keeps other components off the meter's UART. It is not given the settings,
# because before 2026.10 it refuses the stop bits of a usb_uart, which are text.
FINAL_VALIDATE_SCHEMA = cv.All(
    _uart_fits,
    uart.final_validate_device_schema("multical", require_tx=True, require_rx=True),
)


def _settings(hub: ConfigType) -> ConfigType:
    """Return the settings of a hub's UART; none if it is not under `uart:`."""
    uarts: list[ConfigType] = CORE.config.get("uart", [])
    return next((settings for settings in uarts if settings[CONF_ID] == hub[CONF_UART_ID]), {})


def speed_can_change(hub: ConfigType) -> bool:
    """Tell whether the speed of a hub's UART can be changed while the device runs.

    Only a UART of the chip itself has a speed to change; one over USB or a network has none.
    """
    settings = _settings(hub)
    if not settings or not (CORE.is_esp32 or CORE.is_esp8266):
        return False
    return not (CORE.is_esp8266 and _numbers(settings) == ESP8266_SWAPPED_PINS)


async def register_port(hub: MockObj, config: ConfigType) -> None:
    """Generate the code that connects a hub to its UART, and lets it check the RX pin or port."""
    port = hub.port()
    await uart.register_uart_device(port, config)
    if CONF_SERIAL_PROXY_ID in config:
        cg.add_define("USE_MULTICAL_SERIAL_PROXY")
        cg.add(port.set_serial_proxy(await cg.get_variable(config[CONF_SERIAL_PROXY_ID])))
    settings = _settings(config)
    if CORE.is_host and settings:
        cg.add(port.set_component(await cg.get_variable(config[CONF_UART_ID])))
    if (pin := settings.get(CONF_RX_PIN)) is None or not (CORE.is_esp8266 or CORE.is_esp32):
        return
    # A second object for the same pin, which only reads the level and is never set up.
    id_ = ID(f"{config[CONF_ID]}_multical_rx_pin", is_declaration=True, type=pin[CONF_ID].type)
    cg.add_define("USE_MULTICAL_RX_PIN")
    cg.add(port.set_rx_pin(await cg.gpio_pin_expression({**pin, CONF_ID: id_})))
