"""See a device as Home Assistant does: through its native API, with Home Assistant's own client."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from aioesphomeapi import APIClient, EntityInfo, EntityState
from meter_log.loop_thread import LoopThread

#: Seconds to connect or to disconnect.
TIMEOUT = 30

State = float | str | bool
#: The state of each entity by name, None for unknown. The entity says which kind of state it is.
States = dict[str, Any]


@dataclass(frozen=True)
class Event:
    """A state as it arrived. time: of time.monotonic(). state: None for unknown."""

    time: float
    name: str
    state: State | None


class Client:
    """A connection to a device, as a context manager, usable from synchronous code.

    entities: what the device has, by name.
    events: every state that arrived, in order.
    """

    def __init__(self, port: int) -> None:
        """Prepare to connect to a port on the loopback address."""
        self.entities: dict[str, EntityInfo] = {}
        self.events: list[Event] = []
        self._port = port
        self._names: dict[int, str] = {}
        self._states: States = {}
        self._changed = threading.Condition()
        self._loop = LoopThread()

    def __enter__(self) -> Self:
        """Connect and subscribe to all states."""
        self._loop.start()
        try:
            self._loop.run(self._connect(), TIMEOUT)
        except BaseException:
            self._loop.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect."""
        try:
            self._loop.run(self._api.disconnect(), TIMEOUT)
        finally:
            self._loop.stop()

    @property
    def states(self) -> States:
        """The last state of each entity that has one, by name; None is unknown."""
        with self._changed:
            return dict(self._states)

    def press(self, name: str) -> None:
        """Press a button."""
        key = self.entities[name].key
        self._loop.call(self._api.button_command, key)

    def wait_until(
        self, condition: Callable[[States], bool], timeout: float, what: str = ""
    ) -> States:
        """Wait until the states fulfil a condition and return them.

        timeout: seconds. Raises TimeoutError, with the states as they are then.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: condition(self._states), timeout):
                raise TimeoutError(f"{what or 'condition'} not met in {timeout} s: {self._states}")
            return dict(self._states)

    def wait_for_event(
        self, wanted: Callable[[Event], bool], timeout: float, since: int = 0
    ) -> Event:
        """Wait for an event, counted from number `since` in `events`, and return it.

        timeout: seconds. Raises TimeoutError.
        """

        def find() -> Event | None:
            return next((event for event in self.events[since:] if wanted(event)), None)

        with self._changed:
            event = self._changed.wait_for(find, timeout)
        if event is None:
            raise TimeoutError(f"no such event in {timeout} s: {self.events[since:]}")
        return event

    async def _connect(self) -> None:
        self._api = APIClient("127.0.0.1", self._port, None, client_info="multical test")
        await self._api.connect(login=True)
        entities, _ = await self._api.list_entities_services()
        for entity in entities:
            self.entities[entity.name] = entity
            self._names[entity.key] = entity.name
        self._api.subscribe_states(self._take)

    def _take(self, state: EntityState) -> None:
        value = getattr(state, "state", None)
        if getattr(state, "missing_state", False) or value != value:  # NaN
            value = None
        name = self._names[state.key]
        with self._changed:
            self._states[name] = value
            self.events.append(Event(time.monotonic(), name, value))
            self._changed.notify_all()
