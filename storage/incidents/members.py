"""The targets that incidents are about, and what is decided about several of them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, null, select, text, update

from storage import revisions
from storage.access import how_many, role_values, visible
from storage.incidents.rows import BadRow, MemberRow
from storage.rows import build_all, inserting, names_of
from storage.tables import incident_members, incidents, targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.access import Roles

_I, _M = incidents.c, incident_members.c
_OF_MEMBER = ("incident_number", "joined_at", "left_at")
_JOINED = (
    select(
        *(_M[name] if name in _OF_MEMBER else targets.c[name] for name in names_of(MemberRow)[:1]),
        targets.c.number.label("target_number"),
        *(_M[name] if name in _OF_MEMBER else targets.c[name] for name in names_of(MemberRow)[2:]),
    )
    .join(targets, targets.c.number == _M.target_number)
    .where(_M.incident_number == bindparam("number", required=True))
)
_MEMBERS = _JOINED.order_by(targets.c.sort_name, targets.c.number)
_IN_NOW = _JOINED.where(_M.left_at.is_(None)).order_by(targets.c.number)
# Of anything but a provider: the one target that it is about, for as long as it is open.
_ONE_MEMBER = (
    select(
        _I.number,
        targets.c.number,
        *(targets.c[name] for name in names_of(MemberRow)[2:-2]),
        _I.opened_at,
        _I.closed_at,
    )
    .join(targets, targets.c.number == _I.target_number)
    .where(_I.number == bindparam("number", required=True))
)
_LEAVE = (
    update(incident_members)
    .where(_M.incident_number == bindparam("_number", required=True))
    .where(_M.target_number.in_(bindparam("_targets", expanding=True, required=True)))
    .where(_M.left_at.is_(None))
)
_OF_PROVIDER = (
    targets.c.tenant_id == bindparam("tenant_id", required=True),
    targets.c.kind == "integration",
    targets.c.technology == bindparam("technology", required=True),
    targets.c.retired_at.is_(None),
    targets.c.active,
)
_NOT_GOOD = (
    select(*(targets.c[name] for name in names_of(BadRow)))
    .where(*_OF_PROVIDER, targets.c.verdict != "good")
    .order_by(targets.c.number)
)
_ACTIVE = select(func.count()).select_from(targets).where(*_OF_PROVIDER)
# Who turns lamps of a tenant takes turns with the others, so that what comes of several lamps
# together is decided by one of them. SQLite has one writer anyhow.
_TURNS = text(
    "SELECT pg_advisory_xact_lock(1885434740, hashtext(current_schema() || '/' || :tenant_id))"
)


class Members:
    """The part of `IncidentsDriver` that is about targets."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._dialect = connection.dialect.name

    def members(self, number: int, *, roles: Roles = None) -> list[MemberRow]:
        """Gives every target that an incident is or was about, with its lamp now."""
        values = {"number": number, **role_values(roles)}
        seen_by = visible(how_many(roles), self._dialect)
        for statement in (_MEMBERS, _ONE_MEMBER):
            rows = self.connection.execute(statement.where(*seen_by), values).all()
            if rows:
                return build_all(MemberRow, rows)
        return []

    def join(self, number: int, target_numbers: Sequence[int], at: datetime) -> None:
        """Makes targets members; those that left are in it again, those in it stay as they are."""
        if not target_numbers:
            return
        rows = [
            {"incident_number": number, "target_number": one, "joined_at": at, "left_at": None}
            for one in sorted(set(target_numbers))
        ]
        put = inserting(self._dialect, incident_members)
        put = put.on_conflict_do_update(
            index_elements=["incident_number", "target_number"], set_={"left_at": null()}
        )
        self.connection.execute(put, rows)
        revisions.bump(self.connection, "incidents")

    def leave(self, number: int, target_numbers: Sequence[int], at: datetime) -> None:
        """Ends the membership of targets."""
        if target_numbers:
            values = {"_number": number, "_targets": sorted(set(target_numbers))}
            self.connection.execute(_LEAVE.values(left_at=at), values)
            revisions.bump(self.connection, "incidents")

    def take_turns(self, tenant_ids: Iterable[str]) -> None:
        """Waits for whoever else decides about these tenants' incidents, until the commit."""
        if self._dialect == "postgresql":
            for tenant_id in sorted(set(tenant_ids)):
                self.connection.execute(_TURNS, {"tenant_id": tenant_id})

    def in_it(self, number: int) -> list[MemberRow]:
        """Gives the targets that are in an incident of a provider now."""
        return build_all(MemberRow, self.connection.execute(_IN_NOW, {"number": number}))

    def not_good(self, tenant_id: str, technology: str) -> list[BadRow]:
        """Gives the integrations of a provider that are in use and not good."""
        values = {"tenant_id": tenant_id, "technology": technology}
        return build_all(BadRow, self.connection.execute(_NOT_GOOD, values))

    def active_count(self, tenant_id: str, technology: str) -> int:
        """Counts the integrations of a provider that are in use."""
        values = {"tenant_id": tenant_id, "technology": technology}
        return int(self.connection.execute(_ACTIVE, values).scalar_one())
