"""Spoiled places in one build: each acts alone, and nothing is spoiled where none is chosen."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import one_build
import pytest

#: A line of each kind, spoiled, and what the program below prints then.
LINES = {
    "  int a = 1 + 1;": ("  int a = 1 - 1;", "0 1 3 7"),
    "  if (a == 2) {": ("  if (a != 2) {", "2 1 3 7"),
    "    b = 2;  // five": ("    b = 3;  // five", "2 3 3 7"),
    "  for (int i = 0; i < 3; i++)": ("  for (int i = 0; i <= 3; i++)", "2 2 4 7"),
    "    c++;": ("    c--;", "2 2 -3 7"),
    "  int d() const { return 7; }": ("  int d() const { return 8; }", "2 2 3 8"),
}
PROGRAM = """
#include <cstdio>
struct D {{
{5}
}};
int main() {{
{0}
  int b = 1;
{1}
{2}
  }}
  int c = 0;
{3}
{4}
  std::printf("%d %d %d %d", a, b, c, D().d());
}}
"""
RIGHT = "2 2 3 7"


def test_each_place_acts_alone(tmp_path: Path) -> None:
    lines = [
        one_build.with_choice(line, {number: new, number + 10: new})
        for number, (line, (new, _)) in enumerate(LINES.items(), 1)
    ]
    assert None not in lines
    folder = tmp_path / "esphome/components/multical"
    folder.mkdir(parents=True)
    (folder / one_build.HEADER_NAME).write_text(one_build.HEADER)
    source = tmp_path / "program.cpp"
    source.write_text(f"{one_build.INCLUDE}\n{PROGRAM.format(*lines)}")
    command = ["g++", "-std=gnu++20", f"-I{tmp_path}", "-o", f"{tmp_path}/program", f"{source}"]
    subprocess.run(command, check=True)

    def shown(number: int) -> str:
        environment = os.environ | {one_build.CHOICE: str(number)}
        program = [tmp_path / "program"]
        done = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    assert shown(0) == RIGHT
    for number, (_, output) in enumerate(LINES.values(), 1):
        assert shown(number) == shown(number + 10) == output


@pytest.mark.parametrize(
    ("line", "new"),
    [
        # A part of a longer expression; a name that is declared; a label.
        ("  if (a == b &&", "  if (a != b &&"),
        ("  int a[2] = {1, 2};", "  int a[3] = {1, 2};"),
        ("    case 1:", "    case 2:"),
        ("  char text[5];", "  char text[6];"),
        ("  const uint8_t a = b;", "  const uint9_t a = b;"),
    ],
)
def test_what_has_no_choice(line: str, new: str) -> None:
    assert one_build.with_choice(line, {1: new}) is None


def test_broken_lines() -> None:
    log = "src/multical/a.cpp:12:3: error: x\nsrc/b.h:4:1: warning: y\n/long/c.h:5:9: error: z\n"
    assert one_build.broken_lines(log) == {("a.cpp", 12), ("c.h", 5)}
