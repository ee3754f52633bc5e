"""Break the C++ in one place at a time, and show what no test notices.

Where nothing is noticed, a test is missing or the change makes no difference. Works on a copy of
the project. 100 places in the sources without ESPHome take about half an hour on two cores. All
other sources need a firmware. It is built once with all places in it, and run once for each: 40
take about an hour.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import one_build
from kmp.build import COMPONENT, LIBRARY_HEADERS, LIBRARY_SOURCES, ROOT

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
#: What compiles without ESPHome.
_PURE = frozenset((*LIBRARY_SOURCES, *LIBRARY_HEADERS))

#: The configurations below tests/integration/configs with which everything is compiled.
FIRMWARES = ("every_key", "faults", "on_demand", "two_meters", "serial_proxy", "every_energy_unit")

#: Runs the tests while a place acts, and tells whether they pass.
type Trial = Callable[[int], bool]


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


def in_turn(copy: Path, found: Iterable[Place], trial: Trial) -> Iterator[tuple[Place, bool]]:
    """Write one place at a time; yield it and whether the tests pass, if it compiles."""
    for place in found:
        file = copy / place.path
        right = file.read_text("utf-8")
        lines = right.split("\n")
        lines[place.line - 1] = place.new
        file.write_text("\n".join(lines), "utf-8")
        command = ["g++", "-std=gnu++20", "-fsyntax-only", str(file)]
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            yield place, trial(0)
        file.write_text(right, "utf-8")


def build_all(copy: Path, found: Sequence[Place]) -> dict[int, Place]:
    """Write all places and compile the firmwares; return those that compile, by their number."""
    (copy / COMPONENT.relative_to(ROOT) / one_build.HEADER_NAME).write_text(one_build.HEADER)
    numbered = dict(enumerate(found, 1))
    while True:
        print(f"{len(numbered)} places in one build", file=sys.stderr, flush=True)
        for path in {place.path for place in found}:
            there = {n: place for n, place in numbered.items() if place.path == path}
            (copy / path).write_text(_with_choices(path, there), "utf-8")
        broken = _broken_lines(copy)
        if not broken:
            return numbered
        left = {
            number: place
            for number, place in numbered.items()
            if (place.path.name, place.line) not in broken
        }
        if len(left) == len(numbered):
            raise SystemExit(f"mutate: does not compile: {sorted(broken)}")
        numbered = left


def _with_choices(path: Path, numbered: Mapping[int, Place]) -> str:
    """Return a file with all its places, below one line more."""
    lines = (ROOT / path).read_text("utf-8").split("\n")
    spoiled: defaultdict[int, dict[int, str]] = defaultdict(dict)
    for number, place in numbered.items():
        spoiled[place.line][number] = place.new
    for line, news in spoiled.items():
        chosen = one_build.with_choice(lines[line - 1], news)
        assert chosen is not None, "each place was tried alone, and a line has one form"
        lines[line - 1] = chosen
    return "\n".join([one_build.INCLUDE, *lines])


def _broken_lines(copy: Path) -> set[tuple[str, int]]:
    """Compile all firmwares of the tests; return the files and lines of errors."""
    build = "import sys\nfrom integration.bench import firmware\nfirmware(sys.argv[1])"
    broken = set()
    for name in FIRMWARES:
        done = subprocess.run(
            [str(copy / ".venv/bin/python"), "-c", build, name],
            cwd=copy,
            env=os.environ | {"PYTHONPATH": "tests:script:components"},
            capture_output=True,
            text=True,
            check=False,
        )
        found = one_build.broken_lines(done.stderr)
        if done.returncode != 0 and not found:
            raise SystemExit(f"mutate: {name} does not compile\n{done.stderr[-3000:]}")
        broken |= {(file, line - 1) for file, line in found}
    return broken


def _spoilable(names: Iterable[str]) -> list[Place]:
    """Return all places of files below components/multical."""
    files = sorted({path for name in names for path in COMPONENT.glob(name)})
    return [place for path in files for place in places(path.relative_to(ROOT))]


def _failure(copy: Path, tests: Sequence[str], processes: str, timeout: int, number: int) -> str:
    """Return the end of what failing tests print, or nothing; what never ends fails, too."""
    python = str(copy / ".venv" / "bin" / "python")
    command = [python, "-m", "pytest", "-x", "-p", "no:cacheprovider"]
    command += ["--numprocesses", processes, "--dist", "loadgroup", *tests]
    try:
        result = subprocess.run(
            command,
            cwd=copy,
            env=os.environ | {one_build.CHOICE: str(number)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"not done after {timeout} s"
    return result.stdout[-2000:] if result.returncode else ""


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
    parser.add_argument(
        "--tests", help="default: tests/kmp, or tests/integration where a firmware is needed"
    )
    parser.add_argument("--timeout", type=int, default=600, help="seconds for the tests")
    options = parser.parse_args()

    found = _spoilable(options.files.split())
    is_pure = all(ROOT / place.path in _PURE for place in found)
    if not is_pure:
        found = [place for place in found if one_build.with_choice(place.old, {0: place.new})]
    if not found:
        parser.error(f"--files '{options.files}': nothing to spoil")
    random.Random(options.seed).shuffle(found)
    tests = (options.tests or ("tests/kmp" if is_pure else "tests/integration")).split()
    # The tests of a firmware wait most of the time.
    processes = "auto" if is_pure else "16"
    tried = noticed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = _copied(Path(folder))

        def passes(number: int) -> bool:
            return not _failure(copy, tests, processes, options.timeout, number)

        # Some do not compile.
        numbered = {} if is_pure else build_all(copy, found[: 2 * options.count])
        if failure := _failure(copy, tests, processes, 3600, 0):
            print(f"{failure}\nmutate: the tests fail although nothing is spoiled", file=sys.stderr)
            return 1
        results = (
            in_turn(copy, found, passes)
            if is_pure
            else ((place, passes(number)) for number, place in numbered.items())
        )
        for place, is_unnoticed in islice(results, options.count):
            tried += 1
            noticed += not is_unnoticed
            if is_unnoticed:
                print(f"nobody noticed: {place}", flush=True)
    print(f"{noticed} of {tried} were noticed ({noticed / tried:.0%}); {len(found)} places in all")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
