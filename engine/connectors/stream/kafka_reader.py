"""Reads the latest messages of a Kafka topic, as a process of its own; see kafka.py.

One JSON object comes by the standard input, one goes out by the standard output.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

_POLL_S = 0.2
_FETCH = 1024 * 1024
_QUIET = logging.getLogger("lampboard.kafka")
_QUIET.disabled = True


def main() -> None:
    """Read what is asked for, and write what was found, or why it was not."""
    from confluent_kafka import KafkaException

    asked = json.load(sys.stdin)
    ends = time.monotonic() + asked["within_s"]
    consumer = _consumer(asked["config"])
    try:
        told = _read(consumer, asked["wanted"], ends)
    except KafkaException as error:
        told = {"refused": error.args[0].str()}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def _read(consumer: Any, wanted: dict[str, Any], ends: float) -> dict[str, Any]:
    from confluent_kafka import TopicPartition

    name, last, starts = wanted["name"], {}, []
    topic = consumer.list_topics(name, timeout=_left(ends)).topics[name]
    for partition in topic.partitions:
        place = TopicPartition(name, partition)
        low, high = consumer.get_watermark_offsets(place, timeout=_left(ends))
        if high > low:
            last[partition] = high
            place.offset = max(low, high - wanted["count"])
            starts.append(place)
    consumer.assign(starts)
    return _taken(consumer, wanted, last, ends)


def _taken(
    consumer: Any, wanted: dict[str, Any], last: dict[int, int], ends: float
) -> dict[str, Any]:
    """Take messages until each partition is at the end that it had at the start."""
    found: list[dict[str, Any]] = []
    room = wanted["max_bytes"]
    while last and time.monotonic() < ends:
        got = consumer.poll(min(_POLL_S, _left(ends)))
        if got is None or got.error() is not None:
            continue
        room -= len(got.value() or b"")
        if room < 0:
            break
        found.append(_message(got))
        if got.offset() + 1 >= last.get(got.partition(), 0):
            last.pop(got.partition(), None)
    found.sort(key=lambda message: message["ms"] or 0, reverse=True)
    return {"messages": found[: wanted["count"]], "truncated": bool(last)}


def _consumer(config: dict[str, object]) -> Any:
    from confluent_kafka import Consumer

    own: dict[str, object] = {
        "group.id": "lampboard",
        "client.id": "lampboard",
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        "fetch.message.max.bytes": _FETCH,
        "queued.max.messages.kbytes": 4 * _FETCH // 1024,
        "log_level": 0,
        "logger": _QUIET,
    }
    return Consumer({**config, **own})


def _message(got: Any) -> dict[str, Any]:
    kind, ms = got.timestamp()
    headers = {str(name): _text(value) for name, value in got.headers() or ()}
    if got.key() is not None:
        headers["key"] = _text(got.key())
    return {
        "id": f"{got.partition()}:{got.offset()}",
        "body": _text(got.value()),
        "ms": ms if kind else None,
        "headers": headers,
    }


def _text(value: bytes | str | None) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value or ""


def _left(ends: float) -> float:
    return max(0.01, ends - time.monotonic())


if __name__ == "__main__":
    main()
