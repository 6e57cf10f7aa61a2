"""What the drivers of integrations, sources and connectors share: all of it but their rows.

Every change keeps the thing's target, and the uses of its secrets, in step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic

from sqlalchemy import bindparam, insert, update

from storage import revisions, uses
from storage.access import how_many, role_values
from storage.errors import StaleWrite
from storage.health import judging
from storage.layout import Layout, Row, Shown, one_by
from storage.listing import Scope
from storage.rows import build, execute_many, to_plain
from storage.statistics import statistics
from storage.tables import targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.access import Roles
    from storage.filters import Term
    from storage.pages import Listing
    from storage.paging import Anchor, Page
    from storage.things import StatisticsRow, ThingRow

_INSERT_ONE_TARGET = insert(targets).returning(targets.c.number)
_RETIRE_ALL = (
    update(targets)
    .where(targets.c.kind == bindparam("_kind", required=True))
    .where(targets.c.retired_at.is_(None))
)
_OF_TENANT = targets.c.tenant_id == bindparam("_tenant", required=True)


class Inventory(Generic[Row, Shown]):
    """Reads and writes the things of a kind on one connection; the caller commits.

    `roles` are those of the operator who asks, None for the house itself: things with roles are
    there only for who has one of them.
    """

    layout: ClassVar[Layout[Any, Any]]

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def insert(
        self, row: Row, *, active: bool, interval_s: int, due_at: datetime | None = None
    ) -> int:
        """Adds a thing and its target, whose lamp is unknown; gives the target's number.

        `interval_s` is the board's own, for a row that has none.

        Raises:
            Conflict: at commit or here, when the tenant has one of that name (in any case).
        """
        self.connection.execute(insert(self.layout.table), self.layout.stored(row))
        target = self.layout.target_of(row, active=active, interval_s=interval_s, due_at=due_at)
        number = self.connection.execute(_INSERT_ONE_TARGET, target).scalar_one()
        uses.add(self.connection, self._uses(row), at=row.created_at)
        self._changed("health")
        return int(number)

    def insert_many(
        self, rows: Iterable[Row], *, active: bool, interval_s: int, due_at: datetime
    ) -> int:
        """Adds many things that are all due at once, or inactive; gives how many.

        Raises:
            Conflict: as for one; none of them is kept then.
        """
        given = list(rows)
        due = due_at if active else None
        stored = [to_plain(self.layout.stored(row)) for row in given]
        planned = [
            to_plain(self.layout.target_of(row, active=active, interval_s=interval_s, due_at=due))
            for row in given
        ]
        execute_many(self.connection, self.layout.put, stored)
        execute_many(self.connection, self.layout.put_target, planned)
        if given:
            pointed = (use for row in given for use in self._uses(row))
            uses.add(self.connection, pointed, at=given[0].created_at)
        self._changed("health")
        return len(given)

    def get(self, tenant_id: str | None, thing_id: str, *, roles: Roles = None) -> Shown | None:
        """Gives one that is not deleted; None for another tenant's as for a missing one."""
        return self._one(tenant_id, "id", thing_id, roles)

    def get_by_name(self, tenant_id: str, name: str, *, roles: Roles = None) -> Shown | None:
        """Gives the one of this name, in any case."""
        return self._one(tenant_id, "sort_name", name.casefold(), roles)

    def _one(self, tenant_id: str | None, column: str, value: str, roles: Roles) -> Shown | None:
        statement = one_by(
            self.layout,
            column,
            of_tenant=tenant_id is not None,
            roles=how_many(roles),
            dialect=self.connection.dialect.name,
        )
        values = {"tenant": tenant_id, column: value, **role_values(roles)}
        row = self.connection.execute(statement, values).one_or_none()
        return None if row is None else build(self.layout.list_row, row)

    def get_many(self, ids: Sequence[str]) -> dict[str, Row]:
        """Gives them by id, whatever the tenant: for the monitor, which claimed their targets."""
        found = self.connection.execute(self.layout.many, {"ids": list(ids)}).all()
        rows = [build(self.layout.row, row) for row in found]
        return {row.id: row for row in rows}

    def page(  # noqa: PLR0913  (each narrows or orders the list by name)
        self,
        tenant_id: str | None,
        *,
        terms: Sequence[Term] = (),
        type: str | None = None,  # noqa: A002  (the field's name)
        technology: str | None = None,
        status: str | None = None,
        tag: str | None = None,
        roles: Roles = None,
        sort: str = "name",
        descending: bool = False,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> Page[Shown]:
        """Gives a page of a tenant's list, or of everybody's for None.

        Rows that sort alike follow by name, then by age. A tag is meant whole, in any case.
        """
        fixed = {"type": type, "technology": technology, "status": status, "tag": tag}
        return self._listing(tenant_id, terms, roles, fixed).page(
            self.connection,
            self.layout.list_row,
            self.layout.listed,
            sort=sort,
            descending=descending,
            anchor=anchor,
            limit=limit,
        )

    def count(  # noqa: PLR0913  (each narrows the list by name)
        self,
        tenant_id: str | None,
        *,
        terms: Sequence[Term] = (),
        type: str | None = None,  # noqa: A002  (the field's name)
        technology: str | None = None,
        status: str | None = None,
        tag: str | None = None,
        roles: Roles = None,
    ) -> int:
        """Counts the rows of a list."""
        fixed = {"type": type, "technology": technology, "status": status, "tag": tag}
        return self._listing(tenant_id, terms, roles, fixed).count(self.connection)

    def _listing(
        self,
        tenant_id: str | None,
        terms: Sequence[Term],
        roles: Roles,
        fixed: Mapping[str, str | None],
    ) -> Listing:
        scope = Scope(tenant_id=tenant_id, kind=self.layout.kind, **fixed)
        return scope.listing(terms, roles)

    def update(
        self,
        tenant_id: str,
        thing_id: str,
        changes: Mapping[str, object],
        *,
        expected_version: int | None = None,
    ) -> Shown | None:
        """Changes fields of a thing by name, and gives it as it is then.

        `active`, `check_interval_s`, `due_at`, `last_error`, `passed_at`, `passes` and `failures`
        go to its target; the others are those of its row. None when there is no such thing.

        Raises:
            StaleWrite: it is not at the expected version any more.
            Conflict: the new name is taken.
            KeyError: a field that cannot be changed.
        """
        own, target = self.layout.split(changes)
        values: dict[str, object] = {"_tenant": tenant_id, "_id": thing_id, **own}
        statement = self.layout.change
        if expected_version is not None:
            statement, values["_version"] = self.layout.change_version, expected_version
        if not self.connection.execute(statement, values).rowcount:
            if self.get(tenant_id, thing_id) is None:
                return None
            raise StaleWrite(
                f"This {self.layout.kind} was changed by someone else in the meantime.",
                hint="Look at it again, then repeat the change.",
            )
        self._change_target(thing_id, target)
        row = self.get(tenant_id, thing_id)
        if row is not None and self.layout.secrets in changes:
            self._repoint(row, changes[self.layout.secrets])
        return row

    def _change_target(self, thing_id: str, changes: Mapping[str, object]) -> None:
        if changes:
            self.connection.execute(self.layout.change_target, {"_id": thing_id, **changes})
            if changes.get("active") is False:
                judging.out_of_use(self.connection, self.layout.kind, thing_id)
            self._changed("health")
        self._changed()

    def _repoint(self, row: ThingRow, said: object) -> None:
        kind, at = self.layout.kind, row.updated_at or row.created_at
        uses.forget(self.connection, kind, row.tenant_id, row.id)
        uses.add(self.connection, uses.uses_of(kind, row.tenant_id, row.id, said), at=at)

    def soft_delete(self, tenant_id: str, thing_id: str, at: datetime) -> bool:
        """Takes a thing off every list and retires its target; its history stays."""
        values = {"_tenant": tenant_id, "_id": thing_id, "deleted_at": at, "updated_at": at}
        if not self.connection.execute(self.layout.change, values).rowcount:
            return False
        self._change_target(thing_id, _retired(at))
        uses.forget(self.connection, self.layout.kind, tenant_id, thing_id)
        return True

    def delete_all(self, tenant_id: str | None, at: datetime) -> int:
        """Deletes a tenant's things, or everybody's for None, likewise; gives how many."""
        table = self.layout.table
        gone = update(table).where(table.c.deleted_at.is_(None))
        retire, values = _RETIRE_ALL, {"_kind": self.layout.kind}
        if tenant_id is not None:
            gone = gone.where(table.c.tenant_id == tenant_id)
            retire, values["_tenant"] = retire.where(_OF_TENANT), tenant_id
        deleted = {"deleted_at": at, "updated_at": at, "version": table.c.version + 1}
        count = self.connection.execute(gone.values(deleted)).rowcount
        self.connection.execute(retire, {**values, **_retired(at)})
        uses.forget_all(self.connection, self.layout.kind, tenant_id)
        self._changed("health")
        return count

    def statistics(self, tenant_id: str | None, *, roles: Roles = None) -> StatisticsRow:
        """Counts a tenant's things, or everybody's for None, and how their checks ended."""
        return statistics(self.connection, self.layout.kind, tenant_id, roles)

    def _uses(self, row: Row) -> list[dict[str, object]]:
        said = getattr(row, self.layout.secrets)
        return uses.uses_of(self.layout.kind, row.tenant_id, row.id, said)

    def _changed(self, *concepts: str) -> None:
        for concept in (self.layout.table.name, *concepts):
            revisions.bump(self.connection, concept)


def _retired(at: datetime) -> dict[str, object]:
    return {"retired_at": at, "active": False, "due_at": None, "status": "deleted"}
