"""The two lines of statistics above a list: by status, by type, and how checks ended. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui import text
from tui.theme import status_look
from tui.widgets.cells import Cell, Span, between, cell_width

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.theme import Glyphs


@dataclass(frozen=True, kw_only=True, slots=True)
class Statistics:
    """What is counted of one kind of things.

    Attributes:
        noun: What one of them is called.
        total: How many there are.
        by_status: How many are in each status, in the order in which they are shown.
        by_type: How many are of each type.
        passes: Checks that passed so far.
        failures: Checks that failed so far.
    """

    noun: str
    total: int
    by_status: Mapping[str, int] = field(default_factory=dict)
    by_type: Mapping[str, int] = field(default_factory=dict)
    passes: int = 0
    failures: int = 0


def statistics_lines(stats: Statistics | None, width: int, glyphs: Glyphs) -> tuple[Cell, ...]:
    """Return two lines: how many by status and how checks ended; how many by type."""
    if stats is None:
        return ((Span(f" {glyphs.gap}", "muted"),), ())
    right = (
        Span(f"  {text.plural(stats.passes, 'connection')}"),
        Span(f"  {text.plural(stats.failures, 'error')} ", "muted"),
    )
    left = [Span(f" {text.plural(stats.total, stats.noun)}", "strong")]
    room = width - cell_width((*left, *right))
    for span in (_count(status, count) for status, count in stats.by_status.items()):
        # A count that is cut is a wrong count: what has no room is left out whole.
        room -= text.width(span.text)
        left += [span] if room >= 0 else []
    types = sorted(stats.by_type.items(), key=lambda pair: (-pair[1], pair[0]))
    spans = [
        part
        for name, count in types
        for part in (Span(f" {count:,}"), Span(f" {text.clean(name)} ", "muted"))
    ]
    return (between(tuple(left), right, width), tuple(spans))


def _count(status: str, count: int) -> Span:
    return Span(f"  {count:,} {status}", status_look(status).tone if count else "muted")
