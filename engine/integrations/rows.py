"""Rows of the driver into results of the facade: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import NotFound
from engine.integrations.results import (
    HealthStatusResult,
    IntegrationDetailResult,
    IntegrationSummaryResult,
)
from engine.probes.result import whole_ms

if TYPE_CHECKING:
    from storage.integrations import IntegrationListRow


def found(row: IntegrationListRow | None) -> IntegrationListRow:
    """Return the row that was looked for in a tenant.

    Raises:
        NotFound: There is none of that id, or it is another tenant's.
    """
    if row is None:
        raise NotFound(
            "This tenant has no such integration.",
            hint="`lampboard integrations list` shows those that there are.",
            field="integration_id",
        )
    return row


def summary(row: IntegrationListRow) -> IntegrationSummaryResult:
    """Return the row of a list."""
    return IntegrationSummaryResult(
        id=row.id,
        name=row.name,
        provider_type=row.provider_type,
        status=row.status,
        health_state=row.state,
        default_model=row.default_model,
        created_at=row.created_at,
        tenant_id=row.tenant_id,
        error=row.error,
        message=row.message,
        latency_ms=whole_ms(row.latency_ms),
        checked_at=row.checked_at,
        since=row.since,
        interval_s=row.interval_s,
        budget_limit_cents=row.budget_limit_cents,
        token_limit_month=row.token_limit_month,
        rate_limit_rpm=row.rate_limit_rpm,
        updated_at=row.updated_at,
    )


def detail(row: IntegrationListRow) -> IntegrationDetailResult:
    """Return everything about the integration."""
    return IntegrationDetailResult(
        id=row.id,
        tenant_id=row.tenant_id,
        name=row.name,
        provider_type=row.provider_type,
        status=row.status,
        health_state=row.state,
        health_checked_at=row.checked_at,
        health_message=row.message,
        default_model=row.default_model,
        budget_limit_cents=row.budget_limit_cents,
        token_limit_month=row.token_limit_month,
        rate_limit_rpm=row.rate_limit_rpm,
        created_at=row.created_at,
        updated_at=row.updated_at,
        created_by=row.created_by,
        credential_ref=row.credential_ref,
        base_url=row.base_url,
        config=row.config,
        interval_s=row.interval_s,
        version=row.version,
        error=row.error,
        remedy=row.remedy,
        stage=row.stage,
        latency_ms=whole_ms(row.latency_ms),
        status_code=row.status_code,
        since=row.since,
    )


def health_status(row: IntegrationListRow, *, stale: bool) -> HealthStatusResult:
    """Return the last known health."""
    return HealthStatusResult(
        integration_id=row.id,
        health_state=row.state,
        health_message=row.message,
        health_checked_at=row.checked_at,
        name=row.name,
        error=row.error,
        remedy=row.remedy,
        stage=row.stage,
        latency_ms=whole_ms(row.latency_ms),
        status_code=row.status_code,
        since=row.since,
        stale=stale,
    )


def document(row: IntegrationListRow) -> dict[str, object]:
    """Return the integration as a document says it, so that applying it gives the same again.

    Of a credential there is only the reference. What a status other than enabled and disabled
    says is a history that cannot be applied, so `enabled` is then left out.
    """
    said: dict[str, object] = {
        "kind": "integration",
        "name": row.name,
        "provider_type": row.provider_type,
    }
    if row.status in {"enabled", "disabled"}:
        said["enabled"] = row.status == "enabled"
    # Left out where there is none: null would take away what another workspace has.
    if row.credential_ref:
        said["credential_ref"] = row.credential_ref
    return said | {
        "base_url": row.base_url,
        "config": dict(row.config),
        "default_model": row.default_model,
        "budget_limit_cents": row.budget_limit_cents,
        "token_limit_month": row.token_limit_month,
        "rate_limit_rpm": row.rate_limit_rpm,
        "interval_s": row.interval_s,
    }
