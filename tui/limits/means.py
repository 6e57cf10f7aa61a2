"""What limits would mean, before they are set: a bar and a sentence each. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.limits.rows import state_cell
from tui.theme import gauge_look
from tui.widgets.cells import Cell, Span, wrap
from tui.widgets.meter import gauge_meter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.limits.results import Preview
    from tui.theme import Glyphs

LABEL, BAR = 9, 20


def means_lines(previews: Sequence[Preview], width: int, glyphs: Glyphs) -> tuple[Cell, ...]:
    """Return each measure with its bar, and below it what the limit means."""
    return tuple(line for one in previews for line in _lines(one, width, glyphs))


def _lines(preview: Preview, width: int, glyphs: Glyphs) -> list[Cell]:
    gauge = preview.gauge
    look = gauge_look(gauge.state)
    head = (
        Span(f"{glyphs.gauge(gauge.state)} ", look.tone),
        Span(f"{gauge.measure:<{LABEL - 2}}", "strong"),
        *gauge_meter(gauge, BAR, glyphs),
        Span(" " if gauge.percent is not None else ""),
        *state_cell(gauge),
    )
    said = wrap(preview.sentence, max(10, width - LABEL), "plain", most=2)
    if not gauge.limit:
        # One line says it all, so that the others have room.
        return [head]
    return [head, *((Span(" " * LABEL), *line) for line in said)]
