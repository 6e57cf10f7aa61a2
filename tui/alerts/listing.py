"""The lists of channels, of routes and of what was told, through the facade."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from engine.errors import NotFound
from tui.alerts import rows
from tui.alerts.entries import Entry, alert_entry, channel_entry, route_entry
from tui.inventory.held_listing import HeldListing
from tui.inventory.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.paging import Anchor
    from tui.desk import Desk
    from tui.inventory.listing import View
    from tui.widgets.row_source import Row

T = TypeVar("T")


class ChannelListing(HeldListing[Entry]):
    """A tenant's channels: a handful, read at once."""

    noun = rows.CHANNEL_KIND
    title = "Channels"
    columns = rows.CHANNEL_COLUMNS
    sorts = rows.CHANNEL_SORTS
    order = "name"
    examples = "on-call  esc clears"
    missing = ("There is no such channel.", "n makes one.")

    async def read(self, view: View) -> list[Entry]:
        """Return the channels of a view."""
        workspace = await self.desk.workspace()
        found = map(channel_entry, await workspace.alerts.list_channels(view.tenant_id))
        return _chosen(found, view)

    def row(self, item: Entry, anchor: object) -> Row:
        """Return a channel as a row."""
        assert item.channel is not None  # noqa: S101 - this listing makes no other
        return rows.channel_row(item, item.channel, anchor, self.desk.now(), self.desk.glyphs)


class RouteListing(HeldListing[Entry]):
    """A tenant's routes: a handful, read at once."""

    noun = rows.ROUTE_KIND
    title = "Routes"
    columns = rows.ROUTE_COLUMNS
    sorts = rows.ROUTE_SORTS
    order = "name"
    examples = "on-call  esc clears"
    missing = ("There is no such route.", "n makes one.")

    async def read(self, view: View) -> list[Entry]:
        """Return the routes of a view."""
        workspace = await self.desk.workspace()
        found = map(route_entry, await workspace.alerts.list_routes(view.tenant_id))
        return _chosen(found, view)

    def row(self, item: Entry, anchor: object) -> Row:
        """Return a route as a row."""
        assert item.route is not None  # noqa: S101 - this listing makes no other
        return rows.route_row(item, item.route, anchor, self.desk.glyphs)


class AlertListing(Listing[Entry]):
    """What was, or is to be, told, newest first; of one incident where it is asked for.

    Args:
        desk: The board's own.
        incident: The incident's number; None for all.
    """

    noun = rows.ALERT_KIND
    title = "Alerts"
    columns = rows.ALERT_COLUMNS
    sorts = rows.ALERT_SORTS
    order = "newest"
    examples = "state:failed  event:reminder  !channel:desk"

    def __init__(self, desk: Desk, incident: int | None = None) -> None:
        super().__init__(desk)
        self.incident = incident

    async def page(
        self, view: View, *, anchor: Anchor | None, limit: int
    ) -> tuple[Sequence[Entry], Sequence[object]]:
        """Return a page of alerts with their page keys."""
        workspace = await self.desk.workspace()
        found = await workspace.alerts.page(
            view.tenant_id, incident=self.incident, query=view.query, anchor=anchor, limit=limit
        )
        return [alert_entry(one, view.tenant_id) for one in found.items], found.keys

    async def count(self, view: View) -> int:
        """Return how many alerts the view has."""
        workspace = await self.desk.workspace()
        return await workspace.alerts.count(
            view.tenant_id, incident=self.incident, query=view.query
        )

    async def name_of(self, thing_id: str) -> str:
        """Return the title of an alert; alerts are looked up in the log alone."""
        raise NotFound(f"Alert {thing_id[:20]} is not in sight.", hint="Look in the log.")

    def row(self, item: Entry, anchor: object) -> Row:
        """Return an alert as a row."""
        assert item.alert is not None  # noqa: S101 - this listing makes no other
        return rows.alert_row(item, item.alert, anchor, self.desk.now(), self.desk.glyphs)


def _chosen(found: Iterable[Entry], view: View) -> list[Entry]:
    """Return the entries that all words of the view are in, by name."""
    words = view.query.casefold().split()
    chosen = [
        one for one in found if all(word in f"{one.name} {one.status}".casefold() for word in words)
    ]
    return sorted(chosen, key=lambda one: one.name.casefold(), reverse=view.descending)
