"""What the server answers, and to whom."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING

import aiohttp
import pytest

from engine.errors import InvalidInput
from tests.servers.certificates import Authority
from tests.tui.serve.serving import SETTINGS, served
from tui.serve import server as servers
from tui.serve import tokens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

TOKEN = "0123456789abcdef"
EVERY_PATH = ("/", "/ws", "/download/x", "/static/js/textual.js", "/static/", "/nothing", "/../..")


async def test_the_token_in_the_address_becomes_a_cookie() -> None:
    async with served() as there:
        assert there.server.opening == f"{there.url}/?token={there.server.access.token}"
        async with there.client.get(there.server.opening) as answer:
            assert answer.status == 200
            cookie = answer.cookies[f"lampboard-{there.server.port}"]
            assert "http-equiv" in await answer.text()
        assert cookie["httponly"]
        assert cookie["samesite"] == "Strict"
        assert not cookie["max-age"]
        assert there.server.access.token not in str(cookie)
        async with there.client.get(there.url) as answer:
            assert answer.status == 200
            assert "textual.js" in await answer.text()


async def test_the_token_can_be_typed_in() -> None:
    async with served(token=TOKEN) as there:
        assert TOKEN not in there.server.opening
        async with there.client.get(there.url) as answer:
            assert answer.status == 401
            assert 'type="password"' in await answer.text()
        own = {"Origin": there.url}
        async with there.client.post(f"{there.url}/enter", data={"token": "x"}, headers=own) as no:
            assert no.status == 403
            assert not no.cookies
        told = {"token": f" {TOKEN}\n"}
        async with there.client.post(f"{there.url}/enter", data=told, headers=own) as answer:
            assert answer.status == 200
        async with there.client.get(there.url) as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Type": "application/x-www-form-urlencoded; charset=none"}, b"token=x"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"token=\xff"),
        ({"Content-Type": "multipart/form-data"}, b"token=x"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"token=x"),
        ({"Content-Encoding": "deflate"}, b"no such thing"),
    ],
)
async def test_what_is_no_form_is_refused_in_a_word(
    headers: dict[str, str], body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    async with (
        served() as there,
        there.client.post(f"{there.url}/enter", data=body, headers=kind | headers) as no,
    ):
        assert no.status == 400
        assert "That is no form." in await no.text()
        assert "Content-Security-Policy" in no.headers
    assert not any(record.exc_info for record in caplog.records)


async def test_a_form_that_never_ends_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"token="
        await asyncio.Event().wait()

    monkeypatch.setattr(servers, "_FORM_S", 0.05)
    async with served() as there:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        async with there.client.post(f"{there.url}/enter", data=slow(), headers=kind) as no:
            assert no.status == 408


@pytest.mark.parametrize("path", EVERY_PATH)
async def test_who_is_not_known_gets_nothing(path: str) -> None:
    async with served() as there:
        for query in ("", "?token=", "?token=wrong"):
            async with there.client.get(
                f"{there.url}{path}{query}", headers={"Origin": there.url}
            ) as no:
                assert no.status in {401, 403}
                assert not no.cookies
                assert "textual" not in await no.text()


async def test_how_the_way_in_looks_is_told_to_everybody() -> None:
    async with served() as there:
        for path in ("/look/page.css", "/look/icon.svg"):
            async with there.client.get(f"{there.url}{path}") as answer:
                assert answer.status == 200
        async with there.client.get(f"{there.url}/look/page.css", headers={"Host": "x"}) as answer:
            assert answer.status == 421


@pytest.mark.parametrize(
    "headers", [{"Host": "rebound.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
async def test_a_foreign_page_opens_no_board(headers: dict[str, str]) -> None:
    async with served() as there:
        await there.enter()
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await there.board(**headers)
        assert caught.value.status in {403, 421}
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await there.client.ws_connect(f"{there.url}/ws")


async def test_every_answer_keeps_the_browser_strict() -> None:
    async with served() as there:
        await there.enter()
        told = {"Host": "rebound.example"}
        for path, headers in (*((one, {}) for one in EVERY_PATH[2:]), ("/", {}), ("/", told)):
            async with there.client.get(f"{there.url}{path}", headers=headers) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert "frame-ancestors 'none'" in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Cache-Control"] == "no-store"
                assert answer.headers["Server"] == "Lampboard"
                assert "Access-Control-Allow-Origin" not in answer.headers


async def test_nothing_is_loaded_from_elsewhere_and_no_folder_is_listed() -> None:
    async with served() as there:
        await there.enter()
        async with there.client.get(f"{there.url}/?fontsize=%22onload=x") as answer:
            page = await answer.text()
        assert "//" not in page.replace("<!doctype html>", "")
        assert 'data-font-size="16"' in page
        for path in ("/static/", "/static/js", "/look", "/look/", "/static/../server.py"):
            async with there.client.get(f"{there.url}{path}") as answer:
                assert answer.status in {403, 404}, path


async def test_a_token_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with served() as there:
        await there.enter()
        token = there.server.access.token
        assert token is not None
        for query in (f"?token={token}x", f"?token={token}"):
            async with there.client.get(f"{there.url}/{query}", headers={"Host": "x"}):
                pass
        there.client.cookie_jar.clear()
        async with there.client.get(f"{there.url}/?token={token}x"):
            pass
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("tui")]
    assert any("wrong token" in line for line in ours)
    assert token not in caplog.text
    assert tokens.cookie_of(token) not in caplog.text


async def test_it_speaks_tls(tmp_path: Path) -> None:
    authority = Authority.make("one's own")
    leaf = authority.leaf(tmp_path)
    async with served(certificate=str(leaf), key=str(leaf)) as there:
        assert there.server.opening.startswith("https://127.0.0.1:")
        trusted = authority.trusted()
        async with there.client.get(there.server.opening, ssl=trusted) as answer:
            assert answer.status == 200
            assert answer.cookies[f"lampboard-{there.server.port}"]["secure"]
        with pytest.raises(aiohttp.ClientError):
            await there.client.get(there.server.opening.replace("https", "http"))


async def test_a_certificate_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    with pytest.raises(InvalidInput, match="Certificate and key cannot be used"):
        async with served(certificate=str(broken), key=str(broken)):
            pass


async def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        from tui.serve.access import Told, decide
        from tui.serve.server import BoardServer

        access = decide(Told(port=taken.getsockname()[1]))
        with pytest.raises(InvalidInput, match="cannot be listened on: "):
            async with BoardServer(access, SETTINGS, boards=1):
                pass
