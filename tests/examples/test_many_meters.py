"""The folder for many meters: its files fit together, and the broker does what the page says.

Mosquitto is a real one. Telegraf, InfluxDB, Grafana and Docker are not here: their files are read.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from components.harness import ROOT, Workbench

from .devices import FOLDER, example
from .topics import topics

MANY = FOLDER / "many-meters"
PAGE = (ROOT / "docs" / "without-home-assistant.md").read_text("utf-8")
METER = "flat-12"

TELEGRAF: dict[str, Any] = tomllib.loads((MANY / "telegraf" / "telegraf.conf").read_text("utf-8"))
NUMBERS, TEXTS = TELEGRAF["inputs"]["mqtt_consumer"]
(DATABASE,) = TELEGRAF["outputs"]["influxdb_v2"]
COMPOSE: dict[str, Any] = yaml.safe_load((MANY / "compose.yaml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
DASHBOARD: dict[str, Any] = json.loads(
    (MANY / "grafana" / "dashboards" / "meters.json").read_text("utf-8")
)
(SOURCE,) = yaml.safe_load(
    (MANY / "grafana" / "provisioning" / "datasources" / "influxdb.yaml").read_text("utf-8")
)["datasources"]

needs_mosquitto = pytest.mark.skipif(
    not shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
    and "CI" not in os.environ,
    reason="no mosquitto: script/setup --system installs it",
)


@pytest.fixture
def published(bench: Workbench) -> dict[str, str]:
    """Return what the device of a flat publishes, by topic."""
    text = example(FOLDER / "mqtt.yaml").replace("name: heat-meter", f"name: {METER}")
    found = topics(bench.accept(text))
    return {topic: payload for topic, payload in found.items() if not topic.endswith("/command")}


# The broker


@dataclass(frozen=True)
class Broker:
    """A Mosquitto that runs with the configuration of the folder."""

    port: int

    def _command(self, program: str, user: str, *arguments: str) -> list[str]:
        login = ["-u", user, "-P", f"secret of {user}"]
        return [program, "-h", "127.0.0.1", "-p", str(self.port), *login, *arguments]

    def publish(self, user: str, topic: str, payload: str) -> None:
        """Publish as a device does, and wait until the broker has it."""
        command = self._command("mosquitto_pub", user, "-q", "1", "-t", topic, "-m", payload)
        subprocess.run(command, check=True, capture_output=True, timeout=20)

    @contextmanager
    def subscribed(self, user: str, patterns: list[str]) -> Iterator[Iterator[str]]:
        """Subscribe; yield the topics of what comes, one after the other."""
        wanted = [part for pattern in patterns for part in ("-t", pattern)]
        # It ends by itself, so that a message that never comes is an error. What it says of its
        # subscription would wait in a buffer.
        options = ["-W", "20", "-d", "-F", "topic %t"]
        command = ["stdbuf", "-oL", *self._command("mosquitto_sub", user, *options, *wanted)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            try:
                lines = iter(process.stdout.readline, "")
                assert any(line.startswith("Subscribed") for line in lines)
                yield (line[6:].strip() for line in lines if line.startswith("topic "))
            finally:
                process.terminate()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """Start the broker, with the users that the page makes."""
    shutil.copytree(MANY / "mosquitto", tmp_path / "config")
    (tmp_path / "data").mkdir()
    passwords = tmp_path / "config" / "passwords"
    create = ["-c"]
    for user in ("telegraf", METER):
        command = ["mosquitto_passwd", *create, "-b", str(passwords), user, f"secret of {user}"]
        subprocess.run(command, check=True)
        create = []
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = tmp_path / "config" / "mosquitto.conf"
    text = config.read_text("utf-8").replace("/mosquitto/", f"{tmp_path}/")
    assert text.count("listener 1883") == 1
    text = text.replace("listener 1883", f"listener {port} 127.0.0.1")
    # As root it would become another user, who may not read this folder.
    config.write_text(text + ("user root\n" if os.getuid() == 0 else ""), "utf-8")
    program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin") or "mosquitto"
    with subprocess.Popen([program, "-c", str(config)], stderr=subprocess.PIPE, text=True) as it:
        try:
            _wait_for(port, it)
            yield Broker(port)
        finally:
            it.terminate()


def _wait_for(port: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.05)
    raise TimeoutError("the broker does not listen")


def _arrived(broker: Broker, patterns: list[str], published: dict[str, str]) -> set[str]:
    """Return what comes to a subscriber of what a device publishes."""
    end = f"meters/{METER}/end"
    with broker.subscribed(NUMBERS["username"], [*patterns, end]) as arriving:
        for topic, payload in published.items():
            broker.publish(METER, topic, payload)
        broker.publish(METER, end, "")
        found: set[str] = set()
        for topic in arriving:
            if topic == end:
                return found
            found.add(topic)
    raise AssertionError(f"{end} did not arrive")


@needs_mosquitto
def test_numbers_and_texts_come_to_their_own_input(
    broker: Broker, published: dict[str, str]
) -> None:
    numbers = _arrived(broker, NUMBERS["topics"], published)
    texts = _arrived(broker, TEXTS["topics"], published)
    assert numbers == {topic for topic, payload in published.items() if payload == "12.5"}
    assert texts == published.keys() - numbers
    assert len(numbers) == len(NUMBERS["topics"])
    assert len(texts) == len(TEXTS["topics"])


@needs_mosquitto
def test_a_topic_that_no_device_has_gets_nothing(broker: Broker, published: dict[str, str]) -> None:
    spoiled = [topic.replace("sensor/", "text_sensor/") for topic in NUMBERS["topics"]]
    assert _arrived(broker, spoiled, published) == set()


@needs_mosquitto
def test_a_device_cannot_send_values_of_another(broker: Broker) -> None:
    foreign = "meters/flat-13/sensor/heat_energy/state"
    own = f"meters/{METER}/sensor/heat_energy/state"
    assert _arrived(broker, NUMBERS["topics"], {foreign: "1", own: "2"}) == {own}


@needs_mosquitto
def test_telegraf_cannot_press_buttons(broker: Broker) -> None:
    command, end = (f"meters/{METER}/{rest}" for rest in ("button/read_now/command", "end"))
    with broker.subscribed(METER, [f"meters/{METER}/#"]) as arriving:
        broker.publish("telegraf", command, "PRESS")
        broker.publish(METER, end, "")
        assert next(arriving) == end


@needs_mosquitto
def test_nobody_gets_in_without_a_password(broker: Broker) -> None:
    command = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(broker.port), "-t", "a", "-m", "b"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert result.returncode != 0
    assert "not authorised" in result.stderr


# Telegraf


def _parsing(consumer: dict[str, Any], pattern: str) -> dict[str, str]:
    """Return the one rule for the topics of a pattern, with a name for each part that has one."""

    def fits(topic: str) -> bool:
        parts = zip(topic.split("/"), pattern.split("/"), strict=True)
        return all(one in ("+", other) for one, other in parts)

    lengths = len(pattern.split("/"))
    rules = [r for r in consumer["topic_parsing"] if len(r["topic"].split("/")) == lengths]
    (rule,) = [rule for rule in rules if fits(rule["topic"])]
    parts = pattern.split("/")
    named = [*zip(parts, rule["measurement"].split("/"), strict=True)]
    named += zip(parts, rule["tags"].split("/"), strict=True)
    return {name: part for part, name in named if name != "_"}


@pytest.mark.parametrize("consumer", [NUMBERS, TEXTS], ids=["numbers", "texts"])
def test_each_topic_becomes_a_measurement_of_its_meter(consumer: dict[str, Any]) -> None:
    for pattern in consumer["topics"]:
        found = _parsing(consumer, pattern)
        *_, entity, last = pattern.split("/")
        assert found == {"measurement": entity if last == "state" else last, "meter": "+"}
    assert consumer["data_format"] == "value"


def test_inputs_differ_in_what_they_read_only() -> None:
    assert (NUMBERS["data_type"], TEXTS["data_type"]) == ("float", "string")
    assert NUMBERS["client_id"] != TEXTS["client_id"]
    own = {"topics", "client_id", "data_type", "topic_parsing"}
    assert {k: v for k, v in NUMBERS.items() if k not in own} == {
        k: v for k, v in TEXTS.items() if k not in own
    }


# What belongs together


def test_services_find_each_other() -> None:
    assert NUMBERS["servers"] == ["tcp://mosquitto:1883"]
    assert DATABASE["urls"] == [SOURCE["url"]] == ["http://influxdb:8086"]
    assert {"mosquitto", "influxdb"} <= SERVICES.keys()
    database = SERVICES["influxdb"]["environment"]
    data = SOURCE["jsonData"]
    assert (DATABASE["organization"], DATABASE["bucket"]) == (
        database["DOCKER_INFLUXDB_INIT_ORG"],
        database["DOCKER_INFLUXDB_INIT_BUCKET"],
    )
    assert (data["organization"], data["defaultBucket"]) == (
        DATABASE["organization"],
        DATABASE["bucket"],
    )


def test_every_password_is_in_the_template_and_given_to_its_service() -> None:
    template = re.findall(r"^(\w+)=", (MANY / ".env.example").read_text("utf-8"), re.M)
    text = (MANY / "compose.yaml").read_text("utf-8")
    assert set(re.findall(r"\$\{(\w+):\?", text)) == set(template)
    config = (MANY / "telegraf" / "telegraf.conf").read_text("utf-8")
    assert set(re.findall(r"\$\{(\w+)\}", config)) <= SERVICES["telegraf"]["environment"].keys()
    token = SOURCE["secureJsonData"]["token"].removeprefix("$")
    assert token in SERVICES["grafana"]["environment"]


def test_every_file_that_is_mounted_is_there() -> None:
    mounted = [
        volume.split(":") for service in SERVICES.values() for volume in service.get("volumes", [])
    ]
    files = {source: target for source, target, *_ in mounted if source.startswith("./")}
    assert len(files) == 4
    assert [source for source in files if not (MANY / source).exists()] == []
    volumes = {source for source, *_ in mounted if not source.startswith("./")}
    assert volumes == COMPOSE["volumes"].keys()
    config = (MANY / "mosquitto" / "mosquitto.conf").read_text("utf-8")
    for name in re.findall(r"_(?:file|location) (/mosquitto/\w+)/", config):
        assert any(target == name for _, target, *_ in mounted), name
    providers = MANY / "grafana" / "provisioning" / "dashboards" / "meters.yaml"
    (provider,) = yaml.safe_load(providers.read_text("utf-8"))["providers"]
    assert provider["options"]["path"] == files["./grafana/dashboards"]


def test_dashboard_shows_what_telegraf_writes() -> None:
    written = {_parsing(c, topic)["measurement"] for c in (NUMBERS, TEXTS) for topic in c["topics"]}
    queries = [target["query"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    asked = {name for query in queries for name in re.findall(r'_measurement == "(\w+)"', query)}
    assert len(asked) == len(queries)
    assert asked <= written
    assert all(f'from(bucket: "{DATABASE["bucket"]}")' in query for query in queries)
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {SOURCE["uid"]}


def test_page_makes_the_users_that_the_broker_knows() -> None:
    made = re.findall(r"mosquitto_passwd (?:-c )?/mosquitto/config/passwords ([\w-]+)", PAGE)
    assert made == [NUMBERS["username"], METER]
    assert f"`meters/{METER}/sensor/heat_energy/state`" in PAGE
