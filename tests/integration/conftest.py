"""How these tests are spread over processes."""

from __future__ import annotations

import pytest

#: The tests of one module share few firmwares, and each process compiles its own: these stay
#: together. Those that are not named here wait so long that a second firmware is worth it.
TOGETHER = ("test_readings", "test_conversation")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each of these modules into one process."""
    for item in items:
        name = item.module.__name__.rpartition(".")[2]
        if name in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(name))
