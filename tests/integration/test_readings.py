"""Every value arrives, in the right unit, from every model."""

from __future__ import annotations

import re
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

import pytest
from meter_log.codec import Reading
from multical.info_codes import INFO_CODES, Form
from multical.registers import NUMERIC_REGISTERS, TEXT_REGISTERS
from multical.units import UNITS
from virtual_meter import MODELS, VirtualMeter
from virtual_meter.models import Fixed

from .bench import bench, sent
from .conversion import ENERGY_UNITS, JOULE, number, text
from .trouble import fast_line

#: Model -> serial number, type, software revision, customer number as they are published.
IDENTITY = {
    "403-kwh": ("80713078", "0x0403", "B3", "00403117"),
    "403-gj": ("67208341", "0x0403", "20511", "1234567800000090"),
    "602": ("6892850", "0x0602", "J5", "471100000815"),
    "601": ("19088743", "MULTICAL 601 (0x0004)", "F1", "123456789"),
    "603": ("60300017", "0x0603", "A2", "12345678"),
}
#: Text sensors of more than one register, or none.
OTHER_TEXTS = {"serial_number", "software_revision", "customer_number", "meter_time", "info"}


@pytest.mark.parametrize("model", IDENTITY)
def test_every_key(model: str) -> None:
    meter = VirtualMeter(model, delay=0.02)
    # One of them at the real speed.
    line = nullcontext() if model == "403-kwh" else fast_line()
    with line, bench("every_key", meter) as device:
        device.client.wait_until(lambda states: states.get("last_reading_age") is not None, 60)
        states = device.client.wait_until(lambda states: bool(states.get("meter_type")), 10)
        exchanges = device.meter.exchanges
        log = device.device.text()

    values = sent(exchanges)
    for register in NUMERIC_REGISTERS:
        expected = number(register.key, register.number, values)
        shown = states[register.key]
        assert shown == (expected and pytest.approx(expected, rel=1e-7)), register.key
        missing = f"Register {register.number} is not in this meter"
        assert (missing in log) == (register.number not in values)
    assert states["sensor_register_99"] == 0

    sizes = {r.register: r.size for exchange in exchanges for r in exchange.readings}
    for row in TEXT_REGISTERS:
        if row.key not in OTHER_TEXTS:
            value = values.get(row.number)
            words = text(*value, sizes[row.number]) if value else ""
            assert states.get(row.key) == (words or None), row.key
    assert states["text_sensor_register_60"] == text(*values[60], 4)
    serial, meter_type, revision, customer = IDENTITY[model]
    assert states["serial_number"] == serial
    assert states["meter_type"] == meter_type
    assert states["software_revision"] == revision
    assert states["customer_number"] == customer
    newer = 348 in values
    day_and_time = (
        text(*values[348], 7)
        if newer
        else "T".join(text(*values[part], 4) for part in (1003, 1002))
    )
    assert states["meter_time"] == day_and_time
    ahead = re.search(r"the meter's clock is (\d+) s behind this device's", log)
    assert ahead  # the virtual meter's clock is in the past
    started = datetime.fromisoformat(day_and_time)
    assert int(ahead[1]) == pytest.approx((datetime.now() - started).total_seconds(), abs=60)

    assert states["info"] == "none"
    assert states["info_code"] == ("0x00000000" if newer else "0")
    assert states["problem"] is False
    form = Form.BITS if newer else Form.SUM
    for code in INFO_CODES:
        assert states[code.key] == (False if form in code.forms else None), code.key

    assert states["connected"] is True
    assert states["link_status"] == "ok"
    assert log.count("on_reading") == 1
    errors = re.findall(r"\[E\]\[multical.*?: (.+?)\x1b", log)
    in_kwh = "'input_b': register 85 is in kWh, which does not convert to m³"
    assert errors == ([in_kwh] if values[85][1] == 2 else [])
    assert all(exchange.reply for exchange in exchanges)


@pytest.mark.parametrize(
    ("rtc", "shown", "ahead"),
    [
        ("82012102100A090C", "2012-09-10T16:02:33", True),
        ("82012102100A0D0C", "unknown in 82 01 21 02 10 0A 0D 0C", False),
    ],
)
def test_the_time_of_a_meter_that_sends_eight_bytes(rtc: str, shown: str, ahead: bool) -> None:
    """Unit 53, and the same with a thirteenth month."""
    model = MODELS["403-kwh"]
    simulated = tuple(number for number in model.simulated if number != 348)
    fixed = {**model.fixed, 348: Fixed(53, int(rtc, 16), 8)}
    meter = VirtualMeter(replace(model, simulated=simulated, fixed=fixed))
    with fast_line(), bench("every_key", meter) as device:
        device.client.wait_until(lambda states: states.get("meter_time") is not None, 30)
        states = device.client.wait_until(lambda states: bool(states.get("meter_type")), 10)
        log = device.device.text()
    assert states["meter_time"] == shown
    assert ("the meter's clock is" in log) == ahead


class Forgetful(VirtualMeter):
    """A meter that once leaves out a register, when it is asked for it first."""

    forgets = 0

    def readings(self, *registers: int) -> tuple[Reading, ...]:
        """Return what it sends of these."""
        readings = super().readings(*registers)
        left = tuple(reading for reading in readings if reading.register != self.forgets)
        if left != readings:
            self.forgets = 0
        return left


@pytest.mark.parametrize(
    ("model", "key", "half", "shown"),
    [
        ("602", "customer_number", 112, IDENTITY["602"][3]),
        ("403-gj", "customer_number", 112, IDENTITY["403-gj"][3]),
        ("602", "meter_time", 1002, None),
    ],
)
def test_one_half_is_not_published_without_the_other(
    model: str, key: str, half: int, shown: str | None
) -> None:
    meter = Forgetful(model)
    meter.forgets = half
    with fast_line(), bench("every_key", meter) as device:
        states = device.client.wait_until(lambda states: states.get(key) is not None, 30)
        exchanges = device.meter.exchanges
        events = [event.state for event in device.client.events if event.name == key]
    assert meter.forgets == 0
    expected = shown or "T".join(text(*sent(exchanges)[part], 4) for part in (1003, 1002))
    assert states[key] == expected
    assert set(events) <= {None, "", expected}


def test_every_key_has_a_value_on_some_model() -> None:
    numbers = {number for model in MODELS.values() for number in model.numbers}
    assert {row.number for row in (*NUMERIC_REGISTERS, *TEXT_REGISTERS)} <= numbers


def test_units_of_energy() -> None:
    """Those in units.py, compared with the second set in conversion.py."""
    energy = {unit.symbol: unit for unit in UNITS if unit.symbol in JOULE}
    for symbol, joule in JOULE.items():
        unit = energy[symbol]
        assert unit.factor * Fraction(10) ** unit.exponent == joule, symbol
        # No digit is lost by default: the finest meters count 0.01 kWh.
        assert joule / 10**unit.decimals <= JOULE["kWh"] / 100, symbol
    assert all(energy[symbol].number == number for number, symbol in ENERGY_UNITS.items())
