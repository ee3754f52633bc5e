"""Runs script/history as an owner does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def history(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, in a terminal of 80 columns, with environment variables."""
    paths = os.pathsep.join(str(ROOT / name) for name in ("tests", "components"))
    return subprocess.run(
        [sys.executable, ROOT / "script" / "history.py", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": paths, "COLUMNS": "80"} | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
