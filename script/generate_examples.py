"""The tables of example_configs/README.md, from the first lines of the files that they list.

They stand between two comments, `<!-- NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "example_configs"
README = EXAMPLES / "README.md"
SECRETS = EXAMPLES / "secrets.example.yaml"
PACKAGES = EXAMPLES / "packages"

#: Table -> the files that it lists, in this order: packages that everybody takes come first.
TABLES = {
    "complete configurations": sorted({*EXAMPLES.glob("*.yaml")} - {SECRETS}),
    "packages": [
        *(PACKAGES / f"{name}.yaml" for name in ("network", "standard", "diagnostics")),
        *(PACKAGES / f"{name}.yaml" for name in ("identity", "peaks", "info-codes")),
        *sorted((PACKAGES / "boards").glob("*.yaml")),
    ],
}

BEGINNING = "# When to take it: "


def when_to_take_it(config: Path) -> str:
    """Return the first sentence of a configuration, without its full stop.

    Raises ValueError if it does not begin as it should.
    """
    text = config.read_text("utf-8")
    comment = re.match(r"(?:#.*\n)+", text)
    if not text.startswith(BEGINNING) or not comment:
        raise ValueError(f"{config.name} must begin with '{BEGINNING}'")
    lines = [line.removeprefix("#").strip() for line in comment[0].splitlines()]
    sentence = re.match(r"(.+?)\.(?: |$)", " ".join(lines).removeprefix(BEGINNING[2:]))
    if not sentence:
        raise ValueError(f"{config.name}: its first sentence must end with a full stop")
    return sentence[1]


def _table(files: list[Path]) -> str:
    rows = ["| file | when to take it |", "| --- | --- |"]
    for file in files:
        name = file.relative_to(EXAMPLES).as_posix()
        rows.append(f"| [{name}]({name}) | {when_to_take_it(file)} |")
    return "\n".join(rows)


def examples_document() -> str:
    """Return example_configs/README.md."""
    text = README.read_text("utf-8")
    for name, files in TABLES.items():
        text = _with_block(text, name, _table(files))
    return text


def _with_block(text: str, name: str, content: str) -> str:
    block = f"<!-- {name} -->\n\n{content}\n\n<!-- end -->"
    pattern = rf"<!-- {name} -->\n.*?<!-- end -->"
    text, count = re.subn(pattern, lambda _: block, text, flags=re.S)
    if count != 1:
        raise ValueError(f"{README.name} has {count} places for '{name}', must have 1")
    return text
