"""What the meter says of itself, and what is said of the link to it, as text."""

from __future__ import annotations

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.components import text_sensor
from esphome.const import ENTITY_CATEGORY_DIAGNOSTIC
from esphome.types import ConfigType

from .. import (
    CONF_MULTICAL_ID,
    HUB_SCHEMA,
    Multical,
    RegisterEntity,
    add_entity,
    add_meter_type_listener,
    multical_ns,
    use_link_advice,
)
from ..registers import SERIAL_NUMBER, SOFTWARE_EDITION

DEPENDENCIES = ["multical"]

CONF_LINK_ADVICE = "link_advice"
CONF_LINK_STATUS = "link_status"
CONF_METER_TYPE = "meter_type"
CONF_SERIAL_NUMBER = "serial_number"
CONF_SOFTWARE_REVISION = "software_revision"

MeterTypeListener = multical_ns.class_("MeterTypeListener")
NumberTextSensor = multical_ns.class_("NumberTextSensor", text_sensor.TextSensor, RegisterEntity)
MeterTypeTextSensor = multical_ns.class_(
    "MeterTypeTextSensor", text_sensor.TextSensor, MeterTypeListener
)
SoftwareRevisionTextSensor = multical_ns.class_(
    "SoftwareRevisionTextSensor",
    text_sensor.TextSensor,
    RegisterEntity,
    MeterTypeListener,
    cg.Parented.template(Multical),
)

#: Key -> class. All of them are about the meter or the link, not about heat.
CLASSES = {
    CONF_SERIAL_NUMBER: NumberTextSensor,
    CONF_METER_TYPE: MeterTypeTextSensor,
    CONF_SOFTWARE_REVISION: SoftwareRevisionTextSensor,
    CONF_LINK_STATUS: text_sensor.TextSensor,
    CONF_LINK_ADVICE: text_sensor.TextSensor,
}

CONFIG_SCHEMA = HUB_SCHEMA.extend(
    {
        cv.Optional(key): text_sensor.text_sensor_schema(
            class_, entity_category=ENTITY_CATEGORY_DIAGNOSTIC
        )
        for key, class_ in CLASSES.items()
    }
)


async def to_code(config: ConfigType) -> None:
    """Generate the text sensors."""
    hub_id = config[CONF_MULTICAL_ID]
    hub = await cg.get_variable(hub_id)
    if conf := config.get(CONF_SERIAL_NUMBER):
        var = await text_sensor.new_text_sensor(conf, SERIAL_NUMBER)
        cg.add(var.set_identity())
        add_entity(hub, hub_id, var)
    if conf := config.get(CONF_METER_TYPE):
        var = await text_sensor.new_text_sensor(conf)
        add_meter_type_listener(hub, hub_id, var)
    if conf := config.get(CONF_SOFTWARE_REVISION):
        var = await text_sensor.new_text_sensor(conf, SOFTWARE_EDITION)
        await cg.register_parented(var, hub)
        add_entity(hub, hub_id, var)
        add_meter_type_listener(hub, hub_id, var)
    if conf := config.get(CONF_LINK_STATUS):
        var = await text_sensor.new_text_sensor(conf)
        cg.add_define("USE_MULTICAL_LINK_STATUS")
        cg.add(hub.link().set_link_status_text_sensor(var))
    if conf := config.get(CONF_LINK_ADVICE):
        var = await text_sensor.new_text_sensor(conf)
        use_link_advice()
        cg.add(hub.link().set_link_advice_text_sensor(var))
