"""The key of the API, wherever in the YAML of a device it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from meter_log.device_yaml import api_key
from meter_log.ports import PortError

from .command import ROOT, history

KEY = "6Ku2AbEaDLZTIvFNQKUlJlErRmWmPz+RKzaUxJnMqoo="


def key_of(folder: Path, **files: str) -> str | None:
    """Write files such as `device`, and return the key that device.yaml leads to."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return api_key(folder / "device.yaml")


@pytest.mark.parametrize(
    "files",
    [
        {"device": f"api:\n  encryption:\n    key: {KEY}\n"},
        {"device": "api:\n  encryption: {key: !secret a}\n", "secrets": f"a: {KEY}\nb: 2\n"},
        {"device": "api: {encryption: {key: $a}}\nsubstitutions: {a: !secret b}\n"}
        | {"secrets": f"b: {KEY}\n"},
        {
            "device": "packages: {a: !include other.yaml}\nlogger:\n",
            "other": "api:\n  encryption: {key: !secret a}\n",
            "secrets": f"a: {KEY}\n",
        },
        {"device": "api: !include other.yaml\n", "other": f"encryption:\n  key: {KEY}\n"},
    ],
)
def test_key(tmp_path: Path, files: dict[str, str]) -> None:
    assert key_of(tmp_path, **files) == KEY


def test_key_of_a_device_of_packages(tmp_path: Path) -> None:
    """The package of this repository, with secrets.yaml beside the device's YAML."""
    package = ROOT / "example_configs" / "packages" / "network.yaml"
    secrets = f"heat_meter_api_key: {KEY}\nwifi_ssid: a\nwifi_password: b\n"
    device = f"packages:\n  network: !include {package}\n"
    assert key_of(tmp_path, device=device, secrets=secrets) == KEY


@pytest.mark.parametrize("device", ["logger:\n", "api:\n", "api:\n  reboot_timeout: 0s\n"])
def test_an_api_without_encryption(tmp_path: Path, device: str) -> None:
    assert key_of(tmp_path, device=device) is None


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, r"there is no .*device\.yaml"),
        ({"device": "api: {encryption: {key: !secret a}}\n"}, "cannot be read: .*secrets"),
        (
            {"device": "api: {encryption: {key: !secret a}}\n", "secrets": "b: 1\n"},
            "cannot be read: .*Secret 'a' not defined",
        ),
        ({"device": "api:\n  encryption:\n"}, "without a key. Give it with --key"),
        ({"device": "api:\n  encryption: {}\n"}, "without a key. Give it with --key"),
        ({"device": "[1]\n"}, "is not the YAML of a device"),
        ({"device": "api: [\n"}, "cannot be read: "),
        ({"device": "packages: 5\n"}, "cannot be read: "),
    ],
)
def test_refusals(tmp_path: Path, files: dict[str, str], said: str) -> None:
    with pytest.raises(PortError, match=rf"(?s){said}"):
        key_of(tmp_path, **files)


def test_command_says_what_is_wrong_with_the_yaml(tmp_path: Path) -> None:
    where = ("read", "--host", "127.0.0.1", "--api-port", "9")
    missing = history(*where, "--yaml", "a.yaml", folder=tmp_path)
    assert missing.returncode == 1
    assert missing.stderr == "history: there is no a.yaml\n"
    (tmp_path / "a.yaml").write_text("logger:\n")
    found = history(*where, "--yaml", "a.yaml", folder=tmp_path)
    assert "no connection to 127.0.0.1:9" in found.stderr
    both = history(*where, "--yaml", "a.yaml", "--key", KEY, folder=tmp_path)
    assert both.returncode == 2
    assert "argument --key: not allowed with argument --yaml" in both.stderr
