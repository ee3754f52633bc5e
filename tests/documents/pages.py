"""The pages, the YAML in them, and the lists in some of them."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
EXAMPLES = ROOT / "example_configs" / "README.md"
PAGES = [*DOCUMENTS, EXAMPLES]


def yaml_blocks(text: str) -> list[str]:
    """Return a page's blocks of YAML, without the indentation of a surrounding list."""
    found = re.findall(r"^ *```yaml\n(.*?)^ *```", text, re.M | re.S)
    return [textwrap.dedent(block) for block in found]


def link_statuses() -> list[str]:
    """Return every link status, as the firmware publishes it."""
    source = (ROOT / "components" / "multical" / "link_monitor.cpp").read_text("utf-8")
    return re.findall(r'LinkStatus::\w+:\s+return "(\w+)";', source)
