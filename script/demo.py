"""Show the component at work without hardware.

Compiles example_configs/demo.yaml for this machine (the real ESPHome firmware), starts it together
with a virtual meter on a pseudo terminal, connects with the client library of Home Assistant, and
shows what arrives.
"""

from __future__ import annotations

import argparse
import json
import math
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType

from aioesphomeapi import BinarySensorInfo, EntityInfo, SensorInfo, TextSensorInfo
from integration.client import Client, State, States
from integration.firmware import ROOT, CompileError, Firmware, InUseError, RunningFirmware
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text
from virtual_meter import FAULTS, MODELS, RunningMeter, VirtualMeter
from virtual_meter.faults import Fault, parse

FIRMWARE = Firmware(ROOT / "example_configs" / "demo.yaml", "multical-demo")

#: Seconds for the first complete reading: connecting, three requests, two of them repeated.
READING_TIMEOUT = 60.0

#: The longest text, in characters, that fits next to the numbers.
SHORT = 20

#: What ends it.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

#: Where Home Assistant usually listens.
HOME_ASSISTANT_PORT = 8123


def main() -> int:
    """Run the demo; return the exit code."""
    options = _options()
    # Standard output is for the readings only; progress goes elsewhere.
    progress = Console(stderr=True)
    for each in SIGNALS:
        signal.signal(each, _interrupt)
    try:
        if options.home_assistant:
            setup = [str(ROOT / "script" / "setup"), "--quiet", "--home-assistant"]
            if result := subprocess.run(setup, check=False).returncode:
                return result
        with ExitStack() as stack:
            stack.enter_context(FIRMWARE.reserved())
            _compile(progress)
            delay = options.delay_ms / 1000
            meter = VirtualMeter(options.model, delay=delay, speed=options.speed)
            stack.enter_context(
                RunningMeter(meter, link=FIRMWARE.meter_port(), faults=options.fault)
            )
            device = stack.enter_context(RunningFirmware(FIRMWARE))
            client = stack.enter_context(Client(FIRMWARE.api_port))
            if options.once or options.json:
                with progress.status(f"reading a virtual {MODELS[options.model].description} …"):
                    states = _full_reading(client)
                _print_json(client, states) if options.json else _print_table(client, states)
            elif options.home_assistant:
                _home_assistant(stack, progress)
            else:
                _live(client, device, options.model)
    except CompileError as error:
        progress.print(f"ESPHome could not compile {FIRMWARE.config}:\n{error}", markup=False)
        return 1
    except (InUseError, TimeoutError) as error:
        progress.print(f"demo: {error}", markup=False)
        return 1
    except KeyboardInterrupt:
        return 130 if options.once or options.json else 0
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--once", action="store_true", help="print one full reading and exit")
    what.add_argument("--json", action="store_true", help="the same, for machines")
    what.add_argument(
        "--home-assistant",
        action="store_true",
        help="show it in a Home Assistant of its own, which you can open in a browser (installed "
        "the first time: 3 minutes, 1.7 GB)",
    )
    parser.add_argument(
        "--model",
        choices=list(MODELS),
        default="403-kwh",
        help="the kind of meter (default: %(default)s)",
    )
    parser.add_argument(
        "--fault",
        metavar="NAME[:PROBABILITY[:PARAMETER]]",
        action="append",
        default=[],
        type=_fault,
        help="make the meter or the wire misbehave; may be repeated. NAME is one of: "
        + ", ".join(FAULTS),
    )
    parser.add_argument(
        "--delay-ms",
        metavar="MS",
        type=_number("a number of milliseconds from 0 to 10000", 0, 10_000),
        default=80.0,
        help="how long the meter takes to answer (default: %(default)g)",
    )
    parser.add_argument(
        "--speed",
        metavar="FACTOR",
        type=_number("a factor from 1 to 3600", 1, 3600),
        default=60.0,
        help="how much faster than real time the meter's clock runs (default: %(default)g)",
    )
    return parser.parse_args()


def _number(allowed: str, low: float, high: float) -> Callable[[str], float]:
    """Return a parser for a number within bounds; its error says what is allowed."""

    def parse_number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not {allowed}")
        return value

    return parse_number


def _fault(text: str) -> Fault:
    try:
        return parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from error


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    # Another one must not disturb the end.
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def _compile(progress: Console) -> None:
    if FIRMWARE.is_compiled():
        return
    start = time.monotonic()
    done = threading.Event()
    with progress.status("compiling the firmware …") as status:

        def tick() -> None:
            while not done.wait(1):
                seconds = time.monotonic() - start
                status.update(f"compiling the firmware … {seconds:.0f} s (the first time only)")

        ticker = threading.Thread(target=tick)
        ticker.start()
        try:
            FIRMWARE.compile()
        finally:
            done.set()
            ticker.join()
    progress.print(f"compiled the firmware in {time.monotonic() - start:.0f} s")


def _full_reading(client: Client) -> States:
    """Wait for it, or for the reason that there is none; return all states.

    Raises TimeoutError.
    """
    try:
        return client.wait_until(lambda states: _complete(client, states), READING_TIMEOUT)
    except TimeoutError:
        states = client.states
        shown = _shown(client)
        known = sum(states.get(entity.name) is not None for entity in shown)
        raise TimeoutError(
            f"no full reading in {READING_TIMEOUT:.0f} s, {known} of {len(shown)} states are known;"
            f" link status {states.get('Link status')}: {states.get('Link advice')}"
        ) from None


def _complete(client: Client, states: States) -> bool:
    """Tell whether everything was read, or the reason why not is known."""
    if states.get("Link status") not in (None, "starting", "ok"):
        return states.get("Requests") is not None
    return all(states.get(entity.name) is not None for entity in _shown(client))


def _shown(client: Client) -> list[EntityInfo]:
    """Return the entities that have a state: numbers first, then texts about meter and link."""
    kinds = (SensorInfo, TextSensorInfo, BinarySensorInfo)
    entities = client.entities.values()
    return [entity for kind in kinds for entity in entities if type(entity) is kind]


def _value(entity: EntityInfo, states: States) -> State | None:
    """Return the state without the extra digits that come only from its 32 bits."""
    state = states.get(entity.name)
    if isinstance(entity, SensorInfo) and state is not None:
        return round(state, entity.accuracy_decimals)
    return state


def _text(entity: EntityInfo, state: State | None) -> str:
    if state is None:
        return "unknown"
    if isinstance(entity, SensorInfo):
        return f"{state:.{max(0, entity.accuracy_decimals)}f}"
    if isinstance(state, bool):
        return "on" if state else "off"
    return str(state)


def _unit(entity: EntityInfo) -> str:
    return entity.unit_of_measurement if isinstance(entity, SensorInfo) else ""


def _table(client: Client, states: States, title: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("Entity")
    table.add_column("State")
    table.add_column("Unit")
    for entity in _shown(client):
        state = states.get(entity.name)
        text = Text(
            _text(entity, state),
            "dim" if state is None else "",
            justify="right" if isinstance(entity, SensorInfo) else "left",
        )
        table.add_row(entity.name, text, _unit(entity))
    return table


def _print_table(client: Client, states: States) -> None:
    Console().print(_table(client, states, "Heat meter"))


def _print_json(client: Client, states: States) -> None:
    entities = [
        {"name": entity.name, "state": _value(entity, states), "unit": _unit(entity)}
        for entity in _shown(client)
    ]
    print(json.dumps({"entities": entities}, ensure_ascii=False, indent=2))


def _home_assistant(stack: ExitStack, progress: Console) -> None:
    # They need what only script/setup --home-assistant installs.
    from home_assistant.core import FOLDER, PASSWORD, USER, home_assistant
    from home_assistant.examples import DASHBOARD_PATH, FILES, make_dashboard

    with socket.socket() as probe:
        is_free = probe.connect_ex(("127.0.0.1", HOME_ASSISTANT_PORT)) != 0
    port = HOME_ASSISTANT_PORT if is_free else 0
    with progress.status("starting Home Assistant …"):
        home = stack.enter_context(home_assistant(FOLDER / "demo", FILES, port=port))
        home.add_device(FIRMWARE.api_port)
        make_dashboard(home.connection)
    Console().print(
        f"Home Assistant: {home.url}/{DASHBOARD_PATH}\n"
        f"user {USER}, password {PASSWORD} · Ctrl-C ends everything",
        markup=False,
    )
    signal.pause()


def _live(client: Client, device: RunningFirmware, model: str) -> None:
    title = f"A virtual {MODELS[model].description}, as Home Assistant would see it"
    note = f"firmware log: {device.log.relative_to(ROOT)} · Ctrl-C ends everything"
    console = Console()
    try:
        # On a separate screen, which is gone afterwards.
        with Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                view = live_view(console, client, client.states, title, note)
                live.update(view, refresh=True)
                time.sleep(0.25)
    except KeyboardInterrupt:
        console.print(_table(client, client.states, title))
        raise


def live_view(
    console: Console, client: Client, states: dict[str, State | None], title: str, note: str
) -> RenderableType:
    """Return all states below each other, or side by side if the terminal is too low for that."""
    whole = Group(_table(client, states, title), Text(note, "dim"))
    if len(console.render_lines(whole)) <= console.height:
        return whole
    numbers, texts = Table.grid(padding=(0, 1)), Table.grid(padding=(0, 1))
    for grid in (numbers, texts):
        grid.add_column(no_wrap=True)
    long: list[Text] = []
    for entity in _shown(client):
        state = states.get(entity.name)
        text = Text(_text(entity, state), "dim" if state is None else "")
        if isinstance(entity, SensorInfo):
            text.justify = "right"
            numbers.add_row(entity.name, text, _unit(entity))
        elif len(text) <= SHORT:
            texts.add_row(entity.name, text)
        else:
            long.append(Text.assemble((f"{entity.name}  ", "dim"), text))
    beside = Table.grid(padding=(0, 4))
    beside.add_row(numbers, texts)
    return Group(title, Text(note, "dim"), "", beside, "", *long)


if __name__ == "__main__":
    sys.exit(main())
