"""Every YAML in the documents is valid, and every link and file name leads somewhere."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from examples.devices import ADDRESS, config_command, filled_in_secrets, make_origin

from .pages import DOCUMENTS, PAGES, ROOT, link_statuses, yaml_blocks

#: What a part of a device leaves out because every device has it.
BOARD = {
    "esphome": "esphome: {name: heat-meter}\n",
    "esp8266": "esp8266: {board: d1_mini}\n",
    "logger": "logger: {baud_rate: 0}\n",
    "external_components": "external_components:\n  - source: {type: local, path: components}\n",
    "uart": "uart:\n  id: meter_uart\n  tx_pin: GPIO15\n  rx_pin: GPIO13\n"
    "  baud_rate: 1200\n  stop_bits: 2\n",
    "multical": "multical:\n",
}

#: What a clock and what sends to Home Assistant need besides.
NETWORK = {
    "wifi": "wifi: {ssid: network, password: not-a-secret}\n",
    "api": "api:\n",
}


def _blocks() -> list[tuple[str, str]]:
    return [
        (f"{path.name}:{number}", block)
        for path in DOCUMENTS
        for number, block in enumerate(yaml_blocks(path.read_text("utf-8")), 1)
    ]


def _validate(config: Path) -> None:
    result = config_command(config)
    assert result.returncode == 0, result.stdout
    assert "WARNING" not in result.stdout, result.stdout


@pytest.mark.parametrize(("name", "block"), _blocks(), ids=lambda value: value[:20])
def test_block_is_valid(name: str, block: str, tmp_path: Path) -> None:
    # A reader puts the repository beside his YAML, under this name.
    shutil.copytree(ROOT / "components", tmp_path / "esphome-multical" / "components")
    shutil.copytree(ROOT / "components", tmp_path / "components")
    has = set(re.findall(r"^(\w+):", block, re.M))
    has_board = bool(has & {"esp8266", "esp32", "host"})
    if has_board:
        has.add("esp8266")
    if "multical" not in block and "uart" not in has:
        has |= {"uart", "multical"}
    wanted = BOARD | NETWORK if "time" in has else BOARD
    # A device with a name and a board is copied as it is.
    is_whole = has_board and "esphome" in has
    missing = [] if is_whole else [text for key, text in wanted.items() if key not in has]
    (tmp_path / "secrets.yaml").write_text(filled_in_secrets(), "utf-8")
    config = tmp_path / "heat-meter.yaml"
    if ADDRESS in block:
        block = block.replace(ADDRESS, make_origin(tmp_path / "origin"))
    config.write_text("".join(missing) + block, "utf-8")
    _validate(config)


def _prose(document: Path) -> str:
    """Return a document without its blocks of code and without what is commented out."""
    text = document.read_text("utf-8")
    text = re.sub(r"^(```+|~~~+).*?^\1[ \t]*$", "", text, flags=re.M | re.S)
    return re.sub(r"<!--.*?-->", "", text, flags=re.S)


@cache
def _anchors(document: Path) -> frozenset[str]:
    """Return what a link into a document may name: its headings, as GitHub makes anchors of them.

    Lower case; letters, digits, `_` and `-` stay, a space becomes `-`, all else goes; the second of
    two equal ones gets `-1`. What only marks up (links, emphasis, code) is no part of a heading.
    """
    taken: Counter[str] = Counter()
    anchors = set()
    for heading in re.findall(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", _prose(document), re.M):
        shown = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        shown = re.sub(r"[`*]", "", re.sub(r"<[^>]+>", "", shown))
        anchor = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        anchors.add(f"{anchor}-{taken[anchor]}" if taken[anchor] else anchor)
        taken[anchor] += 1
    return frozenset(anchors)


def _dead_links(document: Path) -> list[str]:
    """Return the links of a document that lead to no file, or to no heading in it."""
    dead = []
    for link in re.findall(r"\]\(<?(?!\w+:)([^)\s>]+)", _prose(document)):
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            dead.append(link)
    return dead


@pytest.mark.parametrize(
    "document",
    # The YAML of the examples' own is validated by tests/examples.
    PAGES,
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_links_lead_somewhere(document: Path) -> None:
    named = re.findall(
        r"`((?:script|docs|tests|components|example_configs)/[\w./-]+)`",
        document.read_text("utf-8"),
    )
    missing = [name for name in named if not (ROOT / name).exists()]
    assert _dead_links(document) + missing == []


@pytest.mark.parametrize(
    "link",
    [
        "#the-first-one",
        "#twice",
        "#twice-1",
        "#no_answer",
        "#ok-but-a-value-is-missing",
        "#a-link-and-code",
        "#head-m-bus--tx",
        "#größe",
        "other.md",
        "other.md#here",
        "sub/../other.md#here",
        "picture.svg",
        "https://example.org/#anything",
        "mailto:nobody",
    ],
)
def test_link_that_leads_somewhere_is_found(link: str, tmp_path: Path) -> None:
    assert _dead_links(_documents(tmp_path, link)) == []


@pytest.mark.parametrize(
    "link",
    [
        "#the-First-one",
        "#the-first",
        "#twice-2",
        "#ok,-but-a-value-is-missing",
        "#in-a-block",
        "#commented-out",
        "none.md",
        "none.md#here",
        "other.md#there",
        "other.md#the-first-one",
        "picture.png",
    ],
)
def test_link_that_leads_nowhere_is_found(link: str, tmp_path: Path) -> None:
    assert _dead_links(_documents(tmp_path, link)) == [link]


def test_link_in_a_block_is_none(tmp_path: Path) -> None:
    document = tmp_path / "document.md"
    document.write_text("```text\n[a](none.md)\n```\n[b](none-too.md)\n", "utf-8")
    assert _dead_links(document) == ["none-too.md"]


def _documents(folder: Path, link: str) -> Path:
    """Write a document with many headings and one link, and another one; return the first."""
    (folder / "sub").mkdir()
    (folder / "picture.svg").touch()
    (folder / "other.md").write_text("# Here\n", "utf-8")
    document = folder / "document.md"
    document.write_text(
        "# The first one #\n## Twice\n## Twice\n## no_answer\n## ok, but a value is missing\n"
        "## A [link](other.md) and `code`\n## Head: M-Bus → TX\n## Größe\n"
        "```text\n# In a block\n```\n<!--\n# Commented out\n-->\n"
        f"A [link\nover two lines]({link}).\n",
        "utf-8",
    )
    return document


def test_troubleshooting_has_a_section_for_every_status() -> None:
    statuses = link_statuses()
    assert len(statuses) == 10
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
