"""Kafka's brokers as librdkafka mocks them, and one that is played to refuse a password.

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
# https://kafka.apache.org/protocol: numbers of requests, and the error of a rejected login.
_HANDSHAKE, _VERSIONS, _AUTHENTICATE = 17, 18, 36
_AUTHENTICATION_FAILED = 58


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


def refusing_kafka() -> AbstractAsyncContextManager[Hostile]:
    """Serve a broker that takes PLAIN and rejects every password, until the block ends."""

    async def script(peer: Peer) -> None:
        while True:
            (size,) = unpack(">i", await peer.reader.readexactly(4))
            request = await peer.reader.readexactly(size)
            number, _, correlation = unpack(">hhi", request[:8])
            body = pack(">i", correlation) + _ANSWERS[number]
            await peer.send(pack(">i", len(body)) + body)

    return hostile(script)


def _text(text: str) -> bytes:
    return pack(">h", len(text)) + text.encode()


_ANSWERS = {
    # ApiVersions 0 by "unsupported version" is what old brokers say; then the client asks again.
    _VERSIONS: pack(">hi", 0, 3)
    + b"".join(pack(">hhh", number, 0, 0) for number in (_HANDSHAKE, _VERSIONS, _AUTHENTICATE)),
    _HANDSHAKE: pack(">hi", 0, 1) + _text("PLAIN"),
    _AUTHENTICATE: pack(">h", _AUTHENTICATION_FAILED) + _text("No.") + pack(">i", 0),
}


def _serve() -> None:
    from confluent_kafka import Producer

    client = Producer({"bootstrap.servers": "none", "test.mock.num.brokers": str(BROKERS)})
    client.produce(TOPIC, b"1")
    client.flush(10)
    brokers = client.list_topics(timeout=10).brokers.values()
    print(min(broker.port for broker in brokers), flush=True)  # noqa: T201 - how it tells its port
    sys.stdin.read()


if __name__ == "__main__":
    _serve()
