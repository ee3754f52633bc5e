"""Faults that are switched on and off while a client has the port open."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from virtual_meter import Exchange, Fault, LinkError, RunningMeter, VirtualMeter
from virtual_meter_tests.helpers import SERIAL, SERIAL_601, Client, open_files


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningMeter]:
    """Run a 601 behind a symlink."""
    with RunningMeter(VirtualMeter("601"), link=tmp_path / "meter") as running:
        yield running


def test_switched_while_a_client_is_connected(
    running: RunningMeter, connect: Callable[[str], Client]
) -> None:
    """Each is there at the next request, and gone at the one after."""
    client = connect(running.port)
    assert running.faults == ()
    for fault, got in (
        ("silent", b""),
        ("echo", SERIAL + SERIAL_601),
        ("echo_only", SERIAL),
        (Fault("two_replies"), SERIAL_601 * 2),
        ("asleep::0", b""),
    ):
        running.faults = [fault]
        client.send(SERIAL)
        assert client.read(0.5) == got
        running.faults = []
        assert client.ask(SERIAL) == SERIAL_601
    struck = [exchange.fault for exchange in running.exchanges]
    assert struck[::2] == ["silent", "echo", "echo_only", "two_replies", "asleep"]
    assert set(struck[1::2]) == {""}


def test_faults_from_the_start(connect: Callable[[str], Client]) -> None:
    """The same seed strikes the same requests."""
    faults = ("silent:0.5", "echo:0")
    patterns = []
    for seed in (1, 1, 5):
        with RunningMeter(VirtualMeter("601"), faults=faults, seed=seed) as running:
            client = Client(running.port)
            for _ in range(6):
                client.ask(SERIAL, wait=0.15)
            client.close()
            assert running.faults == (Fault("silent", 0.5), Fault("echo", 0.0))
            patterns.append([bool(exchange.fault) for exchange in running.exchanges])
    assert patterns[0] == patterns[1] != patterns[2]


def test_echo_takes_its_time(running: RunningMeter, connect: Callable[[str], Client]) -> None:
    """Byte by byte, neither early nor much too late."""
    running.faults = ["echo_only"]
    client = connect(running.port)
    begin = time.monotonic()
    client.send(SERIAL)
    times = [moment - begin for moment, _ in client.receive(2.0)]
    assert len(times) == 6
    assert all(moment >= (i + 1) * 0.0091 for i, moment in enumerate(times))
    assert times[-1] < 6 * 0.0091 + 0.2


def test_a_key_wakes_it(running: RunningMeter, connect: Callable[[str], Client]) -> None:
    """And a request keeps it awake."""
    client = connect(running.port)
    running.faults = ["asleep::1"]
    running.wake()
    assert client.ask(SERIAL) == SERIAL_601
    time.sleep(1.2)
    assert client.ask(SERIAL, wait=0.3) == b""
    running.wake()
    assert client.ask(SERIAL) == SERIAL_601


def test_bytes_without_a_request(running: RunningMeter, connect: Callable[[str], Client]) -> None:
    """Noise and pulses wake the sleeping thread, and stop when they are switched off."""
    client = connect(running.port)
    running.faults = ["noise::0.05"]
    assert 5 < len(client.read(1.0)) < 60
    running.faults = ["pulses::0.1"]
    pulses = client.read(1.05)
    assert pulses == bytes(len(pulses))
    assert 5 <= len(pulses) <= 10
    running.faults = []
    client.read(0.1)
    assert client.read(0.3) == b""


def test_unplugged_at_once(running: RunningMeter, connect: Callable[[str], Client]) -> None:
    """The symlink is gone, and who has the port open cannot go on; a new port answers."""
    link = Path(running.port)
    client = connect(running.port)
    assert client.ask(SERIAL) == SERIAL_601
    running.unplug()
    running.unplug()
    assert not link.is_symlink()
    with pytest.raises(OSError, match="Input/output"):
        client.send(SERIAL)
    assert client.is_hung_up()
    running.plug()
    running.plug()
    assert running.port == str(link)
    assert connect(running.port).ask(SERIAL) == SERIAL_601
    with pytest.raises(OSError, match="Input/output"):
        client.send(SERIAL)


def test_unplugged_at_a_request(running: RunningMeter, connect: Callable[[str], Client]) -> None:
    """Somebody who waits for the reply notices; other faults plug it in again."""
    client = connect(running.port)
    running.faults = ["unplugged"]
    client.send(SERIAL)
    assert client.is_hung_up()
    assert not Path(running.port).exists()
    running.faults = ["unplugged"]
    assert not Path(running.port).exists()
    running.faults = ["echo"]
    again = connect(running.port)
    again.send(SERIAL)
    assert again.read(0.5) == SERIAL + SERIAL_601
    assert [exchange.fault for exchange in running.exchanges] == ["unplugged", "echo"]


def test_unplugged_without_a_symlink(connect: Callable[[str], Client]) -> None:
    """The port may have another name afterwards."""
    with RunningMeter(VirtualMeter("601")) as running:
        client = connect(running.port)
        running.unplug()
        running.plug()
        assert client.is_hung_up()
        assert connect(running.port).ask(SERIAL) == SERIAL_601


def test_plugged_in_where_something_else_is(running: RunningMeter) -> None:
    """A file at the symlink's place is an error for the caller only."""
    running.unplug()
    Path(running.port).write_text("precious")
    with pytest.raises(LinkError, match="not a symlink"):
        running.plug()
    with pytest.raises(LinkError, match="not a symlink"):
        running.faults = []
    assert Path(running.port).read_text() == "precious"
    Path(running.port).unlink()
    running.faults = []
    assert Path(running.port).exists()


def test_unplugging_leaves_nothing_behind(tmp_path: Path) -> None:
    """No files, no threads, no symlinks, however it ends; afterwards nothing happens."""
    files, threads = open_files(), threading.enumerate()
    for is_plugged in (True, False):
        with RunningMeter(VirtualMeter("601"), link=tmp_path / "meter") as running:
            running.unplug()
            if is_plugged:
                running.plug()
        running.faults = ["echo"]
        running.plug()
        assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="'nonsense'"):
        RunningMeter(VirtualMeter("601"), link=tmp_path / "meter", faults=["nonsense"])
    assert list(tmp_path.iterdir()) == []
    assert threading.enumerate() == threads
    assert open_files() == files


def test_switched_by_the_one_who_is_told(connect: Callable[[str], Client]) -> None:
    """`on_exchange` may change the faults, and plug in what is being pulled."""

    def change(exchange: Exchange) -> None:
        meter.faults = {"": ["silent"], "silent": ["unplugged"], "unplugged": []}[exchange.fault]

    with RunningMeter(VirtualMeter("601"), on_exchange=change) as meter:
        client = connect(meter.port)
        assert client.ask(SERIAL) == SERIAL_601
        assert client.ask(SERIAL, wait=0.3) == b""
        assert client.ask(SERIAL, wait=0.3) == b""
        assert client.ask(SERIAL) == SERIAL_601


def test_switched_from_many_threads(
    running: RunningMeter, connect: Callable[[str], Client]
) -> None:
    """No change is lost or half done, whoever makes it."""

    def switch(fault: str) -> None:
        for _ in range(100):
            running.faults = [fault, "noise::0.05"]
            running.unplug()
            running.plug()
            running.wake()

    threads = [threading.Thread(target=switch, args=(name,)) for name in ("echo", "silent", "late")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert len(running.faults) == 2
    running.faults = []
    assert connect(running.port).ask(SERIAL) == SERIAL_601


def test_a_pulled_port_costs_no_processor_time(running: RunningMeter) -> None:
    """The thread sleeps."""
    client = os.open(running.port, os.O_RDWR | os.O_NOCTTY)
    running.unplug()
    before = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - before < 0.1
    os.close(client)
