"""Starting and ending: symlinks, threads, files, and the command line."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from virtual_meter import FAULTS, MODELS, LinkError, RunningMeter, VirtualMeter
from virtual_meter_tests.helpers import SERIAL, SERIAL_601, Client, open_files


@pytest.fixture
def link(tmp_path: Path) -> Path:
    """Return a path for a symlink."""
    return tmp_path / "meter"


def test_nothing_is_left_behind(link: Path, connect: Callable[[str], Client]) -> None:
    """Neither threads nor files nor the symlink, though a reply was on its way."""
    files, threads = open_files(), threading.enumerate()
    for _ in range(20):
        with RunningMeter(VirtualMeter("601"), link=link) as running:
            assert running.port == str(link)
            assert len(threading.enumerate()) == len(threads) + 1
            client = Client(running.port)
            client.send(SERIAL)
            client.close()
        assert not link.is_symlink()
    assert threading.enumerate() == threads
    assert open_files() == files


def test_idle_meter_uses_no_processor_time() -> None:
    """It sleeps until a byte comes."""
    with RunningMeter(VirtualMeter("601")):
        before = time.process_time()
        time.sleep(0.5)
        assert time.process_time() - before < 0.1


def test_what_breaks_the_thread_comes_out() -> None:
    """A test whose callback fails does not pass."""

    def fail(exchange: object) -> None:
        raise RuntimeError(f"seen {type(exchange).__name__}")

    running = RunningMeter(VirtualMeter("601"), on_exchange=fail)
    client = Client(running.port)
    client.send(SERIAL)
    assert running.finished.wait(5)
    client.close()
    with pytest.raises(RuntimeError, match="seen Exchange"):
        running.close()


def test_stale_links_are_replaced(link: Path) -> None:
    """A dangling symlink, and one to some pseudo terminal."""
    link.symlink_to("/dev/pts/nothing-here")
    with RunningMeter(VirtualMeter("601"), link=link):
        assert link.exists()
    master, slave = os.openpty()
    link.symlink_to(os.ttyname(slave))
    with RunningMeter(VirtualMeter("601"), link=link):
        assert str(link.readlink()) != os.ttyname(slave)
    os.close(master)
    os.close(slave)
    assert not link.is_symlink()


def test_other_peoples_files_are_left_alone(link: Path, tmp_path: Path) -> None:
    """A file, a folder, a symlink to a file, a missing folder: all refused by name."""
    files = open_files()
    file = tmp_path / "file"
    file.write_text("precious")
    link.symlink_to(file)
    for path in (file, link, tmp_path, tmp_path / "none" / "meter"):
        with pytest.raises(LinkError, match=re.escape(str(path))):
            RunningMeter(VirtualMeter("601"), link=path)
    assert file.read_text() == "precious"
    assert link.readlink() == file
    assert open_files() == files


def test_a_link_taken_over_is_not_removed(link: Path) -> None:
    """The end of the first meter leaves the second one's symlink alone."""
    first = RunningMeter(VirtualMeter("601"), link=link)
    with RunningMeter(VirtualMeter("601"), link=link):
        first.close()
        assert link.exists()
    assert not link.is_symlink()


@contextlib.contextmanager
def command(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the command line, and end it whatever happens."""
    with subprocess.Popen(
        [sys.executable, "-m", "virtual_meter", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_line(
    environment: dict[str, str],
    link: Path,
    connect: Callable[[str], Client],
    number: signal.Signals,
) -> None:
    """It says where it answers, prints requests and replies, and ends cleanly."""
    arguments = ("--model", "601", "--link", str(link), "--delay-ms", "5", "--verbose")
    with command(environment, *arguments) as process:
        assert process.stdout
        assert process.stdout.readline().startswith(f"601 answers on {link} ")
        client = connect(str(link))
        assert client.ask(SERIAL) == SERIAL_601
        assert client.ask(bytes.fromhex("803F1001006209640D")).startswith(b"\x40\x3f\x10")
        client.send(SERIAL[:-2] + b"\0\r")
        lines = [process.stdout.readline() for _ in range(6)]
        process.send_signal(number)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")
    assert not link.is_symlink()
    assert lines[0] == f"request  {SERIAL.hex(' ').upper()}\n"
    assert lines[1] == f"reply    {SERIAL_601.hex(' ').upper()}\n"
    assert lines[3].endswith("  98=1231 (unit 50)\n")
    assert lines[5].startswith("silence  wrong CRC")


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    return subprocess.run(
        [sys.executable, "-m", "virtual_meter", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=20,
    )


def test_list_of_models(environment: dict[str, str]) -> None:
    """One line each, and the replay."""
    done = run(environment, "--list-models")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == [*MODELS, "vectors"]


def test_list_of_faults(environment: dict[str, str]) -> None:
    """One line each, with what it does and its parameter."""
    done = run(environment, "--list-faults")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(FAULTS)
    assert all(kind.description in line for kind, line in zip(FAULTS.values(), lines, strict=True))
    assert "[register: 96]" in lines[list(FAULTS).index("batch_refused")]


def test_command_line_with_faults(
    environment: dict[str, str], connect: Callable[[str], Client]
) -> None:
    """Several, and what they did is printed; --seed and --lenient are taken as well."""
    faults = ("--fault", "echo", "--fault", "silent:0", "--fault", "two_replies:1")
    arguments = ("--model", "601", "--verbose", *faults, "--seed", "7", "--lenient")
    with command(environment, *arguments) as process:
        assert process.stdout
        port = process.stdout.readline().split()[3]
        connect(port).send(SERIAL)
        lines = [process.stdout.readline() for _ in range(3)]
    sent = (SERIAL + 2 * SERIAL_601).hex(" ").upper()
    assert lines[1:] == [
        f"reply    {SERIAL_601.hex(' ').upper()}\n",
        f"fault    echo,two_replies: {sent}\n",
    ]


@pytest.mark.parametrize(
    ("argument", "value", "allowed"),
    [
        ("--model", "404", "403-kwh"),
        ("--delay-ms", "-1", "0 to 60000"),
        ("--delay-ms", "soon", "0 to 60000"),
        ("--speed", "0", "0.001 to 3600"),
        ("--speed", "nan", "0.001 to 3600"),
        ("--seed", "x", "int"),
        ("--fault", "sleepy", "silent, asleep"),
        ("--fault", "silent:2", "from 0 to 1"),
        ("--fault", "late:1:100", "seconds '100' of fault late is not a number from 0 to 60"),
        ("--link", "/dev/null", "not a symlink of a virtual meter"),
    ],
)
def test_wrong_arguments(
    environment: dict[str, str], argument: str, value: str, allowed: str
) -> None:
    """The message names the argument, the value and what is allowed."""
    done = run(environment, argument, value)
    assert (done.returncode, done.stdout) == (2, "")
    message = done.stderr.splitlines()[-1]
    assert argument in message
    assert value in message
    assert allowed in message
