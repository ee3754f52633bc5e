"""The protocol library gives the same results on the emulated processors as on this computer."""

from __future__ import annotations

import pytest

from .emulator.machines import EMULATED, PC, Machine

#: Bytes for a request, its reply, their conversion, and the lines that report them.
LARGEST_STACK = 1_300
#: Of the whole program.
MOST_INSTRUCTIONS = 7_000_000
KINDS = {
    *("type", "serial", "value", "float", "info", "total", "send", "delay", "failed", "gave-up"),
    *("found", "status", "done"),
}


@pytest.mark.parametrize("machine", EMULATED, ids=[machine.name for machine in EMULATED])
def test_same_results(machine: Machine) -> None:
    if machine.missing:
        pytest.skip(machine.missing)
    expected, output = PC.run(), machine.run()
    assert {line.split()[0] for line in expected.lines} == KINDS
    assert len(expected.lines) > 600
    assert output.lines == expected.lines
    assert 0 < output.figures["stack"] < LARGEST_STACK
    assert 0 < output.figures["instructions"] < MOST_INSTRUCTIONS
