"""Tables for people: plain aligned text, one line a record, cut to the terminal's width.

Into a pipe or a file nothing is cut. A state is glyph, word and colour; never colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from tui.cli.streams import colours, columns
from tui.text import NOTHING, clean, ellipsis, width
from tui.theme import GAUGES, HEALTH, glyphs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

GAP = "  "
LEAST = 8
"""A column is not cut to less than this while another one is wider."""

# Only the sixteen basic colours, which every terminal maps to what its owner can read.
SGR: Mapping[str, str] = {
    "healthy": "32",
    "degraded": "33",
    "failing": "31",
    "unknown": "2",
    "over": "31",
    "warned": "33",
    "ok": "32",
    "unmeasured": "2",
    "unlimited": "2",
    "head": "1",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column: its title, the record's attribute, and how to show a value of it."""

    title: str
    key: str
    show: Callable[[object], str] = str
    right: bool = False
    state: bool = False

    def text(self, record: object, *, ascii_only: bool) -> str:
        """Return the cell's text, clean and on one line."""
        value = getattr(record, self.key, None)
        if value is None or value == "":
            return NOTHING
        if self.state:
            return state_text(str(value), ascii_only=ascii_only)
        return clean(self.show(value))


def state_text(state: str, *, ascii_only: bool) -> str:
    """Return the state of a lamp or a gauge as glyph and word."""
    if state in GAUGES:
        return f"{glyphs(ascii_only=ascii_only).gauge(state)} {GAUGES[state].word}"
    return f"{glyphs(ascii_only=ascii_only).lamp(state)} {clean(state)}"


def render(records: Sequence[object], declared: Sequence[Column], stream: TextIO) -> str:
    """Return the table as text; nothing at all for no records."""
    if not records:
        return ""
    plain = not can_draw(stream)
    cells = [[column.text(row, ascii_only=plain) for column in declared] for row in records]
    widths = [
        max(width(column.title), *(width(line[place]) for line in cells))
        for place, column in enumerate(declared)
    ]
    fitted = fit(widths, columns(stream))
    colour = colours(stream)
    head = _line([column.title for column in declared], declared, fitted)
    lines = [paint(head, "head", colour=colour)]
    for row, texts in zip(records, cells, strict=True):
        lines.append(_line(_painted(row, texts, declared, fitted, colour=colour), declared, fitted))
    return "\n".join(lines) + "\n"


def _painted(
    row: object,
    texts: Sequence[str],
    declared: Sequence[Column],
    widths: Sequence[int],
    *,
    colour: bool,
) -> list[str]:
    painted = []
    for column, text, cells in zip(declared, texts, widths, strict=True):
        short = ellipsis(text, cells)
        tone = str(getattr(row, column.key, "")) if column.state else ""
        padding = " " * (cells - width(short))
        full = padding + short if column.right else short + padding
        painted.append(paint(full, tone, colour=colour))
    return painted


def _line(texts: Sequence[str], declared: Sequence[Column], widths: Sequence[int]) -> str:
    cells = []
    for column, text, wide in zip(declared, texts, widths, strict=True):
        # Painted cells are padded already; titles are not.
        padding = " " * max(0, wide - width(text)) if "\x1b" not in text else ""
        cells.append(padding + text if column.right else text + padding)
    return GAP.join(cells).rstrip()


def fit(widths: Sequence[int], available: int | None) -> list[int]:
    """Return widths that fit: the widest columns give way first, none below `LEAST`."""
    fitted = list(widths)
    if available is None:
        return fitted
    room = available - len(GAP) * (len(fitted) - 1)
    while sum(fitted) > room and max(fitted) > LEAST:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def paint(text: str, tone: str, *, colour: bool) -> str:
    """Return the text in the tone's colour, where there are colours."""
    code = SGR.get(tone)
    return f"\x1b[{code}m{text}\x1b[0m" if colour and code else text


def can_draw(stream: TextIO) -> bool:
    """Return whether the stream takes the board's own glyphs."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        "".join(look.glyph for look in HEALTH.values()).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Return labels and values below each other, the values aligned."""
    wide = max((width(label) for label, _ in pairs), default=0)
    return "".join(f"{label:<{wide}}  {clean(value)}".rstrip() + "\n" for label, value in pairs)
