"""Fixtures for the virtual meter's own tests."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import virtual_meter
from virtual_meter_tests.helpers import Client, FakeClock

TESTS = Path(virtual_meter.__file__).parent.parent


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands still."""
    return FakeClock()


@pytest.fixture
def connect() -> Iterator[Callable[[str], Client]]:
    """Return a function that opens a port; it is closed after the test."""
    with ExitStack() as stack:

        def open_port(port: str) -> Client:
            client = Client(port)
            stack.callback(client.close)
            return client

        yield open_port


@pytest.fixture(scope="session")
def vectors() -> list[dict[str, str | bool]]:
    """Return the recorded frames."""
    return json.loads((TESTS / "vectors.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Return an environment in which Python programs find the virtual meter."""
    return os.environ | {"PYTHONPATH": str(TESTS)}
