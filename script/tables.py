"""The tables of the pages, each printed by a function that a page calls between cog's markers.

Their content comes from the component, the examples, the recorded frames, the virtual meters and
the last run of script/bench. lab/wiring/document.py has the functions for docs/wiring.md.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml
from multical.info_codes import FIRST_OF_WATER, INFO_CODES, Form, InfoCode
from multical.registers import (
    INFO_BITS,
    METERS,
    NUMERIC_REGISTERS,
    OTHER_REGISTERS,
    REGISTER_BY_NUMBER,
    TEXT_REGISTERS,
    Kind,
    NumericRegister,
    Register,
    TextRegister,
)
from multical.units import Quantity, selectable_units
from virtual_meter.models import MODELS

ROOT = Path(__file__).resolve().parent.parent


def _print(head: Sequence[str], rows: Iterable[Sequence[object]], numbers: int = 0) -> None:
    """Print a table whose last columns are numbers, aligned to the right.

    Without the blank lines, some Markdown parsers take the comment after it for its last row.
    """
    rules = ["---"] * (len(head) - numbers) + ["---:"] * numbers
    print()
    for row in (head, rules, *rows):
        print(f"| {' | '.join(map(str, row))} |")
    print()


# docs/registers.md


def meters() -> None:
    """Print the meters, and how their registers are known."""
    _print(
        ("meters", "source"),
        ((meter.names, meter.evidence) for meter in METERS.values()),
    )


def sensors(kind: str) -> None:
    """Print the keys of the sensors of a kind."""
    _print(
        ("key", "register", "what", "unit", "meters"),
        (
            (f"`{row.key}`", row.number, _what(row), _default_unit(row), _meters(row))
            for row in NUMERIC_REGISTERS
            if row.kind is Kind(kind)
        ),
    )


def units() -> None:
    """Print the units that can be chosen for each quantity."""
    used = {quantity for row in NUMERIC_REGISTERS for quantity in row.quantities}
    rows = []
    for quantity in Quantity:
        if quantity not in used or not selectable_units(quantity):
            continue
        classes = {
            (unit.symbol, row.device_class(unit))
            for row in NUMERIC_REGISTERS
            for unit in row.units
            if unit.quantity is quantity
        }
        accepted = {symbol for symbol, class_ in classes if class_}
        names = sorted({class_ for _, class_ in classes if class_})
        symbols = [
            f"**{unit.symbol}**" if unit.symbol in accepted else unit.symbol
            for unit in selectable_units(quantity)
        ]
        rows.append((quantity, ", ".join(symbols), " or ".join(names)))
    _print(("quantity", "units", "device class"), rows)


def text_sensors() -> None:
    """Print the keys of the text sensors."""
    _print(
        ("key", "register", "what", "meters"),
        ((f"`{row.key}`", row.number, _what(row), _meters(row)) for row in TEXT_REGISTERS),
    )


def info_codes() -> None:
    """Print the info codes, and where each form has them."""
    _print(
        ("key", "what", "369: bit", "99: digit", "602: sum", "water: bit"),
        (
            (
                f"`{code.key}`",
                code.meaning,
                _bit(code),
                ", ".join(f"{digit} at place {place}" for place, digit in code.digits),
                code.summand or "",
                f"**{code.number - FIRST_OF_WATER}**" if Form.WATER in code.forms else "",
            )
            for code in INFO_CODES
        ),
    )


def other_registers() -> None:
    """Print the registers that have no key."""
    _print(
        ("register", "what", "meters"),
        ((row.number, _what(row), _meters(row)) for row in OTHER_REGISTERS),
    )


def _default_unit(row: NumericRegister) -> str:
    names = [row.unit.symbol if row.unit else "", *[f"or {quantity}" for quantity in row.also]]
    return " ".join(names)


def _what(row: Register) -> str:
    text = row.meaning
    if isinstance(row, NumericRegister) and row.fine:
        text += f", with the digits of {row.fine}: see [Fine energy](#fine-energy)"
    if row.part_of:
        text += f", part of `{_entity(row).key}`"
    if isinstance(row, NumericRegister) and row.plain:
        text += f"; a number without a unit is in {row.default_unit.symbol}"
    return f"{text} ({row.note})" if row.note else text


def _entity(row: Register) -> NumericRegister | TextRegister:
    """Return the register under whose key this one is shown."""
    while not isinstance(row, NumericRegister | TextRegister):
        row = REGISTER_BY_NUMBER[row.part_of]
    return row


def _meters(row: Register) -> str:
    return ", ".join(
        METERS[name].names + ("" if is_seen else "?") for name, is_seen in row.meters.items()
    )


def _bit(code: InfoCode) -> str:
    if Form.BITS not in code.forms:
        return ""
    return f"**{code.number}**" if code.documented else str(code.number)


# docs/configuration.md


def sensor_options(kind: str) -> None:
    """Print the options of the sensors of a kind, as ESPHome's pages do."""
    _print_options(
        (row.key, f"{row.meaning}. {_unit_option(row)}Register {row.number}.")
        for row in NUMERIC_REGISTERS
        if row.kind is Kind(kind)
    )


def text_options(*, identity: bool) -> None:
    """Print the options of the text sensors of registers that say which meter it is, or not."""
    _print_options(
        (row.key, f"{row.meaning}. Register {row.number}.")
        for row in TEXT_REGISTERS
        if row.identity is identity and row.number != INFO_BITS
    )


def info_code_options() -> None:
    """Print the options of the info codes."""
    _print_options((code.key, f"{_capitalized(code.meaning)}.") for code in INFO_CODES)


def _print_options(options: Iterable[tuple[str, str]]) -> None:
    print()
    for key, what in options:
        print(f"- **{key}** (*Optional*): {what}")
    print()


def _unit_option(row: NumericRegister) -> str:
    return f"Defaults to {row.unit.symbol}. " if row.unit else ""


def _capitalized(text: str) -> str:
    """Return a text for the start of a sentence; t1 and V1 stay as they are on the meter."""
    return text if text[1:2].isdigit() else text[0].upper() + text[1:]


# docs/meters.md


def frames() -> None:
    """Print how many good frames there are for each meter, from a meter or from its maker."""
    vectors = json.loads((ROOT / "tests" / "vectors.json").read_text("utf-8"))
    counts = Counter((v["meter"], v["kind"]) for v in vectors if v["crc_ok"])
    kinds = ("captured", "documented example")
    names = {meter for meter, kind in counts if kind in kinds} - {"vendor PC software"}
    _print(
        ("meter", "recorded", "Kamstrup's examples"),
        ((name, *[counts[name, kind] for kind in kinds]) for name in sorted(names)),
    )


def models() -> None:
    """Print the virtual meters."""
    _print(
        ("model", "what it is"),
        ((f"`{model.name}`", model.description) for model in MODELS.values()),
    )


# example_configs/README.md

FOLDER = ROOT / "example_configs"
SECRETS = FOLDER / "secrets.example.yaml"
PACKAGES = FOLDER / "packages"

#: The complete configurations.
EXAMPLES = sorted({*FOLDER.glob("*.yaml")} - {SECRETS})

BEGINNING = "# When to use it: "


def examples() -> None:
    """Print the complete configurations."""
    _print_configs(EXAMPLES)


def packages() -> None:
    """Print the packages. Those that everybody takes come first, and the boards last."""
    first = [PACKAGES / f"{name}.yaml" for name in ("network", "standard", "diagnostics")]
    others = sorted({*PACKAGES.glob("*.yaml")} - {*first})
    boards = sorted((PACKAGES / "boards").glob("*.yaml"))
    _print_configs([*first, *others, *boards])


def when_to_use_it(config: Path) -> str:
    """Return the first sentence of a configuration, without its full stop.

    Raises ValueError if it does not begin with BEGINNING.
    """
    text = config.read_text("utf-8")
    comment = re.match(r"(?:#.*\n)+", text)
    if not text.startswith(BEGINNING) or not comment:
        raise ValueError(f"{config.name} must begin with '{BEGINNING}'")
    lines = [line.removeprefix("#").strip() for line in comment[0].splitlines()]
    sentence = re.match(r"(.+?)\.(?: |$)", " ".join(lines).removeprefix(BEGINNING[2:]))
    if not sentence:
        raise ValueError(f"{config.name}: its first sentence must end with a full stop")
    return sentence[1]


def _print_configs(configs: Iterable[Path]) -> None:
    names = {config.relative_to(FOLDER).as_posix(): config for config in configs}
    _print(
        ("file", "when to use it"),
        ((f"[{name}]({name})", when_to_use_it(config)) for name, config in names.items()),
    )


# docs/benchmark.md, and README.md

#: The figures that the README has: name and answer delay.
CHOSEN = (
    ("requests", "0 ms"),
    ("time per reading", "0 ms"),
    ("values that arrived", "1600 ms"),
    ("values right in their unit", "0 ms"),
    ("one loop(), longest", "0 ms"),
    ("flash", ""),
)


def bench_conditions() -> None:
    """Print when script/bench ran last, and with what."""
    _print(("measured", "with"), _bench()["conditions"].items())


def bench_figures() -> None:
    """Print everything that script/bench measured last."""
    _print_figures(_bench()["figures"])


def chosen_bench_figures() -> None:
    """Print the part of it that the README has."""
    figures = {(name, delay): (name, delay, *rest) for name, delay, *rest in _bench()["figures"]}
    _print_figures(figures[key] for key in CHOSEN)


def _print_figures(rows: Iterable[Sequence[str]]) -> None:
    _print(("", "answer delay", "multical", "kamstrup_kmp", "ratio"), rows, numbers=4)


def _bench() -> dict[str, Any]:
    """Return what script/bench has written."""
    return yaml.safe_load((ROOT / "docs" / "benchmark.yaml").read_text("utf-8"))
