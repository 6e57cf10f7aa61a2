"""From sums to what the facade answers. Loaded in the worker thread only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.usage.period import date_of
from engine.usage.records import POLICIES
from engine.usage.results import UsageEntry, UsageTotal
from storage.limits.meters import MetersDriver
from storage.usage.driver import UsageDriver

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.usage.rows import FactRow, Sums


def total_of(sums: Sums, *, key: str, name: str = "") -> UsageTotal:
    """Return sums under a key, with the mean of the latencies that were told."""
    return UsageTotal(
        key=key,
        name=name,
        calls=sums.calls,
        errors=sums.errors,
        warned=sums.warned,
        blocked=sums.blocked,
        unpriced=sums.unpriced,
        tokens_in=sums.tokens_in,
        tokens_out=sums.tokens_out,
        tokens_cached=sums.tokens_cached,
        cost_nanos=sums.cost_nanos,
        latency_ms=sums.latency_ms / sums.timed if sums.timed else None,
    )


def top(  # noqa: PLR0913 - who, of what, when: all by name
    connection: Connection,
    tenant_id: str | None,
    *,
    by: str,
    days: range,
    limit: int,
    integration: str | None = None,
    provider: str | None = None,
    model: str | None = None,
    agent: str | None = None,
) -> tuple[UsageTotal, ...]:
    """Return those of a scope that used most, by cost and then by tokens."""
    found = UsageDriver(connection).top(
        tenant_id,
        by=by,
        first_day=days.start,
        end_day=days.stop,
        limit=limit,
        integration_id=integration,
        provider=provider,
        model=model,
        agent=agent,
    )
    return tuple(total_of(sums, key=sums.subject, name=sums.name) for sums in found)


def by_day(
    connection: Connection, tenant_id: str, scope: str, subject: str, days: range
) -> tuple[UsageTotal, ...]:
    """Return every day of a meter in order, also those without a call."""
    meter = MetersDriver(connection).get(tenant_id, scope, subject)
    found = {}
    if meter is not None:
        rows = UsageDriver(connection).days(meter.number, days.start, days.stop)
        found = {row.day: row for row in rows}
    return tuple(
        total_of(found[day], key=date_of(day).isoformat())
        if day in found
        else UsageTotal(key=date_of(day).isoformat())
        for day in days
    )


def entries(  # noqa: PLR0913 - which calls: all by name
    connection: Connection,
    tenant_id: str,
    start: datetime,
    end: datetime,
    *,
    after: int,
    limit: int,
) -> tuple[int, tuple[UsageEntry, ...]]:
    """Return some calls of a span after a number, and the number to go on after; 0 at the end."""
    rows = UsageDriver(connection).facts(tenant_id, start, end, after=after, limit=limit)
    going_on = rows[-1].number if len(rows) == limit else 0
    return going_on, tuple(_entry(row) for row in rows)


def _entry(row: FactRow) -> UsageEntry:
    return UsageEntry(
        call_id=row.call_id,
        at=row.at,
        integration=row.integration_id,
        provider=row.provider,
        model=row.model,
        agent=row.agent,
        session=row.session,
        calls=row.calls,
        tokens_in=row.tokens_in,
        tokens_out=row.tokens_out,
        tokens_cached=row.tokens_cached,
        cost_nanos=row.cost_nanos,
        latency_ms=row.latency_ms,
        policy=None if row.policy is None else POLICIES[row.policy],
        error=row.error,
        origin=row.origin,
    )
