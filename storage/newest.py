"""Lists of what only grows, newest first: a row's key is its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import BindParameter, bindparam

from storage.access import how_many, role_values
from storage.matching import Searchable, Shape, shape_of
from storage.paging import Anchor, Page, start
from storage.rows import build_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Select

    from storage.access import Roles
    from storage.filters import Term


class Numbered(Protocol):
    """A record with its number."""

    @property
    def id(self) -> int: ...  # noqa: D102 - the number


Row = TypeVar("Row", bound=Numbered)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shaped:
    """What makes one statement differ from another, without any value in it."""

    dialect: str
    fixed: tuple[str, ...]
    terms: Shape
    roles: int | None


def shaped(
    connection: Connection,
    given: Mapping[str, object],
    terms: Sequence[Term],
    searchable: Searchable,
    roles: Roles,
) -> tuple[Shaped, dict[str, Any]]:
    """Gives what a list's statement is built from, and its values; what is None is not fixed."""
    fixed = {name: value for name, value in given.items() if value is not None}
    shape, words = shape_of(terms, searchable)
    found = Shaped(
        dialect=connection.dialect.name,
        fixed=tuple(fixed),
        terms=shape,
        roles=how_many(roles),
    )
    return found, {**fixed, **words, **role_values(roles)}


def paged(statement: Select[Any], number: ColumnElement[int], place: str) -> Select[Any]:
    """Narrows and orders a statement to the page that starts at such a place."""
    backwards = place in {"end", "before"}
    statement = statement.order_by(number if backwards else number.desc())
    statement = statement.limit(bindparam("limit", required=True))
    if place == "at":
        statement = statement.offset(bindparam("offset", required=True))
    if place in {"after", "before"}:
        key: BindParameter[int] = bindparam("key", required=True)
        statement = statement.where(number > key if backwards else number < key)
    return statement


def read(  # noqa: PLR0913 - what is read, how it is built, and which page of it
    connection: Connection,
    record: type[Row],
    statement: Callable[[str], Select[Any]],
    values: Mapping[str, object],
    *,
    anchor: Anchor | None,
    limit: int,
) -> Page[Row]:
    """Reads a page; `statement` is told its place, and `record` has the number as `id`."""
    anchor = anchor or start()
    told = {**values, "limit": limit}
    if anchor.place == "at":
        told["offset"] = anchor.offset
    if anchor.key:
        told["key"] = anchor.key[0]
    rows = build_all(record, connection.execute(statement(anchor.place), told))
    if anchor.backwards:
        rows.reverse()
    return Page(rows=tuple(rows), keys=tuple((row.id,) for row in rows))
