"""The place of limits: every gauge, what runs out first on top, and who uses how much."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from tui import text
from tui.inventory.headlined_list import HeadlinedList
from tui.inventory.words import FILTER_HELP
from tui.limits.entries import GAUGES, GROUPS, Entry
from tui.limits.headline import headline_cell
from tui.limits.listing import GaugeListing, TotalListing
from tui.limits.pane import LimitsPane
from tui.widgets.dialogs import Choose
from tui.widgets.screen import Empty

if TYPE_CHECKING:
    from engine.limits.results import LimitsHeadline
    from engine.workspace import Workspace
    from tui.desk import Desk
    from tui.inventory.listing import View
    from tui.widgets.cells import Cell

NOTHING_USED = "Nothing was used in this month."


class LimitsScreen(HeadlinedList[Entry, "LimitsHeadline"]):
    """Gauges or sums of usage, one's story below the list, and the form that sets limits."""

    MODE = "limits"
    LISTING = GaugeListing
    PANE = LimitsPane
    MARKS = False
    WATCHES: ClassVar[frozenset[str]] = frozenset({"usage", "limits", "integrations"})
    WRITING: ClassVar[frozenset[str]] = frozenset({"edit"})
    LIST_ONLY = HeadlinedList.LIST_ONLY | {"group"}
    NEEDS_ONE = HeadlinedList.NEEDS_ONE | {"edit", "group", "write"}
    SCOPED_CSS = False
    CSS = """
    LimitsScreen.-wide #inventory { layout: vertical; }
    LimitsScreen.-wide #detail { width: 1fr; height: 46%; min-height: 8; }
    LimitsScreen.-wide.-full #detail { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", tooltip="From the story or the filter"),
        Binding("e", "edit", "Edit limits", tooltip="Set limits, and see what they mean"),
        Binding("slash", "filter", "Filter", key_display="/", tooltip=FILTER_HELP),
        Binding("s", "sort", "Sort", tooltip="Choose the order; the same again turns it round"),
        Binding("b", "group", "By", tooltip="Gauges, or usage by tenant, provider, model, agent"),
        Binding("w", "write", "Write out", tooltip="Write the list into a CSV or JSON file"),
        Binding("y", "copy", "Copy id", show=False, tooltip="Copy the id to the clipboard"),
        Binding("S", "reverse", "Reverse", show=False, tooltip="Turn the order round"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._by = GAUGES

    # What the list asks

    async def load(self) -> bool:
        """Read whether there is any gauge, whatever the list shows."""
        workspace = await self.desk.workspace()
        items, _ = await workspace.limits.page_gauges(self.desk.tenant_id, limit=1)
        return bool(items)

    def empty(self) -> Empty:
        """Say how the first gauge comes here."""
        return Empty(
            title=f"No limits yet for {text.clean(self.desk.tenant_id)}",
            text="Each integration has its gauges here. Press 4 for Integrations, then n.",
        )

    async def read_headline(self, workspace: Workspace) -> LimitsHeadline:
        """Read how many gauges are in each state."""
        return await workspace.limits.headline(self.desk.tenant_id)

    def headline_cell(self, found: LimitsHeadline, width: int) -> Cell:
        """Return the counts, and what is left of the month."""
        return headline_cell(found, width, self.desk.now(), self.desk.glyphs)

    # What is shown

    def action_group(self) -> None:
        """Offer gauges, and usage summed up by each scope."""
        options = list(GROUPS.items())
        self.app.push_screen(Choose("Show", options, current=self._by), self._group)

    def _group(self, by: str | None) -> None:
        if by is None or by == self._by:
            return
        self._by = by
        self.listing = GaugeListing(self.desk) if by == GAUGES else TotalListing(self.desk, by)
        self.table.set_columns(self.listing.columns)
        falls = self.listing.sorts[self.listing.order][1]
        self._set_view(replace(self._view, sort=self.listing.order, descending=falls))

    def _set_view(self, view: View) -> None:
        super()._set_view(view)
        if self._by != GAUGES and not view.query:
            self.table.nothing = NOTHING_USED

    def _go_to_wanted(self) -> None:
        if self.desk.wanted is not None and self._by != GAUGES:
            # Other places send here for a gauge; once those are loaded, this is called again.
            self._group(GAUGES)
        else:
            super()._go_to_wanted()

    # What is done

    def action_edit(self) -> None:
        """Open the form of the limits of what the cursor is on."""
        item = self.item
        if item is not None:
            self.open_form(self._edit(item))

    async def _edit(self, item: Entry) -> None:
        from tui.limits.form import LimitsForm

        workspace = await self.desk.workspace()
        meter = await workspace.limits.get_meter(item.tenant_id, item.scope, item.subject)
        saved = await self.app.push_screen_wait(LimitsForm(self.desk, meter))
        if saved is not None:
            said = f"The limits of {text.clean(saved.name)} are set."
            self.notify(said, markup=False, timeout=4)
            self._shown = self._shown if self.snapshot else None
            self.reload()
            self.pane.tell(item, again=True)

    def action_write(self) -> None:
        """Write all rows of the view into a file."""
        self.run_worker(self._write(), name="write", exit_on_error=False)

    async def _write(self) -> None:
        from tui.limits.writing import write_out
        from tui.writing import FileDialog, file_name

        proposed = file_name(self._view.tenant_id, self._by, self.desk.now())
        about = "All rows that match the filter, in this order."
        path = await self.app.push_screen_wait(FileDialog(proposed, about))
        if path is None:
            return
        try:
            count = await write_out(self.listing, self._view, path, self.say_under_way)
        finally:
            self.say_under_way("")
        said = f"{text.plural(count, 'row')} written to {text.clean(str(path))}"
        self.notify(said, markup=False, timeout=6)

    def action_copy(self) -> None:
        """Copy the id of an integration or tenant, the name of all else."""
        if self.item is not None:
            self.app.copy_to_clipboard(self.item.subject)
            said = f"Copied the id of {text.clean(self.item.name)}"
            self.notify(said, markup=False, timeout=2)
