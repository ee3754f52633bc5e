"""The parts of docs/wiring.md and docs/circuits-checked.md that come from tables and simulations.

Each is printed by a function that a page calls between cog's markers, with a circuit's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from yaml import safe_load

from .circuits import CIRCUITS

ROOT = Path(__file__).resolve().parents[2]

#: The figures of each simulated circuit, as `script/simulate --write` found them.
FIGURES = ROOT / "docs" / "wiring.yaml"

#: The pins of a transistor, as the table of connections calls them.
PINS = {"C": "collector", "B": "base", "E": "emitter"}


def connections(name: str) -> None:
    """Print the table of connections: a row for each joint, and what meets there."""
    circuit = CIRCUITS[name]
    rows = []
    for net, joint in circuit.joints.items():
        far = [t.text for t in circuit.terminals if t.net == net and t.place == circuit.far]
        near = [t.text for t in circuit.terminals if t.net == net and t.place == circuit.board]
        pins = [pin for part in circuit.parts for pin, at in part.pins.items() if at == net]
        rows.append((joint, " · ".join([*far, *map(_pin, pins), *near])))
    _print(("connection", "join these"), rows)


def _pin(pin: str) -> str:
    name, _, which = pin.partition(".")
    return f"{name} {PINS[which]}" if which in PINS else name


def parts(name: str) -> None:
    """Print the list of parts."""
    rows = [(f"{p.name}, {p.kind}", p.value, p.purpose) for p in CIRCUITS[name].parts]
    _print(("part", "value", "what for"), rows)


def yaml(name: str) -> None:
    """Print the sections of the example configuration that belong to the circuit."""
    circuit = CIRCUITS[name]
    text = (ROOT / "example_configs" / circuit.example).read_text("utf-8")
    # A section goes on to the next line that is not indented.
    sections = dict(re.findall(r"^(\w+)(:.*\n(?: .*\n|\n)*)", text, re.M))
    wanted = [(key + sections[key]).strip() for key in circuit.sections]
    print("\n```yaml\n" + "\n\n".join(wanted) + "\n```\n")


def figures(name: str) -> None:
    """Print the figures of the last `script/simulate --write`."""
    print_figures(safe_load(FIGURES.read_text("utf-8"))[name])


def print_figures(found: dict[str, str]) -> None:
    """Print figures by what they are about."""
    _print(("simulated", "worst case"), found.items())


def _print(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
    print("", *lines, "", sep="\n")
