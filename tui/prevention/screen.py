"""The place of prevention: the ledger with its lamp, a record's hashes, and graduation."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from tui import text
from tui.inventory.filling import fill_in
from tui.inventory.headlined_list import HeadlinedList
from tui.inventory.words import FILTER_HELP
from tui.prevention.entries import GROUPS, POLICIES, RECORDS, Entry
from tui.prevention.headline import headline_cell
from tui.prevention.listing import PolicyListing, RecordListing
from tui.prevention.pane import PreventionPane
from tui.widgets.dialogs import Choose, Report, paragraphs
from tui.widgets.screen import Empty

if TYPE_CHECKING:
    from engine.prevention.results import LedgerStatus, Verification
    from tui.desk import Desk
    from tui.inventory.listing import View
    from tui.widgets.cells import Cell

NO_RECORD = "Nothing was prevented yet."
NO_POLICY = "No policy has a record or was set."


class PreventionScreen(HeadlinedList[Entry, "LedgerStatus"]):
    """A tenant's ledger, or its policies; nothing here can change a record."""

    MODE = "prevention"
    LISTING = RecordListing
    PANE = PreventionPane
    MARKS = False
    WATCHES: ClassVar[frozenset[str]] = frozenset({"prevention"})
    WRITING: ClassVar[frozenset[str]] = frozenset({"new", "edit"})
    NEEDS_ONE = HeadlinedList.NEEDS_ONE | {"group", "verify", "checkpoint", "edit"}
    LIST_ONLY = HeadlinedList.LIST_ONLY | {"group", "new"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", tooltip="From the story or the filter"),
        Binding("v", "verify", "Verify", tooltip="Prove the whole ledger now, record by record"),
        Binding("b", "group", "By", tooltip="The ledger, or policies on their way to graduation"),
        Binding("n", "new", "New policy", tooltip="A policy whose records shall count"),
        Binding(
            "e", "edit", "Edit", tooltip="A policy's name, its mode, since when it counts, its need"
        ),
        Binding("w", "checkpoint", "Checkpoint", tooltip="Write what the ledger is into a file"),
        Binding("slash", "filter", "Filter", key_display="/", tooltip=FILTER_HELP),
        Binding("s", "sort", "Sort", tooltip="Choose the order; the same again turns it round"),
        Binding("y", "copy", "Copy", show=False, tooltip="Copy the digest to the clipboard"),
        Binding("S", "reverse", "Reverse", show=False, tooltip="Turn the order round"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._by = RECORDS
        self._view = replace(self._view, descending=True)

    # What the list asks

    async def load(self) -> bool:
        """Read the ledger's lamp, and whether there is any record or policy."""
        workspace = await self.desk.workspace()
        tenant = self.desk.tenant_id
        self.headline = await workspace.prevention.status(tenant)
        return bool(self.headline.records or await workspace.prevention.list_policies(tenant))

    def empty(self) -> Empty:
        """Say how the first record comes here."""
        return Empty(
            title=f"Nothing was prevented yet for {text.clean(self.desk.tenant_id)}",
            text="What an active policy blocks is recorded here for good. "
            "Callers record it; by hand: lampboard prevention record."
            + ("" if self.desk.read_only else " Press n to set a policy."),
        )

    def show(self, snapshot: bool) -> None:
        """Show the list under the ledger's lamp."""
        self._take_ledger()
        super().show(snapshot)

    def renew_headline(self) -> None:
        """Write what was read with the list: rows are marked by it."""
        self.say_headline()

    def headline_cell(self, found: LedgerStatus, width: int) -> Cell:
        """Return the ledger's lamp, and what was proved of it."""
        return headline_cell(found, width, self.desk.now(), self.desk.glyphs)

    def _take_ledger(self) -> None:
        last = None if self.headline is None else self.headline.verification
        fault = None if last is None else last.fault
        if isinstance(self.listing, RecordListing):
            self.listing.broken = None if fault is None else fault.seq
        self.query_one(PreventionPane).proved(self.headline)

    # What is shown

    def action_group(self) -> None:
        """Offer the ledger and the policies."""
        self.app.push_screen(Choose("Show", list(GROUPS.items()), current=self._by), self._group)

    def _group(self, by: str | None) -> None:
        if by is None or by == self._by:
            return
        self._by = by
        self.listing = (RecordListing if by == RECORDS else PolicyListing)(self.desk)
        self.table.set_columns(self.listing.columns)
        falls = self.listing.sorts[self.listing.order][1]
        view = replace(self._view, tenant_id=self.desk.tenant_id, sort=self.listing.order)
        self._set_view(replace(view, descending=falls))
        self._take_ledger()

    def _set_view(self, view: View) -> None:
        super()._set_view(view)
        if not view.query:
            self.table.nothing = NO_RECORD if self._by == RECORDS else NO_POLICY

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to edit policies alone: no record is ever changed."""
        if action == "edit" and self._by == RECORDS:
            return False
        return super().check_action(action, parameters)

    # What is done

    def action_new(self) -> None:
        """Open an empty form."""
        self.open_form(self._fill(None))

    def action_edit(self) -> None:
        """Open the form of the policy that the cursor is on."""
        if self.item is not None and self.item.policy is not None:
            self.open_form(self._fill(self.item))

    async def _fill(self, item: Entry | None) -> None:
        from tui.prevention.form import PolicyForm

        saved = await fill_in(self, PolicyForm(self.desk, item))
        if saved is None:
            return
        if item is None:
            self._group(POLICIES)
            self.desk.wanted = saved.id
        self.reload()

    def action_verify(self) -> None:
        """Prove the whole ledger."""
        self.run_worker(
            self._verify(), name="verify", group="verify", exclusive=True, exit_on_error=False
        )

    async def _verify(self) -> None:
        workspace = await self.desk.workspace()
        try:
            found = await workspace.prevention.verify(
                self.desk.tenant_id, on_progress=self._progress
            )
        finally:
            self.say_under_way("")
        self._tell(found)
        self.reload()

    def _progress(self, done: int, total: int) -> None:
        said = f"verifying {done:,} of {total:,}"
        self.say_under_way(said)

    def _tell(self, found: Verification) -> None:
        if found.fault is None:
            many = text.plural(found.verified, "record")
            took = text.latency(found.duration_ms)
            self.notify(f"The ledger holds: {many} proved in {took}.", markup=False, timeout=6)
            return
        before = f"Records before number {found.fault.seq:,} hold; nothing is added until this is"
        said = (found.fault.message, f"{before} settled. Compare with a backup or a checkpoint.")
        report = Report("The ledger does not hold", lambda width: paragraphs(said, width))
        self.app.push_screen(report)

    def action_checkpoint(self) -> None:
        """Ask for a file and write what the ledger is now into it."""
        self.run_worker(self._checkpoint(), name="write", exit_on_error=False)

    async def _checkpoint(self) -> None:
        from tui.writing import FileDialog, file_name, write_text

        workspace = await self.desk.workspace()
        found = await workspace.prevention.checkpoint(self.desk.tenant_id)
        proposed = file_name(self.desk.tenant_id, "checkpoint", self.desk.now(), ending=".json")
        about = "Keep it where nobody can change both it and the ledger; the name ends with"
        path = await self.app.push_screen_wait(FileDialog(proposed, about, endings=(".json",)))
        if path is None:
            return
        told = json.dumps(found.to_dict(), indent=2) + "\n"
        await asyncio.to_thread(write_text, path, told)
        said = f"The checkpoint at record {found.seq:,} is in {text.clean(str(path))}"
        self.notify(said, markup=False, timeout=6)

    def action_copy(self) -> None:
        """Copy a record's digest, or a policy's id."""
        item = self.item
        if item is None:
            return
        record = item.record
        self.app.copy_to_clipboard(item.id if record is None else record.digest)
        what = "id" if record is None else "digest"
        said = f"Copied the {what} of {text.clean(item.name)}"
        self.notify(said, markup=False, timeout=2)
