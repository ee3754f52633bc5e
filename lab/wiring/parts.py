"""What a circuit consists of, as the tables in `circuits.py` describe it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Terminal:
    """A place where a wire ends: a pin of a board, a terminal of the meter, a wire of a head.

    label is what is printed on it. gpio: the pin's number in the YAML. role: the other side's name
    for it.
    """

    place: str
    label: str
    net: str
    gpio: int | None = None
    role: str = ""
    colour: str | None = None

    @property
    def node(self) -> str:
        """Its name in the drawing."""
        return f"{self.place}:{self.label}"

    @property
    def text(self) -> str:
        """Its name in a table: `D7` (GPIO13), `62` DAT (brown)."""
        beside = f"GPIO{self.gpio}" if self.gpio is not None else self.colour or ""
        words = [self.place, f"`{self.label}`", self.role, beside and f"({beside})"]
        return " ".join(filter(None, words))


@dataclass(frozen=True)
class Part:
    """A part: the net at each of its ends, and what it is for."""

    name: str
    value: str
    nets: tuple[str, ...]
    purpose: str

    #: What it is, for the list of parts, and the names of its ends.
    kind: ClassVar[str]
    ends: ClassVar[str]

    @property
    def pins(self) -> dict[str, str]:
        """The net at each end, by part and end."""
        named = zip(self.ends, self.nets, strict=True)
        return {f"{self.name}.{end}": net for end, net in named}


class Resistor(Part):
    """A resistor from one net to another. value: as sold in a shop."""

    kind = "resistor"
    ends = "12"

    @property
    def ohms(self) -> float:
        """Its value as a number."""
        number, unit = self.value.split()
        return float(number) * {"Ω": 1, "kΩ": 1000}[unit]


class Transistor(Part):
    """An NPN transistor."""

    kind = "NPN transistor"
    ends = "CBE"


@dataclass(frozen=True, slots=True)
class Circuit:
    """One drawing: what is joined to what.

    name: of the picture, and of the netlist. example: its file in example_configs/. sections: the
    keys of that file which belong to the circuit. far: the place at the other end of the cable,
    which may be this many metres long. joints: a reader's name for each net, in the order of the
    table.
    """

    name: str
    title: str
    example: str
    sections: tuple[str, ...]
    board: str
    far: str
    joints: dict[str, str]
    terminals: tuple[Terminal, ...]
    parts: tuple[Part, ...] = ()
    metres: int = 25

    def nodes(self) -> Iterator[tuple[str, str]]:
        """Yield each end of a wire or part, and the net that it is on."""
        for terminal in self.terminals:
            yield terminal.node, terminal.net
        for part in self.parts:
            yield from part.pins.items()

    def nets(self) -> set[frozenset[str]]:
        """Return what is joined to what."""
        return {
            frozenset(node for node, net in self.nodes() if net == joint) for joint in self.joints
        }

    def part(self, name: str) -> Part:
        """Return a part by its name."""
        return next(part for part in self.parts if part.name == name)

    def resistors(self) -> list[Resistor]:
        """Return the resistors."""
        return [part for part in self.parts if isinstance(part, Resistor)]

    def terminal(self, place: str, label: str) -> Terminal:
        """Return a terminal by its place and label."""
        return next(t for t in self.terminals if (t.place, t.label) == (place, label))

    def gpios(self) -> dict[int, str]:
        """Return the pins of the board that the YAML names, and the net of each."""
        return {t.gpio: t.net for t in self.terminals if t.gpio is not None}
