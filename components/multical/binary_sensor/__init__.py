"""Whether the meter is there."""

from __future__ import annotations

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.components import binary_sensor
from esphome.components.const import CONF_CONNECTED
from esphome.const import DEVICE_CLASS_CONNECTIVITY, ENTITY_CATEGORY_DIAGNOSTIC
from esphome.types import ConfigType

from .. import CONF_MULTICAL_ID, HUB_SCHEMA

DEPENDENCIES = ["multical"]

CONFIG_SCHEMA = HUB_SCHEMA.extend(
    {
        cv.Optional(CONF_CONNECTED): binary_sensor.binary_sensor_schema(
            device_class=DEVICE_CLASS_CONNECTIVITY,
            entity_category=ENTITY_CATEGORY_DIAGNOSTIC,
        ),
    }
)


async def to_code(config: ConfigType) -> None:
    """Generate the binary sensor."""
    if conf := config.get(CONF_CONNECTED):
        hub = await cg.get_variable(config[CONF_MULTICAL_ID])
        var = await binary_sensor.new_binary_sensor(conf)
        cg.add_define("USE_MULTICAL_CONNECTED")
        cg.add(hub.link().set_connected_binary_sensor(var))
