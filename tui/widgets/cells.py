"""A table's cells as plain data: toned spans of clean text, made by the pure `rows.py` modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui import text
from tui.theme import UNICODE, Glyphs, look, status_look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.theme import Tone


class Span(NamedTuple):
    """A piece of clean text in one tone."""

    text: str
    tone: Tone = "plain"


Cell = tuple[Span, ...]
"""What one column shows of one row."""


class Mark(NamedTuple):
    """A place in lines of text: line and column counted from 0, and how many characters."""

    line: int
    column: int
    length: int


def cell(value: object, tone: Tone = "plain") -> Cell:
    """Return a cell of text from anywhere; it is cleaned here, and None becomes a muted dash."""
    if value is None or value == "":
        return (Span(text.NOTHING, "muted"),)
    return (Span(text.clean(str(value)), tone),)


def lamp_cell(state: object, glyphs: Glyphs = UNICODE) -> Cell:
    """Return the lamp alone: its glyph in its tone."""
    return (Span(glyphs.lamp(state), look(state).tone),)


def status_cell(status: object) -> Cell:
    """Return the word of a status in its tone."""
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
            # Padding is cut silently: a mark stands only where words were lost.
            short = text.ellipsis(span.text, width) if span.text.strip() else ""
            kept.append(Span(short + " " * (width - text.width(short)), span.tone))
            break
        kept.append(span)
        width -= size
    return tuple(kept)


def wrap(value: str, width: int, tone: Tone = "plain", *, most: int = 0) -> tuple[Cell, ...]:
    """Return clean text as lines of at most `width` cells, at most `most` of them (0: all)."""
    lines: list[str] = []
    current = ""
    for word in _words(text.clean(value), max(1, width)):
        joined = f"{current} {word}" if current else word
        if text.width(joined) <= width:
            current = joined
            continue
        lines.append(current)
        current = word
    lines.append(current)
    if most and len(lines) > most:
        lines[most - 1] = text.ellipsis(" ".join(lines[most - 1 :]), width)
        lines = lines[:most]
    return tuple((Span(line, tone),) for line in lines if line)


def _words(value: str, width: int) -> list[str]:
    """Return the words, those wider than a line cut into pieces of a line."""
    words: list[str] = []
    for word in value.split():
        rest = word
        while text.width(rest) > width:
            size = _fitting(rest, width)
            words.append(rest[:size])
            rest = rest[size:]
        words.append(rest)
    return words


def _fitting(word: str, width: int) -> int:
    size = min(len(word), width)
    while size > 1 and text.width(word[:size]) > width:
        size -= 1
    return size


def between(left: Cell, right: Cell, width: int) -> Cell:
    """Return one line with a left and a right part; the left is cut where there is no room."""
    room = width - cell_width(right)
    return fit(left, width) if room <= 0 else (*fit(left, room), *right)


def joined(spans: Sequence[Span]) -> Cell:
    """Return neighbours of one tone as one span: fewer segments to paint."""
    found: list[Span] = []
    for span in spans:
        if found and found[-1].tone == span.tone:
            found[-1] = Span(found[-1].text + span.text, span.tone)
        else:
            found.append(span)
    return tuple(found)
