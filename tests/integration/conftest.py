"""How these tests are spread over processes."""

from __future__ import annotations

import pytest

#: Module -> the tests that run in the same process as its own, because they share firmwares and
#: each process compiles its own. Those that are not named here wait so long that a second firmware
#: is worth it.
TOGETHER = {
    "test_conversation": "conversation",
    "test_readings": "every key",
    "test_scan": "every key",
    "test_high_resolution": "fine",
    "test_info": "fine",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put these modules into as few processes."""
    for item in items:
        name = item.path.stem
        if name in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(TOGETHER[name]))
