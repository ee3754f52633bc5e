"""What Home Assistant refuses is an error of the test that asked for it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from .connection import RefusedError
from .core import HomeAssistant
from .house import House
from .installation import Installation, MissingError


def test_a_device_that_is_not_there_is_not_added(the_house: House) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(RuntimeError, match="not added"):
            the_house.home.add_device(nobody.getsockname()[1])


def test_a_command_that_it_does_not_know(the_house: House) -> None:
    with pytest.raises(RefusedError, match="no/such"):
        the_house.home.connection.ask("no/such")


def test_one_that_does_not_start_shows_its_output_and_leaves_nothing(tmp_path: Path) -> None:
    program = tmp_path / "venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho it is broken\nexit 1\n")
    program.chmod(0o755)
    home = HomeAssistant(Installation(tmp_path, debian=False), tmp_path / "config")
    with pytest.raises(MissingError, match="does not start:\nit is broken"):
        home.__enter__()
    assert not home.folder.exists()
