"""How an import is taken back: what is noted before it, and what puts everything back.

Home Assistant cannot delete single rows. `recorder/clear_statistics` deletes everything that an
entity has, and its rows of five minutes cannot be imported again. But an imported row takes the
place of the one at its time, and one without values counts nowhere. So the rows that an import
added are emptied, and the sums of all others are put back to what they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isclose
from typing import Any, Self

from .statistics import TOLERANCE, Join, JoinError, StatisticRow


@dataclass(frozen=True, slots=True)
class Imported:
    """An import, as noted before it begins: it only fills hours that have no values.

    registry_id: which entity in which Home Assistant. zero: that of its live rows before.
    adjustment: by how much the sums grow from `live_start` on. states: by the begin of their hour.
    """

    registry_id: str
    unit: str
    live_start: datetime
    zero: float
    adjustment: float
    states: dict[datetime, float]

    @classmethod
    def of(cls, registry_id: str, unit: str, joined: Join, live: StatisticRow) -> Self:
        """Note what is to be done."""
        states = {point.start: float(point.state) for point in joined.points}
        return cls(registry_id, unit, joined.live_start, live.zero, joined.adjustment, states)

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> Self:
        """Read what to_json() has made."""
        return cls(
            str(entry["registry_id"]),
            str(entry["unit"]),
            datetime.fromisoformat(entry["live_start"]),
            float(entry["zero"]),
            float(entry["adjustment"]),
            {datetime.fromisoformat(start): float(state) for start, state in entry["states"]},
        )

    def to_json(self) -> dict[str, Any]:
        """Return it for a line of a file."""
        return {
            "registry_id": self.registry_id,
            "unit": self.unit,
            "live_start": self.live_start.isoformat(),
            "zero": self.zero,
            "adjustment": self.adjustment,
            "states": [[start.isoformat(), state] for start, state in self.states.items()],
        }


@dataclass(frozen=True, slots=True)
class Undo:
    """What is to be done. starts: of the rows to empty, the oldest first.

    adjustment: of the sums from `live_start` on.
    """

    starts: tuple[datetime, ...]
    live_start: datetime
    adjustment: float


def find_undo(
    imports: Sequence[Imported], rows: Sequence[StatisticRow], live: StatisticRow
) -> Undo:
    """Return what takes these imports back, the first of them at the front.

    Any of them may have been broken off. rows: all that have values. live: the first one from the
    first import's `live_start` on. JoinError when something else has changed the rows since then.
    """
    states = {start: state for each in imports for start, state in each.states.items()}
    starts = []
    for row in rows:
        if row.start in states:
            starts.append(row.start)
            if not isclose(row.state, states[row.start], abs_tol=TOLERANCE):
                raise JoinError(
                    f"the row of {row.start.astimezone():%Y-%m-%d %H:%M} has {row.state:g} now, "
                    f"and {states[row.start]:g} was imported: something has changed it since then"
                )
    first, last = imports[0], imports[-1]
    # Its sums were lifted, or it was broken off before that.
    expected = (last.zero - last.adjustment, last.zero)
    # An undo that was broken off may have lowered them again.
    if not any(isclose(live.zero, each, abs_tol=TOLERANCE) for each in (*expected, first.zero)):
        raise JoinError(
            "something else has changed the sums since the import, for example another import. "
            "Undo that first"
        )
    return Undo(tuple(starts), first.live_start, live.zero - first.zero)
