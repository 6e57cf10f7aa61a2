"""The line to one browser: read in a task of its own, and ended by whoever has a reason."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import WSCloseCode

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from aiohttp import web


class Line:
    """Ends once, and so that the browser hears why.

    A connection that is closed while somebody still reads from it is cut off before the browser
    has answered; what is under way to it, such as the reason, is then lost.

    Args:
        socket: The browser's WebSocket, prepared.
    """

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._reading: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None

    async def read(self, reading: Coroutine[None, None, None]) -> None:
        """Read until there is nothing more, or the line is ended from elsewhere."""
        self._reading = task = asyncio.create_task(reading)
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
        if not task.cancelled():
            task.result()

    async def end(self, code: int = WSCloseCode.OK, why: str = "") -> None:
        """Stop reading, tell the browser why, and wait for its answer."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end(code, why))
        await asyncio.shield(self._ending)

    async def _end(self, code: int, why: str) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})
        await self._socket.close(code=code, message=why.encode())
