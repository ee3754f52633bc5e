"""Measure the component: the compiled firmware reads a virtual meter at 1200 baud.

The seven standard values are read again and again, for each answer delay of the meter. Printed are
the median and the range of all readings.
"""

from __future__ import annotations

import argparse
import platform
import re
import statistics
import sys
import time
from dataclasses import dataclass

from integration.bench import Bench, bench, firmware
from rich.console import Console
from rich.table import Table
from virtual_meter import BYTE_TIME, VirtualMeter

VALUES = (
    "heat_energy",
    "power",
    "flow",
    "volume",
    "supply_temperature",
    "return_temperature",
    "temperature_difference",
)
DELAYS = (0.0, 0.08, 0.3, 1.6)


@dataclass(frozen=True)
class Reading:
    """One reading of all values. Times in seconds."""

    requests: int
    bytes_on_wire: int
    wire_time: float
    time_to_last_value: float

    @property
    def ratio(self) -> float:
        """Time to the last value over what wire and meter take at least."""
        return self.time_to_last_value / self.wire_time


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="script/measure", description=__doc__)
    parser.add_argument("--readings", type=int, default=10, help="per delay (default: 10)")
    count = parser.parse_args().readings
    console = Console()
    with console.status("compiling"):
        firmware("measure")
    columns = [_column(console, delay, count) for delay in DELAYS]
    table = Table(title=f"Seven values, {count} readings for each delay", title_justify="left")
    table.add_column("answer delay", no_wrap=True)
    for delay in DELAYS:
        table.add_column(f"{delay * 1000:.0f} ms", justify="right")
    for name in columns[0]:
        table.add_row(name, *(column[name] for column in columns))
    console.print(table)
    console.print(
        f"[dim]Host build ({platform.machine()}), loop() over whole updates, "
        "times as seen by a native-API client with batch_delay 0 ms.[/dim]"
    )
    return 0


def _column(console: Console, delay: float, count: int) -> dict[str, str]:
    """Measure with one answer delay, in seconds; return the figures by name."""
    with (
        console.status(f"answer delay {delay * 1000:.0f} ms"),
        bench("measure", VirtualMeter("403-kwh", delay=delay)) as device,
    ):
        readings = [_read(device, delay) for _ in range(count)]
        time.sleep(0.1)
        failed = sum(exchange.reply is None for exchange in device.meter.exchanges)
        repeated = len(device.meter.exchanges) - sum(r.requests for r in readings)
        loops = [int(ns) / 1e6 for ns in re.findall(r"loop (\d+) ns", device.device.text())]
    ratios = [reading.ratio for reading in readings]
    return {
        "requests": f"{statistics.median(r.requests for r in readings):g}",
        "bytes on the wire": f"{statistics.median(r.bytes_on_wire for r in readings):g}",
        "wire time and delay": f"{statistics.median(r.wire_time for r in readings):.3f} s",
        "to the last value": f"{statistics.median(r.time_to_last_value for r in readings):.3f} s",
        "ratio, median": f"{statistics.median(ratios):.3f}",
        "ratio, smallest": f"{min(ratios):.3f}",
        "ratio, largest": f"{max(ratios):.3f}",
        "failed requests": f"{failed + repeated}",
        "loop() 99.9 %": f"{_percentile(loops, 99.9):.3f} ms",
        "loop() longest": f"{max(loops):.3f} ms",
    }


def _read(device: Bench, delay: float) -> Reading:
    known = len(device.meter.exchanges)
    since = len(device.client.events)
    time.sleep(0.1)  # the pause after the reply before, which ends that update
    device.client.press("read")
    last = max(
        device.client.wait_for_event(
            lambda event, v=value: event.name == v and event.state is not None, 20, since
        ).time
        for value in VALUES
    )
    exchanges = device.meter.exchanges[known:]
    on_wire = sum(len(exchange.request) + len(exchange.reply or b"") for exchange in exchanges)
    return Reading(
        requests=len(exchanges),
        bytes_on_wire=on_wire,
        wire_time=on_wire * BYTE_TIME + len(exchanges) * delay,
        time_to_last_value=last - exchanges[0].request_start,
    )


def _percentile(values: list[float], percent: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))]


if __name__ == "__main__":
    sys.exit(main())
