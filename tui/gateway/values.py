"""Values of a result as cells, as texts to copy, and as records to write: pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tui import text
from tui.widgets.cells import Cell, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.gateway.model import SqlQueryResult

NULL: Final = "NULL"
_BYTES_SHOWN: Final = 64


def is_right(value: object) -> bool:
    """Whether a value stands at the right of its column: numbers and truths."""
    return isinstance(value, bool | int | float | Decimal)


def value_cell(value: object) -> Cell:
    """Return a value as a cell. NULL stands back; a text that says NULL stands in quotes."""
    if value is None:
        return (Span(NULL, "muted"),)
    said = plain(value)
    return (Span(f"'{said}'" if said == NULL else said),)


def plain(value: object, *, limit: int = text.MAX_CHARACTERS) -> str:
    """Return a value as one line of clean text, cut where it is too long to be shown."""
    if isinstance(value, bytes | bytearray | memoryview):
        return _hex(bytes(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return text.clean(copied(value)[: limit + 1], limit=limit)


def _hex(value: bytes) -> str:
    more = text.ELLIPSIS if len(value) > _BYTES_SHOWN else ""
    return f"0x{value[:_BYTES_SHOWN].hex()}{more} ({len(value):,} B)"


def copied(value: object) -> str:
    """Return a value whole, as it is copied; nothing for NULL."""
    if value is None:
        return ""
    exported = export(value)
    if isinstance(exported, bool):
        return "true" if exported else "false"
    if isinstance(exported, dict | list):
        return json.dumps(exported, ensure_ascii=False, default=str)
    return str(exported)


def export(value: object) -> Any:
    """Return a value as CSV and JSON have it; nothing is lost of it.

    Exact numbers stay exact, times keep their zone or have none, bytes become hexadecimal.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str | Decimal):
        return value
    if isinstance(value, Mapping):
        return {str(key): export(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [export(inner) for inner in value]
    return _said(value)


def _said(value: object) -> str:
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case bytes() | bytearray() | memoryview():
            return f"0x{bytes(value).hex()}"
    return str(value)


def names(result: SqlQueryResult) -> list[str]:
    """Return a name for each column, no two the same: `id`, `id_2`."""
    found: list[str] = []
    taken: set[str] = set()
    for number, column in enumerate(result.columns, 1):
        name = column.name or f"column_{number}"
        count, unique = 1, name
        while unique in taken:
            count += 1
            unique = f"{name}_{count}"
        taken.add(unique)
        found.append(unique)
    return found


def records(result: SqlQueryResult, at_once: int = 200) -> Iterator[Sequence[dict[str, Any]]]:
    """Yield the rows as records, some at a time."""
    heads = names(result)
    for first in range(0, len(result.rows), at_once):
        yield [
            dict(zip(heads, map(export, row), strict=True))
            for row in result.rows[first : first + at_once]
        ]
