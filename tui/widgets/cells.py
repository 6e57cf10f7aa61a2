"""A table's cells as plain data: toned spans of clean text, made by the pure `rows.py` modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui import text
from tui.theme import UNICODE, Glyphs, look, status_look

if TYPE_CHECKING:
    from tui.theme import Tone


class Span(NamedTuple):
    """A piece of clean text in one tone."""

    text: str
    tone: Tone = "plain"


Cell = tuple[Span, ...]
"""What one column shows of one row."""


def cell(value: object, tone: Tone = "plain") -> Cell:
    """Return a cell of text from anywhere; it is cleaned here, and None becomes a muted dash."""
    if value is None or value == "":
        return (Span(text.NOTHING, "muted"),)
    return (Span(text.clean(str(value)), tone),)


def lamp_cell(state: object, glyphs: Glyphs = UNICODE) -> Cell:
    """Return the lamp alone: its glyph in its tone."""
    return (Span(glyphs.lamp(state), look(state).tone),)


def state_cell(state: object, glyphs: Glyphs = UNICODE, *, word: str = "") -> Cell:
    """Return glyph and word of a health state; `word` says more than the state's own name."""
    found = look(state)
    return (Span(f"{glyphs.lamp(state)} {text.clean(word) or found.word}", found.tone),)


def status_cell(status: object) -> Cell:
    """Return the word of an integration's status in its tone."""
    found = status_look(status)
    return (Span(found.word, found.tone),)


def cell_text(value: Cell) -> str:
    """Return a cell's text without its tones."""
    return "".join(span.text for span in value)


def cell_width(value: Cell) -> int:
    """Return how many terminal cells a cell takes."""
    return sum(text.width(span.text) for span in value)


def fit(value: Cell, width: int, *, right: bool = False) -> Cell:
    """Return the cell cut or padded to exactly `width` terminal cells."""
    room = width - cell_width(value)
    if room < 0:
        return _cut(value, width)
    pad = Span(" " * room)
    return (pad, *value) if right else (*value, pad)


def _cut(value: Cell, width: int) -> Cell:
    kept: list[Span] = []
    for span in value:
        size = text.width(span.text)
        if size > width:
            short = text.ellipsis(span.text, width)
            kept.append(Span(short + " " * (width - text.width(short)), span.tone))
            break
        kept.append(span)
        width -= size
    return tuple(kept)
