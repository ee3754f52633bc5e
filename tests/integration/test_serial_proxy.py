"""While a client of the serial_proxy has the line, the device asks nothing; then it continues."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from meter_log.codec import GET_SERIAL
from meter_log.history import LogHistory, read_history
from meter_log.line import Line
from meter_log.ports import PortError, ProxyPort
from meter_log.readout import COMMAND, Log
from virtual_meter import VirtualMeter

from .bench import Bench, bench

NAMES = ("heat_energy", "power", "last_reading_age", "link_status", "connected")


@contextmanager
def lent(device: Bench) -> Iterator[ProxyPort]:
    """Take the line."""
    with ProxyPort("127.0.0.1", device.device.firmware.api_port, None) as port:
        yield port


def meter() -> VirtualMeter:
    """Return a meter whose clock is right."""
    return VirtualMeter("403-kwh", delay=0.1, begin=datetime.now())


@pytest.fixture
def device() -> Iterator[Bench]:
    """A device whose meter answers. What a client sends through it is not the firmware's."""
    with bench("serial_proxy", meter(), is_shared=True) as running:
        running.client.wait_until(
            lambda states: all(states.get(name) is not None for name in NAMES), 20
        )
        yield running


def test_a_log_is_read_while_readings_wait(device: Bench) -> None:
    """No collision, no failed request, no fault of the link; then readings go on at once."""
    history = LogHistory(Log.DAYS)
    with lent(device) as port:
        line = Line(port)
        before = len(device.meter.exchanges)
        failed = device.client.states["failed_requests"]
        since = len(device.client.events)
        device.client.press("read")
        device.client.press("scan_registers")
        reply = None
        asking = read_history(history, (60, 68), 120)
        requests = 0
        while True:
            try:
                request = asking.send(reply)
            except StopIteration:
                break
            requests += 1
            reply = line.ask(COMMAND, request)
            assert reply is not None
        during = device.meter.exchanges[before:]
        given_back = time.monotonic()
    assert len(history.rows()) == 120
    assert list(history.troubles()) == []
    assert [exchange.request[2] for exchange in during] == [COMMAND] * requests
    event = device.client.wait_for_event(lambda event: event.name == "power", 10, since)
    assert event.time - given_back < 5
    states = device.client.wait_until(lambda states: (states["last_reading_age"] or 0) < 3, 20)
    assert states["failed_requests"] == failed
    assert states["connected"] is True
    told = [event.state for event in device.client.events[since:] if event.name == "link_status"]
    assert set(told) <= {"ok"}


def test_request_under_way_is_asked_again(device: Bench) -> None:
    """If the line is taken in the middle of one, the entity still gets its value afterwards."""
    device.meter.faults = ["silent"]
    since = len(device.meter.exchanges)
    device.client.press("read")
    time.sleep(0.3)
    with lent(device):
        device.meter.faults = []
        failed = device.client.states["failed_requests"]
        asked = len(device.meter.exchanges)
        time.sleep(1)
        assert len(device.meter.exchanges) == asked
    assert asked > since
    before = len(device.client.events)
    device.client.wait_for_event(lambda event: event.name == "heat_energy", 10, before)
    assert device.client.states["failed_requests"] == failed
    assert device.client.states["link_status"] == "ok"


def test_a_loan_is_noticed_at_once(device: Bench) -> None:
    """Not only when the next value is due: a client may change the settings of the line."""
    for count in (1, 2, 3):
        since = len(device.client.events)
        device.client.wait_for_event(lambda event: event.name == "power", 10, since)
        with lent(device):
            device.device.wait_for_log("Line lent", 2, count)


def test_only_one_has_the_line(device: Bench) -> None:
    with lent(device), pytest.raises(PortError, match="another program has it"), lent(device):
        pass


def test_which_of_two_meters_is_chosen_and_the_other_is_read_on() -> None:
    """Each has a serial_proxy of its own; without its name, or with another, it is asked for."""
    meters = VirtualMeter("403-kwh", begin=datetime.now()), VirtualMeter("602")
    with bench("two_meters", *meters, is_shared=True) as device:
        host = "127.0.0.1", device.device.firmware.api_port, None
        for name in (None, "Third"):
            with (
                pytest.raises(PortError, match=r"serial_proxies First, Second\. Say which one"),
                ProxyPort(*host, name),
            ):
                pass
        for number, name in enumerate(("First", "Second")):
            with ProxyPort(*host, name) as port:
                before = [len(meter.exchanges) for meter in device.meters]
                reply = Line(port).ask(GET_SERIAL, b"")
                assert reply == meters[number].model.fixed[1001].value.to_bytes(4)
                time.sleep(4)
                lent, other = device.meters[number], device.meters[1 - number]
                asked = lent.exchanges[before[number] :]
                assert [exchange.request[2] for exchange in asked] == [GET_SERIAL]
                assert len(other.exchanges) > before[1 - number]
