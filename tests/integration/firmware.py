"""Compile an ESPHome configuration for this machine, and run it.

The firmware is the real one: ESPHome's `host:` platform builds the same C++ as for an ESP, with the
PC's compiler.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = ROOT / "components"
CACHE = ROOT / ".cache" / "firmware"
SOURCES = (".py", ".h", ".cpp", ".yaml")


class CompileError(Exception):
    """ESPHome refused the configuration or the compiler the code; the text is what they printed."""


class InUseError(Exception):
    """The same firmware is already running; two would share their ports."""


@dataclass(frozen=True)
class Firmware:
    """One configuration to compile.

    config: the YAML file. It may use the substitutions `api_port` and `meter_port`, and
    `meter_port_2` for a second meter; they get values that no other checkout of the project
    uses, so that two can run side by side.
    name: as `esphome: name:` in the YAML.
    instance: distinguishes firmwares of the same name that run at the same time.
    included: other folders from which the configuration includes files, besides its own.
    runner: distinguishes those who run the same program at the same time. The program then has to
    take its ports from the environment, as configs/device.yaml does.
    """

    config: Path
    name: str
    instance: str = ""
    included: tuple[Path, ...] = ()
    runner: str = ""

    @property
    def _checksum(self) -> int:
        return int(hashlib.sha256(f"{self.own_folder}".encode()).hexdigest(), 16)

    @property
    def api_port(self) -> int:
        """The TCP port of the native API, on the loopback address."""
        return 20000 + self._checksum % 20000

    def meter_port(self, number: int = 1) -> Path:
        """Return the path that the firmware opens as its UART.

        ESPHome's host UART takes a path of exactly two parts.
        """
        return Path("/tmp") / f"multical-{self._checksum % 16**8:08x}-{number}"

    @property
    def folder(self) -> Path:
        """Where this firmware is compiled."""
        return CACHE / f"{self.name}{self.instance and '-'}{self.instance}"

    @property
    def own_folder(self) -> Path:
        """Where everything from its runs is kept."""
        return self.folder / f"run{self.runner and '-'}{self.runner}"

    @property
    def program(self) -> Path:
        """The compiled program."""
        return self.folder / "build" / self.name / ".pioenvs" / self.name / "program"

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """Reserve its ports for this process.

        Raises InUseError.
        """
        self.own_folder.mkdir(parents=True, exist_ok=True)
        with (self.own_folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise InUseError(f"{self.folder.name} is in use by another process") from error
            yield

    def is_compiled(self) -> bool:
        """Tell whether the program exists and none of its sources has changed."""
        stamp = self.folder / "compiled-from"
        return self.program.exists() and stamp.exists() and stamp.read_text() == self._inputs()

    def compile(self) -> None:
        """Compile, unless it is compiled already; one process does it for all.

        Raises CompileError.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "compile.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.is_compiled():
                self._compile()

    def _compile(self) -> None:
        inputs = self._inputs()
        substitutions = {
            "api_port": str(self.api_port),
            "meter_port": str(self.meter_port()),
            "meter_port_2": str(self.meter_port(2)),
        }
        command = [sys.executable, "-m", "esphome"]
        for key, value in substitutions.items():
            command += ["-s", key, value]
        command += ["compile", str(self.config)]
        result = subprocess.run(
            command,
            env=os.environ | {"ESPHOME_DATA_DIR": str(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        (self.folder / "compile.log").write_text(result.stdout)
        if result.returncode != 0:
            raise CompileError(result.stdout)
        (self.folder / "compiled-from").write_text(inputs)

    def _inputs(self) -> str:
        files = [self.config, ROOT / "pyproject.toml"]
        for folder in (COMPONENTS, self.config.parent, *self.included):
            files += (path for path in folder.rglob("*") if path.suffix in SOURCES)
        digest = hashlib.sha256()
        for path in sorted(set(files)):
            digest.update(f"{path}\0".encode() + path.read_bytes())
        return digest.hexdigest()


class RunningFirmware:
    """A firmware while it runs, as a context manager.

    log: the file with everything that it has printed.
    """

    def __init__(self, firmware: Firmware, *, is_restart: bool = False) -> None:
        """Prepare to run a compiled firmware.

        is_restart: with the preferences that the last run has left.
        """
        self.firmware = firmware
        self._is_restart = is_restart
        self.log = firmware.own_folder / "run.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it and wait until its native API listens.

        Raises InUseError if somebody else listens there: one that was left behind.
        """
        if self._listens():
            raise InUseError(f"port {self.firmware.api_port} is in use by another process")
        home = self.firmware.own_folder / "home"
        if not self._is_restart:
            shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [self.firmware.program],
                env=os.environ
                | {
                    "HOME": str(home),
                    "API_PORT": str(self.firmware.api_port),
                    "METER_PORT": str(self.firmware.meter_port()),
                    "METER_PORT_2": str(self.firmware.meter_port(2)),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait_for_api()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    @property
    def pid(self) -> int:
        """The process number."""
        assert self._process is not None
        return self._process.pid

    def text(self) -> str:
        """Return what it has logged so far."""
        return self.log.read_text("utf-8", errors="replace")

    def wait_for_log(self, text: str, seconds: float, count: int = 1) -> None:
        """Wait until something was logged this often.

        Raises TimeoutError.
        """
        deadline = time.monotonic() + seconds
        while self.text().count(text) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"not logged {count} times in {seconds} s: {text}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it, and wait until it is gone."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.firmware.api_port)) == 0

    def _wait_for_api(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"the firmware ended at once:\n{self.text()}")
            if self._listens():
                return
            time.sleep(0.05)
        raise TimeoutError(f"the firmware's native API does not answer:\n{self.text()}")
