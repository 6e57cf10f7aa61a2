"""Rows as they come, counted, and cut at the caps.

To count value by value costs as much as the query. So a batch of rows is counted column by
column: one of numbers or times by its length, one of texts by what they are when joined.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CELL = 8
"""What a number, a time or NULL counts."""

FIRST = 8
"""Rows of the first batch, when nothing is known of how large they are."""

BATCH = 256
"""Rows of any other."""

_NONE = type(None)
_WIDTHS: dict[type, int] = {
    **dict.fromkeys((int, float, bool, _NONE, datetime, date, time, timedelta), CELL),
    UUID: 36,
}
_NUMBERS = frozenset({int, float})
# What Python takes for a decimal of up to 38 digits.
_DECIMAL = Decimal().__sizeof__()
# Of one batch: several of them may be on their way at once.
_BATCH_BYTES = 1024 * 1024
_AHEAD = 16


class Gathered:
    """The rows of a result so far.

    Args:
        max_rows: Rows at most.
        max_bytes: Bytes at most.

    Attributes:
        rows: Those that fit.
        size: Their bytes.
        truncated_by: `rows` or `bytes` once there are more than fit, None before.
    """

    def __init__(self, max_rows: int, max_bytes: int) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.size = 0
        self.truncated_by: str | None = None
        self._max_rows = max_rows
        self._max_bytes = max_bytes

    @property
    def full(self) -> bool:
        """Whether nothing more is taken."""
        return self.truncated_by is not None

    @property
    def room(self) -> int:
        """Bytes that are left."""
        return self._max_bytes - self.size

    def batches(self) -> list[int]:
        """Return how many rows to ask for next, batch by batch.

        One row more than fits is asked for, since it tells that there are more; and not many
        more than fit by the bytes of those that are here.
        """
        left = self._max_rows - len(self.rows) + 1
        if not self.rows:
            return [min(left, FIRST)]
        each = max(1, self.size // len(self.rows))
        total = min(left, self.room // each + 1)
        most = max(1, min(BATCH, _BATCH_BYTES // each))
        whole, rest = divmod(total, most)
        counts = [most] * whole + ([rest] if rest else [])
        return counts[:_AHEAD]

    def take(self, batch: list[tuple[Any, ...]]) -> None:
        """Add rows, as many as fit."""
        left = self._max_rows - len(self.rows)
        fitting = batch if len(batch) <= left else batch[:left]
        size = size_of(fitting)
        if size > self.room:
            fitting, size = self._cut(fitting)
            self.truncated_by = "bytes"
        elif len(batch) > left:
            self.truncated_by = "rows"
        self.rows += fitting
        self.size += size

    def cut(self) -> None:
        """Note that a row came which is larger than all that is left."""
        self.truncated_by = "bytes"

    def _cut(self, batch: list[tuple[Any, ...]]) -> tuple[list[tuple[Any, ...]], int]:
        size = 0
        for index, row in enumerate(batch):
            more = size_of([row])
            if size + more > self.room:
                return batch[:index], size
            size += more
        return batch, size


def size_of(rows: Sequence[tuple[Any, ...]]) -> int:
    """Return what rows count against the cap, in bytes."""
    return sum(_column(column) for column in zip(*rows, strict=True))


def _column(values: tuple[Any, ...]) -> int:
    """Return what the values of one column count; the commonest columns are tried first."""
    first = type(values[0])
    try:
        if first is str:
            return _utf8("".join(values))
        if first in _NUMBERS and type(sum(values)) in _NUMBERS:
            return CELL * len(values)
    except (TypeError, OverflowError):
        pass  # there are values of other types among them
    return _mixed(values)


def _mixed(values: tuple[Any, ...]) -> int:
    kinds = set(map(type, values))
    several = kinds - {_NONE}
    if len(several) == 1:
        (kind,) = several
        told = values if len(kinds) == 1 else tuple(one for one in values if one is not None)
        return _alike(kind, told) + CELL * (len(values) - len(told))
    return sum(map(_one, values))


def _alike(kind: type, values: tuple[Any, ...]) -> int:
    """Return what values of one type count, none of them None."""
    if kind in _WIDTHS:
        return _WIDTHS[kind] * len(values)
    if kind is str:
        return _utf8("".join(values))
    if kind is bytes:
        return sum(map(len, values))
    if kind is Decimal and max(map(Decimal.__sizeof__, values)) <= _DECIMAL:
        return 2 * CELL * len(values)
    return sum(map(_one, values))


def _one(value: object) -> int:
    if type(value) in _WIDTHS:
        return _WIDTHS[type(value)]
    if isinstance(value, str):
        return _utf8(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return len(value)
    if isinstance(value, dict):
        return _each(chain(value.keys(), value.values()))
    return _each(value) if isinstance(value, list | tuple | set | frozenset) else len(str(value))


def _each(values: Iterable[object]) -> int:
    # Two signs at least, as an empty list has.
    return 2 + sum(map(_one, values))


def _utf8(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
