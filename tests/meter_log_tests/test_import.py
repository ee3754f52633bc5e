"""An import and its undo: what is written, what is put back, and what is refused."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meter_log.history import LogHistory
from meter_log.home_assistant import HomeAssistantError
from meter_log.importing import Importer
from meter_log.readout import Log
from meter_log.record import Record, RecordError
from meter_log.statistics import TOLERANCE, JoinError
from rich.console import Console
from virtual_meter.past import past_logs

from .fake_home_assistant import Agrees, House, always, never
from .past import COUNTER, NOW, read

#: An hour after the newest row of the logs.
LIVE_START = datetime(2026, 11, 27, 18, tzinfo=UTC)


@pytest.fixture(scope="module")
def histories() -> list[LogHistory]:
    """Years and months of a meter."""
    return read(past_logs(NOW, [COUNTER]), Log.YEARS, Log.MONTHS)


@pytest.fixture
def house() -> House:
    """One whose meter shows what these logs lead to."""
    return House(LIVE_START, COUNTER.shows)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file to note imports in."""
    return tmp_path / "history.jsonl"


def importer(house: House, file: Path, agrees: Agrees = always) -> Importer:
    """Return what a new run of the command would have."""
    return Importer(house.home, Record(file), "sensor.heat", Console(quiet=True), agrees)


def assert_is_as_before(house: House) -> None:
    """Live rows have their own sums, and no other row has values."""
    values = house.home.values()
    assert values.keys() == house.originals.keys()
    for start, (state, total) in house.originals.items():
        assert values[start] == pytest.approx((state, total), abs=TOLERANCE)
        assert house.home.five_minutes[start] == pytest.approx((state, total), abs=TOLERANCE)


def test_import_and_undo(house: House, file: Path, histories: list[LogHistory]) -> None:
    importer(house, file).add(histories, 60)
    rows = [*house.home.values().values()]
    assert len(rows) > 30
    for state, total in rows:
        assert state is not None
        assert total == pytest.approx(state - (rows[0][0] or 0))
    house.an_hour_later()
    importer(house, file).undo()
    assert_is_as_before(house)
    # What Home Assistant compiles later goes on from there.
    house.an_hour_later()
    assert_is_as_before(house)


def test_the_first_hour_counts_also_after_an_undo(
    house: House, file: Path, histories: list[LogHistory]
) -> None:
    """Over any period Home Assistant takes the first sum in it off, and 0 before the first row."""
    importer(house, file).add(histories, 60)
    importer(house, file).undo()
    sums = [total for _, (_, total) in sorted(house.home.hours.items()) if total is not None]
    assert sums[0] == 0


def test_an_undo_can_be_undone_by_another_import(
    house: House, file: Path, histories: list[LogHistory]
) -> None:
    importer(house, file).add(histories, 60)
    imported = dict(house.home.hours)
    importer(house, file).undo()
    importer(house, file).add(histories, 60)
    assert house.home.hours.keys() == imported.keys()
    for start, values in imported.items():
        assert house.home.hours[start] == pytest.approx(values, abs=TOLERANCE)
    importer(house, file).undo()
    assert_is_as_before(house)


@pytest.mark.parametrize("what", ["add", "undo"])
def test_nothing_is_changed_without_a_yes(
    what: str, house: House, file: Path, histories: list[LogHistory]
) -> None:
    if what == "undo":
        importer(house, file).add(histories, 60)
    before = dict(house.home.hours)
    questions: list[str] = []

    def disagrees(question: str) -> bool:
        questions.append(question)
        return never(question)

    asked = importer(house, file, disagrees)
    asked.undo() if what == "undo" else asked.add(histories, 60)
    assert questions == ["Undo it?" if what == "undo" else "Import it?"]
    assert house.home.hours == before
    assert len(Record(file).imports.get("2f6c", ())) == (what == "undo")


@given(st.lists(st.tuples(st.sampled_from(["add", "undo"]), st.none() | st.integers(0, 2))))
def test_whatever_breaks_off_can_be_undone(
    histories: list[LogHistory], steps: list[tuple[str, int | None]]
) -> None:
    """No sum falls in between, either, and a last undo puts everything back."""
    house = House(LIVE_START, COUNTER.shows)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "history.jsonl"
        for what, breaks_after in [*steps, ("add", None), ("undo", None)]:
            house.home.breaks_after = breaks_after
            run = importer(house, file)
            with suppress(HomeAssistantError, RecordError):
                run.undo() if what == "undo" else run.add(histories, 60)
            sums = [total for _, total in house.home.values().values()]
            assert all((after or 0) >= (before or 0) for before, after in pairwise(sums))
            house.an_hour_later()
    assert_is_as_before(house)


def _second_undo(house: House, file: Path, histories: list[LogHistory]) -> None:
    importer(house, file).add(histories, 60)
    importer(house, file).undo()


def _no_import(house: House, file: Path, histories: list[LogHistory]) -> None:
    pass


def _another_home_assistant(house: House, file: Path, histories: list[LogHistory]) -> None:
    importer(house, file).add(histories, 60)
    house.home.identity = "77aa"


def _another_unit(house: House, file: Path, histories: list[LogHistory]) -> None:
    importer(house, file).add(histories, 60)
    house.home.unit = "MWh"


def _another_row(house: House, file: Path, histories: list[LogHistory]) -> None:
    importer(house, file).add(histories, 60)
    start = min(house.home.hours)
    house.home.hours[start] = 5, 0


def _other_sums(house: House, file: Path, histories: list[LogHistory]) -> None:
    importer(house, file).add(histories, 60)
    house.home.ask("recorder/adjust_sum_statistics", start_time=f"{LIVE_START}", adjustment=3)


def _cleared(house: House, file: Path, histories: list[LogHistory]) -> None:
    importer(house, file).add(histories, 60)
    house.home.hours.clear()
    house.home.five_minutes.clear()


REFUSALS = {
    _second_undo: r"the import of .* into sensor\.heat is undone already",
    _no_import: "was not imported into sensor.heat of this Home Assistant: there is nothing to",
    _another_home_assistant: "was not imported into sensor.heat of this Home Assistant",
    _another_unit: "sensor.heat had kWh when .* was imported, and has MWh now. Change it back",
    _another_row: "has 5 now, and .* was imported: something has changed it since then",
    _other_sums: "something else has changed the sums since the import",
    _cleared: "Home Assistant has no statistics of sensor.heat",
}


@pytest.mark.parametrize("before", REFUSALS, ids=lambda before: before.__name__.strip("_"))
def test_an_undo_that_cannot_be_exact_is_refused(
    before: object, house: House, file: Path, histories: list[LogHistory]
) -> None:
    assert callable(before)
    before(house, file, histories)
    rows, notes = dict(house.home.hours), file.read_bytes() if file.exists() else b""
    with pytest.raises((HomeAssistantError, JoinError, RecordError), match=REFUSALS[before]):
        importer(house, file).undo()
    assert house.home.hours == rows
    assert (file.read_bytes() if file.exists() else b"") == notes


def test_undo_of_the_first_of_two_files_is_refused(house: House, tmp_path: Path) -> None:
    """The second one's older rows have lifted the first one's, too."""
    logs = past_logs(NOW, [COUNTER])
    first, second = tmp_path / "years", tmp_path / "months"
    importer(house, first).add(read(logs, Log.YEARS), 60)
    importer(house, second).add(read(logs, Log.MONTHS), 60)
    with pytest.raises(JoinError, match=r"for example another import. Undo that first"):
        importer(house, first).undo()
    importer(house, second).undo()
    importer(house, first).undo()
    assert_is_as_before(house)


def test_two_imports_of_one_file_are_undone_together(house: House, file: Path) -> None:
    logs = past_logs(NOW, [COUNTER])
    importer(house, file).add(read(logs, Log.YEARS), 60)
    importer(house, file).add(read(logs, Log.MONTHS), 60)
    importer(house, file).undo()
    assert_is_as_before(house)


def test_who_is_no_administrator_is_told_so_first(house: House, file: Path) -> None:
    house.home.is_admin = False
    with pytest.raises(HomeAssistantError, match="the token is of Guest, who is not an admin"):
        importer(house, file)
    assert house.home.asked == ["auth/current_user"]


def test_an_entity_that_could_not_be_undone_is_not_imported(
    house: House, file: Path, histories: list[LogHistory]
) -> None:
    run = Importer(house.home, Record(file), "sensor.unregistered", Console(quiet=True), always)
    with pytest.raises(
        HomeAssistantError, match=r"sensor\.unregistered is not in Home Assistant's"
    ):
        run.add(histories, 60)
    assert house.home.values().keys() == house.originals.keys()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meter_log.home_assistant.WRITTEN_WITHIN", -1)
