"""Titles of panels, set only when they differ: Textual repaints the whole widget for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tui import text
from tui.theme import ascii_marks

if TYPE_CHECKING:
    from textual.widget import Widget


def title(widget: Widget, words: str) -> Content:
    """Return cleaned words as a title of this widget, in plain letters where those are wanted."""
    cleaned = text.clean(words)
    return Content(ascii_marks(cleaned) if widget.app.has_class("-ascii") else cleaned)


def set_title(widget: Widget, heading: str, subtitle: str = "") -> None:
    """Write cleaned titles into a panel's border, without markup; empty ones go away."""
    for name, value in (("border_title", heading), ("border_subtitle", subtitle)):
        content = title(widget, value) if value else None
        before = getattr(widget, name)
        if before != (content.markup if content is not None else None):
            setattr(widget, name, content)
