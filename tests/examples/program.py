"""An example's meter as a program for this computer, whatever board the example is for."""

from __future__ import annotations

from collections.abc import Mapping

from components.harness import COMPONENTS, ROOT
from integration.firmware import Firmware

from .devices import FOLDER

HEAD = """\
substitutions: {{meter_port: /dev/ttyUSB0, api_port: "6053"}}
esphome: {{name: {name}}}
host:
logger:
api: {{port: "${{api_port}}"}}
external_components:
  - source: {{type: local, path: {components}}}
uart: {{id: meter_uart, port: "${{meter_port}}", baud_rate: 1200, stop_bits: 2}}
"""


def compiled(name: str, changes: Mapping[str, str]) -> Firmware:
    """Compile example_configs/NAME.yaml from its hub on, with each of the changes made once."""
    text = (FOLDER / f"{name}.yaml").read_text("utf-8")
    text = text[text.index("\nmultical:") :]
    for old, new in changes.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    # Always in the same place, so that it is compiled once.
    config = ROOT / ".cache" / "examples" / name / "device.yaml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(HEAD.format(name=name, components=COMPONENTS) + text, "utf-8")
    firmware = Firmware(config, name)
    firmware.compile()
    return firmware
