"""Build the program for a machine and run it."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from kmp.vectors import ANSWERED
from meter_log.codec import GET_REGISTER, Direction, Frame, encode_frame
from virtual_meter import VirtualMeter

from ..toolchain import LX106, ROOT, RV32, Target, run

HERE = Path(__file__).resolve().parent
#: What a program can use of a machine.
MACHINE = HERE / "machine.h"
COMPONENT = ROOT / "components" / "multical"
#: Those of its sources that are independent of ESPHome and that program.cpp calls.
PARTS = (
    *sorted(COMPONENT.glob("kmp_*.cpp")),
    *(COMPONENT / f"{name}.cpp" for name in ("energy_total", "info_codes", "link_health")),
)

#: The arithmetic in the ROM of an ESP8266, which Debian's compiler does not provide: LLVM's.
BUILTINS = files("pythondata_software_compiler_rt") / "data" / "lib" / "builtins"
ROM = tuple(
    str(BUILTINS / f"{part}.c")
    for part in (
        *("addsf3", "subsf3", "mulsf3", "floatsisf", "floatunsisf", "fixunssfsi"),
        *("adddf3", "subdf3", "muldf3", "divdf3", "floatsidf", "floatunsidf"),
        *("fixdfsi", "fixunsdfsi", "extendsfdf2", "truncdfsf2"),
        *("divsi3", "udivsi3", "umodsi3", "muldi3", "divdi3", "udivdi3", "umoddi3", "udivmoddi4"),
    )
)


@dataclass(frozen=True)
class Output:
    """What the program wrote. figures: those that depend on the machine, by name."""

    lines: list[str]
    figures: dict[str, int]


@dataclass(frozen=True)
class Machine:
    """Where the program can run.

    compiler: with its flags. sources: those added to the program, in this folder or elsewhere.
    target: None for this computer. emulator: the command that runs a program, which comes last.
    """

    name: str
    compiler: tuple[str, ...]
    sources: tuple[str, ...]
    target: Target | None = None
    emulator: tuple[str, ...] = ()

    @property
    def missing(self) -> str:
        """What is not installed; empty if everything is."""
        if self.target is None or self.target.missing:
            return self.target.missing if self.target else ""
        if shutil.which(self.emulator[0]) is None:
            return f"no {self.emulator[0]}: script/setup --system installs it on Debian"
        return ""

    def run(self) -> Output:
        """Run program.cpp with the parts of the component that it calls."""
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "samples.h").write_text(samples_rows())
            parts = (HERE / "program.cpp", *PARTS)
            return self.run_program(parts, (f"-I{folder}", f"-I{COMPONENT}"))

    def run_program(self, parts: Sequence[Path], flags: Sequence[str]) -> Output:
        """Build a program from sources and objects, and run it."""
        command = [*self.compiler, *flags, f"-I{HERE}", *map(str, parts)]
        command += [str(HERE / source) for source in self.sources]
        command += [*self.target.headers, "-lc", "-lm", "-lgcc"] if self.target else []
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "program"
            run(*command, "-o", program)
            printed = [line.rstrip() for line in run(*self.emulator, program).splitlines()]
        figures = dict(re.findall(r"^figure (\w+) (\w+)$", "\n".join(printed), re.M))
        return Output(
            [line for line in printed if not line.startswith("figure ")],
            {figure: int(value, 16) for figure, value in figures.items()},
        )


BARE = (
    *("-std=gnu++20", "-Os", "-ffunction-sections", "-fno-exceptions", "-fno-rtti"),
    *("-fno-threadsafe-statics", "-nostartfiles"),
)
PC = Machine("pc", ("g++", "-std=gnu++20", "-O1", "-fsanitize=undefined"), ("machine_pc.cpp",))
ESP8266 = Machine(
    "lx106",
    # Constants are in flash, as on the real one.
    (
        *(f"{LX106.prefix}-gcc", *BARE, "-DESP8266", "-mlongcalls", "-mtext-section-literals"),
        f"-T{HERE / 'lx106.ld'}",
    ),
    ("machine_lx106.cpp", "machine_bare.cpp", "start_lx106.S", *ROM),
    LX106,
    (
        *("qemu-system-xtensa", "-M", "sim", "-cpu", "lx106", "-display", "none"),
        *("-monitor", "none", "-serial", "none", "-semihosting", "-icount", "shift=10"),
        "-kernel",
    ),
)
ESP32_C3 = Machine(
    "rv32imc",
    (
        # Without the letters for counting instructions, which the library choice does not know.
        *(f"{RV32.prefix}-gcc", *BARE, "-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs"),
        *("-D_GNU_SOURCE", f"-T{HERE / 'rv32.ld'}"),
    ),
    ("machine_rv32.cpp", "machine_bare.cpp", "start_rv32.S"),
    RV32,
    (
        *("qemu-system-riscv32", "-M", "virt", "-bios", "none", "-display", "none"),
        *("-monitor", "none", "-serial", "stdio", "-icount", "shift=0"),
        "-kernel",
    ),
)
EMULATED = (ESP8266, ESP32_C3)


def samples_rows() -> str:
    """Return C++ rows: recorded frames, all registers of two meters, and broken frames."""
    samples = [(request.command, request.ids, reply) for request, reply in ANSWERED]
    for name in ("403-kwh", "602"):
        meter = VirtualMeter(name, clock=lambda: 0.0)
        numbers = meter.model.numbers
        for i in range(0, len(numbers), 8):
            eight = numbers[i : i + 8]
            samples.append((GET_REGISTER, eight, asked(meter, eight)))
    # Cut off, with a flipped bit, and with an echo before it.
    command, ids, reply = samples[-1]
    flipped = bytes([*reply[:9], reply[9] ^ 1, *reply[10:]])
    echo = bytes.fromhex("803F0235E90D")
    samples += [(command, ids, broken) for broken in (reply[:20], flipped, echo + reply)]
    rows = (
        f"{{{command}, {len(ids)}, {{{_list(ids)}}}, {len(reply)}, {{{_list(reply)}}}}},\n"
        for command, ids, reply in samples
    )
    return "".join(rows)


def asked(meter: VirtualMeter, numbers: Sequence[int]) -> bytes:
    """Ask a meter for registers; return the reply's frame."""
    data = bytes((len(numbers),)) + b"".join(number.to_bytes(2) for number in numbers)
    reply = meter.answer(encode_frame(Direction.TO_METER, Frame(0x3F, GET_REGISTER, data))).reply
    assert reply is not None
    return reply


def _list(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers)) or "0"
