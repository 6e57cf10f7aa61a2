"""Rows of the driver into what the facade and the registry answer with: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.connectors.places import shown, where
from engine.connectors.results import ConnectorInfo, ConnectorStats, TestResult
from engine.errors import NotFound
from engine.sources.rows import tested as source_tested

if TYPE_CHECKING:
    from engine.probes.result import Checked
    from storage.connectors import ConnectorListRow
    from storage.things import StatisticsRow


def found(row: ConnectorListRow | None) -> ConnectorListRow:
    """Return the row that was looked for in a tenant.

    Raises:
        NotFound: There is none of that id, or it is another tenant's.
    """
    if row is None:
        raise NotFound(
            "This tenant has no such connector.",
            hint="`lampboard connectors list` shows those that there are.",
            field="connector_id",
        )
    return row


def info(row: ConnectorListRow, *, whole: bool = True) -> ConnectorInfo:
    """Return everything about the connector, its secrets masked.

    Args:
        row: As the driver gives it.
        whole: Whether with what was discovered, which a list does not need.
    """
    return ConnectorInfo(
        id=row.id,
        name=row.name,
        connector_type=row.type,
        status=row.status,
        capabilities=tuple(row.capabilities),
        endpoint=row.endpoint,
        tenant_id=row.tenant_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        last_used_at=row.last_used_at,
        config=shown(row.type, row.config, row.secrets),
        metadata=dict(row.metadata),
        technology=row.technology,
        description=row.description,
        tags=tuple(row.tags),
        owner_id=row.owner_id,
        interval_s=row.interval_s,
        version=row.version,
        created_by=row.created_by,
        active=row.active,
        where=where(row.config),
        discovered=dict(row.discovered) if whole else {},
        health_state=row.state,
        health_error=row.error,
        health_message=row.message,
        health_remedy=row.remedy,
        stage=row.stage,
        latency_ms=None if row.latency_ms is None else round(row.latency_ms),
        checked_at=row.checked_at,
        since=row.since,
        last_connected=row.passed_at,
        last_error=row.last_error,
        connection_count=row.passes,
        error_count=row.failures,
    )


def tested(connector_id: str, checked: Checked) -> TestResult:
    """Return what a check came to, as the result of a test."""
    told = source_tested(checked)
    return TestResult(
        success=told.success,
        connector_id=connector_id,
        latency_ms=told.latency_ms,
        error=told.error,
        details=told.details or {},
        state=told.state,
        message=told.message,
        stage=told.stage,
        stages=told.stages,
        remedy=told.remedy,
        checked_at=told.checked_at,
        cached=told.cached,
    )


def statistics(row: StatisticsRow) -> ConnectorStats:
    """Return the statistics."""
    return ConnectorStats(
        total_connectors=row.total,
        connectors_by_status=dict(row.by_status),
        connectors_by_type=dict(row.by_type),
        total_connections=row.passes,
        total_errors=row.failures,
    )
