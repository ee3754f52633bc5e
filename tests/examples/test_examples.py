"""Complete configurations: each is valid, and what they share is the same in all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from components.harness import Workbench
from esphome.components.time import CRON_KEYS
from multical.registers import REGISTER_BY_NUMBER
from tables import EXAMPLES, when_to_use_it

from .devices import (
    CHECKOUT,
    FOLDER,
    KEY,
    KEY_NAME,
    PACKAGES,
    SECRETS,
    config_command,
    entities,
    example,
    secrets,
    sections,
    sensor_registers,
)

every_example = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)

#: The examples with other entities, and why.
OWN_ENTITIES = {
    "battery-friendly": "few registers",
    "d1-mini-pulse-output": "no meter that answers",
    "deep-sleep": "nobody is there to press a button",
    "demo": "everything that a virtual meter can show",
    "from-esphome-multical402": "the names that its users have",
    "from-kamstrup-kmp": "the names that a user of kamstrup_kmp has",
    "pulse-output": "no meter that answers",
    "gas-equivalent": "one more, made of another",
    "two-meters": "two of each",
    "water-meter": "no heat",
}
STANDARD = "d1-mini-optical"
#: Those that send their values elsewhere than to Home Assistant.
WITHOUT_API = ("deep-sleep", "mqtt", "web-server")
#: Those that count pulses, and ask no meter.
PULSES = ("d1-mini-pulse-output", "pulse-output")


def path_of(name: str) -> Path:
    return FOLDER / f"{name}.yaml"


def test_entities_are_the_same_in_all() -> None:
    texts = {path.stem: path.read_text("utf-8") for path in EXAMPLES}
    entities = {name: text[text.index("\nsensor:") :] for name, text in texts.items()}
    assert {name for name, text in entities.items() if text != entities[STANDARD]} == {
        *OWN_ENTITIES
    }


#: Where an example differs from all the others, and why.
OWN_SECTIONS = {
    # No WiFi of its own; it is updated by copying a program.
    **{name: {"ota", "wifi"} for name in ("raspberry-pi-data-port", "raspberry-pi-usb")},
    # Their updates need a key of their own.
    **{name: {"api", "ota"} for name in WITHOUT_API},
    # It listens to this computer's demo only, at any port.
    "demo": {"api", "ota", "wifi"},
    **{name: {"external_components"} for name in PULSES},
}


@every_example
def test_network_and_component_are_the_same_in_all(path: Path) -> None:
    standard = sections(path_of(STANDARD).read_text("utf-8"))
    has = sections(path.read_text("utf-8"))
    shared = {"api", "ota", "wifi", "external_components"}
    other = {key for key in shared if has.get(key) != standard[key]}
    assert other == OWN_SECTIONS.get(path.stem, set())
    if path.stem in WITHOUT_API:
        assert "api" not in has
        assert has["ota"] == f"{standard['ota']}      key: !secret {KEY_NAME}\n"
    else:
        assert other & has.keys() <= {"api"}
    assert path.stem != "demo" or "encryption" not in has["api"]


#: The pins of the chip's own USB port.
USB_PINS: dict[str, set[int]] = {
    "ESP32": set(),
    "ESP32C3": {18, 19},
    "ESP32C6": {12, 13},
    "ESP32S3": {19, 20},
}


@every_example
def test_log_is_not_on_the_uart_of_a_meter(path: Path, bench: Workbench) -> None:
    config = bench.accept(example(path))
    pins = {
        (uart["tx_pin"]["number"], uart["rx_pin"]["number"])
        for uart in config.get("uart", [])
        if "tx_pin" in uart
    }
    if path.stem in PULSES:
        assert not pins
    elif "esp8266" in config:
        assert config["logger"]["baud_rate"] == 0
        # Those of the one UART that can do both.
        assert pins == ({(1, 3)} if path.stem == "esp-01-head" else {(15, 13)})
    elif "esp32" in config and pins:
        by_log = {"UART0": {1, 3}, "USB_SERIAL_JTAG": USB_PINS[config["esp32"]["variant"]]}
        assert (
            not {pin for pair in pins for pin in pair} & by_log[config["logger"]["hardware_uart"]]
        )
    elif "usb_uart" in config:
        assert config["logger"]["hardware_uart"] == "UART0"
    elif "bk72xx" in config:
        assert (pins, config["logger"]["hardware_uart"]) == ({(11, 10)}, "UART2")
    elif "rp2" in config:
        assert config["logger"]["hardware_uart"] == "USB_CDC"
    else:
        assert "host" in config


# Secrets


def test_template_has_the_secrets_that_are_used() -> None:
    files = [*EXAMPLES, *PACKAGES.rglob("*.yaml")]
    used = {
        name for file in files for name in re.findall(r"!secret (\w+)", file.read_text("utf-8"))
    }
    assert set(secrets()) == used


def test_template_is_refused_until_the_key_is_replaced(home: Path) -> None:
    config = home / CHECKOUT / FOLDER.name / f"{STANDARD}.yaml"
    filled_in = config.with_name("secrets.yaml")
    filled_in.write_text(SECRETS.read_text("utf-8"), "utf-8")
    result = config_command(config)
    assert result.returncode != 0
    assert "Invalid key format" in result.stdout
    filled_in.write_text(SECRETS.read_text("utf-8").replace(secrets()[KEY_NAME], KEY), "utf-8")
    assert config_command(config).returncode == 0


# The first line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# When to use it: a, b (1.5 V).\n# More.\na:\n", "a, b (1.5 V)"),
        ("# When to use it: a\n# b. More\n# more.\na:\n", "a b"),
        ("a:\n", "a.yaml must begin with '# When to use it: '"),
        ("# For a.\n", "a.yaml must begin with '# When to use it: '"),
        ("# When to use it: a\na: b. c\n", "a.yaml: its first sentence must end with a full stop"),
    ],
)
def test_first_sentence_says_when_to_use_it(tmp_path: Path, text: str, said: str) -> None:
    config = tmp_path / "a.yaml"
    config.write_text(text, "utf-8")
    if said.startswith(config.name):
        with pytest.raises(ValueError, match=re.escape(said)):
            when_to_use_it(config)
    else:
        assert when_to_use_it(config) == said


# Single examples


def test_battery_friendly_needs_one_request(bench: Workbench) -> None:
    config = bench.accept(example(path_of("battery-friendly")))
    assert sensor_registers(config) == {60, 266, 80, 74, 68, 86, 87}
    # No other registers; one place is left for the serial number.
    others = {key for platform, key, *_ in entities(config) if platform != "sensor"}
    assert others == {"link_status", "link_advice", "connected", "read", "check_wiring"}
    assert config["multical"][0]["update_interval"].total_milliseconds == 2**32 - 1  # never
    (clock,) = config["time"]
    (trigger,) = clock["on_time"]
    assert {key: trigger[key] for key in CRON_KEYS if key in trigger} == {
        "seconds": [30],
        "minutes": [59],
    }
    assert "multical.read" in trigger["then"][0]


def test_pulses_are_counted_alike_on_both_chips() -> None:
    ours, theirs = (sections(path_of(name).read_text("utf-8")) for name in PULSES)
    shared = {"esphome", "globals", "sensor", "number"}
    pins = re.findall(r" number: (GPIO\d+)", ours["sensor"] + theirs["sensor"])
    assert pins == ["GPIO5", "GPIO27"]
    ours["sensor"] = ours["sensor"].replace(*pins)
    assert {key: ours[key] for key in shared} == {key: theirs[key] for key in shared}


def test_the_pulses_of_an_esp8266_survive_a_power_cut(bench: Workbench) -> None:
    text = example(path_of("d1-mini-pulse-output"))
    assert "USE_ESP8266_PREFERENCES_FLASH" in bench.code(text).defines
    without = text.replace("restore_from_flash: true", "restore_from_flash: false")
    assert "USE_ESP8266_PREFERENCES_FLASH" not in bench.code(without).defines


def test_gpio16_of_an_esp8266_cannot_count(bench: Workbench) -> None:
    text = example(path_of("d1-mini-pulse-output")).replace("GPIO5", "GPIO16")
    assert "cannot be used as pulse counters" in str(bench.refuse(text))


def test_gas_equivalent_is_the_energy_in_gigajoules_times_the_factor(bench: Workbench) -> None:
    code = bench.code(example(path_of("gas-equivalent")))
    energy, gas = (block.get("heat_energy", block) for block in code.config["sensor"])
    assert energy["unit_of_measurement"] == "GJ"
    assert str(gas["source_id"]) == str(energy["id"])
    # Of the same energy, so that the dashboard takes it.
    assert str(gas["state_class"]) == str(energy["state_class"]) == "total_increasing"
    assert gas["device_class"] == "gas"
    assert [found["multiply"] for found in gas["filters"]] == [31.6]
    assert "return 31.6f;" in code.main


def test_factors_for_gas_follow_from_what_the_page_says_of_them() -> None:
    page = (FOLDER.parent / "docs" / "home-assistant.md").read_text("utf-8")
    section = page.split("\n## As cubic metres of gas\n")[1].split("\n## ")[0]
    upper, lower = map(float, re.findall(r"([\d.]+) MJ", section))
    rows = re.findall(r"^\| ([\d.]+) \| ([\d.]+) \| ([\d./ ]+):", section, re.M)
    said = {float(per_gj): (float(per_kwh), sum_) for per_gj, per_kwh, sum_ in rows}
    assert {factor: sum_.strip() for factor, (_, sum_) in said.items()} == {
        28.43: f"1000 / {upper}",
        31.6: f"1000 / {lower}",
        32.68: f"1000 / {upper} / 0.87",
    }
    made = (1000 / upper, 1000 / lower, 1000 / upper / 0.87)
    for (factor, (per_kwh, _)), exact in zip(said.items(), made, strict=True):
        assert factor == pytest.approx(exact, rel=2e-4)
        assert per_kwh == pytest.approx(factor * 3.6 / 1000, rel=5e-4)
    # The lower value is the upper one less a tenth, so 31.6 is both.
    assert 1000 / upper / 0.9 == pytest.approx(31.6, rel=1e-3)


def test_volume_of_a_water_meter_is_water_for_the_energy_dashboard(bench: Workbench) -> None:
    text = example(path_of("water-meter"))
    ((_, key, volume, _),) = [e for e in entities(bench.accept(text)) if e[0] == "sensor"]
    assert key == "volume"
    wanted = {"device_class": "water", "state_class": "total_increasing"}
    assert {name: str(volume[name]) for name in wanted} == wanted
    # What it would be without the two lines.
    left_out = re.sub(r"^      (device|state)_class: .*\n", "", text, flags=re.M)
    ((_, _, volume, _),) = [e for e in entities(bench.accept(left_out)) if e[0] == "sensor"]
    assert str(volume["device_class"]) == "volume"


def test_water_meter_is_read_once_a_day_and_after_a_start(bench: Workbench) -> None:
    config = bench.accept(example(path_of("water-meter")))
    assert config["multical"][0]["update_interval"].total_milliseconds == 2**32 - 1  # never
    ((trigger,),) = [clock["on_time"] for clock in config["time"]]
    assert {key: trigger[key] for key in CRON_KEYS if key in trigger} == {
        "seconds": [0],
        "minutes": [55],
        "hours": [23],
    }
    for actions in (trigger["then"], config["esphome"]["on_boot"][0]["then"]):
        assert "multical.read" in actions[0]


def test_two_meters_do_not_mix(bench: Workbench) -> None:
    config = bench.accept(example(path_of("two-meters")))
    places = {
        (str(block["multical_id"]), str(entity["device_id"]))
        for *_, entity, block in entities(config)
    }
    assert places == {("heating_meter", "heating"), ("cooling_meter", "cooling")}
    hubs = {str(hub["id"]): str(hub["uart_id"]) for hub in config["multical"]}
    assert hubs == {"heating_meter": "heating_uart", "cooling_meter": "cooling_uart"}
    names = {
        device: sorted(e["name"] for *_, e, _ in entities(config) if str(e["device_id"]) == device)
        for device in ("heating", "cooling")
    }
    differ = set(names["heating"]) ^ set(names["cooling"])
    assert differ == {"Heat energy", "Cooling energy"}


def test_registers_by_number_have_no_key_of_their_own(bench: Workbench) -> None:
    config = bench.accept(example(path_of("from-kamstrup-kmp")))
    numbers = [e["register"] for _, key, e, _ in entities(config) if key == "registers"]
    assert numbers == [239]
    assert not hasattr(REGISTER_BY_NUMBER[239], "key")
