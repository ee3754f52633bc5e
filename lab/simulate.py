"""Simulate the circuits of docs/wiring.md with ngspice, and print the worst of all cases.

Real requests and answers go through each circuit, with couplers, cables, supplies and resistors at
the edges of their tolerances. About half a minute.
"""

from __future__ import annotations

import argparse
import shutil
import sys

from circuits.figures import SIMULATED, figures, table
from circuits.pulses import pulse_corners, pulse_netlist
from circuits.simulation import conversation, corners, netlist, setup, timetable
from circuits.spice import MODELS
from rich.console import Console
from rich.table import Table
from wiring.circuits import CIRCUITS, PULSE_OUTPUT
from wiring.document import WIRING, replaced
from wiring.parts import Circuit


def main() -> int:
    """Simulate and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="script/simulate", description=__doc__)
    parser.add_argument(
        "--write", action="store_true", help="also write the figures into docs/wiring.md"
    )
    parser.add_argument(
        "--netlist",
        metavar="CIRCUIT",
        choices=[circuit.name for circuit in SIMULATED],
        help="print one of the netlists instead: " + ", ".join(c.name for c in SIMULATED),
    )
    options = parser.parse_args()
    if options.netlist:
        _print_netlist(CIRCUITS[options.netlist])
        return 0
    if not shutil.which("ngspice"):
        print("simulate: no ngspice; script/setup --system installs it", file=sys.stderr)
        return 1

    console = Console()
    found = {}
    for circuit in SIMULATED:
        with console.status(circuit.title):
            found[circuit.name] = figures(circuit)
        shown = Table(title=circuit.title, title_justify="left", show_header=False)
        for row in found[circuit.name].items():
            shown.add_row(*row)
        console.print(shown)
    if options.write:
        text = replaced(
            WIRING.read_text("utf-8"), {"figures": lambda circuit: table(found[circuit.name])}
        )
        WIRING.write_text(text, "utf-8")
        console.print("wrote docs/wiring.md")
    return 0


def _print_netlist(circuit: Circuit) -> None:
    """Print the netlist of the last corner, for `ngspice FILE`."""
    if circuit is PULSE_OUTPUT:
        end = 0.3
        print(pulse_netlist(circuit, [*pulse_corners(circuit)][-1], 0.032, 4))
    else:
        times = timetable(conversation())
        end = times.end
        print(netlist(setup(circuit), corners(circuit)[-1], times))
    print(f"{MODELS}\n.tran 50u {end:g} 0 50u\n.end")


if __name__ == "__main__":
    sys.exit(main())
