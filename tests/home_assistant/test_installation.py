"""What is said where Home Assistant, or a browser for it, is not to be had."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from . import installation as module
from .browser import chromium, missing
from .installation import Installation, MissingError, installation, main

NO_PYTHON = "needs Python 3.13.2 or newer, before 3.14, which is not here"


@pytest.fixture
def _a_user_without_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_python", lambda: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    _have_all_but(monkeypatch)


def _have_all_but(monkeypatch: pytest.MonkeyPatch, *tools: str) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name in tools else f"/bin/{name}")


@pytest.mark.usefixtures("_a_user_without_python")
@pytest.mark.parametrize(
    ("tools", "user", "expected"),
    [
        (["mmdebstrap"], 0, "but needs mmdebstrap"),
        (["unshare", "chroot"], 0, "but needs unshare and chroot"),
        ([], 1000, "but needs root"),
        (["mmdebstrap"], 1000, "but needs mmdebstrap and root"),
    ],
)
def test_what_a_debian_needs_is_named(
    tools: list[str], user: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _have_all_but(monkeypatch, *tools)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    with pytest.raises(MissingError) as caught:
        installation()
    assert NO_PYTHON in str(caught.value)
    assert str(caught.value).endswith(expected)


@pytest.mark.usefixtures("_a_user_without_python")
def test_the_command_says_so_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 1
    assert NO_PYTHON in capsys.readouterr().err


@pytest.fixture
def broken_debian(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Installation:
    """An installation whose first step fails, where another version was before."""
    tools = tmp_path / "tools"
    tools.mkdir()
    tool = tools / "mmdebstrap"
    tool.write_text("#!/bin/sh\necho no mirror is reached >&2\nexit 3\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    result = Installation(tmp_path / "home-assistant", debian=True)
    result.folder.mkdir()
    (result.folder / "installed.json").write_text('["2025.4.4"]')
    return result


def test_another_version_is_not_taken_for_this_one(broken_debian: Installation) -> None:
    assert not broken_debian.is_installed()


def test_a_step_that_fails_says_why_and_installs_nothing(broken_debian: Installation) -> None:
    steps: list[str] = []
    with pytest.raises(MissingError, match="no mirror is reached"):
        broken_debian.install(steps.append)
    assert steps == ["a Debian trixie with Python in home-assistant/debian"]
    assert not broken_debian.is_installed()


def test_a_browser_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _have_all_but(monkeypatch, "chromium", "google-chrome")
    assert chromium() == "/bin/chromium-browser"
    _have_all_but(monkeypatch, "chromium", "chromium-browser", "google-chrome")
    expected = "no browser: none of chromium, chromium-browser, google-chrome is installed"
    with pytest.raises(MissingError, match=expected):
        chromium()
    assert missing() == expected
