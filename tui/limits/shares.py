"""Who used a meter, what a sum holds, and which levels were reached, as lines: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import gauges, text
from tui.health.story import fact
from tui.limits.charts import used_of
from tui.widgets.cells import Cell, Span, cell, fit
from tui.widgets.meter import bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.limits.results import LimitTransition
    from engine.usage.results import UsageTotal
    from tui.limits.told import Told
    from tui.theme import Glyphs

BAR = 8
MOST = 6
"""Models, agents and levels that are told at most."""


def total_lines(total: UsageTotal, width: int) -> list[Cell]:
    """Return what was used this month, a line each."""
    tokens = f"{total.tokens_in:,} in, {total.tokens_out:,} out"
    lines = [
        fact("cost", (Span(text.cost(total.cost_nanos), "strong"),), width),
        fact("tokens", cell(tokens, "plain"), width),
        fact("calls", cell(f"{total.calls:,}"), width),
    ]
    if total.tokens_cached:
        lines.insert(2, fact("cached", cell(f"{total.tokens_cached:,} of those in"), width))
    if total.errors:
        lines.append(fact("errors", cell(f"{total.errors:,}", "failing"), width))
    if total.unpriced:
        said = f"+ {text.plural(total.unpriced, 'call')} unpriced: the real cost is higher"
        lines.append(fact("unpriced", cell(said, "degraded"), width))
    if total.warned or total.blocked:
        said = f"{total.warned:,} warned, {total.blocked:,} blocked"
        lines.append(fact("policy", cell(said), width))
    return lines


def user_lines(told: Told, title: str, totals: Sequence[UsageTotal], width: int) -> list[Cell]:
    """Return the most of `totals`, each with its share of what is shown as a bar."""
    if not totals:
        return []
    found, measure = totals[:MOST], told.measure
    most = max(1, *(used_of(total, measure) for total in found))
    more = f"  {len(found)} of {len(totals)}" if len(totals) > len(found) else ""
    room = max(8, width - BAR - 30)
    head = (
        *fit((Span(title, "strong"), Span(more, "muted")), room + BAR + 2),
        *fit((Span("cost", "muted"),), 10, right=True),
        *fit((Span("tokens", "muted"),), 8, right=True),
        *fit((Span("calls", "muted"),), 9, right=True),
    )
    return [
        fit(head, width),
        *(_user(total, used_of(total, measure) / most, room, told.glyphs) for total in found),
    ]


def _user(total: UsageTotal, share: float, room: int, glyphs: Glyphs) -> Cell:
    priced = total.cost_nanos or total.unpriced < total.calls
    cost = text.short_cost(total.cost_nanos) if priced else "unpriced"
    return (
        *fit(cell(total.name or total.key), room),
        Span(" "),
        *bar(100 * max(0.0, share), BAR, "accent", glyphs),
        Span(" "),
        *fit((Span(cost, "plain" if priced else "degraded"),), 10, right=True),
        *fit((Span(text.short(total.tokens), "muted"),), 8, right=True),
        *fit((Span(text.short(total.calls), "muted"),), 9, right=True),
    )


def level_lines(reached: Sequence[LimitTransition], width: int) -> list[Cell]:
    """Return the warning levels that were reached, newest first."""
    if not reached:
        return [(Span("No warning level was reached so far.", "muted"),)]
    lines: list[Cell] = [(Span("levels reached", "strong"),)]
    for one in reached[:MOST]:
        over = one.level >= 100  # noqa: PLR2004 - the hundred of per cent
        when = f"{one.at:%b} {one.at.day} {one.at:%H:%M}"
        used = gauges.amount(one.measure, one.used)
        line = (
            Span(f"{when:<13}", "muted"),
            Span(f"{one.level:>4g}%", "failing" if over else "degraded"),
            Span(f" of {one.measure:<7}"),
            Span(f"{used} of {gauges.amount(one.measure, one.limit)}", "muted"),
        )
        lines.append(fit(line, width))
    return lines
