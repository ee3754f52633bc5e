"""What the device asks for next: one example of each rule of the plan, on the real firmware.

All cases are in tests/kmp/test_reading_plan.py.
"""

from __future__ import annotations

import time
from decimal import Decimal

from virtual_meter import VirtualMeter
from virtual_meter.codec import GET_REGISTER, Reading
from virtual_meter.meter import Answer

from .bench import Bench, asked, bench
from .client import Client
from .trouble import fast_line, faulty_bench

STANDARD = (
    *("heat_energy", "power", "flow", "volume"),
    *("supply_temperature", "return_temperature", "temperature_difference"),
)


class Partial(VirtualMeter):
    """A meter whose replies carry only some of the registers, as those to another reader would.

    only: the registers that they carry, None for all. times: so many of the next replies.
    """

    only: frozenset[int] | None = None
    times: float = float("inf")

    def readings(self, *registers: int) -> tuple[Reading, ...]:
        """Leave out what is not to be sent."""
        readings = super().readings(*registers)
        if self.only is None or self.times <= 0:
            return readings
        self.times -= 1
        return tuple(reading for reading in readings if reading.register in self.only)


class Sleeper(VirtualMeter):
    """A meter that does not answer the next requests for registers.

    sleeps: so many of them.
    """

    sleeps = 0

    def answer(self, request: bytes) -> Answer:
        """Answer, when it is awake."""
        answer = super().answer(request)
        if request[2] != GET_REGISTER or self.sleeps == 0:
            return answer
        self.sleeps -= 1
        return Answer(request, None, silence="asleep")


def _wait_for_log(device: Bench, text: str, count: int = 1, timeout: float = 30) -> None:
    deadline = time.monotonic() + timeout
    while device.device.text().count(text) < count:
        assert time.monotonic() < deadline, f"{text!r} is not in the log {count} times"
        time.sleep(0.05)


def _all_known(client: Client, *names: str, timeout: float = 15) -> None:
    client.wait_until(
        lambda states: all(states.get(name) is not None for name in names), timeout, str(names)
    )


def test_one_reply_without_registers_loses_nothing() -> None:
    meter = Partial("403-kwh")
    meter.only, meter.times = frozenset(), 1
    with bench("standard", meter) as device:
        # A counter's first value is read twice, and this is once more already.
        for names in (set(STANDARD) - {"heat_energy", "volume"}, STANDARD):
            device.client.press("read")
            _all_known(device.client, *names)
        assert "is not in this meter" not in device.device.text()


def test_replies_to_another_reader_are_no_complete_reading() -> None:
    meter = Partial("601", delay=0.02)
    with bench("faults", meter) as device:
        client = device.client
        _all_known(client, "heat_energy", "flow", "last_reading_age")
        meter.only = frozenset({80})
        client.wait_until(lambda states: states["flow"] is None, 30, "flow unknown")
        states = client.wait_until(lambda states: states["last_reading_age"] >= 4, 30, "an age")
        assert states["connected"] is True
        assert states["power"] is not None
        assert device.device.text().count("Register 74 does not come any more") == 1
        meter.only = None
        _all_known(client, "flow")
        client.wait_until(lambda states: states["last_reading_age"] == 0, 10, "a whole reading")


def test_forty_registers_every_second_are_all_read_and_nobody_starves() -> None:
    with bench("busy", VirtualMeter("403-kwh")) as device:
        client = device.client
        names = [name for name in client.entities if name.startswith("register_")]
        assert len(names) == 40
        _all_known(client, *names, "meter_type", "requests", timeout=40)
        _wait_for_log(device, "on_reading", 2)
        client.press("scan_registers")
        _wait_for_log(device, "]:   60 heat_energy: ", timeout=60)
        client.press("check_wiring")
        _wait_for_log(device, "Verdict: ok")
        readings = device.device.text().count("on_reading")
        _wait_for_log(device, "on_reading", readings + 1)


def test_a_meter_that_wakes_up_late_convicts_no_register() -> None:
    meter = Sleeper("403-kwh")
    meter.sleeps = 3  # one request with its repetitions
    with bench("standard", meter) as device:
        device.client.press("read")
        _all_known(device.client, *STANDARD, timeout=40)
        assert "silent" not in device.device.text()


def test_a_button_right_after_a_failed_reading_reads() -> None:
    with bench("standard", VirtualMeter("403-kwh")) as device:
        device.meter.silent = True
        device.client.press("read")
        _wait_for_log(device, "link no_answer")
        device.meter.silent = False
        device.client.press("read")
        _all_known(device.client, *STANDARD)


def test_a_total_that_falls_with_each_reply_is_read_twice_in_an_update() -> None:
    class Falling(VirtualMeter):
        falls = Decimal(0)

        def readings(self, *registers: int) -> tuple[Reading, ...]:
            self.overrides[60] = self.overrides.get(60, Decimal(50_000)) - self.falls
            return super().readings(*registers)

    meter = Falling("601")
    with fast_line(), bench("fine", meter) as device:
        device.client.press("read")
        _all_known(device.client, "heat_energy", "last_reading_age")
        time.sleep(1)
        before = device.client.states["heat_energy"]
        meter.falls = Decimal(100)
        known = len(device.meter.exchanges)
        since = len(device.client.events)
        device.client.press("read")
        device.client.wait_for_event(
            lambda event: event.name == "last_reading_age" and event.state is not None, 10, since
        )
        time.sleep(1)
        exchanges = [e for e in device.meter.exchanges[known:] if len(e.request) > 8]
        assert sum(60 in asked(exchange) for exchange in exchanges) == 2
        assert device.client.states["heat_energy"] == before


def test_what_was_said_of_the_moment_becomes_unknown_together() -> None:
    moment = ("power", "flow", "supply_temperature")
    with bench("intervals", VirtualMeter("403-kwh")) as device:
        client = device.client
        client.press("read")
        _all_known(client, "heat_energy", *moment)
        device.meter.silent = True
        client.wait_until(lambda states: states["connected"] is False, 30, "no meter")
        states = client.wait_until(
            lambda states: all(states[name] is None for name in moment), 5, "unknown"
        )
        assert states["heat_energy"] is not None


def test_a_check_that_is_over_says_nothing_about_a_meter_that_answers() -> None:
    with faulty_bench() as device:
        client = device.client
        _all_known(client, "heat_energy")
        device.meter.faults = ["silent"]
        client.press("check_wiring")
        client.wait_until(
            lambda states: str(states["link_advice"]).startswith("Not one byte"), 30, "advice"
        )
        device.meter.faults = []
        client.wait_until(lambda states: states["link_advice"] == "Nothing to do", 15, "advice")
