"""Simulate the circuits of docs/wiring.md with ngspice, and print the worst of all cases.

Real requests and answers go through each circuit, with couplers, cables, supplies and resistors at
the edges of their tolerances. Takes about half a minute.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys

import yaml
from circuits.figures import PULSE_CIRCUITS, SIMULATED, figures
from circuits.pulses import pulse_corners, pulse_netlist
from circuits.simulation import STEP, conversation, corners, netlist, setup, timetable
from circuits.spice import MODELS, transient_command
from wiring.circuits import CIRCUITS
from wiring.document import FIGURES, ROOT, print_figures
from wiring.parts import Circuit


def main() -> int:
    """Simulate and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="script/simulate", description=__doc__)
    parser.add_argument(
        "--write",
        action="store_true",
        help="also write docs/wiring.yaml and docs/circuits-checked.md",
    )
    parser.add_argument(
        "--netlist",
        metavar="CIRCUIT",
        choices=[circuit.name for circuit in SIMULATED],
        help="print one of the netlists instead: " + ", ".join(c.name for c in SIMULATED),
    )
    options = parser.parse_args()
    if options.netlist:
        print(_netlist(CIRCUITS[options.netlist]))
        return 0
    if not shutil.which("ngspice"):
        print("simulate: no ngspice; script/setup --system installs it", file=sys.stderr)
        return 1

    found = {}
    for circuit in SIMULATED:
        print(circuit.title, flush=True)
        found[circuit.name] = figures(circuit)
        print_figures(found[circuit.name])
    if options.write:
        FIGURES.write_text(yaml.safe_dump(found, allow_unicode=True, sort_keys=False), "utf-8")
        subprocess.run([sys.executable, ROOT / "script" / "generate.py"], check=True)
    return 0


def _netlist(circuit: Circuit) -> str:
    """Return the netlist of the last corner, for `ngspice FILE`."""
    if circuit in PULSE_CIRCUITS:
        end = 0.3
        text = pulse_netlist(circuit, [*pulse_corners(circuit)][-1], 0.032, 4)
    else:
        requests, answers, end = timetable(conversation())
        text = netlist(setup(circuit), corners(circuit)[-1], requests, answers)
    return "\n".join([text, MODELS, transient_command(end, STEP), ".end"])


if __name__ == "__main__":
    sys.exit(main())
