"""From channels, routes and alerts to cells of their lists: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.alerts.hours import show_hours
from tui import text
from tui.theme import look
from tui.widgets.cells import Cell, Span, cell
from tui.widgets.columns import Column
from tui.widgets.row_source import Row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.alerts import Alert, Channel, Route
    from tui.alerts.entries import Entry
    from tui.theme import Glyphs

CHANNEL_KIND, ROUTE_KIND, ALERT_KIND = "channel", "route", "alert"

_LAMPS: Final[Mapping[str, str]] = {
    "told": "healthy",
    "failing": "failing",
    "untried": "unknown",
    "enabled": "healthy",
    "disabled": "unknown",
    "sent": "healthy",
    "waiting": "unknown",
    "sending": "unknown",
    "failed": "failing",
    "uncertain": "degraded",
    "dropped": "unknown",
}
"""Which lamp stands for the state of a channel, route or alert; its word stands beside it."""

CHANNEL_COLUMNS = (
    Column(name="state", title="", width=1),
    Column(name="name", title="CHANNEL", width=16, grow=1, sort="name"),
    Column(name="type", title="TYPE", width=8),
    Column(name="to", title="TO", width=18, grow=2, drop=2),
    Column(name="word", title="STATE", width=8),
    Column(name="routes", title="ROUTES", width=6, right=True),
    Column(name="hour", title="PER HOUR", width=8, right=True, drop=1),
    Column(name="last", title="TOLD", width=7, right=True),
    Column(name="error", title="LAST ERROR", width=16, grow=2, drop=3),
)
CHANNEL_SORTS: Mapping[str, tuple[str, bool]] = {"name": ("Name", False)}

ROUTE_COLUMNS = (
    Column(name="state", title="", width=1),
    Column(name="channel", title="TO", width=14, grow=1, sort="name"),
    Column(name="severity", title="FROM", width=8),
    Column(name="about", title="ABOUT", width=18, grow=2),
    Column(name="hours", title="HOURS", width=19, grow=1, drop=2),
    Column(name="wait", title="WAIT", width=6, right=True, drop=1),
    Column(name="remind", title="REMIND", width=6, right=True),
    Column(name="end", title="END", width=3, drop=3),
)
ROUTE_SORTS: Mapping[str, tuple[str, bool]] = {"name": ("Channel", False)}

ALERT_COLUMNS = (
    Column(name="state", title="", width=1),
    Column(name="at", title="WHEN", width=12),
    Column(name="incident", title="#", width=5, right=True),
    # A title says what happened, unless its template leaves that out.
    Column(name="event", title="WHAT", width=12, drop=1),
    Column(name="word", title="STATE", width=9),
    Column(name="channel", title="CHANNEL", width=10),
    Column(name="tries", title="TRIES", width=5, right=True, drop=2),
    Column(name="said", title="TITLE OR ERROR", width=30, grow=1),
)
ALERT_SORTS: Mapping[str, tuple[str, bool]] = {"newest": ("Newest first", True)}


def channel_row(
    entry: Entry, channel: Channel, anchor: object, now: datetime, glyphs: Glyphs
) -> Row:
    """Return a channel as a row."""
    cells = (
        lamp_of(entry.status, glyphs),
        cell(channel.name),
        cell(channel.type, "muted"),
        cell(channel.options.get("place"), "muted"),
        word_of(entry.status),
        (Span(text.number(channel.routes), "plain" if channel.routes else "failing"),),
        (Span(text.number(channel.per_hour), "muted"),),
        cell(text.age(channel.last_sent_at, now), "muted"),
        cell(channel.last_error, "failing" if entry.status == "failing" else "muted"),
    )
    return Row(key=entry.id, cells=cells, anchor=anchor, record=entry, muted=not channel.enabled)


def route_row(entry: Entry, route: Route, anchor: object, glyphs: Glyphs) -> Row:
    """Return a route as a row."""
    cells = (
        lamp_of(entry.status, glyphs),
        cell(route.channel_name),
        cell(route.severity, "failing" if route.severity == "critical" else "degraded"),
        cell(about(route)),
        cell(hours(route), "muted"),
        cell(text.seconds(route.wait_s) if route.wait_s else "at once", "muted"),
        cell(text.seconds(route.remind_s) if route.remind_s else None, "muted"),
        cell("yes" if route.on_recovery else "no", "muted"),
    )
    return Row(key=entry.id, cells=cells, anchor=anchor, record=entry, muted=not route.enabled)


def alert_row(entry: Entry, alert: Alert, anchor: object, now: datetime, glyphs: Glyphs) -> Row:
    """Return an alert as a row; what went wrong goes before what was said, or is to be."""
    bad = alert.state in {"failed", "uncertain"} or (alert.state == "waiting" and alert.error)
    number = "" if alert.incident_number is None else str(alert.incident_number)
    cells = (
        lamp_of(alert.state, glyphs),
        cell(text.moment(alert.sent_at or alert.due_at, now), "muted"),
        cell(number),
        cell(alert.event),
        word_of(alert.state),
        cell(alert.channel_name),
        (Span(text.number(alert.attempts), "muted"),),
        cell(alert.error or alert.title or alert.event, "failing" if bad else "muted"),
    )
    muted = alert.state == "dropped"
    return Row(key=entry.id, cells=cells, anchor=anchor, record=entry, muted=muted)


def lamp_of(state: str, glyphs: Glyphs) -> Cell:
    """Return the lamp of a channel's or an alert's state."""
    lamp = _LAMPS.get(state, "unknown")
    return (Span(glyphs.lamp(lamp), "muted" if lamp == "unknown" else look(lamp).tone),)


def word_of(state: str) -> Cell:
    """Return the word of a state in its tone; what is as it should be stands back."""
    lamp = _LAMPS.get(state, "unknown")
    return cell(state, "muted" if lamp in {"unknown", "healthy"} else look(lamp).tone)


def about(route: Route) -> str:
    """Return what a route is about, in words: `openai integrations tagged prod`."""
    words = [
        *([f"{route.cause}s"] if route.cause else []),
        *([route.technology] if route.technology else []),
        *([f"{route.kind}s"] if route.kind else []),
        *([f"tagged {route.tag}"] if route.tag else []),
    ]
    whose = " of all tenants" if route.all_tenants else ""
    return (" ".join(words) or "everything") + whose


def hours(route: Route) -> str:
    """Return the hours of a route: `mon-fri 08:00-18:00`, with the zone where it is not UTC."""
    if not route.hours:
        return "always"
    zone = str(route.hours["timezone"])
    return show_hours(route.hours) + ("" if zone == "UTC" else f" {zone}")
