"""Meters for single configurations."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from virtual_meter import MODELS, VirtualMeter
from virtual_meter.models import Register

#: The registers of every_energy_unit.yaml.
ENERGY_REGISTERS = (60, 61, 62, 63, 64, 65, 84, 85, 94, 95, 96, 364)


def energy_meter(unit: int, decimals: int) -> VirtualMeter:
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
