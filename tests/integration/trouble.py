"""The device in trouble: what the tests and script/faults share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from unittest.mock import patch

import virtual_meter.line
from virtual_meter import VirtualMeter

from .bench import Bench, bench, read
from .client import Event
from .conversion import energy, float32

#: Fault -> the status that a device shows under it, whatever the order of events.
STATUS = {
    "silent": "no_answer",
    "asleep::0": "no_answer",
    "echo": "ok",
    "echo_only": "echo_only",
    "pulses::0.5": "pulses",
    "unplugged": "no_port",
    "late::0.4": "ok",
    "slow::0.4": "ok",
    "lower_once": "ok",
    "higher_once": "ok",
    "empty_once": "ok",
    "two_replies": "ok",
    "batch_refused": "ok",
    "noise:0.3": "ok",
    "other_register": "garbled",
    "other_address": "garbled",
    "frame_cut": "garbled",
    "wrong_baud": "garbled",
    "garbled": "garbled",
    "inverted": "garbled",
    "checksum_errors": "checksum_errors",
    "bit_flipped": "checksum_errors",
}

#: Under these, the meter sends what it shows.
HARMLESS = frozenset({"", "echo", "late", "slow", "two_replies", "noise"})

#: Sensor of faults.yaml -> register.
SENSORS = {
    "heat_energy": 60,
    "volume": 68,
    "power": 80,
    "flow": 74,
    "supply_temperature": 86,
    "energy_e7": 96,
}
TOTALS = ("heat_energy", "volume", "energy_e7")


def faulty_bench(*faults: str) -> AbstractContextManager[Bench]:
    """Return a bench of the device with a 601, which has all its registers."""
    return bench("faults", VirtualMeter("601", delay=0.02, speed=600), faults=faults)


def settled_status(device: Bench) -> str:
    """Wait until the device has made up its mind, and return its link status."""
    states = device.client.wait_until(
        lambda states: states.get("link_status") not in (None, "starting"), 40, "a link status"
    )
    return str(states["link_status"])


def wrong_values(device: Bench) -> list[Event]:
    """Return the published values that the meter never showed, and totals that fell."""
    # First the events: more answers may come meanwhile, but those for these events are all there.
    events = list(device.client.events)
    shown: dict[str, set[float]] = {name: set() for name in SENSORS}
    for exchange in device.meter.exchanges:
        for reading in exchange.readings:
            for name, number in SENSORS.items():
                if reading.register == number:
                    in_joule = name in ("heat_energy", "energy_e7")
                    value = reading.value
                    shown[name].add(
                        energy(value, reading.unit, "kWh") if in_joule else float32(value)
                    )
    wrong: list[Event] = []
    last = dict.fromkeys(TOTALS, 0.0)
    for event in events:
        if event.name not in SENSORS or event.state is None:
            continue
        state = float(event.state)
        if not any(abs(state - true) <= 1e-6 * abs(true) for true in shown[event.name]):
            wrong.append(event)
        if event.name in last:
            if state < last[event.name]:
                wrong.append(event)
            last[event.name] = state
    return wrong


@contextmanager
def fast_line() -> Iterator[None]:
    """Make a byte take half a millisecond, so that a day's readings take a minute."""
    with patch.object(virtual_meter.line, "BYTE_TIME", 0.0005):
        yield


def soak(updates: int, first: int) -> tuple[int, int]:
    """Read again and again, with a fault now and then; return KiB of memory early and at the end.

    first: the number of updates after which memory is measured for the first time.
    """
    with fast_line(), faulty_bench("byte_lost:0.02", "echo") as device:
        memory: list[int] = []
        for number in range(1, updates + 1):
            read(device.client)
            if number in (first, updates):
                memory.append(_own_memory(device.device.pid))
    return memory[0], memory[-1]


def _own_memory(pid: int) -> int:
    """Memory in KiB without the pages of files: code that runs for the first time is no growth."""
    fields = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    return int(fields["RssAnon"].split()[0])
