"""Write the files that are generated from tables, and the tables in the pages.

The tables are in components/multical/*.py and lab/wiring/circuits.py; script/tables.py has the
others.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cogapp import Cog

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / folder) for folder in ("components", "lab", "tests")]

import generate_code  # noqa: E402
from check_tables import problems  # noqa: E402
from multical.registers import REGISTERS  # noqa: E402
from wiring.circuits import CIRCUITS  # noqa: E402
from wiring.drawings import draw  # noqa: E402
from wiring.parts import Circuit  # noqa: E402
from wiring.plans import PLANS  # noqa: E402
from wiring.scenes import whole_way  # noqa: E402
from wiring.sheet import Sheet  # noqa: E402


def _picture(circuit: Circuit) -> str:
    return draw(circuit).svg()


def _plan(drawn: Callable[[], Sheet]) -> str:
    return drawn().svg()


#: Each file that is generated as a whole, and what makes its content.
GENERATED: dict[str, Callable[[], str]] = {
    "components/multical/unit_table.h": generate_code.unit_table,
    "components/multical/unit_numbers_table.h": generate_code.unit_numbers_table,
    "components/multical/info_code_table.h": generate_code.info_code_table,
    "components/multical/register_table.h": generate_code.register_table,
    "components/multical/register_numbers_table.h": generate_code.register_numbers_table,
    "tests/integration/configs/every_key.yaml": generate_code.every_key,
    "docs/images/whole-way.svg": lambda: whole_way().svg(),
    **{
        f"docs/images/{circuit.name}.svg": partial(_picture, circuit)
        for circuit in CIRCUITS.values()
    },
    **{f"docs/images/{name}.svg": partial(_plan, drawn) for name, drawn in PLANS.items()},
}

#: The pages that have tables between cog's markers.
PAGES = ("README.md", "docs/*.md", "example_configs/README.md")
COG = ["cog", "-P", "-p", "import tables; from wiring import document", "--verbosity=1"]


def main() -> int:
    """Write the files, or with --check name those that are out of date."""
    parser = argparse.ArgumentParser(prog="script/generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if any is stale")
    check = parser.parse_args().check
    os.chdir(ROOT)
    if wrong := list(problems(REGISTERS)):
        print(*wrong, sep="\n", file=sys.stderr)
        return 1
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
    mode = ["--check", "--check-fail-msg=run script/generate"] if check else ["-r"]
    failed = Cog().main([*COG, *mode, *PAGES])
    return 1 if failed or (check and stale) else 0


if __name__ == "__main__":
    sys.exit(main())
