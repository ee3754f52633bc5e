"""docs/wiring.md quotes the tables, the example configurations and the simulations."""

from __future__ import annotations

import re

import pytest
from wiring.circuits import CIRCUITS
from wiring.document import BLOCKS, WIRING, wiring_document
from wiring.parts import Circuit

from .figures import SIMULATED, figures
from .spice import needs_ngspice

TEXT = WIRING.read_text("utf-8")

every_circuit = pytest.mark.parametrize("circuit", CIRCUITS.values(), ids=lambda c: c.name)


def _block(name: str, circuit: Circuit) -> str:
    found = re.search(f"<!-- {name} of {circuit.name} -->\n\n(.*?)\n\n<!-- end -->", TEXT, re.S)
    assert found, (name, circuit.name)
    return found[1]


def test_its_tables_and_yaml_are_up_to_date() -> None:
    assert wiring_document() == TEXT


@every_circuit
def test_each_circuit_has_a_section_with_everything(circuit: Circuit) -> None:
    assert f"## {circuit.title}\n" in TEXT
    section = TEXT.split(f"## {circuit.title}\n")[1].split("\n## ")[0]
    assert f"![{circuit.title}](images/{circuit.name}.svg)" in section
    assert f"[example_configs/{circuit.example}](../example_configs/{circuit.example})" in section
    needed = {*BLOCKS} - (set() if circuit.parts else {"parts"})
    needed |= {"figures"} if circuit in SIMULATED else set()
    assert {name for name in needed if f"<!-- {name} of {circuit.name} -->" not in section} == set()


@needs_ngspice
@pytest.mark.parametrize("circuit", SIMULATED, ids=lambda circuit: circuit.name)
def test_its_figures_are_what_the_simulation_says(circuit: Circuit) -> None:
    rows = [line.strip("| ").split(" | ") for line in _block("figures", circuit).splitlines()[2:]]
    quoted = dict(rows)
    found = figures(circuit)
    assert list(quoted) == list(found)
    number = r"\d+(?:\.\d+)?"
    for name, value in found.items():
        # Another version of ngspice takes other steps.
        numbers = [[float(n) for n in re.findall(number, text)] for text in (value, quoted[name])]
        assert numbers[0] == pytest.approx(numbers[1], rel=0.03, abs=0.02), name
        assert re.sub(number, "", value) == re.sub(number, "", quoted[name])
