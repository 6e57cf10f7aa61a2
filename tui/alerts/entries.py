"""What the lists of alerts hold: channels, routes, and what was told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.alerts.model import TEST

if TYPE_CHECKING:
    from engine.alerts import Alert, Channel, Route


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A channel, a route or an alert, as lists and forms need it; one of the three is set."""

    id: str
    tenant_id: str
    name: str
    status: str
    version: int = 1
    channel: Channel | None = None
    route: Route | None = None
    alert: Alert | None = None


def channel_entry(channel: Channel) -> Entry:
    """Return a channel as an entry."""
    return Entry(
        id=channel.id,
        tenant_id=channel.tenant_id,
        name=channel.name,
        status=channel_state(channel),
        version=channel.version,
        channel=channel,
    )


def route_entry(route: Route) -> Entry:
    """Return a route as an entry; its name is where it leads."""
    return Entry(
        id=route.id,
        tenant_id=route.tenant_id,
        name=f"the route to {route.channel_name}",
        status="enabled" if route.enabled else "disabled",
        version=route.version,
        route=route,
    )


def alert_entry(alert: Alert, tenant_id: str) -> Entry:
    """Return an alert as an entry; `tenant_id` is whose channel it went by."""
    return Entry(
        id=str(alert.id),
        tenant_id=tenant_id,
        name=alert.title or f"alert {alert.id}",
        status=alert.state,
        alert=alert,
    )


def is_test(entry: Entry) -> bool:
    """Tell whether an entry is an alert by which a channel was only tested."""
    return entry.alert is not None and entry.alert.event == TEST


def channel_state(channel: Channel) -> str:
    """Return how a channel is: disabled, failing, told, or untried."""
    if not channel.enabled:
        return "disabled"
    if channel.last_error:
        return "failing"
    return "told" if channel.last_sent_at is not None else "untried"
