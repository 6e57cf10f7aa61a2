"""The driver of integrations (signatures first)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.filters import Term
    from storage.paging import Anchor, Page

Sort: TypeAlias = Literal["name", "provider", "status", "health", "latency", "checked", "created"]


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrationRow:
    """A tenant's account at a provider. Limits of 0 are unlimited; `version` counts its changes.

    `config` holds the provider's own fields (region, API version, deployment). `interval_s` is
    None where the board's own interval holds. `credential_ref` points to a secret, never is one.
    """

    id: str
    tenant_id: str
    name: str
    provider_type: str
    status: str
    created_at: datetime
    credential_ref: str | None = None
    base_url: str | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    default_model: str | None = None
    budget_limit_cents: int = 0
    token_limit_month: int = 0
    rate_limit_rpm: int = 0
    interval_s: int | None = None
    updated_at: datetime | None = None
    created_by: str | None = None
    deleted_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrationListRow(IntegrationRow):
    """An integration with its lamp, as a list shows it; `number` is its target's."""

    number: int
    active: bool
    state: str
    error: str | None
    message: str | None
    remedy: str | None
    stage: str | None
    latency_ms: float | None
    status_code: int | None
    checked_at: datetime | None
    since: datetime | None
    failures_in_row: int
    due_at: datetime | None


class IntegrationsDriver:
    """Signatures; see each."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def insert(self, row: IntegrationRow, *, active: bool, interval_s: int, due_at: datetime | None = None) -> int:
        """Adds the row and its target (state unknown); gives the target's number."""
        raise NotImplementedError

    def get(self, tenant_id: str, integration_id: str) -> IntegrationListRow | None:
        raise NotImplementedError

    def get_by_name(self, tenant_id: str, name: str) -> IntegrationListRow | None:
        raise NotImplementedError

    def get_many(self, ids: Sequence[str]) -> dict[str, IntegrationRow]:
        """By id, whatever the tenant: for the monitor, which claimed these targets."""
        raise NotImplementedError

    def page(
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        status: str | None = None,
        provider_type: str | None = None,
        sort: Sort = "name",
        descending: bool = False,
        anchor: Anchor = ...,
        limit: int = 100,
    ) -> Page[IntegrationListRow]:
        raise NotImplementedError

    def count(self, tenant_id: str, *, terms: Sequence[Term] = (), status: str | None = None, provider_type: str | None = None) -> int:
        raise NotImplementedError

    def update(
        self,
        tenant_id: str,
        integration_id: str,
        changes: Mapping[str, object],
        *,
        expected_version: int | None = None,
    ) -> IntegrationListRow | None:
        """Changes columns of IntegrationRow by name, plus `active`, `check_interval_s`, `due_at` of
        its target; None when there is no such one; StaleWrite when the version differs."""
        raise NotImplementedError

    def soft_delete(self, tenant_id: str, integration_id: str, *, at: datetime) -> bool:
        raise NotImplementedError
