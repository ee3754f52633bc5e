"""Devices, and parts of them, that several tests use."""

from __future__ import annotations

import esphome.config_validation as cv
from multical import binary_sensor, button, sensor, text_sensor

from .harness import ESPHOME, device

#: What a platform's block has besides single entities.
_NO_ENTITIES = {"multical_id", "registers"}

#: Platform -> the schema of its block.
SCHEMAS = {
    "sensor": sensor.SCHEMA,
    "text_sensor": text_sensor.SCHEMA,
    "binary_sensor": binary_sensor.SCHEMA,
    "button": button.SCHEMA,
}


def _keys_of(schema: cv.Schema) -> list[str]:
    """Return the entity keys of a schema; a nested key is written with a dot."""
    keys: list[str] = []
    for key in map(str, schema.schema):
        if key == "info_codes":
            keys += [f"{key}.{below}" for below in _keys_of(binary_sensor.INFO_CODES_SCHEMA)]
        elif key not in _NO_ENTITIES:
            keys.append(key)
    return keys


#: Platform -> the keys of its entities. A nested key is written with a dot.
KEYS = {platform: _keys_of(schema) for platform, schema in SCHEMAS.items()}


def everything() -> str:
    """Return the YAML of every key of every platform, with ids like `sensor_heat_energy`."""

    def entity(platform: str, key: str, more: str = "") -> str:
        return f"{key}: {{name: {key}, id: {platform}_{key}{more}}}\n"

    blocks = {
        platform: "".join(f"    {entity(platform, key)}" for key in keys if "." not in key)
        for platform, keys in KEYS.items()
    }
    for platform, number in (("sensor", 239), ("text_sensor", 60)):
        listed = entity(platform, "listed", f", register: {number}").removeprefix("listed: ")
        blocks[platform] += f"    registers:\n      - {listed}"
    codes = [key.removeprefix("info_codes.") for key in KEYS["binary_sensor"] if "." in key]
    blocks["binary_sensor"] += "    info_codes:\n" + "".join(
        f"      {entity('binary_sensor', code)}" for code in codes
    )
    return "multical:\n" + "".join(
        f"{platform}:\n  - platform: multical\n{lines}" for platform, lines in blocks.items()
    )


#: Every key of every platform.
EVERYTHING = everything()

#: Name -> (device that has it, YAML) of UARTs from other components, which have no pins.
FOREIGN_UARTS = {
    # Its stop bits are text.
    "usb_uart": (
        "esp32",
        "usb_uart:\n  - type: cp210x\n    channels: [{id: usb, baud_rate: 1200, stop_bits: '2'}]\n",
    ),
    "weikai": (
        "esp8266",
        """\
i2c: {sda: GPIO4, scl: GPIO5}
wk2168_i2c:
  - address: 0x70
    uart: [{id: bridge, channel: 0, baud_rate: 1200, stop_bits: 2}]
""",
    ),
}
if ESPHOME >= (2026, 10):
    FOREIGN_UARTS["tcp_uart"] = (
        "host",
        """\
network:
tcp_uart: {id: tcp, host: 192.168.1.9, port: 4001, baud_rate: 1200, stop_bits: 2}
""",
    )


def foreign_uart_device(name: str, body: str) -> str:
    """Return the YAML of a device whose UART is one of FOREIGN_UARTS."""
    target, bus = FOREIGN_UARTS[name]
    # Of these chips, only the ESP32-S3 is a USB host.
    return device(body, target, bus).replace("variant: esp32\n", "variant: esp32s3\n")


#: Action -> its class.
ACTIONS = {
    "multical.read": "ReadAction",
    "multical.check_wiring": "CheckWiringAction",
    "multical.scan_registers": "ScanRegistersAction",
}

#: What may follow an action's name if there is only one hub.
FORMS = ("", ": heat", ": {id: heat}", ": {}", ":")
