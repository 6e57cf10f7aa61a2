"""What a check on demand starts with: the thing, its opened credential, and its last result.

Loaded in the worker thread only, because it brings the drivers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.credentials import Credential
from engine.health.checks import TargetToCheck, open_credential, prepare, stages_of
from engine.health.rules import is_fresh
from engine.integrations.model import IntegrationStatus
from engine.integrations.results import HealthCheckResult
from engine.integrations.rows import found, whole_ms
from storage import paging
from storage.integrations import IntegrationsDriver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.integrations.drafts import Draft
    from engine.probes.result import ProbeResult
    from storage.integrations import IntegrationListRow
    from storage.paging import Key


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """One check to be made; `last` is None for a form that was never saved."""

    target: TargetToCheck
    last: IntegrationListRow | None = None

    def cached(self, now: datetime) -> HealthCheckResult | None:
        """Return the last result when it is fresh enough to answer with."""
        last = self.last
        if last is None or last.checked_at is None or not is_fresh(last.checked_at, now):
            return None
        return HealthCheckResult(
            integration_id=last.id,
            health_state=last.state,
            message=last.message,
            latency_ms=whole_ms(last.latency_ms),
            checked_at=last.checked_at,
            name=last.name,
            provider_type=last.provider_type,
            error=last.error,
            stage=last.stage,
            status_code=last.status_code,
            remedy=last.remedy or None,
            cached=True,
            previous_state=last.state,
        )

    def result(self, found: ProbeResult, checked_at: datetime) -> HealthCheckResult:
        """Return what a check that was just made came to."""
        return HealthCheckResult(
            integration_id=self.target.id,
            health_state=found.state.value,
            message=found.message or None,
            latency_ms=whole_ms(found.latency_ms),
            checked_at=checked_at,
            name=self.target.name,
            provider_type=self.target.provider_type,
            error=found.error,
            stage=found.stage,
            status_code=found.status_code,
            remedy=found.remedy or None,
            stages=stages_of(found),
            details=found.details,
            previous_state=self.last.state if self.last else None,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Some tickets in the order of their names, and the key to go on after; None at the end."""

    tickets: tuple[Ticket, ...]
    after: Key | None


def one(
    connection: Connection, credentials: CredentialStore, tenant_id: str, integration_id: str
) -> Ticket:
    """Return the ticket of one integration.

    Raises:
        NotFound: This tenant has none of that id.
    """
    row = found(IntegrationsDriver(connection).get(tenant_id, integration_id))
    return Ticket(target=prepare(connection, credentials, row), last=row)


def many(
    connection: Connection,
    credentials: CredentialStore,
    tenant_id: str,
    after: Key | None,
    limit: int,
) -> Batch:
    """Return the next tickets of a tenant's integrations, disabled ones left out."""
    anchor = paging.start() if after is None else paging.after(after)
    page = IntegrationsDriver(connection).page(tenant_id, anchor=anchor, limit=limit)
    tickets = tuple(_wanted(connection, credentials, page.rows))
    return Batch(tickets=tickets, after=page.keys[-1] if len(page.rows) == limit else None)


def of_draft(connection: Connection, credentials: CredentialStore, draft: Draft) -> Ticket:
    """Return the ticket of a form's values."""
    credential, problem = open_credential(
        connection, credentials, draft.tenant_id, None if draft.secret else draft.credential_ref
    )
    target = TargetToCheck(
        tenant_id=draft.tenant_id,
        id=draft.integration_id,
        name=draft.name,
        provider_type=draft.provider_type,
        base_url=draft.base_url,
        config=draft.config or {},
        credential=Credential(draft.secret) if draft.secret else credential,
        problem=problem,
    )
    return Ticket(target=target)


def _wanted(
    connection: Connection, credentials: CredentialStore, rows: tuple[IntegrationListRow, ...]
) -> Iterator[Ticket]:
    for row in rows:
        if row.status != IntegrationStatus.DISABLED:
            yield Ticket(target=prepare(connection, credentials, row), last=row)
