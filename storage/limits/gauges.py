"""The driver of gauges: pages of them in any order, and writing what was reckoned.

A row is as of its last reckoning; who shows it reads the usage of its page's meters live.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, func, or_, select, update

from storage import revisions
from storage.limits.rows import GaugeRow
from storage.matching import Finds, Means, Searchable
from storage.pages import Catalogue, Listing, keys_of, number_of
from storage.rows import bound, build_all, execute_many, names_of
from storage.tables import gauges, meters, series
from storage.types import to_millis

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Subquery

    from storage.filters import Term
    from storage.limits.rows import Sort
    from storage.paging import Anchor, Page

_LAST = (gauges.c.sort_name, gauges.c.number)
ORDERS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "urgency": (gauges.c.urgency, *_LAST),
    "name": _LAST,
    "percent": (gauges.c.percent, *_LAST),
    "used": (gauges.c.used, *_LAST),
    "limit": (gauges.c.limit_value, *_LAST),
}


def _used_by(scope: str) -> Means:
    """Gives what `model:x` or `agent:x` means: its own gauges, and integrations that it used.

    Told as numbers of gauges, which every order has, no other row needs to be looked up.
    """

    def means(finds: Finds, of_tenant: bool) -> ColumnElement[bool]:
        own = select(meters.c.number).where(
            meters.c.scope == scope, finds(func.lower(meters.c.subject))
        )
        callers = select(series.c.integration_meter).where(finds(func.lower(series.c[scope])))
        if of_tenant:
            tenant: BindParameter[str] = bindparam("tenant_id", required=True)
            own = own.where(meters.c.tenant_id == tenant)
            callers = callers.where(series.c.tenant_id == tenant)
        used = gauges.alias("used")
        found = or_(used.c.meter_number.in_(own), used.c.meter_number.in_(callers))
        return gauges.c.number.in_(select(used.c.number).where(found))

    return means


# As words of the search, and not as the column that states are counted by: the rows of a state
# would be found in its index and put in order, all of them, where a page ends after a few.
_STATE = gauges.c.state.concat("")
_SEARCHABLE = Searchable(
    search=gauges.c.search,
    contains={"name": gauges.c.sort_name},
    begins={
        "scope": gauges.c.scope,
        "measure": gauges.c.measure,
        "provider": gauges.c.provider,
        "state": _STATE,
        "status": _STATE,
        "tenant": gauges.c.tenant_id,
    },
    means={"model": _used_by("model"), "agent": _used_by("agent")},
    spaced=frozenset({"scope", "measure", "provider", "state", "status"}),
)
GAUGES = Catalogue(
    table=gauges, orders=ORDERS, searchable=_SEARCHABLE, hints=frozenset({"scope", "measure"})
)
_OF_METER = frozenset({"subject", "warning_levels", "version"})
_COLUMNS = [(meters if name in _OF_METER else gauges).c[name] for name in names_of(GaugeRow)]
_OF_METERS = (
    select(*_COLUMNS)
    .join_from(gauges, meters, meters.c.number == gauges.c.meter_number)
    .where(gauges.c.meter_number.in_(bindparam("numbers", expanding=True, required=True)))
    .order_by(gauges.c.meter_number, gauges.c.number)
)
_OF_SUBJECTS = (
    select(*_COLUMNS)
    .join_from(meters, gauges, gauges.c.meter_number == meters.c.number)
    .where(meters.c.tenant_id == bindparam("tenant", required=True))
    .where(meters.c.scope == bindparam("scope", required=True))
    .where(meters.c.subject.in_(bindparam("subjects", expanding=True, required=True)))
    .where(meters.c.retired_at.is_(None))
    .order_by(gauges.c.meter_number, gauges.c.number)
)
_RECKONED = ("state", "used", "percent", "urgency", "reckoned_at")
_RECKON = (
    update(gauges)
    .where(gauges.c.meter_number == bindparam("meter_number_", required=True))
    .where(gauges.c.measure == bindparam("measure_", required=True))
    .values(bound(_RECKONED))
)


@dataclass(frozen=True, kw_only=True, slots=True)
class GaugeScope:
    """Which gauges a list is about: None in a field means any."""

    tenant_id: str | None = None
    scope: str | None = None
    measure: str | None = None

    def given(self) -> dict[str, object]:
        """The columns that are fixed, with their values."""
        found = {"tenant_id": self.tenant_id, "scope": self.scope, "measure": self.measure}
        return {name: value for name, value in found.items() if value is not None}

    def tagged(self) -> tuple[Term, ...]:
        """No more words: gauges have no tags."""
        return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reckoned:
    """What a gauge is found to be: in the unit of its measure; `percent` is -1 for none."""

    meter_number: int
    measure: str
    state: str
    used: int
    percent: float
    urgency: int


class GaugesDriver:
    """Reads and writes gauges on one connection; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def page(  # noqa: PLR0913  (each narrows or orders the list by name)
        self,
        tenant_id: str | None,
        *,
        terms: Sequence[Term] = (),
        scope: str | None = None,
        measure: str | None = None,
        sort: Sort = "urgency",
        descending: bool = False,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> Page[GaugeRow]:
        """Gives a page of a tenant's gauges, or of everybody's for None.

        Rows that sort alike follow by name, then by age.
        """
        return _listing(tenant_id, terms, scope, measure).page(
            self.connection,
            GaugeRow,
            _listed,
            sort=sort,
            descending=descending,
            anchor=anchor,
            limit=limit,
        )

    def count(
        self,
        tenant_id: str | None,
        *,
        terms: Sequence[Term] = (),
        scope: str | None = None,
        measure: str | None = None,
    ) -> int:
        """Counts the gauges of a list."""
        return _listing(tenant_id, terms, scope, measure).count(self.connection)

    def of_meters(self, numbers: Sequence[int]) -> list[GaugeRow]:
        """Gives the gauges of meters, retired ones too, in the order of meters and measures."""
        return build_all(GaugeRow, self.connection.execute(_OF_METERS, {"numbers": list(numbers)}))

    def of_subjects(self, tenant_id: str, scope: str, subjects: Collection[str]) -> list[GaugeRow]:
        """Gives the gauges of a tenant's subjects of a scope, in the order of their meters."""
        values = {"tenant": tenant_id, "scope": scope, "subjects": list(subjects)}
        return build_all(GaugeRow, self.connection.execute(_OF_SUBJECTS, values))

    def most_urgent(self, tenant_id: str | None) -> GaugeRow | None:
        """Gives the gauge that runs out first, of a tenant or of everybody for None."""
        rows = self.page(tenant_id, limit=1).rows
        return rows[0] if rows else None

    def states(self, tenant_id: str | None) -> dict[str, int]:
        """Counts the gauges in each state that any is in."""
        values = {} if tenant_id is None else {"tenant": tenant_id}
        found: Counter[str] = Counter()
        for state, count in self.connection.execute(_states(tenant_id is not None), values):
            found[state] += count
        return dict(found)

    def reckon(self, found: Sequence[Reckoned], at: datetime) -> None:
        """Writes what gauges were found to be; one whose meter has no such gauge is left out."""
        moment = to_millis(at)
        ordered = sorted(found, key=lambda one: (one.meter_number, one.measure))
        execute_many(self.connection, _RECKON, [_values(one, moment) for one in ordered])
        if found:
            revisions.bump(self.connection, "limits")


def _listing(
    tenant_id: str | None, terms: Sequence[Term], scope: str | None, measure: str | None
) -> Listing:
    narrowed = GaugeScope(tenant_id=tenant_id, scope=scope, measure=measure)
    return Listing(of=GAUGES, scope=narrowed, terms=tuple(terms))


def _listed(page: Subquery) -> Select[Any]:
    found = page.join(gauges, gauges.c.number == number_of(page))
    found = found.join(meters, meters.c.number == gauges.c.meter_number)
    return select(*keys_of(page), *_COLUMNS).select_from(found)


@cache
def _states(of_tenant: bool) -> Select[Any]:
    """Counts by tenant and state, in the order of the index that has both."""
    counted = select(gauges.c.state, func.count()).where(gauges.c.retired_at.is_(None))
    if of_tenant:
        counted = counted.where(gauges.c.tenant_id == bindparam("tenant", required=True))
    return counted.group_by(gauges.c.tenant_id, gauges.c.state)


def _values(one: Reckoned, moment: int) -> Mapping[str, object]:
    return {
        "meter_number_": one.meter_number,
        "measure_": one.measure,
        "state": one.state,
        "used": one.used,
        "percent": one.percent,
        "urgency": one.urgency,
        "reckoned_at": moment,
    }
