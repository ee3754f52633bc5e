"""The scan of all registers: it finds what there is, and disturbs nobody."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from components.harness import Workbench
from components.harness import device as yaml_of_device
from components.pasting import refused
from meter_log.codec import GET_REGISTER, GET_TYPE
from virtual_meter import MODELS, Answer, VirtualMeter
from virtual_meter.models import KWH, Fixed, Register

from .bench import Bench, bench, commands, requests
from .trouble import fast_line

LAST = 1100
DONE = "Scan done"


def lines(device: Bench) -> list[str]:
    """Return what the scan has logged so far."""
    # A message of several lines has a prefix only on the first.
    text = re.sub(r"\x1b\[[0-9;]*m", "", device.device.text())
    found: list[str] = []
    for line in text.splitlines():
        if match := re.match(r"\[.*?\]\[\w\]\[([\w.]+):\d+\]: ?(.*)", line):
            source = match[1]
            line = match[2]
        if source == "multical.scan":
            found.append(line)
    return found


def wait(device: Bench, condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until the condition is met."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, lines(device)
        time.sleep(0.05)


def scan(device: Bench, seconds: float = 60) -> list[str]:
    """Scan to the end, and return what was logged."""
    device.client.wait_until(lambda states: states.get("last_reading_age") is not None, 60)
    device.client.press("scan_registers")
    wait(device, lambda: DONE in lines(device), seconds)
    return lines(device)


def is_under_way(device: Bench) -> bool:
    """Tell whether some registers were asked for, and not all."""
    return any(re.search(r"[2-4]\d\d of 1100 tried", line) for line in lines(device))


def found(text: list[str]) -> dict[int, str]:
    """Return the registers in the log, with what follows them."""
    rows = (re.fullmatch(r"  (\d+) (.+: .+)", line) for line in text)
    return {int(row[1]): row[2] for row in rows if row}


def fragment(text: list[str]) -> str:
    """Return the YAML, taken from the log as docs/registers.md says."""
    return "\n".join(re.sub(r".*?\| ", "", line, count=1) for line in text if "| " in line) + "\n"


def test_finds_exactly_what_the_meter_has() -> None:
    meter = VirtualMeter("403-kwh", clock=lambda: 0.0)
    with fast_line(), bench("every_key", meter) as device:
        text = scan(device)
        batches = requests(device.meter)[-138:]
        sent = device.meter.received
        states = device.client.states
    numbers = list(meter.model.numbers)
    assert list(found(text)) == numbers
    assert found(text)[60] == "heat_energy: 59987 kWh"
    assert found(text)[99] == "info: 0"
    assert found(text)[266] == "E1 in fine steps, rolls over every 10 MWh: 9987654 Wh"
    # Each number once, eight at a time, and nothing else.
    assert [n for batch in batches for n in batch] == list(range(1, LAST + 1))
    assert {len(batch) for batch in batches} == {8, 4}
    assert set(commands(sent)) == {GET_TYPE, GET_REGISTER}
    # The report says which kind of meter it is, but not whose, and no values.
    report = "\n".join(text[next(i for i, line in enumerate(text) if "Report" in line) :])
    assert "meter type 0x0403, revision 0x0203" in report
    assert "80713078" not in report
    assert "403117" not in report
    pairs = dict(re.findall(r"(\d+)/(\d+)", report))
    assert list(map(int, pairs)) == numbers
    assert pairs["60"] == "2"
    # Twelve in a line, so that each line of the log is whole.
    full = [len(re.findall(r"\d+/\d+", line)) for line in report.split("\n")]
    assert max(full) == 12
    assert states["link_status"] == "ok"


def test_the_yaml_can_be_pasted(tmp_path: Path) -> None:
    """It is valid, and has each register once: under its key, or by its number."""
    known = MODELS["602"]
    fixed = {**known.fixed, 700: Fixed(KWH, 5), 701: Fixed(77, 9)}
    counts_energy = {85: Register(KWH, 0, "heat_energy")}
    meter = VirtualMeter(replace(known, fixed=fixed, replaced=counts_energy))
    with fast_line(), bench("every_key", meter) as device:
        text = scan(device)
    assert found(text)[700] == "unknown: 5 kWh"
    assert found(text)[701] == "unknown: 9 unit 77"
    yaml = fragment(text)
    config = Workbench(tmp_path).accept(yaml_of_device(f"multical:\n{yaml}", "host"))
    readings = meter.readings(*meter.model.numbers)
    assert refused(config, {r.register: (r.unit, r.size <= 4) for r in readings}) == []
    for line in (
        "    heat_energy: {name: Heat energy}",
        "    meter_time: {name: Meter time}",
        "    info: {name: Info}",
        '    input_b: {name: Input b, unit_of_measurement: "kWh"}',
        "    registers:",
        '      - {register: 155, name: "E1 in fine steps, a rolling counter", '
        'unit_of_measurement: "Wh"}',
        '      - {register: 154, name: "Checksum of the software"}',
        '      - {register: 700, name: "Register 700", unit_of_measurement: "kWh"}',
        '      - {register: 701, name: "Register 701"}',
    ):
        assert f"\n{line}\n" in yaml
    # Registers that are part of another entity are not offered.
    assert not re.search(r"register: (99|112|266|267|1002|1003),", yaml)


def test_readings_go_on_during_a_scan_until_it_is_stopped() -> None:
    meter = VirtualMeter("403-kwh", delay=0.05)
    with fast_line(), bench("every_key", meter) as device:
        client = device.client
        client.wait_until(lambda states: states.get("last_reading_age") is not None, 60)
        client.press("scan_registers")
        client.press("read")
        device.device.wait_for_log("on_reading", 20, 2)
        assert not any("300 of 1100 tried" in line for line in lines(device))
        wait(device, lambda: is_under_way(device))
        client.press("scan_registers")
        wait(device, lambda: DONE in lines(device))
        text = lines(device)
        known = len(device.meter.exchanges)
        time.sleep(1)
        assert len(device.meter.exchanges) == known
        (stopped,) = re.findall(r"Scan stopped before register (\d+)", "\n".join(text))
        # What was found by then is reported, and the next scan starts at the beginning.
        assert set(found(text)) == {n for n in meter.model.numbers if n < int(stopped)}
        assert "heat_energy: {name: Heat energy}" in fragment(text)
        client.press("scan_registers")
        wait(device, lambda: lines(device).count(DONE) == 2)
        assert list(found(lines(device)[len(text) :])) == list(meter.model.numbers)


def test_a_meter_that_falls_asleep() -> None:
    """The scan waits, and continues where it was when the meter is woken."""
    meter = VirtualMeter("403-kwh")
    with fast_line(), bench("every_key", meter) as device:
        device.client.wait_until(lambda states: states.get("last_reading_age") is not None, 60)
        device.client.press("scan_registers")
        wait(device, lambda: is_under_way(device))
        device.meter.faults = ["silent"]
        wait(device, lambda: any("does not answer" in line for line in lines(device)))
        time.sleep(1)
        device.meter.faults = []
        wait(device, lambda: DONE in lines(device))
        text = lines(device)
        states = device.client.states
        exchanges = device.meter.exchanges
    assert list(found(text)) == list(meter.model.numbers)
    # It does not ask a meter without a break that does not answer.
    assert max(b.request_start - a.request_end for a, b in pairwise(exchanges)) >= 9
    assert sum("does not answer" in line for line in text) == 1
    assert text.count("  The meter answers again") == 1
    # The link is not affected: no reading has failed.
    assert states["link_status"] == "ok"
    assert states["failed_requests"] == 0


class Shy(VirtualMeter):
    """A meter that sends nothing where others send an answer without any register."""

    def answer(self, request: bytes) -> Answer:
        """Answer, unless the answer is empty."""
        answer = super().answer(request)
        if request[2] == GET_REGISTER and not answer.readings:
            return replace(answer, reply=None, silence="nothing to say")
        return answer


@pytest.mark.parametrize(
    ("kind", "faults", "named", "lost"),
    [
        # After the lost question, each one has a register that the meter has.
        (Shy, [], [], 1),
        # Neither type nor serial number can prove that the meter is there.
        (VirtualMeter, ["command_refused::1", "command_refused::2"], [], 1),
        # It is found and left out.
        (VirtualMeter, ["batch_refused::500"], ["  500 stops this meter answering"], 6),
    ],
)
def test_what_some_meters_do_not_answer(
    kind: type[VirtualMeter], faults: list[str], named: list[str], lost: int
) -> None:
    meter = kind("403-kwh")
    with fast_line(), bench("every_key", meter) as device:
        device.client.wait_until(lambda states: states.get("last_reading_age") is not None, 60)
        device.meter.faults = faults
        text = scan(device, 90)
        exchanges = device.meter.exchanges
        assert device.client.states["link_status"] == "ok"
    assert list(found(text)) == list(meter.model.numbers)
    assert [line for line in text if "stops this meter" in line] == named
    assert not any("does not answer" in line for line in text)
    assert any("meter type 0x0000" in line for line in text) == ("command_refused::1" in faults)
    assert 0 < sum(exchange.reply is None for exchange in exchanges) <= lost
