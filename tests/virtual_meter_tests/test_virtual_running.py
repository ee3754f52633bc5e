"""A meter behind a real serial port: its time, its end, and faults while somebody is connected."""

import os
import threading
import time
from pathlib import Path

import pytest
from virtual_meter import Answer, RunningMeter, VirtualMeter
from virtual_meter_tests.helpers import SERIAL, SERIAL_601, Client, ask, connected


@pytest.fixture
def link(tmp_path: Path) -> Path:
    """Return a path for a symlink."""
    return tmp_path / "meter"


def open_files() -> set[str]:
    """Return the numbers of this process's open files."""
    return {path.name for path in Path("/dev/fd").iterdir()}


def assert_gone(client: Client) -> None:
    """The other end has gone away: nothing can be written, and nothing comes."""
    with pytest.raises(OSError, match="Input/output"):
        client.send(SERIAL)
    with pytest.raises(ConnectionError, match="hung up"):
        client.read(1)


def test_time() -> None:
    """A real client sees bytes come one by one, neither early nor much too late."""
    request = ask(60, 68, 86, 87)
    with (
        RunningMeter(VirtualMeter("403-kwh", delay=0.25)) as running,
        connected(running.port) as client,
    ):
        begin = time.monotonic()
        client.send(request)
        times = [moment for moment, _ in client.read(1.5)]
    (exchange,) = running.exchanges
    assert exchange.reply
    assert len(times) == len(exchange.reply) > 40
    quiet = len(request) * 0.0091 + 0.25
    assert quiet + 0.0091 <= times[0] - begin < 3 * quiet + 0.2
    whole = len(times) * 0.0091
    assert whole <= times[-1] - (begin + quiet) < 3 * whole
    assert len(set(times)) > len(times) // 2
    assert exchange.request_start >= begin
    assert exchange.reply_end is not None
    assert exchange.reply_end <= times[-1]


def test_faults_are_switched_while_somebody_is_connected(link: Path) -> None:
    """Each is there at the next request; a port that was pulled comes back with the next fault."""
    with RunningMeter(VirtualMeter("601"), link=link, faults=["echo_only"]) as running:
        with connected(running.port) as client:
            assert client.ask(SERIAL, 7, seconds=0.3) == SERIAL
            running.faults = ["echo"]
            assert client.ask(SERIAL, 16) == SERIAL + SERIAL_601
            running.faults = []
            with pytest.raises(ValueError, match="'nonsense' is none of"):
                running.faults = ["nonsense"]
            assert client.ask(SERIAL, 10) == SERIAL_601
            running.silent = True
            assert client.ask(SERIAL, 1, seconds=0.3) == b""
            running.silent = False
            # A byte that nobody asked for wakes the sleeping thread.
            running.faults = ["pulses::0.1"]
            assert bytes(byte for _, byte in client.read(2, 3)) == bytes(3)
            running.faults = ["unplugged"]
            client.send(SERIAL)
            time.sleep(0.3)
            assert_gone(client)
            running.faults = ["unplugged"]
            assert not link.exists()
            running.faults = []
        # Another client may come.
        with connected(str(link)) as client:
            assert client.ask(SERIAL, 10) == SERIAL_601
    assert running.received == SERIAL * 6
    assert [bool(exchange.reply) for exchange in running.exchanges] == [0, 1, 1, 0, 0, 1]


@pytest.mark.parametrize("has_link", [True, False])
def test_pulled_and_plugged_in(link: Path, has_link: bool) -> None:
    """A new port answers; meanwhile nothing uses processor time."""
    with RunningMeter(VirtualMeter("601"), link=link if has_link else None) as running:
        with connected(running.port) as client:
            running.unplug()
            running.unplug()
            assert not link.is_symlink()
            before = time.process_time()
            time.sleep(0.5)
            assert time.process_time() - before < 0.1
            assert_gone(client)
            running.plug()
            running.plug()
            assert_gone(client)
        with connected(running.port) as client:
            assert client.ask(SERIAL, 10) == SERIAL_601


def test_nothing_is_left_behind(link: Path) -> None:
    """Neither threads nor files nor the symlink, though a reply was on its way."""
    files, threads = open_files(), threading.enumerate()
    for number in range(20):
        # What another one has left is replaced.
        link.symlink_to("/dev/pts/nothing-here")
        with RunningMeter(VirtualMeter("601"), link=link) as running:
            with connected(running.port) as client:
                client.send(SERIAL)
            if number % 2:
                running.unplug()
        assert not link.is_symlink()
    for path in (link, link / "meter"):
        link.write_text("precious")
        with (
            pytest.raises(OSError, match=r"File exists|Not a directory"),
            RunningMeter(VirtualMeter("601"), link=path),
        ):
            pass
    assert link.read_text() == "precious"
    with pytest.raises(ValueError, match="'nonsense'"):
        RunningMeter(VirtualMeter("601"), faults=["nonsense"])
    assert threading.enumerate() == threads
    assert open_files() == files


def test_what_breaks_the_thread_comes_out() -> None:
    """A test whose meter fails does not pass."""

    class Broken(VirtualMeter):
        def answer(self, request: bytes) -> Answer:
            raise RuntimeError(f"asked {request.hex()}")

    running = RunningMeter(Broken("601"))
    with pytest.raises(RuntimeError, match="asked 803f0235e90d"), running:  # noqa: PT012
        file = os.open(running.port, os.O_RDWR | os.O_NOCTTY)
        os.write(file, SERIAL)
        os.close(file)
        time.sleep(0.2)
