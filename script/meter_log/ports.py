"""Ways to a meter: a serial port of this computer, or an ESP with a serial_proxy."""

from __future__ import annotations

import logging
import queue
import time
from typing import Self

import serial
from aioesphomeapi import (
    APIClient,
    APIConnectionError,
    InvalidEncryptionKeyAPIError,
    RequiresEncryptionAPIError,
    SerialProxyDataReceived,
    SerialProxyStatus,
)

from .loop_thread import LoopThread

logging.getLogger("aioesphomeapi").setLevel(logging.CRITICAL)  # what it logs is said below

#: Seconds after the ESP has given us the line: what it was asking the meter comes to its end.
UNTIL_FREE = 4.0
#: Seconds to connect or to disconnect.
TIMEOUT = 60

AGAIN = "What was read is kept: type the same again to go on"


class PortError(Exception):
    """A port that cannot be used; the text says why, and what to do."""


class SerialPort:
    """An adapter on this computer, as a context manager."""

    def __init__(self, name: str) -> None:
        """Take a name such as /dev/ttyUSB0 or COM3."""
        self._name = name

    def __enter__(self) -> Self:
        """Open it; PortError when that fails."""
        try:
            self._port = serial.serial_for_url(
                self._name, baudrate=1200, stopbits=serial.STOPBITS_TWO, exclusive=True
            )
        except (OSError, ValueError) as error:
            raise PortError(
                f"{self._name} cannot be opened: {error}. Is it the right port, and is nothing "
                "else using it?"
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._port.close()

    def write(self, data: bytes) -> None:
        """Send bytes."""
        try:
            self._port.write(data)
            self._port.flush()
        except OSError as error:
            raise PortError(f"{self._name} is gone: {error}. {AGAIN}") from error

    def read(self, timeout: float) -> bytes:
        """Return what comes within `timeout` seconds, as soon as there is anything."""
        self._port.timeout = timeout
        try:
            first: bytes = self._port.read(1)
            return first + self._port.read(self._port.in_waiting) if first else b""
        except OSError as error:
            raise PortError(f"{self._name} is gone: {error}. {AGAIN}") from error


class ProxyPort:
    """An ESP that lends its meter's line, as a context manager usable from synchronous code."""

    def __init__(self, host: str, port: int, key: str | None, name: str | None = None) -> None:
        """Prepare to connect. key: of `api: encryption:`. name: of the serial_proxy."""
        self._host = host
        self._port = port
        self._key = key
        self._name = name
        self._api: APIClient | None = None
        self._is_connected = False
        self._instance: int | None = None
        self._received: queue.Queue[bytes] = queue.Queue()
        self._loop = LoopThread()

    def __enter__(self) -> Self:
        """Connect, take the line and wait until it is free; PortError when that fails."""
        self._loop.start()
        try:
            self._loop.run(self._connect(), TIMEOUT)
        except BaseException:
            self.__exit__()
            raise
        time.sleep(UNTIL_FREE)
        return self

    def __exit__(self, *_: object) -> None:
        """Give the line back and disconnect."""
        try:
            self._loop.run(self._disconnect(), TIMEOUT)
        finally:
            self._loop.stop()

    def write(self, data: bytes) -> None:
        """Send bytes."""
        assert self._instance is not None
        assert self._api is not None
        if not self._is_connected:
            raise PortError(f"the connection to {self._host} broke off. {AGAIN}")
        self._loop.call(self._api.serial_proxy_write, self._instance, data)

    def read(self, timeout: float) -> bytes:
        """Return what comes within `timeout` seconds, as soon as there is anything."""
        try:
            return self._received.get(timeout=timeout) if timeout else self._received.get_nowait()
        except queue.Empty:
            return b""

    async def _connect(self) -> None:
        api = APIClient(
            self._host, self._port, None, noise_psk=self._key, client_info="script/history"
        )
        try:
            await api.connect(on_stop=self._lost, login=True)
            self._api = api
            self._is_connected = True
            info = await api.device_info()
        except (InvalidEncryptionKeyAPIError, RequiresEncryptionAPIError) as error:
            raise PortError(
                f"{self._host} asks for the key of its 'api: encryption:'. Give its YAML with "
                "--yaml, or the right key with --key"
            ) from error
        except APIConnectionError as error:
            raise PortError(
                f"no connection to {self._host}:{self._port}. Is the ESP on, and in this network? "
                "Its address instead of its name may help"
            ) from error
        names = [proxy.name for proxy in info.serial_proxies]
        if not names:
            raise PortError(
                f"{info.name} has no serial_proxy. Add the package "
                "remote-head.yaml to its YAML and install it"
            )
        if self._name is None and len(names) == 1:
            self._name = names[0]
        if self._name not in names:
            raise PortError(
                f"{info.name} has the serial_proxies {', '.join(names)}. Say which one with --proxy"
            )
        instance = names.index(self._name)
        api.subscribe_serial_proxy_data(self._take)
        try:
            response = await api.serial_proxy_subscribe_await_response(instance)
        except APIConnectionError as error:
            raise PortError(f"{info.name} does not answer: {error}. {AGAIN}") from error
        if response is not None and response.status is not SerialProxyStatus.OK:
            raise PortError(f"{info.name} does not lend its line: another program has it")
        self._instance = instance

    async def _disconnect(self) -> None:
        if self._api is None:
            return
        try:
            if self._instance is not None:
                await self._api.serial_proxy_unsubscribe_await_response(self._instance)
            await self._api.disconnect()
        except APIConnectionError:
            pass  # it is gone

    async def _lost(self, _expected: bool) -> None:
        self._is_connected = False

    def _take(self, received: SerialProxyDataReceived) -> None:
        if received.instance == self._instance:
            self._received.put(bytes(received.data))
