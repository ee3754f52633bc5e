"""The parts of docs/wiring.md that come from tables and from example configurations.

They stand between two comments, `<!-- NAME of CIRCUIT -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from .circuits import CIRCUITS
from .parts import Circuit

ROOT = Path(__file__).resolve().parents[2]
WIRING = ROOT / "docs" / "wiring.md"

#: The pins of a transistor, as the table of connections calls them.
PINS = {"C": "collector", "B": "base", "E": "emitter"}


def connections(circuit: Circuit) -> str:
    """Return the table of connections: a row for each joint, and what meets there."""
    rows = ["| joint | what is joined there |", "| --- | --- |"]
    for net, joint in circuit.joints.items():
        far = [t.text for t in circuit.terminals if t.net == net and t.place == circuit.far]
        near = [t.text for t in circuit.terminals if t.net == net and t.place == circuit.board]
        pins = [pin for part in circuit.parts for pin, at in part.pins.items() if at == net]
        rows.append(f"| {joint} | {' · '.join([*far, *map(_pin, pins), *near])} |")
    return "\n".join(rows)


def _pin(pin: str) -> str:
    name, _, which = pin.partition(".")
    return f"{name} {PINS[which]}" if which in PINS else name


def parts(circuit: Circuit) -> str:
    """Return the list of parts."""
    rows = ["| part | value | what for |", "| --- | --- | --- |"]
    rows += [f"| {p.name}, {p.kind} | {p.value} | {p.purpose} |" for p in circuit.parts]
    return "\n".join(rows)


def yaml(circuit: Circuit) -> str:
    """Return the sections of the example configuration that belong to the circuit."""
    text = (ROOT / "example_configs" / circuit.example).read_text("utf-8")
    # A section goes on to the next line that is not indented.
    sections = dict(re.findall(r"^(\w+)(:.*\n(?: .*\n|\n)*)", text, re.M))
    wanted = [(key + sections[key]).strip() for key in circuit.sections]
    return "```yaml\n" + "\n\n".join(wanted) + "\n```"


BLOCKS = {"connections": connections, "parts": parts, "yaml": yaml}


def replaced(text: str, blocks: Mapping[str, Callable[[Circuit], str]]) -> str:
    """Return a document with the content of these blocks as it should be."""

    def block(match: re.Match[str]) -> str:
        name, circuit = match["name"], CIRCUITS[match["circuit"]]
        if name not in blocks:
            return match[0]
        return f"{match['begin']}\n\n{blocks[name](circuit)}\n\n<!-- end -->"

    pattern = r"(?P<begin><!-- (?P<name>\w+) of (?P<circuit>[\w-]+) -->)\n.*?<!-- end -->"
    return re.sub(pattern, block, text, flags=re.S)


def wiring_document() -> str:
    """Return docs/wiring.md."""
    return replaced(WIRING.read_text("utf-8"), BLOCKS)
