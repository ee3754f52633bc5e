"""Every link and file name in the documents leads somewhere, and what they list exists."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from .pages import PAGES, ROOT, link_statuses


def _prose(document: Path) -> str:
    """Return a document without its code blocks and comments."""
    text = document.read_text("utf-8")
    text = re.sub(r"^(```+|~~~+).*?^\1[ \t]*$", "", text, flags=re.M | re.S)
    return re.sub(r"<!--.*?-->", "", text, flags=re.S)


@cache
def _anchors(document: Path) -> frozenset[str]:
    """Return what a link to a document may name: its headings as GitHub turns them into anchors.

    Lower case; letters, digits, `_` and `-` stay, a space becomes `-`, everything else is dropped;
    the second of two equal ones gets `-1`. Markup (links, emphasis, code) is not part of a heading.
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
    """Return a document's links that lead to no file, or to no heading in it."""
    dead = []
    for link in re.findall(r"\]\(<?(?!\w+:)([^)\s>]+)", _prose(document)):
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            dead.append(link)
    return dead


@pytest.mark.parametrize(
    "document",
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


GOOD_LINKS = (
    "#the-first-one #twice #twice-1 #no_answer #ok-but-a-value-is-missing #a-link-and-code "
    "#head-m-bus--tx #größe other.md other.md#here sub/../other.md#here picture.svg "
    "https://example.org/#anything mailto:nobody"
)
DEAD_LINKS = (
    "#the-First-one #the-first #twice-2 #ok,-but-a-value-is-missing #in-a-block #commented-out "
    "none.md none.md#here other.md#there other.md#the-first-one picture.png"
)


def test_dead_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "picture.svg").touch()
    (tmp_path / "other.md").write_text("# Here\n", "utf-8")
    document = tmp_path / "document.md"
    links = [
        f"A [link\nover two lines]({link}).\n" for link in f"{GOOD_LINKS} {DEAD_LINKS}".split()
    ]
    document.write_text(
        "# The first one #\n## Twice\n## Twice\n## no_answer\n## ok, but a value is missing\n"
        "## A [link](other.md) and `code`\n## Head: M-Bus → TX\n## Größe\n"
        "```text\n# In a block\n[a](no-link.md)\n```\n<!--\n# Commented out\n-->\n"
        + "".join(links),
        "utf-8",
    )
    assert _dead_links(document) == DEAD_LINKS.split()


def test_troubleshooting_has_a_section_for_every_status() -> None:
    statuses = link_statuses()
    assert len(statuses) == 10
    text = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
    headings = re.findall(r"^## (\w+)", text, re.M)
    assert set(statuses) <= set(headings)


def test_readme_shows_everything_that_the_demo_shows() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = readme[readme.index("$ script/demo --once") :].split("```")[0]
    demo = (ROOT / "example_configs" / "demo.yaml").read_text("utf-8")
    platforms = demo[demo.index("\nsensor:") : demo.index("\nbutton:")]
    names = re.findall(r"name: (.+)", platforms)
    assert len(names) > 10
    assert [name for name in names if f"│ {name} " not in shown] == []
