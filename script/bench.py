"""Measure this component and ESPHome's built-in kamstrup_kmp side by side, in one run.

Both read the same seven values from the same virtual meter at 1200 baud, compiled for this
computer; their code for the ESP8266 is linked and measured, and a reading runs on the emulated
processor. The figures are printed and written to docs/benchmark.yaml; docs/benchmark.md and the
README quote them. Takes about five minutes.
"""

from __future__ import annotations

import argparse
import datetime
import math
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from aioesphomeapi import SensorInfo
from esphome.const import __version__ as esphome_version
from integration.bench import Bench, bench, firmware
from integration.conversion import ENERGY_UNITS, JOULE, SYMBOLS
from rich.console import Console
from rich.table import Table
from side_by_side.esp8266 import (
    KAMSTRUP_KMP,
    MULTICAL,
    MULTICAL_HIGH_RESOLUTION,
    Device,
    Reading,
    Sizes,
    reading,
    sizes,
)
from target.emulator.machines import ESP8266
from target.toolchain import LX106
from virtual_meter import BYTE_TIME, VirtualMeter

ROOT = Path(__file__).resolve().parents[1]
CONFIGS = ROOT / "script" / "bench_firmwares"
FIGURES = ROOT / "docs" / "benchmark.yaml"

#: Register -> the entity that shows it, in both firmwares.
VALUES = {
    60: "heat_energy",
    68: "volume",
    74: "flow",
    80: "power",
    86: "supply_temperature",
    87: "return_temperature",
    89: "temperature_difference",
}
MODEL = "403-kwh"
#: Answer delays of the meter, in seconds. Kamstrup gives it 1.6 s.
DELAYS = (0.0, 0.02, 0.08, 0.3, 1.6)
#: What a reading may take without the delay, in seconds; anything that arrives later is lost.
LONGEST_READING = 3.5

REQUESTS = "requests"
BYTES = "bytes on the wire"
FLASH = "flash"
FINE = ", with fine energy"

OURS = "bench_multical"
#: With the fine digits of the energy, as by default. kamstrup_kmp does not have them.
OURS_FINE = "bench_multical_fine"
THEIRS = "bench_kamstrup_kmp"
FIRMWARES = (OURS, OURS_FINE, THEIRS)


@dataclass(frozen=True)
class Run:
    """One reading of all values.

    arrived: how many did. right: how many were the meter's value in the unit of the entity.
    seconds: from the first byte of the first request to the last value; None if one is missing.
    least_seconds: the least that wire and answer delay take. loops: milliseconds that each loop()
    of the component took.
    """

    requests: int
    bytes_on_wire: int
    arrived: int
    right: int
    seconds: float | None
    least_seconds: float
    loops: tuple[float, ...]

    @property
    def over_wire(self) -> float | None:
        """The time divided by the least possible; None if a value is missing."""
        return None if self.seconds is None else self.seconds / self.least_seconds


@dataclass(frozen=True)
class Row:
    """One line of the table.

    delay: of the meter's answer, in seconds; None where it does not matter. ours, theirs: what is
    printed. ratio: ours divided by theirs, None if there is none.
    """

    name: str
    delay: float | None
    ours: str
    theirs: str
    ratio: float | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        """The line as printed."""
        delay = "" if self.delay is None else f"{self.delay * 1000:.0f} ms"
        ratio = "" if self.ratio is None else f"{self.ratio:.2g}"
        return self.name, delay, self.ours, self.theirs, ratio


#: The titles of the columns, and whether they are aligned to the right.
COLUMNS = {
    "": False,
    "answer delay": True,
    "multical": True,
    "kamstrup_kmp": True,
    "ratio": True,
}


def main() -> int:
    """Measure, print and write; return the exit code."""
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("--readings", type=int, default=7, help="per delay (default: 7)")
    parser.add_argument("--only-print", action="store_true", help="write nothing")
    options = parser.parse_args()
    console = Console()
    if ESP8266.missing:
        console.print(f"the ESP8266's part needs its compiler: {ESP8266.missing}")
        return 1
    for name in FIRMWARES:
        with console.status(f"compiling {name}"):
            firmware(name, CONFIGS)
    rows = [*_on_this_computer(console, options.readings), *_on_the_esp8266(console)]
    table = Table(title="Seven values", title_justify="left")
    for title, is_number in COLUMNS.items():
        table.add_column(title, justify="right" if is_number else "left")
    for row in rows:
        table.add_row(*row.cells)
    console.print(table)
    if not options.only_print:
        _write(rows, options.readings)
    return 0


# On this computer


def _on_this_computer(console: Console, count: int) -> Iterable[Row]:
    runs = {
        (delay, name): _measure(console, name, delay, count)
        for delay in DELAYS
        for name in FIRMWARES
        if name != OURS_FINE or delay == DELAYS[0]
    }

    def row(
        name: str,
        delay: float,
        figure: Callable[[Run], float | None],
        form: str = "{:.0f}",
        ours: str = OURS,
    ) -> Row:
        pair = [[figure(run) for run in runs[delay, firmware]] for firmware in (ours, THEIRS)]
        known = [[value for value in values if value is not None] for values in pair]
        medians = [statistics.median(values) if values else None for values in known]
        ratio = medians[0] / medians[1] if medians[0] is not None and medians[1] else None
        return Row(name, delay, _spread(known[0], form), _spread(known[1], form), ratio)

    def sums(name: str, delay: float, figure: Callable[[Run], int]) -> Row:
        ours, theirs = (sum(map(figure, runs[delay, firmware])) for firmware in (OURS, THEIRS))
        of = count * len(VALUES)
        return Row(name, delay, f"{ours} of {of}", f"{theirs} of {of}")

    def loops(name: str, delay: float, percent: float) -> Row:
        ours, theirs = (
            _percentile(sorted(ms for run in runs[delay, firmware] for ms in run.loops), percent)
            for firmware in (OURS, THEIRS)
        )
        return Row(name, delay, f"{ours:.2f} ms", f"{theirs:.0f} ms", ours / theirs)

    yield row(REQUESTS, DELAYS[0], lambda run: run.requests)
    yield row(REQUESTS + FINE, DELAYS[0], lambda run: run.requests, ours=OURS_FINE)
    yield row(BYTES, DELAYS[0], lambda run: run.bytes_on_wire)
    yield row(BYTES + FINE, DELAYS[0], lambda run: run.bytes_on_wire, ours=OURS_FINE)
    for delay in DELAYS:
        yield row("time per reading", delay, lambda run: run.seconds, "{:.3f} s")
        yield row("  divided by wire and delay alone", delay, lambda run: run.over_wire, "{:.3f}")
        yield sums("values that arrived", delay, lambda run: run.arrived)
        yield sums("values right in their unit", delay, lambda run: run.right)
        yield loops("one loop(), 99.9 %", delay, 99.9)
        yield loops("one loop(), longest", delay, 100.0)


def _measure(console: Console, name: str, delay: float, count: int) -> list[Run]:
    with (
        console.status(f"{name}, answer delay {delay * 1000:.0f} ms"),
        bench(name, VirtualMeter(MODEL, delay=delay), folder=CONFIGS) as device,
    ):
        # What happens only once after the start is not part of a reading.
        for _ in range(2):
            _read(device, delay)
        return [_read(device, delay) for _ in range(count)]


def _read(device: Bench, delay: float) -> Run:
    _reported_loops(device)
    known = len(device.meter.exchanges)
    since = len(device.client.events)
    device.client.press("read")
    deadline = time.monotonic() + LONGEST_READING + delay
    while len(_arrived(device, since)) < len(VALUES) and time.monotonic() < deadline:
        time.sleep(0.005)
    arrived = _arrived(device, since)
    loops = _reported_loops(device)
    # The pause after the last reply, and anything that may still come.
    time.sleep(0.3)
    exchanges = device.meter.exchanges[known:]
    meant = {r.register: (r.value, r.unit) for e in exchanges for r in e.readings}
    right = 0
    for register, entity in VALUES.items():
        if entity in arrived and register in meant:
            info = device.client.entities[entity]
            assert isinstance(info, SensorInfo)
            right += _is_right(arrived[entity][1], info.unit_of_measurement, *meant[register])
    bytes_on_wire = sum(len(e.request) + len(e.reply or b"") for e in exchanges)
    last = max((when for when, _ in arrived.values()), default=0.0)
    return Run(
        requests=len(exchanges),
        bytes_on_wire=bytes_on_wire,
        arrived=len(arrived),
        right=right,
        seconds=last - exchanges[0].request_start if len(arrived) == len(VALUES) else None,
        least_seconds=bytes_on_wire * BYTE_TIME + len(exchanges) * delay,
        loops=loops,
    )


def _arrived(device: Bench, since: int) -> dict[str, tuple[float, float]]:
    """Return time and state of the last event of each value."""
    return {
        event.name: (event.time, event.state)
        for event in device.client.events[since:]
        if isinstance(event.state, float) and event.name in VALUES.values()
    }


def _is_right(state: float, unit: str, value: object, meter_unit: int) -> bool:
    meant = float(str(value))
    if unit in JOULE and meter_unit in ENERGY_UNITS:
        meant *= float(JOULE[ENERGY_UNITS[meter_unit]] / JOULE[unit])
    elif unit != SYMBOLS[meter_unit]:
        return False
    return abs(state - meant) <= 1e-6 * abs(meant)


def _reported_loops(device: Bench) -> tuple[float, ...]:
    """Return the milliseconds of every loop() since the last report."""
    before = device.device.text()
    device.client.press("report")
    while device.device.text().count("reported") == before.count("reported"):
        time.sleep(0.01)
    new = device.device.text()[len(before) :]
    return tuple(int(nanoseconds) / 1e6 for nanoseconds in re.findall(r"loop (\d+) ns", new))


def _percentile(ranked: Sequence[float], percent: float) -> float:
    return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))]


def _spread(values: Sequence[float], form: str) -> str:
    if not values:
        return "never complete"
    median = form.format(statistics.median(values))
    smallest, largest = form.format(min(values)), form.format(max(values))
    return median if smallest == largest else f"{median} ({smallest} to {largest})"


# On the ESP8266


def _on_the_esp8266(console: Console) -> Iterable[Row]:
    def measured(device: Device) -> tuple[Sizes, Reading | None]:
        with (
            console.status(f"ESP8266, {device.component}"),
            tempfile.TemporaryDirectory() as first,
            tempfile.TemporaryDirectory() as second,
        ):
            weighed = sizes(device, Path(first))
            # The fine digits come from another register, which the scripted line does not have.
            costs = None if device is MULTICAL_HIGH_RESOLUTION else reading(device, Path(second))
            return weighed, costs

    ours, our_reading = measured(MULTICAL)
    high_resolution, _ = measured(MULTICAL_HIGH_RESOLUTION)
    theirs, their_reading = measured(KAMSTRUP_KMP)
    assert our_reading is not None
    assert their_reading is not None
    # All except the energy, whose unit kamstrup_kmp ignores.
    pairs = zip(our_reading.states[1:], their_reading.states[1:], strict=True)
    assert all(math.isclose(own, other, rel_tol=1e-6) for own, other in pairs)

    def row(title: str, own: float, other: float, unit: str = " B") -> Row:
        ratio = own / other if other else None
        return Row(title, None, f"{own:,}{unit}", f"{other:,}{unit}", ratio)

    yield row("instructions per reading", our_reading.instructions, their_reading.instructions, "")
    yield row("stack of a reading", our_reading.stack, their_reading.stack)
    yield row("largest stack frame", ours.largest_frame, theirs.largest_frame)
    yield row("heap", our_reading.heap, their_reading.heap)
    yield row("RAM: objects, constants", ours.ram, theirs.ram)
    yield row("RAM with heap", ours.ram + our_reading.heap, theirs.ram + their_reading.heap)
    yield row("flash: code", ours.code, theirs.code)
    yield row("flash: texts and tables", ours.texts, theirs.texts)
    yield row("flash: constants, again in RAM", ours.constants, theirs.constants)
    yield row("flash: arithmetic not in the ROM", ours.arithmetic, theirs.arithmetic)
    yield row(FLASH, ours.flash, theirs.flash)
    yield row(FLASH + FINE, high_resolution.flash, theirs.flash)


# Output


def _version(command: str) -> str:
    """Return the first version number that a program prints about itself."""
    printed = subprocess.run(
        [command, "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"\d+\.\d+(\.\d+)?", printed)
    assert found, printed
    return found[0]


def _conditions(readings: int) -> dict[str, str | int]:
    return {
        "date": f"{datetime.date.today():%d %B %Y}",
        "readings for each answer delay": readings,
        "computer": f"{platform.system()}, {platform.machine()}, {os.cpu_count()} processors",
        "ESPHome": esphome_version,
        "g++": _version("g++"),
        f"{LX106.prefix}-g++": _version(f"{LX106.prefix}-g++"),
        "QEMU": _version("qemu-system-xtensa"),
    }


def _write(rows: Iterable[Row], readings: int) -> None:
    """Write the figures to their file, and into the pages."""
    found = {"conditions": _conditions(readings), "figures": [list(row.cells) for row in rows]}
    text = yaml.safe_dump(
        found, allow_unicode=True, default_flow_style=None, sort_keys=False, width=200
    )
    FIGURES.write_text(text, "utf-8")
    subprocess.run([sys.executable, ROOT / "script" / "generate.py"], check=True)


if __name__ == "__main__":
    sys.exit(main())
