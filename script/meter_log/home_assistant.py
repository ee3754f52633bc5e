"""Long-term statistics of a Home Assistant, through its websocket: read, import, adjust."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.sync.client import connect

from .statistics import TOLERANCE, Join, StatisticRow
from .undo import Undo

#: Rows of one message.
PART = 1000
#: Seconds until what was sent must be written: Home Assistant does so beside its other work.
WRITTEN_WITHIN = 60


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

    def check_admin(self) -> None:
        """Raise HomeAssistantError when the token is not of an administrator."""
        user = self.ask("auth/current_user")
        if not user["is_admin"]:
            raise HomeAssistantError(
                f"the token is of {user['name']}, who is not an administrator. Only an "
                "administrator may change statistics: make the token as one"
            )

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

    def registry_id(self, entity_id: str) -> str:
        """Return what no other entity has, here or in another Home Assistant; it stays for good."""
        try:
            return str(self.ask("config/entity_registry/get", entity_id=entity_id)["id"])
        except HomeAssistantError as error:
            raise HomeAssistantError(
                f"{entity_id} is not in Home Assistant's list of entities, as those of ESPHome "
                "are. Without that an import could not be undone"
            ) from error

    def first_row(self, statistic: Statistic, since: datetime | None = None) -> StatisticRow:
        """Return the oldest row, from a time on; HomeAssistantError when there is none yet.

        Its start is that of its hour, also before Home Assistant has a row of a full one.
        """
        for period in ("hour", "5minute"):
            for row in self.rows(statistic, period):
                if since is None or row.start >= since:
                    hour = row.start.replace(minute=0, second=0, microsecond=0)
                    return StatisticRow(hour, row.state, row.sum)
        raise HomeAssistantError(self._no_row_yet(statistic.id))

    def rows(self, statistic: Statistic, period: str = "hour") -> list[StatisticRow]:
        """Return all rows that have values, the oldest first."""
        units = {statistic.unit_class: statistic.unit} if statistic.unit_class else {}
        found = self.ask(
            "recorder/statistics_during_period",
            start_time="1990-01-01T00:00:00+00:00",
            statistic_ids=[statistic.id],
            period=period,
            types=["state", "sum"],
            units=units,
        )
        return [
            StatisticRow(datetime.fromtimestamp(row["start"] / 1000, UTC), row["state"], row["sum"])
            for row in found.get(statistic.id, [])
            if None not in (row["state"], row["sum"])
        ]

    def import_join(self, statistic: Statistic, joined: Join) -> list[StatisticRow]:
        """Lift the live sums, then put the older rows before them; return all rows.

        In this order it can be broken off and done again: the live sums are lifted only once.
        """
        self._adjust(statistic, joined.live_start, joined.adjustment)
        stats = [
            {
                "start": point.start.isoformat(),
                "state": float(point.state),
                "sum": float(point.state - joined.zero),
            }
            for point in joined.points
        ]
        self._import(statistic, stats)
        starts = {point.start for point in joined.points}
        return self._wait_for(statistic, lambda rows: starts <= {row.start for row in rows})

    def undo(self, statistic: Statistic, undo: Undo) -> list[StatisticRow]:
        """Empty the rows that were imported, then lower the live sums; return all rows.

        In this order no sum falls in between, and it can be broken off and done again.
        """
        stats: list[dict[str, Any]] = [{"start": start.isoformat()} for start in undo.starts]
        if stats:
            # Home Assistant takes what it has before its first row for a sum of 0. Where an empty
            # row is the first, it would look for the next sum, and not count the first hour.
            stats[-1]["sum"] = 0
        self._import(statistic, stats)
        self._adjust(statistic, undo.live_start, undo.adjustment)
        return self._wait_for(
            statistic, lambda rows: not {*undo.starts} & {row.start for row in rows}
        )

    def _adjust(self, statistic: Statistic, start: datetime, adjustment: float) -> None:
        """Add to all sums from a time on."""
        if abs(adjustment) > TOLERANCE:
            self.ask(
                "recorder/adjust_sum_statistics",
                statistic_id=statistic.id,
                start_time=start.isoformat(),
                adjustment=adjustment,
                adjustment_unit_of_measurement=statistic.unit,
            )

    def _import(self, statistic: Statistic, stats: Sequence[dict[str, Any]]) -> None:
        """Write rows in the place of what there is at their time."""
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
        for begin in range(0, len(stats), PART):
            part = stats[begin : begin + PART]
            self.ask("recorder/import_statistics", metadata=metadata, stats=part)

    def _wait_for(
        self, statistic: Statistic, is_written: Callable[[Iterable[StatisticRow]], bool]
    ) -> list[StatisticRow]:
        """Wait until the rows are as they should be, and return them."""
        end = time.monotonic() + WRITTEN_WITHIN
        while not is_written(rows := self.rows(statistic)):
            if time.monotonic() > end:
                raise HomeAssistantError(
                    f"Home Assistant took the rows but did not write them within {WRITTEN_WITHIN} "
                    "seconds. Look at its log"
                )
            time.sleep(1)
        return rows

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
