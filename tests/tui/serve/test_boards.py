"""What becomes of the boards that the server opens, and how each of them ends."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from engine.settings import Settings
from tests.tui.serve.serving import first_words, gone, say, served, until_open
from tui.serve import board as boards
from tui.serve import tokens
from tui.serve.access import TOKEN_HEADER

TOKEN = "0123456789abcdef"


async def test_keys_and_sizes_go_in_and_what_is_drawn_comes_out() -> None:
    async with served() as there:
        await there.enter()
        async with there.board() as board:
            told = await first_words(board)
            assert (told["COLUMNS"], told["ROWS"]) == ("100", "30")
            await say(board, "4é")
            assert await board.receive_bytes() == "4é".encode()
            await board.send_str(json.dumps(["resize", {"width": 10**9, "height": -1}]))
            assert json.loads(await board.receive_bytes())["width"] == 500
            await board.send_str('["ping", "7"]')
            assert await board.receive_str() == '["pong", "7"]'


async def test_a_board_knows_its_settings_and_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(tokens.VARIABLE, TOKEN)
    monkeypatch.setenv("TMUX", "/somewhere")
    monkeypatch.setenv("LAMPBOARD_READ_ONLY", "false")
    monkeypatch.setenv("LAMPBOARD_CONFIG", "/nowhere.toml")
    settings = Settings(
        database="postgresql://board:secret@db.example/board",
        operator="somebody",
        read_only=True,
        tenant="acme",
        log_file="-",
        allow_networks=("10.0.0.0/8", "10.1.0.0/16"),
    )
    async with served(token=TOKEN, settings=settings) as there:
        own = {"Origin": there.url}
        await there.client.post(f"{there.url}/enter", data={"token": TOKEN}, headers=own)
        async with there.board() as board:
            told = await first_words(board)
    assert TOKEN not in json.dumps(told)
    assert tokens.cookie_of(TOKEN) not in json.dumps(told)
    assert told["argv"] == []
    assert "TMUX" not in told
    variables = {name: value for name, value in told.items() if name.startswith("LAMPBOARD_")}
    found = Settings.load(environment=variables)
    assert found.read_only
    assert found.monitor == "off"
    assert found.log_file is None
    for name in ("database", "operator", "tenant", "allow_networks", "refresh_s", "in_flight"):
        assert getattr(found, name) == getattr(settings, name)


async def test_the_proxys_word_stands_in_the_activity_log() -> None:
    proxied = {
        "token": TOKEN,
        "behind_proxy": "X-User",
        "proxies": ("127.0.0.1",),
        "public_url": "https://board.example",
    }
    async with served(**proxied) as there:
        own = {"Host": "board.example", "Origin": "https://board.example", TOKEN_HEADER: TOKEN}
        async with there.board(**own, **{"X-User": "ada"}) as board:
            assert (await first_words(board))["LAMPBOARD_OPERATOR"] == "ada"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await there.board(**{**own, TOKEN_HEADER: "x"}, **{"X-User": "ada"})
        async with there.client.get(f"{there.url}/?token={TOKEN}", headers=own) as answer:
            assert answer.status == 403
        async with there.client.post(f"{there.url}/enter", headers={**own, "X-User": "ada"}) as no:
            assert no.status == 404


async def test_a_board_that_cannot_be_started_says_so(caplog: pytest.LogCaptureFixture) -> None:
    async with served(command=("/nowhere/at/all",)) as there:
        await there.enter()
        async with there.board() as board:
            message = await board.receive()
            assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1013)
            assert message.extra == "The server cannot start a board now; its log says why."
        await until_open(there, 0)
    assert "a board could not be started: No such file or directory" in caplog.text
    assert not any(record.exc_info for record in caplog.records)


async def test_there_are_so_many_boards_and_no_more() -> None:
    async with served(boards=2) as there:
        await there.enter()
        async with there.board() as one, there.board() as other:
            await first_words(one)
            pid = (await first_words(other))["pid"]
            async with there.board() as third:
                message = await third.receive()
                assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1013)
                assert message.extra == "All 2 boards are in use; close one and try again."
            await other.close()
            await gone(pid)
            await until_open(there, 1)
            async with there.board() as again:
                await first_words(again)


@pytest.mark.parametrize(
    "message",
    [
        "no json",
        "[]",
        "{}",
        "3",
        '["stdin"]',
        '["stdin", 3]',
        '["resize", {"width": 3}]',
        '["resize", {"width": 1e999, "height": NaN}]',
        "[" * 9999,
    ],
)
async def test_a_message_that_is_none_ends_the_board(message: str) -> None:
    async with served() as there:
        await there.enter()
        async with there.board() as board:
            pid = (await first_words(board))["pid"]
            await board.send_str(message)
            end = await board.receive()
            assert (end.type, end.data) == (aiohttp.WSMsgType.CLOSE, 1008)
        await gone(pid)


async def test_a_message_that_is_too_long_ends_the_board() -> None:
    async with served() as there:
        await there.enter()
        async with there.board() as board:
            pid = (await first_words(board))["pid"]
            await board.send_str(json.dumps(["stdin", "x" * 2**19]))
            assert (await board.receive()).type is not aiohttp.WSMsgType.BINARY
        await gone(pid)


async def test_a_board_ends_with_its_browser_even_if_it_will_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(boards, "_POLITE_S", 0.05)
    async with served() as there:
        await there.enter()
        async with there.board() as board:
            pid = (await first_words(board))["pid"]
            await say(board, "stubborn now")
            assert await board.receive_bytes() == b"stubborn"
        await gone(pid)
        await until_open(there, 0)


async def test_a_browser_that_is_cut_off_ends_its_board() -> None:
    async with served() as there:
        await there.enter()
        board = await there.board()
        pid = (await first_words(board))["pid"]
        board._conn.transport.abort()
        await gone(pid)
        await board.close()


async def test_boards_end_with_the_server_and_their_browsers_are_told() -> None:
    async with served() as there:
        await there.enter()
        board = await there.board()
        pid = (await first_words(board))["pid"]
        closing = asyncio.create_task(there.server.__aexit__())
        message = await board.receive()
        assert (message.data, message.extra) == (1001, "The server was ended.")
        await board.close()
        await closing
        await gone(pid)


async def test_a_board_that_is_left_closes_its_connection() -> None:
    async with served() as there:
        await there.enter()
        async with there.board() as board:
            pid = (await first_words(board))["pid"]
            await say(board, "leave now")
            assert (await board.receive()).type is aiohttp.WSMsgType.CLOSE
        await gone(pid)


@pytest.mark.parametrize("ended", ["left", "shut down", "broken"])
async def test_a_connection_ends_when_its_browser_has_answered(ended: str) -> None:
    """Cut off before, a browser may lose what was still under way to it: the reason."""
    async with served() as there:
        await there.enter()
        async with there.board(autoclose=False) as board:
            await first_words(board)
            (line,) = there.server._open.values()
            if ended == "left":
                await say(board, "leave now")
            elif ended == "broken":
                await board.send_str("no message")
            else:
                closing = asyncio.create_task(there.server.__aexit__())
            assert (await board.receive()).type is aiohttp.WSMsgType.CLOSE
            await board.close(code=4001)
            await line.end()
            assert line._socket.close_code == 4001
            if ended == "shut down":
                await closing


async def test_why_a_board_died_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with served() as there:
        await there.enter()
        async with there.board() as board:
            await first_words(board)
            await say(board, "die of \x1b[31mthis")
            assert (await board.receive()).type is aiohttp.WSMsgType.CLOSE
        await until_open(there, 0)
    assert "a board ended with code 3: of this" in caplog.text


async def test_a_board_opens_no_address(caplog: pytest.LogCaptureFixture) -> None:
    async with served() as there:
        await there.enter()
        async with there.board() as board:
            await first_words(board)
            await say(board, "url https://evil.example")
            await say(board, "next")
            assert await board.receive_bytes() == b"next"
    assert "asked for open_url" in caplog.text
