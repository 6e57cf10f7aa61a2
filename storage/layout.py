"""Where the things of a kind are kept, and the statements on them, each made once.

What a thing's target repeats is said field by field: a mirror takes the value of one field and
gives the target's columns that follow from it, so that adding and changing go by the same table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from sqlalchemy import Select, and_, bindparam, insert, select, update

from storage.access import visible
from storage.labels import owner_text, tags_text
from storage.pages import keys_of, number_of
from storage.rows import bound, names_of
from storage.tables import targets
from storage.things import ThingRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import ColumnElement, Insert, Subquery, Table, Update

Row = TypeVar("Row", bound=ThingRow)
Shown = TypeVar("Shown", bound=ThingRow)
Mirror: TypeAlias = "Callable[[Any], dict[str, object]]"

_FIXED = frozenset({"id", "tenant_id", "created_at", "deleted_at", "version"})
_OF_TARGET = {
    "active": "active",
    "check_interval_s": "interval_s",
    "due_at": "due_at",
    "last_error": "last_error",
    "passed_at": "passed_at",
    "passes": "passes",
    "failures": "failures",
}
_PLANNED = ("kind", "id", "tenant_id", "created_at", "active", "interval_s", "due_at")


def _name(name: str) -> dict[str, object]:
    return {"name": name, "sort_name": name.casefold()}


def _same(column: str) -> Mirror:
    return lambda value: {column: value}


COMMON: Mapping[str, Mirror] = {"name": _name, "status": _same("status")}
REACHED: Mapping[str, Mirror] = {
    **COMMON,
    "type": _same("type"),
    "technology": _same("technology"),
    "tags": lambda tags: {"tags": tags_text(tags)},
    "owner_id": lambda owner: {"owner": owner_text(owner)},
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout(Generic[Row, Shown]):
    """A kind's table and rows. `secrets` is the field that holds references to secrets.

    A field of the row that the table has no column for is kept in the target alone. The kind's
    revision goes by the name of the table.
    """

    kind: str
    table: Table
    row: type[Row]
    list_row: type[Shown]
    secrets: str
    mirrors: Mapping[str, Mirror]

    @cached_property
    def own(self) -> tuple[str, ...]:
        """The fields of a row that its own table keeps."""
        return tuple(name for name in names_of(self.row) if name in self.table.c)

    @cached_property
    def put(self) -> Insert:
        """Adds a row."""
        return insert(self.table).values(bound((*self.own, "sort_name")))

    @cached_property
    def put_target(self) -> Insert:
        """Adds the target of a row."""
        blank = dict.fromkeys(names_of(self.row)) | {"name": "", "tags": ()}
        blank |= {"access_roles": ()}
        return insert(targets).values(bound((*_PLANNED, *self.reflect(blank))))

    @cached_property
    def many(self) -> Select[Any]:
        """Reads rows by `ids`, whatever the tenant."""
        ids: ColumnElement[bool] = self.table.c.id.in_(
            bindparam("ids", expanding=True, required=True)
        )
        return self._select(self.row).where(ids)

    @cached_property
    def change(self) -> Update:
        """Changes a row that is there still, and counts its version up."""
        return (
            update(self.table)
            .where(self.table.c.tenant_id == bindparam("_tenant", required=True))
            .where(self.table.c.id == bindparam("_id", required=True))
            .where(self.table.c.deleted_at.is_(None))
            .values(version=self.table.c.version + 1)
        )

    @cached_property
    def change_version(self) -> Update:
        """Changes a row only at the version `_version`."""
        return self.change.where(self.table.c.version == bindparam("_version", required=True))

    @cached_property
    def change_target(self) -> Update:
        """Changes the target of a row."""
        return (
            update(targets)
            .where(targets.c.kind == self.kind)
            .where(targets.c.id == bindparam("_id", required=True))
        )

    def listed(self, page: Subquery) -> Select[Any]:
        """Reads what a page shows of each of its numbers."""
        found = page.join(targets, targets.c.number == number_of(page))
        found = found.join(self.table, self.table.c.id == targets.c.id)
        return select(*keys_of(page), *self._columns(self.list_row)).select_from(found)

    def shown(self) -> Select[Any]:
        """Reads rows that are not deleted, with their lamps."""
        return self._select(self.list_row).where(self.table.c.deleted_at.is_(None))

    def _select(self, record: type[ThingRow]) -> Select[Any]:
        mine = and_(targets.c.kind == self.kind, targets.c.id == self.table.c.id)
        return select(*self._columns(record)).join_from(self.table, targets, mine)

    def _columns(self, record: type[ThingRow]) -> list[ColumnElement[Any]]:
        own = self.table.c
        return [own[name] if name in own else targets.c[name] for name in names_of(record)]

    def reflect(self, values: Mapping[str, object]) -> dict[str, object]:
        """Gives the target's columns for those of the values that it repeats."""
        return {
            column: value
            for name, mirror in self.mirrors.items()
            if name in values
            for column, value in mirror(values[name]).items()
        }

    def stored(self, row: Row) -> dict[str, Any]:
        """Gives the columns of a row's own table."""
        values = {name: getattr(row, name) for name in self.own}
        return {**values, "sort_name": row.name.casefold()}

    def target_of(self, row: Row, *, active: bool, interval_s: int, due_at: Any) -> dict[str, Any]:
        """Gives the columns of a row's target; `interval_s` is for a row that has none."""
        return {
            **self.reflect({name: getattr(row, name) for name in names_of(self.row)}),
            "kind": self.kind,
            "id": row.id,
            "tenant_id": row.tenant_id,
            "created_at": row.created_at,
            "active": active,
            "interval_s": row.interval_s or interval_s,
            "due_at": due_at,
        }

    def split(self, changes: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
        """Parts changes into those of a row's own table and those of its target.

        Raises:
            KeyError: a field that cannot be changed.
        """
        target = {_OF_TARGET[name]: changes[name] for name in changes if name in _OF_TARGET}
        given = {name: value for name, value in changes.items() if name not in _OF_TARGET}
        for name in given:
            if name in _FIXED or name not in names_of(self.row):
                raise KeyError(name)
        own = {name: value for name, value in given.items() if name in self.own}
        if isinstance(title := own.get("name"), str):
            own["sort_name"] = title.casefold()
        return own, {**target, **self.reflect(given)}


@lru_cache(maxsize=128)
def one_by(
    layout: Layout[Any, Any], column: str, *, of_tenant: bool, roles: int | None, dialect: str
) -> Select[Any]:
    """Reads the thing whose column has a value, for an operator with so many roles."""
    table = layout.table
    statement = layout.shown().where(table.c[column] == bindparam(column, required=True))
    if of_tenant:
        statement = statement.where(table.c.tenant_id == bindparam("tenant", required=True))
    return statement.where(*visible(roles, dialect))
