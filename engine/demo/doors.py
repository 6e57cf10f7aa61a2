"""A simulated server's port: kept for the whole run, open and closed as its script says."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Protocol, Self

from engine.demo.behaviour import Mood

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from engine.demo.plan import Site

LOOPBACK = "127.0.0.1"


class Listening(Protocol):
    """What was opened at a port."""

    async def stop(self) -> None:
        """Close the port again."""
        ...


class Door:
    """Holds one loopback port and opens it while the site's script does not refuse.

    Args:
        site: Whose door it is.
        seconds: Tells the seconds since the start.
        listen: Opens a port, which must allow that it is shared (SO_REUSEPORT).

    Attributes:
        port: The port.
    """

    def __init__(
        self,
        site: Site,
        seconds: Callable[[], float],
        listen: Callable[[int], Awaitable[Listening]],
    ) -> None:
        self._site = site
        self._seconds = seconds
        self._listen = listen
        self._open: Listening | None = None
        self._guard: asyncio.Task[None] | None = None
        # Bound but never listening, it keeps the port ours while the door is closed.
        self._reserved = socket.socket()
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._reserved.bind((LOOPBACK, 0))
        self.port: int = self._reserved.getsockname()[1]

    async def __aenter__(self) -> Self:
        await self._set(open_=self._shall_be_open())
        if self._site.closes:
            self._guard = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._guard is not None:
            self._guard.cancel()
        await self._set(open_=False)
        self._reserved.close()

    async def _keep(self) -> None:
        """Open and close as the script says, for ever."""
        (script,) = self._site.accounts.values()
        while (wait := script.next_change(self._seconds())) is not None:
            await asyncio.sleep(wait)
            await self._set(open_=self._shall_be_open())

    def _shall_be_open(self) -> bool:
        now = self._seconds()
        scripts = self._site.accounts.values()
        return not self._site.closes or all(s.at(now).mood is not Mood.REFUSED for s in scripts)

    async def _set(self, *, open_: bool) -> None:
        if open_ and self._open is None:
            self._open = await self._listen(self.port)
        elif not open_ and self._open is not None:
            opened, self._open = self._open, None
            await opened.stop()
