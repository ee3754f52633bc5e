"""Runs the fuzzers, which are programs of their own with sanitizers, and reads what they print."""

from __future__ import annotations

import re

from kmp.build import HERE, LIBRARY_SOURCES, build, run

FLAGS = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
SEED = "1"


def run_fuzzer(name: str, count: int, stdin: str = "") -> str:
    """Run a fuzzer; return what it printed."""
    program = build(name, [HERE / f"{name}.cpp", *LIBRARY_SOURCES], FLAGS)
    return run(program, SEED, str(count), stdin=stdin)


def read_tables(output: str) -> list[dict[str, dict[str, int]]]:
    """Return the tables that were printed: the name of each row, and its numbers by column."""
    tables: list[dict[str, dict[str, int]]] = []
    columns: list[str] = []
    for line in output.splitlines():
        name, *cells = re.split(r"\s{2,}", line)
        if cells and all(cell.isdecimal() for cell in cells):
            tables[-1][name] = dict(zip(columns, map(int, cells), strict=True))
        elif cells:
            columns = cells
            tables.append({})
    return tables
