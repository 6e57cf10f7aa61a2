"""What is told of one meter and of all of them, on one connection.

Loaded in the worker thread only, because it brings the drivers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import NotFound
from engine.limits import reading
from engine.limits.preview import sentence_of
from engine.limits.results import MOST_GROUPS, LimitTransition, MeterStory, Preview
from engine.limits.setting import changed_row, meter_or_new
from engine.usage import totals
from storage.limits.meters import MetersDriver
from storage.limits.transitions import transitions as read_transitions
from storage.usage import windows

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.limits.measuring import Moment
    from engine.limits.setting import Limits
    from engine.usage.results import UsageTotal
    from storage.limits.rows import MeterRow, TransitionRow

MINUTES = 60
"""The minutes that a story tells of."""

_TOP = 10
_TRANSITIONS = 100


def found(connection: Connection, tenant_id: str, scope: str, subject: str) -> MeterRow:
    """Return a meter that is there.

    Raises:
        NotFound: Nothing of that name was ever used or limited in this tenant, or it was deleted.
    """
    meter = MetersDriver(connection).get(tenant_id, scope, subject)
    if meter is None or meter.retired_at is not None:
        raise NotFound(
            f"This tenant has no {scope} of that name with usage or limits.",
            hint="`lampboard limits status` shows those that there are.",
            field="subject",
        )
    return meter


def tell(connection: Connection, meter: MeterRow, moment: Moment) -> MeterStory:
    """Return everything about a meter."""
    month, before = moment.period.days, moment.period.previous().days
    return MeterStory(
        tenant_id=meter.tenant_id,
        scope=meter.scope,
        subject=meter.subject,
        name=meter.name,
        gauges=reading.gauges(connection, reading.rows_of(connection, meter), moment),
        days=_days(connection, meter, range(month.start, moment.today + 1)),
        previous_days=_days(connection, meter, before),
        models=_top(connection, meter, "model", month),
        agents=_top(connection, meter, "agent", month),
        integrations=_top(connection, meter, "integration", month),
        minutes=minutes_of(connection, meter, moment),
        transitions=transitions(
            connection, meter.tenant_id, meter=meter.number, limit=_TRANSITIONS
        ),
        period_start=moment.period.start,
        period_end=moment.period.end,
        version=meter.version,
    )


def groups(
    connection: Connection, tenant_id: str | None, by: str, moment: Moment
) -> tuple[UsageTotal, ...]:
    """Return what those of a scope used this month, the costliest first."""
    days = moment.period.days
    return totals.top(connection, tenant_id, by=by, days=days, limit=MOST_GROUPS)


def transitions(
    connection: Connection, tenant_id: str | None, *, meter: int | None = None, limit: int
) -> tuple[LimitTransition, ...]:
    """Return warning levels that were reached, newest first."""
    rows = read_transitions(connection, tenant_id, meter=meter, limit=limit)
    return tuple(map(_transition, rows))


def preview(  # noqa: PLR0913, PLR0917 - a meter, its limits and when
    connection: Connection,
    tenant_id: str,
    scope: str,
    subject: str,
    wanted: Limits,
    moment: Moment,
) -> tuple[Preview, ...]:
    """Return what limits would mean: a gauge and a sentence for each measure.

    Raises:
        NotFound: This tenant, or its integration, is not there.
        InvalidInput: The name cannot be used.
    """
    meter = meter_or_new(connection, tenant_id, scope, subject, moment.now)
    rows = [changed_row(row, wanted) for row in reading.rows_of(connection, meter)]
    busiest = max(minutes_of(connection, meter, moment), default=0)
    return tuple(
        Preview(gauge=gauge, sentence=sentence_of(gauge, now=moment.now, busiest=busiest))
        for gauge in reading.gauges(connection, rows, moment)
    )


def minutes_of(connection: Connection, meter: MeterRow, moment: Moment) -> tuple[int, ...]:
    """Return the requests in each minute of the last hour; this one's is the last."""
    span = range(moment.minute - MINUTES + 1, moment.minute + 1)
    rows = windows.minutes_of(connection, [meter.number], span)
    calls = {row.minute: row.calls for row in rows}
    return tuple(calls.get(minute, 0) for minute in span)


def _days(connection: Connection, meter: MeterRow, days: range) -> tuple[UsageTotal, ...]:
    return totals.by_day(connection, meter.tenant_id, meter.scope, meter.subject, days)


def _top(connection: Connection, meter: MeterRow, by: str, month: range) -> tuple[UsageTotal, ...]:
    if by == meter.scope:
        return ()
    only = {} if meter.scope == "tenant" else {meter.scope: meter.subject}
    return totals.top(connection, meter.tenant_id, by=by, days=month, limit=_TOP, **only)


def _transition(row: TransitionRow) -> LimitTransition:
    return LimitTransition(
        id=row.id,
        tenant_id=row.tenant_id,
        scope=row.scope,
        subject=row.subject,
        name=row.name,
        measure=row.measure,
        level=row.level,
        period_start=row.period_start,
        at=row.at,
        used=row.used,
        limit=row.limit_value,
    )
