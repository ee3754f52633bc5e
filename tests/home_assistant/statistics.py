"""Wait for Home Assistant's statistics, and read them."""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from .connection import Connection

#: Seconds: statistics of a full five minutes come up to 20 s after them.
PERIOD = 300
TIMEOUT = PERIOD + 60


def five_minutes(connection: Connection, ids: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the last day's rows by entity, oldest first: sum and state, or mean."""
    return connection.ask(
        "recorder/statistics_during_period",
        start_time=(datetime.now(UTC) - timedelta(days=1)).isoformat(),
        statistic_ids=sorted(ids),
        period="5minute",
        types=["sum", "state", "mean"],
    )


def wait_for_rows(
    connection: Connection, ids: Collection[str], count: int
) -> dict[str, list[dict[str, Any]]]:
    """Wait until each entity has so many rows. Raises TimeoutError."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        rows = five_minutes(connection, ids)
        missing = sorted(name for name in ids if len(rows.get(name, ())) < count)
        if not missing:
            return rows
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {count} rows of statistics in {TIMEOUT} s: {missing}")
        time.sleep(1)
