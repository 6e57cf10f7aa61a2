"""The driver of planning: what went wrong, what was told of it, and the rows of what is to be.

A row of the outbox is unique in its channel, incident, event and ordinal, so several monitors
that plan the same make one. What was dropped may be wanted again: then its row comes back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, exists, func, select, update

from storage import revisions
from storage.alerts.rows import AboutRow, PlannedRow, ToldRow
from storage.rows import bound, build_all, by_dialect, inserting, names_of
from storage.tables import alerts, incidents, targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection
    from sqlalchemy.dialects import sqlite

_ONCE = ("channel_id", "incident_number", "event", "ordinal")
REMINDERS = 10
"""The last ones of an incident that planning looks at: the next one follows from them."""
_AT_ONCE = 1_000
"""Incidents that are asked for in one statement: databases take so many values and no more."""
_OWN = [incidents.c[name] for name in names_of(AboutRow) if name != "tags"]
ABOUT = select(*_OWN, func.coalesce(targets.c.tags, "").label("tags")).join_from(
    incidents, targets, targets.c.number == incidents.c.target_number, isouter=True
)
"""The columns of an `AboutRow`."""

_OPEN = ABOUT.where(incidents.c.closed_at.is_(None))
_TOLD = select(*(alerts.c[name] for name in names_of(ToldRow)))
_STILL_OPEN = select(incidents.c.number).where(incidents.c.closed_at.is_(None))
_OF_OPEN = alerts.c.incident_number.in_(_STILL_OPEN)
_TOLD_OF_OPEN = _TOLD.where(
    _OF_OPEN, alerts.c.event.in_(("opened", "worsened", "acknowledged", "closed"))
)
_last = (
    select(
        alerts.c.incident_number, alerts.c.channel_id, func.max(alerts.c.ordinal).label("ordinal")
    )
    .where(_OF_OPEN, alerts.c.event == "reminder")
    .group_by(alerts.c.incident_number, alerts.c.channel_id)
    .subquery()
)
# One that is open for weeks has thousands of them.
_LAST_REMINDERS = _TOLD.join_from(
    _last,
    alerts,
    and_(
        alerts.c.incident_number == _last.c.incident_number,
        alerts.c.event == "reminder",
        alerts.c.channel_id == _last.c.channel_id,
        alerts.c.ordinal > _last.c.ordinal - REMINDERS,
    ),
)
_WAITING = _TOLD.where(alerts.c.state == "waiting", alerts.c.incident_number.is_not(None))
_opened, _closed = alerts.alias("opened"), alerts.alias("closed")
# Who was told that it opened and not yet that it closed.
_ENDED = (
    ABOUT.add_columns(_opened.c.channel_id)
    .join(_opened, _opened.c.incident_number == incidents.c.number)
    .where(incidents.c.closed_at > bindparam("since", required=True))
    .where(incidents.c.merged_into.is_(None))
    .where(_opened.c.event == "opened", _opened.c.state.in_(("sent", "uncertain")))
    .where(
        ~exists().where(
            _closed.c.channel_id == _opened.c.channel_id,
            _closed.c.incident_number == incidents.c.number,
            _closed.c.event == "closed",
            # An end that was dropped, because it was bad again, is still to be told.
            _closed.c.ordinal >= _opened.c.ordinal,
            _closed.c.state != "dropped",
        )
    )
)
_OF_NUMBERS = ABOUT.where(
    incidents.c.number.in_(bindparam("numbers", expanding=True, required=True))
)


def _planned(dialect: str) -> sqlite.Insert:
    put = inserting(dialect, alerts).values(**bound(names_of(PlannedRow)), state="waiting")
    return put.on_conflict_do_update(
        index_elements=_ONCE,
        set_={"state": "waiting", "due_at": put.excluded.due_at, "error": None},
        where=alerts.c.state == "dropped",
    )


_PLAN = by_dialect(_planned)
_STILL = (alerts.c.id == bindparam("_id", required=True), alerts.c.state == "waiting")
_MOVE = update(alerts).where(*_STILL)
_NEXT = select(func.min(alerts.c.due_at)).where(
    alerts.c.state == "waiting", alerts.c.due_at > bindparam("now", required=True)
)
_LEASED = select(func.min(alerts.c.lease_until)).where(alerts.c.state == "sending")


class PlanDriver:
    """Reads what planning looks at, and writes what it came to; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def open_incidents(self, tenants: Iterable[str] | None) -> list[AboutRow]:
        """Gives what is open of these tenants, of everybody for None."""
        statement = _OPEN
        if tenants is not None:
            statement = statement.where(incidents.c.tenant_id.in_(sorted(tenants)))
        return build_all(AboutRow, self.connection.execute(statement))

    def told_of_open(self) -> list[ToldRow]:
        """Gives the alerts of the incidents that are open; of reminders the last ones."""
        found = build_all(ToldRow, self.connection.execute(_TOLD_OF_OPEN))
        return found + build_all(ToldRow, self.connection.execute(_LAST_REMINDERS))

    def waiting(self) -> list[ToldRow]:
        """Gives every alert that was not tried yet, or is to be tried again."""
        return build_all(ToldRow, self.connection.execute(_WAITING))

    def ended(self, since: datetime) -> list[tuple[AboutRow, str]]:
        """Gives incidents that closed since a time, with the channels that are yet to say so."""
        found = self.connection.execute(_ENDED, {"since": since}).all()
        about = build_all(AboutRow, [row[:-1] for row in found])
        return list(zip(about, (row.channel_id for row in found), strict=True))

    def about(self, numbers: Iterable[int]) -> dict[int, AboutRow]:
        """Gives incidents by their numbers."""
        wanted, found = sorted(set(numbers)), []
        for at in range(0, len(wanted), _AT_ONCE):
            values = {"numbers": wanted[at : at + _AT_ONCE]}
            found += build_all(AboutRow, self.connection.execute(_OF_NUMBERS, values))
        return {row.number: row for row in found}

    def plan(self, rows: Iterable[PlannedRow]) -> None:
        """Adds alerts that are not there, and brings those back that were dropped."""
        names = names_of(PlannedRow)
        values = [{name: getattr(row, name) for name in names} for row in rows]
        # In one order whoever plans, so that two never wait for each other in a circle.
        values.sort(key=lambda row: tuple(row[name] for name in _ONCE))
        if values:
            self.connection.execute(_PLAN[self.connection.dialect.name], values)
            revisions.bump(self.connection, "alerts")

    def move(self, due: Mapping[int, datetime]) -> None:
        """Makes waiting alerts due at other times, as if they had not been tried.

        So one that was tried before a silence comes back as soon as that is ended by hand.
        """
        if due:
            values = [{"_id": number, "due_at": at} for number, at in sorted(due.items())]
            change = _MOVE.values(due_at=bindparam("due_at"), attempts=0)
            self.connection.execute(change, values)
            revisions.bump(self.connection, "alerts")

    def drop(self, why: Mapping[int, str]) -> None:
        """Takes waiting alerts out of the outbox, each with the reason."""
        if why:
            values = [{"_id": number, "error": reason} for number, reason in sorted(why.items())]
            change = _MOVE.values(state="dropped", error=bindparam("error"))
            self.connection.execute(change, values)
            revisions.bump(self.connection, "alerts")

    def next_moment(self, now: datetime) -> datetime | None:
        """Tells when the next alert is due that is not yet, or the next lease of one is over."""
        values = {"now": now}
        found = [self.connection.execute(_NEXT, values).scalar()]
        found.append(self.connection.execute(_LEASED).scalar())
        return min((at for at in found if at is not None), default=None)
