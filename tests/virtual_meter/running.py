"""A meter on its line and terminal, kept alive by a thread."""

import asyncio
import selectors
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self

from .faults import Fault, in_order
from .line import Exchange, Line
from .meter import VirtualMeter
from .terminal import Terminal


class RunningMeter:
    """Context manager: inside it, programs can open `port` and talk to the meter.

    The thread sleeps while the line is quiet. Everything may be called and set from any other
    thread, and has taken effect on return. An error in the thread is raised at the end.
    """

    def __init__(
        self,
        meter: VirtualMeter,
        *,
        link: str | Path | None = None,
        faults: Iterable[Fault | str] = (),
    ) -> None:
        """Prepare. link: a symlink to make for the port. ValueError for an unknown fault."""
        checked = in_order(faults)
        # Unlike epoll, select can wait for less than a millisecond.
        self._loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
        self._loop.set_exception_handler(self._keep)
        self._error: Exception | None = None
        self._terminal = Terminal(self._loop, self._step, link)
        self._line = Line(
            meter,
            self._terminal.write,
            self._terminal.unplug,
            faults=checked,
            clock=self._loop.time,
        )
        self._timer: asyncio.TimerHandle | None = None
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="virtual meter", daemon=True
        )

    def __enter__(self) -> Self:
        """Start. Raises FileExistsError if something is in the symlink's place."""
        self._thread.start()
        try:
            self.plug()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End the thread, close the port, remove the symlink; raise what broke the thread."""
        self._end()
        if self._error is not None:
            raise self._error

    @property
    def port(self) -> str:
        """The path that clients open; without `link` it may change after `plug`."""
        return self._terminal.port

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The active faults; can be set to others, also as text like "late:0.2:3".

        Setting them plugs the meter in again, unless "unplugged" is among the new ones. Raises
        ValueError for an unknown fault, and then nothing changes.
        """
        return self._line.faults

    @faults.setter
    def faults(self, faults: Iterable[Fault | str]) -> None:
        def change() -> None:
            self._line.faults = faults
            if not any(fault.kind.unplugs for fault in self._line.faults):
                self._terminal.plug()

        self._change(change)

    def unplug(self) -> None:
        """Unplug the port at once: clients that have it open read nothing and cannot write."""
        self._change(self._terminal.unplug)

    def plug(self) -> None:
        """Make a new port behind the same symlink, unless there is one; clients must open it."""
        self._change(self._terminal.plug)

    @property
    def silent(self) -> bool:
        """While it is true the meter does not answer; the port stays. Can be set at any time."""
        return self._line.silent

    @silent.setter
    def silent(self, silent: bool) -> None:
        self._line.silent = silent

    @property
    def exchanges(self) -> list[Exchange]:
        """All requests so far and their results."""
        return list(self._line.exchanges)

    @property
    def received(self) -> bytes:
        """Everything that clients have written, including garbage."""
        return bytes(self._line.received)

    def _step(self) -> None:
        """Do what is due, and come back for the next byte."""
        if self._timer is not None:
            self._timer.cancel()
        due = self._line.step(self._terminal.read())
        self._timer = None if due is None else self._loop.call_at(due, self._step)

    def _change(self, change: Callable[[], None]) -> None:
        """Have the thread do it, and wait."""

        async def do() -> None:
            change()
            self._step()

        asyncio.run_coroutine_threadsafe(do(), self._loop).result()

    def _keep(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._error = self._error or context.get("exception")

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._terminal.unplug)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
