"""Commands that a page or a workflow says to run, and whether they can be run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess

from .pages import ROOT

SCRIPTS = {path.name for path in (ROOT / "script").iterdir() if not path.suffix}

#: Programs from elsewhere, and what a page may tell the reader to do with them.
OTHERS = re.compile(
    r"esphome (run|logs|config|compile) [\w-]+\.yaml( --device 127\.0\.0\.1)?"
    r"|sudo (apt|usermod|install|systemctl|udevadm|cp|sh) .*"
    r"|mkdir [\w-]+ && cd [\w-]+|ls -l /dev/[\w-]+|journalctl -fu [\w-]+"
    r"|docker compose (up -d|restart \w+|run --rm \w+ \w+ .*)|cp \.env\.example \.env"
    r"|git diff|python3 -m venv [\w-]+|\. [\w-]+/bin/activate|pip install .*|openssl rand .*"
)


def shown_in_a_terminal(text: str) -> list[str]:
    """Return the commands of the blocks that show a terminal."""
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.M | re.S)
    return [line[2:] for block in blocks for line in block.splitlines() if line[:2] == "$ "]


def commands_of(text: str) -> list[str]:
    """Return every command of a page, wherever it is."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    spans = [re.sub(r"\s+", " ", span) for span in re.findall(r"(?<!`)`(?!`)([^`]+)`", prose)]
    mine = [span for span in spans if re.match(r"script/[\w-]+( |$)", span)]
    other = [span for span in spans if re.match(r"(esphome|sudo|python3|pip|\.) [\w-]+ ", span)]
    return shown_in_a_terminal(text) + mine + other


def complaint_about(command: str) -> str:
    """Return what is wrong with a command; empty if it can be run as it is."""
    words = shlex.split(command.split("|")[0])
    program, *arguments = words[: words.index(">")] if ">" in words else words
    if not program.startswith("script/"):
        return "" if OTHERS.fullmatch(command.split(" |")[0]) else "not known"
    script = ROOT / program
    if script.name not in SCRIPTS or not os.access(script, os.X_OK):
        return "no such script"
    if script.name.startswith("test"):
        missing = [name for name in arguments if "/" in name and not (ROOT / name).exists()]
        return f"no {missing}" if missing else ""
    if arguments == ["--help"]:  # tests/scripts runs this for every script; it hides complaints.
        return ""
    # A script that complains only about the last argument would have run without it.
    last = "--no-such-option"
    result = subprocess.run(
        [script, *arguments, last],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    complaint = re.search(rf"arguments?:? '?{last}", result.stderr)
    return "" if result.returncode == 2 and complaint else result.stderr or "no complaint"
