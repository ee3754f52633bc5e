"""What the library needs of the world: no heap, no global state, nothing of ESPHome."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from kmp.build import COMPILER, LIBRARY_HEADERS, LIBRARY_SOURCES, WARNINGS, run

FLAGS = (*WARNINGS, "-Wdouble-promotion", "-Os", "-fno-exceptions", "-fno-rtti")
SYSTEM_HEADERS = {
    *("algorithm", "cinttypes", "cmath", "cstddef", "cstdint", "cstdio", "optional", "span")
}
#: Functions of the system that neither allocate nor keep anything.
SYSTEM_FUNCTIONS = re.compile(r"memcpy|memmove|memset|strlen|snprintf")
#: The mangled names of functions in namespace esphome::multical.
OWN_FUNCTIONS = re.compile(r"_ZNK?7esphome8multical\w+")
#: The one function that computes with doubles: a float has too few bits for a meter's numbers.
WITH_DOUBLE = "kmp::to_float"


class Compiled(NamedTuple):
    """One source: its object file, and the code as the compiler's last step sees it."""

    object: Path
    code: str


@pytest.fixture(scope="module", params=LIBRARY_SOURCES, ids=lambda path: path.name)
def compiled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    source: Path = request.param
    folder = tmp_path_factory.mktemp(source.stem)
    output, code = folder / "object.o", folder / "code.txt"
    run(COMPILER, *FLAGS, f"-fdump-tree-optimized={code}", "-c", source, "-o", output)
    return Compiled(output, code.read_text())


def test_no_heap(compiled: Compiled) -> None:
    """Neither new and delete nor malloc, no std::string, no exceptions, no static objects."""
    names = run("nm", "--undefined-only", "--format=posix", compiled.object).splitlines()
    for name in (line.split()[0] for line in names):
        assert SYSTEM_FUNCTIONS.fullmatch(name) or OWN_FUNCTIONS.fullmatch(name), name


def test_no_global_state(compiled: Compiled) -> None:
    """Constants only: no symbol in a section that can be written to."""
    symbols = run("nm", "--defined-only", "--format=posix", compiled.object).splitlines()
    assert symbols
    for name, kind in (line.split()[:2] for line in symbols):
        assert kind not in "dDbBC", name


def test_no_double(compiled: Compiled) -> None:
    """Not even between two steps of a calculation, but for one function."""
    functions = re.split(r"^;; Function ", compiled.code, flags=re.MULTILINE)[1:]
    assert functions
    found = [code.splitlines()[0] for code in functions if re.search(r"\bdouble\b", code)]
    if compiled.object.parent.name.startswith("kmp_value"):
        assert len(found) == 1
        assert WITH_DOUBLE in found[0]
    else:
        assert found == []


@pytest.mark.parametrize("path", [*LIBRARY_SOURCES, *LIBRARY_HEADERS], ids=lambda path: path.name)
def test_includes(path: Path) -> None:
    """The library's own headers and a few of C++."""
    names = re.findall(r"^\s*#\s*include\s*(\S+)", path.read_text("utf-8"), re.MULTILINE)
    own = {f'"{header.name}"' for header in LIBRARY_HEADERS}
    assert set(names) <= own | {f"<{name}>" for name in SYSTEM_HEADERS}


@pytest.mark.parametrize("path", LIBRARY_SOURCES, ids=lambda path: path.name)
def test_dependencies(path: Path) -> None:
    """What the compiler opens beside the system's headers lies next to the source."""
    rule = run(COMPILER, *FLAGS, "-MM", path).replace("\\\n", " ")
    files = {Path(name).resolve() for name in rule.split(":", 1)[1].split()}
    assert files <= {*LIBRARY_SOURCES, *LIBRARY_HEADERS}


@pytest.mark.parametrize("path", LIBRARY_HEADERS, ids=lambda path: path.name)
def test_header_stands_alone(path: Path, tmp_path: Path) -> None:
    """Each header includes what it needs."""
    source = tmp_path / "header.cpp"
    source.write_text(f'#include "{path}"\n')
    # The table's constants are static and unused here.
    run(COMPILER, *FLAGS, "-Wno-unused-variable", "-fsyntax-only", source)
