"""An event loop beside code that does not know of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any


class LoopThread:
    """Runs an event loop in a thread, from start() to stop()."""

    def __init__(self) -> None:
        """Prepare."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="native-api")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def run[T](self, coroutine: Coroutine[Any, Any, T], timeout: float) -> T:
        """Run in the loop, wait for it and return what it returns."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout)

    def call(self, function: Callable[..., object], *arguments: Any) -> None:
        """Call a function in the loop, and do not wait for it."""
        self._loop.call_soon_threadsafe(function, *arguments)

    def stop(self) -> None:
        """End the loop and the thread."""
        self.call(self._loop.stop)
        self._thread.join()
        self._loop.close()
