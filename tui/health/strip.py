"""A day at a glance: a lamp for each part of it, the hours below, and where one stands: pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tui import text
from tui.theme import Glyphs, look
from tui.widgets.cells import Cell, Span, joined

if TYPE_CHECKING:
    from datetime import datetime

    from engine.health.model import DayStrip
    from tui.theme import Tone

PARTS = (144, 96, 72, 48, 24)
"""Into how many parts a day goes: of ten minutes where there is room, else of up to an hour."""

MARGIN = 1
LABEL_HOURS = {144: 2, 96: 3, 72: 3, 48: 3, 24: 6}
"""Hours between two labels."""


def parts_for(width: int) -> int:
    """Return into how many parts a day goes on a line of so many cells."""
    return next((parts for parts in PARTS if parts <= width - 2 * MARGIN), PARTS[-1])


def strip_lines(strip: DayStrip, at: datetime, glyphs: Glyphs) -> tuple[Cell, ...]:
    """Return the day's lamps, and below them the hours with a mark at the time `at`."""
    lamps = [_lamp(slot.state, glyphs) for slot in strip.slots]
    return ((Span(" " * MARGIN), *joined(lamps)), (Span(" " * MARGIN), *_hours(strip, at, glyphs)))


def _lamp(state: str | None, glyphs: Glyphs) -> Span:
    if state is None:
        return Span(glyphs.gap, "muted")
    # A day is mostly well: what is well stands back, or what is not would drown in it.
    tone: Tone = "muted" if state == "healthy" else look(state).tone
    return Span(glyphs.lamp(state), tone)


def _hours(strip: DayStrip, at: datetime, glyphs: Glyphs) -> Cell:
    count = len(strip.slots)
    line = [" "] * count
    every = LABEL_HOURS.get(count, 6) * 3600 // strip.slot_s
    for start in range(0, count, every):
        label = f"{start * strip.slot_s // 3600:02d}"
        line[start : start + 2] = label
    here = place_of(strip, at)
    before, after = "".join(line[:here]), "".join(line[here + 1 : count])
    return (Span(before, "muted"), Span(glyphs.now, "accent"), Span(after, "muted"))


def place_of(strip: DayStrip, at: datetime) -> int:
    """Return which part of the day a time is in."""
    seconds = int((at - strip.day).total_seconds())
    return max(0, min(len(strip.slots) - 1, seconds // strip.slot_s))


def end_of(strip: DayStrip, place: int) -> datetime:
    """Return the last moment of a part of the day, to the second."""
    return strip.day + timedelta(seconds=(place + 1) * strip.slot_s - 1)


def strip_words(strip: DayStrip, at: datetime, glyphs: Glyphs) -> str:
    """Return what was in the part of the day in which one stands: `✖ 3 failing 13:45-14:00`."""
    place = place_of(strip, at)
    slot = strip.slots[place]
    begin = strip.day + timedelta(seconds=place * strip.slot_s)
    span = f"{begin:%H:%M}-{begin + timedelta(seconds=strip.slot_s):%H:%M}"
    if slot.state is None:
        return f"{span}  nothing was there"
    found = look(slot.state)
    many = f"{text.number(slot.failing)} " if slot.failing else ""
    return f"{span}  {glyphs.lamp(slot.state)} {many}{found.word}"
