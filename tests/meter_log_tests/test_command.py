"""script/history as an owner types it."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from meter_log.codec import GET_SERIAL, METER_ADDRESS, Direction, Frame, encode_frame
from meter_log.demo import DemoPort

from .command import history


def test_read_again_and_csv(tmp_path: Path) -> None:
    """Everything in one file; what it has is not asked for again, and it is enough for a table."""
    first = history("read", "--demo", folder=tmp_path)
    assert first.returncode == 0, first.stderr
    assert max(map(len, first.stdout.splitlines())) <= 80
    for words in ("years", "months", "460 of 460 rows", "1400 of 1400 rows", "demo.jsonl"):
        assert words in first.stdout
    lines = [json.loads(line) for line in (tmp_path / "demo.jsonl").read_text().splitlines()]
    exchanges = [line for line in lines if "request" in line]
    rows = [line for line in lines if "id" in line]
    assert len(rows) > 1890

    history("read", "--demo", folder=tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "demo.jsonl").read_text().splitlines()]
    again = [line for line in lines if "request" in line][len(exchanges) :]
    # Which meter it is, and its clock.
    assert [each["request"][4:6] for each in again] == ["02", "10"]

    table = list(csv.reader(history("csv", "demo.jsonl", folder=tmp_path).stdout.splitlines()))
    assert table[0] == ["log", "id", "time (standard time)", "60 heat_energy", "68 volume"]
    assert len(table) == len(rows) + 1
    assert table[-1][:2] == ["hours", str(rows[-1]["id"])]
    assert table[-1][3] == rows[-1]["values"]["60"][0]


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_csv_for_the_integration_import_statistics(tmp_path: Path, delimiter: str) -> None:
    """Every hour once, in UTC, and the sum begins with 0 and never falls."""
    # The standard time of Copenhagen, which is what a meter there shows.
    history("read", "--demo", folder=tmp_path, TZ="Etc/GMT-1")
    where = ("csv", "demo.jsonl", "--statistic", "sensor.heat", "--time-zone")
    tab = ("--tab",) if delimiter == "\t" else ()
    result = history(*where, "Europe/Copenhagen", "--unit", "MWh", *tab, folder=tmp_path)
    assert result.returncode == 0, result.stderr
    first, *table = csv.reader(result.stdout.splitlines(), delimiter=delimiter)
    assert first == ["statistic_id", "unit", "start", "state", "sum"]
    assert len(table) > 1800
    assert {(row[0], row[1]) for row in table} == {("sensor.heat", "MWh")}
    starts = [datetime.strptime(row[2], "%d.%m.%Y %H:%M").replace(tzinfo=UTC) for row in table]
    assert starts == sorted(set(starts))
    assert all(start.minute == 0 for start in starts)
    assert datetime.now(UTC) - starts[-1] < timedelta(hours=3)
    sums = [Decimal(row[4]) for row in table]
    assert sums[0] == 0
    assert sums == sorted(sums)
    assert [Decimal(row[3]) - total for row, total in zip(table, sums, strict=True)] == [
        Decimal(table[0][3])
    ] * len(table)

    other = history(*where, "America/New_York", folder=tmp_path)
    assert other.returncode == 1
    assert "the meter's clock was 360 minutes ahead of the standard time of" in other.stderr


def import_(folder: Path, file: str) -> str:
    """Try to import a file into a Home Assistant that is not there; return what was said."""
    url = "http://127.0.0.1:9"
    arguments = ("import", file, "--home-assistant", url, "--entity", "sensor.a")
    result = history(*arguments, folder=folder, HOME_ASSISTANT_TOKEN="token")
    assert result.returncode == 1
    return result.stderr


def without_the_demo(text: str) -> str:
    """Return the lines of a file as if a real meter had been read."""
    demo, real = (encode(number) for number in (DemoPort.SERIAL_NUMBER, 6892850))
    assert text.count(demo) >= 1
    return text.replace(demo, real)


def encode(serial_number: int) -> str:
    """Return the reply that tells a serial number."""
    frame = Frame(METER_ADDRESS, GET_SERIAL, serial_number.to_bytes(4))
    return encode_frame(Direction.FROM_METER, frame).hex().upper()


def test_only_all_of_a_real_meter_is_imported(tmp_path: Path) -> None:
    """What is missing between two rows could not be added later."""
    history("read", "--demo", "--log", "months", folder=tmp_path)
    demo = tmp_path / "demo.jsonl"
    assert "demo.jsonl is of the virtual meter" in import_(tmp_path, "demo.jsonl")
    part = tmp_path / "part.jsonl"
    part.write_text(without_the_demo(demo.read_text()))
    assert "does not have every row of years, days, hours" in import_(tmp_path, "part.jsonl")
    history("read", "--demo", folder=tmp_path)
    part.write_text(without_the_demo(demo.read_text()))
    assert "no Home Assistant at http://127.0.0.1:9" in import_(tmp_path, "part.jsonl")
    # Broken off after the months.
    lines = part.read_text().splitlines(keepends=True)
    end = max(i for i, line in enumerate(lines) if '"803FB80503' in line)
    part.write_text("".join(lines[: end + 4]))
    assert "does not have every row of " in import_(tmp_path, "part.jsonl")
    # Some of the hours are there, and not all.
    pages = [i for i, line in enumerate(lines) if '"803FB81BF905' in line]
    part.write_text("".join(lines[: pages[len(pages) // 2]]))
    assert "does not have every row of hours" in import_(tmp_path, "part.jsonl")


def test_file_of_another_meter_is_refused(tmp_path: Path) -> None:
    history("read", "--demo", "--log", "years", folder=tmp_path)
    demo = tmp_path / "demo.jsonl"
    demo.write_text(without_the_demo(demo.read_text()))
    result = history("read", "--demo", folder=tmp_path)
    assert result.returncode == 1
    assert (
        "history: this is meter 99999999, and demo.jsonl is of meter 6892850. Give another --file"
        in result.stderr
    )


def test_several_readings_into_one_file_are_all_in_the_table(tmp_path: Path) -> None:
    """Also when the last one failed, asked for a register twice or was cut by a power failure."""
    history("read", "--demo", "--log", "years", "--register", "60", folder=tmp_path)
    history("read", "--demo", "--log", "months", "--log", "months", folder=tmp_path)
    file = tmp_path / "demo.jsonl"
    file.write_text(file.read_text() + '{"request": "803F')
    history("read", "--port", "/dev/nothing", "--file", "demo.jsonl", folder=tmp_path)
    table = list(csv.reader(history("csv", "demo.jsonl", folder=tmp_path).stdout.splitlines()))
    assert {row[0] for row in table[1:]} == {"years", "months"}
    assert all(row[3] and row[4] for row in table[1:])


def test_what_460_days_of_two_registers_cost(tmp_path: Path) -> None:
    """The end of the output says it: as little as docs/history.md promises."""
    result = history("read", "--demo", "--log", "days", folder=tmp_path)
    figures = re.search(r"On the line: (\d+) requests, ([\d,]+) bytes, \d+ s\.", result.stdout)
    assert figures
    lines = [json.loads(line) for line in (tmp_path / "demo.jsonl").read_text().splitlines()]
    exchanges = [line for line in lines if "request" in line]
    assert (
        int(figures[1]) == len(exchanges) <= 22
    )  # two of them ask which meter it is, and its clock
    size = sum(len(bytes.fromhex(each["request"] + each["reply"])) for each in exchanges)
    assert int(figures[2].replace(",", "")) == size < 5000


def test_list(tmp_path: Path) -> None:
    result = history("list", "--demo", folder=tmp_path)
    assert result.returncode == 0, result.stderr
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "348 meter_time" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("csv", "nothing.jsonl"), "there is no nothing.jsonl. 'script/history read' makes it"),
        (("csv", "other.jsonl"), "other.jsonl, line 2: this is not a line that script/history"),
        (("csv", "empty.jsonl"), "empty.jsonl has nothing in it"),
        (("csv", "other.jsonl", "--statistic", "sensor.a"), "--statistic and --time-zone belong"),
        (("csv", "other.jsonl", "--time-zone", "UTC"), "--statistic and --time-zone belong"),
        (("read", "--port", "/dev/nothing"), "/dev/nothing cannot be opened: "),
        (("read", "--host", "127.0.0.1", "--api-port", "9"), "no connection to 127.0.0.1:9. "),
        (
            ("import", "empty.jsonl", "--home-assistant", "http://127.0.0.1:9", "--entity", "x"),
            "empty.jsonl has nothing in it",
        ),
    ],
)
def test_refusals(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "other.jsonl").write_text(
        '{"plan": {"logs": [], "registers": [], "rows": 1}}\n{"request": 5}\n'
    )
    (tmp_path / "empty.jsonl").write_text("")
    result = history(*arguments, folder=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith(f"history: {said}")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("weeks",), "invalid choice: 'weeks'"),
        (("read",), "one of the arguments --host --port --demo is required"),
        (("read", "--demo", "--log", "weeks"), "invalid choice: 'weeks'"),
        (("csv", "a", "--statistic", "heat"), "'heat' is not an entity such as sensor.heat_meter"),
        (
            ("csv", "a", "--time-zone", "Mars"),
            "'Mars' is not a time zone such as Europe/Copenhagen",
        ),
        (
            ("csv", "a", "--time-zone", "../a"),
            "'../a' is not a time zone such as Europe/Copenhagen",
        ),
        (("read", "--demo", "--count", "0"), "'0' is not a whole number from 1 to 10000"),
        (
            ("read", "--demo", "--register", "heat"),
            "argument --register: 'heat' is not a whole number from 1 to 65535",
        ),
    ],
)
def test_wrong_arguments(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    result = history(*arguments, folder=tmp_path)
    assert result.returncode == 2
    assert said in result.stderr
