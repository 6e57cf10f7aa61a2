"""What strangers may take of a server of ours: connections, time, lines of the log."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from engine.errors import InvalidInput
from engine.http import listening
from engine.http.listening import Place, is_loopback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ASKED = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def answer(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(text=(await request.read()).decode() or "here")


@asynccontextmanager
async def listened(*, most: int = 8, **more: Any) -> AsyncIterator[int]:
    server = web.Server(answer, access_log=None, logger=listening.logger, **more)
    place = Place(web.ServerRunner(server, shutdown_timeout=0.1), "127.0.0.1", 0, most=most)
    await place.open()
    try:
        yield place.port
    finally:
        await place.close()


async def told(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the other side closes, which must be of its own will."""
    async with asyncio.timeout(60):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


async def test_there_are_so_many_connections_and_no_more() -> None:
    async with listened(most=2) as port:
        open_ = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        for reader, writer in open_:
            writer.write(ASKED)
            assert await reader.readuntil(b"here")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await told(reader) == b""
        writer.close()
        # Those that were there first still speak.
        for reader, former in open_:
            former.write(ASKED)
            assert await reader.readuntil(b"here")
            former.close()


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_who_asks_nothing_is_let_go(said: bytes) -> None:
    async with listened(keepalive_timeout=0.05) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        assert await told(reader) == b""
        writer.close()


async def test_what_is_no_request_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    async with listened() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASKED + b"GET / HTTP/1.1\r\nno header\r\n\r\n")
        assert b"400 Bad Request" in await told(reader)
        writer.close()
    (record,) = [one for one in caplog.records if one.name == listening.logger.name]
    assert record.getMessage() == "refused what is no request from 127.0.0.1"
    assert (record.levelno, record.exc_info) == (logging.WARNING, None)


async def test_what_breaks_in_an_answer_keeps_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    async with listened() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        broken = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\n\xff"
        writer.write(broken)
        assert b"500 Internal" in await told(reader)
        writer.close()
    (record,) = [one for one in caplog.records if one.name == listening.logger.name]
    assert record.exc_info is not None
    assert record.exc_info[0] is UnicodeDecodeError


async def test_why_a_place_cannot_be_had_is_the_systems_word() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        runner = web.ServerRunner(web.Server(answer))
        with pytest.raises(InvalidInput) as caught:
            await Place(runner, "127.0.0.1", port, most=1, flags="--here", field="here").open()
    said = f"127.0.0.1:{port} cannot be listened on: Address already in use."
    assert (caught.value.message, caught.value.field) == (said, "here")
    assert caught.value.hint == "Give another --here; something may listen there already."


async def test_an_address_of_version_6_has_its_brackets() -> None:
    place = Place(web.ServerRunner(web.Server(answer)), "::1", 9464, most=1)
    assert place.name == "[::1]:9464"


@pytest.mark.parametrize(
    ("host", "own"),
    [
        *(("localhost", True), ("127.0.0.1", True), ("127.8.9.1", True), ("::1", True)),
        *(("0:0:0:0:0:0:0:1", True), ("0.0.0.0", False), ("::", False), ("192.0.2.1", False)),
        *(("board.example", False), ("", False)),
    ],
)
def test_loopback_is_more_than_one_address(host: str, own: bool) -> None:
    assert is_loopback(host) is own
