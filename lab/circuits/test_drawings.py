"""The pictures of docs/wiring.md join what the tables join, and are readable.

script/lint checks that they are up to date.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree

import pytest
from wiring.boards import BOARDS
from wiring.circuits import CIRCUITS, D1_MINI, OPTICAL_D1_MINI
from wiring.document import ROOT
from wiring.drawings import draw
from wiring.parts import Circuit
from wiring.sheet import SVG

IMAGES = ROOT / "docs" / "images"
DRAWN = sorted(IMAGES.glob("*.svg"))

every_circuit = pytest.mark.parametrize("circuit", CIRCUITS.values(), ids=lambda c: c.name)


@every_circuit
def test_the_picture_joins_what_the_table_joins(circuit: Circuit) -> None:
    names = [node for node, _ in circuit.nodes()]
    assert len(names) == len(set(names))
    assert {net for _, net in circuit.nodes()} == set(circuit.joints)
    assert draw(circuit).nets() == circuit.nets()


WIRED = {t.label for t in OPTICAL_D1_MINI.terminals if t.place == D1_MINI}
FREE = sorted({*BOARDS[D1_MINI].left, *BOARDS[D1_MINI].right} - WIRED)


def _with_pin(label: str) -> Circuit:
    """Return the circuit of the head on a D1 mini, with the head's TX at another pin."""
    moved = [replace(t, label=label) if t.label == "D7" else t for t in OPTICAL_D1_MINI.terminals]
    return replace(OPTICAL_D1_MINI, terminals=tuple(moved))


@pytest.mark.parametrize("label", FREE)
def test_another_pin_in_the_table_is_another_pin_in_the_picture(label: str) -> None:
    circuit = _with_pin(label)
    assert draw(circuit).nets() == circuit.nets()
    assert draw(circuit).svg() != draw(OPTICAL_D1_MINI).svg()


def test_a_pin_that_the_board_does_not_have_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match=r"D1 mini has no pin 'D9', only RST, A0, D0"):
        draw(_with_pin("D9"))


def test_what_was_drawn_before_does_not_show() -> None:
    for circuit in reversed(CIRCUITS.values()):
        assert draw(circuit).svg() == (IMAGES / f"{circuit.name}.svg").read_text("utf-8")


@pytest.mark.parametrize("name", [picture.name for picture in DRAWN])
def test_no_text_touches_another_or_the_border(name: str) -> None:
    root = ElementTree.parse(IMAGES / name).getroot()
    _, ceiling, width, height = map(float, root.attrib["viewBox"].split())
    boxes = []
    for element in root.iter(SVG + "text"):
        text, size = element.text or "", float(element.attrib["font-size"])
        # Width of a letter in the widest of the usual fonts (DejaVu Sans Bold): 0.7 of its size.
        length = len(text) * size * (0.7 if "font-weight" in element.attrib else 0.6)
        shift = {"start": 0, "middle": length / 2, "end": length}[element.attrib["text-anchor"]]
        left, base = float(element.attrib["x"]) - shift, float(element.attrib["y"])
        right, top, bottom = left + length, base - 0.75 * size, base + 0.2 * size
        assert left >= 0, text
        assert right <= width, text
        assert top >= ceiling, text
        assert bottom <= ceiling + height, text
        if text:
            boxes.append((text, left, right, top, bottom))
    for (one, *a), (other, *b) in combinations(boxes, 2):
        apart = a[1] <= b[0] or b[1] <= a[0] or a[3] <= b[2] or b[3] <= a[2]
        assert apart, (one, other)


def test_every_picture_is_shown_in_a_page() -> None:
    pages = [
        page.read_text("utf-8") for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
    ]
    for picture in IMAGES.iterdir():
        assert any(f"images/{picture.name})" in page for page in pages), picture
