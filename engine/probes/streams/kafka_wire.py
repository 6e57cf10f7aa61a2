"""The few requests of Kafka's protocol that a check needs (kafka.apache.org/protocol).

Spoken here because librdkafka must not meet a stranger: an answer of 24 bytes that claims to have
more in it than there is ends the whole process by an assertion (2.16.1, in rd_malloc), and with
it the checks of every tenant. Versions are those that Kafka 0.11 to 4 all understand.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import calcsize, pack, unpack_from
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

# Ten thousand topics of ten partitions have 4 MiB.
_MAX_ANSWER = 16 * 1024 * 1024
_CLIENT_ID = "lampboard"
_METADATA, _METADATA_VERSION = 3, 4
_HANDSHAKE, _HANDSHAKE_VERSION = 17, 1
_AUTHENTICATE, _AUTHENTICATE_VERSION = 36, 0


class WireError(ValueError):
    """What came is no answer of Kafka's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """One topic: the error that stands for it, and its partitions."""

    error: int
    partitions: int
    leaderless: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """What a broker says of its cluster: `brokers` are the hosts by which it names them."""

    id: str
    brokers: tuple[str, ...]
    topics: dict[str, Topic]


class Wire:
    """One connection, one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._number = 0

    async def handshake(self, mechanism: str) -> tuple[int, list[str]]:
        """Announce a mechanism; return an error code and the mechanisms that are enabled."""
        answer = await self._ask(_HANDSHAKE, _HANDSHAKE_VERSION, _text(mechanism))
        error = answer.int16()
        return error, [answer.text() for _ in range(answer.count())]

    async def authenticate(self, message: bytes) -> tuple[int, bytes]:
        """Send one message of the login; return an error code and what the broker answers."""
        body = pack(">i", len(message)) + message
        answer = await self._ask(_AUTHENTICATE, _AUTHENTICATE_VERSION, body)
        error, _ = answer.int16(), answer.text()
        return error, answer.data()

    async def metadata(self, topic: str | None) -> Cluster:
        """Return the cluster with that topic, or with all topics; creates none."""
        names = pack(">i", 1) + _text(topic) if topic else pack(">i", -1)
        answer = await self._ask(_METADATA, _METADATA_VERSION, names + b"\x00")
        answer.int32()  # how long the broker would rather be left alone
        brokers = tuple(_broker(answer) for _ in range(answer.count()))
        cluster_id = answer.text()
        answer.int32()  # which of them is the controller
        topics = dict(_topic(answer) for _ in range(answer.count()))
        return Cluster(id=cluster_id, brokers=brokers, topics=topics)

    async def _ask(self, key: int, version: int, body: bytes) -> _Fields:
        self._number += 1
        request = pack(">hhi", key, version, self._number) + _text(_CLIENT_ID) + body
        self._writer.write(pack(">i", len(request)) + request)
        await self._writer.drain()
        size = _Fields(await self._reader.readexactly(4)).int32()
        if not 0 <= size <= _MAX_ANSWER:
            raise WireError("The answer has a length that none has.")
        answer = _Fields(await self._reader.readexactly(size))
        if answer.int32() != self._number:
            raise WireError("The answer is to another request.")
        return answer


class _Fields:
    """The fields of an answer, read one after the other and never beyond its end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def int8(self) -> int:
        return self._number(">b")

    def int16(self) -> int:
        return self._number(">h")

    def int32(self) -> int:
        return self._number(">i")

    def text(self) -> str:
        return self._take(self.int16()).decode("utf-8", "replace")

    def data(self) -> bytes:
        return self._take(self.int32())

    def count(self) -> int:
        """Return how many items follow; each has a byte at least."""
        count = max(0, self.int32())
        if count > len(self._data) - self._at:
            raise WireError("The answer claims more than it has.")
        return count

    def skip(self, size: int) -> None:
        self._take(size)

    def _number(self, form: str) -> int:
        size = calcsize(form)
        if self._at + size > len(self._data):
            raise WireError("The answer ends too early.")
        (value,) = unpack_from(form, self._data, self._at)
        self._at += size
        return int(value)

    def _take(self, size: int) -> bytes:
        size = max(0, size)  # -1 is nothing at all
        if self._at + size > len(self._data):
            raise WireError("The answer ends too early.")
        self._at += size
        return self._data[self._at - size : self._at]


def _broker(answer: _Fields) -> str:
    answer.int32()  # its number
    host = answer.text()
    answer.int32()  # its port
    answer.text()  # its rack
    return host


def _topic(answer: _Fields) -> tuple[str, Topic]:
    error, name = answer.int16(), answer.text()
    answer.int8()  # whether it is the cluster's own
    leaders = [_leader(answer) for _ in range(answer.count())]
    leaderless = sum(leader < 0 for leader in leaders)
    return name, Topic(error=error, partitions=len(leaders), leaderless=leaderless)


def _leader(answer: _Fields) -> int:
    answer.int16()  # an error that the leader's absence tells as well
    answer.int32()  # its number
    leader = answer.int32()
    for _ in ("replicas", "those in step"):
        answer.skip(4 * answer.count())
    return leader


def _text(text: str) -> bytes:
    encoded = text.encode()
    return pack(">h", len(encoded)) + encoded
