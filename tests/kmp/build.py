"""Compiles the library under test together with a test's own sources."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from sysconfig import get_path

import pybind11

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
COMPONENT = ROOT / "components" / "multical"
CACHE = ROOT / ".cache" / "kmp"

COMPILER = os.environ.get("CXX", "g++")
WARNINGS = ("-std=gnu++20", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wdouble-promotion")

#: The protocol (kmp_*), and the decisions that are independent of ESPHome.
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
    """Run a program and return what it printed; if it fails, fail with all its output."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        words = " ".join(str(word) for word in command)
        raise AssertionError(f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def _made(name: str, content: Iterable[bytes], command: list[str | Path]) -> Path:
    """Return the file that a command writes; it runs only once for the same contents."""
    words = " ".join(str(word) for word in command)
    digest = hashlib.sha256(b"\0".join([words.encode(), *content])).hexdigest()[:16]
    stem, dot, suffix = name.partition(".")
    output = CACHE / f"{stem}-{digest}{dot}{suffix}"
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n")
    # Other processes of the same test run may want the same file.
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not output.exists():
            unfinished = output.with_name(f"unfinished-{output.name}")
            run(*command, "-o", unfinished)
            unfinished.rename(output)
    return output


def objects(
    name: str, sources: Iterable[Path], flags: Sequence[str], own_flags: Sequence[str] = ()
) -> list[Path]:
    """Compile sources; a result from the same contents is reused.

    own_flags: extra flags for sources that are not the component's.
    """
    headers = [path.read_bytes() for path in (*LIBRARY_HEADERS, *sorted(HERE.glob("*.h")))]

    def compiled(source: Path) -> Path:
        more_flags = own_flags if source.parent == HERE else ()
        command: list[str | Path] = [
            COMPILER,
            *WARNINGS,
            *flags,
            *more_flags,
            f"-I{COMPONENT}",
            "-c",
            source,
        ]
        return _made(f"{name}-{source.stem}.o", [source.read_bytes(), *headers], command)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(compiled, sources))


def build(
    name: str, sources: Iterable[Path], flags: Sequence[str], own_flags: Sequence[str] = ()
) -> Path:
    """Compile and link sources."""
    parts = objects(name.partition(".")[0], sources, flags, own_flags)
    return _made(name, [], [COMPILER, *flags, *parts])


def load(name: str, sources: Iterable[Path]) -> None:
    """Compile a Python module, for an import that follows.

    Uses the undefined behaviour sanitizer, whose checks include array bounds, and the checks of
    the standard library, such as those of an optional: an error ends the test run and names its
    place.
    """
    checks = ("-fsanitize=undefined", "-fno-sanitize-recover=all", "-D_GLIBCXX_ASSERTIONS")
    flags = ("-O1", "-g", "-shared", "-fPIC", *checks)
    # Optimising or checking all the code that pybind11 generates would take a minute.
    unchecked = "-fno-sanitize=alignment,null,nonnull-attribute,object-size,pointer-overflow,vptr"
    headers = (get_path("include"), pybind11.get_include())
    own_flags = ["-O0", "-g0", unchecked, "-fvisibility=hidden"]
    own_flags += [word for header in headers for word in ("-isystem", header)]
    path = build(f"{name}{EXTENSION_SUFFIXES[0]}", [*sources, *LIBRARY_SOURCES], flags, own_flags)
    loader = ExtensionFileLoader(name, str(path))
    spec = spec_from_loader(name, loader)
    assert spec is not None
    sys.modules[name] = module_from_spec(spec)
    loader.exec_module(sys.modules[name])
