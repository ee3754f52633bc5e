"""Every file compiles for the processors without a warning, and keeps the component's rules."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from .conftest import Compiled
from .toolchain import ROOT, WARNINGS, Object, Target, run

COMPONENT = ROOT / "components" / "multical"

#: Bytes. The ESP8266 has 4 KB of stack for everything, ESPHome and the network included.
LARGEST_FRAME = 512

#: What compilers call arithmetic with doubles, conversions to and from them included.
DOUBLE = re.compile(r"__\w*df\w*|\w*(double|\bldexp|\bpow|\bfloor|\bround)\b")
#: Where the one function that computes with doubles is, and what it may use: these are in the ROM
#: of an ESP8266. What is not would be linked in, and take RAM.
WITH_DOUBLE = "kmp_value.cpp"
DOUBLE_IN_ROM = {
    *("__adddf3", "__muldf3", "__divdf3", "__floatsidf", "__floatunsidf", "__truncdfsf2"),
}
#: Whatever takes or gives back memory.
HEAP = re.compile(r"_Zn[wa]\w*|_Zd[la]\w*|(m|c|re)alloc|free|_ZNSs\w*|_ZNSt7__cxx11\w*")


def test_sources_are_all_there(everything: Compiled) -> None:
    """Each one was compiled, and is no empty file with everything in it."""
    sources = {path.relative_to(COMPONENT).as_posix() for path in COMPONENT.rglob("*.cpp")}
    assert set(everything.objects) == sources
    for name, compiled in everything.objects.items():
        assert compiled.sections[".text"] > 0, name


def test_the_oldest_esphome_compiles_too(everything: Compiled, everything_oldest: Compiled) -> None:
    """What it puts into the objects beside our own code, such as texts of the log, may differ."""
    assert set(everything_oldest.objects) == set(everything.objects)
    assert all(compiled.frames for compiled in everything_oldest.objects.values())


def test_frames_are_small_and_of_known_size(everything: Compiled) -> None:
    frames = [frame for compiled in everything.objects.values() for frame in compiled.frames]
    assert len(frames) > 200
    assert [frame for frame in frames if frame.dynamic] == []
    assert [frame for frame in frames if frame.size > LARGEST_FRAME] == []


def test_no_double(everything: Compiled) -> None:
    """But for one function, test_footprint.py says which."""
    wanted = _wanted(everything, DOUBLE)
    assert {name for name, _ in wanted} == {WITH_DOUBLE}
    assert {symbol for _, symbol in wanted} <= DOUBLE_IN_ROM


def test_no_heap(everything: Compiled) -> None:
    """Not even in the parts that know ESPHome; texts and callbacks are its own business."""
    assert _wanted(everything, HEAP) == []


def _wanted(compiled: Compiled, pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    return [
        (name, symbol)
        for name, object_ in compiled.objects.items()
        for symbol in sorted(object_.undefined)
        if pattern.fullmatch(symbol)
    ]


def compiler(target: Target) -> list[str]:
    """Return the compiler for sources without any header."""
    return [f"{target.prefix}-g++", "-std=gnu++20", *target.flags]


def test_headers_fit_the_compiler(target: Target, tmp_path: Path) -> None:
    """In Debian 13 the compiler of the ESP8266 is older than that of the ESP32-C3."""
    source = tmp_path / "headers.cpp"
    source.write_text(
        "#include <cinttypes>\n#include <cstdlib>\n#include <optional>\n#include <string>\n"
        "static_assert(sizeof(PRIu32) + sizeof(std::optional<std::string>));\n"
    )
    version = run(f"{target.prefix}-gcc", "-dumpversion").split(".")[0]
    assert int(version) >= 12
    output = tmp_path / "headers.o"
    run(*target.command, "-Werror", "-c", source, "-o", output, "-MD", "-MF", tmp_path / "read")
    read = (tmp_path / "read").read_text()
    assert set(re.findall(r"/include/c\+\+/(\d+)/", read)) == {version}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("int f(int n) { int unused; return n; }", "unused variable"),
        ("float f(float x) { return x * 1.1; }", "double-promotion"),
        ("unsigned f(const char *p) { return *(const unsigned *) p; }", "cast-align"),
        ("void g(int *); void f(int n) { int a[n]; g(a); }", "vla"),
    ],
)
def test_warnings_are_errors(target: Target, tmp_path: Path, code: str, said: str) -> None:
    """The flags do what they are there for."""
    source = tmp_path / "wrong.cpp"
    source.write_text(f"{code}\n")
    with pytest.raises(AssertionError, match=said):
        run(*compiler(target), *WARNINGS, "-c", source, "-o", "/dev/null")


def test_frames_of_unknown_size_are_seen(target: Target, tmp_path: Path) -> None:
    source = tmp_path / "wrong.cpp"
    source.write_text("void g(void *); void f(int n) { g(__builtin_alloca(n)); }\n")
    output = tmp_path / "wrong.o"
    run(*compiler(target), "-fstack-usage", "-c", source, "-o", output)
    assert [frame.dynamic for frame in Object(output, target).frames] == [True]


@pytest.mark.parametrize(
    ("code", "pattern"),
    [
        ("float f(float x) { return (float) ((double) x * 1.1); }", DOUBLE),
        ("int *f() { return new int; }", HEAP),
    ],
)
def test_forbidden_symbols_are_seen(
    target: Target, tmp_path: Path, code: str, pattern: re.Pattern[str]
) -> None:
    source = tmp_path / "wrong.cpp"
    source.write_text(f"{code}\n")
    output = tmp_path / "wrong.o"
    run(*compiler(target), "-Os", "-c", source, "-o", output)
    names = run(f"{target.prefix}-nm", "--undefined-only", "--format=posix", output).splitlines()
    assert any(pattern.fullmatch(line.split()[0]) for line in names)


# Tables in the flash of an ESP8266: it can only be read in whole words there


#: A table, as a header defines it.
TABLE = re.compile(r"^static const \w+ (\w+)\[[^;=]*KMP_FLASH\(\1\) = ", re.M)
#: The section of each of them on an ESP8266, before its name.
SECTION = ".irom.text.multical_"
#: How it may be named in a source: read word by word or character by character, or walked along.
READING = r"read_flash_(?:word|char)\(&?{name}\b|for \(const auto &\w+ : {name}\)|[?:=] {name}\b"


def tables() -> Iterable[str]:
    """Return the names of all tables."""
    return [
        name for path in sorted(COMPONENT.glob("*.h")) for name in TABLE.findall(path.read_text())
    ]


def test_tables_are_known() -> None:
    assert set(tables()) == {
        *("UNIT_TABLE", "UNIT_NAMES", "DIGIT_CODES", "SUM_CODES", "INFO_NAMES"),
        *("REGISTER_ROWS", "REGISTER_NAMES"),
    }


@pytest.mark.parametrize("name", tables())
def test_tables_are_read_by_words(name: str) -> None:
    reading = re.compile(READING.format(name=name))
    uses = 0
    for path in COMPONENT.rglob("*.cpp"):
        for line in path.read_text("utf-8").splitlines():
            if re.search(rf"\b{name}\b", line):
                uses += 1
                assert reading.search(line), line
    assert uses


def test_constants_in_memory_are_few(everything: Compiled) -> None:
    """On an ESP8266 .rodata takes RAM; tables and texts of the log are in the flash."""
    if everything.target.platform != "esp8266":
        return
    largest = {
        name: compiled.sections.get(".rodata", 0) for name, compiled in everything.objects.items()
    }
    assert max(largest.values()) <= 300, largest
    flash = {
        section.removeprefix(SECTION): size
        for compiled in everything.objects.values()
        for section, size in compiled.sections.items()
        if section.startswith(SECTION)
    }
    assert set(flash) == set(tables())
    assert sum(flash.values()) > 4_000


def test_nothing_is_kept_in_static_variables(everything: Compiled) -> None:
    for name, compiled in everything.objects.items():
        assert compiled.sections.get(".data", 0) == 0, name
        assert compiled.sections.get(".bss", 0) == 0, name
