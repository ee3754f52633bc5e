"""Buttons that make the hub do something now."""

from __future__ import annotations

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.components import button
from esphome.const import ENTITY_CATEGORY_DIAGNOSTIC
from esphome.cpp_generator import MockObjClass
from esphome.types import ConfigType

from ..helpers import (
    HUB_SCHEMA,
    Multical,
    RegisterScan,
    WiringCheck,
    multical_ns,
    use_check_wiring,
    use_scan,
)
from ..keys import CONF_MULTICAL_ID
from ..validators import entity, platform

DEPENDENCIES = ["multical"]

CONF_CHECK_WIRING = "check_wiring"
CONF_READ = "read"
CONF_SCAN_REGISTERS = "scan_registers"


def _button(name: str, parent: MockObjClass) -> MockObjClass:
    return multical_ns.class_(name, button.Button, cg.Parented.template(parent))


CheckWiringButton = _button("CheckWiringButton", WiringCheck)
ReadButton = _button("ReadButton", Multical)
ScanRegistersButton = _button("ScanRegistersButton", RegisterScan)

#: Key -> schema.
BUTTONS = {
    CONF_READ: button.button_schema(ReadButton),
    CONF_CHECK_WIRING: button.button_schema(
        CheckWiringButton, entity_category=ENTITY_CATEGORY_DIAGNOSTIC
    ),
    CONF_SCAN_REGISTERS: button.button_schema(
        ScanRegistersButton, entity_category=ENTITY_CATEGORY_DIAGNOSTIC
    ),
}
#: Key -> what puts the object that the button acts on into the firmware, and returns it.
USES = {
    CONF_READ: cg.get_variable,
    CONF_CHECK_WIRING: use_check_wiring,
    CONF_SCAN_REGISTERS: use_scan,
}

SCHEMA = HUB_SCHEMA.extend(
    {cv.Optional(key): entity(key, schema) for key, schema in BUTTONS.items()}
)
CONFIG_SCHEMA = platform("button", SCHEMA)


async def to_code(config: ConfigType) -> None:
    """Generate the buttons."""
    for key, use in USES.items():
        if conf := config.get(key):
            var = await button.new_button(conf)
            cg.add(var.set_parent(await use(config[CONF_MULTICAL_ID])))
