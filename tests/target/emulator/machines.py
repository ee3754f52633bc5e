"""Build the program for a machine and run it."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kmp.vectors import ANSWERED
from virtual_meter import VirtualMeter
from virtual_meter.codec import GET_REGISTER, Direction, Frame, encode_frame

from ..toolchain import CACHE, LX106, ROOT, RV32, Target, run, unfinished_name

HERE = Path(__file__).resolve().parent
COMPONENT = ROOT / "components" / "multical"
#: Those of its sources that know nothing of ESPHome and that program.cpp calls.
PARTS = (
    *sorted(COMPONENT.glob("kmp_*.cpp")),
    *(COMPONENT / f"{name}.cpp" for name in ("energy_total", "info_codes", "link_health")),
)
#: gcc's source of its arithmetic for this processor, where `script/setup --system` unpacks it.
LIBGCC = ROOT / ".cache" / "libgcc-xtensa"

#: The parts of it that the ROM of an ESP8266 has, by gcc's names; Debian's libgcc leaves them out.
ROM = (
    *("addsubsf3", "mulsf3", "floatsisf", "fixunssfsi"),
    *("addsubdf3", "muldf3", "divdf3", "floatsidf", "fixdfsi", "fixunsdfsi"),
    *("extendsfdf2", "truncdfsf2", "umulsidi3", "divsi3", "udivsi3", "umodsi3"),
)

#: The seven values that everybody wants.
READING = (60, 68, 74, 80, 86, 87, 89)


@dataclass(frozen=True)
class Output:
    """What the program wrote. figures: those that belong to the machine, by name."""

    lines: tuple[str, ...]
    figures: dict[str, int]


@dataclass(frozen=True)
class Machine:
    """Where the program can run.

    target: None for this computer. emulator: the command that runs a program, which comes last.
    """

    name: str
    target: Target | None = None
    sources: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    emulator: tuple[str, ...] = ()

    @property
    def missing(self) -> str:
        """What is not installed, empty when all is there."""
        if self.target is None:
            return ""
        if self.target.missing:
            return self.target.missing
        if shutil.which(self.emulator[0]) is None:
            return f"no {self.emulator[0]}: script/setup --system installs it on Debian"
        if self.target is LX106 and not LIBGCC.exists():
            return f"no {LIBGCC.relative_to(ROOT)}: script/setup --system makes it on Debian"
        return ""

    def run(self) -> Output:
        """Run program.cpp with the parts of the component that it calls."""
        samples = CACHE / self.name / "samples.h"
        samples.parent.mkdir(parents=True, exist_ok=True)
        samples.write_text(samples_header())
        headers = [samples, *sorted(COMPONENT.glob("*.h"))]
        return self.run_program("program", [HERE / "program.cpp", *PARTS], headers)

    def run_program(
        self,
        name: str,
        parts: Sequence[Path],
        headers: Sequence[Path] = (),
        flags: Sequence[str] = (),
    ) -> Output:
        """Build a program, unless that was done before, and run it.

        parts: its sources and objects. headers: what the sources include. flags: more of them.
        """
        printed = run(*self.emulator, self._build(name, parts, headers, flags))
        lines = [line.rstrip() for line in printed.splitlines()]
        figures = [re.fullmatch(r"figure (\w+) (\d+)", line) for line in lines]
        return Output(
            tuple(line for line, figure in zip(lines, figures, strict=True) if not figure),
            {figure[1]: int(figure[2]) for figure in figures if figure},
        )

    def _build(
        self, name: str, parts: Sequence[Path], headers: Sequence[Path], flags: Sequence[str]
    ) -> Path:
        folders = [HERE, *sorted({header.parent for header in headers})]
        own = [HERE / source for source in self.sources]
        command = [*self._compiler(), *self.flags, *flags, *[f"-I{folder}" for folder in folders]]
        command += map(str, (*parts, *own))
        digest = hashlib.sha256("\0".join(command).encode())
        for path in (*parts, *headers, *sorted(HERE.iterdir())):
            digest.update(path.read_bytes() if path.is_file() else b"")
        program = CACHE / self.name / f"{name}-{digest.hexdigest()[:16]}"
        if not program.exists():
            unfinished = unfinished_name(program)
            with tempfile.TemporaryDirectory() as folder:
                rom = _assemble_rom(Path(folder)) if self.target is LX106 else ()
                run(*command, "-o", unfinished, *rom, *self._libraries())
            unfinished.rename(program)
        return program

    def _compiler(self) -> Sequence[str]:
        if self.target is None:
            return ("g++", "-std=gnu++20", "-O1", "-fsanitize=undefined")
        return (
            f"{self.target.prefix}-gcc",
            *("-std=gnu++20", "-Os", "-ffunction-sections", "-fno-exceptions", "-fno-rtti"),
            *("-fno-threadsafe-statics", "-nostartfiles"),
            *self.target.headers,
        )

    def _libraries(self) -> Sequence[str]:
        return () if self.target is None else ("-lc", "-lm", "-lgcc")


def _assemble_rom(folder: Path) -> Sequence[Path]:
    """Return objects of what an ESP8266 has in its ROM."""
    # They say what the processor can do.
    headers = LX106.tool("gcc", "-print-file-name=plugin/include").strip()
    objects = [folder / f"{part}.o" for part in ROM]
    for part, object_ in zip(ROM, objects, strict=True):
        flags = (f"-DL_{part}", f"-I{headers}", "-c")
        LX106.tool("gcc", *flags, LIBGCC / "lib1funcs.S", "-o", object_)
    return objects


PC = Machine("pc", sources=("machine_pc.cpp",))
ESP8266 = Machine(
    "lx106",
    LX106,
    ("machine_lx106.cpp", "machine_bare.cpp", "start_lx106.S", "helpers_lx106.cpp"),
    # Constants in the flash as on the real one.
    ("-DESP8266", "-mlongcalls", "-mtext-section-literals", f"-T{HERE / 'lx106.ld'}"),
    (
        *("qemu-system-xtensa", "-M", "sim", "-cpu", "lx106", "-display", "none"),
        *("-monitor", "none", "-serial", "none", "-semihosting", "-icount", "shift=10"),
        "-kernel",
    ),
)
ESP32_C3 = Machine(
    "rv32imc",
    RV32,
    ("machine_rv32.cpp", "machine_bare.cpp", "start_rv32.S"),
    (
        # Without the letters for counting instructions, which the libraries' choice does not know.
        *("-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs", "-D_GNU_SOURCE"),
        f"-T{HERE / 'rv32.ld'}",
    ),
    (
        *("qemu-system-riscv32", "-M", "virt", "-bios", "none", "-display", "none"),
        *("-monitor", "none", "-serial", "stdio", "-icount", "shift=0"),
        "-kernel",
    ),
)
EMULATED = {machine.name: machine for machine in (ESP8266, ESP32_C3)}


def samples_header() -> str:
    """Return samples.h: recorded frames, all registers of two meters, broken frames, a reading."""
    samples = [(request.command, request.ids, reply) for request, reply in ANSWERED]
    for name in ("403-kwh", "602"):
        meter = VirtualMeter(name, clock=lambda: 0.0)
        numbers = meter.model.numbers
        for i in range(0, len(numbers), 8):
            samples.append(asked(meter, numbers[i : i + 8]))
    # Cut, with a flipped bit, and with an echo before it.
    command, ids, reply = samples[-1]
    flipped = bytes([*reply[:9], reply[9] ^ 1, *reply[10:]])
    echo = bytes.fromhex("803F0235E90D")
    samples += [(command, ids, broken) for broken in (reply[:20], flipped, echo + reply)]
    reading = asked(VirtualMeter("602", clock=lambda: 0.0), READING)
    lines = [
        "#pragma once",
        "",
        "#include <cstddef>",
        "#include <cstdint>",
        "",
        "struct Sample {",
        "  uint8_t command;",
        "  uint8_t id_count;",
        "  uint16_t ids[8];",
        "  size_t reply_size;",
        "  uint8_t reply[160];",
        "};",
        "",
        "static const Sample SAMPLES[] = {",
        *[f"    {_initializer(*sample)}," for sample in samples],
        "};",
        f"static const Sample READING = {_initializer(*reading)};",
        "",
    ]
    return "\n".join(lines)


def asked(meter: VirtualMeter, numbers: Sequence[int]) -> tuple[int, tuple[int, ...], bytes]:
    """Ask a meter for registers; return the command, the registers and the reply's frame."""
    data = bytes((len(numbers),)) + b"".join(number.to_bytes(2) for number in numbers)
    request = encode_frame(Direction.TO_METER, Frame(0x3F, GET_REGISTER, data))
    reply = meter.answer(request).reply
    assert reply is not None
    return GET_REGISTER, tuple(numbers), reply


def _initializer(command: int, ids: Sequence[int], reply: bytes) -> str:
    numbers = ", ".join(map(str, ids)) or "0"
    data = ", ".join(map(str, reply))
    return f"{{{command}, {len(ids)}, {{{numbers}}}, {len(reply)}, {{{data}}}}}"
