"""The latest messages of a Kafka topic, from each partition's end, without a group's offsets."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine.connectors.stream.messages import Message, MessageList, Wanted, gathered, text_of
from engine.probes.refusals import Refused, no_such
from engine.probes.streams.kafka import reach
from engine.probes.threads import in_thread

if TYPE_CHECKING:
    from engine.probes.attempt import Attempt

_POLL_S = 0.2
_FETCH = 1024 * 1024
_INTERNAL = "__"


async def latest(attempt: Attempt, wanted: Wanted) -> MessageList:
    """Read the last messages of every partition and keep the latest of them all."""
    config = await reach(attempt)
    ends = time.monotonic() + attempt.remaining_s
    return await in_thread(lambda: _read(config, wanted, ends))


async def names(attempt: Attempt, limit: int) -> list[str]:
    """Return the topics, without Kafka's own."""
    config = await reach(attempt)
    within_s = attempt.remaining_s

    def listed() -> list[str]:
        consumer = _consumer(config)
        try:
            topics = consumer.list_topics(timeout=within_s).topics
        finally:
            consumer.close()
        return sorted(name for name in topics if not name.startswith(_INTERNAL))

    return (await in_thread(listed))[:limit]


def _read(config: dict[str, object], wanted: Wanted, ends: float) -> MessageList:
    from confluent_kafka import TopicPartition

    consumer = _consumer(config)
    try:
        topic = consumer.list_topics(wanted.name, timeout=_left(ends)).topics.get(wanted.name)
        if topic is None or topic.error is not None:
            raise no_such("topic", wanted.name, "Check its name and this user's rights.")
        last: dict[int, int] = {}
        starts = []
        for partition in topic.partitions:
            place = TopicPartition(wanted.name, partition)
            low, high = consumer.get_watermark_offsets(place, timeout=_left(ends))
            if high > low:
                last[partition] = high
                place.offset = max(low, high - wanted.count)
                starts.append(place)
        consumer.assign(starts)
        return _taken(consumer, wanted, last, ends)
    finally:
        consumer.close()


def _taken(consumer: Any, wanted: Wanted, last: dict[int, int], ends: float) -> MessageList:
    """Take messages until each partition is at the end that it had at the start."""
    found: list[Message] = []
    room = wanted.max_bytes
    while last and room > 0 and time.monotonic() < ends:
        got = consumer.poll(min(_POLL_S, _left(ends)))
        if got is None:
            continue
        if got.error() is not None:
            raise Refused("server_error", f"Kafka refused: {got.error().str()}")
        found.append(_message(got))
        room -= len(got.value() or b"")
        if got.offset() + 1 >= last.get(got.partition(), 0):
            last.pop(got.partition(), None)
    found.sort(key=lambda message: message.at or datetime.min.replace(tzinfo=UTC), reverse=True)
    told = gathered(found, wanted)
    return MessageList(messages=told.messages, truncated=told.truncated or room <= 0)


def _consumer(config: dict[str, object]) -> Any:
    from confluent_kafka import Consumer

    own = {
        "group.id": "lampboard",
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        "fetch.message.max.bytes": _FETCH,
        "queued.max.messages.kbytes": _FETCH // 256,
    }
    return Consumer({**config, **own})


def _message(got: Any) -> Message:
    kind, ms = got.timestamp()
    headers = {str(name): text_of(value or b"") for name, value in got.headers() or ()}
    if got.key() is not None:
        headers["key"] = text_of(got.key())
    return Message(
        id=f"{got.partition()}:{got.offset()}",
        body=text_of(got.value() or b""),
        at=datetime.fromtimestamp(ms / 1000, UTC) if kind else None,
        headers=headers,
    )


def _left(ends: float) -> float:
    return max(0.01, ends - time.monotonic())
