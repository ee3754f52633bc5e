"""docs/wiring.md quotes what the simulations say."""

from __future__ import annotations

import re

import pytest
from wiring.document import WIRING
from wiring.parts import Circuit

from .figures import SIMULATED, figures, table
from .spice import needs_ngspice

NUMBER = r"\d+(?:\.\d+)?"


@needs_ngspice
@pytest.mark.parametrize(
    "circuit",
    [pytest.param(c, id=c.name, marks=pytest.mark.xdist_group(c.name)) for c in SIMULATED],
)
def test_the_figures_in_the_page_are_what_the_simulation_says(circuit: Circuit) -> None:
    text = WIRING.read_text("utf-8").split(f"<!-- figures of {circuit.name} -->\n\n")[1]
    quoted = text.split("\n\n<!-- end -->")[0]
    found = table(figures(circuit))
    assert re.sub(NUMBER, "0", found) == re.sub(NUMBER, "0", quoted)
    for line, said in zip(found.splitlines(), quoted.splitlines(), strict=True):
        numbers = [[float(n) for n in re.findall(NUMBER, row)] for row in (line, said)]
        # Another version of ngspice takes other steps.
        assert numbers[0] == pytest.approx(numbers[1], rel=0.03, abs=0.02), said
