"""Validators for our blocks, entities and numbers. Each error says what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import esphome.config_validation as cv
from esphome.const import CONF_ID, CONF_NAME, CONF_UPDATE_INTERVAL
from esphome.core import CORE, TimePeriod

from .keys import CONF_MULTICAL_ID, CONF_REGISTER, CONF_REGISTERS, DOMAIN, advice, title
from .registers import MAX_REGISTER, MIN_REGISTER

MIN_UPDATE_INTERVAL = TimePeriod(seconds=1)
# ESPHome's timers count milliseconds in 32 bits.
MAX_UPDATE_INTERVAL = TimePeriod(days=24)

#: What ESPHome's validators raise for unexpected values, for example `.inf`.
_UNEXPECTED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def _or_say(validator: Callable[[Any], Any], message: str) -> Callable[[Any], Any]:
    """Return a validator that gives this message whenever the other one fails."""

    def validate(value: Any) -> Any:
        try:
            return validator(value)
        except (cv.Invalid, *_UNEXPECTED) as error:
            raise cv.Invalid(message) from error

    return validate


def _refuse_unexpected(key: str, config: Mapping[str, Any], validator: Callable[[Any], Any]) -> Any:
    """Validate a block; turn any other exception of a validator into a refusal."""
    try:
        return validator(config)
    except _UNEXPECTED as error:
        below = [each for each in config if _is_to_blame(each, config, validator)][:1]
        raise cv.Invalid(
            f"{', '.join([key, *below])} has a value that cannot be used ({error})", path=below
        ) from error


def _is_to_blame(key: str, config: Mapping[str, Any], validator: Callable[[Any], Any]) -> bool:
    """Tell whether a block without this key can be validated, with or without errors."""
    try:
        validator({name: value for name, value in config.items() if name != key})
    except cv.Invalid:
        return True
    except _UNEXPECTED:
        return False
    return True


def _no_truth(value: Any) -> Any:
    """Refuse true and false, which Python treats as 1 and 0."""
    if isinstance(value, bool):
        raise cv.Invalid("not a number")
    return value


def whole_number(key: str, low: int, high: int) -> Callable[[Any], int]:
    """Return a validator for a whole number, whose message always says what is allowed."""
    return _or_say(
        cv.All(_no_truth, cv.int_, cv.Range(low, high)),
        f"{key} must be a whole number from {low} to {high}",
    )


register_number = whole_number(CONF_REGISTER, MIN_REGISTER, MAX_REGISTER)


def time_between(
    key: str, low: TimePeriod, high: TimePeriod, more: str
) -> Callable[[Any], TimePeriod]:
    """Return a validator for a time, whose message always says what is allowed, and more."""
    return _or_say(
        cv.All(cv.positive_time_period_milliseconds, cv.Range(low, high)),
        f"{key} must be a time with its unit, from {low} to {high}{more}",
    )


_interval = time_between(
    CONF_UPDATE_INTERVAL,
    MIN_UPDATE_INTERVAL,
    MAX_UPDATE_INTERVAL,
    ", for example 1h, or never; each reading takes about a second on the line, and costs a "
    "battery meter some charge",
)


def update_interval(value: Any) -> TimePeriod:
    """Validate an update interval: at least a second, or never."""
    return cv.update_interval(value) if value == "never" else _interval(value)


def _check_keys(place: str, config: Any, schema: cv.Schema) -> None:
    """Refuse unknown keys, if there is better advice than that the schema does not have them."""
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
    """Return a validator that requires a key if there are several blocks it could refer to."""

    def validate(config: Any) -> Any:
        blocks = (CORE.raw_config or {}).get(domain)
        if not isinstance(blocks, list) or len(blocks) < 2:
            return config
        if not isinstance(config, Mapping) or config.get(key) is not None:
            return config
        # Blocks that are validated already have an id from ESPHome, which nobody can write.
        found = [(block or {}).get(CONF_ID) for block in blocks]
        ids = [str(id_) for id_ in found if id_ and getattr(id_, "is_manual", True)]
        add = f"add '{key}:' with the id of the right one"
        todo = f"{add}: {', '.join(ids)}"
        if len(ids) < len(blocks):
            todo = f"give each an 'id:' and {add}"
        raise cv.Invalid(
            f"there are {len(blocks)} blocks '{domain}:', so {todo}",
            path=[key],
        )

    return validate


def block(place: str, schema: cv.Schema) -> Callable[[Any], Any]:
    """Return the schema of a block: of a platform, or of the info codes."""

    def validate(config: Any) -> Any:
        if config is not None and not isinstance(config, Mapping):
            said = str(config).lower() if isinstance(config, bool) else config
            raise cv.Invalid(f"{place} is '{said}', must be a block of keys and values")
        _check_keys(place, config, schema)
        return schema(config)

    return validate


def platform(domain: str, schema: cv.Schema) -> Callable[[Any], Any]:
    """Return the schema of a platform's block, which belongs to one hub."""
    choose, validate = one_of_several(DOMAIN, CONF_MULTICAL_ID), block(domain, schema)
    return lambda config: validate(choose(config))


def _as_block(key: str, value: Any) -> Any:
    """Return the value of an entity's key as a block; a plain text is the entity's name."""
    if isinstance(value, Mapping):
        return value
    example = f"{key}: {{{CONF_NAME}: {title(key)}}}"
    if value is None or (isinstance(value, str) and not value.strip()):
        raise cv.Invalid(f"{key} is empty, write {example}")
    if isinstance(value, str):
        return {CONF_NAME: value}
    said = str(value).lower() if isinstance(value, bool) else value
    raise cv.Invalid(f"{key} is '{said}', must be a name or a block, for example {example}")


def entity(
    key: str, schema: cv.Schema, validator: Callable[[Any], Any] | None = None
) -> Callable[[Any], Any]:
    """Return the schema of an entity that has a key of its own.

    validator: validates the block instead of the schema, which still lists all the keys.
    """

    def validate(value: Any) -> Any:
        config = _as_block(key, value)
        _check_keys(key, config, schema)
        return _refuse_unexpected(key, config, validator or schema)

    return validate


def listed(validator: Callable[[Any], Any], schema: cv.Schema) -> Callable[[Any], list[Any]]:
    """Return the schema of a list of registers, each an entity; validator: as for entity()."""

    def validate_one(value: Any) -> Any:
        if not isinstance(value, Mapping):
            number = value if isinstance(value, int) and not isinstance(value, bool) else 266
            raise cv.Invalid(
                f"{CONF_REGISTERS} must list blocks, for example "
                f"{{{CONF_REGISTER}: {number}, {CONF_NAME}: Register {number}}}"
            )
        _check_keys(CONF_REGISTERS, value, schema)
        return _refuse_unexpected(CONF_REGISTERS, value, validator)

    validate: Callable[[Any], list[Any]] = cv.ensure_list(validate_one)
    return validate
