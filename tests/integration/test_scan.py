"""The scan of all registers: it finds what there is, and it is in nobody's way."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from components.harness import Workbench
from components.harness import device as yaml_of_device
from components.pasting import refused
from kmp.vectors import VECTORS
from virtual_meter import MODELS, Answer, Direction, Exchange, Reading, VirtualMeter
from virtual_meter.codec import (
    GET_REGISTER,
    GET_SERIAL,
    GET_TYPE,
    decode_frame,
    decode_readings,
)
from virtual_meter.models import Fixed

from .bench import Bench, asked, bench, commands
from .trouble import fast_line

LAST = 1100
DONE = "Scan done"


def lines(device: Bench) -> list[str]:
    """Return what the scan has written so far."""
    # A line that goes over several lines of the log has no prefix of its own.
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
    """Scan to the end, and return what was written."""
    device.client.wait_until(lambda states: states.get("last_reading_age") is not None, 60)
    device.client.press("scan_registers")
    wait(device, lambda: DONE in lines(device), seconds)
    return lines(device)


def is_under_way(device: Bench) -> bool:
    """Tell whether some registers were asked for, and not all."""
    return any(re.search(r"[2-4]\d\d of 1100 asked", line) for line in lines(device))


def found(text: list[str]) -> dict[int, str]:
    """Return the registers that were written down, with what stands behind them."""
    rows = (re.fullmatch(r"  (\d+) (.+: .+)", line) for line in text)
    return {int(row[1]): row[2] for row in rows if row}


def fragment(text: list[str]) -> str:
    """Return the YAML, taken out of the log as docs/registers.md says."""
    return "\n".join(re.sub(r".*?\| ", "", line, count=1) for line in text if "| " in line) + "\n"


def test_finds_exactly_what_the_meter_has() -> None:
    meter = VirtualMeter("403-kwh", clock=lambda: 0.0)
    with fast_line(), bench("every_key", meter) as device:
        asked_before = len(device.meter.exchanges)
        text = scan(device)
        exchanges = device.meter.exchanges[asked_before:]
        states = device.client.states
    numbers = [n for n in meter.model.numbers if n <= LAST]
    assert list(found(text)) == numbers == list(meter.model.numbers)
    assert found(text)[60] == "heat_energy: 59987 kWh"
    assert found(text)[99] == "info: 0"
    assert found(text)[266] == "E1 in fine steps, starts again every 10 MWh: 9987654 Wh"
    assert found(text)[369] == "info: 0x00000000"
    assert found(text)[1001] == "serial_number: 80713078"
    # Each number once, eight at a time, and nothing but that.
    batches = [asked(e) for e in exchanges if e.request[2] == GET_REGISTER]
    batches = batches[-138:]
    assert [n for batch in batches for n in batch] == list(range(1, LAST + 1))
    assert {len(batch) for batch in batches} == {8, 4}
    assert set(commands(device.meter.received)) == {GET_TYPE, GET_SERIAL, GET_REGISTER} - {
        GET_SERIAL
    }
    # The report says which meter it is, but not whose, and no value.
    report = "\n".join(text[next(i for i, line in enumerate(text) if "Report" in line) :])
    assert "meter type 0x0403, revision 0x0203" in report
    assert "80713078" not in report
    assert "403117" not in report
    pairs = dict(re.findall(r"(\d+)/(\d+)", report))
    assert list(map(int, pairs)) == numbers
    assert pairs["60"] == "2"
    assert states["link_status"] == "ok"


def assert_can_be_pasted(yaml: str, readings: tuple[Reading, ...], folder: Path) -> None:
    """It is valid, and no sensor in it refuses what the meter sends."""
    config = Workbench(folder).accept(yaml_of_device(f"multical:\n{yaml}", "host"))
    assert refused(config, {r.register: (r.unit, r.size <= 4) for r in readings}) == []


class Recorded(VirtualMeter):
    """A meter that has what was recorded from others, byte by byte.

    readings: by register.
    """

    def __init__(self, recorded: dict[int, Reading]) -> None:
        """Know nothing but this."""
        known = MODELS["601"]
        serial = Fixed(51, int(recorded[1001].value)) if 1001 in recorded else known.fixed[1001]
        super().__init__(replace(known, fixed={**known.fixed, 1001: serial}))
        self._recorded = recorded

    def readings(self, *registers: int) -> tuple[Reading, ...]:
        """Return what was recorded of these registers."""
        return tuple(self._recorded[number] for number in registers if number in self._recorded)


def recorded_meters() -> list[dict[int, Reading]]:
    """Put every block of every recorded reply into one of as few meters as possible."""
    meters: list[dict[int, Reading]] = []
    for vector in VECTORS:
        if not vector.crc_ok or vector.response[2:3] != bytes((GET_REGISTER,)):
            continue
        for reading in decode_readings(decode_frame(Direction.FROM_METER, vector.response).data):
            form = (reading.unit, reading.size)
            for meter in meters:
                known = meter.setdefault(reading.register, reading)
                if (known.unit, known.size) == form:
                    break
            else:
                meters.append({reading.register: reading})
    return meters


@pytest.mark.parametrize("meter", recorded_meters(), ids=lambda meter: f"{len(meter)} registers")
def test_what_others_meters_sent_can_be_pasted(meter: dict[int, Reading], tmp_path: Path) -> None:
    with fast_line(), bench("every_key", Recorded(meter)) as device:
        text = scan(device)
        states = device.client.states
    assert list(found(text)) == sorted(number for number in meter if number <= LAST)
    assert_can_be_pasted(fragment(text), tuple(meter.values()), tmp_path)
    if meter.get(1004):
        assert states["operating_hours"] == float(meter[1004].value)


@pytest.mark.parametrize("model", ["403-kwh", "602", "603"])
def test_the_yaml_can_be_pasted(model: str, tmp_path: Path) -> None:
    """It is valid, and has each register once: under its key, or by its number."""
    known = MODELS[model]
    unheard_of = {700: Fixed(2, 5), 701: Fixed(77, 9)}
    meter = VirtualMeter(replace(known, fixed={**known.fixed, **unheard_of}))
    with fast_line(), bench("every_key", meter) as device:
        text = scan(device)
    assert found(text)[700] == "unknown: 5 kWh"
    assert found(text)[701] == "unknown: 9 unit 77"
    yaml = fragment(text)
    assert_can_be_pasted(yaml, meter.readings(*meter.model.numbers), tmp_path)
    assert "    heat_energy: {name: Heat energy}\n" in yaml
    assert "    serial_number: {name: Serial number}\n" in yaml
    assert "    info: {name: Info}\n" in yaml
    assert yaml.count("    meter_time: {name: Meter time}\n") == 1
    line = '{register: 700, name: "Register 700", unit_of_measurement: "kWh"}'
    assert f"      - {line}\n" in yaml
    assert '      - {register: 701, name: "Register 701"}\n' in yaml
    # What is part of another entity is not offered for itself.
    assert not re.search(r"register: (99|112|266|267|1002|1003),", yaml)
    match model:
        case "403-kwh":
            assert '    input_b: {name: Input b, unit_of_measurement: "kWh"}\n' in yaml
            assert yaml.count("register: ") == len(unheard_of)
        case "602":
            name = "E1 in fine steps, a rolling counter"
            line = f'{{register: 155, name: "{name}", unit_of_measurement: "Wh"}}'
            assert f"    registers:\n      - {line}\n" in yaml
            assert '      - {register: 154, name: "Checksum of the software"}\n' in yaml
        case "603":
            line = '{register: 239, name: "V1 in fine steps", unit_of_measurement: "m³"}'
            assert f"      - {line}\n" in yaml
            assert '      - {register: 338, name: "Data quality"}\n' in yaml


def test_readings_go_on_during_a_scan() -> None:
    meter = VirtualMeter("403-kwh", delay=0.02)
    with fast_line(), bench("every_key", meter) as device:
        client = device.client
        client.wait_until(lambda states: states.get("last_reading_age") is not None, 60)
        client.press("scan_registers")
        readings = 0
        while DONE not in lines(device):
            since = len(client.events)
            client.press("read")
            client.wait_for_event(
                lambda event: event.name == "last_reading_age" and event.state == 0, 20, since
            )
            readings += 1
            time.sleep(1)
        text = lines(device)
        states = client.states
        log = device.device.text()
    assert readings >= 3
    assert list(found(text)) == list(meter.model.numbers)
    assert states["link_status"] == "ok"
    assert states["failed_requests"] == 0
    assert log.count("on_reading") >= readings


def test_stop() -> None:
    with fast_line(), bench("every_key", VirtualMeter("403-kwh", delay=0.05)) as device:
        device.client.wait_until(lambda states: states.get("last_reading_age") is not None, 60)
        device.client.press("scan_registers")
        wait(device, lambda: is_under_way(device))
        device.client.press("scan_registers")
        wait(device, lambda: DONE in lines(device))
        text = lines(device)
        known = len(device.meter.exchanges)
        time.sleep(1)
        assert len(device.meter.exchanges) == known
        (stopped,) = re.findall(r"Scan stopped before register (\d+)", "\n".join(text))
        # What was found until then is reported, and the next scan starts at the beginning.
        assert set(found(text)) == {n for n in MODELS["403-kwh"].numbers if n < int(stopped)}
        assert "heat_energy: {name: Heat energy}" in fragment(text)
        device.client.press("scan_registers")
        wait(device, lambda: lines(device).count(DONE) == 2)
        assert list(found(lines(device)[len(text) :])) == list(MODELS["403-kwh"].numbers)


def test_a_meter_that_falls_asleep() -> None:
    """The scan waits, and goes on where it was when the meter is woken."""
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
    assert list(found(text)) == list(meter.model.numbers)
    assert sum("does not answer" in line for line in text) == 1
    assert text.count("  The meter answers again") == 1
    # That is no matter of the link: no reading has failed.
    assert states["link_status"] == "ok"
    assert states["failed_requests"] == 0


class Shy(VirtualMeter):
    """A meter that says nothing where others send an answer without any register."""

    def answer(self, request: bytes) -> Answer:
        """Answer, unless there is nothing to say."""
        answer = super().answer(request)
        if request[2] == GET_REGISTER and not answer.readings:
            return replace(answer, reply=None, silence="nothing to say")
        return answer


def test_a_meter_without_empty_answers() -> None:
    """One question is lost on it; from then on each one has a register that it has."""
    meter = Shy("403-kwh")
    with fast_line(), bench("every_key", meter) as device:
        text = scan(device)
        exchanges = device.meter.exchanges
    assert list(found(text)) == list(meter.model.numbers)
    assert sum(exchange.reply is None for exchange in exchanges) == 1
    assert not any("silent" in line for line in text)


def test_a_meter_that_answers_for_registers_alone() -> None:
    """Neither its type nor the answer to any other question is a proof that it is there."""
    meter = VirtualMeter("403-kwh")
    with fast_line(), bench("every_key", meter) as device:
        device.meter.faults = ["command_refused::1", "command_refused::2"]
        text = scan(device)
        states = device.client.states
    assert list(found(text)) == list(meter.model.numbers)
    assert not any("does not answer" in line for line in text)
    assert "meter type 0x0000" in "\n".join(text)
    assert states["link_status"] == "ok"


def test_a_register_that_silences_the_meter() -> None:
    """It is found, named and left out."""
    meter = VirtualMeter("403-kwh")
    with fast_line(), bench("every_key", meter) as device:
        device.client.wait_until(lambda states: states.get("last_reading_age") is not None, 60)
        device.meter.faults = ["batch_refused::500"]
        text = scan(device, 90)
        exchanges: list[Exchange] = device.meter.exchanges
    assert list(found(text)) == list(meter.model.numbers)
    assert [line for line in text if "silent" in line] == ["  500 makes this meter silent"]
    assert sum(exchange.reply is None for exchange in exchanges) <= 6
