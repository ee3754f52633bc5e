"""What the Energy dashboard can be given."""

from __future__ import annotations

from typing import Any


def source(kind: str, entity_id: str) -> dict[str, Any]:
    """Return a source of a kind, "gas" or "water", without a price."""
    return {
        "type": kind,
        "stat_energy_from": entity_id,
        "stat_cost": None,
        "entity_energy_price": None,
        "number_energy_price": None,
    }
