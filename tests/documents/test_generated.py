"""script/generate finds and updates what is stale: whole files, and the tables in the pages."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from generate import GENERATED

from .pages import PAGES, ROOT

FOLDERS = (
    *("components", "docs", "example_configs", "lab/wiring", "script"),
    *("tests/integration/configs", "tests/virtual_meter"),
)
#: The tables of a page, with the calls that generate them.
TABLES = re.compile(r"(<!-- \[\[\[cog .+? \]\]\] -->\n)(.+?)(<!-- \[\[\[end\]\]\] -->)", re.S)


def _generate(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, root / "script" / "generate.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def _without_tables() -> dict[str, str]:
    """Return the pages that have tables, without these tables."""
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in PAGES}
    return {name: TABLES.sub(r"\1\3", text) for name, text in texts.items() if TABLES.search(text)}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a folder with generated files, and what generates them."""
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__", ".esphome")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for name in ("README.md", "tests/vectors.json"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_everything_stale_is_named_and_updated(copy: Path) -> None:
    pages = _without_tables()
    assert len(pages) > 3
    for name in GENERATED:
        with (copy / name).open("a", encoding="utf-8") as file:
            file.write("\n")
    for name, text in pages.items():
        (copy / name).write_text(text, "utf-8")
    result = _generate(copy, "--check")
    assert result.returncode == 1
    said = re.findall(r"^(?:stale:|Checking) (\S+)", result.stdout + result.stderr, re.M)
    assert sorted(said) == sorted([*GENERATED, *pages])
    assert _generate(copy).returncode == 0
    for name in (*GENERATED, *pages):
        assert (copy / name).read_text("utf-8") == (ROOT / name).read_text("utf-8"), name


@pytest.mark.parametrize("name", ["components/multical/unit_table.h", "docs/meters.md"])
def test_a_single_stale_table_is_a_failure(copy: Path, name: str) -> None:
    (copy / name).write_text(_without_tables().get(name, ""), "utf-8")
    result = _generate(copy, "--check")
    assert result.returncode == 1
    assert "run script/generate" in result.stderr
