"""A computer with few programs, and this project's scripts on it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: What every Debian has.
BASE = (
    *("bash", "cat", "cmp", "cp", "dirname", "env", "find", "grep", "id", "mkdir", "mktemp", "mv"),
    *("rm", "sed", "sh", "tar"),
)


class Machine:
    """A folder without git, with some of this project's scripts, and a path with few programs."""

    def __init__(self, folder: Path, *scripts: str) -> None:
        """Copy the scripts; `script/setup` does nothing unless it is one of them."""
        self.folder = folder / "esphome-multical"
        self.folder.mkdir()
        for name in BASE:
            self.has(name, f'exec {shutil.which(name)} "$@"')
        self.write("script/setup", "#!/usr/bin/env bash\n", program=True)
        for name in (*scripts, "pyproject.toml"):
            self.write(name, (ROOT / name).read_text(), program=name in scripts)

    def write(self, name: str, text: str, *, program: bool = False) -> None:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text, "utf-8")
        path.chmod(0o755 if program else 0o644)

    def use_venv(self) -> None:
        """Link what is installed here as `.venv`."""
        (self.folder / ".venv").symlink_to(sys.prefix)

    def has(self, name: str, code: str = "exit 0") -> None:
        """Put a program on the path, as a shell script."""
        self.write(f"../programs/{name}", f"#!/bin/sh\n{code}\n", program=True)

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a script as a user without a terminal, and without anything to read."""
        return subprocess.run(
            [self.folder / script, *arguments],
            cwd=self.folder.parent,
            env={"PATH": f"{self.folder.parent}/programs", "HOME": str(self.folder.parent)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
