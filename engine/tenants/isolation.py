"""Keeping a role of the database to some tenants. Loaded in the worker thread only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.activity.record import note
from engine.errors import InvalidInput, NotFound
from engine.tenants.core import summary
from engine.tenants.facade import IsolatedRole
from storage.isolation import IsolationDriver, TenantRoleRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from engine.hop import Run


def isolated(connection: Connection) -> tuple[IsolatedRole, ...]:
    """Return every role that is kept to tenants, by name."""
    found: dict[str, list[TenantRoleRow]] = {}
    for row in IsolationDriver(connection).list():
        found.setdefault(row.role, []).append(row)
    return tuple(
        IsolatedRole(
            role=role,
            tenants=tuple(row.tenant_id for row in rows),
            read_only=rows[0].read_only,
            granted_at=rows[0].granted_at,
        )
        for role, rows in found.items()
    )


def isolate(
    connection: Connection, run: Run, role: str, tenants: Sequence[str], *, read_only: bool
) -> IsolatedRole:
    """Keep a role to these tenants; see `TenantsFacade.isolate`."""
    if not tenants:
        raise InvalidInput("Say of which tenant the role sees the rows.", field="tenant")
    for tenant_id in tenants:
        summary(connection, tenant_id)  # one that is not there is not found
    now = run.clock.now()
    wanted = tuple(sorted(set(tenants)))
    IsolationDriver(connection).grant(
        [
            TenantRoleRow(role=role, tenant_id=tenant_id, read_only=read_only, granted_at=now)
            for tenant_id in wanted
        ]
    )
    for tenant_id in wanted:
        _note(connection, run, tenant_id, role, "isolated_to_look" if read_only else "isolated")
    return next(made for made in isolated(connection) if made.role == role)


def release(connection: Connection, run: Run, role: str) -> None:
    """Take from a role all that it was granted; see `TenantsFacade.release`."""
    known = {found.role: found for found in isolated(connection)}
    if role not in known:
        raise NotFound(
            f"No role {role} is kept to a tenant.", hint="List them: lampboard db isolate"
        )
    IsolationDriver(connection).remove(role)
    for tenant_id in known[role].tenants:
        _note(connection, run, tenant_id, role, "released")


def _note(connection: Connection, run: Run, tenant_id: str, role: str, what: str) -> None:
    note(
        connection,
        run,
        tenant_id,
        action=f"role.{what}",
        concept="tenants",
        thing_id=role,
        thing_name=role,
    )
