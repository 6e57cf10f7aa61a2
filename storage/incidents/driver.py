"""The driver of incidents: opening, changing and reading them, their events and their targets."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, case, func, insert, or_, select, update

from storage import revisions
from storage.access import how_many, role_values
from storage.errors import StaleWrite
from storage.incidents.listing import (
    OF_ALL,
    OF_TENANT,
    SEARCHABLE,
    WITH_TARGET,
    Shaped,
    columns_of,
    count_statement,
    open_count_statement,
    page_statement,
    seen,
)
from storage.incidents.members import Members
from storage.incidents.rows import (
    SEVERITY_RANKS,
    IncidentDraft,
    IncidentEventRow,
    IncidentRow,
    OpenCount,
)
from storage.matching import shape_of
from storage.paging import Anchor, Page, start
from storage.rows import build, build_all, names_of, storable
from storage.tables import incident_events, incident_members, incidents

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from storage.access import Roles
    from storage.filters import Term
    from storage.incidents.rows import Sort

_I, _E, _M = incidents.c, incident_events.c, incident_members.c
_NAMES = names_of(IncidentRow)
_SEVERITIES = {rank: severity for severity, rank in SEVERITY_RANKS.items()}
_COLUMNS = columns_of(_NAMES)
# What is no column of its own can not be changed there.
_BESIDE = frozenset({"number", "key", "tenant_id", "version", "tags", "members"})
# What an incident has that no draft says.
_NEW: dict[str, Any] = {
    **dict.fromkeys(("closed_at", "closed_because", "assignee", "merged_into", "tags")),
    **dict.fromkeys(("acknowledged_at", "acknowledged_by", "acknowledged_because")),
    **dict.fromkeys(("relapses", "worsened"), 0),
    "worsened_at": None,
    "version": 1,
    "members": 0,
}
_ROWS = select(*_COLUMNS).select_from(WITH_TARGET)
_OPEN = _ROWS.where(_I.closed_at.is_(None)).order_by(_I.severity_rank, _I.opened_at, _I.number)
_BY_NUMBER = _ROWS.where(_I.number == bindparam("number", required=True))
_BY_KEYS = (
    _ROWS.where(_I.closed_at.is_(None))
    .where(_I.key.in_(bindparam("keys", expanding=True, required=True)))
    .order_by(_I.number)
)
_OF_CAUSE = _OPEN.where(_I.cause == bindparam("cause", required=True))
_WITH_MEMBER = _OPEN.join(incident_members, _M.incident_number == _I.number).where(
    _M.target_number == bindparam("target", required=True), _M.left_at.is_(None)
)
_CLOSED_BY = (
    select(_E.actor)
    .where(_E.incident_number == bindparam("number", required=True), _E.what == "closed")
    .order_by(_E.id.desc())
    .limit(1)
)
_LAST_NUMBER = select(func.max(_I.number)).where(_I.key == bindparam("key", required=True))
_LAST = _ROWS.where(_I.number == _LAST_NUMBER.scalar_subquery())
# One writer at a time; others may meanwhile refer to the incident.
_LOCKED: dict[str, Any] = {"of": incidents, "key_share": True}
_ADD = insert(incidents).returning(_I.number)
_CHANGE = (
    update(incidents)
    .where(_I.number == bindparam("_number", required=True))
    .where(_I.version == bindparam("_version", required=True))
)
_OPENED_LATER = _I.opened_at > bindparam("_at", type_=_I.opened_at.type, required=True)
_MERGE = (
    update(incidents)
    .where(_I.number.in_(bindparam("_numbers", expanding=True, required=True)))
    .values(
        closed_at=case(
            (_OPENED_LATER, _I.opened_at),
            else_=bindparam("_at", type_=_I.opened_at.type, required=True),
        ),
        closed_because=bindparam("_because", required=True),
        merged_into=bindparam("_into", required=True),
        version=_I.version + 1,
    )
)
_APPEND = insert(incident_events).returning(_E.id)
_EVENTS = (
    select(*(_E[name] for name in names_of(IncidentEventRow)))
    .where(_E.incident_number == bindparam("number", required=True))
    .order_by(_E.id)
)


@lru_cache(maxsize=16)
def _one_statement(roles: int | None, dialect: str) -> Select[Any]:
    return _BY_NUMBER.where(or_(OF_TENANT, OF_ALL), *seen(roles, dialect))


@lru_cache(maxsize=16)
def _open_statement(roles: int | None, dialect: str) -> Select[Any]:
    return _OPEN.where(or_(OF_TENANT, OF_ALL), *seen(roles, dialect))


class IncidentsDriver(Members):
    """Reads and writes incidents on one connection; the caller commits.

    `roles` leave out what an operator with them does not see; None leaves out nothing. What is
    of no tenant is everybody's. Reading `locked` keeps other writers away until the commit.
    """

    # Reading

    def page(  # noqa: PLR0913  (each narrows or orders the list by name)
        self,
        tenant_id: str,
        *,
        closed: bool | None = False,
        terms: Sequence[Term] = (),
        silenced: Sequence[int] = (),
        roles: Roles = None,
        sort: Sort = "severity",
        descending: bool = False,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> Page[IncidentRow]:
        """Gives a page of a tenant's incidents and everybody's: open, closed or (None) all.

        `silenced` are the numbers of those that are kept quiet now, for `state:silenced`.
        """
        anchor = anchor or start()
        shaped, values = self._shaped(tenant_id, closed, terms, silenced, roles)
        statement, width = page_statement(shaped, _NAMES, sort, descending, anchor.place)
        values["limit"] = limit
        if anchor.place == "at":
            values["offset"] = anchor.offset
        values |= {f"key_{place}": value for place, value in enumerate(anchor.key)}
        rows = self.connection.execute(statement, values).all()
        if anchor.backwards:
            rows = rows[::-1]
        return Page(
            rows=tuple(build_all(IncidentRow, [row[width:] for row in rows])),
            keys=tuple(tuple(row[:width]) for row in rows),
        )

    def count(
        self,
        tenant_id: str,
        *,
        closed: bool | None = False,
        terms: Sequence[Term] = (),
        silenced: Sequence[int] = (),
        roles: Roles = None,
    ) -> int:
        """Counts the incidents of a list."""
        shaped, values = self._shaped(tenant_id, closed, terms, silenced, roles)
        return int(self.connection.execute(count_statement(shaped), values).scalar_one())

    def _shaped(
        self,
        tenant_id: str,
        closed: bool | None,
        terms: Sequence[Term],
        silenced: Sequence[int],
        roles: Roles,
    ) -> tuple[Shaped, dict[str, Any]]:
        shape, words = shape_of(terms, SEARCHABLE)
        shaped = Shaped(dialect=self._dialect, terms=shape, roles=how_many(roles), closed=closed)
        values: dict[str, Any] = {"tenant_id": tenant_id, **words, **role_values(roles)}
        if any(name == "state" for name, _ in shape):
            values["silenced"] = list(silenced)
        return shaped, values

    def open_counts(self, tenant_id: str, *, roles: Roles = None) -> list[OpenCount]:
        """Counts what is open, by severity and whether it is acknowledged; two small scans."""
        statement = open_count_statement(how_many(roles), self._dialect)
        values = {"tenant_id": tenant_id, **role_values(roles)}
        return [
            OpenCount(severity=_SEVERITIES[rank], acknowledged=bool(known), count=count, since=at)
            for rank, known, count, at in self.connection.execute(statement, values)
        ]

    def open_incidents(
        self, tenant_id: str | None = None, *, roles: Roles = None
    ) -> list[IncidentRow]:
        """Gives all that is open, worst first: of a tenant and everybody's, or (None) of all."""
        if tenant_id is None:
            return build_all(IncidentRow, self.connection.execute(_OPEN))
        statement = _open_statement(how_many(roles), self._dialect)
        values = {"tenant_id": tenant_id, **role_values(roles)}
        return build_all(IncidentRow, self.connection.execute(statement, values))

    def get(
        self, tenant_id: str, number: int, *, roles: Roles = None, locked: bool = False
    ) -> IncidentRow | None:
        """Gives one of a tenant's, or everybody's; None for another tenant's as for none."""
        statement = _one_statement(how_many(roles), self._dialect)
        values = {"tenant_id": tenant_id, "number": number, **role_values(roles)}
        return self._one(statement, values, locked=locked)

    def by_number(self, number: int, *, locked: bool = False) -> IncidentRow | None:
        """Gives the incident of this number, whoever's it is."""
        return self._one(_BY_NUMBER, {"number": number}, locked=locked)

    def open_by_keys(self, keys: Iterable[str]) -> dict[str, IncidentRow]:
        """Gives what is open of these keys, locked, by its key."""
        wanted = sorted(set(keys))
        if not wanted:
            return {}
        found = self.connection.execute(_BY_KEYS.with_for_update(**_LOCKED), {"keys": wanted})
        return {row.key: row for row in build_all(IncidentRow, found)}

    def open_of(self, cause: str, *, locked: bool = False) -> list[IncidentRow]:
        """Gives what is open of a cause, of all tenants."""
        statement = _OF_CAUSE.with_for_update(**_LOCKED) if locked else _OF_CAUSE
        return build_all(IncidentRow, self.connection.execute(statement, {"cause": cause}))

    def with_member(self, target_number: int) -> list[IncidentRow]:
        """Gives the open incidents of providers that a target is in now."""
        statement = _WITH_MEMBER.with_for_update(**_LOCKED)
        found = self.connection.execute(statement, {"target": target_number})
        return build_all(IncidentRow, found)

    def last_of(self, key: str, *, locked: bool = True) -> IncidentRow | None:
        """Gives the newest incident of a key, open or closed."""
        return self._one(_LAST, {"key": key}, locked=locked)

    def closed_by(self, number: int) -> str | None:
        """Gives who closed an incident the last time; None where nobody did."""
        return self.connection.execute(_CLOSED_BY, {"number": number}).scalar()

    def _one(
        self, statement: Select[Any], values: Mapping[str, object], *, locked: bool
    ) -> IncidentRow | None:
        statement = statement.with_for_update(**_LOCKED) if locked else statement
        row = self.connection.execute(statement, values).one_or_none()
        return None if row is None else build(IncidentRow, row)

    def events(self, number: int) -> list[IncidentEventRow]:
        """Gives what happened to an incident, oldest first."""
        return build_all(IncidentEventRow, self.connection.execute(_EVENTS, {"number": number}))

    # Writing

    def open(self, draft: IncidentDraft) -> IncidentRow:
        """Opens an incident; gives it with its number, without its target's tags and members.

        Raises:
            Conflict: one of this key is open already.
        """
        told = {"error": storable(draft.error), "message": storable(draft.message)}
        draft = replace(draft, **told)  # type: ignore[arg-type]
        known: dict[str, Any] = {**asdict(draft), "gravity": draft.gravity, "worst": draft.gravity}
        del known["level"]
        beside = {"search": _search(draft), "severity_rank": SEVERITY_RANKS[draft.severity]}
        number = int(self.connection.execute(_ADD, known | beside).scalar_one())
        revisions.bump(self.connection, "incidents")
        return IncidentRow(number=number, **known, **_NEW)

    def change(self, row: IncidentRow, **values: object) -> IncidentRow:
        """Changes columns of an incident as it was read; gives it as it stands then.

        Raises:
            StaleWrite: somebody else changed it since.
        """
        return self._put(row, values, row.version + 1)

    def renew(self, row: IncidentRow, **values: object) -> IncidentRow:
        """Shows an incident as it is now; what people change meanwhile is not in the way of that.

        Nor is it in theirs: its version stays. Read the incident locked.

        Raises:
            StaleWrite: as of `change`.
        """
        return self._put(row, values, row.version)

    def _put(self, row: IncidentRow, values: dict[str, object], version: int) -> IncidentRow:
        wrong = _BESIDE & values.keys()
        if wrong:
            raise ValueError(f"These are not changed: {', '.join(sorted(wrong))}")
        if isinstance(values.get("message"), str):
            values["message"] = storable(str(values["message"]))
        changed: IncidentRow = replace(row, **values, version=version)  # type: ignore[arg-type]
        rank = SEVERITY_RANKS[changed.severity]
        put = {**values, "severity_rank": rank, "search": _search(changed)}
        self._write(row, {**put, "version": changed.version})
        return changed

    def _write(self, row: IncidentRow, values: Mapping[str, object]) -> None:
        done = self.connection.execute(
            _CHANGE.values(values), {"_number": row.number, "_version": row.version}
        )
        if done.rowcount != 1:
            raise StaleWrite("The incident was changed meanwhile.")
        revisions.bump(self.connection, "incidents")

    def merge(self, rows: Sequence[IncidentRow], into: int, at: datetime, because: str) -> None:
        """Closes incidents whose place another one takes, and tells so with each of them."""
        if not rows:
            return
        values = {"_numbers": [row.number for row in rows], "_at": at}
        self.connection.execute(_MERGE, {**values, "_into": into, "_because": because})
        told = [
            {"incident_number": row.number, "at": at, "what": because, "said": because}
            | {"actor": None, "detail": {"into": into}}
            for row in rows
        ]
        self.connection.execute(insert(incident_events), told)
        revisions.bump(self.connection, "incidents")

    def append_event(  # noqa: PLR0913, PLR0917  (what happened, said in its order)
        self,
        number: int,
        at: datetime,
        what: str,
        actor: str | None = None,
        said: str | None = None,
        detail: Mapping[str, object] | None = None,
    ) -> int:
        """Adds what happened to an incident; gives the event's number."""
        values = {"incident_number": number, "at": at, "what": what, "actor": actor}
        values |= {"said": storable(said), "detail": detail or {}}
        revisions.bump(self.connection, "incidents")
        return int(self.connection.execute(_APPEND, values).scalar_one())


def _search(row: IncidentRow | IncidentDraft) -> str:
    words = (
        *(row.title, row.cause, row.severity, row.kind, row.thing_name, row.technology),
        *(row.error, getattr(row, "assignee", None), "flapping" if row.flapping else None),
    )
    return " ".join(dict.fromkeys(word for word in words if word)).casefold()
