"""Runs the fuzzer, which is a program of its own with sanitizers, and reads what it prints."""

from __future__ import annotations

import json

from kmp.build import HERE, LIBRARY_SOURCES, build, run

FLAGS = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
SEED = "1"


def fuzz_faults(count: int) -> dict[str, dict[str, int]]:
    """Spoil so many answers; return the counts of each kind of fault, and of "all"."""
    program = build("fuzz_faults", [HERE / "fuzz_faults.cpp", *LIBRARY_SOURCES], FLAGS)
    counts: dict[str, dict[str, int]] = json.loads(run(program, SEED, str(count)))
    return counts
