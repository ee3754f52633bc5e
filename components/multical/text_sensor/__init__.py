"""Texts, dates and exact numbers from the meter, and the status of the link to it."""

from __future__ import annotations

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.components import text_sensor
from esphome.const import CONF_ID, CONF_UPDATE_INTERVAL, ENTITY_CATEGORY_DIAGNOSTIC
from esphome.core import CORE, ID
from esphome.cpp_generator import MockObj, MockObjClass
from esphome.types import ConfigType

from ..helpers import (
    HUB_SCHEMA,
    Multical,
    RegisterEntity,
    add_entity,
    add_identity,
    add_meter_type_listener,
    add_on_request,
    multical_ns,
    use_info,
)
from ..keys import CONF_MULTICAL_ID, CONF_REGISTER, CONF_REGISTERS
from ..registers import CLOCK, CUSTOMER_NUMBER_HIGH, DATE, TEXT_REGISTERS, TextRegister
from ..validators import entity, listed, platform, register_number, update_interval

DEPENDENCIES = ["multical"]

CONF_CUSTOMER_NUMBER = "customer_number"
CONF_INFO = "info"
CONF_INFO_CODE = "info_code"
CONF_LINK_ADVICE = "link_advice"
CONF_LINK_STATUS = "link_status"
CONF_METER_TIME = "meter_time"
CONF_METER_TYPE = "meter_type"
CONF_SOFTWARE_REVISION = "software_revision"


def _entity_class(name: str, *more: MockObjClass) -> MockObjClass:
    return multical_ns.class_(name, text_sensor.TextSensor, *more)


MeterTypeListener = multical_ns.class_("MeterTypeListener")
RegisterTextSensor = _entity_class("RegisterTextSensor", RegisterEntity)
CustomerNumberTextSensor = _entity_class("CustomerNumberTextSensor", RegisterEntity)
MeterTimeTextSensor = _entity_class(
    "MeterTimeTextSensor", RegisterEntity, cg.Parented.template(Multical)
)
MeterTypeTextSensor = _entity_class("MeterTypeTextSensor", MeterTypeListener)
SoftwareRevisionTextSensor = _entity_class(
    "SoftwareRevisionTextSensor",
    RegisterEntity,
    MeterTypeListener,
    cg.Parented.template(Multical),
)

#: Key -> class of the entities that show no register, or more than one.
CLASSES = {
    CONF_CUSTOMER_NUMBER: CustomerNumberTextSensor,
    CONF_METER_TIME: MeterTimeTextSensor,
    CONF_METER_TYPE: MeterTypeTextSensor,
    CONF_SOFTWARE_REVISION: SoftwareRevisionTextSensor,
    CONF_INFO: text_sensor.TextSensor,
    CONF_INFO_CODE: text_sensor.TextSensor,
    CONF_LINK_STATUS: text_sensor.TextSensor,
    CONF_LINK_ADVICE: text_sensor.TextSensor,
}

#: Key -> register of the entities that show one.
PLAIN_REGISTERS: dict[str, TextRegister] = {
    row.key: row for row in TEXT_REGISTERS if row.key not in CLASSES
}
_NUMBERS = {row.key: row.number for row in TEXT_REGISTERS}

_INTERVAL = {cv.Optional(CONF_UPDATE_INTERVAL): update_interval}
_REGISTER_SCHEMA = text_sensor.text_sensor_schema(RegisterTextSensor).extend(_INTERVAL)
_IDENTITY_SCHEMA = text_sensor.text_sensor_schema(
    RegisterTextSensor, entity_category=ENTITY_CATEGORY_DIAGNOSTIC
)
_LISTED_SCHEMA = _REGISTER_SCHEMA.extend({cv.Required(CONF_REGISTER): register_number})

#: Key -> schema of the entities that have a key.
SCHEMAS = {
    **{
        key: _IDENTITY_SCHEMA if row.identity else _REGISTER_SCHEMA
        for key, row in PLAIN_REGISTERS.items()
    },
    **{
        key: text_sensor.text_sensor_schema(class_, entity_category=ENTITY_CATEGORY_DIAGNOSTIC)
        for key, class_ in CLASSES.items()
    },
}

SCHEMA = HUB_SCHEMA.extend(
    {
        **{cv.Optional(key): entity(key, schema) for key, schema in SCHEMAS.items()},
        cv.Optional(CONF_REGISTERS): listed(_LISTED_SCHEMA, _LISTED_SCHEMA),
    }
)
CONFIG_SCHEMA = platform("text_sensor", SCHEMA)


async def to_code(config: ConfigType) -> None:
    """Generate the text sensors."""
    hub_id = config[CONF_MULTICAL_ID]
    hub = await cg.get_variable(hub_id)
    for key, row in PLAIN_REGISTERS.items():
        if conf := config.get(key):
            var = await text_sensor.new_text_sensor(conf)
            if row.identity:
                add_identity(hub, hub_id, var, row.number)
            else:
                add_entity(hub, hub_id, var, row.number, interval=conf.get(CONF_UPDATE_INTERVAL))
    for conf in config.get(CONF_REGISTERS, []):
        var = await text_sensor.new_text_sensor(conf)
        interval = conf.get(CONF_UPDATE_INTERVAL)
        add_entity(hub, hub_id, var, conf[CONF_REGISTER], interval=interval)
    await _special_to_code(config, hub, hub_id)
    for key in (CONF_INFO, CONF_INFO_CODE):
        if conf := config.get(key):
            var = await text_sensor.new_text_sensor(conf)
            cg.add_define("USE_MULTICAL_INFO_TEXT")
            cg.add(getattr(use_info(hub, hub_id), f"set_{key}_text_sensor")(var))
    for key in (CONF_LINK_STATUS, CONF_LINK_ADVICE):
        if conf := config.get(key):
            var = await text_sensor.new_text_sensor(conf)
            cg.add_define(f"USE_MULTICAL_{key.upper()}")
            cg.add(getattr(hub.link(), f"set_{key}_text_sensor")(var))


async def _special_to_code(config: ConfigType, hub: MockObj, hub_id: ID) -> None:
    """Generate those that show no register, or more than one."""
    if conf := config.get(CONF_CUSTOMER_NUMBER):
        var = await text_sensor.new_text_sensor(conf)
        number = _NUMBERS[CONF_CUSTOMER_NUMBER]
        add_identity(hub, hub_id, var, number, CUSTOMER_NUMBER_HIGH)
    if conf := config.get(CONF_METER_TIME):
        number = _NUMBERS[CONF_METER_TIME]
        var = await text_sensor.new_text_sensor(conf, number, DATE, CLOCK)
        await cg.register_parented(var, hub)
        await _set_time_source(var)
        add_identity(hub, hub_id, var, number)
    if conf := config.get(CONF_METER_TYPE):
        var = await text_sensor.new_text_sensor(conf)
        add_meter_type_listener(hub, hub_id, var)
    if conf := config.get(CONF_SOFTWARE_REVISION):
        var = await text_sensor.new_text_sensor(conf)
        await cg.register_parented(var, hub)
        add_on_request(hub, hub_id, var, _NUMBERS[CONF_SOFTWARE_REVISION])
        add_meter_type_listener(hub, hub_id, var)


async def _set_time_source(var: MockObj) -> None:
    """Have the meter's clock compared with the device's, if the device has a time source."""
    if clocks := CORE.config.get("time"):
        cg.add(var.set_time_source(await cg.get_variable(clocks[0][CONF_ID])))
