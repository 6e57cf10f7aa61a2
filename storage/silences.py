"""The driver of silences: when nobody wants to be told of incidents, and of which.

One that is over is kept for long: what was quiet last month, and by whose word, can be looked up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, bindparam, insert, or_, select, update

from storage import revisions
from storage.access import hidden, how_many, role_values
from storage.errors import StaleWrite
from storage.rows import bound, build, build_all, names_of
from storage.tables import silences, targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from storage.access import Roles


@dataclass(frozen=True, kw_only=True, slots=True)
class SilenceRow:
    """A silence; a field that is None leaves nothing out. `version` counts its changes.

    `ends_at` is the end that it was given, `ended_at` when somebody ended it by hand.
    """

    id: str
    tenant_id: str | None
    kind: str | None = None
    thing_id: str | None = None
    thing_name: str | None = None
    tag: str | None = None
    technology: str | None = None
    schedule: str
    starts_at: datetime
    ends_at: datetime | None = None
    days: tuple[str, ...] = ()
    minute: int | None = None
    cron: str | None = None
    duration_s: int | None = None
    timezone: str = "UTC"
    reason: str
    created_at: datetime
    created_by: str
    ended_at: datetime | None = None
    ended_by: str | None = None
    version: int = 1


_NAMES = names_of(SilenceRow)
_COLUMNS = [silences.c[name] for name in _NAMES]
_KEPT = {"id", "created_at", "created_by", "version"}
_CHANGED = tuple(name for name in _NAMES if name not in _KEPT)
_OF_TENANT = or_(
    silences.c.tenant_id == bindparam("tenant", required=True), silences.c.tenant_id.is_(None)
)
# Those that can still hold now or later; which of them do is a matter of their schedules.
_HELD = (
    silences.c.ended_at.is_(None),
    or_(silences.c.ends_at.is_(None), silences.c.ends_at > bindparam("now", required=True)),
)
_ALL_HELD = select(*_COLUMNS).where(*_HELD)
_MADE_BEFORE = select(*_COLUMNS).where(
    silences.c.created_at < bindparam("at", type_=silences.c.created_at.type, required=True)
)
_NEWEST_FIRST = (silences.c.created_at.desc(), silences.c.id.desc())
_ADD = insert(silences).values(bound(_NAMES))
_CHANGE = (
    update(silences)
    .where(silences.c.id == bindparam("_id", required=True))
    .where(silences.c.version == bindparam("_version", required=True))
    .values(**bound(_CHANGED), version=silences.c.version + 1)
)


class SilencesDriver:
    """Reads and writes silences on one connection; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def held(self, now: datetime) -> list[SilenceRow]:
        """Gives everybody's that nobody ended and whose end has not come."""
        return _rows(self.connection.execute(_ALL_HELD, {"now": now}))

    def made_before(self, at: datetime) -> list[SilenceRow]:
        """Gives everybody's that were there at a time, also those that are over by now."""
        return _rows(self.connection.execute(_MADE_BEFORE, {"at": at}))

    def of_tenant(
        self, tenant_id: str, now: datetime, *, ended: bool = False, roles: Roles = None
    ) -> list[SilenceRow]:
        """Gives a tenant's and those of all tenants, newest first.

        Left out is what is about a thing that an operator with these roles does not see; and
        what is over, unless `ended`.
        """
        statement = select(*_COLUMNS).where(_OF_TENANT, *self._seen(roles))
        values: dict[str, object] = {"tenant": tenant_id, **role_values(roles)}
        if not ended:
            statement, values = statement.where(*_HELD), values | {"now": now}
        return _rows(self.connection.execute(statement.order_by(*_NEWEST_FIRST), values))

    def get(self, tenant_id: str, silence_id: str, roles: Roles = None) -> SilenceRow | None:
        """Gives one of this tenant or of all tenants; None when there is none to be seen."""
        statement: Select[Any] = select(*_COLUMNS).where(
            silences.c.id == bindparam("id", required=True), _OF_TENANT, *self._seen(roles)
        )
        values = {"id": silence_id, "tenant": tenant_id, **role_values(roles)}
        row = self.connection.execute(statement, values).one_or_none()
        return None if row is None else _read(build(SilenceRow, row))

    def add(self, row: SilenceRow) -> None:
        """Adds a silence."""
        self.connection.execute(_ADD, {name: getattr(row, name) for name in _NAMES} | _days(row))
        revisions.bump(self.connection, "silences")

    def change(self, row: SilenceRow) -> SilenceRow:
        """Writes a silence that was read as `row.version`; gives it with its next version.

        Raises:
            StaleWrite: it is not at that version any more.
        """
        values = {name: getattr(row, name) for name in _CHANGED} | _days(row)
        values |= {"_id": row.id, "_version": row.version}
        if not self.connection.execute(_CHANGE, values).rowcount:
            raise StaleWrite(
                "This silence was changed by someone else in the meantime.",
                hint="Look at it again, then repeat the change.",
            )
        revisions.bump(self.connection, "silences")
        return replace(row, version=row.version + 1)

    def _seen(self, roles: Roles) -> tuple[ColumnElement[bool], ...]:
        count = how_many(roles)
        if count is None:
            return ()
        about = and_(targets.c.kind == silences.c.kind, targets.c.id == silences.c.thing_id)
        secret = hidden(count, self.connection.dialect.name)
        return (~select(targets.c.number).where(about, secret).correlate(silences).exists(),)


def _rows(found: Iterable[Sequence[Any]]) -> list[SilenceRow]:
    return [_read(row) for row in build_all(SilenceRow, found)]


def _read(row: SilenceRow) -> SilenceRow:
    """Gives the row with its days as words; they are stored as one."""
    kept: Any = row.days
    return replace(row, days=tuple(kept.split(",")) if kept else ())


def _days(row: SilenceRow) -> dict[str, object]:
    return {"days": ",".join(row.days) or None}
