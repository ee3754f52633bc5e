"""The figures of a run that the README quotes, beside those that pytest prints."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from .installation import VERSION

#: Property of a test: how many entities it and those beside it have checked.
ENTITIES = "entities"


def summary(passed: Iterable[pytest.TestReport], folder: Path) -> str:
    """Return one line of them, or nothing where no entity was checked.

    passed: the tests that passed. folder: where Home Assistant is installed.
    """
    properties = [pair for report in passed for pair in report.user_properties]
    entities = sum(int(str(value)) for name, value in properties if name == ENTITIES)
    if not entities:
        return ""
    gigabytes = _size(folder) / 1e9
    return f"Home Assistant {VERSION} ({gigabytes:.1f} GB): {entities} entities of every key"


def _size(folder: Path) -> int:
    """Return the bytes that a folder takes on the disk."""
    # A Debian has links to what is not in the folder.
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))
