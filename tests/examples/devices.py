"""The contents of example_configs/, and a user's folder that has it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from components.harness import COMPONENTS, ROOT
from multical.registers import NUMERIC_BY_NUMBER, NUMERIC_REGISTERS
from tables import FOLDER, PACKAGES, SECRETS

README = FOLDER / "README.md"
BOARDS = sorted((PACKAGES / "boards").glob("*.yaml"))
#: Those that do not choose a chip.
PARTS = sorted(PACKAGES.glob("*.yaml"))
NETWORK = PACKAGES / "network.yaml"
STANDARD = PACKAGES / "standard.yaml"
#: A board for trying the other packages.
BOARD = PACKAGES / "boards" / "d1-mini-optical.yaml"

KEY = "bOFFzzvfpg5DB94DuBGLXD/hMnhpDKgP9UQyBulwWVU="
KEY_NAME = "heat_meter_api_key"

#: Where a user puts this repository, next to the YAML.
CHECKOUT = "esphome-multical"
#: What the pages write for the address of this repository.
ADDRESS = f"https://git.example/{CHECKOUT}"


def secrets() -> dict[str, str]:
    """Return the template of secrets, unchanged."""
    return yaml.safe_load(SECRETS.read_text("utf-8"))


def filled_in_secrets() -> str:
    """Return a secrets.yaml that ESPHome accepts."""
    return yaml.safe_dump(secrets() | {KEY_NAME: KEY})


def make_home(folder: Path) -> None:
    """Make a user's folder: the secrets, and this repository below CHECKOUT."""
    checkout = folder / CHECKOUT
    checkout.mkdir()
    shutil.copytree(FOLDER, checkout / FOLDER.name)
    (checkout / COMPONENTS.name).symlink_to(COMPONENTS)
    for place in (folder, checkout / FOLDER.name):
        (place / "secrets.yaml").write_text(filled_in_secrets(), "utf-8")


def make_origin(folder: Path) -> str:
    """Make a git repository of what a device fetches from this project; return its address."""
    for name in (COMPONENTS, FOLDER):
        shutil.copytree(
            name, folder / name.name, ignore=shutil.ignore_patterns("__pycache__", ".esphome")
        )
    author = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*author, "commit", "-qm", "A"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder.as_uri()


def example(path: Path) -> str:
    """Return an example's text, changed to work in any folder."""
    local = "path: ../components"
    text = path.read_text("utf-8")
    assert text.count(local) == ("platform: multical" in text)
    return text.replace(local, f"path: {COMPONENTS}")


def include(*packages: Path) -> str:
    """Return the YAML of a device built from packages."""
    lines = [
        f"  p{number}: !include {CHECKOUT}/{package.relative_to(ROOT).as_posix()}\n"
        for number, package in enumerate(packages)
    ]
    return (
        "esphome: {name: heat-meter, friendly_name: Heat meter}\n"
        f"external_components:\n  - source: {{type: local, path: {COMPONENTS}}}\n"
        f"packages:\n{''.join(lines)}"
    )


def sections(text: str) -> dict[str, str]:
    """Return the top level of a YAML text, without comments and blank lines."""
    bare = re.sub(r"\s+# .*$|^#.*$", "", text, flags=re.M)
    bare = re.sub(r"\n{2,}", "\n", bare)
    return {key: body for body, key in re.findall(r"^((\w+):.*\n(?: .*\n)*)", bare, re.M)}


def block_with(part: str) -> str:
    """Return the only block of YAML in README.md that contains this."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", README.read_text("utf-8"), re.M | re.S)
    (found,) = [block for block in blocks if part in block]
    return found


def esphome(
    command: str, config: Path, python: Path | str = sys.executable
) -> subprocess.CompletedProcess[str]:
    """Run an `esphome` command, as a user does; merge its two outputs."""
    return subprocess.run(
        [python, "-m", "esphome", command, config.name],
        cwd=config.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


def config_command(config: Path) -> subprocess.CompletedProcess[str]:
    """Run `esphome config`."""
    return esphome("config", config)


def entities(config: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Yield platform, key, entity and block of each entity of the component."""
    for platform in ("sensor", "text_sensor", "binary_sensor", "button"):
        for block in config.get(platform, []):
            for key, value in block.items():
                if isinstance(value, dict):
                    listed = value.values() if key == "info_codes" else [value]
                elif key == "registers":
                    listed = value
                else:
                    continue
                for entity in listed:
                    yield platform, key, entity, block


def sensor_registers(config: dict[str, Any]) -> set[int]:
    """Return the registers that the numeric sensors of a validated configuration read."""
    by_key = {row.key: row for row in NUMERIC_REGISTERS}
    numbers = set()
    for platform, key, entity, _ in entities(config):
        if platform != "sensor":
            continue
        number = entity.get("register") or (by_key[key].number if key in by_key else None)
        if number is None:
            continue
        numbers.add(number)
        if entity.get("high_resolution"):
            numbers.add(NUMERIC_BY_NUMBER[number].fine)
    return numbers
