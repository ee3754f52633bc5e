"""How ngspice is called; what it computes is tested with the circuits."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .spice import SpiceError, operating_point


def test_netlist_comes_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """ngspice 44 loses the first line of a netlist that comes through a pipe."""
    program = tmp_path / "ngspice"
    program.write_text('#!/bin/sh\nfor last; do :; done\n[ -f "$last" ] && head -n 2 "$last"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    # This one writes no result; the error has what it printed.
    with pytest.raises(SpiceError, match=r"^the title\nr1 a 0 1k\n"):
        operating_point("the title\nr1 a 0 1k", "v(a)")
