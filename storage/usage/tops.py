"""Who used most: models, agents, providers, integrations or tenants, by cost, from days."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from storage.rows import names_of
from storage.tables import meters, series, usage_days, usage_series_days
from storage.usage.fresh import total
from storage.usage.rows import SUMS, TopSums
from storage.usage.sums import Summing

if TYPE_CHECKING:
    from sqlalchemy import FromClause, Select, Table

NARROWED = ("integration_id", "provider", "model", "agent")
"""What a list of the most used can be narrowed to."""

_ROW = tuple(name for name in names_of(TopSums) if not name.startswith("held_"))


def _top(days: Table, source: FromClause) -> Select[Any]:
    sums = {name: total(days.c[name]).label(name) for name in SUMS}
    columns: dict[str, Any] = {**sums, "subject": meters.c.subject, "name": meters.c.name}
    tokens = total(days.c.tokens_in + days.c.tokens_out)
    return (
        select(*(columns[name] for name in _ROW))
        .select_from(source)
        .where(days.c.day >= bindparam("first", required=True))
        .where(days.c.day < bindparam("end", required=True))
        .group_by(meters.c.number, meters.c.subject, meters.c.name)
        .order_by(total(days.c.cost_nanos).desc(), tokens.desc(), meters.c.subject)
        .limit(bindparam("limit", required=True))
    )


@cache
def _statement(by: str, *, of_tenant: bool, narrowed: tuple[str, ...]) -> Select[Any]:
    """Reads the meters' own days, or those of the series that are left when it is narrowed."""
    if narrowed:
        days = usage_series_days
        found = days.join(series, series.c.number == days.c.series_number)
        found = found.join(meters, meters.c.number == series.c[f"{by}_meter"])
    else:
        days = usage_days
        found = days.join(meters, meters.c.number == days.c.meter_number)
    statement = _top(days, found).where(meters.c.scope == by)
    if of_tenant:
        statement = statement.where(meters.c.tenant_id == bindparam("tenant", required=True))
    return statement.where(*(series.c[name] == bindparam(name, required=True) for name in narrowed))


class Tops(Summing):
    """The part of `UsageDriver` that says who used most."""

    def top(
        self,
        tenant_id: str | None,
        *,
        by: str,
        first_day: int,
        end_day: int,
        limit: int,
        **narrowed: str | None,
    ) -> list[TopSums]:
        """Gives those of a scope that used most, by cost and then by tokens.

        Those of all tenants for None. Other keywords are those of NARROWED: an integration's id,
        a provider, model or agent. What nobody named, such as no agent, is left out.
        """
        given = {name: value for name, value in narrowed.items() if value is not None}
        names = tuple(name for name in NARROWED if name in given)
        statement = _statement(by, of_tenant=tenant_id is not None, narrowed=names)
        span = {"first": first_day, "end": end_day, "limit": limit}
        rows = self.connection.execute(statement, {**span, **given, "tenant": tenant_id})
        return [TopSums(**dict(zip(_ROW, row, strict=True))) for row in rows]
