"""The pictures of docs/wiring.md: up to date, and joining what the tables join."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from wiring.circuits import CIRCUITS
from wiring.drawings import draw
from wiring.parts import Circuit
from wiring.sheet import SVG

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
#: Takes the other pictures there.
PHOTOGRAPHER = ROOT / "tests" / "home_assistant" / "test_pictures.py"

every_circuit = pytest.mark.parametrize("circuit", CIRCUITS.values(), ids=lambda c: c.name)


def _picture(circuit: Circuit) -> ElementTree.Element:
    return ElementTree.parse(IMAGES / f"{circuit.name}.svg").getroot()


def _size(root: ElementTree.Element) -> tuple[float, float]:
    return float(root.attrib["width"]), float(root.attrib["height"])


@every_circuit
def test_the_picture_is_what_its_script_draws(circuit: Circuit) -> None:
    committed = (IMAGES / f"{circuit.name}.svg").read_text("utf-8")
    assert committed == draw(circuit).svg()


@every_circuit
def test_another_process_draws_the_same(circuit: Circuit) -> None:
    code = (
        "from wiring.circuits import CIRCUITS; from wiring.drawings import draw\n"
        # What was drawn before must not show.
        "for circuit in reversed(CIRCUITS.values()): draw(circuit).svg()\n"
        f"print(draw(CIRCUITS[{circuit.name!r}]).svg(), end='')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "lab", capture_output=True, check=True
    )
    assert done.stdout.decode() == draw(circuit).svg()


@every_circuit
def test_the_picture_joins_what_the_table_joins(circuit: Circuit) -> None:
    assert draw(circuit).nets() == circuit.nets()


@every_circuit
def test_the_picture_names_everything(circuit: Circuit) -> None:
    texts = {element.text for element in _picture(circuit).iter(SVG + "text")}
    words = {word for text in texts if text for word in text.split()}
    for terminal in circuit.terminals:
        assert terminal.label in texts
        assert terminal.gpio is None or f"GPIO{terminal.gpio}" in words
        assert terminal.colour is None or terminal.colour in words
    for part in circuit.parts:
        assert part.name in words
    for resistor in circuit.resistors():
        assert {resistor.value, f"{resistor.name}  {resistor.value}"} & texts


@every_circuit
def test_the_picture_has_white_paper(circuit: Circuit) -> None:
    root = _picture(circuit)
    paper = root[1]
    width, height = _size(root)
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", paper.attrib["d"])]
    assert "fill:#ffffff" in paper.attrib["style"]
    assert (min(numbers[::2]), max(numbers[::2])) == (0, width)
    assert (min(numbers[1::2]), max(numbers[1::2])) == (-height, 0)


@every_circuit
def test_no_text_touches_another_or_the_border(circuit: Circuit) -> None:
    root = _picture(circuit)
    width, height = _size(root)
    boxes = {}
    for element in root.iter(SVG + "text"):
        text, size = element.text or "", float(element.attrib["font-size"])
        if not text:
            continue
        # Widest of the usual fonts (DejaVu Sans Bold): 0.7 of the size for a letter.
        length = len(text) * size * (0.7 if "font-weight" in element.attrib else 0.6)
        shift = {"start": 0, "middle": length / 2, "end": length}[element.attrib["text-anchor"]]
        left, base = float(element.attrib["x"]) - shift, float(element.attrib["y"])
        boxes[text, left, base] = (left, base - 0.75 * size, left + length, base + 0.2 * size)
    for (text, *_), (left, top, right, bottom) in boxes.items():
        assert left >= 0, text
        assert right <= width, text
        assert -height <= top, text
        assert bottom <= 0, text
    for (one, a), (other, b) in combinations(boxes.items(), 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, (one[0], other[0])


def test_there_is_no_other_picture() -> None:
    photographed = re.findall(r'"(home-assistant-[\w-]+\.png)"', PHOTOGRAPHER.read_text("utf-8"))
    drawn = [f"{name}.svg" for name in CIRCUITS]
    assert photographed
    assert {path.name for path in IMAGES.iterdir()} == {*drawn, *photographed}
