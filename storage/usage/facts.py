"""Reading calls themselves: for exports, and for what must not be counted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from storage.rows import build_all, names_of
from storage.tables import series, usage, usage_series_days
from storage.types import UtcMillis
from storage.usage.fresh import IS_COUNT
from storage.usage.rows import COUNTED, FactRow
from storage.usage.tops import Tops

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

_FACTS = (
    select(*(usage.c[name] if name in usage.c else series.c[name] for name in names_of(FactRow)))
    .join(series, series.c.number == usage.c.series_number)
    .where(usage.c.number > bindparam("after", required=True))
    .where(usage.c.at >= bindparam("start", type_=UtcMillis, required=True))
    .where(usage.c.at < bindparam("end", type_=UtcMillis, required=True))
    .where(series.c.tenant_id == bindparam("tenant", required=True))
    .order_by(usage.c.number)
    .limit(bindparam("limit", required=True))
)
_TOLD = (
    select(series.c.integration_id, usage_series_days.c.day)
    .distinct()
    .join(usage_series_days, usage_series_days.c.series_number == series.c.number)
    .where(series.c.integration_id.in_(bindparam("ids", expanding=True, required=True)))
    .where(usage_series_days.c.facts > 0)
)
_COUNTS = _TOLD.where(IS_COUNT)
_CALLS = _TOLD.where(~IS_COUNT)


class Facts(Tops):
    """The part of `UsageDriver` that reads calls."""

    def facts(
        self, tenant_id: str, start: datetime, end: datetime, *, after: int = 0, limit: int = 1_000
    ) -> list[FactRow]:
        """Gives calls of a span in the order in which they were recorded, from a number on."""
        values: dict[str, Any] = {"tenant": tenant_id, "start": start, "end": end}
        rows = self.connection.execute(_FACTS, {**values, "after": after, "limit": limit})
        return build_all(FactRow, rows)

    def told_otherwise(self, ids: Collection[str], origin: str) -> set[tuple[str, int]]:
        """Gives integrations and days whose usage is known in the other way than an origin tells.

        One way are calls, one by one; the other is a provider's own count of them. Both together
        would count everything twice.
        """
        others = _CALLS if origin.endswith(COUNTED) else _COUNTS
        rows = self.connection.execute(others, {"ids": list(ids)})
        return {(integration_id, day) for integration_id, day in rows}
