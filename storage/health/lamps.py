"""Reading lamps: one target, a page of them worst first, how many are in each state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, select

from storage.health.rows import STATE_RANKS, TargetRow
from storage.listing import Listing, Scope, keys_of, number_of
from storage.paging import start
from storage.rows import build, names_of
from storage.tables import targets
from storage.types import to_millis

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Subquery

    from storage.filters import Term
    from storage.paging import Anchor, Page

TARGET_COLUMNS = [targets.c[name] for name in names_of(TargetRow)]
_STATES = {rank: state for state, rank in STATE_RANKS.items()}
_THING = (
    select(*TARGET_COLUMNS)
    .where(targets.c.kind == bindparam("kind", required=True))
    .where(targets.c.id == bindparam("id", required=True))
)
_NUMBER = select(*TARGET_COLUMNS).where(targets.c.number == bindparam("number", required=True))
_COUNTS = (
    select(targets.c.state_rank, func.count())
    .where(targets.c.retired_at.is_(None))
    .group_by(targets.c.state_rank)
)
_OF_TENANT = targets.c.tenant_id == bindparam("tenant", required=True)
_OF_KIND = targets.c.kind == bindparam("kind", required=True)
_STALE = (
    select(func.count())
    .select_from(targets)
    .where(targets.c.retired_at.is_(None), targets.c.active)
    .where(targets.c.checked_key > 0, targets.c.checked_key < bindparam("before", required=True))
)


def _listed(page: Subquery) -> Select[Any]:
    found = page.join(targets, targets.c.number == number_of(page))
    return select(*keys_of(page), *TARGET_COLUMNS).select_from(found)


class Lamps:
    """The reading part of `HealthDriver`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def target(self, kind: str, thing_id: str) -> TargetRow | None:
        """Gives the target of a thing, retired ones included."""
        row = self.connection.execute(_THING, {"kind": kind, "id": thing_id}).one_or_none()
        return None if row is None else build(TargetRow, row)

    def target_by_number(self, number: int) -> TargetRow | None:
        """Gives the target with this number, retired ones included."""
        row = self.connection.execute(_NUMBER, {"number": number}).one_or_none()
        return None if row is None else build(TargetRow, row)

    def lamps(  # noqa: PLR0913  (each narrows or orders the list by name)
        self,
        tenant_id: str | None,
        *,
        limit: int,
        anchor: Anchor | None = None,
        terms: Sequence[Term] = (),
        kind: str | None = None,
        sort: str = "health",
        descending: bool = False,
    ) -> Page[TargetRow]:
        """Gives a page of lamps, worst first and then by name; of all tenants for None."""
        listing = Listing(scope=Scope(tenant_id=tenant_id, kind=kind), terms=tuple(terms))
        return listing.page(
            self.connection,
            TargetRow,
            _listed,
            sort=sort,
            descending=descending,
            anchor=anchor or start(),
            limit=limit,
        )

    def count(
        self, tenant_id: str | None, *, terms: Sequence[Term] = (), kind: str | None = None
    ) -> int:
        """Counts the lamps that a list shows."""
        scope = Scope(tenant_id=tenant_id, kind=kind)
        return Listing(scope=scope, terms=tuple(terms)).count(self.connection)

    def counts(self, tenant_id: str | None, *, kind: str | None = None) -> dict[str, int]:
        """Counts the lamps in each of the four states, worst first; none is 0."""
        statement, values = _COUNTS, {}
        if tenant_id is not None:
            statement, values["tenant"] = statement.where(_OF_TENANT), tenant_id
        if kind is not None:
            statement, values["kind"] = statement.where(_OF_KIND), kind
        found = {_STATES[rank]: count for rank, count in self.connection.execute(statement, values)}
        return {state: found.get(state, 0) for state in STATE_RANKS}

    def stale_count(self, tenant_id: str, *, before: datetime, kind: str | None = None) -> int:
        """Counts active targets whose last check is older than a time; unchecked ones are not."""
        statement = _STALE.where(_OF_TENANT)
        values: dict[str, object] = {"tenant": tenant_id, "before": to_millis(before)}
        if kind is not None:
            statement, values["kind"] = statement.where(_OF_KIND), kind
        return int(self.connection.execute(statement, values).scalar_one())
