"""Install with pip into the virtual environment whose Python runs this.

Arguments go to pip. If it fails, one sentence says why; the full output of pip is kept in a file.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

#: How pip is called. It must not ask anything: there may be nobody to answer.
PIP = ("-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check")

#: What pip or a compiler that it runs prints, and what that means. The first match counts.
REASONS = (
    (r"No space left on device", "no space is left on the disk"),
    (r"fatal error: Python\.h: ", "Python's headers are missing: sudo apt install python3-dev"),
    (r"fatal error: (\S+): No such file", r"the header \1 is missing"),
    (r"No such file or directory: '(\S*(?:gcc|g\+\+|cc))'", r"the compiler \1 is missing"),
    (r"connection broken by (?s:.)*^ERROR: No matching ", "the package index cannot be reached"),
    (r"^ERROR: (?!Could not find a version)(.+)", r"\1"),
)


def reason(output: str) -> str:
    """Return in a sentence why pip failed, from its output."""
    for pattern, meaning in REASONS:
        if match := re.search(pattern, output, re.M):
            return match.expand(meaning)
    return next((line for line in reversed(output.splitlines()) if line.strip()), "no output")


def failure(output: str, log: Path) -> str:
    """Return what to say about a pip that failed, and keep its output in a file."""
    log.write_text(output, "utf-8")
    return f"pip failed: {reason(output)} (full output: {log})"


def main() -> int:
    """Install; return the exit code."""
    done = subprocess.run(
        [sys.executable, *PIP, *sys.argv[1:]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        print(f"setup: {failure(done.stdout, Path(sys.prefix, 'pip.log'))}", file=sys.stderr)
    return done.returncode and 1


if __name__ == "__main__":
    sys.exit(main())
