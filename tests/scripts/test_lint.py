"""script/lint needs no git, and fails rather than check nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from .machine import Machine

GITHUB = (
    ".github/workflows/ci.yml",
    ".github/ISSUE_TEMPLATE/config.yml",
    ".github/ISSUE_TEMPLATE/bug.yml",
)
BAD_PYTHON = "import os\n"
BAD_CPP = "int  f( ) ;\n"


@pytest.fixture
def project(tmp_path: Path) -> Machine:
    """A project without git and with nothing to find fault with."""
    machine = Machine(tmp_path, "script/lint", ".clang-format", *GITHUB)
    machine.use_venv()
    machine.write("script/generate.py", '"""Does nothing."""\n')
    machine.write("components/multical/a.cpp", "int f();\n")
    machine.write("components/multical/__init__.py", '"""Empty."""\n')
    machine.write("lab/two.py", '"""Empty."""\n')
    machine.write("tests/one.py", '"""Empty."""\n')
    machine.write("tests/kmp/a.h", "int g();\n")
    return machine


def test_good_project_passes(project: Machine) -> None:
    result = project.run("script/lint")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("tests/a b.py", BAD_PYTHON, "F401"),
        ("components/multical/sensor/new.cpp", BAD_CPP, "clang-format-violations"),
        ("new.h", BAD_CPP, "clang-format-violations"),
    ],
)
def test_fault_is_found_and_mended(project: Machine, name: str, text: str, said: str) -> None:
    project.write(name, '"""One."""\n\n' * name.endswith(".py") + text)
    result = project.run("script/lint")
    assert result.returncode == 1
    assert said in result.stdout + result.stderr
    assert project.run("script/lint", "--fix").returncode == 0
    assert project.run("script/lint").returncode == 0


@pytest.mark.parametrize(
    "folder", [".venv-oldest", ".cache/firmware", "tests/.esphome", "esphome-venv/lib"]
)
def test_what_is_not_ours_is_left_alone(project: Machine, folder: str) -> None:
    project.write(f"{folder}/a.py", BAD_PYTHON)
    project.write(f"{folder}/a.cpp", BAD_CPP)
    assert project.run("script/lint").returncode == 0
    assert project.run("script/lint", "--fix").returncode == 0
    assert (project.folder / folder / "a.py").read_text() == BAD_PYTHON
    assert (project.folder / folder / "a.cpp").read_text() == BAD_CPP


@pytest.mark.parametrize("lost", ["*.py", "*.[hc]*"])
def test_nothing_to_check_is_a_failure(project: Machine, lost: str) -> None:
    for folder in ("script", "components", "lab", "tests"):
        for path in (project.folder / folder).rglob(lost):
            path.unlink()
    result = project.run("script/lint")
    assert result.returncode == 1
    assert result.stderr.startswith("script/lint: no Python or no C++ found in ")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("tests/a.py", '"""One."""\n\na: int = "one"\n', "Incompatible types"),
        (".github/ISSUE_TEMPLATE/new.yml", "name: A form\n", "required property"),
        (".github/workflows/new.yml", "jobs: {}\n", "required property"),
    ],
)
def test_what_cannot_be_mended_is_found(project: Machine, name: str, text: str, said: str) -> None:
    project.write(name, text)
    result = project.run("script/lint")
    assert result.returncode != 0
    assert said in result.stdout + result.stderr


def test_stale_table_is_found(project: Machine) -> None:
    code = '"""Finds something."""\n\nimport sys\n\nsys.exit("--check" in sys.argv)\n'
    project.write("script/generate.py", code)
    assert project.run("script/lint").returncode == 1
