"""Buttons that make the hub do something now."""

from __future__ import annotations

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.components import button
from esphome.const import ENTITY_CATEGORY_DIAGNOSTIC
from esphome.types import ConfigType

from .. import CONF_MULTICAL_ID, HUB_SCHEMA, Multical, multical_ns, use_check_wiring, use_scan

DEPENDENCIES = ["multical"]

CONF_CHECK_WIRING = "check_wiring"
CONF_READ = "read"
CONF_SCAN_REGISTERS = "scan_registers"

_PARENT = cg.Parented.template(Multical)
CheckWiringButton = multical_ns.class_("CheckWiringButton", button.Button, _PARENT)
ReadButton = multical_ns.class_("ReadButton", button.Button, _PARENT)
ScanRegistersButton = multical_ns.class_("ScanRegistersButton", button.Button, _PARENT)

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
#: Key -> what puts its part into the firmware.
USES = {CONF_CHECK_WIRING: use_check_wiring, CONF_SCAN_REGISTERS: use_scan}

CONFIG_SCHEMA = HUB_SCHEMA.extend({cv.Optional(key): schema for key, schema in BUTTONS.items()})


async def to_code(config: ConfigType) -> None:
    """Generate the buttons."""
    for key in BUTTONS:
        if conf := config.get(key):
            var = await button.new_button(conf)
            await cg.register_parented(var, config[CONF_MULTICAL_ID])
            if key in USES:
                USES[key]()
