"""A meter behind a real serial port: its end, and faults while somebody is connected."""

import threading
import time
from pathlib import Path

import pytest
from virtual_meter import BYTE_TIME, Answer, RunningMeter, VirtualMeter
from virtual_meter_tests.helpers import SERIAL, SERIAL_601, connected


@pytest.fixture
def link(tmp_path: Path) -> Path:
    return tmp_path / "meter"


def open_files() -> set[str]:
    return {path.name for path in Path("/dev/fd").iterdir()}


def test_faults_are_switched_while_somebody_is_connected(link: Path) -> None:
    """Each acts on the next request; an unplugged port comes back with the next fault."""
    with RunningMeter(VirtualMeter("601"), link=link, faults=["echo_only"]) as running:
        with connected(running.port) as client:
            assert client.ask(SERIAL, 7, seconds=0.3) == SERIAL
            running.faults = ["echo"]
            begin = time.monotonic()
            assert client.ask(SERIAL, 16) == SERIAL + SERIAL_601
            assert 16 * BYTE_TIME <= time.monotonic() - begin < 1
            running.faults = []
            with pytest.raises(ValueError, match="'nonsense' is not one of"):
                running.faults = ["nonsense"]
            assert client.ask(SERIAL, 10) == SERIAL_601
            running.silent = True
            assert client.ask(SERIAL, 1, seconds=0.3) == b""
            running.silent = False
            # A byte without a request wakes the sleeping thread.
            running.faults = ["pulses::0.1"]
            assert client.ask(b"", 3) == bytes(3)
            running.faults = ["unplugged"]
            client.ask(SERIAL, 0)
            assert client.is_hung_up()
            running.faults = ["unplugged"]
            assert not link.is_symlink()
            before = time.process_time()
            time.sleep(0.5)
            assert time.process_time() - before < 0.1
            running.faults = []
            assert client.is_hung_up()
        # Another client may come.
        with connected(str(link)) as client:
            assert client.ask(SERIAL, 10) == SERIAL_601
            running.unplug()
            running.unplug()
            assert client.is_hung_up()
            running.plug()
        with connected(str(link)) as client:
            assert client.ask(SERIAL, 10) == SERIAL_601
    assert running.received == SERIAL * 7
    assert [bool(exchange.reply) for exchange in running.exchanges] == [0, 1, 1, 0, 0, 1, 1]


def test_nothing_is_left_behind(link: Path) -> None:
    """No threads, no files, no symlink, even though a reply was on its way."""
    files, threads = open_files(), threading.enumerate()
    for number in range(20):
        # What another one has left behind is replaced.
        link.symlink_to("/dev/pts/nothing-here")
        with RunningMeter(VirtualMeter("601"), link=link) as running:
            with connected(running.port) as client:
                client.ask(SERIAL, 0)
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


def test_what_breaks_the_thread_is_raised() -> None:

    class Broken(VirtualMeter):
        def answer(self, request: bytes) -> Answer:
            raise RuntimeError(f"asked {request.hex()}")

    with (
        pytest.raises(RuntimeError, match="asked 803f0235e90d"),
        RunningMeter(Broken("601")) as running,
        connected(running.port) as client,
    ):
        client.ask(SERIAL, 1, seconds=0.3)
