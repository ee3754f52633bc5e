"""docs/wiring.md has a section for each circuit, and quotes the simulations.

That its tables and its YAML are up to date, script/lint sees.
"""

from __future__ import annotations

import re

import pytest
from wiring.circuits import CIRCUITS
from wiring.document import BLOCKS, WIRING
from wiring.parts import Circuit

from .figures import SIMULATED, figures, table
from .spice import needs_ngspice

TEXT = WIRING.read_text("utf-8")
NUMBER = r"\d+(?:\.\d+)?"


@pytest.mark.parametrize("circuit", CIRCUITS.values(), ids=lambda circuit: circuit.name)
def test_each_circuit_has_a_section_with_everything(circuit: Circuit) -> None:
    section = TEXT.split(f"## {circuit.title}\n")[1].split("\n## ")[0]
    needed = {*BLOCKS} - (set() if circuit.parts else {"parts"})
    needed |= {"figures"} if circuit in SIMULATED else set()
    assert set(re.findall(rf"<!-- (\w+) of {circuit.name} -->", section)) == needed
    assert f"![{circuit.title}](images/{circuit.name}.svg)" in section
    assert f"[example_configs/{circuit.example}](../example_configs/{circuit.example})" in section


@needs_ngspice
@pytest.mark.parametrize(
    "circuit",
    [pytest.param(c, id=c.name, marks=pytest.mark.xdist_group(c.name)) for c in SIMULATED],
)
def test_the_figures_in_the_page_are_what_the_simulation_says(circuit: Circuit) -> None:
    text = TEXT.split(f"<!-- figures of {circuit.name} -->\n\n")[1]
    quoted = text.split("\n\n<!-- end -->")[0]
    found = table(figures(circuit))
    assert re.sub(NUMBER, "0", found) == re.sub(NUMBER, "0", quoted)
    for line, said in zip(found.splitlines(), quoted.splitlines(), strict=True):
        numbers = [[float(n) for n in re.findall(NUMBER, row)] for row in (line, said)]
        # Another version of ngspice takes other steps.
        assert numbers[0] == pytest.approx(numbers[1], rel=0.03, abs=0.02), said
