"""Compile a component for the ESP8266 and measure what it needs there.

sizes(): of the linked program, without the rest of ESPHome. reading(): what one reading of the
seven values costs on the emulated processor.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from components.harness import Workbench, device
from target.emulator.machines import ESP8266, MACHINE, asked
from target.toolchain import CACHE, LX106, Object, run, unfinished_name
from virtual_meter import VirtualMeter

HERE = Path(__file__).resolve().parent

#: The seven values that both components know, in the order of the programs in this folder.
REGISTERS = (60, 68, 74, 80, 86, 87, 89)

#: A component's sources may warn here: ESPHome's own do.
NO_WARNINGS = ("-w",)


@dataclass(frozen=True)
class Sizes:
    """Bytes of one component with its seven sensors.

    code: instructions with their constants. texts: with tables, read from flash. rodata: constants
    that an ESP8266 keeps in RAM. arithmetic: the parts of libgcc and libm that it calls and that
    are not in the ROM; the rest of ESPHome may need some of them, too. instance: its object.
    sensors: what its sensors take beyond plain ones. largest_frame: of any function, on the stack.
    """

    code: int
    texts: int
    arithmetic: int
    rodata: int
    data: int
    bss: int
    instance: int
    sensors: int
    largest_frame: int

    @property
    def constants(self) -> int:
        """What is in flash and is copied to RAM at the start."""
        return self.rodata + self.data

    @property
    def flash(self) -> int:
        """All of it."""
        return self.code + self.texts + self.constants + self.arithmetic

    @property
    def ram(self) -> int:
        """All of it except heap and stack."""
        return self.rodata + self.data + self.bss + self.instance + self.sensors


@dataclass(frozen=True)
class Device:
    """A generated device with one component that reads a meter.

    component: its folder. body: the YAML. instance: its C++ class. sensors: those of its sensors,
        in the order of REGISTERS.
    """

    component: str
    instance: str
    sensors: tuple[str, ...]
    body: str

    def generate(self, folder: Path) -> Path:
        """Return the generated sources."""
        return Workbench(folder).generate(device(self.body)).folder / "src"


KAMSTRUP_KMP = Device(
    "kamstrup_kmp",
    "kamstrup_kmp::KamstrupKMPComponent",
    ("sensor::Sensor",) * len(REGISTERS),
    """
    sensor:
      - platform: kamstrup_kmp
        heat_energy: {name: a}
        volume: {name: b}
        flow: {name: c}
        power: {name: d}
        temp1: {name: e}
        temp2: {name: f}
        temp_diff: {name: g}
    """,
)


def _multical(heat_energy: str) -> Device:
    return Device(
        "multical",
        "multical::Multical",
        ("multical::TotalSensor",) * 2 + ("multical::MulticalSensor",) * 5,
        f"""
        multical:
        sensor:
          - platform: multical
            heat_energy: {{name: a, high_resolution: {heat_energy}}}
            volume: {{name: b}}
            flow: {{name: c}}
            power: {{name: d}}
            supply_temperature: {{name: e}}
            return_temperature: {{name: f}}
            temperature_difference: {{name: g}}
        """,
    )


#: The same registers as kamstrup_kmp asks for; and the defaults.
MULTICAL = _multical("off")
MULTICAL_HIGH_RESOLUTION = _multical("auto")


def _compile(tree: Path, sources: Sequence[str]) -> list[Object]:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda name: LX106.compile(tree, name, NO_WARNINGS), sources))


def _sources(tree: Path, component: str) -> list[str]:
    folder = tree / "esphome" / "components" / component
    return sorted(str(path.relative_to(tree)) for path in folder.rglob("*.cpp"))


def sizes(device_: Device, folder: Path) -> Sizes:
    """Link the component as its device needs it, and measure.

    folder: an empty one, for the generated sources.
    """
    tree = device_.generate(folder)
    (tree / "sizes.cpp").write_text(
        f'#include "esphome.h"\nusing namespace esphome;\n'
        f"char instance[sizeof({device_.instance})];\n"
        f"char sensors[{' + '.join(f'sizeof({name})' for name in device_.sensors)}];\n"
        "char plain_sensor[sizeof(sensor::Sensor)];\n"
    )
    objects = _compile(tree, _sources(tree, device_.component))
    main, constants = _compile(tree, ("main.cpp", "sizes.cpp"))
    linked = _linked(main, objects)
    size = _symbols(constants)
    sections: Counter[str] = Counter()
    for section, bytes_ in linked:
        sections[section] += bytes_
    unknown = set(sections) - {"text", "literal", "irom", "rodata", "data", "bss", "arithmetic"}
    assert not unknown, unknown
    return Sizes(
        code=sections["text"] + sections["literal"],
        texts=sections["irom"],
        arithmetic=sections["arithmetic"],
        rodata=sections["rodata"],
        data=sections["data"],
        bss=sections["bss"],
        instance=size["instance"],
        sensors=size["sensors"] - len(REGISTERS) * size["plain_sensor"],
        largest_frame=max(max(_frames(object_)) for object_ in objects),
    )


def _linked(main: Object, objects: Sequence[Object]) -> list[tuple[str, int]]:
    """Link, drop what nobody calls, and return kind and size of each section that is left.

    Debian's libgcc has what Espressif's list of the ROM (eagle.rom.addr.v6.ld) does not name, such
    as the comparisons of floats and doubles and the division of floats. Of the C library only libm
    counts: the rest is in the ROM or in every ESPHome. A real ESP8266 has newlib's libm, from which
    Debian's is derived.
    """
    folder = CACHE / "linked"
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for object_ in (*objects, main):
        # Debian's linker fails on these notes, which do not affect the size.
        name = folder / object_.path.name
        notes = (".xt.prop", ".xt.lit")
        remove = [f"--remove-section={kind}{note}*" for note in notes for kind in ("", ".rela")]
        run(f"{LX106.prefix}-objcopy", *remove, object_.path, name)
        names.append(name)
    linked = folder / f"{main.path.stem}.elf"
    linker_map = linked.with_suffix(".map")
    run(
        *(f"{LX106.prefix}-g++", "-nostdlib", "-nostartfiles", "-Wl,--gc-sections"),
        *("-Wl,--unresolved-symbols=ignore-all", "-Wl,-e,_Z5setupv", f"-Wl,-Map={linker_map}"),
        # Near address 0, where the linker puts every symbol that is missing.
        *("-Wl,-Ttext=0x10000", "-o"),
        *(linked, *names, _libm()),
        "-lgcc",
    )
    printed = linker_map.read_text()
    used = printed[printed.index("Linker script and memory map") :]
    own = {str(name) for name in names[:-1]}
    sections = []
    for match in re.finditer(r"^ \.(\S+)\s+0x[0-9a-f]+\s+0x([0-9a-f]+) (\S+)$", used, re.M):
        kind, size, file = match[1].split(".")[0], int(match[2], 16), match[3]
        if file in own and not kind.startswith(("comment", "xt")):
            sections.append((kind, size))
        elif re.search(r"lib(gcc|m)\.a\(", file) and kind in ("text", "literal", "rodata"):
            sections.append(("arithmetic", size))
    return sections


def _libm() -> Path:
    """Return a library with the libm parts of Debian's libc."""
    library = CACHE / "libm" / "libm.a"
    if not library.exists():
        library.parent.mkdir(parents=True, exist_ok=True)
        libc = LX106.tool("gcc", "-print-file-name=libc.a").strip()
        names = [name for name in LX106.tool("ar", "t", libc).split() if name.startswith("libm_")]
        run(f"{LX106.prefix}-ar", "x", libc, *names, folder=library.parent)
        unfinished = unfinished_name(library)
        run(f"{LX106.prefix}-ar", "rcs", unfinished, *names, folder=library.parent)
        unfinished.rename(library)
    return library


def _frames(object_: Object) -> list[int]:
    """Return how much stack each function takes."""
    lines = object_.path.with_suffix(".su").read_text().splitlines()
    return [int(line.split("\t")[1]) for line in lines]


def _symbols(object_: Object) -> dict[str, int]:
    lines = LX106.tool("nm", "-S", "--format=posix", object_.path).splitlines()
    rows = [line.split() for line in lines]
    return {row[0]: int(row[3], 16) for row in rows if len(row) == 4}


@dataclass(frozen=True)
class Reading:
    """What one reading of the seven values cost in the emulator, without the ESPHome around it.

    stack, heap: bytes. states: what was published, in the order of REGISTERS.
    """

    instructions: int
    stack: int
    heap: int
    requests: int
    states: tuple[float, ...]


def reading(device_: Device, folder: Path) -> Reading:
    """Have the whole component read on the emulated processor.

    folder: an empty one, for the generated sources.
    """
    tree = device_.generate(folder)
    program = f"{device_.component}.cpp"
    for source in (HERE / "imitation.h", HERE / "imitation.cpp", HERE / program, MACHINE):
        (tree / source.name).write_text(source.read_text())
    (tree / "replies.h").write_text(replies_header())
    core = [f"esphome/core/{name}.cpp" for name in ("helpers", "time_64")]
    sources = (program, "imitation.cpp", *core, *_sources(tree, device_.component))
    objects = [object_.path for object_ in _compile(tree, sources)]
    figures = ESP8266.run_program(
        objects, ("-Wl,--gc-sections", "-Wl,--unresolved-symbols=ignore-all")
    ).figures
    assert figures["published"] == len(REGISTERS)
    states = [figures[f"state_{i}"] for i in range(len(REGISTERS))]
    return Reading(
        instructions=figures["instructions"],
        stack=figures["stack"],
        heap=figures["heap"],
        requests=figures["requests"],
        states=tuple(struct.unpack("<f", struct.pack("<I", bits))[0] for bits in states),
    )


def replies_header() -> str:
    """Return replies.h: what a meter answers, in the order in which the two components ask."""
    meter = VirtualMeter("602", clock=lambda: 0.0)

    def reply(*numbers: int) -> str:
        answer = asked(meter, numbers)
        return f"    {{{len(answer)}, {{{', '.join(map(str, answer))}}}}},"

    lines = [
        "#pragma once",
        "",
        "#include <cstddef>",
        "#include <cstdint>",
        "",
        "struct Reply {",
        "  size_t size;",
        "  uint8_t data[160];",
        "};",
        "",
        "// The first update reads the counters twice, and the second one the serial number, too.",
        "static const Reply TOGETHER[] = {",
        reply(*REGISTERS),
        reply(*REGISTERS[:2]),
        reply(*REGISTERS, 1001),
        reply(*REGISTERS),
        "};",
        "static const Reply ONE_BY_ONE[] = {",
        *map(reply, (60, 80, 86, 87, 89, 74, 68)),
        "};",
        "",
    ]
    return "\n".join(lines)
