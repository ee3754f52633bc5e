"""What the tests of the processors share."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet
from components.devices import EVERYTHING
from components.harness import Workbench, device

from .toolchain import ROOT, TARGETS, Object, Target

#: How many compilers run at once.
JOBS = 2


#: The ESPHome that generates: the one of pyproject.toml, and the oldest that is supported.
PYTHONS = {"pinned": Path(sys.executable), "oldest": ROOT / ".venv-oldest" / "bin" / "python"}


class Compiled:
    """All sources of the component, compiled for one processor. objects: by their paths."""

    def __init__(
        self, target: Target, folder: Path, body: str, python: Path = PYTHONS["pinned"]
    ) -> None:
        """Generate a device with this body, and compile it."""
        generated = Workbench(folder, python).generate(device(body, target.platform))
        self.target = target
        self.tree = generated.folder / "src"
        component = "esphome/components/multical"
        sources = sorted(name for name in generated.sources if name.endswith(".cpp"))
        with ThreadPoolExecutor(JOBS) as pool:
            compiled = pool.map(
                lambda name: target.compile(self.tree, f"{component}/{name}"), sources
            )
            self.objects: dict[str, Object] = dict(zip(sources, compiled, strict=True))


def grouped(names: Iterable[str]) -> list[ParameterSet]:
    """Return parameters that have one process each, so that nothing compiles twice."""
    return [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in names]


@pytest.fixture(scope="session", params=grouped(TARGETS))
def target(request: pytest.FixtureRequest) -> Target:
    """Each processor whose compiler is installed."""
    found = TARGETS[request.param]
    if found.missing:
        pytest.skip(found.missing)
    return found


def _compile(version: str, target: Target, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    folder = tmp_path_factory.mktemp(f"{target.name}-{version}")
    return Compiled(target, folder, EVERYTHING, PYTHONS[version])


@pytest.fixture(scope="session")
def everything(target: Target, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The component with every key there is."""
    return _compile("pinned", target, tmp_path_factory)


@pytest.fixture(scope="session")
def everything_oldest(target: Target, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The same with the oldest ESPHome."""
    if not PYTHONS["oldest"].exists():
        pytest.skip("no .venv-oldest: script/setup --oldest makes it")
    return _compile("oldest", target, tmp_path_factory)
