"""The driver of routes: which incidents go to which channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, delete, insert, select, update

from storage import revisions
from storage.alerts.rows import RouteRow
from storage.errors import StaleWrite
from storage.rows import bound, build, build_all, names_of
from storage.tables import alert_channels as channels
from storage.tables import alert_routes as routes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

_STORED = tuple(name for name in names_of(RouteRow) if name != "channel_name")
_TO = and_(channels.c.id == routes.c.channel_id, channels.c.deleted_at.is_(None))
_READ = select(
    *(routes.c[name] for name in _STORED), channels.c.name.label("channel_name")
).join_from(routes, channels, _TO)
_OF_TENANT = routes.c.tenant_id == bindparam("tenant", required=True)
_ALL = _READ.where(_OF_TENANT).order_by(channels.c.sort_name, routes.c.created_at, routes.c.id)
_ONE = _READ.where(_OF_TENANT, routes.c.id == bindparam("id", required=True))
_IN_USE = _READ.where(routes.c.enabled, channels.c.enabled)
_ADD = insert(routes).values(bound(_STORED))
_THIS = (
    routes.c.id == bindparam("_id", required=True),
    routes.c.version == bindparam("_version", required=True),
)
_CHANGE = update(routes).where(*_THIS).values(version=routes.c.version + 1)
_DELETE = delete(routes).where(*_THIS)


class RoutesDriver:
    """Reads and writes routes on one connection; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def of_tenant(self, tenant_id: str) -> list[RouteRow]:
        """Gives a tenant's routes by their channels' names, the oldest first."""
        return build_all(RouteRow, self.connection.execute(_ALL, {"tenant": tenant_id}))

    def in_use(self) -> list[RouteRow]:
        """Gives everybody's routes that lead somewhere: they and their channels are enabled."""
        return build_all(RouteRow, self.connection.execute(_IN_USE))

    def get(self, tenant_id: str, route_id: str) -> RouteRow | None:
        """Gives a route; None for another tenant's as for a missing one."""
        row = self.connection.execute(_ONE, {"tenant": tenant_id, "id": route_id}).one_or_none()
        return None if row is None else build(RouteRow, row)

    def add(self, row: RouteRow) -> None:
        """Adds a route."""
        self.connection.execute(_ADD, {name: getattr(row, name) for name in _STORED})
        revisions.bump(self.connection, "alerts")

    def change(
        self, route_id: str, changes: Mapping[str, object], version: int, at: datetime
    ) -> None:
        """Changes fields by name.

        Raises:
            StaleWrite: it is not at that version any more.
        """
        values = {"_id": route_id, "_version": version, **changes, "updated_at": at}
        self._done(self.connection.execute(_CHANGE, values).rowcount)

    def delete(self, row: RouteRow) -> None:
        """Deletes a route.

        Raises:
            StaleWrite: it is not at the version of `row` any more.
        """
        values = {"_id": row.id, "_version": row.version}
        self._done(self.connection.execute(_DELETE, values).rowcount)

    def _done(self, rows: int) -> None:
        if not rows:
            raise StaleWrite("Somebody else changed the route meanwhile.")
        revisions.bump(self.connection, "alerts")
