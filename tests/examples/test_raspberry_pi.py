"""The files for udev and systemd: well-formed, and with the same port, program and folder."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest
from esphome.components import host
from esphome.components.uart import validate_port

from .devices import FOLDER, README

RULES = FOLDER / "raspberry-pi" / "99-heat-meter.rules"
SERVICE = FOLDER / "raspberry-pi" / "heat-meter.service"
DEVICE = (FOLDER / "raspberry-pi-usb.yaml").read_text("utf-8")

#: One part of a rule that udev accepts: key, attribute, operator, value.
PART = re.compile(
    r"(?P<key>(?:SUBSYSTEM|ATTRS\{\w+\})(?===)|(?:SYMLINK|TAG|ENV\{\w+\})(?=\+=))"
    r'(?:==|\+=)"(?P<value>[^"]*)"'
)


def parse_rule(line: str) -> dict[str, str]:
    """Return key -> value of a line of rules; fails for anything that udev would refuse."""
    parts = [PART.fullmatch(text) for text in line.split(", ")]
    assert all(parts), line
    return {part["key"]: part["value"] for part in parts if part}


def parse_unit(text: str) -> dict[str, dict[str, str]]:
    """Return section -> key -> value of a unit file; fails for duplicates."""
    parser = configparser.ConfigParser(delimiters="=", interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    return {section: dict(parser[section]) for section in parser.sections()}


def escaped(path: str) -> str:
    """Return a path as systemd spells it in the name of a unit."""
    return path.strip("/").replace("-", r"\x2d").replace("/", "-")


def _lines() -> list[str]:
    """Return the rules, including those that are commented out."""
    return re.findall(r"^#?(SUBSYSTEM.*)$", RULES.read_text("utf-8"), re.M)


UNIT = parse_unit(SERVICE.read_text("utf-8"))


@pytest.mark.parametrize("line", _lines())
def test_rule_names_the_port_and_starts_the_service(line: str) -> None:
    rule = parse_rule(line)
    assert rule.pop("SUBSYSTEM") == "tty"
    assert re.fullmatch(r"[0-9a-f]{4}", rule.pop("ATTRS{idVendor}"))
    assert re.fullmatch(r"[0-9a-f]{4}", rule.pop("ATTRS{idProduct}"))
    rule.pop("ATTRS{serial}", None)
    assert rule == {
        "SYMLINK": "heat-meter",
        "TAG": "systemd",
        "ENV{SYSTEMD_WANTS}": SERVICE.name,
    }


#: The chips in heads, by the numbers that `lsusb` shows.
CHIPS = {
    "067b:2303": "PL2303",
    "10c4:ea60": "CP210x",
    "0403:6001": "FT232R",
    "0403:6015": "FT-X",
    "1a86:7523": "CH340",
    "17a8:0001": "Kamstrup's own head",
}


def test_rules_know_these_chips() -> None:
    rules = [parse_rule(line) for line in _lines()]
    general = [rule for rule in rules if "ATTRS{serial}" not in rule]
    assert [f"{rule['ATTRS{idVendor}']}:{rule['ATTRS{idProduct}']}" for rule in general] == [*CHIPS]
    assert len(rules) == len(CHIPS) + 1
    # Everything else there is a comment.
    rest = re.sub(r"^#.*\n|^SUBSYSTEM.*\n|^\n", "", RULES.read_text("utf-8"), flags=re.M)
    assert rest == ""


def test_port_is_one_that_esphome_takes() -> None:
    port = "/dev/" + parse_rule(_lines()[0])["SYMLINK"]
    assert validate_port(port) == port
    assert f"`port: {port}`" in DEVICE
    assert UNIT["Unit"]["BindsTo"] == f"{escaped(port)}.device"
    assert UNIT["Unit"]["After"].split() == [UNIT["Unit"]["BindsTo"], "network.target"]


def test_service_is_restarted_whatever_ends_it() -> None:
    # The program ends with success.
    assert UNIT["Service"]["Restart"] == "always"
    assert UNIT["Unit"]["StartLimitIntervalSec"] == "0"
    assert UNIT["Install"] == {"WantedBy": "multi-user.target"}


def test_service_runs_what_the_page_installs() -> None:
    service = UNIT["Service"]
    text = README.read_text("utf-8")
    folder = f"esphome-multical/{FOLDER.name}/raspberry-pi"
    name = re.search(r"^  name: (\S+)$", DEVICE, re.M)
    assert name
    program = f".esphome/build/{name[1]}/.pioenvs/{name[1]}/program"
    assert f"sudo install {program} {service['ExecStart']}\n" in text
    assert f"sudo cp {folder}/{SERVICE.name} /etc/systemd/system/\n" in text
    assert f"sudo systemctl enable --now {SERVICE.stem}\n" in text
    assert f"sudo cp {folder}/{RULES.name} /etc/udev/rules.d/\n" in text


def test_preferences_are_in_the_folder_that_systemd_makes() -> None:
    service = UNIT["Service"]
    key, _, folder = service["Environment"].partition("=")
    assert folder == f"/var/lib/{service['StateDirectory']}"
    source = Path(host.__file__).with_name("preferences.cpp").read_text("utf-8")
    assert f'getenv("{key}")' in source
    assert service["SupplementaryGroups"] == "dialout"


def test_service_has_no_setting_but_these() -> None:
    assert {section: set(settings) for section, settings in UNIT.items()} == {
        "Unit": {"Description", "BindsTo", "After", "StartLimitIntervalSec"},
        "Service": {
            "ExecStart",
            "Restart",
            "RestartSec",
            "DynamicUser",
            "SupplementaryGroups",
            "StateDirectory",
            "Environment",
        },
        "Install": {"WantedBy"},
    }
