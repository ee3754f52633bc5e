"""--help of every script prints help, and unknown arguments are refused."""

from __future__ import annotations

import subprocess

import pytest

from .machine import ROOT

SCRIPTS = sorted(
    path.name for path in (ROOT / "script").iterdir() if path.is_file() and not path.suffix
)
#: They pass unknown arguments on to pytest.
TESTS = {"test", "test-home-assistant", "test-lab"}


def _run(script: str, argument: str) -> subprocess.CompletedProcess[str]:
    command = (str(ROOT / "script" / script), argument)
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("option", ["--help", "-h"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_help(script: str, option: str) -> None:
    result = _run(script, option)
    assert (result.returncode, result.stderr) == (0, "")
    assert "--help" in result.stdout
    assert "set -e" not in result.stdout
    assert len(result.stdout) > 100
    assert script not in TESTS or ".venv/bin/python -m pytest --help" in result.stdout


@pytest.mark.parametrize("script", sorted({*SCRIPTS} - TESTS))
def test_unknown_argument(script: str) -> None:
    result = _run(script, "--nonsense")
    assert (result.returncode, result.stdout) == (2, "")
    assert f"script/{script}: " in result.stderr
    assert "--nonsense" in result.stderr
