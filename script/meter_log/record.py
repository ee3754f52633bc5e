"""The file of a reading: each request with what came back, then everything decoded.

JSON lines. Every later step begins with the frames in it, so a decoder that is mended reads an old
file anew, and a reading that was broken off goes on where it stopped.

- {"plan": {"logs": ["days"], "registers": [60, 68], "rows": null}}: what was to be read
- {"request": "803F…", "reply": "403F…", "at": "2026-11-27T18:20:00+01:00"}: frames in hexadecimal
- {"log": "days", "id": 645, "time": "2026-04-02T00:00:04", "values": {"60": ["120000", "kWh"]}}:
  a row; its time is the meter's standard time
- {"log": "days", "trouble": "3 rows are missing between …"}
- {"import": {…}, "entity": "sensor.heat", "at": …}: what an import was about to do, see undo.py
- {"undo": "2f6c…", "entity": "sensor.heat", "at": …}: all imports into this entity are undone; it
  is named by what no other one has
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from multical.units import UNITS

from .codec import GET_REGISTER, GET_SERIAL, CodecError, Direction, decode_frame
from .dates import STAMP, Stamp, find_stamp
from .history import LogHistory
from .line import find_reply
from .readout import Log
from .statistics import standard_offset
from .undo import Imported

#: Number of a unit on the wire -> how Home Assistant spells it.
SYMBOLS = {unit.number: unit.symbol for unit in UNITS}

LOG_NAMES = [log.label for log in Log]
#: The data of the request for the meter's clock.
CLOCK = bytes((1,)) + STAMP.to_bytes(2)


def clock_of(reply: bytes | None) -> Stamp | None:
    """Return what the reply to CLOCK says, behind the head of its block; None: nothing."""
    return None if reply is None else find_stamp(reply[5:])


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


class RecordError(Exception):
    """A file that cannot be used; the text says why."""


class Plan(NamedTuple):
    """What is to be read. logs: their names. rows: of each log, None for all."""

    logs: list[str]
    registers: list[int]
    rows: int | None

    def joined(self, earlier: Plan | None) -> Plan:
        """Return what was to be read in both."""
        if earlier is None:
            return self
        rows = None if None in (self.rows, earlier.rows) else max(self.rows or 0, earlier.rows or 0)
        logs = [log for log in LOG_NAMES if log in {*self.logs, *earlier.logs}]
        return Plan(logs, list(dict.fromkeys([*earlier.registers, *self.registers])), rows)


class Record:
    """The exchanges of a reading, and the file in which they are kept."""

    def __init__(self, path: Path) -> None:
        """Take what the file has already; RecordError when it is not such a file."""
        self.path = path
        self._replies: dict[tuple[int, bytes], bytes] = {}
        self._read_at: dict[tuple[int, bytes], datetime] = {}
        #: What was to be read last; None in a new file.
        self.plan: Plan | None = None
        #: By the entity's registry_id, those that are not undone; none of them: all are.
        self.imports: dict[str, list[Imported]] = {}
        if path.exists():
            for number, line in enumerate(self._lines(), 1):
                try:
                    entry = json.loads(line)
                    if "plan" in entry:
                        self.plan = Plan(**entry["plan"]).joined(self.plan)
                    elif "request" in entry:
                        request, raw = (bytes.fromhex(entry[key]) for key in ("request", "reply"))
                        self._take(request, raw, datetime.fromisoformat(entry["at"]))
                    elif "import" in entry:
                        self._take_import(Imported.from_json(entry["import"]))
                    elif "undo" in entry:
                        self.imports[entry["undo"]].clear()
                except (AttributeError, CodecError, KeyError, TypeError, ValueError) as error:
                    raise RecordError(
                        f"{path}, line {number}: this is not a line that script/history read has "
                        f"written ({error})"
                    ) from error

    def __len__(self) -> int:
        """Return how many replies there are."""
        return len(self._replies)

    def reply(self, command: int, data: bytes) -> bytes | None:
        """Return the data of the reply to a request that has been answered."""
        return self._replies.get((command, data))

    def add(self, request: bytes, raw: bytes) -> None:
        """Keep a request and everything that came back, at once on the disk."""
        at = datetime.now().astimezone()
        self._take(request, raw, at)
        frames = {"request": request.hex().upper(), "reply": raw.hex().upper()}
        self._write([frames | {"at": at.isoformat(timespec="seconds")}])

    def set_plan(self, plan: Plan) -> None:
        """Say what is to be read."""
        joined = plan.joined(self.plan)
        if joined != self.plan:
            self.plan = joined
            self._write([{"plan": plan._asdict()}])

    def add_history(self, history: LogHistory) -> None:
        """Write the rows and the troubles of a log for people and programs to read."""
        log = history.log.label
        rows = [
            {
                "log": log,
                "id": row.id,
                "time": row.time.isoformat(),
                "values": {
                    str(register): [f"{value:f}", SYMBOLS.get(unit, f"unit {unit}")]
                    for register, (value, unit) in row.values.items()
                },
            }
            for row in history.rows()
        ]
        self._write(rows)
        self._write({"log": log, "trouble": trouble} for trouble in history.troubles())

    def add_import(self, imported: Imported, entity: str) -> None:
        """Note an import before it begins."""
        self._take_import(imported)
        self._write([{"import": imported.to_json(), "entity": entity, "at": _now()}])

    def add_undo(self, registry_id: str, entity: str) -> None:
        """Note that all imports into an entity are undone."""
        self.imports[registry_id].clear()
        self._write([{"undo": registry_id, "entity": entity, "at": _now()}])

    @property
    def serial_number(self) -> int | None:
        """The meter's; None in a new file."""
        reply = self.reply(GET_SERIAL, b"")
        return None if reply is None else int.from_bytes(reply)

    def clock_is_off(self, zone: ZoneInfo) -> timedelta | None:
        """Return by how much the meter's clock was ahead of a zone's standard time.

        None: it was not read.
        """
        stamp = clock_of(self.reply(GET_REGISTER, CLOCK))
        if stamp is None:
            return None
        read_at = self._read_at[GET_REGISTER, CLOCK].astimezone(UTC).replace(tzinfo=None)
        return stamp.time - read_at - standard_offset(zone, read_at.year)

    def _lines(self) -> list[str]:
        """Return the whole lines; what a power cut has left of the last one is dropped."""
        try:
            text = self.path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RecordError(f"{self.path} cannot be read: {error}") from error
        whole, end, rest = text.rpartition("\n")
        if rest:
            self.path.write_text(whole + end, "utf-8")
        return whole.splitlines()

    def _take(self, request: bytes, raw: bytes, at: datetime) -> None:
        frame = decode_frame(Direction.TO_METER, request)
        reply = find_reply(raw, frame.command)
        if reply is not None:
            self._replies[frame.command, frame.data] = reply
            self._read_at[frame.command, frame.data] = at

    def _take_import(self, imported: Imported) -> None:
        self.imports.setdefault(imported.registry_id, []).append(imported)

    def _write(self, entries: Iterable[dict[str, Any]]) -> None:
        try:
            with self.path.open("a", encoding="utf-8") as file:
                for entry in entries:
                    file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        except OSError as error:
            raise RecordError(f"{self.path} cannot be written: {error}") from error
