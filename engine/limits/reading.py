"""Gauges as of now, on one connection: three statements for any number of them.

Loaded in the worker thread only, because it brings the drivers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.limits.measuring import Moment, Use, gauge_of, use_of
from storage.limits.gauges import GaugesDriver
from storage.limits.rows import MEASURES, GaugeRow, gauge_start
from storage.usage import windows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from engine.limits.results import GaugeResult
    from storage.limits.rows import MeterRow

_UNUSED = Use()


def uses(connection: Connection, numbers: Iterable[int], moment: Moment) -> dict[int, Use]:
    """Return what meters used, by their numbers."""
    wanted = sorted(set(numbers))
    if not wanted:
        return {}
    days: dict[int, list[windows.DayUse]] = {number: [] for number in wanted}
    for row in windows.days_of(connection, wanted, moment.days):
        days[row.meter_number].append(row)
    minute = range(moment.minute, moment.minute + 1)
    rates = {row.meter_number: row for row in windows.minutes_of(connection, wanted, minute)}
    first, month = windows.first_days(connection, wanted), moment.period.days
    return {
        number: use_of(
            rows,
            calls=rates[number].calls if number in rates else 0,
            held_calls=rates[number].held if number in rates else 0,
            first_day=first.get(number),
            month=month,
        )
        for number, rows in days.items()
    }


def gauges(
    connection: Connection, rows: Sequence[GaugeRow], moment: Moment
) -> tuple[GaugeResult, ...]:
    """Return gauges as of now, in the order of their rows."""
    known = uses(connection, (row.meter_number for row in rows), moment)
    return tuple(gauge_of(row, known.get(row.meter_number, _UNUSED), moment) for row in rows)


def of_integrations(
    connection: Connection, tenant_id: str, ids: Sequence[str], moment: Moment
) -> dict[str, tuple[GaugeResult, ...]]:
    """Return the gauges of integrations by their ids."""
    rows = GaugesDriver(connection).of_subjects(tenant_id, "integration", ids)
    told: dict[str, tuple[GaugeResult, ...]] = {}
    for gauge in gauges(connection, rows, moment):
        told[gauge.subject] = (*told.get(gauge.subject, ()), gauge)
    return told


def rows_of(connection: Connection, meter: MeterRow) -> list[GaugeRow]:
    """Return the rows of a meter's gauges; of one that has none, as they would be."""
    there = {row.measure: row for row in GaugesDriver(connection).of_meters([meter.number])}
    return [there.get(measure) or row_of(meter, measure) for measure in MEASURES]


def row_of(meter: MeterRow, measure: str) -> GaugeRow:
    """Return the row that a meter's gauge would have."""
    start = gauge_start(measure, 0)
    return GaugeRow(
        number=0,
        meter_number=meter.number,
        tenant_id=meter.tenant_id,
        scope=meter.scope,
        subject=meter.subject,
        measure=measure,
        name=meter.name,
        provider=meter.provider,
        limit_value=meter.limit(measure),
        state=str(start["state"]),
        used=0,
        percent=-1.0,
        urgency=0,
        reckoned_at=None,
        warning_levels=meter.warning_levels,
        version=meter.version,
    )
