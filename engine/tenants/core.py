"""Tenants inside a unit of work: what the facades share. Loaded in the worker thread only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.activity.record import note
from engine.errors import NotFound
from engine.overall import all_states, overall_health
from engine.tenants.facade import TenantSummary
from engine.text import require_line
from storage.tenants import TenantsDriver

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.hop import Run
    from storage.access import Roles
    from storage.tenants import TenantListRow

# More than any board is used with; a list that is cut off would hide a customer.
MAX_TENANTS = 10_000


def summaries(connection: Connection, roles: Roles = None) -> tuple[TenantSummary, ...]:
    """Return all tenants with the counts of what these roles see, sorted by name."""
    rows = TenantsDriver(connection).list(limit=MAX_TENANTS, roles=roles)
    return tuple(_summary(row) for row in rows)


def summary(connection: Connection, tenant_id: str, roles: Roles = None) -> TenantSummary:
    """Return one tenant with the counts of what these roles see.

    Raises:
        NotFound: There is no such tenant.
    """
    for found in summaries(connection, roles):
        if found.id == tenant_id:
            return found
    raise NotFound(
        "There is no such tenant.",
        hint="`lampboard tenants list` shows those that there are.",
        field="tenant",
    )


def ensure(connection: Connection, hop: Run, tenant_id: str, name: str | None = None) -> None:
    """Make the tenant unless it is there; making it is an activity."""
    driver = TenantsDriver(connection)
    if driver.get(tenant_id) is not None:
        return
    title = require_line(name or tenant_id, "The tenant's name", "name")
    driver.ensure(tenant_id, title, hop.clock.now())
    note(
        connection,
        hop,
        tenant_id,
        action="tenant.created",
        concept="tenants",
        thing_id=tenant_id,
        thing_name=title,
    )


def _summary(row: TenantListRow) -> TenantSummary:
    counts = all_states(row.states)
    return TenantSummary(
        id=row.id,
        name=row.name,
        created_at=row.created_at,
        integrations=row.integrations,
        counts=counts,
        overall_health=overall_health(counts),
    )
