"""What hub and platforms share: keys, validators, C++ classes, and the code that links them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.const import CONF_ID, CONF_NAME, CONF_UPDATE_INTERVAL, SCHEDULER_DONT_RUN
from esphome.core import (
    CORE,
    ID,
    CoroPriority,
    EsphomeError,
    TimePeriod,
    TimePeriodMilliseconds,
    coroutine_with_priority,
)
from esphome.cpp_generator import MockObj, MockObjClass

from .keys import advice, title
from .registers import INFO_BITS, MAX_REGISTER, MIN_REGISTER
from .uart_check import speed_can_change

DOMAIN = "multical"

CONF_MULTICAL_ID = "multical_id"
CONF_REGISTER = "register"
CONF_REGISTERS = "registers"

MIN_UPDATE_INTERVAL = TimePeriod(seconds=1)
# ESPHome's timers count milliseconds in 32 bits.
MAX_UPDATE_INTERVAL = TimePeriod(days=24)
#: Of one hub: the firmware counts them in a byte.
MAX_ENTITIES = 255
#: How often an entity is read that says which meter it is.
IDENTITY_INTERVAL = TimePeriodMilliseconds(days=1)

multical_ns = cg.esphome_ns.namespace(DOMAIN)
Multical = multical_ns.class_("Multical", cg.PollingComponent)
RegisterEntity = multical_ns.class_("RegisterEntity")
Schedule = multical_ns.enum("Schedule", is_class=True)
InfoMonitor = multical_ns.class_("InfoMonitor", RegisterEntity)
RegisterScan = multical_ns.class_("RegisterScan")
WiringCheck = multical_ns.class_("WiringCheck")

#: What every platform's block starts with.
HUB_SCHEMA = cv.Schema({cv.GenerateID(CONF_MULTICAL_ID): cv.use_id(Multical)})


#: What ESPHome's validators raise for values that they do not expect, for example `.inf`.
_UNEXPECTED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def _or_say(validator: Callable[[Any], Any], message: str) -> Callable[[Any], Any]:
    """Return a validator that says this of whatever the other one cannot take."""

    def validate(value: Any) -> Any:
        try:
            return validator(value)
        except (cv.Invalid, *_UNEXPECTED) as error:
            raise cv.Invalid(message) from error

    return validate


@contextmanager
def refusing(key: str) -> Iterator[None]:
    """Make a refusal of whatever else a validator raises."""
    try:
        yield
    except _UNEXPECTED as error:
        raise cv.Invalid(f"{key} has a value that cannot be used ({error})") from error


def whole_number(key: str, low: int, high: int) -> Callable[[Any], int]:
    """Return a validator of a whole number that says all that is allowed whatever is wrong."""
    return _or_say(
        cv.All(cv.int_, cv.Range(low, high)), f"{key} must be a whole number from {low} to {high}"
    )


register_number = whole_number(CONF_REGISTER, MIN_REGISTER, MAX_REGISTER)


def time_between(
    key: str, low: TimePeriod, high: TimePeriod, more: str
) -> Callable[[Any], TimePeriod]:
    """Return a validator of a time that says all that is allowed, and more, whatever is wrong."""
    return _or_say(
        cv.All(cv.positive_time_period_milliseconds, cv.Range(low, high)),
        f"{key} must be a time with its unit, from {low} to {high}{more}",
    )


_interval = time_between(
    CONF_UPDATE_INTERVAL,
    MIN_UPDATE_INTERVAL,
    MAX_UPDATE_INTERVAL,
    ", for example 15min, or never; a reading takes about a second on the line, and a battery "
    "meter pays for each",
)


def update_interval(value: Any) -> TimePeriod:
    """Validate an update interval: at least a second, or never."""
    return cv.update_interval(value) if value == "never" else _interval(value)


def check_keys(place: str, config: Any, schema: cv.Schema) -> None:
    """Refuse keys of which more can be said than that the schema does not have them."""
    if not isinstance(config, Mapping):
        return
    allowed = {str(key) for key in schema.schema}
    problems = [
        cv.Invalid(said, path=[key])
        for key in config
        if str(key) not in allowed and (said := advice(str(key), allowed, place))
    ]
    if problems:
        raise cv.MultipleInvalid(problems)


def one_of_several(domain: str, key: str) -> Callable[[Any], Any]:
    """Return a validator that wants a key as soon as there are several blocks it could mean."""

    def validate(config: Any) -> Any:
        blocks = (CORE.raw_config or {}).get(domain)
        if not isinstance(blocks, list) or len(blocks) < 2:
            return config
        if not isinstance(config, Mapping) or config.get(key) is not None:
            return config
        # Those that are validated already have one from ESPHome, which nobody can write.
        found = [(block or {}).get(CONF_ID) for block in blocks]
        ids = [str(id_) for id_ in found if id_ and getattr(id_, "is_manual", True)]
        missing = len(blocks) - len(ids)
        there = f"one of {', '.join(ids)}" if ids else "an id"
        more = f"; {missing} of them have no id: add one, for example 'id: {domain}_1'"
        raise cv.Invalid(
            f"there are {len(blocks)} blocks '{domain}:', so write '{key}:' with {there}"
            f"{more if missing else ''}",
            path=[key],
        )

    return validate


def block(place: str, schema: cv.Schema) -> Callable[[Any], Any]:
    """Return the schema of a block: of a platform, or of the info codes."""

    def check(config: Any) -> Any:
        check_keys(place, config, schema)
        return config

    return cv.All(check, schema)


def platform(domain: str, schema: cv.Schema) -> Callable[[Any], Any]:
    """Return the schema of a platform's block, which belongs to one hub."""
    return cv.All(one_of_several(DOMAIN, CONF_MULTICAL_ID), block(domain, schema))


def as_block(key: str, value: Any) -> Any:
    """Return what stands at an entity's key as a block; a plain text is the entity's name."""
    if isinstance(value, Mapping):
        return value
    example = f"{key}: {{{CONF_NAME}: {title(key)}}}"
    if value is None or (isinstance(value, str) and not value.strip()):
        raise cv.Invalid(f"{key} is empty, write {example}")
    if isinstance(value, str):
        return {CONF_NAME: value}
    said = str(value).lower() if isinstance(value, bool) else value
    raise cv.Invalid(f"{key} is '{said}', must be a name or a block, for example {example}")


def entity(key: str, schema: cv.Schema) -> Callable[[Any], Any]:
    """Return the schema of an entity that has a key of its own."""

    def validate(value: Any) -> Any:
        config = as_block(key, value)
        check_keys(key, config, schema)
        with refusing(key):
            return schema(config)

    return validate


def listed(validator: Callable[[Any], Any], schema: cv.Schema) -> Callable[[Any], list[Any]]:
    """Return the schema of a list of registers, each with an entity."""

    def validate_one(value: Any) -> Any:
        if not isinstance(value, Mapping):
            number = value if isinstance(value, int) and not isinstance(value, bool) else 266
            raise cv.Invalid(
                f"{CONF_REGISTERS} must list blocks, for example "
                f"{{{CONF_REGISTER}: {number}, {CONF_NAME}: Register {number}}}"
            )
        check_keys(CONF_REGISTERS, value, schema)
        with refusing(CONF_REGISTERS):
            return validator(value)

    return cv.ensure_list(validate_one)


@dataclass
class _Parts:
    """What has been generated for the hubs.

    sizes: define -> how many of a kind each hub has; the largest number becomes the size of the
    hubs' lists. made: what each hub has once, by the hub's id and its C++ class.
    """

    sizes: dict[str, Counter[str]] = field(default_factory=dict)
    made: dict[tuple[str, str], MockObj] = field(default_factory=dict)


#: The lists of a hub, and of its InfoMonitor.
_ENTITIES = "MULTICAL_MAX_ENTITIES"
_INTERVALS = "MULTICAL_MAX_INTERVALS"
_TYPE_LISTENERS = "MULTICAL_MAX_TYPE_LISTENERS"
_SIDE_TASKS = "MULTICAL_MAX_SIDE_TASKS"
_INFO_CODES = "MULTICAL_MAX_INFO_CODES"
_SIZES = (_ENTITIES, _INTERVALS, _TYPE_LISTENERS, _SIDE_TASKS, _INFO_CODES)


def _parts() -> _Parts:
    if DOMAIN not in CORE.data:
        CORE.data[DOMAIN] = _Parts()
    return CORE.data[DOMAIN]


def _count(define: str, hub_id: ID) -> None:
    _parts().sizes.setdefault(define, Counter())[hub_id.id] += 1


def define_sizes() -> None:
    """Define the sizes of the hubs' lists, when everything else has been generated."""
    CORE.add_job(_define_sizes)


@coroutine_with_priority(CoroPriority.FINAL)
async def _define_sizes() -> None:
    sizes = _parts().sizes
    for hub, count in sizes.get(_ENTITIES, Counter()).items():
        if count > MAX_ENTITIES:
            raise EsphomeError(f"{DOMAIN} '{hub}' reads {count} entities, allowed: {MAX_ENTITIES}")
    for define in _SIZES:
        cg.add_define(define, max(sizes.get(define, Counter()).values(), default=0))


def _add_entity(hub: MockObj, hub_id: ID, *arguments: Any) -> None:
    _count(_ENTITIES, hub_id)
    cg.add(hub.add_entity(*arguments))


def add_entity(
    hub: MockObj,
    hub_id: ID,
    entity: MockObj,
    register: int,
    companion: int = 0,
    interval: TimePeriod | None = None,
) -> None:
    """Generate the code that reads an entity's register, at its own interval if any.

    companion: a register that is asked for in the same request, 0 for none.
    """
    if interval is None:
        more = [companion] if companion else []
    elif interval.total_milliseconds == SCHEDULER_DONT_RUN:
        more = [companion, Schedule.MANUAL]
    else:
        _count(_INTERVALS, hub_id)
        more = [companion, Schedule.OWN_INTERVAL, interval]
    _add_entity(hub, hub_id, entity, register, *more)


def add_identity(
    hub: MockObj, hub_id: ID, entity: MockObj, register: int, companion: int = 0
) -> None:
    """Generate the code that reads an entity once after connecting, then daily."""
    _count(_INTERVALS, hub_id)
    _add_entity(hub, hub_id, entity, register, companion, Schedule.IDENTITY, IDENTITY_INTERVAL)


def add_on_request(hub: MockObj, hub_id: ID, entity: MockObj, register: int) -> None:
    """Generate the code that reads an entity when it asks for that."""
    _add_entity(hub, hub_id, entity, register, 0, Schedule.REQUEST)


def add_meter_type_listener(hub: MockObj, hub_id: ID, listener: MockObj) -> None:
    """Generate the code that tells an entity the meter's type."""
    _count(_TYPE_LISTENERS, hub_id)
    cg.add(hub.add_meter_type_listener(listener))


def _made_once(
    hub_id: ID, class_: MockObjClass, name: str, *arguments: Any
) -> tuple[MockObj, bool]:
    """Return the hub's object of a class, and whether it was made just now."""
    key = (hub_id.id, name)
    made = _parts().made
    is_new = key not in made
    if is_new:
        id_ = ID(f"{hub_id}_multical_{name}", is_declaration=True, type=class_)
        made[key] = cg.new_Pvariable(id_, *arguments)
    return made[key], is_new


def use_info(hub: MockObj, hub_id: ID) -> MockObj:
    """Generate the code that reads the info codes, once for each hub; return their monitor."""
    info, is_new = _made_once(hub_id, InfoMonitor, "info")
    if is_new:
        add_entity(hub, hub_id, info, INFO_BITS)
    return info


def add_info_code(hub: MockObj, hub_id: ID, number: int, entity: MockObj) -> None:
    """Generate the code that tells an entity whether one info code is active."""
    _count(_INFO_CODES, hub_id)
    cg.add(use_info(hub, hub_id).add_code_binary_sensor(number, entity))


async def _use_side_task(hub_id: ID, class_: MockObjClass, name: str) -> MockObj:
    hub = await cg.get_variable(hub_id)
    task, is_new = _made_once(hub_id, class_, name, hub)
    if is_new:
        _count(_SIDE_TASKS, hub_id)
        cg.add(hub.add_side_task(task))
    return task


async def use_check_wiring(hub_id: ID) -> MockObj:
    """Put the wiring check into the firmware, once for each hub; return it."""
    if all(speed_can_change(hub) for hub in CORE.config[DOMAIN]):
        cg.add_define("USE_MULTICAL_SPEED_CHECK")
    return await _use_side_task(hub_id, WiringCheck, "wiring_check")


async def use_scan(hub_id: ID) -> MockObj:
    """Put the scan of all registers into the firmware, once for each hub; return it."""
    return await _use_side_task(hub_id, RegisterScan, "register_scan")
