"""Numbers from the meter: registers with a key of their own, and any other by its number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import esphome.codegen as cg
import esphome.config_validation as cv
import esphome.final_validate as fv
from esphome.components import sensor
from esphome.const import (
    CONF_ACCURACY_DECIMALS,
    CONF_DEVICE_CLASS,
    CONF_ENTITY_CATEGORY,
    CONF_ID,
    CONF_STATE_CLASS,
    CONF_UNIT_OF_MEASUREMENT,
    CONF_UPDATE_INTERVAL,
    DEVICE_CLASS_DURATION,
    ENTITY_CATEGORY_DIAGNOSTIC,
    STATE_CLASS_MEASUREMENT,
    STATE_CLASS_TOTAL,
    STATE_CLASS_TOTAL_INCREASING,
    UNIT_MILLISECOND,
    UNIT_SECOND,
)
from esphome.types import ConfigType

from ..helpers import HUB_SCHEMA, RegisterEntity, add_entity, multical_ns
from ..keys import CONF_MULTICAL_ID, CONF_REGISTER, CONF_REGISTERS, DOMAIN
from ..registers import NUMERIC_BY_NUMBER, NUMERIC_REGISTERS, Kind, NumericRegister
from ..units import (
    COUNTED,
    NUMBER,
    SPELLINGS,
    UNIT_BY_SYMBOL,
    Quantity,
    Unit,
    device_class,
    selectable_units,
)
from ..validators import entity, listed, platform, register_number, update_interval

DEPENDENCIES = ["multical"]

CONF_HIGH_RESOLUTION = "high_resolution"

MulticalSensor = multical_ns.class_("MulticalSensor", sensor.Sensor, RegisterEntity)
TotalSensor = multical_ns.class_("TotalSensor", sensor.Sensor, RegisterEntity)
HighResolutionSensor = multical_ns.class_("HighResolutionSensor", sensor.Sensor, RegisterEntity)
ValueKind = multical_ns.enum("ValueKind", is_class=True)

#: Unit of a sensor that shows the number in whatever unit it is sent.
UNIT_AS_SENT = multical_ns.UNIT_AS_SENT

#: State classes that mark an unknown register as a counter, which keeps its last value.
COUNTER_CLASSES = frozenset({STATE_CLASS_TOTAL, STATE_CLASS_TOTAL_INCREASING})

#: Decimals of an unknown register.
DEFAULT_DECIMALS = 3


def _taken_by_home_assistant(register: NumericRegister) -> str:
    """Say which of a register's units Home Assistant accepts, by device class."""
    by_class: dict[str, list[str]] = {}
    for unit in register.units:
        if name := register.device_class(unit):
            by_class.setdefault(name, []).append(unit.symbol)
    taken = " and ".join(
        f"{name} accepts {'all' if len(symbols) == len(register.units) else ', '.join(symbols)}"
        for name, symbols in by_class.items()
    )
    return f" (Home Assistant's device class {taken})" if taken else ""


def _unit(what: str, register: NumericRegister | None, value: Any) -> Unit:
    allowed = register.units if register else selectable_units(*Quantity)
    symbol = str(value or "")
    unit = UNIT_BY_SYMBOL.get(SPELLINGS.get(symbol, symbol))
    if unit not in allowed:
        symbols = ", ".join(unit.symbol for unit in allowed)
        raise cv.Invalid(
            f"{CONF_UNIT_OF_MEASUREMENT} '{symbol}' does not fit {what}, allowed: "
            f"{symbols or 'none, it is a plain number'}"
            f"{_taken_by_home_assistant(register) if register else ''}",
            path=[CONF_UNIT_OF_MEASUREMENT],
        )
    return unit


def _high_resolution(value: Any) -> bool:
    """Validate the option: auto, or off, which YAML reads as false."""
    # YAML reads "on" as true.
    said = "on" if value is True else "" if value is None else str(value)
    if value is False or said.lower() == "off":
        return False
    if said.lower() == "auto":
        return True
    raise cv.Invalid(
        f"{CONF_HIGH_RESOLUTION} '{said}' must be auto, which uses it where the meter has it, "
        "or off"
    )


def _known_defaults(register: NumericRegister, unit: Unit | None) -> ConfigType:
    return {
        CONF_ACCURACY_DECIMALS: register.default_decimals(unit),
        CONF_DEVICE_CLASS: register.device_class(unit),
        CONF_STATE_CLASS: register.state_class,
        CONF_ENTITY_CATEGORY: register.entity_category,
    }


def _unknown_defaults(unit: Unit | None) -> ConfigType:
    counted = unit is not None and unit.quantity in COUNTED
    return {
        CONF_ACCURACY_DECIMALS: unit.decimals if unit else DEFAULT_DECIMALS,
        CONF_DEVICE_CLASS: device_class(unit) if unit else None,
        CONF_STATE_CLASS: STATE_CLASS_TOTAL_INCREASING if counted else STATE_CLASS_MEASUREMENT,
    }


def _fill_in(what: str, register: NumericRegister | None, config: ConfigType) -> ConfigType:
    """Add defaults from the register and the unit; what the user wrote stays."""
    unit = register.unit if register else None
    if CONF_UNIT_OF_MEASUREMENT in config:
        unit = _unit(what, register, config[CONF_UNIT_OF_MEASUREMENT])
    defaults = _known_defaults(register, unit) if register else _unknown_defaults(unit)
    result = {key: value for key, value in defaults.items() if value not in (None, "")} | config
    if unit is not None:
        result[CONF_UNIT_OF_MEASUREMENT] = unit.symbol
    return result


def _entity_schema(class_: cg.MockObjClass) -> cv.Schema:
    return sensor.sensor_schema(class_).extend({cv.Optional(CONF_UPDATE_INTERVAL): update_interval})


#: Is it a counter? -> schema.
_ENTITY_SCHEMAS = {True: _entity_schema(TotalSensor), False: _entity_schema(MulticalSensor)}
_HIGH_RESOLUTION = {cv.Optional(CONF_HIGH_RESOLUTION, default="auto"): _high_resolution}
#: Is the fine register used, too? -> schema.
_FINE_SCHEMAS = {
    True: _entity_schema(HighResolutionSensor).extend(_HIGH_RESOLUTION),
    False: _ENTITY_SCHEMAS[True].extend(_HIGH_RESOLUTION),
}
_LISTED_SCHEMA = _ENTITY_SCHEMAS[False].extend({cv.Required(CONF_REGISTER): register_number})


def _schema_of(register: NumericRegister, config: ConfigType) -> cv.Schema:
    """Return the schema of an entity; the object's class depends on its configuration."""
    if not register.fine:
        return _ENTITY_SCHEMAS[register.total]
    value = config.get(CONF_HIGH_RESOLUTION)
    return _FINE_SCHEMAS[value is not False and value != "off"]


def _keyed(register: NumericRegister) -> Callable[[Any], ConfigType]:
    def validate(config: ConfigType) -> ConfigType:
        return _schema_of(register, config)(_fill_in(register.key, register, config))

    return entity(register.key, _schema_of(register, {}), validate)


def _listed(value: ConfigType) -> ConfigType:
    if CONF_REGISTER in value:
        with cv.prepend_path(CONF_REGISTER):
            number = register_number(value[CONF_REGISTER])
        value = _fill_in(f"register {number}", NUMERIC_BY_NUMBER.get(number), value)
    config = _LISTED_SCHEMA(value)
    # Only the validated state class shows whether it is a counter.
    if _kind(config[CONF_REGISTER], config) is Kind.TOTAL:
        config[CONF_ID].type = TotalSensor
    return config


_LINK_COUNT = sensor.sensor_schema(
    accuracy_decimals=0,
    state_class=STATE_CLASS_TOTAL_INCREASING,
    entity_category=ENTITY_CATEGORY_DIAGNOSTIC,
)


def _link_time(unit: str) -> cv.Schema:
    return sensor.sensor_schema(
        unit_of_measurement=unit,
        accuracy_decimals=0,
        device_class=DEVICE_CLASS_DURATION,
        state_class=STATE_CLASS_MEASUREMENT,
        entity_category=ENTITY_CATEGORY_DIAGNOSTIC,
    )


#: What the hub counts and measures about its link, by key.
LINK_SCHEMAS = {
    "requests": _LINK_COUNT,
    "failed_requests": _LINK_COUNT,
    "reply_delay": _link_time(UNIT_MILLISECOND),
    "last_reading_age": _link_time(UNIT_SECOND),
}

SCHEMA = HUB_SCHEMA.extend(
    {
        **{cv.Optional(key): entity(key, schema) for key, schema in LINK_SCHEMAS.items()},
        **{cv.Optional(register.key): _keyed(register) for register in NUMERIC_REGISTERS},
        cv.Optional(CONF_REGISTERS): listed(_listed, _LISTED_SCHEMA),
    }
)
CONFIG_SCHEMA = platform("sensor", SCHEMA)


def _entities(config: ConfigType) -> Iterator[tuple[list[str | int], int, ConfigType]]:
    """Yield the path, the register's number and the configuration of each entity of a block."""
    for register in NUMERIC_REGISTERS:
        if conf := config.get(register.key):
            yield [register.key], register.number, conf
    for index, conf in enumerate(config.get(CONF_REGISTERS, [])):
        yield [CONF_REGISTERS, index], conf[CONF_REGISTER], conf


def _each_register_once(config: ConfigType) -> ConfigType:
    """Refuse a register that an earlier entity of the same meter already shows."""
    shown = fv.full_config.get().data.setdefault(f"{DOMAIN}_sensor_registers", {})
    for path, number, _ in _entities(config):
        place = (str(config[CONF_MULTICAL_ID]), number)
        if place in shown:
            raise cv.Invalid(
                f"{CONF_REGISTER} {number} is read twice: {shown[place]} shows it already. "
                "Each register once per meter; for a second unit use a copy sensor",
                path=path,
            )
        shown[place] = path[0] if path[0] != CONF_REGISTERS else f"{CONF_REGISTERS}[{path[1]}]"
    return config


FINAL_VALIDATE_SCHEMA = _each_register_once


def _unit_number(number: int, conf: ConfigType) -> int | cg.MockObj:
    """Return what the C++ sensor publishes in: a unit's number, or UNIT_AS_SENT."""
    if CONF_UNIT_OF_MEASUREMENT in conf:
        return UNIT_BY_SYMBOL[conf[CONF_UNIT_OF_MEASUREMENT]].number
    return NUMBER.number if number in NUMERIC_BY_NUMBER else UNIT_AS_SENT


def _kind(number: int, conf: ConfigType) -> Kind:
    """Return the kind of the value; for an unknown register its state class decides."""
    if register := NUMERIC_BY_NUMBER.get(number):
        return register.kind
    return Kind.TOTAL if conf.get(CONF_STATE_CLASS) in COUNTER_CLASSES else Kind.MOMENTARY


async def to_code(config: ConfigType) -> None:
    """Generate the sensors."""
    hub_id = config[CONF_MULTICAL_ID]
    hub = await cg.get_variable(hub_id)
    for _, number, conf in _entities(config):
        kind = _kind(number, conf)
        more = [] if kind is Kind.TOTAL else [getattr(ValueKind, kind.name)]
        var = await sensor.new_sensor(conf, _unit_number(number, conf), *more)
        register = NUMERIC_BY_NUMBER.get(number)
        if register and register.plain:
            cg.add(var.set_plain_unit(register.default_unit.number))
        companion = register.fine if register and conf.get(CONF_HIGH_RESOLUTION) else 0
        add_entity(hub, hub_id, var, number, companion, conf.get(CONF_UPDATE_INTERVAL))
    for key in LINK_SCHEMAS:
        if conf := config.get(key):
            cg.add_define("USE_MULTICAL_LINK_SENSORS")
            var = await sensor.new_sensor(conf)
            cg.add(getattr(hub.link(), f"set_{key}_sensor")(var))
