"""How the device asks: at what command, how often, and what it does when nothing comes back."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from virtual_meter import MODELS, VirtualMeter
from virtual_meter.models import KWH, Fixed, Register

from .bench import asked, bench, read, requests, sent
from .conversion import fine_total, float32
from .trouble import fast_line


@pytest.mark.parametrize(
    ("delay", "button"), [(0, "read"), (0.3, "read_by_action"), (1.6, "update")]
)
def test_nothing_is_asked_without_a_command(delay: float, button: str) -> None:
    with fast_line(), bench("on_demand", VirtualMeter("403-kwh", delay=delay)) as device:
        time.sleep(0.5)
        assert device.meter.received == b""
        assert device.client.states["link_status"] == "starting"
        for _ in range(3):
            read(device.client, button)
        time.sleep(0.5)
        states = device.client.states
        exchanges = device.meter.exchanges
        log = device.device.text()
    # The first values of the counters are read twice; the serial number is asked for once.
    all_values = [60, 266, 63, 68, 80, 369]
    assert [asked(exchange) for exchange in exchanges] == [
        all_values,
        [60, 266, 63, 68],
        [*all_values, 1001],
        all_values,
    ]
    last = sent(exchanges[-1:])
    assert states["heat_energy"] == fine_total(*last[60], last[266][0])
    for key, number in {"cooling_energy": 63, "volume": 68, "power": 80}.items():
        assert states[key] == pytest.approx(float32(last[number][0]), rel=1e-7)
    assert log.count("on_reading") == 3
    assert re.findall(r"on_link_status (\w+)", log) == ["ok"]


def test_what_cannot_be_shown_is_named_once() -> None:
    model = MODELS["403-kwh"]
    model = replace(
        model,
        replaced={68: Register(KWH, 0, "heat_energy")},
        fixed={**model.fixed, 60: Fixed(KWH, 5, 8)},
    )
    with fast_line(), bench("on_demand", VirtualMeter(model)) as device:
        for _ in range(2):
            assert read(device.client) == []
        states = device.client.states
        log = device.device.text()
    assert states["volume"] is None
    assert log.count("'volume': register 68 is in kWh, which does not convert to m³") == 1
    assert log.count("'heat_energy': register 60 is not a number (8 bytes, kWh)") == 1


def test_two_meters_at_once_with_their_own_intervals() -> None:
    meters = VirtualMeter("403-kwh", seed=1), VirtualMeter("602", seed=2, delay=0.3)
    with bench("two_meters", *meters) as device:
        client = device.client
        known = ("heat_energy", "power", "flow", "power_2", "serial_number")
        client.wait_until(lambda states: all(states.get(key) is not None for key in known), 20)
        first, second = device.meters
        since = len(client.events)
        for _ in range(2):
            event = client.wait_for_event(lambda event: event.name == "flow", 15, since)
            since = client.events.index(event, since) + 1
        alone = [numbers for numbers in requests(first) if numbers == [80]]
        shared = [numbers for numbers in requests(first) if {60, 74, 80} <= set(numbers)]
        assert len(alone) > len(shared) >= 2
        # What falls due shortly before an update waits for it.
        assert all(60 in numbers for numbers in requests(first) if 68 in numbers)
        assert client.states["supply_temperature"] is None
        assert client.states["heat_energy_2"] is None
        assert {number for numbers in requests(second) for number in numbers} <= {80, 1001}
        assert len(requests(second)) >= 3
        client.press("read")
        client.press("read_2")
        states = client.wait_until(
            lambda states: (
                states["supply_temperature"] is not None and states["heat_energy_2"] is not None
            ),
            10,
        )
        assert states["serial_number"] == "80713078"
        assert states["connected_2"] is True


def test_one_of_two_ports_is_not_there() -> None:
    with bench("two_meters", VirtualMeter("403-kwh")) as device:
        states = device.client.wait_until(
            lambda states: (
                states.get("link_status") == "ok" and states.get("link_status_2") == "no_port"
            ),
            20,
        )
        assert states["connected"] is True
        assert states["connected_2"] is False


def test_pulses_count_that_come_while_nothing_is_asked() -> None:
    with bench("on_demand", VirtualMeter("403-kwh"), faults=("pulses::0.1",)) as device:
        time.sleep(1)
        device.meter.faults = ["silent"]
        device.client.press("read")
        device.client.wait_until(lambda states: states["link_status"] == "pulses", 20)


def test_one_of_two_meters_falls_silent() -> None:
    with bench("two_meters", VirtualMeter("403-kwh"), VirtualMeter("602")) as device:
        client = device.client
        known = ("flow", "power", "heat_energy", "serial_number", "power_2")
        client.wait_until(lambda states: all(states.get(key) is not None for key in known), 20)
        device.meter.silent = True
        since = len(client.events)
        states = client.wait_until(lambda states: states["connected"] is False, 30)
        assert [states[key] is None for key in known] == [True, True, False, False, False]
        # The other meter is not disturbed.
        assert states["connected_2"] is True
        assert "power_2" in [event.name for event in client.events[since:]]
        silences = [
            (later.request_start - earlier.request_end, later.request == earlier.request)
            for earlier, later in pairwise(device.meter.exchanges)
            if earlier.reply is None
        ]
    # Half a second for an answer and at least 1.6 s of pause between two attempts; on a busy
    # computer the meter hears the earlier one late.
    assert min(pause for pause, _ in silences) >= 1.5
    assert any(is_repeated for _, is_repeated in silences)
