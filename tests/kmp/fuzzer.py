"""Runs the fuzzer, a program of its own with sanitizers, and reads its output."""

from __future__ import annotations

import json

from kmp.build import HERE, LIBRARY_SOURCES, build, run

FLAGS = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
SEED = "1"


def fuzz_faults(count: int) -> dict[str, dict[str, int]]:
    """Spoil this many answers; return the counts for each kind of fault, and for "all"."""
    program = build("fuzz_faults", [HERE / "fuzz_faults.cpp", *LIBRARY_SOURCES], FLAGS)
    counts: dict[str, dict[str, int]] = json.loads(run(program, SEED, str(count)))
    return counts
