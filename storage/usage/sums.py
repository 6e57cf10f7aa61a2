"""What one meter used day by day, and forgetting minutes; `storage.usage.windows` reads many.

Days are counted since 1970 in UTC, minutes likewise; spans leave their end out.
"""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select

from storage.rows import build_all, names_of
from storage.tables import usage_days, usage_minutes
from storage.usage.recording import Recording
from storage.usage.rows import DaySums

_DAYS = usage_days.c
_OF_METER = (
    select(*(_DAYS[name] for name in names_of(DaySums)))
    .where(_DAYS.meter_number == bindparam("number", required=True))
    .where(_DAYS.day >= bindparam("first", required=True))
    .where(_DAYS.day < bindparam("end", required=True))
    .order_by(_DAYS.day)
)
_PURGE = delete(usage_minutes).where(usage_minutes.c.minute < bindparam("before", required=True))


class Summing(Recording):
    """The reading part of `UsageDriver`."""

    def days(self, number: int, first: int, end: int) -> list[DaySums]:
        """Gives the days of a meter that have anything, in order."""
        values = {"number": number, "first": first, "end": end}
        return build_all(DaySums, self.connection.execute(_OF_METER, values))

    def purge_minutes(self, before: int) -> int:
        """Forgets the minutes before one; gives how many rows that were."""
        return self.connection.execute(_PURGE, {"before": before}).rowcount
