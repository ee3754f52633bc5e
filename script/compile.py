"""Compile every example, and every key on every kind of chip, with the toolchains that users have.

Needs the internet: ESPHome downloads the toolchains, several GB. It prints flash and RAM of each
firmware, and fails if one does not compile or if the compiler warns about this component.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from examples.devices import CHECKOUT, KEY, esphome, make_home
from rich.console import Console
from rich.table import Table
from tables import EXAMPLES

ROOT = Path(__file__).resolve().parent.parent
COMPONENT = "components/multical/"
PYTHONS = {False: ROOT / ".venv/bin/python", True: ROOT / ".venv-oldest/bin/python"}

#: Chip -> (what the YAML says of it, TX and RX).
CHIPS = {
    "esp8266": ("esp8266:\n  board: d1_mini\n", 15, 13),
    "esp32": ("esp32:\n  variant: esp32\n", 17, 16),
    "esp32c3": ("esp32:\n  variant: esp32c3\n", 6, 7),
    "esp32c6": ("esp32:\n  variant: esp32c6\n", 18, 19),
    "esp32s3": ("esp32:\n  variant: esp32s3\n", 17, 18),
    "rp2040": ("rp2040:\n  board: rpipicow\n", 4, 5),
}

#: Came with ESPHome 2026.9.
OTA_ENCRYPTION = re.compile(r"^    encryption: # .*before ESPHome 2026\.9\n(?: {6}.*\n)*", re.M)

#: What a key of the newest ESPHome was called before: this one until 2026.7.
FORMER_KEYS = {re.compile(r"^rp2:", re.M): "rp2040:"}


def for_oldest(text: str) -> str:
    """Return a configuration as the oldest ESPHome that is supported takes it."""
    for key, former in FORMER_KEYS.items():
        text = key.sub(former, text)
    return OTA_ENCRYPTION.sub("", text)


def every_key(chip: str) -> str:
    """Return a device with this chip and every key there is."""
    board, tx_pin, rx_pin = CHIPS[chip]
    keys = (ROOT / "tests/integration/configs/every_key.yaml").read_text("utf-8")
    return (
        f"esphome:\n  name: every-key\n{board}"
        "logger:\n  baud_rate: 0\n"
        f"api:\n  encryption:\n    key: {KEY}\n"
        "wifi:\n  ssid: network\n  password: not-a-secret\n"
        "time:\n  - platform: homeassistant\n"
        f"external_components:\n  - source: {{type: local, path: {CHECKOUT}/components}}\n"
        f"uart:\n  id: meter_uart\n  tx_pin: {tx_pin}\n  rx_pin: {rx_pin}\n"
        "  baud_rate: 1200\n  stop_bits: 2\n"
        f"multical:\n{keys[keys.index(chr(10) + 'sensor:') :]}"
    )


def configurations() -> dict[str, str]:
    """Return all configurations, name -> YAML that works beside this repository."""
    here = {
        path.stem: path.read_text("utf-8").replace("../components", f"{CHECKOUT}/components")
        for path in EXAMPLES
    }
    return here | {f"every-key-{chip}": every_key(chip) for chip in CHIPS}


@dataclass(frozen=True)
class Outcome:
    """The result of a configuration.

    flash, ram: bytes used; None if the compiler did not say.
    warnings: those about this component.
    """

    name: str
    compiled: bool
    seconds: float
    flash: int | None
    ram: int | None
    warnings: list[str]

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.compiled and not self.warnings


def judge(name: str, output: str, compiled: bool, seconds: float) -> Outcome:
    """Return the result, from the output of `esphome compile`."""

    def used(what: str) -> int | None:
        found = re.findall(rf"^{what}: .*\(used (\d+) bytes", output, re.M)
        return int(found[-1]) if found else None

    ours = rf"^.*{re.escape(COMPONENT)}\S+: warning: .*$"
    warnings = list(dict.fromkeys(re.findall(ours, output, re.M)))
    return Outcome(name, compiled, seconds, used("Flash"), used("RAM"), warnings)


def _compile(name: str, text: str, python: Path, console: Console) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make_home(home)
        config = home / f"{name}.yaml"
        config.write_text(text, "utf-8")
        start = time.monotonic()
        result = esphome("compile", config, python)
    outcome = judge(name, result.stdout, result.returncode == 0, time.monotonic() - start)
    if not outcome.compiled:
        console.print(*result.stdout.splitlines()[-40:], sep="\n", markup=False)
    console.print(*outcome.warnings, sep="\n", markup=False, end="\n" if outcome.warnings else "")
    return outcome


def _table(outcomes: Iterable[Outcome], title: str) -> Table:
    table = Table("configuration", "flash", "RAM", "time", "", title=title)
    for outcome in outcomes:
        sizes = [f"{size:,}" if size else "not told" for size in (outcome.flash, outcome.ram)]
        state = "ok" if outcome.is_good else "warnings" if outcome.compiled else "failed"
        table.add_row(outcome.name, *sizes, f"{outcome.seconds:.0f} s", state)
    return table


def main() -> int:
    """Compile, and print the results."""
    everything = configurations()
    parser = argparse.ArgumentParser(prog="script/compile", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="configurations; default: all")
    parser.add_argument("--list", action="store_true", help="only print all names, as JSON")
    parser.add_argument(
        "--oldest", action="store_true", help="with the oldest ESPHome that is supported"
    )
    parser.add_argument(
        "--github", action="store_true", help="with --list: as output of a step of GitHub's CI"
    )
    options = parser.parse_args()
    if options.list:
        names = json.dumps(list(everything))
        if options.github:
            with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as output:
                output.write(f"names={names}\n")
        print(names)
        return 0
    if unknown := sorted({*options.names} - {*everything}):
        parser.error(f"no configuration {', '.join(unknown)}; there are: {', '.join(everything)}")
    if options.oldest:
        subprocess.run([ROOT / "script/setup", "--quiet", "--oldest"], check=True)
    console = Console()
    outcomes = []
    for name in options.names or everything:
        text = everything[name]
        if options.oldest:
            text = for_oldest(text)
        with console.status(name):
            outcomes.append(_compile(name, text, PYTHONS[options.oldest], console))
    console.print(_table(outcomes, "oldest ESPHome" if options.oldest else "ESPHome"))
    return int(not all(outcome.is_good for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
