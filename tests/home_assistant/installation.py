"""Install a real Home Assistant, once, with what these tests need of it.

Home Assistant supports few versions of Python. Where this computer does not have one, a Debian that
has is put into a folder (needs root and Debian's mmdebstrap); Home Assistant then runs with that
folder as its root, in a mount namespace that ends with it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from integration.firmware import ROOT
from pip_install import PIP, failure

VERSION = "2026.2.3"
#: Oldest version of Python that it takes, and the first that it was not made for.
PYTHON = (3, 13, 2), (3, 14)

#: What is set up in it; the integrations that these depend on come along.
INTEGRATIONS = (
    "api",
    "auth",
    "automation",
    "camera",
    "config",
    "energy",
    "esphome",
    "frontend",
    "history",
    "http",
    "image",
    "input_number",
    "logbook",
    "lovelace",
    "media_source",
    "onboarding",
    "persistent_notification",
    "recorder",
    "sensor",
    "stream",
    "template",
    "utility_meter",
    "websocket_api",
    "zeroconf",
)

DEBIAN = "trixie"
DEBIAN_PACKAGES = ("python3", "python3-venv", "python3-dev", "ca-certificates", "g++", "libc6-dev")
#: Files of this computer without which that Debian reaches no network.
NETWORK_FILES = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/ssl/certs/ca-certificates.crt",
)

# $1: the folder with Debian, $2: a folder that is seen inside under the same path.
ENTER = """
set -e
root=$1 shared=$2
shift 2
mount -t proc proc "$root/proc"
mkdir -p "$root$shared"
mount --bind "$shared" "$root$shared"
exec chroot "$root" "$@"
"""

# Runs in Home Assistant's Python; prints what its integrations require.
REQUIREMENTS = """
import json, pathlib, sys
import homeassistant
components = pathlib.Path(homeassistant.__file__).parent / "components"
wanted, seen = sys.argv[1:], set()
while wanted:
    name = wanted.pop()
    if name not in seen:
        seen.add(name)
        manifest = json.loads((components / name / "manifest.json").read_text())
        wanted += manifest.get("dependencies", [])
        print(*manifest.get("requirements", []), sep="\\n")
"""

# Runs in a Python of this computer; prints the packages of Debian's that it lacks: Home Assistant
# has a virtual environment, and compiles parts of itself.
LACKING = """
import importlib.util, pathlib, sys, sysconfig
name = "python%d.%d" % sys.version_info[:2]
if not pathlib.Path(sysconfig.get_path("include"), "Python.h").exists():
    print(f"{name}-dev", end=" ")
if not importlib.util.find_spec("ensurepip"):
    print(f"{name}-venv")
"""

#: Where it is installed, and what runs of it keeps its data.
FOLDER = ROOT / ".cache" / "home-assistant"


class MissingError(Exception):
    """This computer cannot run Home Assistant; the text says what is missing, or was printed."""


class StepError(MissingError):
    """A program of an installation failed. output: all that it printed."""

    def __init__(self, command: Sequence[str], output: str) -> None:
        """Name the program."""
        super().__init__(f"{' '.join(command)}\n{output}")
        self.output = output


@dataclass(frozen=True)
class Installation:
    """Home Assistant in a folder. debian: it runs in a Debian of its own there."""

    folder: Path
    debian: bool

    @property
    def root(self) -> Path:
        """Where a Debian of its own is, or would be."""
        return self.folder / "debian"

    @property
    def venv(self) -> Path:
        """The virtual environment, under the path that it has where it runs."""
        return Path("/venv") if self.debian else self.folder / "venv"

    def command(self, *arguments: str, shared: Path) -> list[str]:
        """Return the command line that runs Home Assistant's Python with these arguments.

        shared: a folder that it sees under the same path. The process is Python itself: what
        signals it gets, Python gets.
        """
        return self._enter(shared, str(self.venv / "bin" / "python"), *arguments)

    def is_installed(self) -> bool:
        """Tell whether it is there, in this version and with all its integrations."""
        return self._stamp.exists() and self._stamp.read_text() == _wanted()

    def install(self, say: Callable[[str], None]) -> None:
        """Install it, in the place of what is there. say: gets each step before it begins.

        Raises MissingError: what the Python here lacks, why pip failed, or what a step printed.
        """
        python = "/usr/bin/python3" if self.debian else _python()
        assert python is not None
        if not self.debian and (packages := _run([python, "-c", LACKING]).strip()):
            raise MissingError(f"it needs more of Python here: sudo apt install {packages}")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        if self.debian:
            say(f"a Debian {DEBIAN} with Python in {self.root.relative_to(ROOT)}")
            include = f"--include={','.join(DEBIAN_PACKAGES)}"
            _run(["mmdebstrap", "--quiet", "--variant=minbase", include, DEBIAN, str(self.root)])
            for name in NETWORK_FILES:
                if Path(name).exists():
                    shutil.copy(name, f"{self.root}{name}")
        say(f"Home Assistant {VERSION}")
        _run(self._enter(self.folder, python, "-m", "venv", str(self.venv)))
        self._pip(f"homeassistant=={VERSION}")
        say(f"what {len(INTEGRATIONS)} of its integrations need")
        listing = self.command("-c", REQUIREMENTS, *INTEGRATIONS, shared=self.folder)
        find = "import homeassistant; print(homeassistant.__path__[0])"
        package = _run(self.command("-c", find, shared=self.folder)).strip()
        self._pip("-c", f"{package}/package_constraints.txt", *_run(listing).split())
        self._stamp.write_text(_wanted())

    @property
    def _stamp(self) -> Path:
        return self.folder / "installed.json"

    def _pip(self, *arguments: str) -> None:
        try:
            _run(self.command(*PIP, "--no-cache-dir", *arguments, shared=self.folder))
        except StepError as error:
            raise MissingError(failure(error.output, self.folder / "pip.log")) from error

    def _enter(self, shared: Path, *command: str) -> list[str]:
        if not self.debian:
            return list(command)
        return [
            "unshare",
            "--mount",
            "sh",
            "-c",
            ENTER,
            "sh",
            str(self.root),
            str(shared),
            *command,
        ]


def installation() -> Installation:
    """Return the installation that fits this computer; it need not be there yet.

    Raises MissingError.
    """
    debian = _python() is None
    if debian:
        tools = [tool for tool in ("mmdebstrap", "unshare", "chroot") if not shutil.which(tool)]
        if tools or os.geteuid() != 0:
            oldest, first_not = (".".join(map(str, version)) for version in PYTHON)
            missing = " and ".join([*tools, *["root"] * (os.geteuid() != 0)])
            raise MissingError(
                f"Home Assistant {VERSION} needs Python {oldest} or newer, before {first_not}, "
                f"which is not here; a Debian in a folder would do, but needs {missing}"
            )
    return Installation(FOLDER, debian)


def _python() -> str | None:
    """Return a Python on this computer that Home Assistant takes."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    name = "python" + ".".join(map(str, PYTHON[0][:2]))
    check = f"import sys; sys.exit(not {PYTHON[0]} <= sys.version_info[:3] < {PYTHON[1]})"
    for candidate in (name, "python3", *map(str, pyenv.glob(f"*/bin/{name}"))):
        # A python3.x on the path may be a shim that only fails.
        found = shutil.which(candidate)
        if found and subprocess.run([found, "-c", check], capture_output=True).returncode == 0:
            return found
    return None


def _wanted() -> str:
    return json.dumps([VERSION, INTEGRATIONS, DEBIAN, DEBIAN_PACKAGES])


def _run(command: Sequence[str]) -> str:
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise StepError(command, result.stdout + result.stderr)
    return result.stdout


def main() -> int:
    """Install it unless it is there; return the exit code."""
    try:
        here = installation()
        if not here.is_installed():
            where = here.folder.relative_to(ROOT)
            print(f"Home Assistant: about 3 minutes and 1.7 GB in {where}", file=sys.stderr)
            start = time.monotonic()
            here.install(
                lambda step: print(
                    f"Home Assistant: {time.monotonic() - start:3.0f} s  {step}", file=sys.stderr
                )
            )
            print(f"Home Assistant: {time.monotonic() - start:3.0f} s  done", file=sys.stderr)
    except MissingError as error:
        print(f"Home Assistant: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
