"""What the device makes of every fault of meter and wire, and that it is right again afterwards."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import cast

import pytest
from virtual_meter import MODELS, Exchange, VirtualMeter
from virtual_meter.codec import GET_REGISTER, GET_SERIAL, GET_TYPE, Reading
from virtual_meter.models import Fixed

from .bench import Bench, bench, commands
from .client import Event
from .trouble import (
    SENSORS,
    STATUS,
    faulty_bench,
    run_with_losses,
    settled_status,
    soak,
    wrong_values,
)


@pytest.mark.parametrize("fault", STATUS)
def test_each_fault_has_its_status_and_no_other(fault: str) -> None:
    with faulty_bench(fault) as device:
        assert settled_status(device) == STATUS[fault]
        states = device.client.wait_until(
            lambda states: (
                states.get("connected") is (STATUS[fault] == "ok")
                and bool(states.get("link_advice"))
            ),
            10,
            "connected and an advice",
        )
        advice = str(states["link_advice"])
        if STATUS[fault] == "ok":
            device.client.wait_until(
                lambda states: states.get("heat_energy") is not None, 20, "a value"
            )
            assert advice == "Nothing to do"
        else:
            assert len(advice) > len("Nothing to do")
            assert all(device.client.states[name] is None for name in SENSORS)
        statuses = [e.state for e in device.client.events if e.name == "link_status"]
        assert set(statuses) <= {"starting", STATUS[fault]}
        assert wrong_values(device) == []
        log = device.device.text()
    # One warning when the status appears, not one per poll.
    assert log.count(f"set Warning flag: {STATUS[fault]}") == (STATUS[fault] != "ok")
    if STATUS[fault] != "ok":
        assert f"link {STATUS[fault]}, " in log


@pytest.mark.parametrize(
    "fault", ["silent", "echo_only", "garbled", "checksum_errors", "pulses::0.5", "inverted"]
)
def test_all_is_right_again_within_one_update(fault: str) -> None:
    with faulty_bench() as device:
        client = device.client
        client.wait_until(lambda states: all(states.get(name) is not None for name in SENSORS), 20)
        assert client.states["connected"] is True
        device.meter.faults = [fault]
        states = client.wait_until(lambda states: states["connected"] is False, 60)
        assert states["link_status"] == STATUS[fault]
        assert states["power"] is None
        assert states["supply_temperature"] is None
        assert states["heat_energy"] is not None
        assert states["last_reading_age"] > 0
        device.meter.faults = []
        since = len(client.events)
        # The update under way may still fail; the next one must do.
        client.wait_for_event(
            lambda event: event.name == "last_reading_age" and event.state == 0, 20, since
        )
        states = client.wait_until(
            lambda states: (
                states["connected"] is True and all(states[name] is not None for name in SENSORS)
            ),
            2,
            "all right again",
        )
        assert states["link_status"] == "ok"
        assert states["link_advice"] == "Nothing to do"
        assert wrong_values(device) == []
        assert device.device.text().count(f"link {STATUS[fault]}, ") == 1


def test_an_answer_that_comes_while_events_are_looked_at_is_not_wrong() -> None:
    events: list[Event] = []

    class Busy:
        """A meter that answers again as soon as somebody looks at its answers."""

        @property
        def exchanges(self) -> list[SimpleNamespace]:
            events.append(Event(0.0, "power", 12.0))
            return [SimpleNamespace(readings=[Reading(80, 22, Decimal(11), 4)])]

    events.append(Event(0.0, "power", 11.0))
    device = SimpleNamespace(client=SimpleNamespace(events=events), meter=Busy())
    assert wrong_values(cast(Bench, device)) == []
    assert [event.state for event in wrong_values(cast(Bench, device))] == [12.0]


def test_five_percent_of_lost_frames_change_nothing() -> None:
    losses = run_with_losses(0.05, 30)
    assert losses.updates >= 9
    assert losses.complete == losses.updates
    assert set(losses.statuses) == {"starting", "ok"}
    assert losses.wrong == 0


def test_all_faults_mixed_publish_nothing_wrong() -> None:
    mixed = (
        "byte_lost:0.1", "byte_added:0.1", "bit_flipped:0.1", "frame_cut:0.1", "noise:0.2:1",
        "two_replies:0.1", "other_register:0.1", "other_address:0.1", "late:0.1:0.6", "echo:0.5",
        "checksum_errors:0.1",
    )  # fmt: skip
    with faulty_bench(*mixed) as device:
        time.sleep(30)
        events = [e for e in device.client.events if e.name in SENSORS and e.state is not None]
        assert len(events) > 10
        assert wrong_values(device) == []
        device.client.wait_until(lambda states: states["failed_requests"] > 0, 30, "a failure")


def test_a_register_that_silences_the_meter_is_found_and_left_out() -> None:
    with faulty_bench("batch_refused::96") as device:
        states = device.client.wait_until(
            lambda states: (
                states.get("supply_temperature") is not None
                and states.get("last_reading_age") is not None
            ),
            60,
        )
        assert states["energy_e7"] is None
        assert all(states[name] is not None for name in SENSORS if name != "energy_e7")
        assert states["link_status"] == "ok"
        assert device.device.text().count("Register 96 makes this meter silent") == 1
        asked = len(device.meter.exchanges)
        device.client.press("read")
        device.client.wait_for_event(lambda event: len(device.meter.exchanges) > asked, 10)
        assert all(exchange.reply for exchange in device.meter.exchanges[asked:])


@pytest.mark.parametrize("fault", ["lower_once", "higher_once", "empty_once"])
def test_a_counter_that_is_wrong_once_is_not_believed(fault: str) -> None:
    with faulty_bench() as device:
        client = device.client
        client.wait_until(lambda states: states.get("heat_energy") is not None, 20)
        device.meter.faults = [f"{fault}::60"]
        since = len(client.events)
        for _ in range(3):
            event = client.wait_for_event(
                lambda event: event.name == "last_reading_age" and event.state == 0, 20, since
            )
            since = client.events.index(event, since) + 1
        assert wrong_values(device) == []
        assert device.device.text().count(", reading again") == 1


def _is_serial_no(exchange: Exchange) -> bool:
    """Tell whether the meter has said its serial number: in an answer of its own or by 1001."""
    return exchange.reply is not None and (
        set(commands(exchange.request)) == {GET_SERIAL}
        or any(reading.register == 1001 for reading in exchange.readings)
    )


def test_a_replaced_meter_is_noticed_and_its_lower_counters_are_taken() -> None:
    old = MODELS["601"]
    new = replace(old, fixed={**old.fixed, 1001: Fixed(51, 12345678)})
    meter = VirtualMeter(old, delay=0.02)
    with bench("faults", meter) as device:
        client = device.client
        before = client.wait_until(lambda states: states.get("heat_energy") is not None, 20)
        # The counters are read twice, and in the second update the serial number is asked for.
        client.wait_for_event(lambda _: any(map(_is_serial_no, device.meter.exchanges)), 10)
        # The update after that: this answer has arrived.
        since = len(client.events)
        client.wait_for_event(lambda event: event.name == "heat_energy", 10, since)
        device.meter.faults = ["silent"]
        client.wait_until(lambda states: states["connected"] is False, 60)
        meter.model = new
        meter.overrides[60] = meter.readings(60)[0].value / 1000
        device.meter.faults = []
        states = client.wait_until(
            lambda states: states["heat_energy"] < before["heat_energy"], 30, "the new counter"
        )
        client.wait_for_event(
            lambda event: "was replaced by meter 12345678" in device.device.text(), 20
        )
        log = device.device.text()
    assert states["connected"] is True
    assert "'heat_energy': " in log
    assert ", reading again" in log


def test_answers_that_come_too_late() -> None:
    """Not while they can be taken during the pause before a repetition; and no 00 is a pulse."""
    with faulty_bench("slow::2.9") as device:
        client = device.client
        states = client.wait_until(
            lambda states: states.get("link_status") == "late_answers", 40, "the late answers"
        )
        assert "'response_timeout'" in str(states["link_advice"])
        time.sleep(8)
        statuses = [e.state for e in client.events if e.name == "link_status"]
        assert statuses in (
            ["starting", "late_answers"],
            ["starting", "no_answer", "late_answers"],
        )
        assert wrong_values(device) == []
        assert "An answer came too late, 29" in device.device.text()
        device.meter.faults = []
        client.wait_until(lambda states: states.get("heat_energy") is not None, 20)
        assert client.states["link_status"] == "ok"
        assert client.states["link_advice"] == "Nothing to do"


CHECKS = {
    "": ("ok", "GetType: a meter answers, its type is 0x0004"),
    # Readings come: so the link is as it should be.
    "command_refused::1": ("ok", "GetSerialNo: a meter answers"),
    "command_refused::1 command_refused::2": ("ok", "GetRegister: a meter answers"),
    "silent": ("no_answer", "nothing comes back"),
    "echo_only": ("echo_only", "only our own request comes back 80 3F 01 05 8A 0D"),
    "garbled": ("garbled", "bytes come back, but no answer"),
    "checksum_errors": ("checksum_errors", "a damaged answer comes back 40 3F 01"),
    "pulses::0.5": ("pulses", "a pulse comes"),
    "slow::0.8": ("late_answers", "nothing comes back"),
}


@pytest.mark.parametrize("fault", CHECKS)
def test_check_wiring(fault: str) -> None:
    status, seen = CHECKS[fault]
    with faulty_bench(*fault.split()) as device:
        settled_status(device)
        time.sleep(2)
        before = str(device.client.states["link_advice"])
        since = len(device.client.events)
        device.client.press("check_wiring")
        deadline = time.monotonic() + 25
        while "Verdict: " not in device.device.text() and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(0.5)
        log = device.device.text()
        block = log[log.index("Wiring check") :]
        # Readings wait: in the three seconds of listening before GetType nothing is sent.
        exchanges = device.meter.exchanges
        own = next(i for i, e in enumerate(exchanges) if set(commands(e.request)) == {GET_TYPE})
        assert exchanges[own].request_start - exchanges[own - 1].request_end >= 2.5
        assert seen in block
        assert f"Verdict: {status}" in block
        # A reading may follow at once, and knows better.
        advice = [str(e.state) for e in device.client.events[since:] if e.name == "link_advice"]
        assert any(text in block for text in (*advice, before))
        assert commands(device.meter.received)[GET_REGISTER] >= 1


def test_a_port_that_is_pulled_is_no_silent_meter() -> None:
    with faulty_bench() as device:
        device.client.wait_until(lambda states: states.get("heat_energy") is not None, 20)
        device.meter.faults = ["unplugged"]
        states = device.client.wait_until(lambda states: states["link_status"] == "no_port", 30)
        assert "start this program again" in str(states["link_advice"])
        assert states["connected"] is True  # not yet given up
        states = device.client.wait_until(lambda states: states["connected"] is False, 30)
        assert states["power"] is None


def test_memory_does_not_grow_over_a_day_of_readings() -> None:
    result = soak(updates=126, first=30)
    assert result.growth < 0.01
