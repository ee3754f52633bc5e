"""Have ESPHome validate a device's YAML and generate its code.

Both run in this process, in a few milliseconds, so every refusal can have its own test. Tests of
what is compiled, and of the terminal's output, use the real command line.
"""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from esphome import __main__ as command_line
from esphome import config as esphome_config
from esphome import loader
from esphome.const import __version__
from esphome.core import CORE

#: ESPHome's year and month: these tests also run with the oldest supported version.
ESPHOME = tuple(map(int, __version__.split(".")[:2]))

ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = ROOT / "components"

ESPS = ("esp8266", "esp32", "esp32c3")
TARGETS = {
    "esp8266": "esp8266:\n  board: d1_mini\n",
    "esp32": "esp32:\n  variant: esp32\n  framework:\n    type: esp-idf\n",
    "esp32c3": "esp32:\n  variant: esp32c3\n  framework:\n    type: esp-idf\n",
    "host": "host:\n",
}

#: What a UART needs to reach the outside, by target.
_ESP_PINS = "tx_pin: GPIO5, rx_pin: GPIO4"
PINS = dict.fromkeys(TARGETS, _ESP_PINS) | {"host": "port: /dev/ttyUSB0"}

#: More UARTs, for more meters; no two share a pin.
MORE_PINS = {
    "esp8266": ("tx_pin: GPIO12, rx_pin: GPIO13", "tx_pin: GPIO14, rx_pin: GPIO2"),
    "esp32": ("tx_pin: GPIO18, rx_pin: GPIO19", "tx_pin: GPIO21, rx_pin: GPIO22"),
    "esp32c3": ("tx_pin: GPIO6, rx_pin: GPIO7", "tx_pin: GPIO0, rx_pin: GPIO1"),
    "host": ("port: /dev/ttyUSB1", "port: /dev/ttyUSB2"),
}


def uart(target: str = "esp8266", settings: str = "baud_rate: 1200, stop_bits: 2") -> str:
    """Return the YAML of a UART that a meter can be on."""
    return f"uart:\n  - {{id: meter_uart, {PINS[target]}, {settings}}}\n"


def uarts(target: str = "esp8266") -> str:
    """Return the YAML of three UARTs: meter_uart, uart_2 and uart_3."""
    more = [
        f"  - {{id: uart_{number}, {pins}, baud_rate: 1200, stop_bits: 2}}\n"
        for number, pins in enumerate(MORE_PINS[target], start=2)
    ]
    return uart(target) + "".join(more)


def device(body: str, target: str = "esp8266", bus: str | None = None) -> str:
    """Return the YAML of a device: what every device has, its UART (or `bus`), then `body`."""
    external = (
        "external_components:\n"
        f"  - source: {{type: local, path: '{COMPONENTS}'}}\n"
        "    components: [multical]\n"
    )
    head = f"esphome:\n  name: device\n{TARGETS[target]}logger:\n{external}"
    return head + (uart(target) if bus is None else bus) + textwrap.dedent(body)


def block(platform: str, key: str, options: str = "name: A") -> str:
    """Return the YAML of a platform with one entity. A nested key is written with a dot."""
    entity = f"{{{options}}}"
    for step in reversed(key.split(".")[1:]):
        entity = f"{{{step}: {entity}}}"
    return f"{platform}:\n  - platform: multical\n    {key.split('.')[0]}: {entity}\n"


@dataclass(frozen=True)
class Problem:
    """Something that ESPHome refuses.

    path: where, for example "sensor.0.power.update_interval".
    message: what the user reads.
    """

    path: str
    message: str


@dataclass(frozen=True)
class Code:
    """The result of a configuration.

    config: the validated configuration. main: main.cpp without comments, which repeat the YAML.
    """

    config: esphome_config.Config
    main: str
    defines: dict[str, str]

    @property
    def own_defines(self) -> dict[str, str]:
        """Those of this component."""
        return {name: value for name, value in self.defines.items() if "MULTICAL" in name}

    def constructed(self, id_: str) -> str:
        """Return class and arguments that an object is made with, without the namespace."""
        found = re.findall(rf"new\({id_}\) multical::(.+);", self.main)
        assert len(found) == 1, f"{id_}: {found}"
        return found[0].replace("multical::", "")

    @property
    def variables(self) -> list[str]:
        """The names of all objects, each as often as it is declared."""
        return re.findall(r"^static \S+ \*const (\w+) =", self.main, flags=re.MULTILINE)

    @property
    def made(self) -> list[str]:
        """The names of all objects, each as often as setup() makes it."""
        return re.findall(r"^ *new\((\w+)\)", self.main, flags=re.MULTILINE)

    def calls(self, id_: str) -> list[str]:
        """Return the methods that setup() calls on an object, with their arguments, in order."""
        return re.findall(rf"^ *{id_}->(.+);", self.main, flags=re.MULTILINE)


@dataclass(frozen=True)
class Generated:
    """The files of a device, all in one folder."""

    folder: Path

    @property
    def sources(self) -> set[str]:
        """The component's files that are compiled."""
        folder = self.folder / "src/esphome/components/multical"
        return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


class Workbench:
    """Validates and generates in a folder of its own."""

    def __init__(self, folder: Path, python: str | Path = sys.executable) -> None:
        """Keep all files in `folder`. python: the one whose ESPHome generates the code."""
        self._folder = folder
        self._file = folder / "device.yaml"
        self._python = python

    def accept(self, text: str) -> esphome_config.Config:
        """Return the validated configuration. Fails if anything is refused or deprecated."""
        with self._accepted(text) as config:
            return config

    def refuse(self, text: str) -> list[Problem]:
        """Return what is refused. Fails if nothing is."""
        with self._validated(text) as config:
            problems = _problems(config)
        assert problems, "accepted"
        return problems

    def refuse_once(self, text: str) -> Problem:
        """Return the only thing that is refused."""
        problems = self.refuse(text)
        assert len(problems) == 1, problems
        return problems[0]

    def run(self, text: str, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run an `esphome` command; merge its two outputs, without colours."""
        self._file.write_text(text, "utf-8")
        result = subprocess.run(
            [self._python, "-m", "esphome", command, *options, self._file.name],
            cwd=self._folder,
            env=os.environ
            | {"ESPHOME_DATA_DIR": str(self._folder / "data"), "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        result.stdout = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout)
        return result

    def code(self, text: str) -> Code:
        """Generate the code without writing anything."""
        with self._accepted(text) as config:
            CORE.config = config
            command_line.generate_cpp_contents(config)
            main = f"{CORE.cpp_global_section}\n{CORE.cpp_main_section}"
            values = {define.name: define.value for define in CORE.defines}
        return Code(
            config,
            re.sub(r"^\s*//.*\n", "", main, flags=re.MULTILINE),
            {name: "" if value is None else str(value) for name, value in values.items()},
        )

    def generate(self, text: str) -> Generated:
        """Write all files that a compiler would get."""
        result = self.run(text, "compile", "--only-generate")
        assert result.returncode == 0, result.stdout
        assert_nothing_deprecated(result.stdout.splitlines())
        return Generated(self._folder / "data" / "build" / "device")

    @contextmanager
    def _accepted(self, text: str) -> Iterator[esphome_config.Config]:
        with _logged() as messages, self._validated(text) as config:
            assert _problems(config) == []
            yield config
        assert_nothing_deprecated(messages)

    @contextmanager
    def _validated(self, text: str) -> Iterator[esphome_config.Config]:
        """Validate as `esphome config` does, and leave nothing behind in ESPHome's globals.

        The component's module stays loaded: importing it again would register its actions twice.
        """
        self._file.write_text(text, "utf-8")
        CORE.reset()
        CORE.config_path = self._file
        try:
            yield esphome_config.load_config({})
        finally:
            CORE.reset()
            loader.clear_component_meta_finders()


@contextmanager
def _logged() -> Iterator[list[str]]:
    """Collect what ESPHome logs."""
    messages: list[str] = []

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    handler = Collecting(logging.WARNING)
    logger = logging.getLogger()
    logger.addHandler(handler)
    try:
        yield messages
    finally:
        logger.removeHandler(handler)


def assert_nothing_deprecated(messages: Iterable[str]) -> None:
    """Fail if ESPHome says that something will stop working."""
    deprecated = [message for message in messages if "deprecat" in message.lower()]
    assert not deprecated, deprecated


def _problems(config: esphome_config.Config) -> list[Problem]:
    return [
        Problem(
            ".".join(map(str, error.path)),
            # The text that the terminal shows; the error itself may contain less or more.
            esphome_config._format_vol_invalid(error, config),
        )
        for error in config.errors
    ]
