"""Simulated servers that speak HTTP: each answers in its dialect, as its script says now."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Self

from aiohttp import web

from engine.demo.behaviour import Mood
from engine.demo.dialects import DIALECTS, Asked, Said
from engine.demo.doors import LOOPBACK, Door

if TYPE_CHECKING:
    from engine.demo.passing import Passing
    from engine.demo.plan import Site

_LOGIN_PAGE = "<!doctype html><title>Sign in</title><h1>Sign in to continue</h1>"


class WebSite:
    """One site over HTTP."""

    def __init__(self, site: Site, passing: Passing) -> None:
        self._site = site
        self._dialect = DIALECTS[site.dialect]
        self._passing = passing
        app = web.Application()
        app.router.add_route("*", "/{anything:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
        self._door = Door(site, passing.seconds, self._listen)

    @property
    def port(self) -> int:
        """Its loopback port."""
        return self._door.port

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await self._door.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._door.__aexit__(None, None, None)
        await self._runner.cleanup()

    async def _listen(self, port: int) -> web.TCPSite:
        opened = web.TCPSite(self._runner, LOOPBACK, port, reuse_port=True)
        await opened.start()
        return opened

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        asked = Asked(
            method=request.method,
            url=f"http://{request.host}{request.raw_path}",
            path=request.path,
            query=request.query,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
            at=int(time.time()),
        )
        secret = self._dialect.secret(asked, self._site.accounts)
        if isinstance(secret, Said):
            return _written(secret)
        return await self._in_mood(request, asked, secret)

    async def _in_mood(self, request: web.Request, asked: Asked, secret: str) -> web.StreamResponse:
        step = self._site.accounts[secret].at(self._passing.seconds())
        await self._passing.wait(step)
        match step.mood:
            case Mood.OK | Mood.IMPAIRED | Mood.BROKEN:
                return _written(self._dialect.answer(asked, step.mood))
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
    headers = {"Server": "simulator", **said.headers}
    # ClickHouse and its like tell errors as text; to no dialect here a bare text is an answer.
    if isinstance(said.body, str) and said.status != 200:  # noqa: PLR2004 - HTTP's own
        return web.Response(text=said.body, status=said.status, headers=headers)
    return web.json_response(said.body, status=said.status, headers=headers)
