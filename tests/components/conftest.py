"""Fixtures for the tests of the component's schema and code generation."""

from __future__ import annotations

from pathlib import Path

import pytest

from .harness import Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    """Return a workbench in an empty folder."""
    return Workbench(tmp_path)
