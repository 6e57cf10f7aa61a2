"""The driver of gateways: one for each source or connector that templates were registered for."""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select, update

from storage import revisions, uses
from storage.access import how_many, role_values, visible
from storage.errors import StaleWrite
from storage.gateway.rows import GatewayListRow, GatewayRow, ThingSaid
from storage.rows import build, by_dialect, inserting, names_of
from storage.tables import gateways, query_templates, targets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from storage.access import Roles

KIND = "gateway"
MOST = 1000
"""Gateways of a tenant that are listed at most."""

OVER = and_(targets.c.kind == gateways.c.kind, targets.c.id == gateways.c.thing_id)
"""What joins a gateway to the target of its thing."""

_OWN = [gateways.c[name] for name in names_of(GatewayRow)]
_THING = ("kind", "id", "name", "type", "technology", "status", "retired_at")
THING = [*(targets.c[name].label(f"thing_{name}") for name in _THING), gateways.c.id]
"""The columns of a `ThingSaid`, to be selected beside those of a row."""

_TEMPLATES = (
    select(func.count())
    .where(query_templates.c.gateway_id == gateways.c.id)
    .where(query_templates.c.status == "active", query_templates.c.deleted_at.is_(None))
    .scalar_subquery()
)
_THERE = gateways.c.deleted_at.is_(None)
_ENSURE = by_dialect(lambda dialect: inserting(dialect, gateways).on_conflict_do_nothing())
_THIS = (
    gateways.c.tenant_id == bindparam("_tenant", required=True),
    gateways.c.id == bindparam("_id", required=True),
    gateways.c.version == bindparam("_version", required=True),
    _THERE,
)
_CHANGE = update(gateways).where(*_THIS).values(version=gateways.c.version + 1)
# Who adds a template right now, by its key to this row, is waited for.
_LOCK = select(gateways.c.id).where(*_THIS).with_for_update()


class GatewaysDriver:
    """Reads and writes gateways on one connection; the caller commits.

    `roles` are those of the operator who asks, None for the house itself: what is over a thing
    with roles is there only for who has one of them.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def ensure(self, row: GatewayRow) -> GatewayRow:
        """Adds a gateway unless its thing has one; gives the one that is there then."""
        self.connection.execute(_ENSURE[self.connection.dialect.name], asdict(row))
        revisions.bump(self.connection, "gateway")
        found = self.of_thing(row.tenant_id, row.kind, row.thing_id)
        if found is None:  # pragma: no cover - it was just added
            raise LookupError(row.id)
        return found.gateway

    def of_thing(
        self, tenant_id: str, kind: str, thing_id: str, *, roles: Roles = None
    ) -> GatewayListRow | None:
        """Gives the gateway of a thing; None where it has none."""
        found = self._some(tenant_id, roles, kind=kind, thing_id=thing_id)
        return found[0] if found else None

    def get(self, tenant_id: str, gateway_id: str, *, roles: Roles = None) -> GatewayListRow | None:
        """Gives a gateway; None for another tenant's as for a missing one."""
        found = self._some(tenant_id, roles, id=gateway_id)
        return found[0] if found else None

    def of_tenant(self, tenant_id: str, *, roles: Roles = None) -> list[GatewayListRow]:
        """Gives a tenant's gateways, those of deleted things too, by the names of the things."""
        return self._some(tenant_id, roles)

    def change(self, row: GatewayRow, changes: Mapping[str, object], expected_version: int) -> None:
        """Changes fields by name.

        Raises:
            StaleWrite: it is not at the expected version any more.
        """
        key = {"_tenant": row.tenant_id, "_id": row.id, "_version": expected_version}
        if not self.connection.execute(_CHANGE, {**key, **changes}).rowcount:
            raise _stale()
        if "credential_ref" in changes:
            uses.forget(self.connection, KIND, row.tenant_id, row.id)
            pointed = uses.uses_of(KIND, row.tenant_id, row.id, changes["credential_ref"])
            uses.add(self.connection, pointed, at=row.updated_at or row.created_at)
        revisions.bump(self.connection, "gateway")

    def delete(self, row: GatewayRow, at: datetime) -> None:
        """Deletes a gateway softly: nothing finds it any more, and its thing may get another.

        Raises:
            StaleWrite: it is not at the version of `row` any more.
        """
        key = {"_tenant": row.tenant_id, "_id": row.id, "_version": row.version}
        if self.connection.execute(_LOCK, key).one_or_none() is None:
            raise _stale()
        self.connection.execute(_CHANGE, {**key, "deleted_at": at, "updated_at": at})
        uses.forget(self.connection, KIND, row.tenant_id, row.id)
        revisions.bump(self.connection, "gateway")

    def thing(
        self, tenant_id: str, kind: str, thing_id: str, *, roles: Roles = None
    ) -> ThingSaid | None:
        """Gives a source or connector that a gateway may be made for, or has been."""
        statement = _things_statement(how_many(roles), self.connection.dialect.name)
        statement = statement.where(targets.c.kind == bindparam("kind", required=True))
        statement = statement.where(targets.c.id == bindparam("thing_id", required=True))
        values = {"tenant": tenant_id, "kind": kind, "thing_id": thing_id, **role_values(roles)}
        row = self.connection.execute(statement, values).one_or_none()
        return None if row is None else build(ThingSaid, row)

    def offers(
        self,
        tenant_id: str,
        technologies: Sequence[str],
        *,
        word: str = "",
        roles: Roles = None,
        limit: int = 200,
    ) -> list[ThingSaid]:
        """Gives the databases among sources, and the SQL connectors, by name.

        Sources of these technologies are among them whatever their type. `word` is looked for in
        all that a list of things is searched by.
        """
        dialect = self.connection.dialect.name
        statement = _things_statement(how_many(roles), dialect)
        statement = statement.where(targets.c.retired_at.is_(None), _is_database())
        find = func.instr if dialect == "sqlite" else func.strpos
        statement = statement.where(find(targets.c.search, bindparam("word", required=True)) > 0)
        statement = statement.order_by(targets.c.sort_name, targets.c.number).limit(limit)
        values = {"tenant": tenant_id, "word": word.casefold(), **role_values(roles)}
        values["technologies"] = list(technologies)
        return [build(ThingSaid, row) for row in self.connection.execute(statement, values)]

    def _some(self, tenant_id: str, roles: Roles, **fixed: str) -> list[GatewayListRow]:
        statement = _statement(tuple(fixed), how_many(roles), self.connection.dialect.name)
        values = {"tenant_id": tenant_id, **fixed, **role_values(roles)}
        return [_listed(row) for row in self.connection.execute(statement, values)]


def _stale() -> StaleWrite:
    return StaleWrite(
        "This gateway was changed by someone else in the meantime.",
        hint="Look at it again, then repeat the change.",
    )


def _is_database() -> ColumnElement[bool]:
    known = targets.c.technology.in_(bindparam("technologies", expanding=True, required=True))
    return or_(
        and_(targets.c.kind == "source", or_(targets.c.type == "database", known)),
        and_(targets.c.kind == "connector", targets.c.type == "sql"),
    )


@lru_cache(maxsize=64)
def _things_statement(roles: int | None, dialect: str) -> Select[Any]:
    has = and_(OVER, gateways.c.tenant_id == targets.c.tenant_id, _THERE)
    return (
        select(*THING)
        .select_from(targets.outerjoin(gateways, has))
        .where(targets.c.tenant_id == bindparam("tenant", required=True))
        .where(*visible(roles, dialect))
    )


@lru_cache(maxsize=64)
def _statement(fixed: tuple[str, ...], roles: int | None, dialect: str) -> Select[Any]:
    chosen = [gateways.c[name] == bindparam(name, required=True) for name in ("tenant_id", *fixed)]
    return (
        select(*_OWN, *THING, _TEMPLATES)
        .join_from(gateways, targets, OVER)
        .where(*chosen, _THERE, *visible(roles, dialect))
        .order_by(targets.c.sort_name, targets.c.number)
        .limit(MOST)
    )


def _listed(row: Row[Any]) -> GatewayListRow:
    own = len(_OWN)
    return GatewayListRow(
        gateway=build(GatewayRow, row[:own]),
        thing=build(ThingSaid, row[own:-1]),
        templates=row[-1],
    )
