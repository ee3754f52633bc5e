"""script/demo, as a stranger starts it."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections import Counter
from contextlib import suppress
from io import StringIO
from threading import Timer
from typing import Any, cast

import demo
import pytest
from aioesphomeapi import BinarySensorInfo, SensorInfo, TextSensorInfo
from rich.console import Console

from .client import Client, State, States
from .firmware import ROOT


def _demo(*arguments: str) -> str:
    """Run it; return what it prints."""
    return subprocess.run(
        [ROOT / "script" / "demo", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
        check=True,
    ).stdout


# It has one firmware, which can run only once at a time.
@pytest.mark.xdist_group("demo")
def test_it_shows_a_table() -> None:
    table = _demo("--once", "--model", "602")
    assert re.search(r"│ Heat energy +│ +5\d{4}\.\d\d │ kWh +│", table)
    assert re.search(r"│ Meter type +│ 0x0602 +│", table)
    assert "unknown" not in table


@pytest.mark.xdist_group("demo")
def test_it_shows_what_a_fault_does() -> None:
    entities = json.loads(_demo("--json", "--fault", "inverted"))["entities"]
    shown = {entity["name"]: (entity["state"], entity["unit"]) for entity in entities}
    assert shown["Connected"] == (False, "")
    assert shown["Heat energy"] == (None, "kWh")
    assert shown["Link status"] == ("garbled", "")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--once --home-assistant", "--home-assistant: not allowed with argument --once"),
        ("--json --once", "--once: not allowed with argument --json"),
        ("--model 404", "invalid choice: '404'"),
        ("--fault inverted:2", "'2' of fault inverted is not a number from 0 to 1"),
        ("--fault upside_down", "'upside_down' is not one of unplugged, echo, "),
        ("--delay-ms 10001", "'10001' is not a number of milliseconds from 0 to 10000"),
        ("--speed 0", "'0' is not a factor from 1 to 3600"),
    ],
)
def test_it_refuses(
    arguments: str,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["demo", *arguments.split()])
    with pytest.raises(SystemExit) as caught:
        demo.main()
    assert caught.value.code == 2
    printed = capsys.readouterr()
    assert expected in printed.err
    assert printed.out == ""


# What is seen while it runs

NAMES = (
    *("Heat energy", "Volume", "Operating hours", "Power", "Flow", "Supply temperature"),
    *("Return temperature", "Temperature difference", "Requests", "Failed requests"),
    *("Reply delay", "Last reading age", "Serial number", "Meter type", "Software revision"),
    *("Info", "Link status", "Link advice", "Connected", "Problem"),
)
ADVICE = (
    "Bytes come, but no answer: look for swapped or loose wires, for the inversion of TX and RX, "
    "for a supply that is too weak, for another reader on the same port, for a head that is not "
    "straight above the eye, and for bright light that falls on it from the side"
)
GOOD: dict[str, State | None] = {
    **dict.fromkeys(NAMES[:12], 59988.12),
    **dict.fromkeys(NAMES[12:18], "ok"),
    **dict.fromkeys(NAMES[18:], True),
}


class Reader:
    """A client that has read, or failed to: entities and states as a demo shows them."""

    def __init__(self, states: States) -> None:
        """Have the entities of the demo, numbers first."""
        self.states = states
        in_kwh = {"unit_of_measurement": "kWh", "accuracy_decimals": 3}
        kinds: list[tuple[Any, dict[str, Any]]] = [
            *[(SensorInfo, in_kwh)] * 12,
            *[(TextSensorInfo, {})] * 6,
            *[(BinarySensorInfo, {})] * 2,
        ]
        named = zip(NAMES, kinds, strict=True)
        self.entities = {name: kind(name=name, **more) for name, (kind, more) in named}

    def wait_until(self, *_: object) -> States:
        """Wait in vain."""
        raise TimeoutError(f"condition not met in 60 s: {self.states}")


@pytest.mark.parametrize("advice", ["Nothing to do", ADVICE])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 30), (100, 40), (200, 24)])
def test_all_is_on_the_screen(width: int, height: int, advice: str) -> None:
    reader = Reader(GOOD | {"Link advice": advice})
    console = Console(width=width, height=height, file=StringIO(), record=True)
    console.print(demo.live_view(console, cast(Client, reader), reader.states, "Title", "Note"))
    text = console.export_text()
    assert len(text.splitlines()) <= height
    words = re.sub(r"[│\s]+", " ", text)
    assert [name for name in (*NAMES, "Title", "Note") if name not in words] == [], text
    # In a table, its lines are between columns.
    assert Counter(words.split()) >= Counter(advice.split())
    assert "…" not in text


def test_a_reading_that_does_not_come_ends_in_a_sentence() -> None:
    states = {"Power": 11.4, "Link status": "starting", "Link advice": "Wait"}
    with pytest.raises(TimeoutError) as caught:
        demo._full_reading(cast(Client, Reader(states)))
    assert str(caught.value) == (
        "no full reading in 60 s, 3 of 20 states are known; link status starting: Wait"
    )


@pytest.mark.xdist_group("demo")
def test_ctrl_c_leaves_one_table() -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.execv(ROOT / "script" / "demo", ["demo"])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    printed, interrupted = b"", False
    guard = Timer(60, os.kill, (pid, signal.SIGKILL))
    guard.start()
    # When it ends, reading fails.
    with suppress(OSError):
        while data := os.read(terminal, 4096):
            printed += data
            if not interrupted and b"Problem" in printed:
                os.write(terminal, b"\x03")
                interrupted = True
    guard.cancel()
    os.close(terminal)
    assert os.waitpid(pid, 0)[1] == 0
    seen = printed.decode()
    *live, left = seen.split("\x1b[?1049l")
    assert len(live) == 1
    assert "\x1b[?1049h" in live[0]
    assert left.count("A virtual MULTICAL 403") == 1
    assert all(left.count(f"│ {name} ") == 1 for name in NAMES)
    assert "Traceback" not in seen
    assert "\x1b[?25h" in seen[seen.rindex("\x1b[?25l") :]
