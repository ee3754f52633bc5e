"""The protocol library gives the same results on the emulated processors as on this computer."""

from __future__ import annotations

import pytest

from .conftest import grouped
from .emulator.machines import EMULATED, PC, Machine, Output

#: For seven values; ESPHome's own kamstrup_kmp takes 13,914 on lx106.
MOST_INSTRUCTIONS = 25_000
#: Bytes of stack for request, reply and conversion.
LARGEST_STACK = 768


@pytest.fixture(scope="module", params=grouped(EMULATED))
def machine(request: pytest.FixtureRequest) -> Machine:
    """Each processor whose compiler and emulator are installed."""
    found = EMULATED[request.param]
    if found.missing:
        pytest.skip(found.missing)
    return found


@pytest.fixture(scope="module")
def output(machine: Machine) -> Output:
    """What the program wrote there."""
    return machine.run()


@pytest.fixture(scope="module")
def expected() -> Output:
    """What it writes on this computer."""
    return PC.run()


def test_the_program_does_something(expected: Output) -> None:
    kinds = {line.split()[0] for line in expected.lines}
    assert kinds == {
        *("request", "result", "type", "serial", "value", "float", "info", "total"),
        *("send", "delay", "failed", "gave-up", "found", "status", "done", "reading"),
    }
    assert len(expected.lines) > 600


def test_same_results(output: Output, expected: Output) -> None:
    assert output.lines == expected.lines


def test_figures(output: Output, expected: Output) -> None:
    """Roughly; script/bench prints them."""
    assert expected.figures == {}
    assert 1_000 < output.figures["instructions"] < MOST_INSTRUCTIONS
    assert 100 < output.figures["stack"] < LARGEST_STACK
