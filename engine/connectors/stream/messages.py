"""Messages of a stream, and the bounds within which they are gathered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Message(JsonRecord):
    """One message.

    Attributes:
        id: Its place in the stream, as the stream counts.
        body: What it says, as text; bytes that are no UTF-8 become U+FFFD. The fields of a
            Redis stream's entry are one JSON object.
        at: When it was written, where the stream tells.
        headers: What stands beside the body: headers, a key, a subject or topic.
    """

    id: str
    body: str
    at: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageList(JsonRecord):
    """Messages, the latest first; `truncated` when bytes ran out before the count was reached."""

    messages: tuple[Message, ...]
    truncated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What is asked for: the latest `count` messages of `name`, within `max_bytes` in all."""

    name: str
    count: int
    max_bytes: int


def gathered(found: list[Message], wanted: Wanted) -> MessageList:
    """Return messages within their bounds; `found` is the latest first."""
    room = wanted.max_bytes
    kept: list[Message] = []
    for message in found[: wanted.count]:
        room -= _size(message)
        if room < 0:
            return MessageList(messages=tuple(kept), truncated=True)
        kept.append(message)
    return MessageList(messages=tuple(kept))


def text_of(payload: object) -> str:
    """Return a payload as text."""
    if isinstance(payload, bytes | bytearray | memoryview):
        return bytes(payload).decode("utf-8", "replace")
    return str(payload)


def _size(message: Message) -> int:
    return len(message.body) + sum(
        len(name) + len(value) for name, value in message.headers.items()
    )
