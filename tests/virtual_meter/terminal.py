"""A pseudo terminal that stands for a meter's serial port, and a symlink with a lasting name."""

import contextlib
import os
import tty
from pathlib import Path

PTY_DEVICES = ("/dev/pts/", "/dev/ttys")
"""How the device names of pseudo terminals begin on Linux and macOS."""


class LinkError(Exception):
    """The symlink cannot be made; the message says why."""


class Terminal:
    """The two ends of a pseudo terminal in raw mode; clients open `port`.

    The client's end is kept open here as well, so that clients may come and go. What they leave
    unread waits for the next one, as it would in a UART's buffer.

    Once unplugged, it is gone for those who have it open: they read nothing more and cannot write.
    Plugged in again it is a new terminal, and only who opens `port` again has it.
    """

    def __init__(self, link: str | Path | None = None) -> None:
        """Open it, and let the symlink `link` point to it.

        Raises LinkError if the path exists and is no symlink left over by an earlier meter, or if
        its folder does not exist.
        """
        self._link = None if link is None else Path(link)
        self.is_plugged = False
        self.plug()

    def plug(self) -> None:
        """Plug it in, unless it is; raises LinkError as at first."""
        if self.is_plugged:
            return
        self._master, self._slave = os.openpty()
        try:
            tty.setraw(self._slave)
            os.set_blocking(self._master, False)
            self._device = os.ttyname(self._slave)
            if self._link is not None:
                _make_link(self._link, self._device)
        except BaseException:
            self._close_files()
            raise
        self.is_plugged = True

    def unplug(self) -> None:
        """Pull it out, unless it is: close both ends, and remove the symlink if still ours."""
        if not self.is_plugged:
            return
        self.is_plugged = False
        if self._link is not None:
            with contextlib.suppress(OSError):
                if str(self._link.readlink()) == self._device:
                    self._link.unlink()
        self._close_files()

    @property
    def port(self) -> str:
        """The path that clients open; without a symlink it may be another after `plug`."""
        return self._device if self._link is None else str(self._link)

    @property
    def files(self) -> tuple[int, ...]:
        """The meter's end, for select; empty while unplugged."""
        return (self._master,) if self.is_plugged else ()

    def read(self) -> bytes:
        """Take what clients have written; empty if there is nothing."""
        if not self.is_plugged:
            return b""
        try:
            return os.read(self._master, 4096)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> None:
        """Send towards the client; lost if unplugged or if nobody has read for long."""
        if not self.is_plugged:
            return
        try:
            os.write(self._master, data)
        except BlockingIOError:
            return

    def _close_files(self) -> None:
        os.close(self._master)
        os.close(self._slave)


def _make_link(link: Path, device: str) -> None:
    if link.is_symlink():
        old = str(link.readlink())
        if link.exists() and not old.startswith(PTY_DEVICES):
            raise LinkError(f"{link} is a symlink to {old}, which is no pseudo terminal")
        link.unlink()
    elif link.exists():
        raise LinkError(f"{link} exists and is not a symlink of a virtual meter")
    try:
        link.symlink_to(device)
    except OSError as error:
        raise LinkError(f"{link} cannot be made a symlink: {error.strerror}") from error
