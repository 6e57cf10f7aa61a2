"""A server on loopback whose boards are `fake_board.py`, and a browser that is none."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from engine.settings import Settings
from tui.serve.access import Told, decide
from tui.serve.server import BoardServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

FAKE = (sys.executable, str(Path(__file__).with_name("fake_board.py")))
SETTINGS = Settings(database="sqlite:////nowhere/board.db", operator="somebody", read_only=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """A server that runs, with a client that has its cookies in a jar of its own."""

    server: BoardServer
    client: aiohttp.ClientSession

    @property
    def url(self) -> str:
        scheme = "https" if self.server.access.certificate else "http"
        return f"{scheme}://127.0.0.1:{self.server.port}"

    async def enter(self) -> None:
        async with self.client.get(self.server.opening) as answer:
            assert answer.status == 200, await answer.text()

    def board(self, *, autoclose: bool = True, **headers: str) -> Any:
        """Open a board, as a page of this server does unless the headers say otherwise."""
        told = {"Origin": self.url, **headers}
        address = f"{self.url}/ws?width=100&height=30"
        return self.client.ws_connect(address, headers=told, autoclose=autoclose)


@asynccontextmanager
async def served(
    *,
    boards: int = 2,
    settings: Settings = SETTINGS,
    command: Sequence[str] = FAKE,
    **told: Any,
) -> AsyncIterator[Served]:
    access = decide(Told(port=0, **told))
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        BoardServer(access, settings, boards=boards, command=command) as server,
        aiohttp.ClientSession(cookie_jar=jar) as client,
    ):
        yield Served(server=server, client=client)


async def first_words(board: aiohttp.ClientWebSocketResponse) -> Mapping[str, Any]:
    """What the process of a board tells of itself."""
    found: dict[str, Any] = json.loads(await board.receive_bytes())
    return found


async def say(board: aiohttp.ClientWebSocketResponse, word: str) -> None:
    await board.send_str(json.dumps(["stdin", word]))


async def gone(pid: int) -> None:
    """Wait until a process has ended and nobody holds what is left of it."""
    async with asyncio.timeout(60):
        while True:
            with suppress(ProcessLookupError):
                os.kill(pid, 0)
                await asyncio.sleep(0.01)
                continue
            return


async def until_open(there: Served, count: int) -> None:
    async with asyncio.timeout(60):
        while len(there.server._open) != count:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)
