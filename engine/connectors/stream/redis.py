"""The latest entries of a Redis stream, without a consumer group: reading leaves no trace."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine.connectors.stream.messages import Message, MessageList, Wanted, gathered, text_of
from engine.probes.refusals import no_such
from engine.probes.streams.redis import ask, open_connection

if TYPE_CHECKING:
    from redis.asyncio.connection import Connection

    from engine.probes.attempt import Attempt

_PAGE = 100
_KIND = "stream"


async def latest(attempt: Attempt, wanted: Wanted) -> MessageList:
    """Read from the end, a hundred entries at a time, until there are enough or too many bytes."""
    async with open_connection(attempt) as connection:
        if text_of(await ask(connection, "TYPE", wanted.name)) != _KIND:
            raise no_such("stream", wanted.name, "Check its name and the database's number.")
        found: list[Message] = []
        before = "+"
        while len(found) < wanted.count:
            page = await _page(connection, wanted, before, wanted.count - len(found))
            found += [_message(entry) for entry in page]
            told = gathered(found, wanted)
            if len(page) < _PAGE or told.truncated:
                return told
            before = f"({found[-1].id}"
        return gathered(found, wanted)


async def names(attempt: Attempt, limit: int) -> list[str]:
    """Return the names of streams, as far as one scan of bounded length finds them."""
    found: list[str] = []
    cursor = "0"
    async with open_connection(attempt) as connection:
        for _ in range(limit):
            scanned = await ask(
                connection, "SCAN", cursor, "TYPE", _KIND, "COUNT", str(max(limit, _PAGE))
            )
            cursor = text_of(scanned[0])
            found += [text_of(name) for name in scanned[1]]
            if cursor == "0" or len(found) >= limit:
                break
    return sorted(set(found))[:limit]


async def _page(connection: Connection, wanted: Wanted, before: str, left: int) -> Any:
    count = str(min(left, _PAGE))
    return await ask(connection, "XREVRANGE", wanted.name, before, "-", "COUNT", count)


def _message(entry: Any) -> Message:
    number = text_of(entry[0])
    pairs = [text_of(part) for part in entry[1] or ()]
    fields = dict(zip(pairs[::2], pairs[1::2], strict=False))
    ms = number.partition("-")[0]
    return Message(
        id=number,
        body=json.dumps(fields, ensure_ascii=False),
        at=datetime.fromtimestamp(int(ms) / 1000, UTC) if ms.isdigit() else None,
    )
