"""The driver of connectors: the means by which the platform reaches out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, update

from storage.inventory import Inventory
from storage.layout import REACHED, Layout
from storage.tables import connectors
from storage.things import LampFields, ReachedRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

KIND = "connector"


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectorRow(ReachedRow):
    """A connector with what it can do.

    `discovered` is what the other side said that it can do: tools with their schemas, tables,
    functions.
    """

    endpoint: str | None = None
    capabilities: tuple[str, ...] = ()
    discovered: Mapping[str, object] = field(default_factory=dict)
    last_used_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectorListRow(LampFields, ConnectorRow):
    """A connector with its lamp, as a list shows it."""


_LAYOUT = Layout(
    kind=KIND,
    table=connectors,
    row=ConnectorRow,
    list_row=ConnectorListRow,
    secrets="secrets",
    mirrors=REACHED,
)


_TOUCH = (
    update(connectors)
    .where(connectors.c.tenant_id == bindparam("_tenant", required=True))
    .where(connectors.c.id == bindparam("_id", required=True))
    .where(connectors.c.deleted_at.is_(None))
)


class ConnectorsDriver(Inventory[ConnectorRow, ConnectorListRow]):
    """Reads and writes connectors on one connection; the caller commits."""

    layout = _LAYOUT

    def touch(self, tenant_id: str, connector_id: str, at: datetime) -> bool:
        """Writes down that a connector is used now; that is no change of what it is."""
        values = {"_tenant": tenant_id, "_id": connector_id, "last_used_at": at}
        return bool(self.connection.execute(_TOUCH, values).rowcount)
