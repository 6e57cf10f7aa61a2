"""The little of protobuf's wire format that bounds need: see how much there is before it is made.

Messages are made by `opentelemetry-proto`, one span or metric a time: a request of two-byte
messages would take a hundred times its size otherwise. Wire format:
https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}
_LONGEST_VARINT = 10


def messages(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield number and bytes of each length-delimited field; others are passed over.

    Raises:
        ValueError: It is no protobuf message.
    """
    for number_, _, value in fields(data):
        if value is not None:
            yield number_, value


def fields(data: memoryview) -> Iterator[tuple[int, memoryview, memoryview | None]]:
    """Yield each field: its number, all its bytes, and its value where it has a length.

    Raises:
        ValueError: It is no protobuf message.
    """
    at, end = 0, len(data)
    while at < end:
        start, value = at, None
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == _BYTES:
            size, at = _varint(data, at)
            value = data[at : at + size]
            at += size
        elif kind == _VARINT:
            _, at = _varint(data, at)
        else:
            at += _fixed(kind)
        if at > end:
            raise ValueError("a field goes on beyond the end")
        yield tag >> 3, data[start:at], value


def _fixed(kind: int) -> int:
    if kind not in _FIXED:
        raise ValueError(f"there is no wire type {kind}")
    return _FIXED[kind]


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for place in range(_LONGEST_VARINT):
        if at + place >= len(data):
            raise ValueError("a number goes on beyond the end")
        byte = data[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that there is more
            return value, at + place + 1
    raise ValueError("a number is longer than 64 bits")


def number(field: int, value: int) -> bytes:
    """Return a field that holds a whole number of 0 or more."""
    return _encoded(field << 3 | _VARINT) + _encoded(value) if value else b""


def text(field: int, value: str) -> bytes:
    """Return a field that holds text."""
    return nested(field, value.encode()) if value else b""


def nested(field: int, value: bytes) -> bytes:
    """Return a field that holds a message."""
    return _encoded(field << 3 | _BYTES) + _encoded(len(value)) + value


def _encoded(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits a byte
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
