"""What the place can list: incidents, and what decides who is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tui.alerts.listing import AlertListing, ChannelListing, RouteListing
from tui.incidents.listing import IncidentListing, PastListing
from tui.silences.listing import SilenceListing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.inventory.listing import Listing

OPEN, CLOSED, SILENCES = "open", "closed", "silences"
CHANNELS, ROUTES, ALERTS = "channels", "routes", "alerts"
OF_INCIDENTS: Final = frozenset({OPEN, CLOSED})
"""Lists of incidents; all others are of who is told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """One list: its words in the menu, what reads it, what it says when there is nothing."""

    words: str
    listing: type[Listing[Any]]
    nothing: str


GROUPS: Final[Mapping[str, Group]] = {
    OPEN: Group(
        words="Incidents that are open",
        listing=IncidentListing,
        nothing="Nothing is open. What stays bad opens here; b shows what was.",
    ),
    CLOSED: Group(
        words="Incidents that are over, newest first",
        listing=PastListing,
        nothing="Nothing is over yet.",
    ),
    SILENCES: Group(
        words="Silences: when nobody wants to be told",
        listing=SilenceListing,
        nothing="Nothing is kept quiet. Press n to add a silence or a maintenance window.",
    ),
    CHANNELS: Group(
        words="Channels: how people are told",
        listing=ChannelListing,
        nothing="Nobody is told yet. Press n to add a channel, then a route to it.",
    ),
    ROUTES: Group(
        words="Routes: which incidents go to which channel",
        listing=RouteListing,
        nothing="No route leads to a channel. Press n to add one.",
    ),
    ALERTS: Group(
        words="Alerts: what was told, and what could not be",
        listing=AlertListing,
        nothing="Nothing was told yet.",
    ),
}
