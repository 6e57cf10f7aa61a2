"""A silence in the pane beside the list, and what a form's texts would mean. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.silences import schedule
from engine.silences.words import about, span_text, when
from tui import text
from tui.silences.rows import GLYPHS, comes_again
from tui.widgets.cells import Cell, Span, cell, fit, wrap

if TYPE_CHECKING:
    from datetime import datetime

    from engine.silences.model import SilenceDraft
    from tui.silences.entries import SilenceEntry
    from tui.theme import Glyphs

LABEL: Final = 10
"""Cells of what a line is about."""
TIMES: Final = 2
"""Times at which one holds that are told beforehand."""


def told_lines(entry: SilenceEntry, width: int, now: datetime, glyphs: Glyphs) -> tuple[Cell, ...]:
    """Return a silence for a pane of this width."""
    inner = max(10, width - 2)
    found = entry.silence
    head = (
        Span(f"{glyphs.lamp(GLYPHS[entry.status])} ", "accent" if found.active else "muted"),
        Span(entry.status, "strong"),
    )
    facts = [
        ("holds", when(found) if comes_again(found) else ""),
        ("until", "" if found.until is None else text.exact(found.until, now)),
        ("next", "" if found.next_at is None else text.exact(found.next_at, now)),
        ("first", text.exact(found.starts_at, now)),
        ("last", "" if found.ends_at is None else text.exact(found.ends_at, now)),
        ("by", f"{found.created_by}, {text.age(found.created_at, now)} ago"),
        ("ended by", found.ended_by or ""),
        ("ended", "" if found.ended_at is None else text.exact(found.ended_at, now)),
    ]
    lines: list[Cell] = [head, *wrap(text.clean(entry.name), inner, "strong")]
    lines += [*wrap(text.clean(found.reason), inner, "plain"), ()]
    lines += [(Span(f"{name:<{LABEL}}", "muted"), *cell(said)) for name, said in facts if said]
    meant = "Alerts are kept back while it holds; incidents open and close as ever."
    lines += [(), *wrap(meant, inner, "muted")]
    return tuple((Span(" "), *fit(line, inner)) for line in lines)


def coming(draft: SilenceDraft, now: datetime) -> list[tuple[datetime, datetime | None]]:
    """Return when a draft would hold: the next few times, each with its end or None."""
    planned = schedule.Planned.of(draft, now)
    found: list[tuple[datetime, datetime | None]] = []
    at: datetime | None = now if schedule.holds(planned, now) else schedule.next_at(planned, now)
    while at is not None and len(found) < TIMES:
        found.append((at, schedule.until(planned, at)))
        at = schedule.next_at(planned, at)
    return found


def coming_lines(draft: SilenceDraft, now: datetime, width: int) -> tuple[Cell, ...]:
    """Return what a draft would keep quiet, and when."""
    times = coming(draft, now)
    if not times:
        return wrap("It would never hold.", width, "degraded")
    said = ", then ".join(_time(begins, ends, now) for begins, ends in times)
    return wrap(f"Quiet {said}.", width, "plain", most=2)


def _time(begins: datetime, ends: datetime | None, now: datetime) -> str:
    first = "from now" if begins == now else text.moment(begins, now)
    if ends is None:
        return f"{first}, until somebody ends it"
    # An end that was typed as a span is counted from when it was read, a blink before now.
    lasts = span_text(60 * round((ends - begins).total_seconds() / 60))
    return f"{first} to {text.moment(ends, begins)} UTC ({lasts})"


def about_text(draft: SilenceDraft, thing_name: str | None) -> str:
    """Return what a draft is about, safe to show."""
    return text.clean(about(draft, thing_name))
