"""Measures how long each loop() of a multical hub takes. For script/measure, not for users."""

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.components.multical import CONF_MULTICAL_ID, Multical
from esphome.const import CONF_ID
from esphome.types import ConfigType

DEPENDENCIES = ["multical"]

LoopProbe = cg.esphome_ns.namespace("loop_probe").class_("LoopProbe", cg.Component)

CONFIG_SCHEMA = cv.Schema(
    {
        cv.GenerateID(): cv.declare_id(LoopProbe),
        cv.GenerateID(CONF_MULTICAL_ID): cv.use_id(Multical),
    }
).extend(cv.COMPONENT_SCHEMA)


async def to_code(config: ConfigType) -> None:
    """Generate the probe."""
    var = cg.new_Pvariable(config[CONF_ID], await cg.get_variable(config[CONF_MULTICAL_ID]))
    await cg.register_component(var, config)
