"""An integration's usage against its limits, on one connection: a few rows, however many calls.

Loaded in the worker thread only, because it brings the drivers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.integrations.results import LimitsStatusResult
from engine.usage.period import minute_of, period_of
from engine.usage.records import NANOS_PER_CENT
from storage.limits.meters import MetersDriver
from storage.usage import windows

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.integrations import IntegrationListRow
    from storage.limits.rows import MeterRow
    from storage.usage.windows import DayUse


def limits_status(
    connection: Connection, row: IntegrationListRow, now: datetime
) -> LimitsStatusResult:
    """Return usage against the limits of an integration, as of now."""
    meter = MetersDriver(connection).get(row.tenant_id, "integration", row.id)
    if meter is None or not windows.first_days(connection, [meter.number]):
        return _status(row, now)
    month = period_of(now).days
    days = windows.days_of(connection, [meter.number], month)
    return _status(row, now, days, _requests(connection, meter, now))


def _requests(connection: Connection, meter: MeterRow, now: datetime) -> int:
    minute = minute_of(now)
    rows = windows.minutes_of(connection, [meter.number], range(minute, minute + 1))
    return sum(row.calls + row.held for row in rows)


def _status(
    row: IntegrationListRow,
    now: datetime,
    days: list[DayUse] | None = None,
    requests: int | None = None,
) -> LimitsStatusResult:
    """Return what was used on days; None of them where nothing was ever measured."""
    period = period_of(now)
    unpriced = sum(day.unpriced for day in days or ())
    cost = None if days is None else sum(day.cost_nanos for day in days)
    if not cost and unpriced:
        cost = None  # what has no price is not free
    tokens = None if days is None else sum(day.tokens for day in days)
    return LimitsStatusResult(
        integration_id=row.id,
        budget_limit_cents=row.budget_limit_cents,
        budget_used_cents=None if cost is None else _cents(cost),
        budget_percent=_percent(cost, row.budget_limit_cents * NANOS_PER_CENT),
        token_limit_month=row.token_limit_month,
        tokens_used_month=tokens,
        token_percent=_percent(tokens, row.token_limit_month),
        rate_limit_rpm=row.rate_limit_rpm,
        requests_this_minute=requests,
        rate_percent=_percent(requests, row.rate_limit_rpm),
        period_start=period.start,
        period_end=period.end,
        measured=days is not None,
        budget_used_nanos=cost,
        unpriced_calls=unpriced,
        budget_held_nanos=sum(day.held_nanos for day in days or ()),
        tokens_held=sum(day.held_tokens for day in days or ()),
    )


def _cents(nanos: int) -> int:
    return (nanos + NANOS_PER_CENT // 2) // NANOS_PER_CENT


def _percent(used: int | None, limit: int) -> float | None:
    return None if used is None or not limit else 100 * used / limit
