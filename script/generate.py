"""Write the files that are generated from tables.

The tables are components/multical/*.py and lab/wiring/circuits.py, and for the lists in
example_configs/README.md the files beside it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "components"), str(ROOT / "lab")]

import generate_code  # noqa: E402
import generate_examples  # noqa: E402
import generate_pages  # noqa: E402
from wiring.circuits import CIRCUITS  # noqa: E402
from wiring.document import wiring_document  # noqa: E402
from wiring.drawings import draw  # noqa: E402
from wiring.parts import Circuit  # noqa: E402


def _picture(circuit: Circuit) -> str:
    return draw(circuit).svg()


#: Each generated file and what makes its content.
GENERATED: dict[str, Callable[[], str]] = {
    "components/multical/unit_table.h": generate_code.unit_table,
    "components/multical/unit_numbers_table.h": generate_code.unit_numbers_table,
    "components/multical/info_code_table.h": generate_code.info_code_table,
    "components/multical/register_table.h": generate_code.register_table,
    "components/multical/register_numbers_table.h": generate_code.register_numbers_table,
    "tests/integration/configs/every_key.yaml": generate_code.every_key,
    "docs/registers.md": generate_pages.registers,
    "docs/wiring.md": wiring_document,
    "example_configs/README.md": generate_examples.examples_document,
    **{
        f"docs/images/{circuit.name}.svg": partial(_picture, circuit)
        for circuit in CIRCUITS.values()
    },
}


def main() -> int:
    """Write the files, or with --check name those that differ from what would be written."""
    parser = argparse.ArgumentParser(prog="script/generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if any is stale")
    check = parser.parse_args().check
    stale = False
    for name, content in GENERATED.items():
        path = ROOT / name
        text = content()
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale = True
        if check:
            print(f"stale: {name} (run script/generate)", file=sys.stderr)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
            print(f"wrote {name}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
