"""Buttons that make the hub do something now."""

from __future__ import annotations

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.components import button
from esphome.const import ENTITY_CATEGORY_DIAGNOSTIC
from esphome.types import ConfigType

from .. import CONF_MULTICAL_ID, HUB_SCHEMA, Multical, multical_ns, use_check_wiring

DEPENDENCIES = ["multical"]

CONF_CHECK_WIRING = "check_wiring"
CONF_READ = "read"

_PARENT = cg.Parented.template(Multical)
CheckWiringButton = multical_ns.class_("CheckWiringButton", button.Button, _PARENT)
ReadButton = multical_ns.class_("ReadButton", button.Button, _PARENT)

CONFIG_SCHEMA = HUB_SCHEMA.extend(
    {
        cv.Optional(CONF_READ): button.button_schema(ReadButton),
        cv.Optional(CONF_CHECK_WIRING): button.button_schema(
            CheckWiringButton, entity_category=ENTITY_CATEGORY_DIAGNOSTIC
        ),
    }
)


async def to_code(config: ConfigType) -> None:
    """Generate the buttons."""
    for key in (CONF_READ, CONF_CHECK_WIRING):
        if conf := config.get(key):
            var = await button.new_button(conf)
            await cg.register_parented(var, config[CONF_MULTICAL_ID])
    if CONF_CHECK_WIRING in config:
        use_check_wiring()
