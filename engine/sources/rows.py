"""Rows of the driver into what the facade and the registry answer with: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from engine.errors import InvalidInput, NotFound
from engine.probes.connection_string import parse_connection_string
from engine.probes.result import stages_of, whole_ms
from engine.probes.states import PASSING
from engine.sources.model import CustomerDataSource, DataSourceStatus, DataSourceType
from engine.sources.results import DataSourceStats, SourceSummary, TestConnectionResult
from engine.sources.secrets import masked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

    from engine.probes.result import Checked
    from storage.sources import SourceListRow
    from storage.things import StatisticsRow

Word = TypeVar("Word", bound="StrEnum")

_MADE_UP = frozenset({"pending", "configuring"})


def found(row: SourceListRow | None) -> SourceListRow:
    """Return the row that was looked for in a tenant.

    Raises:
        NotFound: There is none of that id, it is another tenant's, or not for this operator.
    """
    if row is None:
        raise NotFound(
            "This tenant has no such source.",
            hint="`lampboard sources list` shows those that there are.",
            field="source_id",
        )
    return row


def _known(words: type[Word], word: str, otherwise: Word) -> Word:
    """Return a stored word; a newer version may have written one that is not known here."""
    return words(word) if word in tuple(words) else otherwise


def source(row: SourceListRow) -> CustomerDataSource:
    """Return everything about the source, its secrets masked."""
    return CustomerDataSource(
        source_id=row.id,
        tenant_id=row.tenant_id,
        name=row.name,
        source_type=_known(DataSourceType, row.type, DataSourceType.CUSTOM),
        config=masked(row.config, row.secrets),
        status=_known(DataSourceStatus, row.status, DataSourceStatus.INACTIVE),
        description=row.description,
        tags=list(row.tags),
        metadata=dict(row.metadata),
        access_roles=list(row.access_roles),
        owner_id=row.owner_id,
        last_connected=row.passed_at,
        last_error=row.last_error,
        connection_count=row.passes,
        error_count=row.failures,
        created_at=row.created_at,
        updated_at=row.updated_at or row.created_at,
        technology=row.technology,
        version=row.version,
        interval_s=row.interval_s,
        created_by=row.created_by,
        health_state=row.state,
        health_message=row.message,
        health_remedy=row.remedy,
        health_checked_at=row.checked_at,
        health_error=row.error,
        latency_ms=whole_ms(row.latency_ms),
        since=row.since,
    )


def summary(row: SourceListRow) -> SourceSummary:
    """Return the row of a list."""
    return SourceSummary(
        id=row.id,
        name=row.name,
        source_type=row.type,
        technology=row.technology,
        status=row.status,
        health_state=row.state,
        health_error=row.error,
        health_message=row.message,
        latency_ms=whole_ms(row.latency_ms),
        checked_at=row.checked_at,
        last_connected=row.passed_at,
        tags=tuple(row.tags),
        owner_id=row.owner_id,
        access_roles=tuple(row.access_roles),
        where=where(row.config),
        version=row.version,
        active=row.active,
    )


def where(config: Mapping[str, Any]) -> str:
    """Return one line that says where it is, such as `db.example:5432/app`; never a secret.

    Args:
        config: As it is stored, without secrets.
    """
    string = str(config.get("connection_string") or "")
    if "://" in string:
        return string.partition("://")[2].partition("?")[0].rpartition("@")[2]
    host, port, database = config.get("host"), config.get("port"), config.get("database")
    if string:
        try:
            parsed = parse_connection_string(string)
        except InvalidInput:  # it was written by another release
            return ""
        host, port, database = parsed.host, parsed.port, parsed.database
    place = f"{host or ''}:{port}" if port else str(host or "")
    return "/".join(str(part) for part in (place, database) if part)


def statistics(row: StatisticsRow) -> DataSourceStats:
    """Return the statistics; what is in the making counts as pending."""
    by = row.by_status
    return DataSourceStats(
        total_sources=row.total,
        active_sources=by.get("active", 0),
        inactive_sources=by.get("inactive", 0) + by.get("deprecated", 0),
        error_sources=by.get("error", 0),
        pending_sources=sum(by.get(status, 0) for status in _MADE_UP),
        sources_by_type=dict(row.by_type),
        total_connections=row.passes,
        total_errors=row.failures,
    )


def tested(checked: Checked) -> TestConnectionResult:
    """Return what a check came to, as the result of a test."""
    result = checked.result
    return TestConnectionResult(
        success=result.state in PASSING,
        message=result.message,
        latency_ms=result.latency_ms,
        details=dict(result.details) or None,
        state=result.state.value,
        error=result.error,
        stage=result.stage,
        stages=stages_of(result),
        remedy=result.remedy or None,
        checked_at=checked.checked_at,
        cached=checked.cached,
    )
