"""Whether the meter is connected, and the problems that it reports about itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.components import binary_sensor
from esphome.const import (
    DEVICE_CLASS_CONNECTIVITY,
    DEVICE_CLASS_PROBLEM,
    ENTITY_CATEGORY_DIAGNOSTIC,
)
from esphome.types import ConfigType

from ..helpers import HUB_SCHEMA, add_info_code, use_info
from ..info_codes import INFO_CODE_BY_KEY
from ..keys import CONF_MULTICAL_ID
from ..validators import block, entity, platform

DEPENDENCIES = ["multical"]

CONF_CONNECTED = "connected"
CONF_INFO_CODES = "info_codes"
CONF_PROBLEM = "problem"


def _entity(key: str, device_class: str) -> Callable[[Any], ConfigType]:
    schema = binary_sensor.binary_sensor_schema(
        device_class=device_class, entity_category=ENTITY_CATEGORY_DIAGNOSTIC
    )
    return entity(key, schema)


INFO_CODES_SCHEMA = cv.Schema(
    {cv.Optional(key): _entity(key, DEVICE_CLASS_PROBLEM) for key in INFO_CODE_BY_KEY}
)


def _info_codes(value: Any) -> Any:
    if not isinstance(value, dict):
        example = f"{CONF_INFO_CODES}: {{low_battery: {{name: Low battery}}}}"
        raise cv.Invalid(f"{CONF_INFO_CODES} must be a block of info codes, for example {example}")
    return value


SCHEMA = HUB_SCHEMA.extend(
    {
        cv.Optional(CONF_CONNECTED): _entity(CONF_CONNECTED, DEVICE_CLASS_CONNECTIVITY),
        cv.Optional(CONF_PROBLEM): _entity(CONF_PROBLEM, DEVICE_CLASS_PROBLEM),
        cv.Optional(CONF_INFO_CODES): cv.All(
            _info_codes, block(CONF_INFO_CODES, INFO_CODES_SCHEMA)
        ),
    }
)
CONFIG_SCHEMA = platform("binary_sensor", SCHEMA)


async def to_code(config: ConfigType) -> None:
    """Generate the binary sensors."""
    hub_id = config[CONF_MULTICAL_ID]
    hub = await cg.get_variable(hub_id)
    if conf := config.get(CONF_CONNECTED):
        var = await binary_sensor.new_binary_sensor(conf)
        cg.add_define("USE_MULTICAL_CONNECTED")
        cg.add(hub.link().set_connected_binary_sensor(var))
    if conf := config.get(CONF_PROBLEM):
        var = await binary_sensor.new_binary_sensor(conf)
        cg.add(use_info(hub, hub_id).set_problem_binary_sensor(var))
    for key, conf in config.get(CONF_INFO_CODES, {}).items():
        var = await binary_sensor.new_binary_sensor(conf)
        add_info_code(hub, hub_id, INFO_CODE_BY_KEY[key].number, var)
