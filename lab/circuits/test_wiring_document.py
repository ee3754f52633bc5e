"""docs/wiring.md has a section for each circuit, and quotes the simulations.

That its tables and its YAML are up to date, script/lint sees.
"""

from __future__ import annotations

import re

import pytest
from wiring.circuits import CIRCUITS
from wiring.document import BLOCKS, WIRING
from wiring.parts import Circuit

from .figures import SIMULATED

TEXT = WIRING.read_text("utf-8")


@pytest.mark.parametrize("circuit", CIRCUITS.values(), ids=lambda circuit: circuit.name)
def test_each_circuit_has_a_section_with_everything(circuit: Circuit) -> None:
    section = TEXT.split(f"## {circuit.title}\n")[1].split("\n## ")[0]
    needed = {*BLOCKS} - (set() if circuit.parts else {"parts"})
    needed |= {"figures"} if circuit in SIMULATED else set()
    assert set(re.findall(rf"<!-- (\w+) of {circuit.name} -->", section)) == needed
    assert f"![{circuit.title}](images/{circuit.name}.svg)" in section
    assert f"[example_configs/{circuit.example}](../example_configs/{circuit.example})" in section
