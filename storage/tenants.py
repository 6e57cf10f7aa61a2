"""The driver of tenants (signatures first)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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


class TenantsDriver:
    """Signatures; see each."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def ensure(self, tenant_id: str, name: str, now: datetime) -> TenantRow:
        """Adds the tenant unless it is there; gives the stored row either way."""
        raise NotImplementedError

    def get(self, tenant_id: str) -> TenantRow | None:
        raise NotImplementedError

    def list(self, *, limit: int = 1000) -> tuple[TenantListRow, ...]:
        """By name."""
        raise NotImplementedError
