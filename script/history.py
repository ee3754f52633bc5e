"""Read what the meter has kept of its own: years, months, 460 days and 1,400 hours.

Seen to work with recorded frames of a MULTICAL 303 or 603; expected of a 403 and an 803, and not
proven. What your meter answers is kept in a file: please send it in, whether it works or not.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import getpass
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from meter_log.codec import GET_REGISTER, GET_SERIAL
from meter_log.demo import DemoPort
from meter_log.device_yaml import api_key
from meter_log.history import DEPTHS, LogHistory, read_history
from meter_log.home_assistant import HomeAssistant, HomeAssistantError
from meter_log.importing import Importer, check_clock, check_complete
from meter_log.line import Line, Port
from meter_log.paging import Asking
from meter_log.ports import PortError, ProxyPort, SerialPort
from meter_log.readout import COMMAND, Log
from meter_log.record import (
    CLOCK,
    LOG_NAMES,
    SYMBOLS,
    Plan,
    Record,
    RecordError,
    clock_of,
)
from meter_log.statistics import JoinError, points_of, statistics_table, unit_of
from multical.registers import REGISTER_BY_NUMBER
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

#: What is read unless something else is asked for: the energy and the volume.
REGISTERS = (60, 68)
#: Where the token of Home Assistant may be: on a command line others would see it.
TOKEN = "HOME_ASSISTANT_TOKEN"
CSV = (
    "print what a file has as a table: every row for spreadsheets, or one counter in the form that "
    "the integration import_statistics takes"
)
IMPORT = (
    "put the rows of a file before the statistics that an entity has in Home Assistant. The token, "
    f"a long-lived one of an administrator, is taken from {TOKEN} or asked for."
)

console = Console()


class HistoryError(Exception):
    """Something that the owner has to know or to change."""


def main() -> int:
    """Run a command; return the exit code."""
    options = _options()
    try:
        options.run(options)
    except (HistoryError, HomeAssistantError, JoinError, PortError, RecordError) as error:
        Console(stderr=True).print(f"history: {error}", markup=False, soft_wrap=True)
        return 1
    except BrokenPipeError:
        # Whoever reads the table has seen enough. Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/history",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=lambda _: parser.print_help())
    commands = parser.add_subparsers(metavar="COMMAND")
    for name, run, what in (
        ("list", _list, "say which logs the meter has, and what is in them"),
        ("read", _read, "read logs into a file; the same command again goes on where it stopped"),
    ):
        command = commands.add_parser(name, help=what, description=what)
        command.set_defaults(run=run)
        _add_meter(command)
        if name == "read":
            _add_what(command)
    _add_csv(commands.add_parser("csv", help=CSV, description=CSV))
    _add_import(commands.add_parser("import", help=IMPORT, description=IMPORT))
    return parser.parse_args()


def _add_meter(command: argparse.ArgumentParser) -> None:
    meter = command.add_mutually_exclusive_group(required=True)
    meter.add_argument("--host", help="an ESP with example_configs/packages/remote-head.yaml")
    meter.add_argument("--port", help="a head on this computer: /dev/ttyUSB0, COM3")
    meter.add_argument("--demo", action="store_true", help="a virtual meter")
    command.add_argument("--api-port", type=int, default=6053, help="of the ESP (default: 6053)")
    key = command.add_mutually_exclusive_group()
    key.add_argument("--yaml", type=Path, metavar="FILE", help="of the ESP, which has its key")
    key.add_argument("--key", help="or the key itself: that of its 'api: encryption:'")
    command.add_argument("--proxy", metavar="NAME", help="if it has several serial_proxies")


def _add_what(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--log",
        action="append",
        choices=LOG_NAMES,
        help="may be given several times (default: all)",
    )
    command.add_argument(
        "--register",
        action="append",
        type=_number(1, 65535),
        default=list(REGISTERS),
        metavar="NUMBER",
        help="one more beside 60 (energy) and 68 (volume)",
    )
    command.add_argument("--count", type=_number(1), metavar="ROWS", help="the newest only")
    command.add_argument(
        "--file", type=Path, help="default: history.jsonl, and demo.jsonl of the virtual meter"
    )


def _add_csv(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=_csv)
    command.add_argument("file", type=Path, help="what `script/history read` has written")
    form = command.add_argument_group("in the form of the integration import_statistics")
    form.add_argument(
        "--statistic",
        type=_statistic,
        metavar="ID",
        help="print one counter for this entity, such as sensor.heat_meter_heat_energy",
    )
    form.add_argument(
        "--time-zone", type=_zone, metavar="ZONE", help="of Home Assistant: Europe/Copenhagen"
    )
    form.add_argument("--register", type=_number(1, 65535), default=60, help="default: 60, energy")
    form.add_argument("--unit", help="of the entity (default: that of the meter)")
    form.add_argument("--tab", action="store_true", help="tabs between the columns, not commas")


def _add_import(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=_import)
    command.add_argument("file", type=Path, help="what `script/history read` has written")
    command.add_argument("--home-assistant", metavar="URL", required=True, help="http://host:8123")
    command.add_argument("--entity", required=True, help="such as sensor.heat_meter_heat_energy")
    command.add_argument("--register", type=int, default=60, help="default: 60, the energy")
    command.add_argument(
        "--undo",
        action="store_true",
        help="put back what the entity had before this file was imported",
    )
    command.add_argument("--yes", action="store_true", help="do it without asking")


def _number(low: int, high: int = 10_000) -> Callable[[str], int]:
    """Return a parser of a whole number that says what is allowed."""

    def parse(text: str) -> int:
        if text.isdecimal() and low <= int(text) <= high:
            return int(text)
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from {low} to {high}")

    return parse


def _statistic(text: str) -> str:
    """Take the name of an entity, or of a statistic without one."""
    if re.fullmatch(r"[a-z0-9_]+[.:][a-z0-9_]+", text):
        return text
    raise argparse.ArgumentTypeError(
        f"'{text}' is not an entity such as sensor.heat_meter_heat_energy"
    )


def _zone(text: str) -> ZoneInfo:
    """Take the name of a time zone."""
    try:
        return ZoneInfo(text)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a time zone such as Europe/Copenhagen"
        ) from None


@contextlib.contextmanager
def _port(options: argparse.Namespace) -> Iterator[Port]:
    if options.demo:
        yield DemoPort()
    elif options.port:
        with SerialPort(options.port) as port:
            yield port
    else:
        key = api_key(options.yaml) if options.yaml else options.key
        with ProxyPort(options.host, options.api_port, key, options.proxy) as port:
            yield port


def _list(options: argparse.Namespace) -> None:
    with _port(options) as port:
        line = Line(port)
        _check_meter(line)
        table = Table("log", "rows at most", "registers")
        for log in Log:
            history = LogHistory(log)
            asking = read_history(history, ())
            _run(asking, line, None)
            if history.configuration is None:
                table.add_row(log.label, "no answer", "")
            else:
                table.add_row(
                    log.label,
                    str(history.configuration.depth),
                    ", ".join(map(_name, history.configuration.registers)),
                )
    console.print(table)


def _name(register: int) -> str:
    key = getattr(REGISTER_BY_NUMBER.get(register), "key", "")
    return f"{register} {key}".strip()


def _check_meter(line: Line, file: Path | None = None, expected: int | None = None) -> None:
    """Say which meter it is and what its clock shows.

    HistoryError when there is none, or another one than that in the file.
    """
    serial_number = line.ask(GET_SERIAL, b"")
    if serial_number is None:
        raise HistoryError(
            "no meter answers. Does the ESP or the head read its values? "
            "See docs/troubleshooting.md"
        )
    number = int.from_bytes(serial_number)
    if expected not in (None, number):
        raise HistoryError(
            f"this is meter {number}, and {file} is of meter {expected}. Give another --file"
        )
    console.print(f"meter {number}")
    stamp = clock_of(line.ask(GET_REGISTER, CLOCK))
    if stamp is None:
        console.print("its clock cannot be read")
        return
    legal = stamp.time + stamp.summer_time
    off = round((legal - datetime.now()).total_seconds())
    compared = f"{abs(off)} s {'ahead of' if off >= 0 else 'behind'} this computer's"
    console.print(f"its clock: {legal:%Y-%m-%d %H:%M:%S}, {compared}")


def _read(options: argparse.Namespace) -> None:
    file = options.file or Path("demo.jsonl" if options.demo else "history.jsonl")
    record = Record(file)
    if len(record):
        console.print(
            f"{file} has {len(record)} replies already, and only what is missing is asked for. "
            "For newer rows give another --file.",
            markup=False,
        )
    names = list(dict.fromkeys(options.log or LOG_NAMES))
    registers = list(dict.fromkeys(options.register))
    histories = [LogHistory(Log[name.upper()]) for name in names]
    with _port(options) as port:
        line = Line(port, record.add)
        _check_meter(line, file, record.serial_number)
        record.set_plan(Plan(names, registers, options.count))
        with Progress(
            TextColumn("{task.description:7}"),
            BarColumn(),
            TextColumn("{task.completed} of {task.total} rows"),
            TimeRemainingColumn(),
            console=console,
        ) as progress:
            for history in histories:
                total = min(options.count or DEPTHS[history.log], DEPTHS[history.log])
                task = progress.add_task(history.log.label, total=total)
                asking = read_history(history, registers, options.count)
                for _ in _steps(asking, line, record):
                    progress.update(task, completed=len(history.found.rows))
                rows = len(history.found.rows)
                progress.update(task, completed=rows, total=rows or total)
    for history in histories:
        record.add_history(history)
    _print_histories(histories)
    failed = f", {line.failed} of them without a reply" if line.failed else ""
    console.print(
        f"On the line: {line.requests} requests{failed}, {line.size:,} bytes, {line.seconds:.0f} s."
    )
    if options.demo:
        console.print(
            "This meter and its values are made up. A real line takes about 9 ms per byte."
        )
    console.print(f"What was read is in {file}.", markup=False)
    console.print(f"Next: 'script/history csv {file}' prints a table.", markup=False)
    if any(not history.found.is_complete for history in histories):
        raise HistoryError("not every log was read. Type the same again to go on")


def _print_histories(histories: Sequence[LogHistory]) -> None:
    table = Table("log", "rows", "from", "to", "first and last energy")
    for history in histories:
        rows = history.rows()
        if not rows:
            table.add_row(history.log.label, "0", "", "", "")
            continue
        first, last = rows[0], rows[-1]
        energies = [
            f"{row.values[60][0]:f} {SYMBOLS[row.values[60][1]]}" if 60 in row.values else "?"
            for row in (first, last)
        ]
        table.add_row(
            history.log.label,
            str(len(rows)),
            f"{first.time:%Y-%m-%d %H:%M}",
            f"{last.time:%Y-%m-%d %H:%M}",
            " … ".join(energies),
        )
    console.print(table)
    _print_troubles(histories)


def _print_troubles(histories: Sequence[LogHistory]) -> None:
    for history in histories:
        for trouble in history.troubles():
            console.print(f"{history.log.label}: {trouble}", markup=False)


def _steps(asking: Asking[None], line: Line | None, record: Record | None) -> Iterator[None]:
    """Run, one request after the other; what the record has is not asked for."""
    reply: bytes | None = None
    while True:
        try:
            request = asking.send(reply)
        except StopIteration:
            return
        reply = record.reply(COMMAND, request) if record else None
        if reply is None and line:
            reply = line.ask(COMMAND, request)
        yield


def _run(asking: Asking[None], line: Line | None, record: Record | None) -> None:
    for _ in _steps(asking, line, record):
        pass


def _record(file: Path) -> Record:
    if not file.exists():
        raise HistoryError(f"there is no {file}. 'script/history read' makes it")
    return Record(file)


def _recorded(file: Path) -> tuple[Record, list[int], list[LogHistory]]:
    """Read a file anew: what is in it, its registers and logs."""
    record = _record(file)
    if record.plan is None:
        raise HistoryError(f"{file} has nothing in it")
    registers = record.plan.registers
    histories = [LogHistory(Log[name.upper()]) for name in record.plan.logs]
    for history in histories:
        _run(read_history(history, registers, record.plan.rows), None, record)
    return record, registers, histories


def _csv(options: argparse.Namespace) -> None:
    if (options.statistic is None) != (options.time_zone is None):
        raise HistoryError(
            "--statistic and --time-zone belong together: without both, the table is that of the "
            "meter"
        )
    record, registers, histories = _recorded(options.file)
    writer = csv.writer(sys.stdout, delimiter="\t" if options.tab else ",")
    if options.statistic:
        check_clock(record, options.time_zone)
        unit = options.unit or unit_of(histories, options.register)
        points = points_of(histories, options.register, unit, options.time_zone)
        writer.writerows(statistics_table(options.statistic, unit, points))
        return
    writer.writerow(["log", "id", "time (standard time)", *map(_name, registers)])
    for history in histories:
        for row in history.rows():
            cells = [
                f"{row.values[register][0]:f}" if register in row.values else ""
                for register in registers
            ]
            writer.writerow([history.log.label, row.id, row.time.isoformat(sep=" "), *cells])


def _import(options: argparse.Namespace) -> None:
    def agrees(question: str) -> bool:
        return options.yes or _agrees(question)

    histories: list[LogHistory] = []
    if options.undo:
        record = _record(options.file)
    else:
        record, _, histories = _recorded(options.file)
        check_complete(record, histories)
        _print_troubles(histories)
    token = os.environ.get(TOKEN) or getpass.getpass("Token of Home Assistant: ")
    with HomeAssistant(options.home_assistant, token) as home:
        importer = Importer(home, record, options.entity, console, agrees)
        if options.undo:
            importer.undo()
        else:
            importer.add(histories, options.register)


def _agrees(question: str) -> bool:
    try:
        return input(f"{question} [y/N] ").lower() in ("y", "yes")
    except EOFError:
        return False


if __name__ == "__main__":
    raise SystemExit(main())
