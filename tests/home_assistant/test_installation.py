"""What is said where Home Assistant, or a browser for it, is not to be had."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
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


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Installation:
    """An installation on this computer, with a Python of which a test says what it does."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 0\n")
    python.chmod(0o755)
    monkeypatch.setattr(module, "_python", lambda: str(python))
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return Installation(tmp_path / "home-assistant", debian=False)


@pytest.mark.parametrize("packages", ["python3.13-dev", "python3.13-dev python3.13-venv"])
def test_a_python_without_its_headers_is_told_before_pip_begins(
    here: Installation, tmp_path: Path, packages: str
) -> None:
    (tmp_path / "python").write_text(f"#!/bin/sh\n[ $1 = -c ] && echo {packages}\n")
    steps: list[str] = []
    with pytest.raises(MissingError) as caught:
        here.install(steps.append)
    assert str(caught.value) == f"it needs more of Python here: sudo apt install {packages}"
    assert steps == []
    assert not here.folder.exists()


def test_what_a_python_lacks_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lacking = [sys.executable, "-c", module.LACKING]
    assert subprocess.check_output(lacking, text=True).strip() == ""
    # One of another place has no headers there.
    code = f"import sysconfig; sysconfig.get_path = lambda _: {str(tmp_path)!r}\n{module.LACKING}"
    name = "python{}.{}".format(*sys.version_info[:2])
    found = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert found.strip() == f"{name}-dev"


def test_pip_that_fails_says_why_in_one_line(here: Installation, tmp_path: Path) -> None:
    pip = here.folder / "venv" / "bin" / "python"
    (tmp_path / "python").write_text(
        f"#!/bin/sh\n[ $1 = -m ] || exit 0\nmkdir -p {pip.parent}\n"
        f"printf '#!/bin/sh\\nseq 67; echo ERROR: no wheel for lru; exit 1\\n' > {pip}\n"
        f"chmod +x {pip}\n"
    )
    with pytest.raises(MissingError) as caught:
        here.install(lambda _: None)
    log = here.folder / "pip.log"
    assert str(caught.value) == f"pip failed: no wheel for lru (all that it printed: {log})"
    assert log.read_text().splitlines()[66:] == ["67", "ERROR: no wheel for lru"]
    assert not here.is_installed()


def test_a_browser_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _have_all_but(monkeypatch, "chromium", "google-chrome")
    assert chromium() == "/bin/chromium-browser"
    _have_all_but(monkeypatch, "chromium", "chromium-browser", "google-chrome")
    expected = (
        "no browser: none of chromium, chromium-browser, google-chrome is here; "
        "script/setup --system --home-assistant installs one"
    )
    with pytest.raises(MissingError, match=expected):
        chromium()
    assert missing() == expected
