"""What the SQL connector answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryResult(JsonRecord):
    """Rows of a query.

    Attributes:
        columns: Their names, in order.
        rows: The values of each row.
        truncated: Whether there are more rows, left out by the cap of rows or of bytes.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ExecuteResult(JsonRecord):
    """How many rows each statement touched, in order; -1 where the database does not say."""

    row_counts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One statement of a transaction, with the values of its `:name` parameters."""

    sql: str
    values: Mapping[str, Any]
