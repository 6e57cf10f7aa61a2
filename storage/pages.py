"""Pages of any list: every order is an index, every page starts at a key of it.

The page's numbers come from the index alone, in an inner query; only the rows of the page are
then looked up. Statements are built once for each shape (order, direction, anchor, filters) and
kept, because building one costs more than running it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from sqlalchemy import ColumnElement, Select, bindparam, func, select, tuple_

from storage.access import how_many, role_values, visible
from storage.matching import Searchable, Shape, conditions, shape_of
from storage.paging import Anchor, Page, start
from storage.rows import build_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, Subquery, Table

    from storage.access import Roles
    from storage.filters import Term
    from storage.rows import Record

Build: TypeAlias = "Callable[[Subquery], Select[Any]]"
Seen: TypeAlias = "Callable[[int | None, str], tuple[ColumnElement[bool], ...]]"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Catalogue:
    """What can be listed: a table, the orders that it has an index for, what finds its rows.

    Each order ends in the row's number. `hints` are words of a fixed column that its rows also
    have in the text that is searched: most rows are passed over by the index alone then. `gone`
    is the column of their deletion, None where what is deleted does not stay; `seen` says which
    rows an operator with so many roles sees.
    """

    table: Table
    orders: Mapping[str, tuple[ColumnElement[Any], ...]]
    searchable: Searchable
    hints: frozenset[str] = frozenset()
    gone: str | None = "retired_at"
    seen: Seen = visible


class Narrowed(Protocol):
    """Which rows a list is about."""

    def given(self) -> dict[str, object]:
        """The columns that are fixed, with their values."""

    def tagged(self) -> tuple[Term, ...]:
        """More words to filter by."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shaped:
    """What makes one statement differ from another, without any value in it."""

    of: Catalogue
    dialect: str
    fixed: tuple[str, ...]
    terms: Shape
    roles: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """One list: what it is about, and which words its rows must match.

    `moment` are values that its orders and fields need beside: the time, where they depend on it.
    """

    of: Catalogue
    scope: Narrowed
    terms: Sequence[Term] = ()
    roles: Roles = None
    moment: Mapping[str, object] = field(default_factory=dict)

    def shaped(self, connection: Connection) -> tuple[Shaped, dict[str, object]]:
        """Splits the list into its shape and its values."""
        fixed = self.scope.given()
        shape, words = shape_of((*self.scope.tagged(), *self.terms), self.of.searchable)
        shaped = Shaped(
            of=self.of,
            dialect=connection.dialect.name,
            fixed=tuple(fixed),
            terms=shape,
            roles=how_many(self.roles),
        )
        hints = {f"hint_{name}": f" {fixed[name]} " for name in self.of.hints & fixed.keys()}
        values = {**fixed, **hints, **words, **role_values(self.roles), **self.moment}
        return shaped, values

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
        anchor: Anchor | None,
        limit: int,
    ) -> Page[Record]:
        """Reads a page, the first one without an anchor.

        `build` says which columns to look up for its numbers.
        """
        anchor = anchor or start()
        shaped, values = self.shaped(connection)
        statement = _page_statement(shaped, build, sort, descending, anchor.place)
        values |= {"limit": limit, "offset": anchor.offset}
        values |= {f"key_{place}": value for place, value in enumerate(anchor.key)}
        rows = connection.execute(statement, _wanted(values, anchor)).all()
        if anchor.backwards:
            rows = rows[::-1]
        width = len(self.of.orders[sort])
        return Page(
            rows=tuple(build_all(record, [row[width:] for row in rows])),
            keys=tuple(tuple(row[:width]) for row in rows),
        )


def _wanted(values: dict[str, object], anchor: Anchor) -> Mapping[str, object]:
    if anchor.place != "at":
        values.pop("offset")
    return values


def _where(shaped: Shaped) -> list[ColumnElement[bool]]:
    table, searchable = shaped.of.table, shaped.of.searchable
    fixed = [table.c[name] == bindparam(name, required=True) for name in shaped.fixed]
    return [
        *([table.c[shaped.of.gone].is_(None)] if shaped.of.gone else []),
        *_hinted(shaped),
        *fixed,
        *shaped.of.seen(shaped.roles, shaped.dialect),
        *conditions(
            shaped.terms, searchable, shaped.dialect, of_tenant="tenant_id" in shaped.fixed
        ),
    ]


def _hinted(shaped: Shaped) -> list[ColumnElement[bool]]:
    find = func.instr if shaped.dialect == "sqlite" else func.strpos
    search = shaped.of.searchable.search
    names = (name for name in shaped.fixed if name in shaped.of.hints)
    return [find(search, bindparam(f"hint_{name}", required=True)) > 0 for name in names]


@lru_cache(maxsize=256)
def _count_statement(shaped: Shaped) -> Select[int]:
    return select(func.count()).select_from(shaped.of.table).where(*_where(shaped))


@lru_cache(maxsize=512)
def _page_statement(
    shaped: Shaped, build: Build, sort: str, descending: bool, place: str
) -> Select[Any]:
    order = shaped.of.orders[sort]
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
    """The key columns of a page's inner query; the last one is the row's number."""
    return list(page.c)


def number_of(page: Subquery) -> ColumnElement[int]:
    """The column of a page's inner query that holds the rows' numbers."""
    return list(page.c)[-1]
