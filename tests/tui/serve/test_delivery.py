"""Files for a browser: few, bounded, never opened, gone with their board."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.tui.serve.serving import first_words, say, served, until_open
from tui.serve import delivery

if TYPE_CHECKING:
    from tests.tui.serve.serving import Served


async def file(there: Served, board: Any, key: str) -> str:
    await say(board, f"file {key}")
    assert json.loads(await board.receive_str()) == ["deliver_file_start", key]
    return f"{there.url}/download/{key}"


async def test_a_file_is_handed_over_once_and_never_opened() -> None:
    async with served() as there:
        await there.enter()
        async with there.board() as board:
            await first_words(board)
            url = await file(there, board, "key")
            async with there.client.get(url) as answer:
                assert await answer.read() == b"xxxxx"
                assert answer.content_type == "application/octet-stream"
                kept = answer.headers["Content-Disposition"]
                assert kept == 'attachment; filename="a-b-x-.html"'
            async with there.client.get(url) as answer:
                assert answer.status == 404


async def test_files_are_few_and_bounded_and_end_with_their_board(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery, "LARGEST", 2**18)
    async with served() as there:
        await there.enter()
        async with there.board() as board:
            await first_words(board)
            urls = [
                await file(there, board, f"key-{number}") for number in range(delivery.MOST - 1)
            ]
            endless = await file(there, board, "endless")
            await say(board, "file one-more")
            await say(board, "next")
            assert await board.receive_bytes() == b"next"
            with pytest.raises(aiohttp.ClientError):
                async with there.client.get(endless) as answer:
                    await answer.read()
        await until_open(there, 0)
        async with there.client.get(urls[0]) as answer:
            assert answer.status == 404
