"""The latest messages of a Kafka topic, from each partition's end, without a group's offsets.

librdkafka reads them, in a process of its own (kafka_reader.py): an answer that it does not
expect can end the process that it runs in. What it will connect to is judged before.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine.children import kill
from engine.connectors.stream.messages import Message, MessageList, Wanted, gathered
from engine.probes.refusals import Refused, no_such
from engine.probes.streams.kafka import describe
from engine.probes.technology import is_installed

if TYPE_CHECKING:
    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

_DRIVER = "confluent_kafka"
_PORT = 9092
_INTERNAL = "__"
# What one byte of a message may become as JSON (\u0000), and what stands beside each message.
_GROWTH, _BESIDE = 6, 4096
_READER = "engine.connectors.stream.kafka_reader"
# Where nothing but the interpreter and its libraries have to be found.
_INHERITED = ("PATH", "LANG", "SYSTEMROOT", "VIRTUAL_ENV")


async def latest(attempt: Attempt, wanted: Wanted) -> MessageList:
    """Read the last messages of every partition and keep the latest of them all."""
    if not is_installed(_DRIVER):
        raise Refused(
            "driver_missing",
            "The driver of Kafka is not installed.",
            "pip install 'lampboard[kafka]'",
        )
    cluster = await describe(attempt, wanted.name)
    topic = cluster.topics.get(wanted.name)
    if topic is None or topic.error:
        raise no_such("topic", wanted.name, "Check its name, and that this user may describe it.")
    for host in cluster.brokers:
        await attempt.resolve(host)
    attempt.enter("read")
    told = await _run(attempt, wanted)
    if "refused" in told:
        raise Refused("server_error", f"Kafka refused: {told['refused']}", "Look at its log.")
    found = [_message(one) for one in told["messages"]]
    listed = gathered(found, wanted)
    truncated = listed.truncated or bool(told["truncated"])
    return MessageList(messages=listed.messages, truncated=truncated)


async def names(attempt: Attempt, limit: int) -> list[str]:
    """Return the topics, without Kafka's own."""
    cluster = await describe(attempt, None)
    return sorted(name for name in cluster.topics if not name.startswith(_INTERNAL))[:limit]


async def _run(attempt: Attempt, wanted: Wanted) -> Any:
    """Run the reader until it has said what it found; it is killed when nobody waits any more."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", "-m", _READER),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in _INHERITED if name in os.environ}
        | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        limit=wanted.max_bytes * _GROWTH + wanted.count * _BESIDE,
    )
    try:
        return json.loads(await _told(process, _asked(attempt, wanted)))
    except ValueError:
        raise Refused(
            "driver_error",
            "Kafka's driver ended without an answer, or with one that is too large.",
            "Ask for fewer messages; check that what answers is a Kafka broker.",
        ) from None
    finally:
        await kill(process)


async def _told(process: asyncio.subprocess.Process, asked: dict[str, object]) -> bytes:
    """Hand the settings over by the standard input, where no list of processes shows them."""
    if process.stdin is None or process.stdout is None:
        raise AssertionError("the reader is started with pipes")
    process.stdin.write(json.dumps(asked).encode())
    with suppress(ConnectionError):
        await process.stdin.drain()
    process.stdin.close()
    return await process.stdout.readline()


def _asked(attempt: Attempt, wanted: Wanted) -> dict[str, object]:
    return {
        "config": _config(attempt.place),
        "wanted": asdict(wanted),
        "within_s": max(0.1, attempt.remaining_s - 0.1),
    }


def _config(place: Place) -> dict[str, object]:
    host = f"[{place.host}]" if ":" in (place.host or "") else place.host or "localhost"
    protocol = ("SASL_" if place.username else "") + ("SSL" if place.tls else "PLAINTEXT")
    config: dict[str, object] = {
        "bootstrap.servers": f"{host}:{place.port or _PORT}",
        "security.protocol": protocol,
    }
    if place.username:
        config |= {
            "sasl.mechanism": place.option("sasl_mechanism", "PLAIN"),
            "sasl.username": place.username,
            "sasl.password": place.password or "",
        }
    if place.tls and not place.tls_verify:
        config |= {"enable.ssl.certificate.verification": False}
    elif place.tls:
        import certifi

        config |= {"ssl.ca.location": place.tls_ca or certifi.where()}
    return config


def _message(one: dict[str, Any]) -> Message:
    ms = one["ms"]
    return Message(
        id=one["id"],
        body=one["body"],
        at=None if ms is None else datetime.fromtimestamp(ms / 1000, UTC),
        headers=one["headers"],
    )
