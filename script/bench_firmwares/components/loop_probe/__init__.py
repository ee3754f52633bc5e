"""Measures how long each loop() of another component takes. For script/bench, not for users."""

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.const import CONF_ID
from esphome.types import ConfigType

CONF_COMPONENT_ID = "component_id"

LoopProbe = cg.esphome_ns.namespace("loop_probe").class_("LoopProbe", cg.Component)

CONFIG_SCHEMA = cv.Schema(
    {
        cv.GenerateID(): cv.declare_id(LoopProbe),
        cv.Required(CONF_COMPONENT_ID): cv.use_id(cg.Component),
    }
).extend(cv.COMPONENT_SCHEMA)


async def to_code(config: ConfigType) -> None:
    """Generate the probe."""
    var = cg.new_Pvariable(config[CONF_ID], await cg.get_variable(config[CONF_COMPONENT_ID]))
    await cg.register_component(var, config)
