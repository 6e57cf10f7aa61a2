"""The only way in to tenants, for screens, the command line and callers in code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from engine.hop import default_facade
from engine.jsonable import JsonRecord
from engine.tenants.slug import require_slug

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.hop import Hop


@dataclass(frozen=True, kw_only=True, slots=True)
class TenantSummary(JsonRecord):
    """A tenant with its lamps counted by state; all four states are keys."""

    id: str
    name: str
    created_at: datetime
    integrations: int
    counts: Mapping[str, int]
    overall_health: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IsolatedRole(JsonRecord):
    """A role of the server that sees the rows of some tenants alone."""

    role: str
    tenants: tuple[str, ...]
    read_only: bool
    granted_at: datetime


class TenantsFacade:
    """Lists tenants and makes them; what the operator may not see counts nowhere."""

    def __init__(self, hop: Hop) -> None:
        self._hop = hop

    async def list_tenants(self) -> tuple[TenantSummary, ...]:
        """Return all tenants, sorted by name, with their lamps counted."""

        def work(connection: Connection) -> tuple[TenantSummary, ...]:
            from engine.tenants import core

            return core.summaries(connection, self._hop.settings.roles)

        return await self._hop.read(work)

    async def get(self, tenant_id: str) -> TenantSummary:
        """Return one tenant.

        Raises:
            NotFound: There is no such tenant.
        """

        def work(connection: Connection) -> TenantSummary:
            from engine.tenants import core

            return core.summary(connection, tenant_id, self._hop.settings.roles)

        return await self._hop.read(work)

    async def ensure(self, tenant_id: str, name: str | None = None) -> TenantSummary:
        """Return the tenant, made when it is new.

        Raises:
            InvalidInput: The id is no slug (field `tenant`), or the name cannot be used.
        """
        slug = require_slug(tenant_id)

        def work(connection: Connection) -> TenantSummary:
            from engine.tenants import core

            core.ensure(connection, self._hop, slug, name)
            return core.summary(connection, slug, self._hop.settings.roles)

        return await self._hop.write(work)

    async def isolated(self) -> tuple[IsolatedRole, ...]:
        """Return the roles of the server that are kept to some tenants, by name."""

        def work(connection: Connection) -> tuple[IsolatedRole, ...]:
            from engine.tenants import isolation

            return isolation.isolated(connection)

        return await self._hop.read(work)

    async def isolate(
        self, role: str, tenants: Sequence[str], *, read_only: bool = False
    ) -> IsolatedRole:
        """Let a role of PostgreSQL see and change the rows of these tenants alone.

        What it was granted here before is replaced. The server itself keeps it to them, by its
        row-level security, whatever program the role is used with.

        Args:
            role: The role's name; it must be there, and no superuser or owner of the tables.
            tenants: Their ids.
            read_only: Let it change nothing.

        Raises:
            NotFound: There is no such tenant.
            WorkspaceError: The role cannot be kept to them (`role_refused`).
        """

        def work(connection: Connection) -> IsolatedRole:
            from engine.tenants import isolation

            return isolation.isolate(connection, self._hop, role, tenants, read_only=read_only)

        return await self._hop.write(work)

    async def release(self, role: str) -> None:
        """Take from a role all that `isolate` granted it.

        Raises:
            NotFound: It was granted nothing.
        """

        def work(connection: Connection) -> None:
            from engine.tenants import isolation

            isolation.release(connection, self._hop, role)

        await self._hop.write(work)


def get_tenants_facade() -> TenantsFacade:
    """Return the facade of the process's default workspace."""
    return cast("TenantsFacade", default_facade("tenants"))
