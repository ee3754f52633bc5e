"""Spoil the C++ in one place at a time, and show what no test notices.

What survives is either a test that is missing, or makes no difference. Works on a copy of the
project. 100 places take about half an hour on two cores.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kmp.build import COMPONENT, LIBRARY_SOURCES, ROOT

#: What is spoiled, and what it becomes. A number becomes the next one.
SPOILED = {
    r" <= ": " < ",
    r" < ": " <= ",
    r" >= ": " > ",
    r" > ": " >= ",
    r" == ": " != ",
    r" != ": " == ",
    r" && ": " || ",
    r" \|\| ": " && ",
    r" \+ ": " - ",
    r" - ": " + ",
    r" \* ": " / ",
    r" & ": " | ",
    r" << ": " >> ",
    r"\+\+": "--",
    r"(?<=[( ])!(?=[a-z(])": "",
    r"\btrue\b": "false",
    r"\bfalse\b": "true",
    r"\bbreak;": ";",
    r"\bcontinue;": ";",
    r"\breturn;": ";",
    r"\breturn (?=[^;]*\bhas_value\b|[^;]*==)": "return !",
    r"(?<=^    )this->\w+(\.\w+)*\(.*\);$": ";",
    r"(?<=^  )this->\w+(\.\w+)*\(.*\);$": ";",
    r"\b\d+\b": "+1",
}
_PATTERN = {re.compile(pattern): new for pattern, new in SPOILED.items()}
#: Lines in which nothing decides.
_IDLE = re.compile(
    r"^\s*(#|//|/?\*|template|static_assert|using |inline constexpr char)|ESP_LOG|\""
)


@dataclass(frozen=True)
class Place:
    """Where a file is spoiled. line: from 1."""

    path: Path
    line: int
    old: str
    new: str

    def __str__(self) -> str:
        """Show it as compilers show a place."""
        return f"{self.path}:{self.line}: {self.old.strip()}  ->  {self.new.strip()}"


def places(path: Path) -> Iterator[Place]:
    """Yield everything that can be spoiled in a file."""
    for number, line in enumerate((ROOT / path).read_text("utf-8").splitlines(), 1):
        if _IDLE.search(line):
            continue
        code, comment, rest = line.partition("//")
        for pattern, new in _PATTERN.items():
            for match in pattern.finditer(code):
                text = str(int(match[0]) + 1) if new == "+1" else new
                spoiled = code[: match.start()] + text + code[match.end() :]
                yield Place(path, number, line, spoiled + comment + rest)


@contextmanager
def _spoiled(file: Path, place: Place) -> Iterator[None]:
    right = file.read_text("utf-8")
    lines = right.split("\n")
    lines[place.line - 1] = place.new
    file.write_text("\n".join(lines), "utf-8")
    try:
        yield
    finally:
        file.write_text(right, "utf-8")


def _compiles(file: Path) -> bool:
    """Tell whether a file compiles; of what includes ESPHome only the tests can tell."""
    if file.name not in {path.name for path in LIBRARY_SOURCES}:
        return True
    command = ["g++", "-std=gnu++20", "-fsyntax-only", str(file)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _pass(copy: Path, tests: list[str], timeout: int) -> bool:
    """Tell whether the tests pass; what never ends does not."""
    python = str(copy / ".venv" / "bin" / "python")
    command = [python, "-m", "pytest", "-x", "-p", "no:cacheprovider", "-n", "auto", *tests]
    try:
        result = subprocess.run(
            command, cwd=copy, capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return result.returncode == 0


def _copied(folder: Path) -> Path:
    """Copy the project, without what is made anew."""
    copy = folder / "project"
    left_out = shutil.ignore_patterns(".venv*", ".cache", ".git", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=left_out, symlinks=True)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    return copy


def main() -> int:
    """Spoil, test and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="script/mutate", description=__doc__)
    pure = " ".join(path.name for path in LIBRARY_SOURCES)
    parser.add_argument("--count", type=int, default=100, help="places (default: 100)")
    parser.add_argument("--seed", type=int, default=1, help="another choice of places")
    parser.add_argument(
        "--files",
        default=pure,
        help="which, below components/multical; several with spaces, * allowed (default: the "
        "sources without ESPHome)",
    )
    parser.add_argument("--tests", default="tests/kmp", help="default: tests/kmp")
    parser.add_argument("--timeout", type=int, default=600, help="seconds for the tests")
    options = parser.parse_args()
    tests = options.tests.split()

    files = sorted({path for name in options.files.split() for path in COMPONENT.glob(name)})
    found = [place for path in files for place in places(path.relative_to(ROOT))]
    if not found:
        parser.error(f"--files '{options.files}': nothing to spoil")
    random.Random(options.seed).shuffle(found)
    tried = noticed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = _copied(Path(folder))
        if not _pass(copy, tests, 3600):
            print("mutate: the tests fail although nothing is spoiled", file=sys.stderr)
            return 1
        for place in found:
            if tried == options.count:
                break
            file = copy / place.path
            with _spoiled(file, place):
                if not _compiles(file):
                    continue
                tried += 1
                if not _pass(copy, tests, options.timeout):
                    noticed += 1
                else:
                    print(f"nobody noticed: {place}", flush=True)
    print(f"{noticed} of {tried} were noticed ({noticed / tried:.0%}); {len(found)} places in all")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
