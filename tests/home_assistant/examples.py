"""The files of example_configs/home-assistant, where a user would put them in Home Assistant."""

from __future__ import annotations

from typing import Any

import yaml

from .connection import Connection
from .installation import ROOT

EXAMPLES = ROOT / "example_configs" / "home-assistant"
#: To paste, so no file of the configuration.
DASHBOARD = EXAMPLES / "dashboard.yaml"
#: Where it is then.
DASHBOARD_PATH = "heat-meter"

BLUEPRINT = "multical/heat_meter_notice.yaml"
#: Seconds that the link must be down in the automation below.
DOWN_FOR = 20

#: Of the blueprint, what has no default, and a short time.
INPUTS = {
    "info": "sensor.heat_meter_info",
    "connected": "binary_sensor.heat_meter_connected",
    "link_status": "sensor.heat_meter_link_status",
    "link_advice": "sensor.heat_meter_link_advice",
    "down_for": {"seconds": DOWN_FOR},
}


def automations(**others: dict[str, Any]) -> str:
    """Return an automations.yaml with one of the blueprint.

    others: beside it, by name, with inputs that differ.
    """
    rows = [
        {
            "id": name,
            "alias": name.replace("_", " ").capitalize(),
            "use_blueprint": {"path": BLUEPRINT, "input": INPUTS | inputs},
        }
        for name, inputs in {"heat_meter_notice": {}, **others}.items()
    ]
    return yaml.safe_dump(rows)


def _text(name: str) -> str:
    return (EXAMPLES / name).read_text("utf-8")


#: Text by path in the configuration's folder.
FILES: dict[str, str] = {
    "packages/yearly_cooling.yaml": _text("packages/yearly-cooling.yaml"),
    f"blueprints/automation/{BLUEPRINT}": _text(f"blueprints/automation/{BLUEPRINT}"),
    "automations.yaml": automations(),
}


def make_dashboard(connection: Connection) -> None:
    """Make a dashboard, unless it is there, and paste that of the example."""
    dashboards = connection.ask("lovelace/dashboards/list")
    if DASHBOARD_PATH not in [row["url_path"] for row in dashboards]:
        connection.ask(
            "lovelace/dashboards/create",
            url_path=DASHBOARD_PATH,
            title="Heat meter",
            mode="storage",
            show_in_sidebar=True,
            require_admin=False,
        )
    config = yaml.safe_load(DASHBOARD.read_text("utf-8"))
    connection.ask("lovelace/config/save", url_path=DASHBOARD_PATH, config=config)
