"""script/demo --home-assistant: the address and the login that it prints work."""

from __future__ import annotations

import re
import signal
import subprocess
from threading import Timer

from integration.firmware import ROOT

from .browser import needs_browser, program, wait_for
from .core import FOLDER

#: Seconds until it has compiled, started and read, and until it has ended.
TIMEOUT = 240
END_TIMEOUT = 60


def _look_at(address: str, user: str, password: str) -> None:
    with program() as launched:
        page = launched.new_page()
        page.goto(address)
        page.locator("input[name=username]").fill(user)
        page.locator("input[name=password]").fill(password)
        page.keyboard.press("Enter")
        # It exists as soon as it has a value.
        wait_for(page, "Heat power")


@needs_browser
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
                r"Home Assistant: (http://127\.0\.0\.1:\d+/\S+)\n"
                r"user (\w+), password (\w+) · Ctrl-C ends everything\n",
                printed,
            )
            assert found, printed
            _look_at(*found.groups())
        finally:
            guard.cancel()
            demo.send_signal(signal.SIGINT)
            demo.wait(END_TIMEOUT)
    assert demo.returncode == 0
    assert not (FOLDER / "demo").exists()
