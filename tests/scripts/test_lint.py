"""script/lint needs no git, and fails rather than checking nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from .machine import Machine

GITHUB = (
    ".github/workflows/ci.yml",
    ".github/ISSUE_TEMPLATE/config.yml",
    ".github/ISSUE_TEMPLATE/bug.yml",
)
BAD_PYTHON = '"""One."""\n\nimport os\n'
BAD_CPP = "int  f( ) ;\n"


@pytest.fixture
def project(tmp_path: Path) -> Machine:
    """A project without git and without any mistakes."""
    machine = Machine(tmp_path, "script/lint", ".clang-format", *GITHUB)
    machine.use_venv()
    machine.write("script/generate.py", '"""Does nothing."""\n')
    machine.write("components/multical/a.cpp", "int f();\n")
    for name in ("components/multical/__init__.py", "lab/two.py", "tests/one.py"):
        machine.write(name, '"""Empty."""\n')
    return machine


@pytest.mark.parametrize(
    ("name", "text", "said", "can_be_fixed"),
    [
        ("tests/a b.py", BAD_PYTHON, "F401", True),
        ("components/multical/sensor/new.cpp", BAD_CPP, "clang-format-violations", True),
        ("new.h", BAD_CPP, "clang-format-violations", True),
        ("tests/a.py", '"""One."""\n\na: int = "one"\n', "Incompatible types", False),
        (".github/ISSUE_TEMPLATE/new.yml", "name: A form\n", "required property", False),
        (".github/workflows/new.yml", "jobs: {}\n", "required property", False),
        ("script/generate.py", '"""One."""\n\nraise SystemExit("stale")\n', "stale", False),
    ],
)
def test_fault_is_found(
    project: Machine, name: str, text: str, said: str, can_be_fixed: bool
) -> None:
    project.write(name, text)
    result = project.run("script/lint")
    assert result.returncode != 0
    assert said in result.stdout + result.stderr
    if can_be_fixed:
        assert project.run("script/lint", "--fix").returncode == 0
        result = project.run("script/lint")
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_other_peoples_files_are_left_alone(project: Machine) -> None:
    folders = (".venv-oldest", ".cache/firmware", "tests/.esphome", "esphome-venv/lib")
    bad = {f"{folder}/a.py": BAD_PYTHON for folder in folders}
    bad |= {f"{folder}/a.cpp": BAD_CPP for folder in folders}
    for name, text in bad.items():
        project.write(name, text)
    assert project.run("script/lint").returncode == 0
    assert project.run("script/lint", "--fix").returncode == 0
    assert {name: (project.folder / name).read_text() for name in bad} == bad


@pytest.mark.parametrize("lost", ["*.py", "*.[hc]*"])
def test_nothing_to_check_is_a_failure(project: Machine, lost: str) -> None:
    for folder in ("script", "components", "lab", "tests"):
        for path in (project.folder / folder).rglob(lost):
            path.unlink()
    result = project.run("script/lint")
    assert result.returncode == 1
    assert result.stderr.startswith("script/lint: no Python or no C++ found in ")
