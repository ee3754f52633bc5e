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
    """

    def __init__(self, link: str | Path | None = None) -> None:
        """Open it, and let the symlink `link` point to it.

        Raises LinkError if the path exists and is no symlink left over by an earlier meter, or if
        its folder does not exist.
        """
        self._link = None if link is None else Path(link)
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

    @property
    def port(self) -> str:
        """The path that clients open."""
        return self._device if self._link is None else str(self._link)

    def fileno(self) -> int:
        """Return the meter's end, for select."""
        return self._master

    def read(self) -> bytes:
        """Take what clients have written; empty if there is nothing."""
        try:
            return os.read(self._master, 4096)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> None:
        """Send towards the client; lost if nobody has read for long, as on a real line."""
        try:
            os.write(self._master, data)
        except BlockingIOError:
            return

    def close(self) -> None:
        """Remove the symlink, unless it points elsewhere by now, and close both ends."""
        if self._link is not None:
            with contextlib.suppress(OSError):
                if str(self._link.readlink()) == self._device:
                    self._link.unlink()
        self._close_files()

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
