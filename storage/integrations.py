"""The driver of integrations: a tenant's accounts at providers of models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from storage.inventory import Inventory
from storage.layout import COMMON, Layout
from storage.limits import following
from storage.tables import integrations
from storage.things import LampFields, ThingRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

KIND = "integration"
Sort: TypeAlias = Literal["name", "provider", "status", "health", "latency", "checked", "created"]


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrationRow(ThingRow):
    """A tenant's account at a provider. Limits of 0 are unlimited.

    `config` holds the provider's own fields (region, API version, deployment). `credential_ref`
    points to a secret, never is one.
    """

    provider_type: str
    credential_ref: str | None = None
    base_url: str | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    default_model: str | None = None
    budget_limit_cents: int = 0
    token_limit_month: int = 0
    rate_limit_rpm: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrationListRow(LampFields, IntegrationRow):
    """An integration with its lamp, as a list shows it."""


_LAYOUT = Layout(
    kind=KIND,
    table=integrations,
    row=IntegrationRow,
    list_row=IntegrationListRow,
    secrets="credential_ref",
    mirrors={**COMMON, "provider_type": lambda name: {"type": name, "technology": name}},
)


class IntegrationsDriver(Inventory[IntegrationRow, IntegrationListRow]):
    """Reads and writes integrations on one connection; the caller commits.

    Each has its meter and gauges from its creation on, with its name and limits.
    """

    layout = _LAYOUT

    def insert(
        self, row: IntegrationRow, *, active: bool, interval_s: int, due_at: datetime | None = None
    ) -> int:
        """Adds an integration, its target and its meter; see `Inventory.insert`."""
        number = super().insert(row, active=active, interval_s=interval_s, due_at=due_at)
        following.add_meters(self.connection, [row])
        return number

    def insert_many(
        self, rows: Iterable[IntegrationRow], *, active: bool, interval_s: int, due_at: datetime
    ) -> int:
        """Adds many with their targets and meters; see `Inventory.insert_many`."""
        given = list(rows)
        count = super().insert_many(given, active=active, interval_s=interval_s, due_at=due_at)
        following.add_meters(self.connection, given)
        return count

    def update(
        self,
        tenant_id: str,
        thing_id: str,
        changes: Mapping[str, object],
        *,
        expected_version: int | None = None,
    ) -> IntegrationListRow | None:
        """Changes fields of an integration, and of its meter; see `Inventory.update`."""
        row = super().update(tenant_id, thing_id, changes, expected_version=expected_version)
        if row is not None:
            following.follow(self.connection, row, changes)
        return row

    def soft_delete(self, tenant_id: str, thing_id: str, at: datetime) -> bool:
        """Takes an integration and its gauges off every list; its history and usage stay."""
        gone = super().soft_delete(tenant_id, thing_id, at)
        if gone:
            following.retire(self.connection, tenant_id, thing_id, at)
        return gone

    def delete_all(self, tenant_id: str | None, at: datetime) -> int:
        """Deletes a tenant's integrations, or everybody's for None, likewise; gives how many."""
        following.retire_all(self.connection, tenant_id, at)
        return super().delete_all(tenant_id, at)
