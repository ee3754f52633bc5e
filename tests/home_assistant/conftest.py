"""One house for all these tests, because statistics come only every five minutes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.meters import energy_meter
from virtual_meter import VirtualMeter
from virtual_meter.models import KWH

from .examples import FILES, automations
from .figures import summary
from .house import House, house
from .installation import FOLDER, ROOT, installation

#: The order of the modules: what waits for statistics comes last, when they have come.
ORDER = (
    "test_installation",
    "test_entities",
    "test_link",
    "test_user_files",
    "test_demo",
    "test_core",
    "test_energy",
    "test_statistics",
    "test_pictures",
)

#: Inputs of an automation that says nothing of an end, and does something of its own.
QUIET = {
    "tell_well": False,
    "notice": [{"event": "quiet_notice", "event_data": {"message": "{{ title }}: {{ message }}"}}],
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for new pictures."""
    parser.addoption("--pictures", action="store_true", help="write the pictures of docs/images")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the modules into their order."""
    items.sort(key=lambda item: ORDER.index(item.path.stem))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say the figures of the run."""
    passed = terminalreporter.stats.get("passed", [])
    if line := summary(passed, FOLDER):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def pictures(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for pictures."""
    if pytestconfig.getoption("--pictures"):
        return ROOT / "docs" / "images"
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="session")
def the_house() -> Iterator[House]:
    """A house with a device of a user, one with every key, and one with every unit of energy."""
    meters = {
        # Ten times as fast as the real one, so that the pictures have something to show.
        "heat_meter": VirtualMeter("403-kwh", delay=0.08, speed=10),
        "every_key": VirtualMeter("403-kwh", delay=0.08),
        "every_energy_unit": energy_meter(KWH, 0),
    }
    files = FILES | {"automations.yaml": automations(quiet=QUIET)}
    with house(installation(), FOLDER / "config", meters, files=files) as running:
        yield running
