"""Simulated servers that speak a protocol of their own, one connection at a time."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from engine.demo.behaviour import Mood
from engine.demo.doors import LOOPBACK, Door
from engine.demo.wires import WIRES
from engine.demo.wires.base import Peer

if TYPE_CHECKING:
    from engine.demo.passing import Passing
    from engine.demo.plan import Site


class WireSite:
    """One site with one account, over TCP."""

    def __init__(self, site: Site, passing: Passing) -> None:
        ((self._secret, self._script),) = site.accounts.items()
        self._talk = WIRES[site.dialect]
        self._passing = passing
        self._door = Door(site, passing.seconds, self._listen)
        self._talks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """Its loopback port."""
        return self._door.port

    async def __aenter__(self) -> Self:
        await self._door.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._door.__aexit__(None, None, None)
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _listen(self, port: int) -> _Listening:
        return _Listening(await asyncio.start_server(self._accept, LOOPBACK, port, reuse_port=True))

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.create_task(self._serve(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        step = self._script.at(self._passing.seconds())
        try:
            if step.mood is Mood.SILENT:
                while await reader.read(4096):
                    pass
            elif step.mood is not Mood.RESET:
                await self._passing.wait(step)
                peer = Peer(reader=reader, writer=writer, secret=self._secret, step=step)
                # Whoever speaks something else, or leaves in between, is not waited for.
                with suppress(ValueError, EOFError, OSError):
                    await self._talk(peer)
        finally:
            if step.mood is Mood.RESET:
                writer.transport.abort()
            writer.close()


class _Listening:
    """A server that stops as aiohttp's do."""

    def __init__(self, server: asyncio.Server) -> None:
        self._server = server

    async def stop(self) -> None:
        """Close the port; who is connected stays so."""
        self._server.close()
