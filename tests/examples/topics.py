"""The MQTT topics of a device, as ESPHome makes them.

ESPHome's host platform has no MQTT, so the topics come from its source: the order of the parts from
its Python, the kind of an entity from its C++.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from esphome.components import mqtt
from esphome.helpers import sanitize, snake_case

from .devices import entities

#: What is at the end of the topic that an entity has.
SUFFIXES = {"button": "command"}


def kind_of(platform: str) -> str:
    """Return what MQTT calls the entities of a platform."""
    source = Path(mqtt.__file__).with_name(f"mqtt_{platform}.cpp").read_text("utf-8")
    (kind,) = re.findall(r'^MQTT_COMPONENT_TYPE\(\w+, "(\w+)"\)', source, re.M)
    return str(kind)


def topics(config: dict[str, Any]) -> dict[str, str]:
    """Return topic and payload of each entity of a validated configuration."""
    payloads = {"sensor": "12.5", "text_sensor": "ok", "binary_sensor": "ON", "button": "PRESS"}
    prefix = SimpleNamespace(topic_prefix=config["mqtt"]["topic_prefix"])
    found = {}
    for platform, _, entity, _ in entities(config):
        object_id = sanitize(snake_case(entity["name"]))
        suffix = SUFFIXES.get(platform, "state")
        topic = mqtt.get_default_topic_for(prefix, kind_of(platform), entity["name"], suffix)
        # The two rules for a name differ where a character is neither letter nor digit.
        assert topic == f"{prefix.topic_prefix}/{kind_of(platform)}/{object_id}/{suffix}"
        found[topic] = payloads[platform]
    birth = config["mqtt"]["birth_message"]
    return found | {birth["topic"]: birth["payload"]}
