"""Every YAML that a reader may copy is valid, and every link and file name leads somewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "example_configs").glob("*.yaml"))
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]

SECRETS = """\
heat_meter_api_key: "bOFFzzvfpg5DB94DuBGLXD/hMnhpDKgP9UQyBulwWVU="
wifi_ssid: network
wifi_password: not-a-secret
"""

#: What a block of a document leaves out because every device has it.
BOARD = {
    "esphome": "esphome: {name: heat-meter}\n",
    "esp8266": "esp8266: {board: d1_mini}\n",
    "logger": "logger: {baud_rate: 0}\n",
    "external_components": "external_components:\n  - source: {type: local, path: components}\n",
    "uart": "uart:\n  id: meter_uart\n  tx_pin: GPIO15\n  rx_pin: GPIO13\n"
    "  baud_rate: 1200\n  stop_bits: 2\n",
    "multical": "multical:\n",
}


def _blocks() -> list[tuple[str, str]]:
    return [
        (f"{path.name}:{number}", textwrap.dedent(block))
        for path in DOCUMENTS
        for number, block in enumerate(
            re.findall(r"^ *```yaml\n(.*?)^ *```", path.read_text("utf-8"), re.M | re.S), 1
        )
    ]


def _validate(config: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "esphome", "config", config.name],
        cwd=config.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    assert "WARNING" not in result.stdout, result.stdout


@pytest.mark.parametrize("config", EXAMPLES, ids=lambda path: path.name)
def test_example_is_valid(config: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "components", tmp_path / "components")
    shutil.copytree(ROOT / "example_configs", tmp_path / "example_configs")
    (tmp_path / "example_configs" / "secrets.yaml").write_text(SECRETS, "utf-8")
    _validate(tmp_path / "example_configs" / config.name)


@pytest.mark.parametrize("config", EXAMPLES, ids=lambda path: path.name)
def test_example_says_when_to_take_it(config: Path) -> None:
    assert config.read_text("utf-8").startswith("# When to take it: ")


@pytest.mark.parametrize(("name", "block"), _blocks(), ids=lambda value: value[:20])
def test_block_is_valid(name: str, block: str, tmp_path: Path) -> None:
    # A reader puts the repository beside his YAML, under this name.
    shutil.copytree(ROOT / "components", tmp_path / "esphome-multical" / "components")
    shutil.copytree(ROOT / "components", tmp_path / "components")
    has = set(re.findall(r"^(\w+):", block, re.M))
    if has & {"esp32", "host"}:
        has.add("esp8266")
    if "multical" not in block and "uart" not in has:
        has |= {"uart", "multical"}
    missing = [text for key, text in BOARD.items() if key not in has]
    config = tmp_path / "heat-meter.yaml"
    config.write_text("".join(missing) + block, "utf-8")
    _validate(config)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#\s]+)[^)]*\)", text)
    named = re.findall(r"`((?:script|docs|tests|components|example_configs)/[\w./-]+)`", text)
    missing = [target for target in targets if not (document.parent / target).exists()] + [
        name for name in named if not (ROOT / name).exists()
    ]
    assert missing == []


def test_troubleshooting_has_a_section_for_every_status() -> None:
    source = (ROOT / "components" / "multical" / "link_monitor.cpp").read_text("utf-8")
    statuses = re.findall(r'LinkStatus::\w+:\s+return "(\w+)";', source)
    assert len(statuses) == 9
    text = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
    headings = re.findall(r"^## (\w+)", text, re.M)
    assert set(statuses) <= set(headings)


def test_readme_shows_all_that_the_demo_shows() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = readme[readme.index("$ script/demo --once") :].split("```")[0]
    demo = (ROOT / "example_configs" / "demo.yaml").read_text("utf-8")
    platforms = demo[demo.index("\nsensor:") : demo.index("\nbutton:")]
    names = re.findall(r"name: (.+)", platforms)
    assert len(names) > 10
    assert [name for name in names if f"│ {name} " not in shown] == []
