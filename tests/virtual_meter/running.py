"""A meter on its line and terminal, kept alive by a thread."""

import contextlib
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Self

from .faults import Fault
from .line import Exchange, Line
from .meter import Answering
from .terminal import Terminal


class RunningMeter:
    """Context manager: inside it, programs can open `port` and talk to the meter.

    meter: as given. The thread sleeps while the line is quiet. Everything may be called and set
    from any thread, and has had its effect on return.
    """

    def __init__(
        self,
        meter: Answering,
        *,
        link: str | Path | None = None,
        faults: Iterable[Fault | str] = (),
        seed: int = 1,
        strict: bool = True,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        """Start.

        link: a symlink to make for the port. seed: of the faults' dice. strict: see `Line`.
        `on_exchange` is called in the thread with each exchange as it is recorded; an exception
        in it ends the meter and comes out of `close`.

        Raises LinkError if the symlink cannot be made, ValueError for a fault that there is not.
        """
        self.meter = meter
        self.finished = threading.Event()
        self._error: BaseException | None = None
        self._terminal = Terminal(link)
        try:
            self._line = Line(
                meter,
                self._terminal,
                faults=faults,
                seed=seed,
                strict=strict,
                on_exchange=on_exchange,
            )
        except BaseException:
            self._terminal.unplug()
            raise
        self._is_stopping = False
        # Line and terminal belong to the thread; others queue up what is to be done to them.
        self._changes: deque[tuple[Callable[[], None], Future[None]]] = deque()
        self._ending = threading.Lock()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        self._thread = threading.Thread(target=self._run, name="virtual meter", daemon=True)
        self._thread.start()

    @property
    def port(self) -> str:
        """The path that clients open; without `link` it may be another one after `plug`."""
        return self._terminal.port

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that are on; may be set at any time, also as text like "late:0.2:3".

        Setting them plugs the meter in again, unless "unplugged" is among the new ones. Raises
        ValueError for a fault that there is not, and then nothing changes; LinkError as `plug`.
        """
        return self._line.faults

    @faults.setter
    def faults(self, faults: Iterable[Fault | str]) -> None:
        def change() -> None:
            self._line.faults = faults
            if not any(fault.kind.unplugs for fault in self._line.faults):
                self._terminal.plug()

        self._change(change)

    def wake(self) -> None:
        """Wake a meter that is asleep, as a press on one of its keys does."""
        self._change(self._line.wake)

    def unplug(self) -> None:
        """Pull the port out at once: clients that have it open read nothing and cannot write."""
        self._change(self._terminal.unplug)

    def plug(self) -> None:
        """Make a new port behind the same symlink, unless there is one; clients must open it.

        Raises LinkError if the symlink cannot be made again.
        """
        self._change(self._terminal.plug)

    @property
    def silent(self) -> bool:
        """While it is true the meter answers nothing; the port stays. May be set at any time."""
        return self._line.silent

    @silent.setter
    def silent(self, silent: bool) -> None:
        self._line.silent = silent

    @property
    def exchanges(self) -> list[Exchange]:
        """All requests so far and what became of them."""
        return list(self._line.exchanges)

    @property
    def received(self) -> bytes:
        """Everything that clients have written, garbage as well."""
        return self._line.received

    def stop(self) -> None:
        """Ask the thread to end; `finished` is set when it has. Fit for signal handlers."""
        self._is_stopping = True
        self._interrupt()

    def close(self) -> None:
        """End the thread, close the port, remove the symlink; raises what broke the thread."""
        self.stop()
        self._thread.join()
        self._terminal.unplug()
        os.close(self._wake_read)
        os.close(self._wake_write)
        if self._error is not None:
            raise self._error

    def __enter__(self) -> Self:
        """Return the running meter."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _interrupt(self) -> None:
        """End the thread's sleep."""
        # A full pipe will do so, too.
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake_write, b"\0")

    def _change(self, change: Callable[[], None]) -> None:
        """Have the thread do it, and wait; after its end there is nothing to change any more."""
        if threading.current_thread() is self._thread:
            change()
            return
        done: Future[None] = Future()
        with self._ending:
            if self.finished.is_set():
                return
            self._changes.append((change, done))
            self._interrupt()
        done.result()

    def _make_changes(self) -> None:
        while self._changes:
            change, done = self._changes.popleft()
            try:
                change()
            except Exception as error:
                done.set_exception(error)
            else:
                done.set_result(None)

    def _run(self) -> None:
        try:
            while not self._is_stopping:
                self._make_changes()
                due = self._line.step()
                timeout = None if due is None else max(0.0, due - time.monotonic())
                files = (*self._terminal.files, self._wake_read)
                ready, _, _ = select.select(files, (), (), timeout)
                if self._wake_read in ready:
                    os.read(self._wake_read, 4096)
        except BaseException as error:
            self._error = error
        finally:
            with self._ending:
                self.finished.set()
                for _, done in self._changes:
                    done.set_result(None)
