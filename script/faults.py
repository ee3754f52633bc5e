"""Show how the component copes with faults of meter and wire.

First the protocol library alone, with a million damaged frames and sanitizers on; then the compiled
firmware under every fault of the virtual meter. Takes about five minutes.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass

from integration.bench import Bench, commands
from integration.trouble import (
    SENSORS,
    STATUS,
    faulty_bench,
    settled_status,
    soak,
    wrong_values,
)
from kmp.fuzzer import fuzz_faults
from rich.console import Console
from rich.table import Table

FRAMES = 1_000_000
#: Readings in a day at the default interval.
DAY = 96
#: Readings after which the memory is first measured.
WARM_UP = 30


@dataclass(frozen=True)
class _Losses:
    """A run with lost frames. statuses: all that were shown, in order."""

    updates: int
    complete: int
    requests: int
    failed_requests: int
    statuses: list[str]
    wrong: int


def main() -> int:
    """Run everything and print the figures; return the exit code."""
    argparse.ArgumentParser(prog="script/faults", description=__doc__).parse_args()
    console = Console()
    figures: list[tuple[str, str]] = []
    sent: Counter[int] = Counter()

    with console.status("spoiled frames at protocol level"):
        total = fuzz_faults(FRAMES)["all"]
    figures += [
        ("spoiled frames at protocol level, sanitizers on", f"{total['frames']:,}"),
        ("  wrong values, CRC right by chance", f"{total['by chance']}"),
        ("  wrong values otherwise", f"{total['wrong']}"),
        ("  values from a frame that failed a check", f"{total['unchecked']}"),
    ]

    table = Table(title="Status under each fault", title_justify="left")
    for column in ("fault", "link_status", "as expected", "wrong values"):
        table.add_column(column)
    reached = wrong = 0
    for fault, expected in STATUS.items():
        with console.status(f"fault {fault}"), faulty_bench(fault) as device:
            status = settled_status(device)
            time.sleep(1)
            bad = len(wrong_values(device))
            sent += commands(device.meter.received)
        reached += status == expected
        wrong += bad
        table.add_row(fault, status, "yes" if status == expected else f"no, {expected}", f"{bad}")
    console.print(table)
    figures += [
        ("statuses reached by their fault and no other", f"{reached} of {len(STATUS)}"),
        ("wrong values published under these faults", f"{wrong}"),
    ]

    with console.status("recovery"), faulty_bench() as device:
        figures.append(("updates needed to recover after silence", _recovery(device)))
        sent += commands(device.meter.received)

    with console.status("5 % of the frames lost, one minute"):
        losses = _run_with_losses(0.05, 60)
    figures += [
        ("5 % lost frames: complete updates", f"{losses.complete} of {losses.updates}"),
        ("  attempts that failed", f"{losses.failed_requests} of {losses.requests}"),
        ("  statuses shown after the start", ", ".join(sorted({*losses.statuses} - {"starting"}))),
    ]

    with console.status(f"{DAY} readings, as many as in a day"):
        early, late = soak(WARM_UP + DAY, WARM_UP)
    figures += [
        (f"memory after {WARM_UP} readings", f"{early} KiB"),
        (f"  after {DAY} more, a day's", f"{late} KiB ({late / early - 1:+.2%})"),
        (
            "commands that the firmware sent in total",
            ", ".join(f"{command:02X}: {count}" for command, count in sorted(sent.items())),
        ),
    ]
    summary = Table(show_header=False)
    for row in figures:
        summary.add_row(*row)
    console.print(summary)
    return 0


def _recovery(device: Bench) -> str:
    client = device.client
    client.wait_until(lambda states: states.get("energy_e7") is not None, 20)
    device.meter.faults = ["silent"]
    client.wait_until(lambda states: states["connected"] is False, 60)
    device.meter.faults = []
    since = len(client.events)
    client.wait_for_event(
        lambda event: event.name == "last_reading_age" and event.state == 0, 20, since
    )
    states = client.states
    assert states["connected"] is True
    assert states["link_status"] == "ok"
    assert all(states[name] is not None for name in SENSORS)
    ages = [event.state for event in client.events[since:] if event.name == "last_reading_age"]
    # The update that was under way when the meter came back may still have failed.
    return str(len(ages[1:] if ages[0] else ages))


def _run_with_losses(share: float, seconds: float) -> _Losses:
    """Have the device read with a share of the replies cut off or damaged."""
    faults = (f"byte_lost:{share / 2}", f"frame_cut:{share / 2}")
    with faulty_bench(*faults) as device:
        time.sleep(seconds)
        events = list(device.client.events)
        ages = [e.state for e in events if e.name == "last_reading_age" and e.state is not None]
        states = device.client.states
        return _Losses(
            updates=len(ages),
            complete=ages.count(0.0),
            requests=int(states["requests"] or 0),
            failed_requests=int(states["failed_requests"] or 0),
            statuses=[str(e.state) for e in events if e.name == "link_status"],
            wrong=len(wrong_values(device)),
        )


if __name__ == "__main__":
    sys.exit(main())
