"""What an entity of a configuration does with a register's value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kmp import library
from multical import sensor
from multical.registers import NUMERIC_BY_NUMBER


def refused(config: Mapping[str, Any], sent: Mapping[int, tuple[int, bool]]) -> list[int]:
    """Return the registers that a sensor of a validated configuration would refuse.

    sent: unit byte by register, and whether the value is a number.
    """
    return [
        number
        for platform in config.get("sensor", [])
        for _, number, entity in sensor._entities(platform)
        if not _is_taken(number, entity, *sent[number])
    ]


def _is_taken(number: int, entity: Mapping[str, Any], unit: int, is_number: bool) -> bool:
    register = NUMERIC_BY_NUMBER.get(number)
    plain = register.default_unit.number if register and register.plain else 0
    target = sensor._unit_number(number, entity)
    as_sent = not isinstance(target, int)
    return is_number and (as_sent or library.find_ratio(unit, target, plain) is not None)
