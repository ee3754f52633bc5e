"""The last line of script/test says what was skipped, why, and how to run it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .machine import Machine

SKIPPING = """
import pytest

no_ngspice = pytest.mark.skipif(True, reason="no ngspice: script/setup --system installs it")

@no_ngspice
@pytest.mark.parametrize("n", range(3))
def test_circuit(n): pass

def test_oldest(): pytest.skip("no .venv-oldest: script/setup --oldest makes it")

def test_without_help(): pytest.skip("it is Sunday")

@pytest.mark.xfail
def test_expected_to_fail(): assert False

@pytest.mark.parametrize("n", range(5))
def test_other(n): pass
"""


@pytest.fixture
def project(tmp_path: Path) -> Machine:
    """A project with script/test and nothing to test."""
    machine = Machine(tmp_path, "script/test", "script/skipped.py")
    machine.use_venv()
    machine.write("script/lint", "#!/usr/bin/env bash\n", program=True)
    for folder in ("tests", "components"):
        (machine.folder / folder).mkdir()
    return machine


def test_last_line_sums_up_all_runs(project: Machine) -> None:
    (project.folder / ".venv-oldest").symlink_to(project.folder / ".venv")
    project.write("tests/test_skips.py", SKIPPING)
    project.write("tests/integration/test_line.py", "def test_it(): pass\n")
    project.write(
        "tests/components/test_more.py",
        'import pytest\n\ndef test_it(): pytest.skip("no ngspice: script/setup --system does")\n',
    )
    result = project.run("script/test")
    assert result.returncode == 0, result.stdout
    assert result.stdout.splitlines()[-1] == (
        "7 of 14 tests were skipped: 5 (no ngspice), 1 (it is Sunday), 1 (no .venv-oldest). "
        "To run them: script/setup --oldest --system"
    )


@pytest.mark.parametrize(("code", "status"), [("pass", 0), ("assert False", 1)])
def test_failures_stay_failures(project: Machine, code: str, status: int) -> None:
    project.write("tests/test_it.py", f"def test_it(): {code}\n")
    result = project.run("script/test", "tests")
    assert result.returncode == status
    assert result.stdout.splitlines()[-1] == "None of 1 tests was skipped."


def test_lint_that_fails_ends_it(project: Machine) -> None:
    project.write("script/lint", "#!/usr/bin/env bash\necho bad; exit 1\n", program=True)
    project.write("tests/test_it.py", "def test_it(): pass\n")
    result = project.run("script/test")
    assert (result.returncode, result.stdout) == (1, "bad\n")
