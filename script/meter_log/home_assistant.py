"""Long-term statistics of a Home Assistant, through its websocket: read, import, adjust."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Self
from zoneinfo import ZoneInfo

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.sync.client import connect

from .statistics import Join, JoinError, LiveRow

#: Rows of one message.
PART = 1000


class HomeAssistantError(Exception):
    """What Home Assistant refuses or does not have; the text says what to do."""


@dataclass(frozen=True)
class Statistic:
    """An entity's statistic. unit: of its rows."""

    id: str
    unit: str
    unit_class: str | None


class HomeAssistant:
    """A connection as an administrator, as a context manager."""

    def __init__(self, url: str, token: str) -> None:
        """Connect; HomeAssistantError when that fails."""
        self._number = 0
        address = f"{url.rstrip('/').replace('http', 'ws', 1)}/api/websocket"
        with ExitStack() as stack:
            try:
                self._socket = stack.enter_context(connect(address, max_size=None, proxy=None))
            except (OSError, ValueError, InvalidHandshake, InvalidURI) as error:
                raise HomeAssistantError(
                    f"no Home Assistant at {url}: {error}. An address is http://homeassistant:8123"
                ) from error
            self._receive()
            self._socket.send(json.dumps({"type": "auth", "access_token": token}))
            if self._receive()["type"] != "auth_ok":
                raise HomeAssistantError(
                    "the token is not accepted. Make one in your profile: Security, Long-lived "
                    "access tokens"
                )
            self._resources = stack.pop_all()

    def __enter__(self) -> Self:
        """Return the connection."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Disconnect."""
        self._resources.close()

    def ask(self, command: str, **arguments: Any) -> Any:
        """Return the answer to a command."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "type": command, **arguments}))
        answer = self._receive()
        if not answer["success"]:
            said = answer["error"]["message"]
            raise HomeAssistantError(f"Home Assistant refuses {command}: {said}")
        return answer["result"]

    def zone(self) -> ZoneInfo:
        """Return its time zone."""
        return ZoneInfo(self.ask("get_config")["time_zone"])

    def statistic(self, entity_id: str) -> Statistic:
        """Return an entity's statistic; HomeAssistantError when it has none, or is no total."""
        for row in self.ask("recorder/list_statistic_ids"):
            if row["statistic_id"] == entity_id:
                if not row["has_sum"]:
                    raise HomeAssistantError(
                        f"{entity_id} is no total: only a counter such as heat_energy or volume "
                        "has a history to join"
                    )
                unit = row["statistics_unit_of_measurement"]
                return Statistic(entity_id, unit, row.get("unit_class"))
        raise HomeAssistantError(self._no_row_yet(entity_id))

    def live_row(self, statistic: Statistic) -> LiveRow:
        """Return the oldest row; HomeAssistantError when there is none yet."""
        for period in ("hour", "5minute"):
            rows = [row for row in self.rows(statistic, period) if row["state"] is not None]
            if rows:
                first = rows[0]
                start = datetime.fromtimestamp(first["start"] / 1000, UTC)
                hour = start.replace(minute=0, second=0, microsecond=0)
                return LiveRow(hour, first["state"], first["sum"])
        raise HomeAssistantError(self._no_row_yet(statistic.id))

    def rows(self, statistic: Statistic, period: str = "hour") -> list[dict[str, Any]]:
        """Return all rows, the oldest first: start in milliseconds, state and sum."""
        units = {statistic.unit_class: statistic.unit} if statistic.unit_class else {}
        found = self.ask(
            "recorder/statistics_during_period",
            start_time="1990-01-01T00:00:00+00:00",
            statistic_ids=[statistic.id],
            period=period,
            types=["state", "sum"],
            units=units,
        )
        rows: list[dict[str, Any]] = found.get(statistic.id, [])
        return rows

    def import_join(self, statistic: Statistic, joined: Join) -> None:
        """Lift the live sums, then put the older rows before them.

        In this order it can be broken off and done again: the live sums are lifted only once.
        """
        if abs(joined.adjustment) > 1e-6:
            self.ask(
                "recorder/adjust_sum_statistics",
                statistic_id=statistic.id,
                start_time=joined.live_start.isoformat(),
                adjustment=joined.adjustment,
                adjustment_unit_of_measurement=statistic.unit,
            )
        metadata = {
            "has_mean": False,
            "mean_type": 0,
            "has_sum": True,
            "name": None,
            "source": "recorder",
            "statistic_id": statistic.id,
            "unit_class": statistic.unit_class,
            "unit_of_measurement": statistic.unit,
        }
        stats = [
            {
                "start": point.start.isoformat(),
                "state": float(point.state),
                "sum": float(point.state - joined.zero),
            }
            for point in joined.points
        ]
        for begin in range(0, len(stats), PART):
            part = stats[begin : begin + PART]
            self.ask("recorder/import_statistics", metadata=metadata, stats=part)

    def _no_row_yet(self, entity_id: str) -> str:
        now = datetime.now()
        ready = now + timedelta(minutes=6 - now.minute % 5)
        return (
            f"Home Assistant has no statistics of {entity_id}. Is that its name under Developer "
            "tools, Statistics? Of a new entity there are some after a full five minutes: try "
            f"again at {ready:%H:%M}"
        )

    def _receive(self, timeout: float = 60) -> dict[str, Any]:
        try:
            message: dict[str, Any] = json.loads(self._socket.recv(timeout))
        except (ConnectionClosed, TimeoutError) as error:
            raise HomeAssistantError(
                "the connection to Home Assistant broke off. Type the same again"
            ) from error
        return message


def check_join(rows: list[dict[str, Any]]) -> None:
    """Look over all rows after an import; JoinError when a sum falls."""
    for before, after in pairwise(rows):
        if after["sum"] < before["sum"] - 1e-6:
            start = datetime.fromtimestamp(after["start"] / 1000, UTC)
            raise JoinError(f"the sum falls from {before['sum']} to {after['sum']} at {start}")
