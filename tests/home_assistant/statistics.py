"""Home Assistant's statistics, and the Energy dashboard that is built from them."""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from .connection import Connection

#: Seconds: statistics of a full five minutes come up to 20 s after it.
TIMEOUT = 300 + 60


def wait_for_rows(
    connection: Connection, ids: Collection[str], count: int
) -> dict[str, list[dict[str, Any]]]:
    """Wait until each entity has this many rows of five minutes.

    Return the last day's, oldest first: sum and state, or mean. Raises TimeoutError.
    """
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        rows = connection.ask(
            "recorder/statistics_during_period",
            start_time=(datetime.now(UTC) - timedelta(days=1)).isoformat(),
            statistic_ids=list(ids),
            period="5minute",
            types=["sum", "state", "mean"],
        )
        missing = [name for name in ids if len(rows.get(name, ())) < count]
        if not missing:
            return rows
        time.sleep(1)
    raise TimeoutError(f"no {count} rows of statistics in {TIMEOUT} s: {missing}")


def energy_source(kind: str, entity_id: str) -> dict[str, Any]:
    """Return a source for the Energy dashboard, "gas" or "water", without a price."""
    prices = ("stat_cost", "entity_energy_price", "number_energy_price")
    return {"type": kind, "stat_energy_from": entity_id, **dict.fromkeys(prices)}
