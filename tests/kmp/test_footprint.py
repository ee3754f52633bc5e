"""What the library needs: no heap, no global state, nothing from ESPHome."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kmp.build import COMPILER, LIBRARY_HEADERS, LIBRARY_SOURCES, WARNINGS, objects, run

FLAGS = ("-Os", "-fno-exceptions", "-fno-rtti")
SYSTEM_HEADERS = {
    *("algorithm", "cinttypes", "cmath", "cstddef", "cstdint", "cstdio", "optional", "span")
}
#: System functions that neither allocate nor store anything.
SYSTEM_FUNCTIONS = re.compile(r"memcpy|memmove|memset|strlen|snprintf")
#: The mangled names of functions in namespace esphome::multical.
OWN_FUNCTIONS = re.compile(r"_ZNK?7esphome8multical\w+")
#: Needs doubles: a float has too few bits for a meter's numbers.
WITH_DOUBLE = "kmp_value.cpp"
WITHOUT_SOURCE = sorted({*LIBRARY_HEADERS} - {path.with_suffix(".h") for path in LIBRARY_SOURCES})


def symbols(which: str) -> list[list[str]]:
    """Return name and kind of the library's symbols; which: an option of nm."""
    command = ("nm", f"--{which}-only", "--format=posix", "--quiet")
    output = run(*command, *objects("footprint", LIBRARY_SOURCES, FLAGS))
    return [words for line in output.splitlines() if len(words := line.split()) > 1]


def test_no_heap() -> None:
    """No new and delete, no malloc, no std::string, no exceptions, no static objects."""
    names = {name for name, *_ in symbols("undefined")}
    assert names
    for name in names:
        assert SYSTEM_FUNCTIONS.fullmatch(name) or OWN_FUNCTIONS.fullmatch(name), name


def test_no_global_state() -> None:
    """Only constants: no symbol is in a writable section."""
    defined = symbols("defined")
    assert len(defined) > len(LIBRARY_SOURCES)
    for name, kind, *_ in defined:
        assert kind not in "dDbBC", name


@pytest.mark.parametrize("path", [*LIBRARY_SOURCES, *LIBRARY_HEADERS], ids=lambda path: path.name)
def test_includes(path: Path) -> None:
    """The library's own headers and a few of C++; its own come first, so each stands alone."""
    names = re.findall(r"^\s*#\s*include\s*(\S+)", path.read_text("utf-8"), re.MULTILINE)
    own = {f'"{header.name}"' for header in LIBRARY_HEADERS}
    assert set(names) <= own | {f"<{name}>" for name in SYSTEM_HEADERS}
    if path.suffix == ".cpp":
        assert names[0] == f'"{path.stem}.h"'


@pytest.mark.parametrize("path", WITHOUT_SOURCE, ids=lambda path: path.name)
def test_header_stands_alone(path: Path, tmp_path: Path) -> None:
    """It includes everything it needs."""
    source = tmp_path / "header.cpp"
    source.write_text(f'#include "{path}"\n')
    # The table's constants are static and unused here.
    run(COMPILER, *WARNINGS, "-Wno-unused-variable", "-fsyntax-only", source)


@pytest.mark.parametrize("path", [*LIBRARY_SOURCES, *LIBRARY_HEADERS], ids=lambda path: path.name)
def test_no_double(path: Path) -> None:
    """No double by name, no number without an f; promoting a float does not compile."""
    code = re.sub(r"/\*.*?\*/|//.*?$", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    found = re.search(r"\bdouble\b|\b\d+\.\d+(e-?\d+)?(?![\w.])", code)
    assert (found is not None) == (path.name == WITH_DOUBLE)
