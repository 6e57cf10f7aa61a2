"""Who did what, when, to which thing: newest first, paged, with one entry's whole story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from tui import paging, text
from tui.activity import rows
from tui.widgets.filter_bar import FilterBar
from tui.widgets.lines import Lines
from tui.widgets.screen import WIDE, BoardScreen, Empty
from tui.widgets.titles import set_title
from tui.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from engine.activity.facade import ActivityEntry, ActivityPage
    from tui.desk import Desk
    from tui.widgets.row_source import Ask, Row

EXAMPLES = "maria  action:created  !origin:cli"


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivitySource:
    """A tenant's activity that matches a query, as a table's source; it is never counted."""

    desk: Desk
    tenant_id: str
    query: str = ""

    async def fetch(self, ask: Ask) -> Sequence[Row]:
        """Return one page of entries, newest first."""
        workspace = await self.desk.workspace()
        page = await workspace.activity.page(
            self.tenant_id, query=self.query, anchor=paging.anchor(ask), limit=ask.limit
        )
        now = self.desk.now()
        return [rows.row(entry, key, now) for entry, key in zip(page.items, page.keys, strict=True)]

    async def count(self) -> int | None:
        """Return None: a history has no use for its length, and counting it would cost."""
        return None


class ActivityScreen(BoardScreen["ActivityPage"]):
    """The history of a tenant's changes."""

    MODE = "activity"
    CSS_PATH = "screen.tcss"
    WATCHES: ClassVar[frozenset[str]] = frozenset({"activity"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", tooltip="Show only what matches; ! inverts"),
        Binding("escape", "back", "Back", show=False, tooltip="From the entry, then the filter"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._query = desk.take_filter()
        self._shown: tuple[str, str] | None = None

    def compose_body(self) -> ComposeResult:
        """Yield the list and one entry beside it."""
        yield FilterBar(self._query, examples=EXAMPLES)
        with Horizontal(id="split"):
            table = WindowTable(rows.COLUMNS, glyphs=self.desk.glyphs, id="rows", classes="panel")
            table.border_title = "Activity"
            table.border_subtitle = "newest first"
            yield table
            entry = Lines(id="entry", classes="panel")
            entry.border_title = "Entry"
            yield entry

    async def load(self) -> ActivityPage:
        """Look whether there is any; the table pages through all of it by itself."""
        workspace = await self.desk.workspace()
        return await workspace.activity.page(self.desk.tenant_id, limit=1)

    def nothing_in(self, snapshot: ActivityPage) -> bool:
        """Whether nothing was ever done."""
        return not snapshot.items

    def empty(self) -> Empty:
        """Say what will be here."""
        return Empty(
            title=f"Nothing was done yet for {text.clean(self.desk.tenant_id)}",
            text="Each change appears here with who made it. Press 2 for Sources.",
        )

    def show(self, snapshot: ActivityPage) -> None:  # noqa: ARG002 - the table loads its own pages
        """Give the table its source, or have it load again in place."""
        table = self.query_one(WindowTable)
        wanted = (self.desk.tenant_id, self._query)
        if self._shown == wanted:
            table.reload()
            return
        self._shown = wanted
        table.set_source(ActivitySource(desk=self.desk, tenant_id=wanted[0], query=wanted[1]))

    def on_window_table_moved(self, event: WindowTable.Moved) -> None:
        """Show the entry under the cursor."""
        pane = self.query_one("#entry", Lines)
        if event.row is None:
            pane.show(lambda _: ())
            return
        entry, now = cast("ActivityEntry", event.row.record), self.desk.now()
        pane.show(lambda width: rows.entry_lines(entry, width, now))

    def on_window_table_opened(self, event: WindowTable.Opened) -> None:
        """Show the entry alone where there is no room for both."""
        del event
        if self.size.width < WIDE:
            self.add_class("-entry")

    def action_back(self) -> None:
        """Go back from an entry to the list, then from the filter to everything."""
        if self.has_class("-entry"):
            self.remove_class("-entry")
        elif self._query:
            self.query_one(FilterBar).clear()

    def action_filter(self) -> None:
        """Type what is to be shown."""
        self.query_one(FilterBar).open()

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        """Show what matches, from the newest on."""
        self._query = event.text
        table = self.query_one(WindowTable)
        said = f"  /{event.text}" if event.text else ""
        set_title(table, f"Activity{said}", "newest first")
        table.nothing = f"Nothing matches {event.text}. esc shows all."
        if self.snapshot is not None:
            self.show(self.snapshot)

    def on_filter_bar_closed(self) -> None:
        """Go on in the table."""
        self.query_one(WindowTable).focus()
