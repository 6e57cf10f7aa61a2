"""libpq's pipeline: statements sent together, their results read one by one and watched.

libpq holds a whole row before anybody sees it, and several rows of one FETCH. So the bytes that
come are watched while a result is waited for, and one that takes too many is given up.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from engine.connectors.sql.watched import received
from engine.gateway.executing.failures import Lost, TooLarge
from engine.gateway.executing.watchman import watchman

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from psycopg.abc import Buffer
    from psycopg.pq.abc import PGconn, PGresult

# What is received ahead of being read counts for what is read now.
_AHEAD = 256 * 1024
# PGRES_PIPELINE_SYNC of libpq-fe.h.
_SYNCED = 10
# What a generator of psycopg's is told when there is something to read (psycopg.waiting.Ready).
_READABLE = 1


class Line:
    """A connection in pipeline mode; its statements go by the extended protocol, one in each.

    Args:
        connection: One that is logged in.

    Attributes:
        most: How many bytes one result may take on the wire.
        open: Whether it is of any more use.
    """

    def __init__(self, connection: PGconn) -> None:
        from psycopg import OperationalError, generators

        self._failure = OperationalError
        self._fetch = generators.fetch
        self.connection = connection
        self.most = 0
        self.open = True
        self._exceeded = False
        self._groups = 0
        connection.nonblocking = 1
        connection.enter_pipeline_mode()
        # A twin: closing the connection's own while another thread waits would not wake it.
        self._twin = socket.socket(fileno=os.dup(connection.socket))
        with suppress(OSError):
            self._twin.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _AHEAD)
        self._waiter: asyncio.Future[None] | None = None

    def ask(
        self,
        statement: bytes,
        values: Sequence[Buffer | None] | None = None,
        types: Sequence[int] | None = None,
        formats: Sequence[int] | None = None,
    ) -> None:
        """Send one statement, its values apart from it."""
        try:
            self.connection.send_query_params(
                statement, values, param_types=types, param_formats=formats
            )
        except self._failure as error:
            raise self._lost() from error

    def sync(self) -> None:
        """Send what ends a group of statements: after a failed one the rest of it is left out."""
        try:
            self.connection.pipeline_sync()
        except self._failure as error:
            raise self._lost() from error
        self._groups += 1

    @property
    def came(self) -> int:
        """Bytes that were received so far."""
        return received(self._twin)

    async def answer(self) -> PGresult:
        """Return the result of the next statement.

        Raises:
            Lost: The connection is gone.
            TooLarge: The result takes too many bytes; the connection is of no more use.
        """
        found = await self._next()
        if found is None:
            raise Lost
        await self._next()  # the end of this statement's results
        return found

    async def rows(self) -> AsyncIterator[PGresult]:
        """Yield the next statement's rows in a result each, and its end or failure as the last.

        Raises: as `answer`.
        """
        self.connection.set_single_row_mode()
        while (found := await self._next()) is not None:
            yield found

    async def drain(self, groups: int = 0) -> None:
        """Read to the end of all groups but that many; raises as `answer`."""
        while self._groups > groups:
            found = await self._next()
            if found is not None and found.status == _SYNCED:
                self._groups -= 1

    @contextmanager
    def attended(self) -> Iterator[None]:
        """Notice what the server sends, in the running event loop, until the block ends."""
        loop, descriptor = asyncio.get_running_loop(), self.connection.socket
        loop.add_reader(descriptor, self._turn)
        try:
            yield
        finally:
            loop.remove_reader(descriptor)
            loop.remove_writer(descriptor)

    def drop(self) -> None:
        """End it at once, whatever the server is at."""
        self.open = False
        with suppress(OSError):
            self._twin.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close both ends of it."""
        self.open = False
        self.connection.finish()
        self._twin.close()

    async def _next(self) -> PGresult | None:
        pg = self.connection
        try:
            while pg.flush():
                await self._written()
            # Unlike the connection's own methods it lets other threads work while it reads.
            reading = self._fetch(pg)
            try:
                next(reading)
                with watchman().watching(self._twin, self.most, self._exceed):
                    while True:
                        await self._wait()
                        reading.send(_READABLE)
            except StopIteration as done:
                found: PGresult | None = done.value
                return found
        except self._failure as error:
            raise self._lost() from error

    async def _written(self) -> None:
        """Wait until more can be sent, and read meanwhile what the server has to say."""
        loop = asyncio.get_running_loop()
        loop.add_writer(self.connection.socket, self._turn)
        try:
            await self._wait()
        finally:
            loop.remove_writer(self.connection.socket)
        self.connection.consume_input()

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    def _turn(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _exceed(self) -> None:
        self._exceeded = True
        self.drop()

    def _lost(self) -> Lost | TooLarge:
        self.open = False
        return TooLarge() if self._exceeded else Lost()
