"""Hundreds of lamps on one widget: a tile each, with a name while there is room for names.

One line-API widget draws them all; 200 widgets at 4 Hz take 0.94 of a core, 200 drawn on one
take 0.05.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui import text
from tui.palette import palette
from tui.widgets import painting
from tui.widgets.cells import Span, between, cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual import events

    from tui.theme import Tone

TILE_WIDTHS = (22, 18, 14, 10, 2)
"""Widths of a tile, widest first; the widest that lets all lamps be in sight wins."""

BARE = 2
"""The width of a tile without a name: glyph and gap."""

NOTED = 18
"""The least width of a tile with room for a note beside its name."""

DENSE = 1
"""The width of a lamp among more than fit otherwise: its glyph alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """One lamp on the wall: whose it is, its glyph and tone, its (clean) name and a short note."""

    key: str
    glyph: str
    tone: Tone
    label: str
    note: str = ""
    muted: bool = False


def tile_width(count: int, width: int, height: int) -> int:
    """Return the width of a tile that shows `count` lamps in the room there is: pure."""
    for candidate in TILE_WIDTHS:
        columns = width // candidate
        if columns and -(-count // columns) <= height:
            return candidate
    return DENSE


class LampWall(ScrollView, can_focus=True):
    """Lamps in reading order, worst first; `show(tiles)` keeps the cursor on the chosen lamp.

    Keys: arrows and h/j/k/l move, g/G first and last, enter opens.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move(-1, 0)", "Left", show=False),
        Binding("right,l", "move(1, 0)", "Right", show=False),
        Binding("up,k", "move(0, -1)", "Up", show=False),
        Binding("down,j", "move(0, 1)", "Down", show=False),
        Binding("home,g", "first", "First", show=False),
        Binding("end,G", "last", "Last", show=False),
        Binding("enter", "open", "Open", tooltip="Open it in its own place"),
    ]
    DEFAULT_CSS = """
    LampWall {
        background: $background;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
    }
    """

    class Pointed(Message):
        """The cursor or the mouse is on another lamp; None: there are no lamps."""

        def __init__(self, wall: LampWall, key: str | None) -> None:
            super().__init__()
            self.wall = wall
            self.key = key

        def can_replace(self, message: Message) -> bool:
            """Only the last of many moves counts."""
            return isinstance(message, LampWall.Pointed)

    class Opened(Message):
        """Enter or a click on the lamp that the cursor is on."""

        def __init__(self, wall: LampWall, key: str) -> None:
            super().__init__()
            self.wall = wall
            self.key = key

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.nothing = "No lamps."
        """What is said where there is none."""
        self._tiles: tuple[Tile, ...] = ()
        self._cursor = 0
        self._chosen = False
        self._tile = BARE
        self._columns = 1

    @property
    def cursor_key(self) -> str | None:
        """The key of the lamp under the cursor."""
        return self._tiles[self._cursor].key if self._cursor < len(self._tiles) else None

    def show(self, tiles: Sequence[Tile]) -> None:
        """Show these lamps; repaints only lines that differ."""
        before, key = self._tiles, self.cursor_key
        self._tiles = tuple(tiles)
        self._keep_cursor(key)
        if self._arrange() or len(before) != len(self._tiles):
            self.refresh()
        else:
            self._refresh_changed(before)
        if self.cursor_key != key:
            self.post_message(self.Pointed(self, self.cursor_key))

    def _keep_cursor(self, key: str | None) -> None:
        # Nobody has moved it yet: it stays on what is worst.
        if not self._chosen:
            return
        places = (place for place, tile in enumerate(self._tiles) if tile.key == key)
        self._cursor = next(places, min(self._cursor, max(0, len(self._tiles) - 1)))

    def _refresh_changed(self, before: Sequence[Tile]) -> None:
        changed = {
            place // self._columns
            for place, (old, new) in enumerate(zip(before, self._tiles, strict=True))
            if old != new
        }
        for line in changed:
            self.refresh_line(line)

    def _arrange(self) -> bool:
        """Choose the tile for the room there is; return whether the lines moved."""
        region = self.scrollable_content_region
        before = (self._tile, self._columns, self.virtual_size)
        width = max(BARE, region.width)
        self._tile = tile_width(len(self._tiles), width - 1, max(1, region.height))
        self._columns = max(1, (width - 1) // self._tile)
        self.virtual_size = Size(region.width, -(-len(self._tiles) // self._columns))
        return before != (self._tile, self._columns, self.virtual_size)

    def on_resize(self) -> None:
        """Choose the tile for the new room."""
        self._arrange()
        self.refresh()

    def notify_style_update(self) -> None:
        """Repaint in the new theme's colours."""
        super().notify_style_update()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of tiles."""
        width = self.scrollable_content_region.width
        base, colors = self.rich_style, palette(self.app)
        if not self._tiles and y == 0:
            return painting.line((Span(" "), *cell(self.nothing, "muted")), width, colors, base)
        first = (int(self.scroll_offset.y) + y) * self._columns
        strips = [painting.line((Span(" "),), 1, colors, base)]
        for place in range(first, min(first + self._columns, len(self._tiles))):
            under = base + self._under(place)
            strips.append(self._draw(self._tiles[place], under, base))
        return Strip.join(strips).adjust_cell_length(width, base)

    def _draw(self, tile: Tile, under: Style, base: Style) -> Strip:
        colors = palette(self.app)
        glyph = Span(tile.glyph, tile.tone)
        if self._tile <= BARE:
            return painting.line((glyph,), self._tile, colors, under)
        calm = tile.muted or tile.tone in {"healthy", "unknown"}
        room = self._tile - 2
        note = Span(f" {tile.note}" if tile.note and self._tile >= NOTED else "", "muted")
        label = text.ellipsis(tile.label, room - 2 - text.width(note.text))
        value = (glyph, Span(" "), Span(label, "muted" if calm else "strong"))
        named = painting.line(between(value, (note,), room), room, colors, under)
        return Strip.join([named, painting.line((), 2, colors, base)])

    def _under(self, place: int) -> Style:
        colors = palette(self.app)
        if place != self._cursor:
            return colors.plain
        return colors.cursor if self.has_focus else colors.cursor_blurred

    # Moving

    def on_key(self) -> None:
        """Hold on to the lamp that is meant, whatever the key does with it."""
        self._chosen = True

    def _move_to(self, place: int) -> None:
        self._chosen = True
        place = max(0, min(place, len(self._tiles) - 1))
        if place == self._cursor or not self._tiles:
            return
        before, self._cursor = self._cursor, place
        self.refresh_line(before // self._columns)
        line = place // self._columns
        self.refresh_line(line)
        self._scroll_into_sight(line)
        self.post_message(self.Pointed(self, self.cursor_key))

    def _scroll_into_sight(self, line: int) -> None:
        height = max(1, self.scrollable_content_region.height)
        top = int(self.scroll_offset.y)
        if not top <= line < top + height:
            self.scroll_to(y=line if line < top else line - height + 1, animate=False)

    def action_move(self, columns: int, lines: int) -> None:
        """Move by tiles; up and down stay in their column."""
        place = self._cursor + columns + lines * self._columns
        if lines and not 0 <= place < len(self._tiles):
            return
        self._move_to(place)

    def action_first(self) -> None:
        """Move to the worst lamp."""
        self._move_to(0)

    def action_last(self) -> None:
        """Move to the last lamp."""
        self._move_to(len(self._tiles) - 1)

    def action_open(self) -> None:
        """Open the lamp under the cursor."""
        if self.cursor_key is not None:
            self.post_message(self.Opened(self, self.cursor_key))

    # Mouse

    def _place_at(self, x: int, y: int) -> int | None:
        column = (x - 1) // self._tile
        place = (int(self.scroll_offset.y) + y) * self._columns + column
        return place if 0 <= column < self._columns and 0 <= place < len(self._tiles) else None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Moving over a lamp tells its story."""
        offset = event.get_content_offset(self)
        place = self._place_at(*offset) if offset is not None else None
        if place is not None:
            self._move_to(place)

    def on_click(self, event: events.Click) -> None:
        """A second click opens."""
        if event.chain > 1:
            self.action_open()
