"""A meter on its line and terminal, kept alive by a thread."""

import os
import select
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from .line import Exchange, Line
from .meter import Answering
from .terminal import Terminal


class RunningMeter:
    """Context manager: inside it, programs can open `port` and talk to the meter.

    meter: as given. The thread sleeps while the line is quiet.
    """

    def __init__(
        self,
        meter: Answering,
        *,
        link: str | Path | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        """Start; LinkError if the symlink `link` cannot be made.

        `on_exchange` is called in the thread with each exchange as it is recorded; an exception
        in it ends the meter and comes out of `close`.
        """
        self.meter = meter
        self.finished = threading.Event()
        self._error: BaseException | None = None
        self._terminal = Terminal(link)
        self.port = self._terminal.port
        self._line = Line(meter, self._terminal, on_exchange=on_exchange)
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._run, name="virtual meter", daemon=True)
        self._thread.start()

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
        os.write(self._wake_write, b"\0")

    def close(self) -> None:
        """End the thread, close the port, remove the symlink; raises what broke the thread."""
        self.stop()
        self._thread.join()
        self._terminal.close()
        os.close(self._wake_read)
        os.close(self._wake_write)
        if self._error is not None:
            raise self._error

    def __enter__(self) -> Self:
        """Return the running meter."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _run(self) -> None:
        files = (self._terminal.fileno(), self._wake_read)
        try:
            while True:
                due = self._line.step()
                timeout = None if due is None else max(0.0, due - time.monotonic())
                ready, _, _ = select.select(files, (), (), timeout)
                if self._wake_read in ready:
                    return
        except BaseException as error:
            self._error = error
        finally:
            self.finished.set()
