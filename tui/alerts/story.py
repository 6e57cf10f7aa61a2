"""A channel, a route or an alert in the pane beside its list. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui import text
from tui.alerts.rows import about, hours, lamp_of, word_of
from tui.widgets.cells import Cell, Span, cell, fit, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.alerts import Alert, Channel, Route
    from tui.alerts.entries import Entry
    from tui.theme import Glyphs

LABEL: Final = 12
"""Cells of what a line is about."""


def told_lines(entry: Entry, width: int, now: datetime, glyphs: Glyphs) -> tuple[Cell, ...]:
    """Return an entry for a pane of this width."""
    inner = max(10, width - 2)
    head: Cell = (*lamp_of(entry.status, glyphs), Span(" "), *word_of(entry.status))
    lines: list[Cell] = [head]
    if entry.channel is not None:
        lines += _channel(entry.channel, now, inner)
    elif entry.route is not None:
        lines += _route(entry.route, inner)
    elif entry.alert is not None:
        lines += _alert(entry.alert, inner)
    return tuple((Span(" "), *fit(line, inner)) for line in lines)


def _channel(channel: Channel, now: datetime, width: int) -> list[Cell]:
    lines: list[Cell] = []
    if channel.last_error:
        lines += wrap(text.clean(channel.last_error), width, "failing", most=4)
    ago = "never" if channel.last_sent_at is None else f"{text.age(channel.last_sent_at, now)} ago"
    facts = [
        ("type", channel.type),
        ("to", str(channel.options.get("place") or "")),
        ("routes", text.number(channel.routes)),
        ("told", ago),
        ("failed", "" if channel.last_error_at is None else _ago(channel.last_error_at, now)),
        ("an hour", f"{channel.per_hour:,} at the most"),
        ("title", channel.title_template or "the usual one"),
        ("text", channel.body_template or "the usual one"),
    ]
    lines += [(), *_facts(facts)]
    if not channel.routes:
        lines += [(), *wrap("No route leads here yet: it is told nothing.", width, "degraded")]
    return lines


def _ago(then: datetime, now: datetime) -> str:
    return f"{text.age(then, now)} ago"


def _route(route: Route, width: int) -> list[Cell]:
    ends = [
        word
        for word, said in (
            ("when it is over", route.on_recovery),
            ("when somebody sees to it", route.on_acknowledged),
        )
        if said
    ]
    facts = [
        ("to", route.channel_name),
        ("from", route.severity),
        ("about", about(route)),
        ("of", "all tenants" if route.all_tenants else "this tenant"),
        ("hours", hours(route)),
        ("after", text.seconds(route.wait_s)),
        ("reminds", f"every {text.seconds(route.remind_s)}" if route.remind_s else "never"),
        ("also told", ", ".join(ends) or "nothing"),
    ]
    return [(), *_facts(facts), *([] if route.enabled else wrap("Not in use.", width, "muted"))]


def _alert(alert: Alert, width: int) -> list[Cell]:
    lines: list[Cell] = []
    if alert.error:
        lines += wrap(text.clean(alert.error), width, "failing", most=5)
    facts = [
        ("says", alert.title or ""),
        ("event", alert.event),
        ("incident", "" if alert.incident_number is None else str(alert.incident_number)),
        ("channel", f"{alert.channel_name}, {alert.channel_type}"),
        ("made", _at(alert.created_at)),
        ("due", _at(alert.due_at)),
        ("sent", "" if alert.sent_at is None else _at(alert.sent_at)),
        ("tries", text.number(alert.attempts)),
    ]
    lines += [(), *_facts(facts)]
    if alert.state == "uncertain":
        lines += [(), *wrap("It may have arrived: r sends it again.", width, "degraded")]
    return lines


def _at(then: datetime) -> str:
    return f"{then:%Y-%m-%d %H:%M:%S}Z"


def _facts(facts: Sequence[tuple[str, str]]) -> list[Cell]:
    return [(Span(f"{name:<{LABEL}}", "muted"), *cell(said)) for name, said in facts if said]
