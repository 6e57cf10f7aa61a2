"""The driver of sending: which alert is whose to send, and what became of it.

An alert is `sending` from before its request until its answer is written down. Whoever finds
one whose lease is over knows that its sender died, and not whether people were told.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, bindparam, case, func, insert, select, text, update

from storage import revisions
from storage.alerts.channels import CHANNEL_COLUMNS, IS_LOCAL, LAST_SENT
from storage.alerts.rows import AlertRow, ChannelRow
from storage.rows import build, build_all, names_of
from storage.tables import alert_channels as channels
from storage.tables import alerts, incidents
from storage.types import UtcMillis

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

LOOKED_BACK = 2_000
"""What a channel said last that is looked through for what it said in the last hour."""
_HOUR = timedelta(hours=1)
# One lock for all monitors of a schema: it orders what dashboards carry out. Such a lock is the
# whole database's, and what another schema's monitors are at holds nobody up here.
_IN_TURN = text("SELECT pg_advisory_xact_lock(4712206, hashtext(current_schema()))")
_NOW = bindparam("now", type_=UtcMillis, required=True)
_IDS: BindParameter[int] = bindparam("ids", expanding=True, required=True)
_OF_CHANNEL = alerts.c.channel_id == bindparam("channel", required=True)
_DUE = (alerts.c.state == "waiting", alerts.c.due_at <= _NOW)
_DUE_CHANNELS = select(alerts.c.channel_id).where(*_DUE).distinct()
_CHANNEL = select(*CHANNEL_COLUMNS).where(channels.c.id == bindparam("channel", required=True))
# Whoever holds it decides alone what it says next; others pass it by.
_LOCK = _CHANNEL.with_for_update(skip_locked=True, of=channels)
_DUE_ROWS = (
    select(*(alerts.c[name] for name in names_of(AlertRow)))
    .join_from(alerts, incidents, incidents.c.number == alerts.c.incident_number)
    .where(_OF_CHANNEL, *_DUE)
    .order_by(incidents.c.severity_rank, alerts.c.due_at, alerts.c.id)
    .limit(bindparam("limit", required=True))
)
_RECENT = (
    select(alerts.c.sent_at, alerts.c.lease_until)
    # What only waits is left out before the rest is counted: thousands may be planned at once.
    .where(_OF_CHANNEL, alerts.c.attempts > 0, alerts.c.state != "waiting")
    .order_by(alerts.c.id.desc())
    .limit(LOOKED_BACK)
    .subquery()
)
# What an hour's allowance is spent on: every try that went out, whatever came of it.
_SPOKE = func.coalesce(_RECENT.c.sent_at, _RECENT.c.lease_until)
_SAID = (
    select(_SPOKE)
    .where(bindparam("since", type_=UtcMillis, required=True) < _SPOKE)
    .order_by(_SPOKE)
)
_THESE = alerts.c.id.in_(_IDS)
_TAKE = (
    update(alerts)
    .where(_THESE, alerts.c.state == "waiting")
    .values(
        state="sending",
        lease_owner=bindparam("_owner", required=True),
        lease_until=bindparam("_until", required=True),
        # What goes along with another alert is not tried for itself.
        attempts=case(
            (alerts.c.id == bindparam("_lead", required=True), alerts.c.attempts + 1),
            else_=alerts.c.attempts,
        ),
    )
    .returning(alerts.c.id)
)
_SAYING = update(alerts).where(alerts.c.id == bindparam("_id", required=True))
_END = update(alerts).where(
    _THESE,
    alerts.c.lease_owner == bindparam("_owner", required=True),
    # A sender that was only slow may still say what came of it.
    alerts.c.state.in_(("sending", "uncertain")),
)
_LOST = (
    update(alerts)
    .where(alerts.c.state == "sending", alerts.c.lease_until <= _NOW)
    .values(state="uncertain", error=bindparam("_why", required=True))
    .returning(alerts.c.id, alerts.c.channel_id)
)
_ANY_LOST = (
    select(alerts.c.id).where(alerts.c.state == "sending", alerts.c.lease_until <= _NOW).limit(1)
)
_LAST_LOCAL = select(func.max(LAST_SENT)).where(IS_LOCAL)
_TELL = update(channels).where(channels.c.id == bindparam("_channel", required=True))


class SendingDriver:
    """Takes alerts to be sent and writes down what came of them; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def due_channels(self, now: datetime) -> list[str]:
        """Gives the ids of channels that have something to say by now."""
        return list(self.connection.execute(_DUE_CHANNELS, {"now": now}).scalars())

    def hold(self, channel_id: str) -> ChannelRow | None:
        """Takes a channel until the end of this transaction; None where another has it."""
        row = self.connection.execute(_LOCK, {"channel": channel_id}).one_or_none()
        return None if row is None else build(ChannelRow, row)

    def channel(self, channel_id: str) -> ChannelRow | None:
        """Gives a channel, whoever has it."""
        row = self.connection.execute(_CHANNEL, {"channel": channel_id}).one_or_none()
        return None if row is None else build(ChannelRow, row)

    def due(self, channel_id: str, now: datetime, *, limit: int) -> list[AlertRow]:
        """Gives what a channel is to say by now: critical things first, then the oldest."""
        values = {"channel": channel_id, "now": now, "limit": limit}
        return build_all(AlertRow, self.connection.execute(_DUE_ROWS, values))

    def said(self, channel_id: str, now: datetime) -> list[datetime]:
        """Gives when a channel was spoken through in the last hour, the oldest first."""
        values = {"channel": channel_id, "since": now - _HOUR}
        return list(self.connection.execute(_SAID, values).scalars())

    def take(self, ids: Sequence[int], owner: str, until: datetime) -> set[int]:
        """Makes alerts `sending` that are still waiting; the first is tried, others go along.

        Gives those that were: what another monitor dropped meanwhile is not told.
        """
        values = {"ids": list(ids), "_owner": owner, "_until": until, "_lead": ids[0]}
        revisions.bump(self.connection, "alerts")
        return set(self.connection.execute(_TAKE, values).scalars())

    def saying(self, gravities: Mapping[int, float]) -> None:
        """Notes by alert how bad its incident is by what is just to be said.

        No time tells that for sure: the clocks of two machines differ, what was found earlier may
        be written later, and an incident may grow worse while the request is under way.
        """
        values = [{"_id": one, "gravity": gravity} for one, gravity in sorted(gravities.items())]
        if values:
            change = _SAYING.values(gravity=bindparam("gravity"))
            self.connection.execute(change, values)

    def end(self, ids: Collection[int], owner: str, changes: Mapping[str, object]) -> int:
        """Writes down what came of alerts that this owner took; says how many were still its."""
        values = {"ids": list(ids), "_owner": owner, **changes}
        revisions.bump(self.connection, "alerts")
        return self.connection.execute(_END.values(lease_owner=None), values).rowcount

    def any_lost(self, now: datetime) -> bool:
        """Tells whether `lose` would find any."""
        return self.connection.execute(_ANY_LOST, {"now": now}).first() is not None

    def lose(self, now: datetime, why: str) -> list[tuple[int, str]]:
        """Makes uncertain what nobody finished in time; gives their ids and channels."""
        found = self.connection.execute(_LOST, {"now": now, "_why": why}).all()
        if found:
            revisions.bump(self.connection, "alerts")
        return [(row.id, row.channel_id) for row in found]

    def next_local(self, now: datetime) -> datetime:
        """Gives the moment of what dashboards carry out next: later than that of any before.

        They ask for what came after the last moment that they know, so two must never have the
        same one, nor one come late: on a server, writers of these take turns.
        """
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(_IN_TURN)
        last: datetime | None = self.connection.execute(_LAST_LOCAL).scalar()
        return now if last is None else max(now, last + timedelta(milliseconds=1))

    def add(self, channel: ChannelRow, values: Mapping[str, object]) -> int:
        """Adds an alert that is about no incident: a test. Gives its id."""
        whose = {"tenant_id": channel.tenant_id, "channel_id": channel.id, "ordinal": 0}
        revisions.bump(self.connection, "alerts")
        made = insert(alerts).returning(alerts.c.id)
        return int(self.connection.execute(made, {**whose, **values}).scalar_one())

    def tell(self, channel_id: str, **news: object) -> None:
        """Notes with a channel how it went; that is no change of the channel."""
        self.connection.execute(_TELL, {"_channel": channel_id, **news})
        revisions.bump(self.connection, "alerts")
