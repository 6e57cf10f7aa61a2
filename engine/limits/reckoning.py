"""Reckoning: what changed is worked out anew and written where lists sort and filter by it.

Whoever changes usage or limits marks the meter; here the marks are taken, a chunk a transaction.
Levels that were reached are noted once a period, whoever reckons and how often. Loaded in the
worker thread only, because it brings the drivers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.limits import reading
from engine.limits.gauge import passed
from engine.limits.measuring import Moment, gauge_of, levels_of
from storage.limits.gauges import GaugesDriver, Reckoned
from storage.limits.rows import MAX_STORED, UNLIMITED
from storage.limits.stale import take_stale
from storage.limits.transitions import note_transition, noted
from storage.types import to_millis
from storage.usage import windows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy import Connection

    from engine.limits.measuring import Use
    from storage.limits.rows import GaugeRow

GRACE = timedelta(days=1)
"""How long after a month's end late records still make its levels known."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """A level that a gauge's use is at or above in a period, whether or not that is known."""

    row: GaugeRow
    period_start: datetime
    level: float
    used: int


def reckon(connection: Connection, now: datetime, *, limit: int) -> int:
    """Take up to `limit` marks, write the gauges of their meters, and note levels reached.

    Returns:
        How many marks there were; fewer than `limit` means that nothing is left.
    """
    marks = take_stale(connection, limit)
    if not marks:
        return 0
    moment = Moment.of(now)
    numbers = sorted({number for number, _ in marks})
    rows = GaugesDriver(connection).of_meters(numbers)
    uses = reading.uses(connection, numbers, moment)
    GaugesDriver(connection).reckon([_reckoned(row, uses, moment) for row in rows], now)
    reached = [*_this_month(rows, uses, moment), *_rates(connection, rows, uses, moment)]
    reached += _month_before(connection, rows, marks, moment)
    _note(connection, reached, moment)
    return len(marks)


def _reckoned(row: GaugeRow, uses: dict[int, Use], moment: Moment) -> Reckoned:
    gauge = gauge_of(row, uses[row.meter_number], moment)
    return Reckoned(
        meter_number=row.meter_number,
        measure=row.measure,
        state=gauge.state,
        used=min(max(gauge.used or 0, -MAX_STORED), MAX_STORED),
        percent=-1.0 if gauge.percent is None else gauge.percent,
        urgency=min(gauge.urgency, UNLIMITED),
    )


def _this_month(
    rows: Sequence[GaugeRow], uses: dict[int, Use], moment: Moment
) -> Iterator[Reached]:
    for row in rows:
        if row.measure != "rate" and row.limit_value:
            used = uses[row.meter_number].used[row.measure]
            yield from _levels(row, moment.period.start, used)


def _rates(
    connection: Connection, rows: Sequence[GaugeRow], uses: dict[int, Use], moment: Moment
) -> Iterator[Reached]:
    """Return the levels of rates: of this minute, and of the last, which may have gone on since.

    A rate's levels count once a day: a minute is too short a period to tell anybody of each.
    """
    limited = [row for row in rows if row.measure == "rate" and row.limit_value]
    if not limited:
        return
    before = range(moment.minute - 1, moment.minute)
    numbers = [row.meter_number for row in limited]
    ended = windows.minutes_of(connection, numbers, before)
    calls = {minute.meter_number: minute.calls + minute.held for minute in ended}
    today = moment.now.replace(hour=0, minute=0, second=0, microsecond=0)
    for row in limited:
        used = uses[row.meter_number].used["rate"]
        yield from _levels(row, today, max(used, calls.get(row.meter_number, 0)))


def _month_before(
    connection: Connection,
    rows: Sequence[GaugeRow],
    marks: Sequence[tuple[int, int]],
    moment: Moment,
) -> Iterator[Reached]:
    """Return the levels of last month that records reached which came during its first day after.

    Later than that, and for any month before, nobody is told what is long over.
    """
    if moment.now - moment.period.start >= GRACE:
        return
    before = Moment.of(moment.period.start - _DAY)
    late = {number for number, start in marks if start == to_millis(before.period.start)}
    if not late:
        return
    uses = reading.uses(connection, late, before)
    for row in rows:
        if row.meter_number in late and row.measure != "rate" and row.limit_value:
            used = uses[row.meter_number].used[row.measure]
            yield from _levels(row, before.period.start, used)


def _levels(row: GaugeRow, period_start: datetime, used: int) -> Iterator[Reached]:
    for level in passed(used, row.limit_value, levels_of(row.warning_levels)):
        yield Reached(row=row, period_start=period_start, level=level, used=used)


def _note(connection: Connection, reached: Collection[Reached], moment: Moment) -> None:
    if not reached:
        return
    numbers = sorted({one.row.meter_number for one in reached})
    since = min(one.period_start for one in reached)
    known = noted(connection, numbers, since)
    for one in reached:
        key = (one.row.meter_number, one.row.measure, to_millis(one.period_start), one.level)
        if key not in known:
            note_transition(
                connection,
                tenant_id=one.row.tenant_id,
                meter_number=one.row.meter_number,
                measure=one.row.measure,
                period_start=one.period_start,
                level=one.level,
                at=moment.now,
                used=min(one.used, MAX_STORED),
                limit_value=one.row.limit_value,
            )
