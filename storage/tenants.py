"""The driver of tenants: who they are, and how their things are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select, text

from storage import revisions
from storage.health.rows import STATE_RANKS
from storage.rows import build, build_all, names_of
from storage.tables import targets, tenants
from storage.types import UtcMillis

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class TenantRow:
    """A customer whose things these are."""

    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class TenantListRow(TenantRow):
    """A tenant with how many integrations it has, and how many targets are in each state."""

    integrations: int
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
_STATES = (
    select(targets.c.tenant_id, targets.c.state_rank, func.count())
    .where(targets.c.retired_at.is_(None))
    .group_by(targets.c.tenant_id, targets.c.state_rank)
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

    def list(self, *, limit: int = 1000) -> tuple[TenantListRow, ...]:
        """Gives tenants by name, with their counts. Today every target is an integration."""
        states = self._states()
        return tuple(
            TenantListRow(
                id=row.id,
                name=row.name,
                created_at=row.created_at,
                integrations=sum(states.get(row.id, {}).values()),
                states=dict.fromkeys(STATE_RANKS, 0) | states.get(row.id, {}),
            )
            for row in build_all(TenantRow, self.connection.execute(_LIST, {"limit": limit}))
        )

    def _states(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for tenant_id, rank, count in self.connection.execute(_STATES):
            found.setdefault(tenant_id, {})[_NAMES[rank]] = count
        return found
