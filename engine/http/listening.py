"""Listening: where a server of ours is reached, and what strangers may take of it.

A connection costs a file, and one that says nothing costs it for as long as it is left; without
bounds, whoever reaches the port takes all that there are.
"""

from __future__ import annotations

import asyncio
import logging
import os
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from engine.errors import InvalidInput

if TYPE_CHECKING:
    from ssl import SSLContext

IDLE_S = 75.0
"""How long a connection may be without a request; proxies let go of theirs after 60 seconds."""

_HANDSHAKE_S = 10.0
logger = logging.getLogger(__name__)
"""For aiohttp: what comes of a request that is none is one line, not a trace of its parser."""


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Place:
    """An address that is listened on, from `open` to `close`.

    Args:
        runner: What answers; it is set up and cleaned up with the place.
        host: An address of this machine, or `localhost`.
        port: 0 for any that is free.
        most: Connections at the same time; more are closed.
        flags: What people give to have another place.
        field: What the error is of, if this one cannot be had.
        tls: Speaks TLS with this.
    """

    def __init__(  # noqa: PLR0913 - where, how much, and how to say so
        self,
        runner: web.BaseRunner,
        host: str,
        port: int,
        *,
        most: int,
        flags: str = "--host or --port",
        field: str = "port",
        tls: SSLContext | None = None,
    ) -> None:
        self._runner, self._host, self._port = runner, host, port
        self._most, self._flags, self._field, self._tls = most, flags, field, tls
        self._listening: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port that is listened on."""
        sockets = self._listening.sockets if self._listening is not None else ()
        return int(sockets[0].getsockname()[1]) if sockets else self._port

    @property
    def name(self) -> str:
        """HOST:PORT."""
        return f"[{self._host}]:{self.port}" if ":" in self._host else f"{self._host}:{self.port}"

    async def open(self) -> None:
        """Listen.

        Raises:
            InvalidInput: The place cannot be listened on.
        """
        await self._runner.setup()
        handshake_s = None if self._tls is None else _HANDSHAKE_S
        try:
            self._listening = await asyncio.get_running_loop().create_server(
                self._answerer,
                self._host,
                self._port,
                ssl=self._tls,
                ssl_handshake_timeout=handshake_s,
            )
        except OSError as error:
            await self._runner.cleanup()
            raise InvalidInput(
                f"{self.name} cannot be listened on: {_reason(error)}.",
                hint=f"Give another {self._flags}; something may listen there already.",
                field=self._field,
            ) from None

    async def close(self) -> None:
        """Listen no more, and end what is under way as the runner does."""
        if self._listening is not None:
            self._listening.close()
        await self._runner.cleanup()

    def _answerer(self) -> asyncio.Protocol:
        """Return what speaks with one more connection."""
        server = self._runner.server
        if server is None or len(server.connections) >= self._most:
            return _Full()
        return server()


class _Full(asyncio.Protocol):
    """Speaks with nobody."""

    def connection_made(self, transport: Any) -> None:
        transport.abort()


def _reason(error: OSError) -> str:
    """Return the system's word; asyncio puts one of its own around it."""
    known = error.errno is not None and error.errno > 0
    return os.strerror(error.errno or 0) if known else error.strerror or type(error).__name__


def _in_a_line(record: logging.LogRecord) -> bool:
    raised = record.exc_info[1] if record.exc_info else None
    if isinstance(raised, HttpProcessingError):
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg = "refused what is no request" + (" from %s" if record.args else "")
        record.exc_info = None
    # Of a body that cannot be read, whoever reads it tells.
    return not isinstance(raised, web.RequestPayloadError)


logger.addFilter(_in_a_line)
