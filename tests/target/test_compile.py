"""Every file compiles without a warning for the processors, and keeps the component's rules."""

from __future__ import annotations

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from components.devices import EVERYTHING
from components.harness import Workbench, device

from .toolchain import ROOT, TARGETS, Object, Target

COMPONENT = ROOT / "components" / "multical"

#: The compilers' names for arithmetic with doubles, including conversions from and to them.
DOUBLE = re.compile(r"__\w*df\w*|\w*(double|\bldexp|\bpow|\bfloor|\bround)\b")
#: The file with the one function that uses doubles, and what it may use: these are in the ROM of an
#: ESP8266. Anything else would be linked in and take RAM.
WITH_DOUBLE = "kmp_value.cpp"
DOUBLE_IN_ROM = {
    *("__adddf3", "__muldf3", "__divdf3", "__floatsidf", "__floatunsidf", "__truncdfsf2"),
}
#: Anything that allocates or frees memory.
HEAP = re.compile(r"_Zn[wa]\w*|_Zd[la]\w*|(m|c|re)alloc|free|_ZNSs\w*|_ZNSt7__cxx11\w*")


# One process for each processor, so that nothing compiles twice.
@pytest.fixture(
    scope="session",
    params=[pytest.param(target, marks=pytest.mark.xdist_group(target.name)) for target in TARGETS],
    ids=lambda target: target.name,
)
def target(request: pytest.FixtureRequest) -> Target:
    """Each processor whose compiler is installed."""
    found: Target = request.param
    if found.missing:
        pytest.skip(found.missing)
    return found


@pytest.fixture(scope="session")
def objects(target: Target, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Object]:
    """The component with every key, by the paths of its sources."""
    workbench = Workbench(tmp_path_factory.mktemp(target.name))
    generated = workbench.generate(device(EVERYTHING, target.platform))
    names = sorted(name for name in generated.sources if name.endswith(".cpp"))

    def compiled(name: str) -> Object:
        return target.compile(generated.folder / "src", f"esphome/components/multical/{name}")

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(compiled, names), strict=True))


def test_sources_are_all_there(objects: dict[str, Object]) -> None:
    """Each one was compiled, and is not an empty file whose parts are all left out."""
    assert set(objects) == {
        path.relative_to(COMPONENT).as_posix() for path in COMPONENT.rglob("*.cpp")
    }
    assert [name for name, compiled in objects.items() if not compiled.sections[".text"]] == []


def test_no_double(objects: dict[str, Object]) -> None:
    """Except for the function that makes the published number."""
    wanted = _wanted(objects, DOUBLE)
    assert {name for name, _ in wanted} == {WITH_DOUBLE}
    assert {symbol for _, symbol in wanted} <= DOUBLE_IN_ROM


def test_no_heap(objects: dict[str, Object]) -> None:
    """Not even in the parts that use ESPHome, apart from ESPHome's own texts and callbacks."""
    assert _wanted(objects, HEAP) == []


def _wanted(objects: dict[str, Object], pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    return [
        (name, symbol)
        for name, compiled in objects.items()
        for symbol in sorted(compiled.undefined)
        if pattern.fullmatch(symbol)
    ]


def test_nothing_is_kept_in_static_variables(objects: dict[str, Object]) -> None:
    for name, compiled in objects.items():
        assert compiled.sections.get(".data", 0) == 0, name
        assert compiled.sections.get(".bss", 0) == 0, name


def _compile(target: Target, folder: Path, code: str) -> Object:
    source = "esphome/components/multical/wrong.cpp"
    for name in ("esphome/core/defines.h", "esphome/core/version.h", source):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{code}\n" if name == source else "")
    return target.compile(folder, source)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("int f(int n) { int unused; return n; }", "unused variable"),
        ("float f(float x) { return x * 1.1; }", "double-promotion"),
        ("unsigned f(const char *p) { return *(const unsigned *) p; }", "cast-align"),
        ("void g(void *); void f(int n) { g(__builtin_alloca(n)); }", "stack-usage"),
        ("void g(int *); void f() { int a[100]; g(a); }", "stack-usage"),
    ],
)
def test_warnings_are_errors(target: Target, tmp_path: Path, code: str, said: str) -> None:
    """The flags do their job."""
    with pytest.raises(AssertionError, match=said):
        _compile(target, tmp_path, code)


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
    assert _wanted({"wrong.cpp": _compile(target, tmp_path, code)}, pattern)


# Tables in the flash of an ESP8266, which can only be read in whole words


#: A table, as a header defines it.
TABLE = re.compile(r"^static const \w+ (\w+)\[[^;=]*KMP_FLASH\(\1\) = ", re.M)
#: The section of each of them on an ESP8266, before its name.
SECTION = ".irom.text.multical_"
#: The ways a source may use it: word by word, character by character, or in a loop.
READING = (
    r"read_flash_(?:word|char)\(&?{name}\b|for \(const auto &\w+ : {name}\)"
    r"|[?:=] {name}\b(?!\[)"
)


def tables() -> Iterable[str]:
    """Return the names of all tables."""
    return [
        name for path in sorted(COMPONENT.glob("*.h")) for name in TABLE.findall(path.read_text())
    ]


@pytest.mark.parametrize("name", tables())
def test_tables_are_read_by_words(name: str) -> None:
    reading = re.compile(READING.format(name=name))
    lines = [line for path in COMPONENT.rglob("*.cpp") for line in path.read_text().splitlines()]
    uses = [line for line in lines if re.search(rf"\b{name}\b", line)]
    assert uses
    assert [line for line in uses if not reading.search(line)] == []


def test_constants_in_memory_are_few(target: Target, objects: dict[str, Object]) -> None:
    """On an ESP8266 .rodata takes RAM; tables and log texts are in flash."""
    if target.platform != "esp8266":
        return
    largest = {name: compiled.sections.get(".rodata", 0) for name, compiled in objects.items()}
    assert max(largest.values()) <= 300, largest
    flash = {
        section.removeprefix(SECTION): size
        for compiled in objects.values()
        for section, size in compiled.sections.items()
        if section.startswith(SECTION)
    }
    assert set(flash) == set(tables())
    assert sum(flash.values()) > 4_000
