"""What the hub and the platforms share: C++ classes, and the code that connects them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.const import SCHEDULER_DONT_RUN
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

from .keys import CONF_MULTICAL_ID, DOMAIN
from .registers import HEAT_ENERGY, INFO_BITS
from .uart_check import speed_can_change

#: Per hub: the firmware counts them in a byte.
MAX_ENTITIES = 255
#: How often an entity that identifies the meter is read.
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


@dataclass
class _Parts:
    """What has been generated for the hubs.

    sizes: define -> how many of a kind each hub has; the largest number becomes the size of the
    hubs' lists. made: the objects that each hub has once, by the hub's id and their name.
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
    parts: _Parts = CORE.data.setdefault(DOMAIN, _Parts())
    return parts


def _count(define: str, hub_id: ID) -> None:
    _parts().sizes.setdefault(define, Counter())[hub_id.id] += 1


def define_sizes() -> None:
    """Define the sizes of the hubs' lists, after everything else has been generated."""
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
    """Generate the code that reads an entity when the entity asks for it."""
    _add_entity(hub, hub_id, entity, register, 0, Schedule.REQUEST)


def add_meter_type_listener(hub: MockObj, hub_id: ID, listener: MockObj) -> None:
    """Generate the code that tells an entity the meter's type."""
    _count(_TYPE_LISTENERS, hub_id)
    cg.add(hub.add_meter_type_listener(listener))


def _made_once(
    hub_id: ID, class_: MockObjClass, name: str, *arguments: Any
) -> tuple[MockObj, bool]:
    """Return the hub's object of a class, and whether it is new."""
    key = (hub_id.id, name)
    made = _parts().made
    is_new = key not in made
    if is_new:
        id_ = ID(f"{hub_id}_multical_{name}", is_declaration=True, type=class_)
        made[key] = cg.new_Pvariable(id_, *arguments)
    return made[key], is_new


def use_info(hub: MockObj, hub_id: ID) -> MockObj:
    """Generate the code that reads the info codes, once for each hub; return their monitor."""
    info, is_new = _made_once(hub_id, InfoMonitor, "info", hub)
    if is_new:
        add_entity(hub, hub_id, info, INFO_BITS)
        add_on_request(hub, hub_id, info.heat_evidence(), HEAT_ENERGY)
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
