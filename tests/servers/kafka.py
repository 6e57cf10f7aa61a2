"""Kafka's brokers as librdkafka mocks them, and one whose answers are given (its protocol).

Run as a program, it starts two mocked brokers with one topic and tells the first one's port.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from struct import pack, unpack
from typing import TYPE_CHECKING

from tests.servers.hostile import hostile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager

    from tests.servers.hostile import Hostile, Peer

TOPIC = "orders"
_ROOT = Path(__file__).resolve().parent.parent.parent
BROKERS = 2
_STARTS_S = 60


@contextmanager
def mocked_kafka() -> Iterator[int]:
    """Run the mocked brokers until the block ends; the port is the first one's."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.servers.kafka"],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def played_kafka(*answers: bytes) -> AbstractAsyncContextManager[Hostile]:
    """Serve a broker that gives these bodies, one for each request, then hangs up."""

    async def script(peer: Peer) -> None:
        for answer in answers:
            (size,) = unpack(">i", await peer.reader.readexactly(4))
            request = await peer.reader.readexactly(size)
            body = request[4:8] + answer  # the request's number comes back
            await peer.send(pack(">i", len(body)) + body)

    return hostile(script)


def handshake(*enabled: str, error: int = 0) -> bytes:
    """The answer to an announced mechanism."""
    return pack(">hi", error, len(enabled)) + b"".join(map(text, enabled))


def login(message: bytes = b"", *, error: int = 0) -> bytes:
    """The answer to one message of a login."""
    return pack(">h", error) + text("") + pack(">i", len(message)) + message


def metadata(topic: str, *, error: int = 0, leaders: tuple[int, ...] = ()) -> bytes:
    """The answer of a cluster without brokers, about one topic."""
    partitions = b"".join(pack(">hiiii", 0, 0, leader, 0, 0) for leader in leaders)
    return (
        pack(">ii", 0, 0)
        + text("cluster")
        + pack(">iih", 0, 1, error)
        + text(topic)
        + pack(">bi", 0, len(leaders))
        + partitions
    )


def text(value: str) -> bytes:
    """A text as the protocol has it."""
    return pack(">h", len(value)) + value.encode()


def _serve() -> None:
    from confluent_kafka import Producer

    client = Producer({"bootstrap.servers": "none", "test.mock.num.brokers": str(BROKERS)})
    client.produce(TOPIC, b"1")
    client.flush(_STARTS_S)
    brokers = client.list_topics(timeout=_STARTS_S).brokers.values()
    print(min(broker.port for broker in brokers), flush=True)  # noqa: T201 - how it tells its port
    sys.stdin.read()


if __name__ == "__main__":
    _serve()
