"""The driver of tenants: who they are, and how their things are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select, text

from storage import revisions
from storage.access import how_many, role_values, visible
from storage.health.rows import STATE_RANKS
from storage.rows import build, build_all, names_of
from storage.tables import targets, tenants
from storage.types import UtcMillis

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.access import Roles


@dataclass(frozen=True, kw_only=True, slots=True)
class TenantRow:
    """A customer whose things these are."""

    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class TenantListRow(TenantRow):
    """A tenant with how many things of each kind it has, and how many are in each state."""

    integrations: int
    sources: int
    connectors: int
    states: Mapping[str, int]


_COLUMNS = [tenants.c[name] for name in names_of(TenantRow)]
_GET = select(*_COLUMNS).where(tenants.c.id == bindparam("id", required=True))
# Of two who add the same tenant at once on a shared server, the second finds the first's.
_ADD = text(
    "INSERT INTO tenants (id, name, sort_name, created_at) "
    "VALUES (:id, :name, :sort_name, :created_at) ON CONFLICT (id) DO NOTHING"
).bindparams(bindparam("created_at", type_=UtcMillis))
_LIST = (
    select(*_COLUMNS)
    .order_by(tenants.c.sort_name, tenants.c.id)
    .limit(bindparam("limit", required=True))
)
_COUNTS = (
    select(targets.c.tenant_id, targets.c.kind, targets.c.state_rank, func.count())
    .where(targets.c.retired_at.is_(None))
    .group_by(targets.c.tenant_id, targets.c.kind, targets.c.state_rank)
)
_NAMES = {rank: state for state, rank in STATE_RANKS.items()}


class TenantsDriver:
    """Reads and writes tenants on one connection; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def ensure(self, tenant_id: str, name: str, now: datetime) -> TenantRow:
        """Adds the tenant unless it is there; gives the stored row either way."""
        found = self.get(tenant_id)
        if found is not None:
            return found
        values = {"id": tenant_id, "name": name, "created_at": now, "sort_name": name.casefold()}
        self.connection.execute(_ADD, values)
        revisions.bump(self.connection, "tenants")
        added = TenantRow(id=tenant_id, name=name, created_at=now)
        return self.get(tenant_id) or added

    def get(self, tenant_id: str) -> TenantRow | None:
        """Gives a tenant."""
        row = self.connection.execute(_GET, {"id": tenant_id}).one_or_none()
        return None if row is None else build(TenantRow, row)

    def list(self, *, limit: int = 1000, roles: Roles = None) -> tuple[TenantListRow, ...]:
        """Gives tenants by name, with the counts of what an operator with these roles sees."""
        counts = self._counts(roles)
        rows = build_all(TenantRow, self.connection.execute(_LIST, {"limit": limit}))
        return tuple(_listed(row, counts.get(row.id, Counter())) for row in rows)

    def _counts(self, roles: Roles) -> dict[str, Counter[str]]:
        """Counts each tenant's targets by kind and by state, under one name each."""
        statement = _COUNTS.where(*visible(how_many(roles), self.connection.dialect.name))
        found: dict[str, Counter[str]] = {}
        for tenant_id, kind, rank, count in self.connection.execute(statement, role_values(roles)):
            found.setdefault(tenant_id, Counter()).update({kind: count, _NAMES[rank]: count})
        return found


def _listed(row: TenantRow, counts: Counter[str]) -> TenantListRow:
    return TenantListRow(
        id=row.id,
        name=row.name,
        created_at=row.created_at,
        integrations=counts["integration"],
        sources=counts["source"],
        connectors=counts["connector"],
        states={state: counts[state] for state in STATE_RANKS},
    )
