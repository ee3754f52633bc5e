"""How the device asks: how much at once, how often, and what it does when nothing comes back."""

from __future__ import annotations

import os
import re
import time
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from virtual_meter import MODELS, RunningMeter, VirtualMeter
from virtual_meter.codec import GET_REGISTER, GET_SERIAL, Direction, Frame, encode_frame
from virtual_meter.models import KWH, Register

from .bench import Bench, asked, bench, commands, sent
from .conversion import energy, fine_total, float32

STANDARD = {
    "heat_energy": 60,
    "power": 80,
    "flow": 74,
    "volume": 68,
    "supply_temperature": 86,
    "return_temperature": 87,
    "temperature_difference": 89,
}

# Seconds. Failing takes two attempts of half a second with a pause, three times, every 3 s.
UNTIL_GIVEN_UP = 30
UNTIL_BACK = 10


def wait_for_exchanges(device: Bench, count: int) -> None:
    """Wait until the meter has heard so many requests, and has answered them."""
    end = time.monotonic() + 20
    while len(device.meter.exchanges) < count:
        assert time.monotonic() < end, device.meter.exchanges
        time.sleep(0.02)
    reply_end = device.meter.exchanges[-1].reply_end
    assert reply_end is not None
    time.sleep(max(0.0, reply_end - time.monotonic()))


@pytest.mark.parametrize(
    ("delay", "button"), [(0, "read"), (0.3, "read_by_action"), (0.3, "update"), (1.6, "read")]
)
def test_seven_values_take_one_request(delay: float, button: str) -> None:
    with bench("standard", VirtualMeter("403-kwh", delay=delay)) as device:
        device.client.press(button)
        states = device.client.wait_until(
            lambda states: all(states.get(key) is not None for key in STANDARD), 15
        )
        # Nothing may follow: no repetition, no second request; but, once, the counters and the
        # serial number.
        for count in (3, 5):
            since = len(device.client.events)
            device.client.press(button)
            device.client.wait_for_event(lambda event: event.name == "flow", 15, since)
            wait_for_exchanges(device, count)
        time.sleep(0.5)
        exchanges = device.meter.exchanges
        log = device.device.text()
    assert [commands(exchange.request) for exchange in exchanges] == [
        {GET_REGISTER: 1},
        {GET_REGISTER: 1},
        {GET_REGISTER: 1},
        {GET_SERIAL: 1},
        {GET_REGISTER: 1},
    ]
    # With the fine digits of the energy it is just one request.
    assert sorted(asked(exchanges[0])) == sorted([*STANDARD.values(), 266])
    assert sorted(asked(exchanges[1])) == [60, 68, 266]
    first = sent(exchanges[:2])
    assert states["heat_energy"] == fine_total(*first[60], first[266][0])
    for key, number in STANDARD.items():
        if key != "heat_energy":
            assert states[key] == pytest.approx(float32(first[number][0]), rel=1e-7)
    assert log.count("on_reading") >= 1
    assert re.findall(r"on_link_status (\w+)", log) == ["ok"]


def test_nothing_is_asked_without_an_order() -> None:
    with bench("standard", VirtualMeter("403-kwh")) as device:
        with pytest.raises(TimeoutError):
            device.client.wait_until(lambda states: states.get("flow") is not None, 7)
        assert device.meter.received == b""
        assert device.client.states["link_status"] == "starting"


def test_a_unit_of_another_quantity_is_named_and_not_published() -> None:
    model = replace(MODELS["403-kwh"], replaced={68: Register(KWH, 0, "heat_energy")})
    with bench("standard", VirtualMeter(model)) as device:
        device.client.press("read")
        states = device.client.wait_until(lambda states: states.get("flow") is not None, 10)
        since = len(device.client.events)
        device.client.press("read")
        device.client.wait_for_event(lambda event: event.name == "flow", 10, since)
        log = device.device.text()
    assert states["volume"] is None
    assert log.count("'volume': register 68 is in kWh, which does not convert to m³") == 1


def energies(meter: RunningMeter) -> set[float]:
    """Return the heat energy of each answer so far, as the device publishes it.

    Which one a state is from is not known: the next answer may be there before the state has
    arrived. Take the state first.
    """
    answers = [sent([exchange]) for exchange in meter.exchanges]
    return {
        fine_total(*values[60], values[266][0])
        if 266 in values
        else energy(values[60][0], values[60][1], "kWh")
        for values in answers
        if 60 in values
    }


def test_a_state_may_be_older_than_the_newest_answer() -> None:
    """As on a busy computer: the answer that it came with is found, however many have followed."""
    meter = VirtualMeter("403-kwh", clock=lambda: 0.0)
    with RunningMeter(meter) as running:
        for value in (59_987, 59_988):
            meter.overrides[60] = Decimal(value)
            meter.overrides[266] = Decimal(value % 10_000 * 1000 + 7)
            _ask(running, 60, 266)
        assert energies(running) == {float32(Decimal("59987.007")), float32(Decimal("59988.007"))}


def _ask(meter: RunningMeter, *registers: int) -> None:
    """Ask it for registers, and wait for the answer."""
    data = bytes((len(registers),)) + b"".join(number.to_bytes(2) for number in registers)
    port = os.open(meter.port, os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(port, encode_frame(Direction.TO_METER, Frame(0x3F, GET_REGISTER, data)))
        answer = b""
        while not answer.endswith(b"\x0d"):
            answer += os.read(port, 64)
    finally:
        os.close(port)


def test_two_meters_at_once_with_their_own_intervals() -> None:
    meters = VirtualMeter("403-kwh", seed=1), VirtualMeter("602", seed=2, delay=0.3)
    with bench("two_meters", *meters) as device:
        client = device.client
        states = client.wait_until(
            lambda states: all(
                states.get(key) is not None
                for key in (
                    *("heat_energy", "power", "flow", "heat_energy_2", "power_2"),
                    "serial_number",
                )
            ),
            20,
        )
        assert states["volume_2"] is None  # update_interval: never
        first, second = device.meters
        assert states["heat_energy"] in energies(first)
        assert states["heat_energy_2"] in energies(second)
        assert states["serial_number"] == "80713078"
        since = len(client.events)
        for _ in range(2):
            event = client.wait_for_event(lambda event: event.name == "heat_energy_2", 15, since)
            since = client.events.index(event, since) + 1
        requests = [asked(exchange) for exchange in second.exchanges if len(exchange.request) > 8]
        # At 6 s both are due and share a request; at 2 s and 4 s power is alone.
        assert sum({60, 80} <= set(numbers) for numbers in requests) >= 2
        assert requests.count([80]) >= 3
        # The first value of a counter is read twice.
        assert [numbers for numbers in requests if 80 not in numbers] == [[60, 266]]
        client.press("read_2")
        client.wait_until(lambda states: states.get("volume_2") is not None, 10)


def test_a_meter_that_falls_silent_and_comes_back() -> None:
    meters = VirtualMeter("403-kwh"), VirtualMeter("602")
    with bench("two_meters", *meters) as device:
        client = device.client
        known = ("flow", "heat_energy", "serial_number", "heat_energy_2")
        client.wait_until(lambda states: all(states.get(key) is not None for key in known), 20)
        device.meter.silent = True
        silent_since = len(client.events)
        states = client.wait_until(lambda states: states["connected"] is False, UNTIL_GIVEN_UP)
        assert states["link_status"] == "no_answer"
        assert states["power"] is None
        assert states["flow"] is None
        assert states["heat_energy"] in energies(device.meter)
        assert states["serial_number"] == "80713078"
        named = [event.name for event in client.events[silent_since:]]
        assert named.count("link_status") == 1
        # The other meter is not disturbed.
        assert states["connected_2"] is True
        since = len(client.events)
        client.wait_for_event(lambda event: event.name == "heat_energy_2", 15, since)

        device.meter.silent = False
        states = client.wait_until(lambda states: states["flow"] is not None, UNTIL_BACK)
        assert states["connected"] is True
        assert states["link_status"] == "ok"
        assert states["power"] is not None
        pauses = [
            later.request_start - earlier.request_end
            for earlier, later in pairwise(device.meter.exchanges)
            if earlier.reply is None
        ]
    # Half a second for an answer and at least 1.6 s of pause between two attempts; the meter of a
    # busy computer hears the earlier one late.
    assert min(pauses) >= 1.5


def test_without_a_meter_at_the_start() -> None:
    meters = VirtualMeter("403-kwh"), VirtualMeter("602")
    with bench("two_meters", *meters) as device:
        device.meter.silent = True
        states = device.client.wait_until(lambda states: states.get("connected") is False, 20)
        assert states["link_status"] == "no_answer"
        assert states["heat_energy"] is None
        device.meter.silent = False
        device.client.wait_until(lambda states: states["heat_energy"] is not None, UNTIL_BACK)
