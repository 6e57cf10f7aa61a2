"""Titles of panels, set only when they differ: Textual repaints the whole widget for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tui import text

if TYPE_CHECKING:
    from textual.widget import Widget


def set_title(widget: Widget, title: str, subtitle: str = "") -> None:
    """Write cleaned titles into a panel's border, without markup; empty ones go away."""
    for name, value in (("border_title", title), ("border_subtitle", subtitle)):
        content = Content(text.clean(value)) if value else None
        before = getattr(widget, name)
        if before != (content.markup if content is not None else None):
            setattr(widget, name, content)
