"""MySQL's binary protocol for prepared statements: values to it, and rows from it.

After the manual of the server's protocol, "Binary Protocol Resultset" and "COM_STMT_EXECUTE".
"""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Reader = Callable[[bytes, int], tuple[Any, int]]

_TINY, _DOUBLE, _NULL, _LONGLONG, _DATE, _DATETIME, _TEXT = 1, 5, 6, 8, 10, 12, 253
_UNSIGNED = 32
_BINARY = 63
"""The character set of what is no text."""

# By the number of a type: how it is called, and how it is read where it has one width.
_FIXED = {
    1: ("tinyint", "b"),
    2: ("smallint", "h"),
    3: ("int", "i"),
    4: ("float", "f"),
    5: ("double", "d"),
    8: ("bigint", "q"),
    9: ("mediumint", "i"),
    13: ("year", "h"),
}
_MOMENTS = {7: "timestamp", 10: "date", 12: "datetime"}
_TIME = 11
_DECIMALS = {0: "decimal", 246: "decimal"}
_NULL_TYPE = {6: "null"}
_BYTES_ALWAYS = {16: "bit", 255: "geometry"}
_TEXTS = {
    245: ("json", "json"),
    247: ("enum", "enum"),
    248: ("set", "set"),
    249: ("tinytext", "tinyblob"),
    250: ("mediumtext", "mediumblob"),
    251: ("longtext", "longblob"),
    252: ("text", "blob"),
    253: ("varchar", "varbinary"),
    254: ("char", "binary"),
    15: ("varchar", "varbinary"),
}
_JSON = 245


class Column(NamedTuple):
    """What the server says of a column: its name, the number of its type, and more."""

    name: str
    kind: int
    flags: int
    charset: int

    @property
    def type(self) -> str:
        """Its type in MySQL's words."""
        if self.kind in _TEXTS:
            return _TEXTS[self.kind][self.charset == _BINARY and self.kind != _JSON]
        if self.kind in _FIXED:
            return _FIXED[self.kind][0] + (" unsigned" if self.flags & _UNSIGNED else "")
        named = {**_MOMENTS, **_DECIMALS, **_NULL_TYPE, **_BYTES_ALWAYS, _TIME: "time"}
        return named.get(self.kind, "unknown")


def bound(values: Sequence[Any]) -> bytes:
    """Return the part of an execution that has the values: NULLs, types, and what they are."""
    if not values:
        return b""
    nulls = bytearray((len(values) + 7) // 8)
    types, told = bytearray(), bytearray()
    for at, value in enumerate(values):
        kind, raw = _spelled(value)
        if kind == _NULL:
            nulls[at // 8] |= 1 << (at % 8)
        types += struct.pack("<BB", kind, 0)
        told += raw
    return bytes(nulls) + b"\x01" + bytes(types) + bytes(told)


def row_reader(columns: Sequence[Column]) -> Callable[[bytes], tuple[Any, ...]]:
    """Return what makes a row of a packet's bytes."""
    readers = [_reader(column) for column in columns]
    start = 1 + (len(columns) + 9) // 8
    # Of each column the byte and the bit that say whether it is NULL; two bits are reserved.
    places = [(1 + (at + 2) // 8, 1 << ((at + 2) % 8)) for at in range(len(columns))]
    steps = list(zip(readers, places, strict=True))
    none = bytes(start - 1)

    def read(raw: bytes) -> tuple[Any, ...]:
        at, row = start, []
        if raw[1:start] == none:
            for reader in readers:
                value, at = reader(raw, at)
                row.append(value)
            return tuple(row)
        for reader, (byte, bit) in steps:
            if raw[byte] & bit:
                row.append(None)
            else:
                value, at = reader(raw, at)
                row.append(value)
        return tuple(row)

    return read


def _spelled(value: object) -> tuple[int, bytes]:
    """Return a value's type and bytes."""
    if value is None:
        return _NULL, b""
    if isinstance(value, bool):
        return _TINY, struct.pack("<b", value)
    if isinstance(value, int):
        return _LONGLONG, struct.pack("<q", value)
    if isinstance(value, float):
        return _DOUBLE, struct.pack("<d", value)
    if isinstance(value, date):
        return _moment_of(value)
    text = str(value) if isinstance(value, UUID) else value
    if not isinstance(text, str):
        raise TypeError(f"no value of MySQL: {type(value).__name__}")
    raw = text.encode()
    return _TEXT, _length(len(raw)) + raw


def _moment_of(value: date) -> tuple[int, bytes]:
    if not isinstance(value, datetime):
        return _DATE, struct.pack("<BHBB", 4, value.year, value.month, value.day)
    told = value.astimezone(UTC)
    parts = (told.year, told.month, told.day, told.hour, told.minute, told.second)
    return _DATETIME, struct.pack("<BHBBBBBI", 11, *parts, told.microsecond)


def _length(size: int) -> bytes:
    """Return a length as the protocol writes it."""
    if size < 251:  # noqa: PLR2004 - from here on a byte says how many bytes follow
        return bytes((size,))
    if size < 1 << 16:
        return b"\xfc" + struct.pack("<H", size)
    if size < 1 << 24:
        return b"\xfd" + struct.pack("<I", size)[:3]
    return b"\xfe" + struct.pack("<Q", size)


def _sized(raw: bytes, at: int) -> tuple[int, int]:
    """Return a length and where what it is of begins."""
    first = raw[at]
    if first < 251:  # noqa: PLR2004 - as in `_length`
        return first, at + 1
    width = {0xFC: 2, 0xFD: 3, 0xFE: 8}[first]
    return int.from_bytes(raw[at + 1 : at + 1 + width], "little"), at + 1 + width


def _reader(column: Column) -> Reader:
    if column.kind in _FIXED:
        sign = _FIXED[column.kind][1]
        whole = column.flags & _UNSIGNED and sign not in "fd"
        return _fixed(struct.Struct(f"<{sign.upper() if whole else sign}"))
    if column.kind in _MOMENTS:
        return _date if column.kind == _DATE else _datetime
    if column.kind == _TIME:
        return _time
    if column.kind in _DECIMALS:
        return _decimal
    text = column.kind in _TEXTS and (column.charset != _BINARY or column.kind == _JSON)
    return _text if text else _bytes


def _fixed(form: struct.Struct) -> Reader:
    unpack, size = form.unpack_from, form.size

    def read(raw: bytes, at: int) -> tuple[Any, int]:
        return unpack(raw, at)[0], at + size

    return read


def _bytes(raw: bytes, at: int) -> tuple[bytes, int]:
    size, at = _sized(raw, at)
    return raw[at : at + size], at + size


def _text(raw: bytes, at: int) -> tuple[str, int]:
    size = raw[at]
    if size < 251:  # noqa: PLR2004 - most texts; `_sized` would cost a call for each
        at += 1
    else:
        size, at = _sized(raw, at)
    return raw[at : at + size].decode("utf-8", "replace"), at + size


def _decimal(raw: bytes, at: int) -> tuple[Decimal, int]:
    text, at = _text(raw, at)
    return Decimal(text), at


def _date(raw: bytes, at: int) -> tuple[date | str, int]:
    size = raw[at]
    if not size:
        return "0000-00-00", at + 1
    year, month, day = struct.unpack_from("<HBB", raw, at + 1)
    try:
        return date(year, month, day), at + 1 + size
    except ValueError:  # a day that only MySQL knows
        return f"{year:04}-{month:02}-{day:02}", at + 1 + size


def _datetime(raw: bytes, at: int) -> tuple[datetime | str, int]:
    size = raw[at]
    parts = raw[at + 1 : at + 1 + size].ljust(11, b"\0")
    year, month, day, hour, minute, second, micro = struct.unpack("<HBBBBBI", parts)
    try:
        return datetime(year, month, day, hour, minute, second, micro), at + 1 + size  # noqa: DTZ001
    except ValueError:
        clock = f"{hour:02}:{minute:02}:{second:02}"
        return f"{year:04}-{month:02}-{day:02} {clock}", at + 1 + size


def _time(raw: bytes, at: int) -> tuple[timedelta, int]:
    size = raw[at]
    parts = raw[at + 1 : at + 1 + size].ljust(12, b"\0")
    negative, days, hours, minutes, seconds, micro = struct.unpack("<BIBBBI", parts)
    told = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=micro)
    return (-told if negative else told), at + 1 + size
