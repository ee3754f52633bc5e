"""Run a Home Assistant of its own: fresh, with a user, and without the internet."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import requests

from .connection import Connection
from .installation import Installation, MissingError

USER = "home"
PASSWORD = "home"

CONFIGURATION = """
homeassistant:
  name: Home
  country: DK
  currency: DKK
  language: en
  time_zone: Europe/Copenhagen
  unit_system: metric
  latitude: 55.68
  longitude: 12.57
  elevation: 10
  packages: !include_dir_named packages
http:
  server_host: 127.0.0.1
  server_port: {port}
recorder:
  commit_interval: 1
api:
config:
energy:
frontend:
history:
logbook:
automation: !include automations.yaml
"""

#: The steps of its first start but the user; one of them would look for things on the internet.
ONBOARDING = {
    "version": 4,
    "minor_version": 1,
    "key": "onboarding",
    "data": {"done": ["core_config", "analytics", "integration"]},
}

#: Seconds until it answers, and until it has written everything at its end.
START_TIMEOUT = 60
STOP_TIMEOUT = 30


class HomeAssistant:
    """A running Home Assistant, as a context manager; its folder is removed at the end.

    connection: to its own API, as the user that it has. token: of that user, for requests.
    """

    def __init__(
        self,
        installation: Installation,
        folder: Path,
        *,
        port: int = 0,
        files: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare.

        folder: for its configuration and data. port: on the loopback address; 0 for any that is
        free. files: more of its configuration, text by path in the folder.
        """
        self._installation = installation
        self.folder = folder
        self.url = f"http://127.0.0.1:{port or _free_port()}"
        self._files = {"automations.yaml": "[]\n"} | dict(files or {})
        self._process: subprocess.Popen[bytes] | None = None
        self.token = ""
        self.connection: Connection

    def __enter__(self) -> Self:
        """Start it and make the user. Raises MissingError."""
        shutil.rmtree(self.folder, ignore_errors=True)
        port = self.url.rpartition(":")[2]
        onboarding = json.dumps(ONBOARDING)
        files = {"configuration.yaml": CONFIGURATION.format(port=port)} | self._files
        for name, text in {**files, ".storage/onboarding": onboarding}.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        (self.folder / "packages").mkdir(exist_ok=True)
        try:
            self._start()
            self.token = self._make_user()
            self.connection = Connection(self.url, self.token)
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it, and remove its folder."""
        try:
            self.connection.close()
        finally:
            self._remove()

    def restart(self) -> float:
        """Stop it and start it again; return the seconds that it took to stop."""
        self.connection.close()
        begin = time.monotonic()
        self._stop()
        seconds = time.monotonic() - begin
        self._start()
        self.connection = Connection(self.url, self.token)
        return seconds

    def log(self) -> str:
        """Return what it has logged since its last start."""
        return (self.folder / "home-assistant.log").read_text("utf-8", errors="replace")

    def complaints(self) -> list[str]:
        """Return the lines of its log that are more than information."""
        return re.findall(r"^\S+ \S+ (?:WARNING|ERROR|CRITICAL) .*$", self.log(), re.MULTILINE)

    def add_device(self, api_port: int) -> None:
        """Add an ESPHome device through the same dialogue as a user would."""
        step = self._post("config/config_entries/flow", {"handler": "esphome"})
        address = {"host": "127.0.0.1", "port": api_port}
        result = self._post(f"config/config_entries/flow/{step['flow_id']}", address)
        if result["type"] != "create_entry":
            raise RuntimeError(f"the device was not added: {result}")

    def _start(self) -> None:
        # It appends to the log of the start before, which is told apart by moving that away.
        log = self.folder / "home-assistant.log"
        if log.exists():
            log.rename(log.with_suffix(".log.before"))
        command = self._installation.command(
            "-m", "homeassistant", "-c", str(self.folder), "--skip-pip", shared=self.folder
        )
        with (self.folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                command,
                env=os.environ | {"HOME": str(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._stop()
                text = (self.folder / "output.log").read_text("utf-8", errors="replace")
                raise MissingError(f"Home Assistant does not start:\n{text}")
            try:
                if requests.get(f"{self.url}/manifest.json", timeout=5).ok:
                    return
            except requests.ConnectionError:
                pass
            time.sleep(0.2)

    def _stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _remove(self) -> None:
        self._stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make_user(self) -> str:
        """Return a token of a new user that is good for years."""
        client = {"client_id": f"{self.url}/"}
        user = {"name": "Home", "username": USER, "password": PASSWORD, "language": "en"}
        code = self._post("onboarding/users", client | user)["auth_code"]
        answer = requests.post(
            f"{self.url}/auth/token",
            data=client | {"grant_type": "authorization_code", "code": code},
            timeout=10,
        )
        answer.raise_for_status()
        with Connection(self.url, answer.json()["access_token"]) as connection:
            return str(
                connection.ask("auth/long_lived_access_token", client_name="test", lifespan=9)
            )

    def _post(self, path: str, data: dict[str, Any]) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = requests.post(f"{self.url}/api/{path}", json=data, headers=headers, timeout=30)
        if not answer.ok:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text}")
        return answer.json()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
