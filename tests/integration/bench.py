"""One device and its meters, put together for a test."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from meter_log.codec import GET_REGISTER, GET_SERIAL, GET_TYPE, Direction, decode_frame
from virtual_meter import Exchange, RunningMeter, VirtualMeter

from .client import Client
from .firmware import Firmware, RunningFirmware

CONFIGS = Path(__file__).parent / "configs"


@cache
def firmware(name: str, folder: Path = CONFIGS) -> Firmware:
    """Return the compiled firmware of a NAME.yaml; each process of the tests can run it."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "")
    result = Firmware(folder / f"{name}.yaml", name.replace("_", "-"), "", (CONFIGS,), process)
    result.compile()
    return result


@dataclass(frozen=True)
class Bench:
    """A running device with its meters connected, and a client that watches it."""

    device: RunningFirmware
    client: Client
    meters: tuple[RunningMeter, ...]

    @property
    def meter(self) -> RunningMeter:
        """The first meter."""
        return self.meters[0]


@contextmanager
def bench(
    name: str,
    *meters: VirtualMeter,
    faults: Sequence[str] = (),
    folder: Path = CONFIGS,
    is_shared: bool = False,
) -> Iterator[Bench]:
    """Run folder/NAME.yaml with these meters on its UARTs, in order.

    faults: of every meter, from the start. However a test ends, everything that the firmware has
    sent is checked: only commands that read. is_shared: others send through it, too.
    """
    image = firmware(name, folder)
    with ExitStack() as stack:
        stack.enter_context(image.reserved())
        running = tuple(
            stack.enter_context(RunningMeter(meter, link=image.meter_port(number), faults=faults))
            for number, meter in enumerate(meters, 1)
        )
        if not is_shared:
            stack.callback(_check_only_reads, running)
        device = stack.enter_context(RunningFirmware(image))
        client = stack.enter_context(Client(image.api_port))
        yield Bench(device, client, running)


def commands(received: bytes) -> Counter[int]:
    """Return how often each command occurs in what a meter has received."""
    frames = [frame + b"\x0d" for frame in received.split(b"\x0d")[:-1]]
    return Counter(decode_frame(Direction.TO_METER, frame).command for frame in frames)


def _check_only_reads(meters: Iterable[RunningMeter]) -> None:
    for meter in meters:
        assert set(commands(meter.received)) <= {GET_TYPE, GET_SERIAL, GET_REGISTER}


def sent(exchanges: list[Exchange]) -> dict[int, tuple[Decimal, int]]:
    """Return value and unit byte that a meter last sent, by register."""
    return {
        reading.register: (reading.value, reading.unit)
        for exchange in exchanges
        for reading in exchange.readings
    }


def asked(exchange: Exchange) -> list[int]:
    """Return the registers that a GetRegister request asks for, in order."""
    frame = decode_frame(Direction.TO_METER, exchange.request)
    assert frame.command == GET_REGISTER
    data = frame.data[1:]
    return [int.from_bytes(data[i : i + 2]) for i in range(0, len(data), 2)]


def requests(meter: RunningMeter) -> list[list[int]]:
    """Return the registers of each request for any, in order."""
    return [asked(e) for e in meter.exchanges if e.request[2] == GET_REGISTER]


def read(client: Client, button: str = "read") -> list[float]:
    """Read once; return what was published for the heat energy."""
    since = len(client.events)
    client.press(button)
    client.wait_for_event(
        lambda event: event.name == "last_reading_age" and event.state is not None, 20, since
    )
    events = [event for event in client.events[since:] if event.name == "heat_energy"]
    return [float(event.state) for event in events if event.state is not None]
