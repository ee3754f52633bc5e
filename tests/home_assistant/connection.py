"""Ask a running Home Assistant, through the websocket that its own frontend uses."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from websockets.sync.client import connect


class RefusedError(Exception):
    """Home Assistant answered with an error, which is the text."""


@dataclass(frozen=True)
class State:
    """One entity. state: as text; "unknown" and "unavailable" are states as well."""

    entity_id: str
    state: str
    attributes: dict[str, Any]
    last_updated: datetime

    @property
    def is_known(self) -> bool:
        """Whether it is a value of the entity, and not that there is none."""
        return self.state not in ("unknown", "unavailable")


class Connection:
    """A connection as a user, also a context manager. Raises RefusedError, TimeoutError."""

    def __init__(self, url: str, token: str) -> None:
        """Connect."""
        self._url = url
        self._token = token
        self._number = 0
        address = f"{url.replace('http', 'ws', 1)}/api/websocket"
        with ExitStack() as stack:
            self._socket = stack.enter_context(connect(address, max_size=None, proxy=None))
            self._receive("auth_required")
            self._socket.send(json.dumps({"type": "auth", "access_token": token}))
            self._receive("auth_ok")
            self._resources = stack.pop_all()

    def __enter__(self) -> Self:
        """Return the connection."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Disconnect."""
        self._resources.close()

    def ask(self, command: str, **arguments: Any) -> Any:
        """Return the answer to a command of the websocket API."""
        self._number += 1
        request = {"id": self._number, "type": command, **arguments}
        self._socket.send(json.dumps(request))
        answer = self._receive("result")
        if not answer["success"]:
            raise RefusedError(f"{command}: {answer['error']}")
        return answer["result"]

    def act(self, action: str, **data: Any) -> None:
        """Run an action such as "button.press"."""
        domain, _, service = action.partition(".")
        self.ask("call_service", domain=domain, service=service, service_data=data)

    def states(self) -> dict[str, State]:
        """Return all entities by id."""
        return {
            row["entity_id"]: State(
                row["entity_id"],
                row["state"],
                row["attributes"],
                datetime.fromisoformat(row["last_updated"]),
            )
            for row in self.ask("get_states")
        }

    def wait_until(
        self, condition: Callable[[dict[str, State]], bool], timeout: float, what: str
    ) -> dict[str, State]:
        """Wait until the entities fulfil a condition and return them.

        One that asks for an entity that is not there yet is not fulfilled. timeout: seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            states = self.states()
            with suppress(KeyError):
                if condition(states):
                    return states
            if time.monotonic() > deadline:
                shown = {name: state.state for name, state in states.items()}
                raise TimeoutError(f"{what}: not in {timeout} s: {shown}")
            time.sleep(0.25)

    @contextmanager
    def events(self, kind: str) -> Iterator[Callable[[float], dict[str, Any]]]:
        """Subscribe to events; gives a function that waits some seconds for the next one's data."""
        with Connection(self._url, self._token) as listener:
            listener.ask("subscribe_events", event_type=kind)

            def wait(timeout: float) -> dict[str, Any]:
                message = listener._receive("event", timeout)
                return message["event"]["data"]

            yield wait

    def _receive(self, kind: str, timeout: float = 30) -> dict[str, Any]:
        message = json.loads(self._socket.recv(timeout))
        if message["type"] != kind:
            raise RefusedError(f"{message} instead of {kind}")
        return message
