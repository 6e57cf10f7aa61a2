"""The driver of channels: ways to tell people, whose URLs are secrets kept elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select, update

from storage import revisions, uses
from storage.alerts.rows import ChannelRow
from storage.errors import StaleWrite
from storage.rows import bound, build, build_all, names_of
from storage.tables import alert_channels as channels
from storage.tables import alert_routes, alerts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

KIND = "channel"
SIGNING = "signing_ref"
"""The option that says where a channel's second secret is kept."""

_STORED = tuple(name for name in names_of(ChannelRow) if name != "routes")
_ROUTES = (
    select(func.count())
    .where(alert_routes.c.channel_id == channels.c.id)
    .scalar_subquery()
    .label("routes")
)
CHANNEL_COLUMNS = [*(channels.c[name] for name in _STORED), _ROUTES]
"""The columns of a `ChannelRow`."""

IS_LOCAL = channels.c.type.in_(("bell", "desktop"))
"""What dashboards carry out by themselves."""
LAST_SENT = (
    select(func.max(alerts.c.sent_at)).where(alerts.c.channel_id == channels.c.id).scalar_subquery()
)
"""When a channel said the last thing; asked for channel by channel it is looked up."""

_OF_TENANT = channels.c.tenant_id == bindparam("tenant", required=True)
_THERE = channels.c.deleted_at.is_(None)
_ALL = (
    select(*CHANNEL_COLUMNS).where(_OF_TENANT, _THERE).order_by(channels.c.sort_name, channels.c.id)
)
_ONE = select(*CHANNEL_COLUMNS).where(
    _OF_TENANT, channels.c.id == bindparam("id", required=True), _THERE
)
_ADD = insert(channels).values(bound((*_STORED, "sort_name")))
_CHANGE = (
    update(channels)
    .where(channels.c.id == bindparam("_id", required=True))
    .where(channels.c.version == bindparam("_version", required=True), _THERE)
    .values(version=channels.c.version + 1)
)


class ChannelsDriver:
    """Reads and writes channels on one connection; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def of_tenant(self, tenant_id: str) -> list[ChannelRow]:
        """Gives a tenant's channels by name."""
        return build_all(ChannelRow, self.connection.execute(_ALL, {"tenant": tenant_id}))

    def get(self, tenant_id: str, channel_id: str) -> ChannelRow | None:
        """Gives a channel; None for another tenant's as for a missing one."""
        values = {"tenant": tenant_id, "id": channel_id}
        row = self.connection.execute(_ONE, values).one_or_none()
        return None if row is None else build(ChannelRow, row)

    def add(self, row: ChannelRow) -> None:
        """Adds a channel.

        Raises:
            Conflict: there is one of this name.
        """
        values = {name: getattr(row, name) for name in _STORED}
        self.connection.execute(_ADD, values | {"sort_name": row.name.casefold()})
        self._point(row, row.created_at)
        revisions.bump(self.connection, "alerts")

    def change(
        self, row: ChannelRow, changes: Mapping[str, object], version: int, at: datetime
    ) -> None:
        """Changes fields by name; `row` is the channel with its new references.

        Raises:
            StaleWrite: it is not at that version any more.
            Conflict: there is one of this name.
        """
        values: dict[str, object] = {**changes, "updated_at": at}
        if "name" in changes:
            values["sort_name"] = str(changes["name"]).casefold()
        self._write(row.id, version, values)
        uses.forget(self.connection, KIND, row.tenant_id, row.id)
        self._point(row, at)

    def delete(self, row: ChannelRow, at: datetime) -> None:
        """Deletes a channel softly, so that what it has told stays; its routes go.

        Raises:
            StaleWrite: it is not at the version of `row` any more.
        """
        kept = {name: value for name, value in row.options.items() if name != SIGNING}
        values = {"deleted_at": at, "credential_ref": None, "options": kept}
        self._write(row.id, row.version, values)
        self.connection.execute(alert_routes.delete().where(alert_routes.c.channel_id == row.id))
        uses.forget(self.connection, KIND, row.tenant_id, row.id)

    def _write(self, channel_id: str, version: int, values: Mapping[str, object]) -> None:
        key = {"_id": channel_id, "_version": version}
        if not self.connection.execute(_CHANGE, {**key, **values}).rowcount:
            raise StaleWrite("Somebody else changed the channel meanwhile.")
        revisions.bump(self.connection, "alerts")

    def _point(self, row: ChannelRow, at: datetime) -> None:
        references = {"url": row.credential_ref, SIGNING: row.options.get(SIGNING)}
        uses.add(self.connection, uses.uses_of(KIND, row.tenant_id, row.id, references), at=at)
