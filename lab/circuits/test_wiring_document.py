"""docs/wiring.md has a section for each circuit; docs/circuits-checked.md quotes the simulations.

That its tables and its YAML are up to date, script/lint sees.
"""

from __future__ import annotations

import re

import pytest
import yaml
from wiring.circuits import CIRCUITS
from wiring.document import FIGURES, ROOT
from wiring.parts import Circuit

from .figures import SIMULATED, figures
from .spice import needs_ngspice

WIRING, CHECKED = (
    (ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("wiring", "circuits-checked")
)
NUMBER = r"\d+(?:\.\d+)?"


def _printed(section: str) -> list[str]:
    """Return the calls that print the tables of a section."""
    return re.findall(r"\[\[\[cog (.+) \]\]\]", section)


@pytest.mark.parametrize("circuit", CIRCUITS.values(), ids=lambda circuit: circuit.name)
def test_each_circuit_has_a_section_with_everything(circuit: Circuit) -> None:
    section = WIRING.split(f"\n## {circuit.title}\n")[1].split("\n## ")[0]
    needed = ["connections", *["parts"] * bool(circuit.parts), "yaml"]
    assert _printed(section) == [f'document.{name}("{circuit.name}")' for name in needed]
    assert f"![{circuit.title}](images/{circuit.name}.svg)" in section
    assert f"[example_configs/{circuit.example}](../example_configs/{circuit.example})" in section


@pytest.mark.parametrize("circuit", SIMULATED, ids=lambda circuit: circuit.name)
def test_each_simulated_circuit_has_its_figures(circuit: Circuit) -> None:
    section = CHECKED.split(f"\n### {circuit.title}\n")[1].split("\n### ")[0]
    assert _printed(section) == [f'document.figures("{circuit.name}")']


@needs_ngspice
@pytest.mark.parametrize(
    "circuit",
    [pytest.param(c, id=c.name, marks=pytest.mark.xdist_group(c.name)) for c in SIMULATED],
)
def test_the_figures_in_the_page_are_what_the_simulation_says(circuit: Circuit) -> None:
    quoted = yaml.safe_load(FIGURES.read_text("utf-8"))[circuit.name]
    for rows in zip(figures(circuit).items(), quoted.items(), strict=True):
        found, said = map(": ".join, rows)
        assert re.sub(NUMBER, "0", found) == re.sub(NUMBER, "0", said)
        numbers = [[float(n) for n in re.findall(NUMBER, row)] for row in (found, said)]
        # Another version of ngspice uses other time steps.
        assert numbers[0] == pytest.approx(numbers[1], rel=0.03, abs=0.02), said
