"""The devices that send their values elsewhere, and what the page says of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from components.harness import ROOT, Workbench
from esphome.components import mqtt, prometheus
from integration.firmware import Firmware, RunningFirmware
from virtual_meter import RunningMeter, VirtualMeter

from .devices import FOLDER, example
from .program import compiled
from .topics import topics

PAGE = (ROOT / "docs" / "without-home-assistant.md").read_text("utf-8")


def _config(bench: Workbench, name: str) -> dict[str, Any]:
    return bench.accept(example(FOLDER / f"{name}.yaml"))


def test_page_has_every_topic_that_esphome_makes(bench: Workbench) -> None:
    section = PAGE.split("\n## MQTT\n")[1].split("\n## ")[0]
    listed = dict(re.findall(r"^\| `(meters/heat-meter/.+?)` \| (.+) \|$", section, re.M))
    assert len(listed) > 10
    assert listed.keys() == topics(_config(bench, "mqtt")).keys()


def test_topics_follow_the_name_of_the_device(bench: Workbench) -> None:
    text = example(FOLDER / "mqtt.yaml")
    assert text.count("name: heat-meter") == 1
    config = bench.accept(text.replace("name: heat-meter", "name: flat-12"))
    assert all(topic.startswith("meters/flat-12/") for topic in topics(config))
    assert config["mqtt"]["username"] == "flat-12"
    assert config["esphome"]["name"] == "flat-12"


def test_last_will_log_and_chips_are_as_the_page_says(bench: Workbench) -> None:
    config = _config(bench, "mqtt")["mqtt"]
    assert config["will_message"]["topic"] == config["birth_message"]["topic"]
    assert (config["birth_message"]["payload"], config["will_message"]["payload"]) == (
        "online",
        "offline",
    )
    assert f"`{config['log_topic']['topic']}`" in PAGE
    # A device that restarts reads its meter.
    assert config["reboot_timeout"].total_milliseconds == 0
    text = example(FOLDER / "mqtt.yaml")
    board = re.search(r"^esp8266:\n(?:  .*\n)+", text, re.M)
    assert board
    pico = text.replace(board[0], "rp2040:\n  board: rpipicow\n")
    pico = re.sub(r"GPIO15 .*", "GPIO4", re.sub(r"GPIO13 .*", "GPIO5", pico))
    assert "only available on" in str(bench.refuse(pico))


def test_unknown_values_are_published_as_nan(bench: Workbench) -> None:
    assert _config(bench, "mqtt")["mqtt"]["publish_nan_as_none"] is False
    assert "is published as `nan`" in PAGE
    source = Path(mqtt.__file__).with_name("mqtt_sensor.cpp").read_text("utf-8")
    assert "is_publish_nan_as_none() && std::isnan(value)" in source


def test_metrics_are_named_as_on_the_page(bench: Workbench) -> None:
    config = _config(bench, "web-server")
    assert {"web_server", "prometheus"} <= config.keys()
    assert "api" not in config
    source = Path(prometheus.__file__).with_name("prometheus_handler.cpp").read_text("utf-8")
    for metric in ("esphome_sensor_value", "esphome_sensor_failed"):
        assert f'{metric}{{id=\\"' in source
        assert f"`{metric}{{" in PAGE


def test_password_of_the_web_page_can_be_uncommented(bench: Workbench) -> None:
    text = example(FOLDER / "web-server.yaml")
    line = re.search(r"^  # (auth: .*)$", text, re.M)
    assert line
    config = bench.accept(text.replace(line[0], f"  {line[1]}"))
    assert config["web_server"]["auth"]["username"] == "admin"


# Deep sleep


def test_deep_sleep_ends_and_can_be_prevented(bench: Workbench) -> None:
    config = _config(bench, "deep-sleep")
    sleep = config["deep_sleep"]
    assert sleep["run_duration"].total_seconds == 90
    assert sleep["sleep_duration"].total_hours == 1
    (message,) = config["mqtt"]["on_message"]
    assert f"`{message['topic']}`" in PAGE
    assert [next(iter(action)) for action in message["then"]] == [
        "deep_sleep.prevent",
        "globals.set",
    ]
    # `deep_sleep.enter` goes to sleep also when it was prevented, so it needs the condition.
    (hub,) = config["multical"]
    *_, last = hub["on_reading"][0]["then"]
    assert "stay_awake" in str(last["if"]["condition"])
    assert "deep_sleep.enter" in str(last["if"]["then"])


@pytest.fixture
def deep_sleeper() -> Firmware:
    """The example without broker and sleep."""
    text = (FOLDER / "deep-sleep.yaml").read_text("utf-8")
    actions = re.search(r"^  on_reading: .*\n(?:    .*\n)+", text, re.M)
    assert actions
    log = '  on_reading:\n    - logger.log: "all is read"\n'
    return compiled("deep-sleep", {actions[0]: log})


def test_each_waking_costs_one_request(deep_sleeper: Firmware) -> None:
    requests = []
    with (
        deep_sleeper.reserved(),
        RunningMeter(VirtualMeter("403-kwh"), link=deep_sleeper.meter_port()) as meter,
    ):
        for start in range(3):
            before = len(meter.exchanges)
            with RunningFirmware(deep_sleeper, is_restart=start > 0) as device:
                device.wait_for_log("all is read", 20)
            requests.append(len(meter.exchanges) - before)
    # The first value of a counter is read twice; what is kept in flash says what follows.
    assert requests == [2, 1, 1]
