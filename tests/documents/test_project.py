"""What belongs to the project but to no page: the workflow, the issue forms, the changelog."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import compile as compile_script
import pytest
import yaml

from .commands import complaint_about
from .pages import ROOT, link_statuses

WORKFLOW: dict[str, Any] = yaml.safe_load(
    (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
)
FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"
CONFIGURATIONS = compile_script.configurations()
VALUES = {"matrix.name": "demo", "matrix.version": "--oldest"}


def _lines() -> list[str]:
    steps = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
    lines = [line for step in steps for line in step.get("run", "").splitlines()]
    return [re.sub(r"\$\{\{ (.+?) \}\}", lambda found: VALUES[found[1]], line) for line in lines]


@pytest.mark.parametrize("line", sorted({*_lines()}))
def test_workflow_runs_scripts_of_this_repository(line: str) -> None:
    assert line.startswith("script/")
    assert complaint_about(line) == ""


def test_workflow_does_what_the_ci_here_does() -> None:
    here = (ROOT / ".ci" / "run").read_text("utf-8")
    scripts = set(re.findall(r"^script/[\w-]+", here, re.M))
    assert scripts <= {line.split()[0] for line in _lines()}


@pytest.mark.parametrize("name", ["bug.yml", "meter.yml"])
def test_forms_have_what_github_needs(name: str) -> None:
    form = yaml.safe_load((FORMS / name).read_text("utf-8"))
    assert {"name", "description", "body"} <= form.keys()
    asked = [part for part in form["body"] if part["type"] != "markdown"]
    assert all(part["attributes"]["label"] for part in asked)
    assert len({part["id"] for part in asked}) == len(asked) > 3


def test_form_for_bugs_has_every_status() -> None:
    form = yaml.safe_load((FORMS / "bug.yml").read_text("utf-8"))
    (offered,) = [part for part in form["body"] if part.get("id") == "status"]
    statuses = link_statuses()
    assert len(statuses) > 5
    assert set(offered["attributes"]["options"][:-1]) == set(statuses)


def test_changelog_has_the_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    versions = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert versions[:2] == ["Unreleased", project["version"]]


# script/compile, whose toolchains are not installed here

BUILT = """\
src/esphome/core/log.h:12:3: warning: not ours [-Wunused]
{ours}RAM:   [====      ]  41.9% (used 34356 bytes from 81920 bytes)
Flash: [===       ]  38.9% (used 406000 bytes from 1044464 bytes)
"""
OURS = "src/esphome/components/multical/asker_turns.cpp:9:1: warning: unused 'a' [-Wunused]"


def test_sizes_are_read() -> None:
    outcome = compile_script.judge("d1", BUILT.format(ours=""), compiled=True, seconds=1)
    assert (outcome.flash, outcome.ram) == (406000, 34356)
    assert outcome.is_good


def test_oldest_esphome_gets_what_it_knows() -> None:
    known = {name: compile_script.for_oldest(text) for name, text in CONFIGURATIONS.items()}
    assert "\nrp2:" in CONFIGURATIONS["pico-w-optical"]
    assert "\nrp2040:" in known["pico-w-optical"]
    for name, text in known.items():
        ota = re.search(r"^ota:\n(?:  .*\n)+", text, re.M)
        assert not ota or ota[0] == "ota:\n  - platform: esphome\n", name
        assert not re.search(r"^rp2:", text, re.M)


def test_a_warning_of_ours_is_bad() -> None:
    output = BUILT.format(ours=f"{OURS}\n{OURS}\n")
    outcome = compile_script.judge("d1", output, compiled=True, seconds=1)
    assert outcome.warnings == [OURS]
    assert not outcome.is_good


def test_what_did_not_compile_is_bad() -> None:
    assert not compile_script.judge("d1", "", compiled=False, seconds=1).is_good


def test_no_test_imports_another() -> None:
    """What two of them need has its own file, so that a test can be changed on its own."""
    files = [path for top in ("tests", "lab") for path in (ROOT / top).rglob("test_*.py")]
    assert len(files) > 50
    importing = re.compile(r"^\s*(?:from|import) +[\w.]*\btest_", re.MULTILINE)
    assert [path for path in files if importing.search(path.read_text("utf-8"))] == []
