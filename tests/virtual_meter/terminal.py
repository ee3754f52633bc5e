"""A pseudo terminal that acts as a meter's serial port, and a symlink with a lasting name."""

import os
import tty
from asyncio import AbstractEventLoop
from collections.abc import Callable
from pathlib import Path


class Terminal:
    """The two ends of a pseudo terminal in raw mode; clients open `port`.

    The client's end is kept open here as well, so that clients may come and go. What they leave
    unread waits for the next one, as it would in a UART's buffer.

    Once unplugged, it is gone for those who have it open: they read nothing more and cannot write.
    Plugged in again, it is a new terminal: clients have to open `port` again.
    """

    def __init__(
        self, loop: AbstractEventLoop, on_bytes: Callable[[], None], link: str | Path | None
    ) -> None:
        """Begin unplugged. `on_bytes` is called in the loop; link: a symlink to make, if any."""
        self._loop = loop
        self._on_bytes = on_bytes
        self._link = None if link is None else Path(link)
        self._ends: tuple[int, int] | None = None
        self._device = ""

    @property
    def port(self) -> str:
        """The path that clients open; without a symlink it may change after `plug`."""
        return self._device if self._link is None else str(self._link)

    def plug(self) -> None:
        """Plug it in, unless it is. Raises FileExistsError for a link that is not a symlink."""
        if self._ends is not None:
            return
        master, slave = self._ends = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        self._device = os.ttyname(slave)
        self._loop.add_reader(master, self._on_bytes)
        if self._link is not None:
            # One that an earlier meter has left behind.
            if self._link.is_symlink():
                self._link.unlink()
            self._link.symlink_to(self._device)

    def unplug(self) -> None:
        """Unplug it, unless it is: close both ends, and remove the symlink."""
        if self._ends is None:
            return
        master, slave = self._ends
        self._ends = None
        self._loop.remove_reader(master)
        os.close(master)
        os.close(slave)
        if self._link is not None and self._link.is_symlink():
            self._link.unlink()

    def read(self) -> bytes:
        """Take what clients have written; empty if there is nothing."""
        if self._ends is None:
            return b""
        try:
            return os.read(self._ends[0], 4096)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> None:
        """Send to the client; lost if unplugged or if nobody has read for a long time."""
        if self._ends is None:
            return
        try:
            os.write(self._ends[0], data)
        except BlockingIOError:
            return
