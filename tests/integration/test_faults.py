"""How the device copes with every fault of meter and wire, and that it recovers."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest
from meter_log.codec import GET_REGISTER, GET_TYPE
from virtual_meter import MODELS, VirtualMeter
from virtual_meter.models import Fixed

from .bench import bench, commands, read
from .trouble import (
    SENSORS,
    STATUS,
    fast_line,
    faulty_bench,
    settled_status,
    soak,
    wrong_values,
)


@pytest.mark.parametrize("fault", STATUS)
def test_each_fault_has_its_status_and_no_other(fault: str) -> None:
    with faulty_bench(fault) as device:
        assert settled_status(device) == STATUS[fault]
        is_ok = STATUS[fault] == "ok"
        states = device.client.wait_until(
            lambda states: (
                states.get("connected") is is_ok
                and bool(states.get("link_advice"))
                and (states.get("heat_energy") is not None) is is_ok
            ),
            20,
            "connected, an advice and a value",
        )
        assert (states["link_advice"] == "Nothing to do") is is_ok
        if not is_ok:
            assert all(states[name] is None for name in SENSORS)
        statuses = [e.state for e in device.client.events if e.name == "link_status"]
        assert set(statuses) <= {"starting", STATUS[fault]}
        assert wrong_values(device) == []
        log = device.device.text()
    # One warning when the status appears, not one per poll.
    assert log.count(f"set Warning flag: {STATUS[fault]}") == (not is_ok)
    assert (f"link {STATUS[fault]}, " in log) is not is_ok
    # No line for the bytes if there are none.
    assert not re.search(r"\]:\s*\x1b", log)


@pytest.mark.parametrize("fault", ["silent", "checksum_errors"])
def test_all_is_well_again_within_one_update(fault: str) -> None:
    with fast_line(), faulty_bench() as device:
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
        assert states["failed_requests"] > 0
        device.meter.faults = []
        # The current update may still fail; the next one must not.
        client.wait_until(lambda states: states["last_reading_age"] == 0, 20)
        states = client.wait_until(
            lambda states: (
                states["connected"] is True
                and states["link_status"] == "ok"
                and states["link_advice"] == "Nothing to do"
                and all(states[name] is not None for name in SENSORS)
            ),
            2,
            "all right again",
        )
        assert wrong_values(device) == []
        log = device.device.text()
    assert log.count(f"link {STATUS[fault]}, ") == 1
    assert log.count("multical cleared Warning flag") == 1


def test_all_faults_mixed_publish_nothing_wrong() -> None:
    mixed = (
        "byte_lost:0.1", "byte_added:0.1", "bit_flipped:0.1", "frame_cut:0.1", "noise:0.2:1",
        "two_replies:0.1", "other_register:0.1", "other_address:0.1", "late:0.1:0.6", "echo:0.5",
        "checksum_errors:0.1",
    )  # fmt: skip
    with faulty_bench(*mixed) as device:
        time.sleep(15)
        device.client.wait_until(lambda states: states["failed_requests"] > 0, 30, "a failure")
        events = [e for e in device.client.events if e.name in SENSORS and e.state is not None]
        assert len(events) > 10
        assert wrong_values(device) == []


def test_a_register_that_stops_the_meter_answering_is_found_and_left_out() -> None:
    with fast_line(), faulty_bench("batch_refused::96") as device:
        states = device.client.wait_until(
            lambda states: (
                states.get("supply_temperature") is not None
                and states.get("last_reading_age") is not None
            ),
            60,
        )
        assert [name for name in SENSORS if states[name] is None] == ["energy_e7"]
        assert states["link_status"] == "ok"
        assert device.device.text().count("Register 96 stops this meter answering") == 1


def test_a_register_that_is_no_longer_sent_is_named() -> None:
    with fast_line(), faulty_bench() as device:
        client = device.client
        client.wait_until(lambda states: states.get("flow") is not None, 20)
        device.meter.faults = ["left_out::74"]
        client.wait_until(lambda states: states["flow"] is None, 30, "flow unknown")
        assert client.states["power"] is not None
        assert device.device.text().count("Register 74 is no longer sent") == 1
        # Without it no reading was complete.
        states = client.wait_until(lambda states: states["last_reading_age"] > 0, 30, "an age")
        assert states["connected"] is True


def test_a_replaced_meter_is_noticed_and_its_lower_counters_are_accepted() -> None:
    old = MODELS["601"]
    new = replace(old, fixed={**old.fixed, 1001: Fixed(51, 12345678)})
    meter = VirtualMeter(old, delay=0.02)
    with fast_line(), bench("faults", meter) as device:
        client = device.client
        before = client.wait_until(lambda states: states.get("heat_energy") is not None, 20)
        # The second update asks for the serial number.
        for _ in range(2):
            read(client)
        device.meter.faults = ["silent"]
        client.wait_until(lambda states: states["connected"] is False, 60)
        meter.model = new
        meter.overrides[60] = meter.readings(60)[0].value / 1000
        device.meter.faults = []
        client.wait_until(
            lambda states: states["heat_energy"] < before["heat_energy"], 30, "the new counter"
        )
        client.wait_for_event(
            lambda event: "was replaced by meter 12345678" in device.device.text(), 20
        )
        log = device.device.text()
    assert "Meter 19088743 was replaced" in log
    assert ", reading again" in log


def test_answers_that_come_too_late() -> None:
    """But not while they can still be accepted, in the pause before a repetition."""
    with faulty_bench("slow::2.9") as device:
        client = device.client
        states = client.wait_until(
            lambda states: states.get("link_status") == "late_answers", 40, "the late answers"
        )
        assert "'response_timeout'" in str(states["link_advice"])
        statuses = [e.state for e in client.events if e.name == "link_status"]
        assert statuses in (
            ["starting", "late_answers"],
            ["starting", "no_answer", "late_answers"],
        )
        found = re.search(r"An answer came too late, (\d+) ms", device.device.text())
        assert found
        assert 2850 <= int(found[1]) < 6000
        device.meter.faults = []
        client.wait_until(
            lambda states: states["heat_energy"] is not None and states["link_status"] == "ok", 20
        )


CHECKS = {
    "": ("ok", "GetType: a meter answers, its type is 0x0004"),
    # Readings come, so the link is fine.
    "command_refused::1 command_refused::2": ("ok", "GetRegister: a meter answers"),
    "silent": ("no_answer", "GetSerialNo: nothing comes back"),
    "echo_only": ("echo_only", "only our own request comes back 80 3F 01 05 8A 0D"),
    "garbled": ("garbled", "bytes come back, but no answer"),
    "checksum_errors": ("checksum_errors", "a damaged answer comes back 40 3F 01"),
    "pulses::0.5": ("pulses", "a pulse comes"),
    "slow::0.8": ("late_answers", "nothing comes back"),
    "unplugged": ("no_port", "The serial port cannot be used"),
}


@pytest.mark.parametrize("fault", CHECKS)
def test_check_wiring(fault: str) -> None:
    status, seen = CHECKS[fault]
    with faulty_bench(*fault.split()) as device:
        settled_status(device)
        before = str(device.client.states["link_advice"])
        since = len(device.client.events)
        device.client.press("check_wiring")
        device.device.wait_for_log("Verdict: ", 25)
        time.sleep(0.5)
        log = device.device.text()
        block = log[log.index("Wiring check") :]
        assert seen in block
        assert f"Verdict: {status}" in block
        assert "The line at rest: cannot be seen on this device" in block
        # A reading may follow at once, and outweighs the check.
        advice = [str(e.state) for e in device.client.events[since:] if e.name == "link_advice"]
        assert any(text in block for text in (*advice, before))
        if status == "no_port":
            return
        pulses = "[1-9]" if status == "pulses" else "0"
        assert re.search(rf"Unrequested bytes in 3 s: ({pulses}), \1 of them 00", block)
        # Readings wait: nothing is sent in the three seconds of listening before GetType.
        exchanges = device.meter.exchanges
        own = next(i for i, e in enumerate(exchanges) if set(commands(e.request)) == {GET_TYPE})
        assert exchanges[own].request_start - exchanges[own - 1].request_end >= 2.5
        assert commands(device.meter.received)[GET_REGISTER] >= 1


@pytest.mark.parametrize(
    ("faults", "verdict"),
    [(["pulses::0.3"], "pulses"), (["pulses::0.3", "noise::0.05"], "no_answer")],
)
def test_bytes_that_come_while_the_check_listens(faults: list[str], verdict: str) -> None:
    """Lone zeros are pulses; with other bytes among them they are not."""
    with faulty_bench("silent") as device:
        settled_status(device)
        device.client.press("check_wiring")
        device.device.wait_for_log("Wiring check", 20)
        device.meter.faults = faults
        time.sleep(1.5)
        # From now on nothing comes, so that the requests of the check see none of it.
        device.meter.faults = ["silent"]
        device.device.wait_for_log("Verdict: ", 25)
        log = device.device.text()
    found = re.search(r"Unrequested bytes in 3 s: (\d+), (\d+) of them 00", log)
    assert found
    assert 0 < int(found[2]) <= int(found[1])
    assert (found[1] == found[2]) == (verdict == "pulses")
    assert f"Verdict: {verdict}" in log


def test_a_check_that_is_over_says_nothing_about_a_meter_that_answers() -> None:
    with fast_line(), faulty_bench() as device:
        client = device.client
        client.wait_until(lambda states: states.get("heat_energy") is not None, 20)
        device.meter.faults = ["silent"]
        client.press("check_wiring")
        client.wait_until(
            lambda states: str(states["link_advice"]).startswith("Nothing comes back"), 30, "advice"
        )
        assert client.states["link_status"] == "ok"
        device.meter.faults = []
        client.wait_until(lambda states: states["link_advice"] == "Nothing to do", 15, "advice")


def test_an_unplugged_port_is_not_a_silent_meter() -> None:
    with fast_line(), faulty_bench() as device:
        device.client.wait_until(lambda states: states.get("heat_energy") is not None, 20)
        device.meter.faults = ["unplugged"]
        states = device.client.wait_until(lambda states: states["link_status"] == "no_port", 30)
        assert "restart this program" in str(states["link_advice"])
        assert states["connected"] is True  # not yet lost
        states = device.client.wait_until(lambda states: states["connected"] is False, 30)
        assert states["power"] is None


def test_memory_does_not_grow() -> None:
    early, late = soak(updates=60, first=30)
    assert late < 1.01 * early
