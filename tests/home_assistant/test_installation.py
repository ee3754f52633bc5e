"""What is said if Home Assistant cannot be installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripts.machine import Machine

from . import core

SCRIPT = "script/install_home_assistant.sh"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A computer, used as root, with another version installed and without a suitable Python."""
    machine = Machine(tmp_path, SCRIPT, "script/pip_install.py")
    machine.has("chmod", 'exec /bin/chmod "$@"')
    machine.has("id", "echo 0")
    machine.write(".cache/home-assistant/installed", "2025.4.4")
    return machine


def _said(machine: Machine, code: int) -> str:
    result = machine.run(SCRIPT)
    assert result.returncode == code, result.stderr
    assert (machine.folder / ".cache/home-assistant/installed").exists() == (code == 0)
    return result.stderr


@pytest.mark.parametrize(("tool", "user"), [("mmdebstrap", 1000), ("other", 0)])
def test_a_computer_without_debian(machine: Machine, tool: str, user: int) -> None:
    machine.has(tool)
    machine.has("id", f"echo {user}")
    assert machine.run(SCRIPT).stderr == (
        "Home Assistant: version 2026.2.3 needs Python 3.13.2 or newer, but below 3.14, which is "
        "not installed, or else root and mmdebstrap to install one in a folder\n"
    )


def test_a_debian_that_fails_says_why(machine: Machine) -> None:
    machine.has("mmdebstrap", "echo no mirror is reached >&2; exit 3")
    said = _said(machine, 1)
    assert said.endswith("no mirror is reached\nHome Assistant: mmdebstrap failed, see above\n")


#: A Python that uses another one to make virtual environments.
PYTHON = """
[ $1 = -c ] && exit
mkdir -p $3/bin
printf '#!/bin/sh\\n{code}\\n' > $3/bin/python
chmod +x $3/bin/python
"""


def test_pip_that_fails_says_why(machine: Machine) -> None:
    machine.has("python3.13", PYTHON.format(code="echo setup: pip failed: no wheel >&2; exit 1"))
    assert _said(machine, 1).endswith("version 2026.2.3\nsetup: pip failed: no wheel\n")


def test_what_is_installed_is_not_installed_again(machine: Machine) -> None:
    machine.has("python3.13", PYTHON.format(code="exit"))
    assert _said(machine, 0).endswith("Home Assistant: done\n")
    assert _said(machine, 0) == ""


def test_one_that_does_not_start_shows_its_output_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").write_text("#!/bin/sh\necho it is broken; exit 1\n")
    (tmp_path / "run").chmod(0o755)
    monkeypatch.setattr(core, "FOLDER", tmp_path)
    home = core.home_assistant(tmp_path / "config", {})
    with pytest.raises(TimeoutError, match="does not start:\nit is broken"), home:
        pass
    assert not (tmp_path / "config").exists()
