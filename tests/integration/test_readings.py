"""Every value arrives, in the right unit, from every model."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from multical.registers import REGISTERS
from virtual_meter import MODELS, VirtualMeter
from virtual_meter.models import Register

from .bench import asked, bench, sent
from .conversion import ENERGY_UNITS, JOULE, energy, float32

#: Unit byte -> factor to the unit that the entity has by default, for what is not energy.
TO_DEFAULT = {22: 1, 37: 1, 38: 1, 40: 1, 41: 1, 43: 1, 44: 1000, 46: 1, 51: 1, 52: 1, 62: 1}

#: Model -> serial number, type and software revision as they are published.
IDENTITY = {
    "403-kwh": ("80713078", "0x0403", "B3"),
    "403-gj": ("67208341", "0x0403", None),
    "602": ("6892850", "0x0602", "J5"),
    "601": ("19088743", "MULTICAL 601 (0x0004)", "F1"),
}


@pytest.mark.parametrize("model", IDENTITY)
def test_every_key(model: str) -> None:
    meter = VirtualMeter(model, delay=0.02)
    with bench("every_key", meter) as device:
        device.client.wait_until(lambda states: states.get("software_revision"), 30)
        states = device.client.states
        exchanges = device.meter.exchanges
        log = device.device.text()

    values = sent(exchanges)
    keys = {register.key: register.number for register in REGISTERS}
    for key, number in keys.items() | {("register_99", 99), ("register_1003", 1003)}:
        if number not in values:
            assert states[key] is None, key
            assert f"Register {number} is not in this meter" in log
            continue
        value, unit = values[number]
        if unit in ENERGY_UNITS:
            # Input B of this model counts kWh, and the entity's default is m³.
            if key == "input_b":
                assert states[key] is None
                assert "'input_b': register 85 is in kWh, which does not convert to m³" in log
                continue
            expected = energy(value, unit, "kWh")
        elif key == "register_1003":
            expected = float32(value)
        else:
            expected = float32(value * TO_DEFAULT[unit])
        assert states[key] == pytest.approx(expected, rel=1e-7), (key, value, unit)

    serial, meter_type, revision = IDENTITY[model]
    assert states["serial_number"] == serial
    assert states["meter_type"] == meter_type
    # A meter whose GetType has no revision has it in register 1005.
    assert states["software_revision"] == (revision or str(values[1005][0]))
    assert states["connected"] is True
    assert states["link_status"] == "ok"
    assert log.count("on_reading") == 1

    registers = [e for e in exchanges if len(e.request) > 8]
    assert all(len(asked(exchange)) <= 8 for exchange in registers)
    # 33 sensors and the serial number in 5 requests, GetType, and 1005 where it is needed.
    assert len(exchanges) == 5 + 1 + (revision is None)
    assert all(exchange.reply for exchange in exchanges)


#: The registers of every_energy_unit.yaml.
ENERGY_REGISTERS = (60, 61, 62, 63, 64, 65, 84, 85, 94, 95, 96, 364)


def _energy_model(unit: int, decimals: int) -> VirtualMeter:
    """Return a meter that shows 55006 steps of this unit in all these registers."""
    row = Register(unit, decimals, "heat_energy")
    model = replace(
        MODELS["601"],
        simulated=ENERGY_REGISTERS,
        replaced=dict.fromkeys(ENERGY_REGISTERS, row),
    )
    meter = VirtualMeter(model)
    meter.overrides |= dict.fromkeys(ENERGY_REGISTERS, Decimal(55006).scaleb(-decimals))
    return meter


@pytest.mark.parametrize(("unit", "decimals"), [(2, 0), (8, 2), (3, 3), (12, 3)])
def test_energy_in_every_unit(unit: int, decimals: int) -> None:
    with bench("every_energy_unit", _energy_model(unit, decimals)) as device:
        states = device.client.wait_until(
            lambda states: all(states.get(symbol) is not None for symbol in JOULE), 20
        )
        values = sent(device.meter.exchanges)
    assert {unit for _, unit in values.values()} == {unit}
    value = Decimal(55006).scaleb(-decimals)
    for symbol in JOULE:
        assert states[symbol] == pytest.approx(energy(value, unit, symbol), rel=1e-7), symbol


def test_default_decimals_lose_no_digit_of_energy() -> None:
    finest_step_of_a_meter = JOULE["kWh"] / 100
    with bench("every_energy_unit", _energy_model(2, 0)) as device:
        entities = device.client.entities
    for symbol, joule in JOULE.items():
        shown_step = joule / 10 ** entities[symbol].accuracy_decimals
        assert shown_step <= finest_step_of_a_meter, symbol
