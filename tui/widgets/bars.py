"""The three one-line bars around every screen: header, places, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui import text
from tui.modes import MODES
from tui.status import BoardStatus, header
from tui.widgets.cells import Cell, Span, cell_width
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from textual.events import Click

    from tui.theme import Glyphs


APART = 2
"""Cells between two places, wherever short titles make room for them."""


class Masthead(Lines):
    """Product, tenant, counts, monitor, clock. A click on it changes the tenant."""

    DEFAULT_CSS = """
    Masthead { height: 1; background: $panel; overflow: hidden; }
    """

    def __init__(self, glyphs: Glyphs, now: Callable[[], datetime]) -> None:
        super().__init__(id="masthead")
        self._glyphs = glyphs
        self._now = now

    def set_status(self, status: BoardStatus) -> None:
        """Show a status as of now; repaints only when its text differs."""
        now = self._now()
        self.show(lambda width: (header(status, now, width, self._glyphs),))

    async def on_click(self) -> None:
        """Offer the other tenants."""
        await self.run_action("app.choose_tenant")


class ModeBar(Lines):
    """The places by number; the one in sight stands out."""

    DEFAULT_CSS = """
    ModeBar { height: 1; overflow: hidden; margin: 0 0 0 0; }
    """

    def __init__(self, current: str) -> None:
        super().__init__(id="modes")
        self._current = current

    def on_mount(self) -> None:
        """Draw the places, once: they don't change."""
        self.show(lambda width: (mode_line(self._current, width),))

    async def on_click(self, event: Click) -> None:
        """Go to the place that was clicked."""
        name = mode_at(event.x, self.size.width)
        if name:
            await self.run_action(f"app.go({name!r})")


class KeyBar(Lines):
    """What can be done here, and how old the data is."""

    DEFAULT_CSS = """
    KeyBar { height: 1; overflow: hidden; }
    """

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._hints: tuple[Hint, ...] = ()
        self._age: Cell = ()

    def set_hints(self, hints: Sequence[Hint]) -> None:
        """Show these keys, as many as fit."""
        self._hints = tuple(hints)
        self._draw()

    def set_age(self, age: Cell) -> None:
        """Show how old the data is, at the right."""
        self._age = age
        self._draw()

    def _draw(self) -> None:
        hints, age = self._hints, self._age
        self.show(lambda width: (key_line(hints, age, width),))

    def on_click(self, event: Click) -> None:
        """Do what the hint under the mouse names."""
        room = self.size.width - cell_width(self._age)
        for start, end, hint in placed_hints(self._hints, room):
            if start <= event.x < end:
                self.app.simulate_key(hint.key)


class Hint(NamedTuple):
    """One key's hint: the key as people read it, a word, the key as Textual names it."""

    shown: str
    word: str
    key: str


def mode_line(current: str, width: int) -> Cell:
    """Return the bar of places; they stand closer, under shorter titles, where it is narrow."""
    spans: list[Span] = [Span(" ")]
    titles, gap = mode_titles(width)
    for mode, title in zip(MODES, titles, strict=True):
        here = mode.name == current
        spans += [
            Span(mode.key, "accent" if here else "muted"),
            Span(f" {title}", "strong" if here else "muted"),
            Span(" " * gap),
        ]
    return tuple(spans)


def mode_at(x: int, width: int) -> str:
    """Return the name of the place at column `x` of the bar, empty beside them."""
    start = 1
    titles, gap = mode_titles(width)
    for mode, title in zip(MODES, titles, strict=True):
        end = start + len(mode.key) + 1 + len(title)
        if start <= x < end:
            return mode.name
        start = end + gap
    return ""


def mode_titles(width: int) -> tuple[list[str], int]:
    """Return the titles that fit into `width` cells, and the cells between two places.

    What saves most is shortened first, until the places stand `APART`; where even that is too
    much, all are short.
    """
    titles = {mode.name: mode.title for mode in MODES}
    for mode in sorted(MODES, key=lambda one: len(one.short) - len(one.title)):
        if _mode_room(titles.values(), width) >= APART * (len(MODES) - 1):
            break
        titles[mode.name] = mode.short
    room = _mode_room(titles.values(), width)
    return list(titles.values()), max(1, min(3, room // (len(MODES) - 1)))


def _mode_room(titles: Iterable[str], width: int) -> int:
    """Return how many cells are left for the gaps."""
    keys = sum(len(mode.key) + 1 for mode in MODES)
    return width - 1 - keys - sum(map(len, titles))


def key_line(hints: Sequence[Hint], age: Cell, width: int) -> Cell:
    """Return the bar of keys: whole hints only, the age at the right."""
    room = width - cell_width(age)
    spans: list[Span] = [Span(" ")]
    for _, _, hint in placed_hints(hints, room):
        spans += [Span(hint.shown, "accent"), Span(f" {hint.word}", "muted"), Span("  ")]
    used = cell_width(tuple(spans))
    return (*spans, Span(" " * max(0, room - used)), *age)


def placed_hints(hints: Sequence[Hint], room: int) -> list[tuple[int, int, Hint]]:
    """Return the hints that fit into `room` cells, each with its first column and the one after."""
    placed: list[tuple[int, int, Hint]] = []
    start = 1
    for hint in hints:
        end = start + text.width(hint.shown) + 1 + text.width(hint.word)
        if end + 2 > room:
            break
        placed.append((start, end, hint))
        start = end + 2
    return placed
