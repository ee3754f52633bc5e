"""Run a fresh Home Assistant, with a user, and without the internet."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import requests
from integration.firmware import ROOT

from .connection import Connection

#: Where script/setup installs it, and where its data is kept; it can see no other folder.
FOLDER = ROOT / ".cache" / "home-assistant"

USER = "home"
PASSWORD = "home"

CONFIGURATION = """
homeassistant:
  name: Home
  country: DK
  currency: DKK
  time_zone: Europe/Copenhagen
  packages: !include_dir_named packages
http:
  server_host: 127.0.0.1
  server_port: {port}
recorder:
  commit_interval: 1
energy:
frontend:
logbook:
automation: !include automations.yaml
"""

#: The steps of its first start except the user; one of them would look things up on the internet.
ONBOARDING = """
{"version": 4, "minor_version": 1, "key": "onboarding",
"data": {"done": ["core_config", "analytics", "integration"]}}
"""

#: Seconds until it answers, and until it has written everything when it stops.
START_TIMEOUT = 60
STOP_TIMEOUT = 30


class HomeAssistant:
    """A running Home Assistant.

    connection: to its own API, as its user. token: of that user, for requests.
    """

    token: str
    connection: Connection

    def __init__(self, folder: Path, port: int) -> None:
        """Prepare. folder: the one with its configuration."""
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers. Raises TimeoutError, with what it printed."""
        output = self._folder / "output.log"
        python = FOLDER / "venv" / "bin" / "python"
        with output.open("ab") as file:
            self._process = subprocess.Popen(
                [FOLDER / "run", python, "-m", "homeassistant", "-c", self._folder, "--skip-pip"],
                env=os.environ | {"HOME": str(self._folder)},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_TIMEOUT
        while self._process.poll() is None and time.monotonic() < deadline:
            with suppress(requests.ConnectionError):
                if requests.get(f"{self.url}/manifest.json", timeout=5).ok:
                    return
            time.sleep(0.2)
        raise TimeoutError(f"Home Assistant does not start:\n{output.read_text('utf-8')}")

    def stop(self) -> None:
        """Stop it, and wait until it is gone."""
        if self._process is None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_TIMEOUT)
        self._process.kill()
        self._process.wait()

    def restart(self) -> float:
        """Stop it and start it again; return the seconds that it took to stop."""
        self.connection.close()
        begin = time.monotonic()
        self.stop()
        seconds = time.monotonic() - begin
        self.start()
        self.connection = Connection(self.url, self.token)
        return seconds

    def complaints(self, about: str) -> list[str]:
        """Return the warnings and errors since its last start that match a pattern."""
        log = (self._folder / "home-assistant.log").read_text("utf-8", errors="replace")
        lines = re.findall(r"^\S+ \S+ (?:WARNING|ERROR|CRITICAL) .*$", log, re.MULTILINE)
        # It always logs something when it starts, so this was its log.
        assert any("[homeassistant.bootstrap]" in line for line in lines)
        return [line for line in lines if re.search(about, line, re.IGNORECASE)]

    def log_in(self) -> None:
        """Make the user, and connect with a token that is valid for days."""
        client = {"client_id": f"{self.url}/"}
        user = {"name": "Home", "username": USER, "password": PASSWORD, "language": "en"}
        code = self._post("api/onboarding/users", json=client | user)["auth_code"]
        self.token = self._lasting_token(code)
        self.connection = Connection(self.url, self.token)

    def add_guest(self) -> str:
        """Make a user who is no administrator; return a token."""
        client = {"client_id": f"{self.url}/"}
        user = self.connection.ask("config/auth/create", name="Guest", group_ids=["system-users"])
        login = {"username": "guest", "password": PASSWORD}
        self.connection.ask(
            "config/auth_provider/homeassistant/create", user_id=user["user"]["id"], **login
        )
        begin = {"handler": ["homeassistant", None], "redirect_uri": self.url}
        flow = self._post("auth/login_flow", json=client | begin)["flow_id"]
        code = self._post(f"auth/login_flow/{flow}", json=client | login)["result"]
        return self._lasting_token(code)

    def _lasting_token(self, code: str) -> str:
        client = {"client_id": f"{self.url}/"}
        grant = client | {"grant_type": "authorization_code", "code": code}
        token = self._post("auth/token", data=grant)["access_token"]
        with Connection(self.url, token) as first:
            return first.ask("auth/long_lived_access_token", client_name="test", lifespan=9)

    def add_device(self, api_port: int) -> None:
        """Add an ESPHome device through the same dialogue as a user would."""
        headers = {"Authorization": f"Bearer {self.token}"}
        flows = "api/config/config_entries/flow"
        step = self._post(flows, json={"handler": "esphome"}, headers=headers)
        address = {"host": "127.0.0.1", "port": api_port}
        result = self._post(f"{flows}/{step['flow_id']}", json=address, headers=headers)
        if result["type"] != "create_entry":
            raise RuntimeError(f"the device was not added: {result}")

    def _post(self, path: str, **arguments: Any) -> dict[str, Any]:
        answer = requests.post(f"{self.url}/{path}", timeout=30, **arguments)
        if not answer.ok:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text}")
        return answer.json()


@contextmanager
def home_assistant(
    folder: Path, files: Mapping[str, str], *, port: int = 0
) -> Iterator[HomeAssistant]:
    """Run it with a user. Raises TimeoutError, with what it printed.

    folder: for its configuration and data; removed at the end. files: more of its configuration,
    text by path in the folder. port: on the loopback address; 0 for any free one.
    """
    home = HomeAssistant(folder, port or _free_port())
    own = {
        "configuration.yaml": CONFIGURATION.format(port=home.url.rpartition(":")[2]),
        ".storage/onboarding": ONBOARDING,
    }
    shutil.rmtree(folder, ignore_errors=True)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        for name, text in {**own, **files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        stack.callback(home.stop)
        home.start()
        home.log_in()
        stack.callback(lambda: home.connection.close())
        yield home


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
