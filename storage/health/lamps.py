"""Reading lamps: one target, a page of them worst first, how many are in each state."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, select

from storage import revisions
from storage.access import how_many, role_values, visible
from storage.health.rows import STATE_RANKS, TargetRow
from storage.listing import Scope
from storage.pages import keys_of, number_of
from storage.rows import build, names_of
from storage.tables import targets
from storage.types import to_millis

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Subquery

    from storage.access import Roles
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
_KINDS = select(targets.c.kind).distinct()
_OF_TENANT = targets.c.tenant_id == bindparam("tenant", required=True)
_OF_KIND = targets.c.kind == bindparam("kind", required=True)
_OF_KINDS = targets.c.kind.in_(bindparam("kinds", expanding=True, required=True))
_STALE = (
    select(func.count())
    .select_from(targets)
    .where(targets.c.retired_at.is_(None), targets.c.active)
    .where(targets.c.checked_key > 0, targets.c.checked_key < bindparam("before", required=True))
)


def _listed(page: Subquery) -> Select[Any]:
    found = page.join(targets, targets.c.number == number_of(page))
    return select(*keys_of(page), *TARGET_COLUMNS).select_from(found)


@lru_cache(maxsize=32)
def _thing(roles: int | None, dialect: str) -> Select[Any]:
    """Reads one target, for an operator with so many roles."""
    return _THING.where(*visible(roles, dialect))


class Lamps:
    """The reading part of `HealthDriver`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def target(self, kind: str, thing_id: str, *, roles: Roles = None) -> TargetRow | None:
        """Gives the target of a thing, retired ones included; None for one with other roles."""
        statement = _thing(how_many(roles), self.connection.dialect.name)
        values = {"kind": kind, "id": thing_id, **role_values(roles)}
        row = self.connection.execute(statement, values).one_or_none()
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
        roles: Roles = None,
        sort: str = "health",
        descending: bool = False,
    ) -> Page[TargetRow]:
        """Gives a page of lamps, worst first and then by name; of all tenants for None."""
        found = Scope(tenant_id=tenant_id, kind=kind).listing(terms, roles)
        return found.page(
            self.connection,
            TargetRow,
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
        kind: str | None = None,
        roles: Roles = None,
    ) -> int:
        """Counts the lamps that a list shows."""
        return Scope(tenant_id=tenant_id, kind=kind).listing(terms, roles).count(self.connection)

    def kinds(self) -> set[str]:
        """Tells of which kinds there is, or was, anything."""
        return set(self.connection.execute(_KINDS).scalars())

    def counts(
        self, tenant_id: str | None, *, kind: str | None = None, roles: Roles = None
    ) -> dict[str, int]:
        """Counts the lamps in each of the four states, worst first; none is 0."""
        statement, values = _COUNTS.where(*self._seen_by(roles)), role_values(roles)
        if tenant_id is not None:
            statement, values["tenant"] = statement.where(_OF_TENANT), tenant_id
        if kind is not None:
            statement, values["kind"] = statement.where(_OF_KIND), kind
        found = {_STATES[rank]: count for rank, count in self.connection.execute(statement, values)}
        return {state: found.get(state, 0) for state in STATE_RANKS}

    def stale_count(
        self, tenant_id: str, *, before: datetime, kind: str | None = None, roles: Roles = None
    ) -> int:
        """Counts active targets whose last check is older than a time; unchecked ones are not."""
        # Every kind by name: the index by the time of the check has the kind before the time.
        statement = _STALE.where(_OF_TENANT, _OF_KINDS, *self._seen_by(roles))
        kinds = tuple(revisions.OF_KIND) if kind is None else (kind,)
        values = {"tenant": tenant_id, "kinds": kinds, "before": to_millis(before)}
        values |= role_values(roles)
        return int(self.connection.execute(statement, values).scalar_one())

    def _seen_by(self, roles: Roles) -> tuple[ColumnElement[bool], ...]:
        return visible(how_many(roles), self.connection.dialect.name)
