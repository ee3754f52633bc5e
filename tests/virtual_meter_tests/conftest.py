"""Fixtures for the virtual meter's own tests."""

import json
from pathlib import Path

import pytest
from virtual_meter import Direction
from virtual_meter_tests.helpers import Bench

VECTORS = Path(__file__).parent.parent / "vectors.json"


@pytest.fixture
def bench() -> Bench:
    """Return a 601 on a line, with an answer delay of 0.1 s."""
    return Bench()


@pytest.fixture(scope="session")
def recorded() -> list[tuple[Direction, bytes, bool]]:
    """Return every recorded frame, with whether all CRCs of its vector are right."""
    keys = ((Direction.TO_METER, "request_hex"), (Direction.FROM_METER, "response_hex"))
    return [
        (direction, bytes.fromhex(vector[key]), vector["crc_ok"])
        for vector in json.loads(VECTORS.read_text("utf-8"))
        for direction, key in keys
        if vector[key]
    ]
