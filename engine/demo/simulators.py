"""The providers of the demo, served on loopback: `python -m engine.demo.simulators`.

A process of its own, so that a slow answer is the provider's and not this program's. It reads its
plan (`engine.demo.plan`) as one line from stdin, answers with one line of JSON that tells each
site's port, and ends when stdin does: it never outlives whoever started it.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

from aiohttp import web

from engine.demo.behaviour import Mood
from engine.demo.dialects import DIALECTS, Asked, Said
from engine.demo.plan import Site, from_line

if TYPE_CHECKING:
    from collections.abc import Callable

LOOPBACK = "127.0.0.1"
_PLAN_BYTES = 4 * 1024 * 1024
_JITTER = (0.85, 1.25)
_LOGIN_PAGE = "<!doctype html><title>Sign in</title><h1>Sign in to continue</h1>"


class SimulatedSite:
    """One site: answers in its dialect, as each account's script says at this moment."""

    def __init__(self, site: Site, seconds: Callable[[], float], chance: random.Random) -> None:
        self._site = site
        self._dialect = DIALECTS[site.dialect]
        self._seconds = seconds
        self._chance = chance
        self._door: web.BaseSite | None = None
        self._guard: asyncio.Task[None] | None = None
        # Bound but never listening, it keeps the port ours while the door is closed.
        self._reserved = socket.socket()
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._reserved.bind((LOOPBACK, 0))
        self.port: int = self._reserved.getsockname()[1]

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{anything:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
        await self._runner.setup()
        await self._set_door(open_=self._is_open())
        if self._site.closes:
            self._guard = asyncio.create_task(self._keep_the_door())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._guard is not None:
            self._guard.cancel()
        await self._runner.cleanup()
        self._reserved.close()

    async def _keep_the_door(self) -> None:
        """Open and close as the script says, for ever."""
        (script,) = self._site.accounts.values()
        while (wait := script.next_change(self._seconds())) is not None:
            await asyncio.sleep(wait)
            await self._set_door(open_=self._is_open())

    def _is_open(self) -> bool:
        now = self._seconds()
        scripts = self._site.accounts.values()
        return not self._site.closes or all(s.at(now).mood is not Mood.REFUSED for s in scripts)

    async def _set_door(self, *, open_: bool) -> None:
        if open_ and self._door is None:
            self._door = web.TCPSite(self._runner, LOOPBACK, self.port, reuse_port=True)
            await self._door.start()
        elif not open_ and self._door is not None:
            await self._door.stop()
            self._door = None

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        asked = Asked(
            url=f"http://{request.host}{request.raw_path}",
            path=request.path,
            query=request.query,
            headers={name.lower(): value for name, value in request.headers.items()},
        )
        if request.method != "GET" or asked.path != self._dialect.path:
            return _written(Said(status=404, body={"error": {"message": "Not found"}}))
        secret = self._dialect.secret(asked, self._site.accounts)
        if isinstance(secret, Said):
            return _written(secret)
        return await self._in_mood(request, secret)

    async def _in_mood(self, request: web.Request, secret: str) -> web.StreamResponse:
        step = self._site.accounts[secret].at(self._seconds())
        await asyncio.sleep(step.latency_ms / 1000 * self._chance.uniform(*_JITTER))
        match step.mood:
            case Mood.OK:
                return _written(self._dialect.models())
            case Mood.LOGIN_PAGE:
                return web.Response(text=_LOGIN_PAGE, content_type="text/html")
            case Mood.SILENT:
                return await _nothing()
            case Mood.RESET | Mood.REFUSED:
                return await _reset(request)
            case _:
                return _written(self._dialect.refusal(step.mood, step.retry_after_s))


async def _nothing() -> web.StreamResponse:
    """Say nothing until the other side gives up, which cancels this."""
    await asyncio.Event().wait()
    raise AssertionError("nobody sets this event")


async def _reset(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return await _nothing()


def _written(said: Said) -> web.Response:
    return web.json_response(said.body, status=said.status, headers=said.headers)


async def serve(sites: list[Site], reader: asyncio.StreamReader) -> None:
    """Serve the sites, tell their ports on stdout, and end with the reader's end."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    chance = random.Random(1)  # noqa: S311 - jitter of a simulation, the same in every run

    def seconds() -> float:
        return loop.time() - start

    async with AsyncExitStack() as stack:
        served = [SimulatedSite(site, seconds, chance) for site in sites]
        for one in served:
            await stack.enter_async_context(one)
        ports = {site.name: one.port for site, one in zip(sites, served, strict=True)}
        sys.stdout.write(json.dumps(ports) + "\n")
        sys.stdout.flush()
        while await reader.read(4096):
            pass


async def main() -> None:
    """Read the plan from stdin and serve it."""
    reader = asyncio.StreamReader(limit=_PLAN_BYTES)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await serve(from_line((await reader.readline()).decode()), reader)


if __name__ == "__main__":
    asyncio.run(main())
