"""Lists of records: what they are sorted by, what finds them. What is shown is the body itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    tuple_,
)

from storage.matching import Searchable, conditions, shape_of
from storage.tables import prevention_records as records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.filters import Term
    from storage.matching import Shape

ORDERS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "number": (records.c.seq,),
    "policy": (
        records.c.policy_id,
        records.c.is_simulated,
        records.c.created_at,
        records.c.seq,
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shaped:
    """What makes one statement differ from another, without any value in it."""

    dialect: str
    terms: Shape


def shape_records(terms: Sequence[Term], dialect: str) -> tuple[Shaped, dict[str, Any]]:
    """Splits a filter into its shape and its values."""
    shape, words = shape_of(terms, _searchable(dialect))
    return Shaped(dialect=dialect, terms=shape), dict(words)


@lru_cache(maxsize=2)
def record_columns(dialect: str) -> tuple[ColumnElement[Any], ...]:
    """The columns of a record: its number, its digest, and its body as bytes.

    Whoever owns a file of SQLite can put any type into any column, and bytes that are no text.
    """
    body: ColumnElement[Any] = func.convert_to(records.c.body, "UTF8")
    if dialect == "sqlite":
        body = cast(records.c.body, LargeBinary)
    return records.c.seq, cast(records.c.digest, LargeBinary), body


@lru_cache(maxsize=64)
def count_statement(shaped: Shaped) -> Select[Any]:
    """Counts the records that match."""
    return select(func.count()).select_from(records).where(*_where(shaped))


@lru_cache(maxsize=256)
def page_statement(
    shaped: Shaped, sort: str, descending: bool, place: str
) -> tuple[Select[Any], int]:
    """Reads a page; gives how many of its first columns are the key, too."""
    order = ORDERS[sort]
    upwards = descending != (place in {"end", "before"})
    statement = select(*order, *record_columns(shaped.dialect)).where(*_where(shaped))
    statement = statement.limit(bindparam("limit", required=True))
    if place in {"after", "before"}:
        key = tuple_(*(bindparam(f"key_{at}", type_=one.type) for at, one in enumerate(order)))
        beyond = tuple_(*order) < key if upwards else tuple_(*order) > key
        statement = statement.where(beyond)
    if place == "at":
        statement = statement.offset(bindparam("offset", required=True))
    ordered = statement.order_by(*(one.desc() if upwards else one for one in order))
    return ordered, len(order)


def _where(shaped: Shaped) -> list[ColumnElement[bool]]:
    return [
        records.c.tenant_id == bindparam("tenant_id", required=True),
        *conditions(shaped.terms, _searchable(shaped.dialect), shaped.dialect),
    ]


def _told(name: str, dialect: str) -> ColumnElement[str]:
    """What the body tells under a name, as small letters; empty for nothing."""
    if dialect == "sqlite":
        told: ColumnElement[Any] = func.json_extract(records.c.body, f"$.{name}")
    else:
        told = literal_column(f"(prevention_records.body::json ->> '{name}')", Text)
    return func.lower(func.coalesce(told, ""))


@lru_cache(maxsize=2)
def _searchable(dialect: str) -> Searchable:
    """What finds records; only ASCII letters are found in either case."""
    incidents = _told("blocked_incident_id", dialect) + " " + _told("original_incident_id", dialect)
    policy, pattern = func.lower(records.c.policy_id), _told("pattern_id", dialect)
    kind = case((records.c.is_simulated, "simulated"), else_="real")
    number = cast(records.c.seq, Text)
    parts = (number, policy, pattern, incidents, kind)
    search: ColumnElement[str] = parts[0]
    for part in parts[1:]:
        search = search + literal(" ") + part
    return Searchable(
        search=search,
        contains={"policy": policy, "pattern": pattern, "incident": incidents},
        begins={
            "simulated": case((records.c.is_simulated, "yes"), else_="no"),
            "kind": kind,
            "number": number,
            "id": literal("prv-") + number,
        },
    )
