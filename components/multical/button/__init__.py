"""Buttons that make the hub do something now."""

from __future__ import annotations

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.components import button
from esphome.types import ConfigType

from .. import CONF_MULTICAL_ID, HUB_SCHEMA, Multical, multical_ns

DEPENDENCIES = ["multical"]

CONF_READ = "read"

ReadButton = multical_ns.class_("ReadButton", button.Button, cg.Parented.template(Multical))

CONFIG_SCHEMA = HUB_SCHEMA.extend({cv.Optional(CONF_READ): button.button_schema(ReadButton)})


async def to_code(config: ConfigType) -> None:
    """Generate the buttons."""
    if conf := config.get(CONF_READ):
        var = await button.new_button(conf)
        await cg.register_parented(var, config[CONF_MULTICAL_ID])
