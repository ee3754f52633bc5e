"""The compilers of the ESP8266 and the ESP32-C3, as far as Debian has them.

What they lack comes from three places: stubs/ declares what ESPHome's headers use from the Arduino
core and ESP-IDF; the C++ headers are those of a PC's compiler of the same version, because the
compilers' versions differ from each other; and their system-dependent parts are from Debian's
compiler for ARM. Nothing is linked against any of these, so an object file is the same as in the
real build, except for the addresses. For linking, the cores' own headers and all other chips there
is script/compile.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
CACHE = ROOT / ".cache" / "target"
#: Where `script/setup --system` unpacks them: one folder for each version below c++.
CXX_HEADERS = ROOT / ".cache" / "cxx-headers" / "usr" / "include"

#: Warnings are errors; -Wcast-align because an unaligned access crashes the ESP8266, and
#: -Wstack-usage (bytes of a function) because it has 4 KB of stack for everything, including
#: ESPHome and the network.
WARNINGS = (
    *("-Wall", "-Wextra", "-Werror", "-Wcast-align=strict", "-Wdouble-promotion"),
    "-Wstack-usage=320",
    # In ESPHome's own headers.
    *("-Wno-unused-parameter", "-Wno-missing-field-initializers", "-Wno-nonnull-compare"),
)
COMMON = (
    *("-std=gnu++20", "-Os", "-ffunction-sections", "-fdata-sections", "-fstack-usage"),
    *("-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"),
    "-DESPHOME_LOG_LEVEL=ESPHOME_LOG_LEVEL_DEBUG",
)


@dataclass(frozen=True)
class Object:
    """A compiled source."""

    path: Path
    target: Target

    @property
    def undefined(self) -> set[str]:
        """The symbols that it needs from elsewhere."""
        lines = self.target.tool("nm", "--undefined-only", "--format=posix", self.path)
        return {line.split()[0] for line in lines.splitlines()}

    @property
    def sections(self) -> dict[str, int]:
        """The sizes of its sections, by name without the function or variable in it."""
        sizes: dict[str, int] = {}
        for line in self.target.tool("size", "-A", "-d", self.path).splitlines():
            if match := re.match(r"(\.\S+)\s+(\d+)", line):
                name = re.sub(r"^(\.(?:text|rodata|data|bss|literal))\..*", r"\1", match[1])
                sizes[name] = sizes.get(name, 0) + int(match[2])
        return sizes


@dataclass(frozen=True)
class Target:
    """A processor.

    platform: its name in tests/components. prefix: of the compiler's programs. first: headers that
    each source includes before all others.
    """

    name: str
    platform: str
    prefix: str
    flags: tuple[str, ...]
    first: tuple[str, ...] = ()

    @property
    def missing(self) -> str:
        """What is not installed; empty if everything is."""
        if shutil.which(f"{self.prefix}-g++") is None:
            return f"no {self.prefix}-g++: script/setup --system installs it on Debian"
        for headers in (self._cxx_headers, CXX_HEADERS / "newlib"):
            if not headers.exists():
                return f"no {headers.relative_to(ROOT)}: script/setup --system makes it on Debian"
        return ""

    @cached_property
    def _cxx_headers(self) -> Path:
        version = self.tool("g++", "-dumpversion").partition(".")[0].strip()
        return CXX_HEADERS / "c++" / version

    @property
    def headers(self) -> list[str]:
        """The flags for the headers of C++ and C."""
        own = self._cxx_headers
        (system,) = (CXX_HEADERS / "newlib" / "c++").glob("*/arm-none-eabi")
        # Not -isystem: they must come before the headers of C, which they include in turn.
        folders = [f"-I{folder}" for folder in (own, system, own / "backward")]
        return [*folders, *[f"-include{name}" for name in self.first]]

    @property
    def command(self) -> list[str]:
        """The compiler, with all flags but the source and the warnings."""
        stubs = f"-I{HERE / 'stubs' / self.platform}"
        return [f"{self.prefix}-g++", *COMMON, *self.flags, *self.headers, stubs]

    def compile(self, tree: Path, source: str, warnings: Sequence[str] = WARNINGS) -> Object:
        """Compile a file of a generated tree, unless that was done before.

        tree: the folder `src`. Raises AssertionError with the compiler's output.
        """
        first = [name for name in FIRST_HEADERS if (tree / name).exists()]
        includes = ["-I.", *[f"-include{name}" for name in first]]
        command = [*self.command, *warnings, *includes, "-c", source]
        digest = hashlib.sha256("\0".join(command).encode())
        for path in [tree / source, *_inputs(tree)]:
            digest.update(path.name.encode() + path.read_bytes())
        output = CACHE / self.name / f"{Path(source).stem}-{digest.hexdigest()[:16]}.o"
        if not output.exists():
            output.parent.mkdir(parents=True, exist_ok=True)
            unfinished = unfinished_name(output)
            run(*command, "-o", unfinished, folder=tree)
            unfinished.with_suffix(".su").rename(output.with_suffix(".su"))
            unfinished.rename(output)
        return Object(output, self)

    def tool(self, name: str, *arguments: str | Path) -> str:
        """Run one of the compiler's programs and return what it printed."""
        return run(f"{self.prefix}-{name}", *arguments)


#: What the real build includes before each source, as far as this ESPHome and processor have it.
FIRST_HEADERS = ("esphome/components/esp8266/throw_stubs.h", "esphome/core/pch_prefix.h")

LX106 = Target(
    name="lx106",
    platform="esp8266",
    prefix="xtensa-lx106-elf",
    flags=(
        *("-mlongcalls", "-mtext-section-literals", "-falign-functions=4"),
        *("-DESP8266", "-DUSE_ESP8266", "-DUSE_ARDUINO", "-DUSE_ESP8266_FRAMEWORK_ARDUINO"),
        "-DF_CPU=80000000L",
    ),
    # How to print an integer; gcc 13 for this processor has a stdint.h that does not include it.
    first=("sys/_intsup.h",),
)
RV32 = Target(
    name="rv32imc",
    platform="esp32c3",
    prefix="riscv64-unknown-elf",
    flags=(
        *("-march=rv32imc_zicsr_zifencei", "-mabi=ilp32", "--specs=picolibc.specs"),
        *("-D_GNU_SOURCE", "-DUSE_ESP32", "-DUSE_ESP32_VARIANT_ESP32C3"),
        *("-DUSE_ESP_IDF", "-DUSE_ESP32_FRAMEWORK_ESP_IDF"),
    ),
)
TARGETS = (LX106, RV32)


def _inputs(tree: Path) -> Iterable[Path]:
    """What a file of the tree depends on; for ESPHome's own sources the version counts."""
    component = tree / "esphome" / "components" / "multical"
    return [
        tree / "esphome" / "core" / "defines.h",
        tree / "esphome" / "core" / "version.h",
        *sorted(tree.glob("*.h")),
        *sorted(component.rglob("*.h")),
        *sorted((HERE / "stubs").rglob("*.h")),
    ]


def unfinished_name(path: Path) -> Path:
    """Return where a file is written until it is complete; each process has its own place."""
    return path.with_name(f"{path.stem}-{os.getpid()}{path.suffix}")


def run(*command: str | Path, folder: Path | None = None) -> str:
    """Run a program and return what it printed; if it fails, fail with all its output."""
    # An emulated program that goes wrong may never end.
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode != 0:
        words = " ".join(map(str, command))
        raise AssertionError(f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
