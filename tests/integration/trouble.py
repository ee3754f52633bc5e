"""The device in trouble: what tests and script/faults both look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import virtual_meter.line
from virtual_meter import VirtualMeter

from .bench import Bench, bench
from .client import Event
from .conversion import energy, float32

#: Fault -> the status that a device shows under it, whatever happens in which order.
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

#: What a meter sends under these is what it shows.
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
    # First the events: meanwhile there may be more answers, but of these events all are there.
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


@dataclass(frozen=True)
class Soak:
    """Many updates in a row. Memory in KiB."""

    updates: int
    memory_after_first: int
    memory_at_end: int

    @property
    def growth(self) -> float:
        """Growth of the memory, as a share of it."""
        return self.memory_at_end / self.memory_after_first - 1


@contextmanager
def fast_line() -> Iterator[None]:
    """Make a byte take half a millisecond, so that a day's readings take a minute."""
    with patch.object(virtual_meter.line, "BYTE_TIME", 0.0005):
        yield


def soak(updates: int, first: int) -> Soak:
    """Read again and again, with a fault now and then.

    first: updates after which the memory is looked at for the first time.
    """
    with fast_line(), faulty_bench("byte_lost:0.02", "echo") as device:
        memory = [0, 0]
        for number in range(1, updates + 1):
            since = len(device.client.events)
            device.client.press("read")
            device.client.wait_for_event(
                lambda event: event.name == "last_reading_age" and event.state is not None,
                30,
                since,
            )
            if number in (first, updates):
                memory[number == updates] = _own_memory(device.device.pid)
    return Soak(updates, *memory)


def _own_memory(pid: int) -> int:
    """Memory in KiB without the pages of files: code that runs for the first time is no growth."""
    fields = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    return int(fields["RssAnon"].split()[0])
