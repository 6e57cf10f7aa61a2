"""Kafka: a broker that tells of its cluster (Metadata, version 4; kafka.apache.org/protocol)."""

from __future__ import annotations

from struct import pack, unpack, unpack_from
from typing import TYPE_CHECKING

from engine.demo.behaviour import Mood

if TYPE_CHECKING:
    from engine.demo.wires.base import Peer

_LONGEST = 64 * 1024
_METADATA, _VERSION = 3, 4
_TOPICS = {"orders": 6, "payments": 3, "returns": 3}
_NODE, _NOBODY = 1, -1
_NO_LEADER = 5


async def talk(peer: Peer) -> None:
    """Answer requests for metadata; hang up at any other, as brokers do."""
    while size := await peer.reader.read(4):
        (length,) = unpack(">i", size)
        if not 8 <= length <= _LONGEST:  # noqa: PLR2004 - what every request has
            return
        request = await peer.reader.readexactly(length)
        key, version, number = unpack_from(">hhi", request)
        if (key, version) != (_METADATA, _VERSION):
            return
        answer = pack(">i", number) + _metadata(peer)
        await peer.say(pack(">i", len(answer)), answer)


def _metadata(peer: Peer) -> bytes:
    host, port = peer.writer.get_extra_info("sockname")[:2]
    broker = pack(">i", _NODE) + _text(host) + pack(">ih", port, -1)
    topics = [_topic(peer, name, count) for name, count in _TOPICS.items()]
    head = pack(">ii", 0, 1) + broker + _text("demo-cluster") + pack(">i", _NODE)
    return head + pack(">i", len(topics)) + b"".join(topics)


def _topic(peer: Peer, name: str, count: int) -> bytes:
    """Return one topic; while the broker is impaired, its first partition has no leader."""
    first = _NOBODY if peer.step.mood is Mood.IMPAIRED else _NODE
    leaders = [_NODE if number else first for number in range(count)]
    partitions = (_partition(number, leader) for number, leader in enumerate(leaders))
    return pack(">h", 0) + _text(name) + pack(">bi", 0, count) + b"".join(partitions)


def _partition(number: int, leader: int) -> bytes:
    error = _NO_LEADER if leader == _NOBODY else 0
    return pack(">hiiiiii", error, number, leader, 1, _NODE, 1, _NODE)


def _text(text: str) -> bytes:
    encoded = text.encode()
    return pack(">h", len(encoded)) + encoded
