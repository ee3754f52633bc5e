"""Compiles the library under test, with what a test puts around it."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
COMPONENT = ROOT / "components" / "multical"
CACHE = ROOT / ".cache" / "kmp"

COMPILER = os.environ.get("CXX", "g++")
WARNINGS = ("-std=gnu++20", "-Wall", "-Wextra", "-Werror", "-Wconversion")

#: The protocol (kmp_*), and what decides without knowing ESPHome.
PURE = (
    "kmp_*",
    "asker*",
    "energy_total",
    "found_register",
    "info_codes",
    "interval_schedule",
    "link_health",
    "reading_plan",
    "register_entity",
    "silent_register_search",
    "total_guard",
)
LIBRARY_SOURCES = sorted(path for name in PURE for path in COMPONENT.glob(f"{name}.cpp"))
LIBRARY_HEADERS = sorted(
    path for name in (*PURE, "*_table") for path in COMPONENT.glob(f"{name}.h")
)


def run(*command: str | Path, stdin: str = "") -> str:
    """Run a program and return what it printed; when it fails, fail with everything it said."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        words = " ".join(str(word) for word in command)
        raise AssertionError(f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def build(name: str, sources: Iterable[Path], flags: Iterable[str]) -> Path:
    """Compile and link sources; do nothing when that was done before with the same contents."""
    sources = list(sources)
    flags = [*WARNINGS, *flags, f"-I{COMPONENT}"]
    content = hashlib.sha256(" ".join([COMPILER, *flags]).encode())
    for path in [*sources, *LIBRARY_HEADERS, *sorted(HERE.glob("*.h"))]:
        content.update(path.name.encode() + path.read_bytes())
    path = Path(name)
    output = CACHE / f"{path.stem}-{content.hexdigest()[:16]}{path.suffix}"
    if not output.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        (CACHE / ".gitignore").write_text("*\n")
        # Renamed when complete: another test run may be looking for the same file.
        unfinished = output.with_name(f"{os.getpid()}-{output.name}")
        run(COMPILER, *flags, *sources, "-o", unfinished)
        unfinished.rename(output)
    return output
