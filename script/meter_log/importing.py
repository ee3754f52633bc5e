"""The import of a file into Home Assistant and its undo: what is shown, asked and done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from .demo import DemoPort
from .history import LogHistory
from .home_assistant import HomeAssistant, Statistic
from .record import LOG_NAMES, Record, RecordError
from .statistics import (
    HOUR,
    TOLERANCE,
    Join,
    StatisticRow,
    check_sums,
    display_step,
    join,
    points_of,
)
from .undo import Imported, Undo, find_undo

#: By which the meter's clock may be off. Its own rows are a few seconds late.
CLOCK_TOLERANCE = timedelta(minutes=15)


def check_complete(record: Record, histories: Sequence[LogHistory]) -> None:
    """Refuse a file of which a part would be missing for good: only what is older is added."""
    if record.serial_number == DemoPort.SERIAL_NUMBER:
        raise RecordError(f"{record.path} is of the virtual meter: its values are invented")
    missing = [history.log.label for history in histories if not history.found.is_complete]
    names = [history.log.label for history in histories]
    missing += [name for name in LOG_NAMES if name not in names]
    if missing or (record.plan and record.plan.rows):
        raise RecordError(
            f"{record.path} does not have every row of {', '.join(missing or names)}. What is "
            "missing between its rows could not be added later: read all of it first, without "
            "--log and --count"
        )


def check_clock(record: Record, zone: ZoneInfo) -> None:
    """Refuse a file of a meter whose clock was wrong."""
    off = record.clock_is_off(zone)
    if off is not None and abs(off) > CLOCK_TOLERANCE:
        raise RecordError(
            f"the meter's clock was {round(abs(off) / timedelta(minutes=1))} minutes "
            f"{'ahead of' if off > timedelta(0) else 'behind'} the standard time of {zone}, or "
            "this computer's clock was wrong. So its rows are not of the hours that they say, and "
            "nothing is done with them"
        )


@dataclass(frozen=True)
class Importer:
    """Joins a file with an entity. agrees: asks the owner a question."""

    home: HomeAssistant
    record: Record
    entity: str
    console: Console
    agrees: Callable[[str], bool]

    def __post_init__(self) -> None:
        """Raise HomeAssistantError when the token does not allow it."""
        self.home.check_admin()

    def add(self, histories: Sequence[LogHistory], register: int) -> None:
        """Put a register's rows before what the entity has."""
        statistic = self.home.statistic(self.entity)
        registry_id = self.home.registry_id(self.entity)
        zone = self.home.zone()
        check_clock(self.record, zone)
        points = points_of(histories, register, statistic.unit, zone)
        live = self.home.first_row(statistic)
        joined = join(points, live, display_step(histories, register, statistic.unit))
        if not joined.points:
            self.console.print("Nothing to do: the file has nothing older than Home Assistant has.")
            return
        self._print_join(statistic, joined, live, zone)
        if not self.agrees("Import it?"):
            self.console.print("Nothing was imported.")
            return
        self.record.add_import(Imported.of(registry_id, statistic.unit, joined, live), self.entity)
        rows = self.home.import_join(statistic, joined)
        check_sums(rows)
        self.console.print(f"{self.entity} has {len(rows)} hours of statistics now.")

    def undo(self) -> None:
        """Put back what the entity had before this file was imported."""
        statistic = self.home.statistic(self.entity)
        zone = self.home.zone()
        imports = self._imports()
        if imports[0].unit != statistic.unit:
            raise RecordError(
                f"{self.entity} had {imports[0].unit} when {self.record.path} was imported, and "
                f"has {statistic.unit} now. Change it back first"
            )
        live = self.home.first_row(statistic, imports[0].live_start)
        undo = find_undo(imports, self.home.rows(statistic), live)
        self._print_undo(statistic, undo, zone)
        if not self.agrees("Undo it?"):
            self.console.print("Nothing was changed.")
            return
        check_sums(self.home.undo(statistic, undo))
        self.record.add_undo(imports[0].registry_id, self.entity)
        self.console.print(f"{self.entity} has what it had before the import.")

    def _imports(self) -> list[Imported]:
        """Return the imports that have not been undone, the first one at the front."""
        registry_id = self.home.registry_id(self.entity)
        imports = self.record.imports.get(registry_id)
        if imports:
            return imports
        if imports is None:
            raise RecordError(
                f"{self.record.path} was not imported into {self.entity} of this Home Assistant: "
                "there is nothing to undo"
            )
        raise RecordError(f"the import of {self.record.path} into {self.entity} is undone already")

    def _print_join(
        self, statistic: Statistic, joined: Join, live: StatisticRow, zone: ZoneInfo
    ) -> None:
        unit = statistic.unit
        first, last = joined.points[0], joined.points[-1]
        table = Table(show_header=False)
        table.add_row("entity", self.entity)
        table.add_row("hours to add", f"{len(joined.points)}")
        for name, point in (("from", first), ("to", last)):
            table.add_row(name, f"{_local(point.start, zone)}, {point.state:f} {unit}")
        begin = _local(live.start, zone)
        table.add_row("Home Assistant's own from", f"{begin}, {live.state:g} {unit}")
        used, hours = live.state - float(last.state), (live.start - last.start) // HOUR
        table.add_row("used in between", f"{used:.3g} {unit} in {hours} hours")
        self.console.print(table)

    def _print_undo(self, statistic: Statistic, undo: Undo, zone: ZoneInfo) -> None:
        table = Table(show_header=False)
        table.add_row("entity", self.entity)
        table.add_row("imported hours to empty", f"{len(undo.starts)}")
        if undo.starts:
            table.add_row("from", _local(undo.starts[0], zone))
            table.add_row("to", _local(undo.starts[-1], zone))
        table.add_row("Home Assistant's own from", _local(undo.live_start, zone))
        change = f"{undo.adjustment:+.10g} {statistic.unit}"
        table.add_row(
            "change of their sums", change if abs(undo.adjustment) > TOLERANCE else "none"
        )
        self.console.print(table)


def _local(time: datetime, zone: ZoneInfo) -> str:
    return f"{time.astimezone(zone):%Y-%m-%d %H:%M}"
