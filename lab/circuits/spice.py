"""Runs ngspice, and reads its results."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

MODELS = (Path(__file__).parent / "models.lib").read_text("utf-8")

#: Skips a test if there is no ngspice. In CI there must be one.
needs_ngspice = pytest.mark.skipif(
    not shutil.which("ngspice") and "CI" not in os.environ,
    reason="no ngspice: script/setup --system installs it",
)


class SpiceError(RuntimeError):
    """ngspice could not compute it; the text has its whole output."""


@dataclass(frozen=True, slots=True)
class Waveform:
    """A voltage or current over time, as straight lines between the calculated points."""

    times: Sequence[float]
    values: Sequence[float]

    def at(self, time: float) -> float:
        """Return the value at a time."""
        i = min(max(bisect_left(self.times, time), 1), len(self.times) - 1)
        (t0, t1), (v0, v1) = self.times[i - 1 : i + 1], self.values[i - 1 : i + 1]
        return v0 + (v1 - v0) * (time - t0) / (t1 - t0) if t1 > t0 else v1

    def extremes(self, start: float, end: float) -> tuple[float, float]:
        """Return the smallest and the largest value between two times, both included."""
        between = self.values[bisect_right(self.times, start) : bisect_left(self.times, end)]
        values = (self.at(start), self.at(end), *between)
        return min(values), max(values)


def pwl(points: Sequence[tuple[float, float]]) -> str:
    """Return a source that goes through these points: time, value."""
    return "pwl(" + "\n+ ".join(f"{time:.9g} {value:.6g}" for time, value in points) + ")"


def steps(
    levels: Sequence[float], step: float, start: float, edge: float
) -> list[tuple[float, float]]:
    """Return the points of a source: each level for one step from start, the first before it too.

    edge: seconds from one level to the next.
    """
    points = [(0.0, levels[0])]
    for i, (before, after) in enumerate(pairwise(levels), 1):
        if before != after:
            time = start + i * step
            points += [(time, before), (time + edge, after)]
    points.append((start + len(levels) * step, levels[-1]))
    return points


def transient(netlist: str, duration: float, step: float, *vectors: str) -> list[Waveform]:
    """Compute some voltages and currents from 0 to a duration, at least once in every step."""
    times, *columns = _run(netlist, transient_command(duration, step), ["time", *vectors])
    return [Waveform(times, values) for values in columns]


def transient_command(duration: float, step: float) -> str:
    """Return the line of a netlist that asks for this."""
    return f".tran {step:g} {duration:g} 0 {step:g}"


def operating_point(netlist: str, *vectors: str) -> list[float]:
    """Compute some voltages and currents in a steady state."""
    return [values[0] for values in _run(netlist, ".op", [*vectors])]


def _run(netlist: str, command: str, vectors: list[str]) -> list[array[float]]:
    saved = " ".join(vector for vector in vectors if vector != "time")
    text = "\n".join([netlist, MODELS, f".save {saved}", command, ".end", ""])
    with tempfile.TemporaryDirectory() as folder:
        # No pipe: ngspice 44 loses the first line of one.
        source, raw = Path(folder) / "netlist.cir", Path(folder) / "out.raw"
        source.write_text(text, "utf-8")
        done = subprocess.run(
            ["ngspice", "-b", "-r", str(raw), str(source)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if done.returncode:
            raise SpiceError(f"{done.stdout}{done.stderr}\n{text}")
        head, _, data = raw.read_bytes().partition(b"Binary:\n")
    names = [line.split()[1] for line in head.decode().split("Variables:\n")[1].splitlines()]
    columns = array("d")
    columns.frombytes(data)
    return [columns[names.index(vector.lower()) :: len(names)] for vector in vectors]
