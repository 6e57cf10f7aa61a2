"""The messages at the head of a RabbitMQ queue, put back untouched when the channel closes.

A queue has no way to be read from its end; what is got first is the oldest. Each message is got
without being acknowledged, so the broker puts all of them back, marked as delivered before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.connectors.stream.messages import Message, MessageList, Wanted, gathered, text_of
from engine.probes.refusals import no_such
from engine.probes.streams.rabbitmq import open_connection

if TYPE_CHECKING:
    from engine.probes.attempt import Attempt


async def latest(attempt: Attempt, wanted: Wanted) -> MessageList:
    """Get messages until there are enough; the channel is closed before any is acknowledged."""
    from aiormq.exceptions import ChannelNotFoundEntity

    found: list[Message] = []
    async with open_connection(attempt) as connection:
        channel = await connection.channel()
        try:
            await channel.queue_declare(wanted.name, passive=True)
        except ChannelNotFoundEntity:
            raise no_such("queue", wanted.name, "Check its name and the virtual host.") from None
        while len(found) < wanted.count:
            got = await channel.basic_get(wanted.name, no_ack=False)
            if not got.body and got.delivery_tag is None:
                break
            found.append(_message(got))
            if gathered(found, wanted).truncated:
                break
        await channel.close()
    return gathered(found, wanted)


async def names(attempt: Attempt, limit: int) -> list[str]:
    """Return the queue that the place names: AMQP has no way to list queues."""
    queue = attempt.place.option("queue")
    return [queue][:limit] if queue else []


def _message(got: Any) -> Message:
    properties = got.header.properties
    told = {"routing_key": text_of(got.routing_key or ""), "exchange": text_of(got.exchange or "")}
    headers = {str(name): text_of(value) for name, value in (properties.headers or {}).items()}
    return Message(
        id=str(got.delivery_tag),
        body=text_of(got.body),
        at=properties.timestamp,
        headers={**told, **headers},
    )
