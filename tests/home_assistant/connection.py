"""Query a running Home Assistant, through the websocket that its own frontend uses."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from meter_log.home_assistant import HomeAssistant


@dataclass(frozen=True)
class State:
    """One entity. state: as text; "unknown" and "unavailable" are states as well."""

    state: str
    attributes: dict[str, Any]

    @property
    def is_known(self) -> bool:
        """Whether it is a value of the entity, rather than the lack of one."""
        return self.state not in ("unknown", "unavailable")


#: All entities by id.
type States = dict[str, State]


class Connection(HomeAssistant):
    """A connection as a user."""

    def __init__(self, url: str, token: str) -> None:
        """Connect."""
        super().__init__(url, token)
        self._url = url
        self._token = token

    def act(self, action: str, **data: Any) -> None:
        """Run an action such as "button.press"."""
        domain, _, service = action.partition(".")
        self.ask("call_service", domain=domain, service=service, service_data=data)

    def press(self, button: str) -> None:
        """Press a button of the device heat_meter."""
        self.act("button.press", entity_id=f"button.heat_meter_{button}")

    def states(self) -> States:
        """Return all entities."""
        rows = self.ask("get_states")
        return {row["entity_id"]: State(row["state"], row["attributes"]) for row in rows}

    def wait_until(self, condition: Callable[[States], bool], timeout: float, what: str) -> States:
        """Wait until the entities fulfil a condition and return them. Raises TimeoutError.

        A condition on an entity that does not exist yet is not fulfilled. timeout: seconds.
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

    def wait_for(self, entity_id: str, state: str, timeout: float = 60) -> None:
        """Wait until an entity has this state."""
        self.wait_until(
            lambda states: states[entity_id].state == state, timeout, f"{entity_id} {state}"
        )

    @contextmanager
    def events(self, kind: str) -> Iterator[Callable[[float], dict[str, Any]]]:
        """Subscribe to events; gives a function that waits some seconds for the next one's data."""
        with Connection(self._url, self._token) as listener:
            listener.ask("subscribe_events", event_type=kind)

            def wait(timeout: float) -> dict[str, Any]:
                message = listener._receive(timeout)
                assert message["type"] == "event"
                data: dict[str, Any] = message["event"]["data"]
                return data

            yield wait
