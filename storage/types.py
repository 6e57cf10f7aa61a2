"""Column types that both databases share: times as milliseconds, text that sorts by code point."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from sqlalchemy import BigInteger, Integer, Text, TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE_MS = 60_000
DAY_MS = 86_400_000
_MILLISECOND = timedelta(milliseconds=1)


def to_millis(when: datetime) -> int:
    """Turns an aware time into whole milliseconds since 1970 in UTC, rounding down.

    Raises:
        TypeError: when the time has no zone: guessing one would move it by hours.
    """
    if when.tzinfo is None:
        raise TypeError("A time without a zone cannot be stored; give it in UTC.")
    return (when - EPOCH) // _MILLISECOND


def from_millis(millis: int) -> datetime:
    """Turns milliseconds since 1970 into an aware time in UTC."""
    return EPOCH + timedelta(milliseconds=millis)


def to_json(value: Mapping[str, object] | Sequence[str]) -> str:
    """Writes a record's open part, or its several words, as compact JSON text."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


class UtcMillis(TypeDecorator[datetime]):
    """An aware UTC time, kept as whole milliseconds so that both databases compare it alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Stores the time as milliseconds."""
        del dialect
        return None if value is None else to_millis(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Gives the stored milliseconds back as a time."""
        del dialect
        return None if value is None else from_millis(value)


class JsonText(TypeDecorator[Mapping[str, object]]):
    """The open part of a record, kept as compact JSON text on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self, value: Mapping[str, object] | None, dialect: Dialect
    ) -> str | None:
        """Stores the mapping as text."""
        del dialect
        return None if value is None else to_json(value)

    def process_result_value(
        self, value: str | None, dialect: Dialect
    ) -> Mapping[str, object] | None:
        """Gives the stored text back as a mapping."""
        del dialect
        return None if value is None else cast("Mapping[str, object]", json.loads(value))


class JsonWords(TypeDecorator[tuple[str, ...]]):
    """Several words in their order, kept as compact JSON text on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str | None:
        """Stores the words as text."""
        del dialect
        return None if value is None else to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        """Gives the stored text back as words."""
        del dialect
        return None if value is None else tuple(json.loads(value))


# PostgreSQL would sort by the server's language; SQLite sorts by code point. So do both, then.
Words = Text().with_variant(Text(collation="C"), "postgresql")

# SQLite numbers rows itself only in a column that is INTEGER to the letter.
RowNumber = BigInteger().with_variant(Integer(), "sqlite")
