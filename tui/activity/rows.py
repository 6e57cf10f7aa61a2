"""From activity's entries to cells: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import text
from tui.widgets.cells import Cell, Span, cell, fit, wrap
from tui.widgets.columns import Column
from tui.widgets.row_source import Row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.activity.facade import ActivityEntry
    from tui.theme import Tone

COLUMNS = (
    Column(name="at", title="WHEN", width=13),
    Column(name="actor", title="WHO", width=12, grow=1),
    Column(name="action", title="DID", width=20, grow=1),
    Column(name="thing", title="TO", width=18, grow=3),
    Column(name="origin", title="FROM", width=10, drop=1),
    Column(name="detail", title="WHAT CHANGED", width=20, grow=4, drop=2),
)

TONES: dict[str, Tone] = {"created": "healthy", "deleted": "failing", "disabled": "degraded"}
"""The tone of an action's verb, where it says more than a colour would by itself."""

SAID: Mapping[str, tuple[str, str]] = {
    "gateway.run": ("ran", "template"),
    "prevention.holds": ("proved", "ledger"),
    "prevention.broken": ("found broken", "ledger"),
    "prevention.resumed": ("resumed", "ledger"),
}
"""Verb and thing of actions whose own words do not say what was done to what."""


def row(entry: ActivityEntry, key: object, now: datetime) -> Row:
    """Return one entry as a row."""
    return Row(
        key=str(entry.id),
        anchor=key,
        record=entry,
        cells=(
            cell(text.moment(entry.at, now), "muted"),
            cell(entry.actor),
            action_cell(entry.action),
            cell(entry.thing_name or entry.thing_id, "strong"),
            cell(entry.origin, "muted"),
            cell(detail_words(entry), "muted"),
        ),
    )


def action_cell(action: str) -> Cell:
    """Return an action in words: `integration.created` is `created integration`."""
    concept, _, verb = text.clean(action).replace("_", " ").partition(".")
    if not verb:
        return cell(concept)
    words, thing = SAID.get(action, (verb, concept))
    return (Span(words, TONES.get(verb, "plain")), Span(f" {thing}", "muted"))


def detail_words(entry: ActivityEntry) -> str:
    """Return an entry's detail in one line."""
    return ", ".join(f"{name}: {_short(value)}" for name, value in sorted(entry.detail.items()))


def _short(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name} {_short(inner)}" for name, inner in sorted(value.items()))
    if isinstance(value, (list, tuple)):
        return " to ".join(_short(inner) for inner in value)
    return text.NOTHING if value in {None, ""} else str(value)


def entry_lines(entry: ActivityEntry, width: int, now: datetime) -> tuple[Cell, ...]:
    """Return everything about one entry."""
    inner = max(1, width - 2)
    facts = (
        ("when", f"{entry.at:%Y-%m-%d %H:%M:%S} UTC"),
        ("", f"{text.age(entry.at, now)} ago"),
        ("who", entry.actor),
        ("from", entry.origin),
        ("thing", entry.thing_name or text.NOTHING),
        ("id", entry.thing_id or text.NOTHING),
    )
    lines: list[Cell] = [action_cell(entry.action), ()]
    lines += [fit((Span(f"{name:<7}", "muted"), *cell(value)), inner) for name, value in facts]
    if entry.detail:
        lines += [(), (Span("what changed", "strong"),)]
    for name, value in sorted(entry.detail.items()):
        lines += wrap(f"{name}: {_short(value)}", inner, most=4)
    return tuple((Span(" "), *line) for line in lines)
