"""Say in one line how many tests were skipped, why, and how to run them.

The argument is a folder with what `pytest --junit-xml` wrote.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

#: The command that makes a test run, as the reason for skipping it names it.
COMMAND = re.compile(r"script/setup((?: --[\w-]+)+)")


def line(results: Path) -> str:
    """Return the line; empty if there are no results, as after `script/test --collect-only`."""
    tests = 0
    reasons = Counter[str]()
    for file in sorted(results.glob("*.xml")):
        for test in ElementTree.parse(file).iter("testcase"):
            tests += 1
            # Tests that are expected to fail count as skipped there, too.
            reasons.update(
                skipped.get("message", "")
                for skipped in test.iter("skipped")
                if skipped.get("type") == "pytest.skip"
            )
    if not reasons:
        return f"None of {tests} tests was skipped." if tests else ""
    why = Counter[str]()
    for reason, count in reasons.items():
        why[reason.partition(":")[0]] += count
    rows = sorted(why.items(), key=lambda row: (-row[1], row[0]))
    said = ", ".join(f"{count} ({reason})" for reason, count in rows)
    commands = " ".join(command for reason in reasons for command in COMMAND.findall(reason))
    options = sorted(set(commands.split()))
    run = f" To run them: script/setup {' '.join(options)}" if options else ""
    return f"{reasons.total()} of {tests} tests were skipped: {said}.{run}"


if __name__ == "__main__":
    if last := line(Path(sys.argv[1])):
        print(last)
