"""What a provider's own count has come to, day by day: all that a sync needs to know of before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from storage.tables import series, usage_series_days
from storage.usage.fresh import total
from storage.usage.rows import Sums

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NAMES = ("facts", "calls", "tokens_in", "tokens_out", "tokens_cached", "cost_nanos")
_KEYS = (usage_series_days.c.day, series.c.model)
_COUNTED = (
    select(*_KEYS, *(total(usage_series_days.c[name]) for name in _NAMES))
    .join(series, series.c.number == usage_series_days.c.series_number)
    .where(series.c.integration_id == bindparam("integration", required=True))
    .where(series.c.origin == bindparam("origin", required=True))
    .where(usage_series_days.c.day >= bindparam("first", required=True))
    .where(usage_series_days.c.day < bindparam("end", required=True))
    .group_by(*_KEYS)
)


def counted(
    connection: Connection, integration_id: str, origin: str, *, first: int, end: int
) -> dict[tuple[int, str], Sums]:
    """Gives what was recorded from one origin by day and model, for days from `first` to `end`."""
    values = {"integration": integration_id, "origin": origin, "first": first, "end": end}
    return {
        (day, model): Sums(**dict(zip(_NAMES, sums, strict=True)))
        for day, model, *sums in connection.execute(_COUNTED, values)
    }
