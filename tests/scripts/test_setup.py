"""script/setup says in a sentence what is missing, and how to install it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .machine import Machine


@pytest.fixture
def debian(tmp_path: Path) -> Machine:
    """A Debian with Python, on which nothing else is installed; the user is not root."""
    machine = Machine(tmp_path, "script/setup", "script/pip_install.py")
    machine.has("id", "echo 1000")
    machine.has("apt-get", f'echo "$@" >> {tmp_path}/apt-get.log')
    machine.has("apt-cache", "exit 100")
    machine.has("dpkg-query", "exit 1")
    machine.has("python3.13")
    return machine


def _said(machine: Machine, *arguments: str) -> str:
    """Return the last line that script/setup says when it fails."""
    result = machine.run("script/setup", *arguments)
    assert result.returncode == 1, result.stderr
    assert "command not found" not in result.stderr
    assert result.stdout == ""
    return result.stderr.splitlines()[-1]


@pytest.mark.parametrize("sudo", [None, "echo You are not in the sudoers file. >&2; exit 1"])
def test_a_user_who_cannot_be_root(debian: Machine, tmp_path: Path, sudo: str | None) -> None:
    if sudo:
        debian.has("sudo", sudo)
    said, command = _said(debian, "--system").split("su -c 'apt-get update -qq && ")
    assert said == (
        "setup: that needs root, and sudo does not work here; run this, then try again: "
    )
    assert " apt-get install -y " in command
    assert not (tmp_path / "apt-get.log").exists()


@pytest.mark.parametrize("user", [0, 1000])
def test_packages_are_installed(debian: Machine, tmp_path: Path, user: int) -> None:
    """Including a Python, if none that fits is installed."""
    debian.has("id", f"echo {user}")
    debian.has("sudo", 'exec "$@"')
    debian.has("apt-cache", '[ "$*" = "show python3.13-venv" ]')
    log = tmp_path / "apt-get.log"
    for has_python in (True, False):
        debian.has("python3.13", "exit 0" if has_python else "exit 1")
        log.write_text("")
        debian.run("script/setup", "--system", "--home-assistant")
        lines = log.read_text().splitlines()
        install = next(line for line in lines if line.startswith("install "))
        assert lines[0] == "update -qq"
        assert {"g++", "ngspice", "chromium"} <= set(install.split())
        assert install.endswith(" python3.13-venv python3.13-dev") != has_python


@pytest.mark.parametrize("step", ["update", "install"])
def test_apt_get_fails(debian: Machine, step: str) -> None:
    debian.has("id", "echo 0")
    debian.has("apt-get", f'[ "$1" != {step} ]')
    assert _said(debian, "--system") == "setup: apt-get could not install them, see above"


def test_what_is_missing(debian: Machine, tmp_path: Path) -> None:
    assert _said(debian).endswith("install g++, for example: sudo apt install g++")
    (tmp_path / "programs" / "apt-get").unlink()
    assert _said(debian, "--system").startswith("setup: --system needs Debian's apt-get; install")


PIPX = "sudo apt install pipx && pipx install uv && ~/.local/bin/uv python install 3.13"


@pytest.mark.parametrize(
    ("packages", "advice"),
    [
        # Ubuntu 24.04, Debian 13, Debian 12.
        (["python3.12-venv"], "sudo apt install python3.12-venv"),
        (["python3.13-venv"], "sudo apt install python3.13-venv"),
        (["python3.11-venv"], PIPX),
    ],
)
def test_advice_names_a_package_that_exists(
    debian: Machine, packages: list[str], advice: str
) -> None:
    debian.has("g++")
    # Its Python is too old, or comes without venv.
    debian.has("python3.13", "exit 1")
    debian.has("apt-cache", f'[ "$*" = "show {packages[0]}" ]')
    said = _said(debian)
    assert said == f"setup: no Python 3.12, 3.13 or 3.14 with venv found; install one: {advice}"


@pytest.mark.parametrize(
    "folder", [".pyenv/versions/3.13.9", ".local/share/uv/python/cpython-3.13.9-linux"]
)
def test_python_of_a_user_is_found(debian: Machine, tmp_path: Path, folder: str) -> None:
    debian.has("g++")
    debian.has("python3.13", "exit 1")
    python = tmp_path / folder / "bin" / "python3"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n[ $1 = -c ] || exit 7\n")
    python.chmod(0o755)
    result = debian.run("script/setup")
    assert "setup: making .venv with" in result.stderr
