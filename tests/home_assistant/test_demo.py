"""script/demo --home-assistant: the address and the login that it prints are good for something."""

from __future__ import annotations

import re
import signal
import subprocess
from threading import Timer
from typing import Any

import requests

from .connection import Connection
from .installation import FOLDER, ROOT

#: Seconds until it has compiled, started and read.
TIMEOUT = 240


def _log_in(url: str, user: str, password: str) -> str:
    """Log in as its page does, and return a token."""
    client: dict[str, Any] = {"client_id": f"{url}/"}
    provider = {"handler": ["homeassistant", None], "redirect_uri": f"{url}/"}
    login = {"username": user, "password": password}
    flow = requests.post(f"{url}/auth/login_flow", json=client | provider, timeout=10).json()
    answer = requests.post(
        f"{url}/auth/login_flow/{flow['flow_id']}", json=client | login, timeout=10
    ).json()
    assert answer["type"] == "create_entry"
    code = {"grant_type": "authorization_code", "code": answer["result"]}
    token = requests.post(f"{url}/auth/token", data=client | code, timeout=10).json()
    return str(token["access_token"])


def test_a_demo_to_click_through() -> None:
    command = [str(ROOT / "script" / "demo"), "--home-assistant"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        # What waits for it below ends with it.
        guard = Timer(TIMEOUT, demo.terminate)
        guard.start()
        try:
            assert demo.stdout is not None
            printed = demo.stdout.readline() + demo.stdout.readline()
            found = re.fullmatch(
                r"Home Assistant: (http://127\.0\.0\.1:\d+)(/\S+)\n"
                r"user (\w+), password (\w+) · Ctrl-C ends everything\n",
                printed,
            )
            assert found, printed
            url, dashboard, user, password = found.groups()
            with Connection(url, _log_in(url, user, password)) as connection:
                connection.wait_until(
                    lambda states: states["sensor.heat_meter_heat_energy"].is_known,
                    60,
                    "a reading",
                )
                boards = connection.ask("lovelace/dashboards/list")
                assert dashboard in [f"/{board['url_path']}" for board in boards]
            assert requests.get(f"{url}{dashboard}", timeout=10).ok
        finally:
            guard.cancel()
            demo.send_signal(signal.SIGINT)
            guard = Timer(60, demo.kill)
            guard.start()
            demo.wait()
            guard.cancel()
    assert demo.returncode == 0
    assert not (FOLDER / "demo").exists()
