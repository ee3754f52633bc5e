"""What a page tells its reader to copy, run or press works exactly as written there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from compile import configurations
from examples.devices import CHECKOUT, SECRETS

from .commands import commands_of, complaint_about, shown_in_a_terminal
from .pages import PAGES, ROOT, yaml_blocks

GETTING_STARTED = ROOT / "docs" / "getting-started.md"
every_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix()
)


def _text(page: Path) -> str:
    return page.read_text("utf-8")


@every_page
def test_commands_can_be_run(page: Path) -> None:
    wrong = {command: complaint_about(command) for command in commands_of(_text(page))}
    assert {command: reason for command, reason in wrong.items() if reason} == {}


@pytest.mark.parametrize(
    "command",
    [
        "script/none",
        "script/demo --fault no_such",
        "script/demo --no-such",
        "script/test tests/none",
        "esphome start heat-meter.yaml",
        "sudo rm -r folder",
    ],
)
def test_a_command_that_cannot_be_run_is_found(command: str) -> None:
    assert commands_of(f"Type `{command}`.") == [command]
    assert complaint_about(command)


def test_options_named_after_a_command_are_its_own() -> None:
    text = _text(ROOT / "README.md")
    section = text.split("## Try it without hardware")[1].split("\n## ")[0]
    options = re.findall(r"`(--[^`]+)`", section)
    assert options
    wrong = {option: complaint_about(f"script/demo {option}") for option in options}
    assert wrong == dict.fromkeys(options, "")


def test_esphome_is_there_after_the_commands_that_install_it(tmp_path: Path) -> None:
    shown = shown_in_a_terminal(_text(GETTING_STARTED))
    commands = [line for line in shown if not line.startswith("esphome")]
    assert [line for line in commands if line.startswith("pip install")] == [commands[-1]]
    # Nothing is downloaded here: instead of running pip, this ESPHome is put in that folder.
    beside = Path(sys.prefix, "bin", "esphome")
    commands[-1] = f'ln -s {beside} "$(dirname "$(command -v pip)")/esphome"'
    result = subprocess.run(
        ["bash", "-euc", "\n".join([*commands, "esphome version", "command -v esphome"])],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{sys.base_prefix}/bin:/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1].startswith(str(tmp_path))


# Configurations


def _without_comments(text: str) -> list[str]:
    lines = (re.sub(r"(^| +)#.*", "", line) for line in text.splitlines())
    return [line for line in lines if line.strip()]


def _is_whole(text: str) -> bool:
    """Tell whether a YAML is that of a device, with its name and its board."""
    has = set(re.findall(r"^(\w+):", text, re.M))
    return "esphome" in has and bool(has & {"esp8266", "esp32", "host"})


def _offered(page: Path) -> list[str]:
    """Return the whole configurations that a page shows or links to, or else its parts."""
    text = _text(page)
    files = {(page.parent / link).resolve() for link in re.findall(r"\]\(([\w./-]+\.yaml)\)", text)}
    linked = [path.read_text("utf-8") for path in sorted(files) if path.exists()]
    return list(filter(_is_whole, yaml_blocks(text) + linked)) or ["\n".join(yaml_blocks(text))]


@every_page
def test_buttons_that_are_to_be_pressed_are_there(page: Path) -> None:
    pressed = set(re.findall(r"[Pp]ress(?:ing)?\s+\*(?!\*)([^*]+)\*", _text(page)))
    for config in _offered(page) if pressed else ():
        if "\nmultical:" in f"\n{config}":
            buttons = "\n".join(_without_comments(config.partition("\nbutton:")[2]))
            assert pressed <= set(re.findall(r"name: (.+)", buttons)), config


def test_pages_that_start_esphome_offer_what_it_starts() -> None:
    pages = [page for page in PAGES if "esphome run heat-meter.yaml" in _text(page)]
    assert len(pages) >= 2
    for page in pages:
        assert any(map(_is_whole, yaml_blocks(_text(page)))), page


@pytest.mark.parametrize("page", [ROOT / "README.md", GETTING_STARTED], ids=lambda page: page.stem)
def test_whole_block_is_the_example_that_the_page_names(page: Path) -> None:
    (block,) = [block for block in yaml_blocks(_text(page)) if block.startswith("esphome:")]
    example = (ROOT / "example_configs" / "d1-mini-optical.yaml").read_text("utf-8")
    wanted = _without_comments(example.replace("../components", f"{CHECKOUT}/components"))
    lines = _without_comments(block)
    if page == GETTING_STARTED:
        assert lines == wanted
    else:
        rest = iter(wanted)
        assert [line for line in lines if line not in rest] == []


def test_example_of_every_path_can_be_put_next_to_this_repository() -> None:
    text = _text(GETTING_STARTED)
    rows = re.findall(r"^\| \*\*[ABC]\. .*\]\(\.\./example_configs/(.+?)\) \|$", text, re.M)
    ((old, new),) = re.findall(r"change `(path: [^`]+)` to\s+`(path: [^`]+)`", text)
    assert len(rows) == 3
    for name in rows:
        example = _text(ROOT / "example_configs" / name)
        assert example.count(old) == 1
        assert example.replace(old, new) == configurations()[Path(name).stem]


def test_secrets_on_the_page_are_those_of_the_template() -> None:
    (shown,) = [
        block
        for block in re.findall(r"^```text\n(.*?)^```", _text(GETTING_STARTED), re.M | re.S)
        if block.startswith("wifi_ssid")
    ]
    (config,) = [block for block in yaml_blocks(_text(GETTING_STARTED)) if "esphome:" in block]
    names = yaml.safe_load(shown).keys()
    assert names == set(re.findall(r"!secret (\w+)", config))
    assert names < yaml.safe_load(SECRETS.read_text("utf-8")).keys()
