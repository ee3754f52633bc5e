"""A meter with some years behind it, and its logs without a line in between."""

from __future__ import annotations

from datetime import datetime

from meter_log.history import LogHistory, read_history
from meter_log.readout import Column, Log
from virtual_meter.logs import MeterLog, answer
from virtual_meter.past import Counter

NOW = datetime(2026, 11, 27, 18, 20)
COUNTER = Counter(Column(60, 2, 4, 0), shows=60_000, per_kwh=1)


def read(logs: dict[int, MeterLog], *which: Log) -> list[LogHistory]:
    """Read logs without a line in between."""
    histories = [LogHistory(log) for log in which]
    for history in histories:
        asking = read_history(history, (60,))
        reply = None
        while True:
            try:
                reply = answer(logs, asking.send(reply))
            except StopIteration:
                break
    return histories
