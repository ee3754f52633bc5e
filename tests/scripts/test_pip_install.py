"""script/pip_install.py: the reason for a failure in a sentence, and everything else in a file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pip_install import reason

from .machine import ROOT

NO_MATCH = "ERROR: No matching distribution found for six==99\n"
NO_VERSION = "ERROR: Could not find a version that satisfies the requirement six==99 (from …)\n"
BROKEN = "WARNING: Retrying (…) after connection broken by 'NewConnectionError(…)': /simple/six/\n"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (NO_VERSION + NO_MATCH, "No matching distribution found for six==99"),
        (BROKEN * 5 + NO_VERSION + NO_MATCH, "the package index cannot be reached"),
        # It was reached again.
        (BROKEN + "ERROR: Failed building wheel for a\n", "Failed building wheel for a"),
        (
            "a.c:1:10: fatal error: Python.h: No such file or\nERROR: Failed building a\n",
            "Python's headers are missing: sudo apt install python3-dev",
        ),
        ("  a.c:1:10: fatal error: ffi.h: No such file or\n", "the header ffi.h is missing"),
        (
            "error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-gcc'\n",
            "the compiler x86_64-linux-gnu-gcc is missing",
        ),
        ("ERROR: [Errno 28] No space left on device\n", "no space is left on the disk"),
        ("Traceback\nKeyError: 1\n\n", "KeyError: 1"),
        ("", "no output"),
    ],
)
def test_reason(output: str, expected: str) -> None:
    assert reason(output) == expected


@pytest.mark.parametrize(("code", "status"), [(0, 0), (2, 1)])
def test_a_failure_is_one_line(tmp_path: Path, code: int, status: int) -> None:
    """In an empty virtual environment with its own pip."""
    output = "noise\n" * 67 + NO_VERSION + NO_MATCH
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (tmp_path / "pip.py").write_text(
        f"import sys\nassert 'six==99' in sys.argv\nprint({output!r}, end='')\nsys.exit({code})\n"
    )
    result = subprocess.run(
        [venv / "bin" / "python", ROOT / "script" / "pip_install.py", "six==99"],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    log = venv / "pip.log"
    why = "No matching distribution found for six==99"
    said = f"setup: pip failed: {why} (full output: {log})\n"
    assert (result.returncode, result.stdout, result.stderr) == (status, "", said * status)
    assert not status or log.read_text("utf-8") == output
