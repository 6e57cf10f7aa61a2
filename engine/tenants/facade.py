"""What screens and the command line ask about tenants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class TenantSummary(JsonRecord):
    """A tenant with its lamps counted by state."""

    id: str
    name: str
    created_at: datetime
    integrations: int
    counts: Mapping[str, int]
    overall_health: str


class TenantsFacade:
    """Lists tenants and makes them."""

    async def list_tenants(self) -> tuple[TenantSummary, ...]:
        """Return all tenants, sorted by id."""
        raise NotImplementedError

    async def get(self, tenant_id: str) -> TenantSummary:
        """Return one tenant; raises NotFound."""
        raise NotImplementedError

    async def ensure(self, tenant_id: str, name: str | None = None) -> TenantSummary:
        """Return the tenant, made when it is new; raises InvalidInput (field `tenant`)."""
        raise NotImplementedError
