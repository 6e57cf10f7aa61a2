"""The retained messages of MQTT topics: the only ones that a broker keeps for who comes later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.connectors.stream.messages import Message, MessageList, Wanted, gathered, text_of
from engine.probes.refusals import Refused
from engine.probes.streams.mqtt import open_session

if TYPE_CHECKING:
    from engine.probes.attempt import Attempt

_REFUSED = 128
_MAX_BYTES = 2 * 1024 * 1024
# Its answer comes after all that is retained for the subscription before it.
_AFTERWARDS = "$SYS/broker/version"


async def latest(attempt: Attempt, wanted: Wanted) -> MessageList:
    """Subscribe to a topic, which may have wildcards, and take what is retained."""
    found: list[Message] = []

    def hear(topic: str, payload: bytes) -> None:
        if topic != _AFTERWARDS and not gathered(found, wanted).truncated:
            found.append(Message(id=topic, body=text_of(payload), headers={"topic": topic}))

    async with open_session(attempt) as session:
        session.heard = hear
        if await session.subscribe(wanted.name) >= _REFUSED:
            raise Refused(
                "access_denied",
                "The broker does not let this user subscribe to that topic.",
                "Allow it in the broker's ACL, or read another topic.",
            )
        for _ in range(2):
            await session.subscribe(_AFTERWARDS)
    return gathered(found, wanted)


async def names(attempt: Attempt, limit: int) -> list[str]:
    """Return the topics under which something is retained."""
    wanted = Wanted(name="#", count=limit, max_bytes=_MAX_BYTES)
    return sorted({message.id for message in (await latest(attempt, wanted)).messages})[:limit]
