"""The log of alerts: pages of it, one to be sent again, and what dashboards carry out."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, Text, bindparam, cast, func, literal, select, update

from storage import newest, revisions
from storage.access import hidden
from storage.alerts.channels import IS_LOCAL, LAST_SENT
from storage.alerts.rows import ListedAlertRow, LocalRow
from storage.matching import Searchable, conditions
from storage.rows import build, build_all
from storage.tables import alert_channels as channels
from storage.tables import alerts, incidents, targets
from storage.types import UtcMillis

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from storage.access import Roles
    from storage.filters import Term
    from storage.newest import Shaped
    from storage.paging import Anchor, Page

_OWN = ("incident_number", "event", "state", "due_at", "attempts", "title", "error")
_COLUMNS = (
    *(alerts.c[name] for name in ("id", "tenant_id", "channel_id")),
    channels.c.name.label("channel_name"),
    channels.c.type.label("channel_type"),
    *(alerts.c[name] for name in (*_OWN, "created_at", "sent_at")),
)
_READ = select(*_COLUMNS).join_from(alerts, channels, channels.c.id == alerts.c.channel_id)
_NUMBER = func.coalesce(cast(alerts.c.incident_number, Text), "")
_TITLE = func.lower(func.coalesce(alerts.c.title, ""))
_NAME = func.lower(channels.c.name)
_ERROR = func.lower(func.coalesce(alerts.c.error, ""))


def _joined(*parts: ColumnElement[str]) -> ColumnElement[str]:
    """Gives texts with blanks between; `concat` is younger than the SQLite of some machines."""
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + literal(" ") + part
    return joined


_SEARCHABLE = Searchable(
    search=_joined(_NAME, channels.c.type, alerts.c.event, alerts.c.state, _NUMBER, _TITLE, _ERROR),
    contains={"channel": _NAME, "title": _TITLE, "error": _ERROR},
    begins={
        "state": alerts.c.state,
        "event": alerts.c.event,
        "type": channels.c.type,
        "incident": _NUMBER,
    },
)
# A channel's alerts are its tenant's, whosever the incident is.
_OF_TENANT = channels.c.tenant_id == bindparam("tenant", required=True)
_ONE = _READ.where(_OF_TENANT, alerts.c.id == bindparam("id", required=True))
_AGAIN = (
    update(alerts)
    .where(alerts.c.id == bindparam("_id", required=True))
    .where(alerts.c.state.in_(("failed", "uncertain", "dropped")))
    .values(state="waiting", attempts=0, error=None, lease_owner=None, lease_until=None)
)
_LOCAL = (
    select(alerts.c.sent_at, channels.c.type, alerts.c.title, alerts.c.body)
    .join_from(alerts, channels, channels.c.id == alerts.c.channel_id)
    .where(_OF_TENANT, IS_LOCAL, alerts.c.state == "sent")
    .where(alerts.c.title.is_not(None))
)
_LOCAL_SINCE = (
    _LOCAL.where(alerts.c.sent_at > bindparam("since", type_=UtcMillis, required=True))
    .order_by(alerts.c.sent_at)
    .limit(bindparam("limit", required=True))
)


class AlertLog:
    """Reads what was told on one connection, and lets one be told again; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def page(  # noqa: PLR0913  (each narrows the list by name)
        self,
        tenant_id: str,
        *,
        incident: int | None = None,
        channel: str | None = None,
        terms: Sequence[Term] = (),
        roles: Roles = None,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> Page[ListedAlertRow]:
        """Gives a page of what a tenant's channels said or are to say, newest first.

        Left out is what is about a thing that an operator with these roles does not see.
        """
        shaped, values = self._shaped(tenant_id, incident, channel, terms, roles)
        statement = partial(_page_statement, shaped)
        return newest.read(
            self.connection, ListedAlertRow, statement, values, anchor=anchor, limit=limit
        )

    def count(
        self,
        tenant_id: str,
        *,
        incident: int | None = None,
        channel: str | None = None,
        terms: Sequence[Term] = (),
        roles: Roles = None,
    ) -> int:
        """Counts the rows of a list."""
        shaped, values = self._shaped(tenant_id, incident, channel, terms, roles)
        return int(self.connection.execute(_count_statement(shaped), values).scalar_one())

    def get(self, tenant_id: str, alert_id: int) -> ListedAlertRow | None:
        """Gives one; None for another tenant's as for a missing one."""
        values = {"tenant": tenant_id, "id": alert_id}
        row = self.connection.execute(_ONE, values).one_or_none()
        return None if row is None else build(ListedAlertRow, row)

    def again(self, alert_id: int, due_at: datetime) -> bool:
        """Lets one be sent again; False when it is waiting, being sent, or was sent."""
        revisions.bump(self.connection, "alerts")
        values = {"_id": alert_id, "due_at": due_at}
        return self.connection.execute(_AGAIN, values).rowcount == 1

    def local(self, tenant_id: str, since: datetime, *, limit: int) -> list[LocalRow]:
        """Gives what dashboards are to carry out since a moment, the oldest first."""
        values = {"tenant": tenant_id, "since": since, "limit": limit}
        return build_all(LocalRow, self.connection.execute(_LOCAL_SINCE, values))

    def last_local(self, tenant_id: str) -> datetime | None:
        """Tells the moment of the last one; None where there never was one."""
        return self.connection.execute(_LOCAL_LAST, {"tenant": tenant_id}).scalar()

    def _shaped(
        self,
        tenant_id: str,
        incident: int | None,
        channel: str | None,
        terms: Sequence[Term],
        roles: Roles,
    ) -> tuple[Shaped, dict[str, Any]]:
        given = {"incident_number": incident, "channel_id": channel}
        shaped, values = newest.shaped(self.connection, given, terms, _SEARCHABLE, roles)
        return shaped, {"tenant": tenant_id, **values}


_LOCAL_LAST = select(func.max(LAST_SENT)).where(_OF_TENANT, IS_LOCAL)


def _where(shaped: Shaped) -> list[ColumnElement[bool]]:
    chosen = [alerts.c[name] == bindparam(name, required=True) for name in shaped.fixed]
    if shaped.roles is not None:
        secret = (
            select(targets.c.number)
            .join_from(targets, incidents, incidents.c.target_number == targets.c.number)
            .where(incidents.c.number == alerts.c.incident_number)
            .where(hidden(shaped.roles, shaped.dialect))
        )
        chosen.append(~secret.correlate(alerts).exists())
    return [_OF_TENANT, *chosen, *conditions(shaped.terms, _SEARCHABLE, shaped.dialect)]


@lru_cache(maxsize=128)
def _count_statement(shaped: Shaped) -> Select[int]:
    joined = alerts.join(channels, channels.c.id == alerts.c.channel_id)
    return select(func.count()).select_from(joined).where(*_where(shaped))


@lru_cache(maxsize=256)
def _page_statement(shaped: Shaped, place: str) -> Select[Any]:
    return newest.paged(_READ.where(*_where(shaped)), alerts.c.id, place)
