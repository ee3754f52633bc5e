"""A Home Assistant without a network, whose recorder does what the real one's source says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from meter_log.home_assistant import HomeAssistant, HomeAssistantError
from meter_log.statistics import HOUR

#: What a row has; None: nothing.
type Values = tuple[float | None, float | None]


class FakeHomeAssistant(HomeAssistant):
    """Has one entity, sensor.heat, and rows of state and sum by the begin of their time.

    breaks_after: the connection breaks off after so many commands that write; None: never.
    """

    def __init__(self, identity: str = "2f6c") -> None:
        """Begin without rows."""
        self.identity = identity
        self.unit = "kWh"
        self.is_admin = True
        self.hours: dict[datetime, Values] = {}
        self.five_minutes: dict[datetime, Values] = {}
        self.breaks_after: int | None = None
        self.asked: list[str] = []

    def live(self, start: datetime, state: float, total: float) -> None:
        """Compile a row, as Home Assistant does by itself."""
        for offset in range(0, 60, 5):
            self.five_minutes[start + timedelta(minutes=offset)] = state, total
        self.hours[start] = state, total

    def values(self) -> dict[datetime, Values]:
        """Return the hours that have any."""
        return {
            start: values for start, values in sorted(self.hours.items()) if values[0] is not None
        }

    def ask(self, command: str, **arguments: Any) -> Any:
        """Answer a command."""
        self.asked.append(command)
        return getattr(self, f"_{command.replace('/', '_')}")(**arguments)

    def _write(self) -> None:
        if self.breaks_after == 0:
            raise HomeAssistantError("the connection to Home Assistant broke off")
        if self.breaks_after is not None:
            self.breaks_after -= 1

    def _auth_current_user(self) -> dict[str, Any]:
        return {"name": "Guest", "is_admin": self.is_admin}

    def _get_config(self) -> dict[str, str]:
        return {"time_zone": "Europe/Copenhagen"}

    def _config_entity_registry_get(self, entity_id: str) -> dict[str, str]:
        if entity_id != "sensor.heat":
            raise HomeAssistantError("not found")
        return {"id": self.identity}

    def _recorder_list_statistic_ids(self) -> list[dict[str, Any]]:
        row = {"has_sum": True, "statistics_unit_of_measurement": self.unit, "unit_class": "energy"}
        return [row | {"statistic_id": name} for name in ("sensor.heat", "sensor.unregistered")]

    def _recorder_statistics_during_period(
        self, period: str, statistic_ids: list[str], **_: Any
    ) -> dict[str, list[dict[str, Any]]]:
        rows = self.hours if period == "hour" else self.five_minutes
        found = [
            {"start": int(start.timestamp() * 1000), "state": state, "sum": total}
            for start, (state, total) in sorted(rows.items())
        ]
        return {statistic_ids[0]: found}

    def _recorder_adjust_sum_statistics(self, start_time: str, adjustment: float, **_: Any) -> None:
        self._write()
        since = datetime.fromisoformat(start_time)
        for rows in (self.hours, self.five_minutes):
            for start, (state, total) in rows.items():
                if start >= since and total is not None:
                    rows[start] = state, total + adjustment

    def _recorder_import_statistics(
        self, metadata: dict[str, Any], stats: list[dict[str, Any]]
    ) -> None:
        self._write()
        assert metadata["unit_of_measurement"] == self.unit
        for row in stats:
            start = datetime.fromisoformat(row["start"])
            assert start.astimezone(UTC).minute == 0
            self.hours[start] = row.get("state"), row.get("sum")


class House:
    """A counter that Home Assistant has been looking at for some hours."""

    def __init__(self, start: datetime, state: float) -> None:
        """Compile three hours."""
        self.home = FakeHomeAssistant()
        self._begin = state
        self._hours = count(1)
        self._first = start
        self.originals: dict[datetime, Values] = {}
        for _ in range(3):
            self.an_hour_later()

    def an_hour_later(self) -> None:
        """Compile one more: Home Assistant adds what was used to the last sum."""
        number = next(self._hours)
        start = self._first + HOUR * (number - 1)
        last = self.home.five_minutes[max(self.home.five_minutes)] if number > 1 else None
        state = self._begin + 0.4 * number
        total = 0.4 if last is None or last[1] is None else last[1] + 0.4
        self.home.live(start, state, total)
        self.originals[start] = state, 0.4 * number


def always(_: str) -> bool:
    """Agree."""
    return True


def never(_: str) -> bool:
    """Disagree."""
    return False


type Agrees = Callable[[str], bool]
