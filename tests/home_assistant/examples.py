"""The files of example_configs/home-assistant, where a user would put them in Home Assistant."""

from __future__ import annotations

from typing import Any

import yaml
from integration.firmware import ROOT

from .connection import Connection

EXAMPLES = ROOT / "example_configs" / "home-assistant"
#: Pasted, so not a file of the configuration; and where it is then.
DASHBOARD = EXAMPLES / "dashboard.yaml"
DASHBOARD_PATH = "heat-meter"

BLUEPRINT = "multical/heat_meter_notice.yaml"
#: Seconds that the link must be down in these automations.
DOWN_FOR = 20


def automations(**inputs: dict[str, Any]) -> str:
    """Return an automations.yaml for the blueprint. inputs: by name, those with a default."""
    needed = {
        "info": "sensor.heat_meter_info",
        "connected": "binary_sensor.heat_meter_connected",
        "link_status": "sensor.heat_meter_link_status",
        "link_advice": "sensor.heat_meter_link_advice",
        "down_for": {"seconds": DOWN_FOR},
    }
    rows = [
        {
            "id": name,
            "alias": name.replace("_", " ").capitalize(),
            "use_blueprint": {"path": BLUEPRINT, "input": needed | more},
        }
        for name, more in inputs.items()
    ]
    return yaml.safe_dump(rows)


BLUEPRINT_PATH = f"blueprints/automation/{BLUEPRINT}"
#: Text by path in the configuration's folder.
FILES = {
    "packages/yearly_cooling.yaml": (EXAMPLES / "packages/yearly-cooling.yaml").read_text("utf-8"),
    BLUEPRINT_PATH: (EXAMPLES / BLUEPRINT_PATH).read_text("utf-8"),
    "automations.yaml": automations(heat_meter_notice={}),
}


def make_dashboard(connection: Connection) -> None:
    """Make a dashboard, and paste the example's into it."""
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
