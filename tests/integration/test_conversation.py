"""How the device asks: how much at once, how often, and what it does when nothing comes back."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from virtual_meter import MODELS, VirtualMeter
from virtual_meter.codec import GET_REGISTER, GET_SERIAL
from virtual_meter.models import KWH, Register

from .bench import Bench, asked, bench, commands, sent
from .conversion import fine_total, float32

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
        # Nothing may follow: no repetition, no second request; but, once, the serial number.
        for count in (2, 4):
            time.sleep(0.1)
            device.client.press(button)
            wait_for_exchanges(device, count)
        time.sleep(0.5)
        exchanges = device.meter.exchanges
        log = device.device.text()
    assert [commands(exchange.request) for exchange in exchanges] == [
        {GET_REGISTER: 1},
        {GET_REGISTER: 1},
        {GET_SERIAL: 1},
        {GET_REGISTER: 1},
    ]
    # With the fine digits of the energy it is just one request.
    assert sorted(asked(exchanges[0])) == sorted([*STANDARD.values(), 266])
    first = sent(exchanges[:1])
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
        device.client.press("read")
        device.client.wait_for_event(lambda event: len(device.meter.exchanges) > 1, 10)
        log = device.device.text()
    assert states["volume"] is None
    assert log.count("'volume': register 68 is in kWh, which does not convert to m³") == 1


def test_two_meters_at_once_with_their_own_intervals() -> None:
    meters = VirtualMeter("403-kwh", seed=1), VirtualMeter("602", seed=2, delay=0.3)
    with bench("two_meters", *meters) as device:
        client = device.client
        client.wait_until(
            lambda states: all(
                states.get(key) is not None
                for key in ("heat_energy", "power", "flow", "heat_energy_2", "power_2")
            ),
            20,
        )
        assert client.states["volume_2"] is None  # update_interval: never
        first, second = device.meters
        shown = sent(first.exchanges)
        assert client.states["heat_energy"] == fine_total(*shown[60], shown[266][0])
        assert client.states["heat_energy_2"] == pytest.approx(
            float32(Decimal(1000) * sent(second.exchanges)[60][0]), rel=1e-7
        )
        assert client.states["serial_number"] == "80713078"
        since = len(client.events)
        for _ in range(2):
            event = client.wait_for_event(lambda event: event.name == "heat_energy_2", 15, since)
            since = client.events.index(event, since) + 1
        requests = [asked(exchange) for exchange in second.exchanges if len(exchange.request) > 8]
        # At 6 s both are due and share a request; at 2 s and 4 s power is alone.
        assert sum({60, 80} <= set(numbers) for numbers in requests) >= 2
        assert requests.count([80]) >= 3
        assert all(80 in numbers for numbers in requests)
        client.press("read_2")
        client.wait_until(lambda states: states.get("volume_2") is not None, 10)


def test_a_meter_that_falls_silent_and_comes_back() -> None:
    meters = VirtualMeter("403-kwh"), VirtualMeter("602")
    with bench("two_meters", *meters) as device:
        client = device.client
        client.wait_until(lambda states: states.get("flow") is not None, 20)
        client.wait_until(lambda states: states.get("heat_energy_2") is not None, 20)
        device.meter.silent = True
        silent_since = len(client.events)
        states = client.wait_until(lambda states: states["connected"] is False, UNTIL_GIVEN_UP)
        assert states["link_status"] == "no_answer"
        assert states["power"] is None
        assert states["flow"] is None
        shown = sent(device.meter.exchanges)
        assert states["heat_energy"] == fine_total(*shown[60], shown[266][0])
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
    # Half a second for an answer and at least 1.6 s of pause between two attempts.
    assert min(pauses) >= 2.0


def test_without_a_meter_at_the_start() -> None:
    meters = VirtualMeter("403-kwh"), VirtualMeter("602")
    with bench("two_meters", *meters) as device:
        device.meter.silent = True
        states = device.client.wait_until(lambda states: states.get("connected") is False, 20)
        assert states["link_status"] == "no_answer"
        assert states["heat_energy"] is None
        device.meter.silent = False
        device.client.wait_until(lambda states: states["heat_energy"] is not None, UNTIL_BACK)
