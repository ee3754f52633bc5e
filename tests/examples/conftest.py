"""A user's folder, and a workbench in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from components.harness import Workbench

from .devices import make_home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the folder of a user who has this repository in it."""
    make_home(tmp_path)
    return tmp_path


@pytest.fixture
def bench(home: Path) -> Workbench:
    """Return a workbench in the user's folder."""
    return Workbench(home)
