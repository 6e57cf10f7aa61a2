"""The latest messages of a JetStream stream, fetched by number: no consumer is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.connectors.stream.messages import Message, MessageList, Wanted, gathered, text_of
from engine.probes.refusals import no_such
from engine.probes.streams.nats import open_client

if TYPE_CHECKING:
    from nats.js import JetStreamContext

    from engine.probes.attempt import Attempt

_HINT = "Check the stream's name and the account that this user belongs to."


async def latest(attempt: Attempt, wanted: Wanted) -> MessageList:
    """Read backwards from the last number; what was deleted between is passed over."""
    from nats.js.errors import NotFoundError

    async with open_client(attempt) as (client, _):
        stream = client.jetstream(timeout=attempt.remaining_s)
        try:
            state = (await stream.stream_info(wanted.name)).state
        except NotFoundError:
            raise no_such("stream", wanted.name, _HINT) from None
        found: list[Message] = []
        for number in range(state.last_seq, max(state.first_seq, 1) - 1, -1):
            if (message := await _one(stream, wanted.name, number)) is not None:
                found.append(message)
            told = gathered(found, wanted)
            if len(found) >= wanted.count or told.truncated:
                return told
        return gathered(found, wanted)


async def names(attempt: Attempt, limit: int) -> list[str]:
    """Return the names of the account's streams."""
    async with open_client(attempt) as (client, info):
        if not info.get("jetstream"):
            return []
        found = await client.jetstream(timeout=attempt.remaining_s).streams_info()
    return sorted(str(one.config.name) for one in found)[:limit]


async def _one(stream: JetStreamContext, name: str, number: int) -> Message | None:
    from nats.js.errors import NotFoundError

    try:
        told = await stream.get_msg(name, seq=number)
    except NotFoundError:
        return None
    return Message(
        id=str(number),
        body=text_of(told.data or b""),
        at=told.time if hasattr(told, "time") else None,
        headers={"subject": str(told.subject), **(told.headers or {})},
    )
