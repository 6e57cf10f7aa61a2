"""The only way in to tenants, for screens, the command line and callers in code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from engine.hop import default_facade
from engine.jsonable import JsonRecord
from engine.tenants.slug import require_slug

if TYPE_CHECKING:
    from collections.abc import Mapping
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


def get_tenants_facade() -> TenantsFacade:
    """Return the facade of the process's default workspace."""
    return cast("TenantsFacade", default_facade("tenants"))
