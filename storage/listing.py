"""Pages of targets: every order is an index, every page starts at a key of it.

The page's numbers come from the index alone, in an inner query; only the rows of the page are
then looked up. Statements are built once for each shape (order, direction, anchor, filters) and
kept, because building one costs more than running it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    bindparam,
    func,
    select,
    tuple_,
    type_coerce,
)

from storage.access import how_many, role_values, visible
from storage.filters import Term
from storage.labels import OWNER, SEPARATOR, TAG
from storage.matching import Searchable, Shape, conditions, shape_of
from storage.paging import Anchor, Page
from storage.rows import build_all
from storage.tables import targets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, Subquery

    from storage.access import Roles
    from storage.rows import Record

_LAST = (targets.c.sort_name, targets.c.number)
# Times are plain milliseconds here: a key is made of nothing but text and numbers.
ORDERS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "name": _LAST,
    "provider": (targets.c.technology, *_LAST),
    "technology": (targets.c.technology, *_LAST),
    "type": (targets.c.type, *_LAST),
    "status": (targets.c.status, *_LAST),
    "health": (targets.c.state_rank, *_LAST),
    "latency": (targets.c.latency_key, *_LAST),
    "checked": (targets.c.checked_key, *_LAST),
    "connected": (targets.c.passed_key, *_LAST),
    "created": (type_coerce(targets.c.created_at, BigInteger), *_LAST),
    "owner": (targets.c.owner, *_LAST),
}
_SEARCHABLE = Searchable(
    search=targets.c.search,
    contains={
        "name": targets.c.sort_name,
        "error": func.coalesce(targets.c.error, ""),
        "message": func.lower(func.coalesce(targets.c.message, "")),
    },
    begins={
        "provider": targets.c.technology,
        "technology": targets.c.technology,
        "type": targets.c.type,
        "status": targets.c.status,
        "health": targets.c.state,
        "state": targets.c.state,
        "kind": targets.c.kind,
        "id": targets.c.id,
    },
    marks={"tag": TAG, "owner": OWNER},
)
Build: TypeAlias = "Callable[[Subquery], Select[Any]]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Which targets a list is about: None in a field means any. A tag is meant whole."""

    tenant_id: str | None = None
    kind: str | None = None
    type: str | None = None
    status: str | None = None
    technology: str | None = None
    active: bool | None = None
    tag: str | None = None

    def given(self) -> dict[str, object]:
        """The columns that are fixed, with their values."""
        found = {
            "tenant_id": self.tenant_id,
            "kind": self.kind,
            "type": self.type,
            "status": self.status,
            "technology": self.technology,
            "active": self.active,
        }
        return {name: value for name, value in found.items() if value is not None}

    def tagged(self) -> tuple[Term, ...]:
        """The tag as a word to filter by: with its end, nothing longer begins with it."""
        return () if self.tag is None else (Term(field="tag", value=self.tag + SEPARATOR),)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shaped:
    """What makes one statement differ from another, without any value in it."""

    dialect: str
    fixed: tuple[str, ...]
    terms: Shape
    roles: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """One list of targets: what it is about, and which words its rows must match."""

    scope: Scope
    terms: Sequence[Term] = ()
    roles: Roles = None

    def shaped(self, connection: Connection) -> tuple[Shaped, dict[str, object]]:
        """Splits the list into its shape and its values."""
        fixed = self.scope.given()
        shape, words = shape_of((*self.scope.tagged(), *self.terms), _SEARCHABLE)
        shaped = Shaped(
            dialect=connection.dialect.name,
            fixed=tuple(fixed),
            terms=shape,
            roles=how_many(self.roles),
        )
        return shaped, {**fixed, **words, **role_values(self.roles)}

    def count(self, connection: Connection) -> int:
        """Counts the rows of the list."""
        shaped, values = self.shaped(connection)
        return int(connection.execute(_count_statement(shaped), values).scalar_one())

    def page(  # noqa: PLR0913  (what to read, and which part of it)
        self,
        connection: Connection,
        record: type[Record],
        build: Build,
        *,
        sort: str,
        descending: bool,
        anchor: Anchor,
        limit: int,
    ) -> Page[Record]:
        """Reads a page; `build` says which columns to look up for its numbers."""
        shaped, values = self.shaped(connection)
        statement = _page_statement(shaped, build, sort, descending, anchor.place)
        values |= {"limit": limit, "offset": anchor.offset}
        values |= {f"key_{place}": value for place, value in enumerate(anchor.key)}
        rows = connection.execute(statement, _wanted(values, anchor)).all()
        if anchor.backwards:
            rows = rows[::-1]
        width = len(ORDERS[sort])
        return Page(
            rows=tuple(build_all(record, [row[width:] for row in rows])),
            keys=tuple(tuple(row[:width]) for row in rows),
        )


def _wanted(values: dict[str, object], anchor: Anchor) -> Mapping[str, object]:
    if anchor.place != "at":
        values.pop("offset")
    return values


def _where(shaped: Shaped) -> list[ColumnElement[bool]]:
    fixed = [targets.c[name] == bindparam(name, required=True) for name in shaped.fixed]
    return [
        targets.c.retired_at.is_(None),
        *fixed,
        *visible(shaped.roles, shaped.dialect),
        *conditions(shaped.terms, _SEARCHABLE, shaped.dialect),
    ]


@lru_cache(maxsize=256)
def _count_statement(shaped: Shaped) -> Select[int]:
    return select(func.count()).select_from(targets).where(*_where(shaped))


@lru_cache(maxsize=512)
def _page_statement(
    shaped: Shaped, build: Build, sort: str, descending: bool, place: str
) -> Select[Any]:
    order = ORDERS[sort]
    upwards = descending != (place in {"end", "before"})
    keys = [column.label(f"key_{at}") for at, column in enumerate(order)]
    inner = select(*keys).where(*_where(shaped)).limit(bindparam("limit", required=True))
    if place in {"after", "before"}:
        inner = inner.where(_beyond(order, upwards=upwards))
    if place == "at":
        inner = inner.offset(bindparam("offset", required=True))
    inner = inner.order_by(*(column.desc() if upwards else column for column in order))
    numbers = inner.subquery("page")
    outer = build(numbers)
    columns = [numbers.c[f"key_{at}"] for at in range(len(order))]
    return outer.order_by(*(column.desc() if upwards else column for column in columns))


def _beyond(order: tuple[ColumnElement[Any], ...], *, upwards: bool) -> ColumnElement[bool]:
    key = tuple_(
        *(
            bindparam(f"key_{at}", type_=column.type, required=True)
            for at, column in enumerate(order)
        )
    )
    place = tuple_(*order)
    return place < key if upwards else place > key


def keys_of(page: Subquery) -> list[ColumnElement[Any]]:
    """The key columns of a page's inner query; the last one is the target's number."""
    return list(page.c)


def number_of(page: Subquery) -> ColumnElement[int]:
    """The column of a page's inner query that holds the targets' numbers."""
    return list(page.c)[-1]
