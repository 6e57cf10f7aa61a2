"""A list with its filter, order and marks, and the story of what the cursor is on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, cast

from textual.containers import Horizontal, Vertical

from tui import text
from tui.inventory import bulk, words
from tui.inventory.listing import ItemT, Listing, ListingSource, View
from tui.inventory.pane import ItemPane
from tui.widgets.dialogs import Choose, Report
from tui.widgets.filter_bar import FilterBar
from tui.widgets.screen import BoardScreen, Empty
from tui.widgets.titles import set_title
from tui.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.notifications import SeverityLevel

    from tui.desk import Desk
    from tui.inventory.bulk import Deed, Outcome, Thing
    from tui.widgets.row_source import Row

RENEW_S = 10
"""Seconds after which the ages in the list are read again, when nothing else changed."""


class ListScreen(BoardScreen["bool"], Generic[ItemT]):
    """The snapshot is only whether the tenant has any; the table asks for its rows itself.

    A subclass sets `LISTING` and `PANE`, and binds the actions.
    """

    LISTING: type[Listing[ItemT]]
    PANE: type[ItemPane[ItemT]]
    LIST_ONLY: ClassVar[frozenset[str]] = frozenset({"filter", "sort", "reverse"})
    """What makes no sense while one story has the whole screen."""
    NEEDS_ONE: ClassVar[frozenset[str]] = LIST_ONLY | {"copy", "back"}
    """What needs a thing in sight, or the list itself."""

    MARKS: ClassVar[bool] = True
    """Whether rows can be marked, where anything may be changed."""

    CSS_PATH = Path(__file__).with_name("screen.tcss")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.listing: Listing[ItemT] = self.LISTING(desk)
        self._view = View(tenant_id="", query=desk.take_filter(), sort=self.listing.order)
        self._shown: View | None = None
        self._names: dict[str, str] = {}
        self._read_at = desk.now()
        self._under_way = ""
        self._seeking = False

    # What a subclass may add

    def compose_above(self) -> ComposeResult:
        """Yield what stands above the list: nothing."""
        yield from ()

    # The body

    def compose_body(self) -> ComposeResult:
        """Yield the list under its filter, and the story beside it."""
        with Horizontal(id="inventory"):
            with Vertical(id="list"):
                yield FilterBar(self._view.query, examples=self.listing.examples)
                yield from self.compose_above()
                yield WindowTable(
                    self.listing.columns,
                    marks=self.MARKS and not self.desk.read_only,
                    glyphs=self.desk.glyphs,
                    id="rows",
                    classes="panel",
                )
            yield self.PANE(self.desk)

    async def load(self) -> bool:
        """Read whether there is any; the page is the table's own affair."""
        items, _ = await self.listing.page(
            View(tenant_id=self.desk.tenant_id), anchor=None, limit=1
        )
        return bool(items)

    def nothing_in(self, snapshot: bool) -> bool:
        """Whether the tenant has no such thing at all."""
        return not snapshot

    def empty(self) -> Empty:
        """Say how the first one comes here."""
        return words.empty(self.listing.noun, self.desk.tenant_id, read_only=self.desk.read_only)

    def show(self, snapshot: bool) -> None:  # noqa: ARG002 - the table reads for itself
        """Show the view, or renew it when it is in the table already."""
        self._view = replace(self._view, tenant_id=self.desk.tenant_id)
        self._read_at = self.desk.now()
        if self._shown == self._view:
            self.table.reload()
        else:
            self._set_view(self._view)

    def tick(self) -> None:
        """Renew the ages."""
        self.pane.renew()
        if (self.desk.now() - self._read_at).total_seconds() >= RENEW_S and not self.desk.paused:
            self._read_at = self.desk.now()
            self.table.reload()

    @property
    def table(self) -> WindowTable:
        """The list."""
        return self.query_one(WindowTable)

    @property
    def pane(self) -> ItemPane[ItemT]:
        """The story."""
        return self.query_one(ItemPane)

    @property
    def item(self) -> ItemT | None:
        """The thing under the cursor."""
        row = self.table.cursor_row
        return None if row is None else self.item_of(row)

    def item_of(self, row: Row) -> ItemT:
        """Return what a row was made from."""
        return cast("ItemT", row.record)

    # Filter and order

    def _set_view(self, view: View) -> None:
        self._view = self._shown = view
        self.table.nothing = words.nothing_matches(self.listing.noun, view.query)
        self.table.set_sort(view.sort, descending=view.descending)
        self.table.set_source(ListingSource(self.listing, view))
        self._draw_title()

    def _draw_title(self, total: int | None = None) -> None:
        view, glyphs = self._view, self.desk.glyphs
        # Nothing was read yet: that is not none.
        uncounted = None if self.table.is_starting else 0
        title = words.list_title(
            self.listing.title,
            (self.table.total or uncounted) if total is None else total,
            len(self.table.marked),
            query=view.query,
            sort=view.sort,
            arrow=glyphs.descending if view.descending else glyphs.ascending,
        )
        set_title(self.table, title, self._under_way)
        self.refresh_bindings()

    def say_under_way(self, words: str) -> None:
        """Say below the list what is being done to its things; empty when nothing is."""
        self._under_way = words
        self._draw_title()

    def action_filter(self) -> None:
        """Open the line for the filter."""
        self.query_one(FilterBar).open()

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        """Show what matches."""
        self._set_view(replace(self._view, query=event.text))

    def on_filter_bar_closed(self) -> None:
        """Go back to the list."""
        self.table.focus()

    def action_sort(self) -> None:
        """Offer the orders."""
        options = [(field, said) for field, (said, _) in self.listing.sorts.items()]
        self.app.push_screen(Choose("Sort by", options, current=self._view.sort), self._sort)

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._sort(self._view.sort)

    def _sort(self, field: str | None) -> None:
        if field is None:
            return
        falls = self.listing.sorts[field][1]
        turned = not self._view.descending if field == self._view.sort else falls
        self._set_view(replace(self._view, sort=field, descending=turned))

    def on_window_table_sort_asked(self, event: WindowTable.SortAsked) -> None:
        """Sort by the title that was clicked."""
        self._sort(event.field)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done here and now."""
        if self.state in {"loading", "error", "empty"} and action in self.NEEDS_ONE:
            return False
        full = self.has_class("-full")
        if action == "back":
            return full or bool(self._view.query or (self.is_mounted and self.table.marked))
        return not (full and action in self.LIST_ONLY) and super().check_action(action, parameters)

    # The list's messages

    def on_window_table_loaded(self, event: WindowTable.Loaded) -> None:
        """Renew the count in the title; the rows may hold what another place sent here for."""
        self._draw_title(event.total)
        self._go_to_wanted()

    def on_screen_resume(self) -> None:
        """Go to what another place sent here for."""
        if self.snapshot and not self.table.is_starting:
            self._go_to_wanted()

    def is_early(self) -> bool:
        """Whether keys wait, also for the row that another place sent here for."""
        sent = self._seeking or (self.desk.wanted is not None and self.state == "normal")
        return sent or super().is_early()

    def _go_to_wanted(self) -> None:
        wanted, self.desk.wanted = self.desk.wanted, None
        if wanted is not None and not self.table.go_to(wanted):
            self._seeking = True
            self.run_worker(self._narrow_to(wanted), name="wanted", exit_on_error=False)
        self.give_keys_back()

    async def _narrow_to(self, wanted: str) -> None:
        """Filter by name: what the table's window does not hold can't be gone to."""
        try:
            query = words.by_name(await self.listing.name_of(wanted))
            if query != self._view.query:
                self.desk.wanted = wanted
                self.query_one(FilterBar).take(query)
                self._set_view(replace(self._view, query=query))
        finally:
            self._seeking = False
            if not self.is_early():
                # It is nowhere: keys that were meant for it must not meet another row.
                self._held.drop()

    def on_window_table_moved(self, event: WindowTable.Moved) -> None:
        """Tell the story of the thing under the cursor."""
        self.pane.tell(None if event.row is None else self.item_of(event.row))

    def on_window_table_marked(self, event: WindowTable.Marked) -> None:
        """Keep the names of what is marked: rows out of sight are not in the table."""
        rows = {key: self.table.find(key) for key in event.keys}
        self._names = {
            key: self._names.get(key, key) if row is None else self.item_of(row).name
            for key, row in rows.items()
        }
        self._draw_title()

    def on_window_table_opened(self) -> None:
        """Give the story the whole screen."""
        self._set_full(True)
        self.pane.focus()

    def _set_full(self, full: bool) -> None:
        self.set_class(full, "-full")
        self.pane.set_class(full, "-full")
        self.pane.renew()
        self.refresh_bindings()

    def action_back(self) -> None:
        """Leave the story, else clear the filter, else the marks."""
        if self.has_class("-full"):
            self._set_full(False)
            self.table.focus()
        elif self._view.query:
            self.query_one(FilterBar).clear()
        elif self.table.marked:
            self.table.clear_marks()

    # What is done to several

    async def do_to(self, deed: Deed[Any], facade: Any, things: Sequence[Thing]) -> None:
        """Do a deed to things, with progress said below the list and a summary at the end."""

        def progress(done: int) -> None:
            if len(things) > 1:
                self.say_under_way(f"{deed.title} {done:,} of {len(things):,}")

        progress(0)
        try:
            outcomes = await bulk.run(deed, facade, self.desk.tenant_id, things, progress)
        finally:
            self.say_under_way("")
        self.table.clear_marks()
        self._tell_outcomes(deed, outcomes)

    def _tell_outcomes(self, deed: Deed[Any], outcomes: Sequence[Outcome]) -> None:
        """Say it briefly when all is said by that, else as a report."""
        glyphs = self.desk.glyphs
        if len(outcomes) == 1:
            only = outcomes[0]
            severity: SeverityLevel = "error" if only.error else "information"
            said = text.clean(only.error or only.said)
            self.notify(said, severity=severity, markup=False, timeout=10 if only.error else 4)
        elif bulk.needs_report(outcomes):
            title = f"{deed.title}: {text.plural(len(outcomes), deed.noun)}"
            build = lambda width: bulk.summary_lines(deed, outcomes, width, glyphs)  # noqa: E731
            self.app.push_screen(Report(title, build))
        else:
            self.notify(bulk.headline(deed, outcomes), markup=False, timeout=4)

    def action_copy(self) -> None:
        """Copy the id to the terminal's clipboard."""
        if self.item is not None:
            self.app.copy_to_clipboard(self.item.id)
            self.notify(f"Copied the id of {text.clean(self.item.name)}", markup=False, timeout=2)
