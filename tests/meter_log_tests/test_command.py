"""script/history as an owner types it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from .command import history


def test_read_again_and_csv(tmp_path: Path) -> None:
    """Everything in one file; what it has is not asked for again, and it is enough for a table."""
    first = history("read", "--demo", folder=tmp_path)
    assert first.returncode == 0, first.stderr
    assert max(map(len, first.stdout.splitlines())) <= 80
    for words in ("years", "months", "460 of 460 rows", "1400 of 1400 rows", "history.jsonl"):
        assert words in first.stdout
    lines = [json.loads(line) for line in (tmp_path / "history.jsonl").read_text().splitlines()]
    exchanges = [line for line in lines if "request" in line]
    rows = [line for line in lines if "id" in line]
    assert len(rows) > 1890

    history("read", "--demo", folder=tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "history.jsonl").read_text().splitlines()]
    again = [line for line in lines if "request" in line][len(exchanges) :]
    # Which meter it is, and its clock.
    assert [each["request"][4:6] for each in again] == ["02", "10"]

    table = list(csv.reader(history("csv", "history.jsonl", folder=tmp_path).stdout.splitlines()))
    assert table[0] == ["log", "id", "time (standard time)", "60 heat_energy", "68 volume"]
    assert len(table) == len(rows) + 1
    assert table[-1][:2] == ["hours", str(rows[-1]["id"])]
    assert table[-1][3] == rows[-1]["values"]["60"][0]


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
        (("read", "--demo", "--register", "heat"), "argument --register: invalid int value"),
    ],
)
def test_wrong_arguments(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    result = history(*arguments, folder=tmp_path)
    assert result.returncode == 2
    assert said in result.stderr
