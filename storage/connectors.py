"""The driver of connectors: the means by which the platform reaches out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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


class ConnectorsDriver(Inventory[ConnectorRow, ConnectorListRow]):
    """Reads and writes connectors on one connection; the caller commits."""

    layout = _LAYOUT
