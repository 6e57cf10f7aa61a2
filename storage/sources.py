"""The driver of data sources: where a tenant's data lives."""

from __future__ import annotations

from dataclasses import dataclass

from storage.inventory import Inventory
from storage.labels import access_text
from storage.layout import REACHED, Layout
from storage.tables import sources
from storage.things import LampFields, ReachedRow

KIND = "source"


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceRow(ReachedRow):
    """A data source. One with `access_roles` is there only for those who have one of them."""

    access_roles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceListRow(LampFields, SourceRow):
    """A data source with its lamp, as a list shows it."""


_LAYOUT = Layout(
    kind=KIND,
    table=sources,
    row=SourceRow,
    list_row=SourceListRow,
    secrets="secrets",
    mirrors={**REACHED, "access_roles": lambda roles: {"access": access_text(roles)}},
)


class SourcesDriver(Inventory[SourceRow, SourceListRow]):
    """Reads and writes data sources on one connection; the caller commits."""

    layout = _LAYOUT
