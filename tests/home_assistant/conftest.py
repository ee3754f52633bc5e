"""One house for all these tests, because statistics come only every five minutes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from integration.firmware import ROOT
from integration.meters import energy_meter
from meter_log.statistics import HOUR
from virtual_meter import VirtualMeter
from virtual_meter.models import KWH

from .core import FOLDER, home_assistant
from .examples import FILES, automations, make_dashboard
from .house import House, device

#: Tests that wait for statistics come later; pictures come last, because they change what is shown.
LAST = ("test_energy", "test_history", "test_statistics", "test_pictures")

#: Inputs of an automation that reports no end, and does something of its own.
QUIET = {
    "tell_well": False,
    "notice": [{"event": "quiet_notice", "event_data": {"message": "{{ title }}: {{ message }}"}}],
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for new pictures."""
    parser.addoption("--pictures", action="store_true", help="write the pictures of docs/images")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the modules."""
    items.sort(key=lambda item: LAST.index(item.path.stem) if item.path.stem in LAST else -1)


@pytest.fixture(scope="session")
def pictures(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for pictures."""
    if pytestconfig.getoption("--pictures"):
        return ROOT / "docs" / "images"
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="session")
def the_house() -> Iterator[House]:
    """A house with a user's device, and one device each for every key, unit of energy and log."""
    # Ten times as fast as the real one, so that the pictures have something to show.
    meters = {
        "heat_meter": VirtualMeter("403-kwh", delay=0.08, speed=10),
        "every_key": VirtualMeter("403-kwh", delay=0.08),
        "every_energy_unit": energy_meter(KWH, 0),
        # Its clock is right, in the standard time of this Home Assistant.
        "remote_head": VirtualMeter("403-kwh", begin=datetime.now(UTC).replace(tzinfo=None) + HOUR),
    }
    with ExitStack() as stack:
        devices = {name: stack.enter_context(device(name, meters[name])) for name in meters}
        files = FILES | {"automations.yaml": automations(heat_meter_notice={}, quiet=QUIET)}
        home = stack.enter_context(home_assistant(FOLDER / "config", files))
        for each in devices.values():
            home.add_device(each.firmware.api_port)
        make_dashboard(home.connection)
        yield House(home, devices)
