"""The pictures of docs/wiring.md join what the tables join, and can be read.

That they are up to date, script/lint sees.
"""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree

import pytest
from wiring.circuits import CIRCUITS
from wiring.document import ROOT
from wiring.drawings import draw
from wiring.parts import Circuit
from wiring.plans import PLANS
from wiring.sheet import SVG

IMAGES = ROOT / "docs" / "images"

every_circuit = pytest.mark.parametrize("circuit", CIRCUITS.values(), ids=lambda c: c.name)


@every_circuit
def test_the_picture_joins_what_the_table_joins(circuit: Circuit) -> None:
    names = [node for node, _ in circuit.nodes()]
    assert len(names) == len(set(names))
    assert {net for _, net in circuit.nodes()} == set(circuit.joints)
    assert draw(circuit).nets() == circuit.nets()


def test_what_was_drawn_before_does_not_show() -> None:
    for circuit in reversed(CIRCUITS.values()):
        assert draw(circuit).svg() == (IMAGES / f"{circuit.name}.svg").read_text("utf-8")


@pytest.mark.parametrize("name", [*CIRCUITS, *PLANS])
def test_no_text_touches_another_or_the_border(name: str) -> None:
    root = ElementTree.parse(IMAGES / f"{name}.svg").getroot()
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    boxes = []
    for element in root.iter(SVG + "text"):
        text, size = element.text or "", float(element.attrib["font-size"])
        # Widest of the usual fonts (DejaVu Sans Bold): 0.7 of the size for a letter.
        length = len(text) * size * (0.7 if "font-weight" in element.attrib else 0.6)
        shift = {"start": 0, "middle": length / 2, "end": length}[element.attrib["text-anchor"]]
        left, base = float(element.attrib["x"]) - shift, float(element.attrib["y"])
        right, top, bottom = left + length, base - 0.75 * size, base + 0.2 * size
        assert left >= 0 >= bottom, text
        assert right <= width, text
        assert top >= -height, text
        if text:
            boxes.append((text, left, right, top, bottom))
    for (one, *a), (other, *b) in combinations(boxes, 2):
        apart = a[1] <= b[0] or b[1] <= a[0] or a[3] <= b[2] or b[3] <= a[2]
        assert apart, (one, other)


def test_every_picture_is_shown_in_a_page() -> None:
    pages = [page.read_text("utf-8") for page in (ROOT / "docs").glob("*.md")]
    for picture in IMAGES.iterdir():
        assert any(f"images/{picture.name})" in page for page in pages), picture
