"""The place of credentials: references, what expires, who uses which, and whether it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from engine.errors import CredentialInUse
from tui import text
from tui.credentials.entries import Entry
from tui.credentials.headline import headline_cell
from tui.credentials.listing import ReferenceListing
from tui.credentials.pane import ReferencePane
from tui.inventory.filling import fill_in
from tui.inventory.headlined_list import HeadlinedList
from tui.inventory.words import FILTER_HELP
from tui.widgets.dialogs import Confirm, Report, paragraphs
from tui.widgets.screen import Empty

if TYPE_CHECKING:
    from engine.credentials.results import CredentialsHeadline
    from engine.workspace import Workspace
    from tui.widgets.cells import Cell


class CredentialsScreen(HeadlinedList[Entry, "CredentialsHeadline"]):
    """References of a tenant; a secret is never among them."""

    MODE = "credentials"
    LISTING = ReferenceListing
    PANE = ReferencePane
    MARKS = False
    WATCHES: ClassVar[frozenset[str]] = frozenset(
        {"credentials", "integrations", "sources", "connectors", "gateway"}
    )
    WRITING: ClassVar[frozenset[str]] = frozenset({"new", "edit", "delete"})
    NEEDS_ONE = HeadlinedList.NEEDS_ONE | {"edit", "delete", "test"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", tooltip="From the story or the filter"),
        Binding("t", "test", "Test", tooltip="Ask for the secret now: is it there?"),
        Binding("n", "new", "New", tooltip="Keep a secret, or point to one kept elsewhere"),
        Binding("e", "edit", "Edit", tooltip="Replace the secret; its name and expiry"),
        Binding("d", "delete", "Delete", tooltip="Refused while anything uses it"),
        Binding("slash", "filter", "Filter", key_display="/", tooltip=FILTER_HELP),
        Binding("s", "sort", "Sort", tooltip="Choose the order; the same again turns it round"),
        Binding("y", "copy", "Copy", show=False, tooltip="Copy the reference to the clipboard"),
        Binding("S", "reverse", "Reverse", show=False, tooltip="Turn the order round"),
    ]

    # What the list asks

    def empty(self) -> Empty:
        """Say how the first one comes here."""
        return Empty(
            title=f"No credentials yet for {text.clean(self.desk.tenant_id)}",
            text="A key that is given with an integration, source or connector comes here."
            + ("" if self.desk.read_only else " Press n to keep one by itself."),
        )

    async def read_headline(self, workspace: Workspace) -> CredentialsHeadline:
        """Read how many references are in each state."""
        return await workspace.credentials.headline(self.desk.tenant_id)

    def headline_cell(self, found: CredentialsHeadline, width: int) -> Cell:
        """Return the counts, and what expires next."""
        return headline_cell(found, width, self.desk.now(), self.desk.glyphs)

    # What is done

    def action_test(self) -> None:
        """Ask for the secret now."""
        if self.item is not None:
            self.run_worker(self._test(self.item), name="test", exit_on_error=False)

    async def _test(self, item: Entry) -> None:
        pane = self.query_one(ReferencePane)
        pane.testing(item.id)
        told = None
        try:
            workspace = await self.desk.workspace()
            told = await workspace.credentials.test(item.tenant_id, item.id)
        finally:
            pane.answered(item.id, told)
        self.reload()

    def action_new(self) -> None:
        """Open an empty form."""
        self.open_form(self._form(None))

    def action_edit(self) -> None:
        """Open the form of what the cursor is on."""
        if self.item is not None:
            self.open_form(self._form(self.item))

    async def _form(self, item: Entry | None) -> None:
        from tui.credentials.form import ReferenceForm

        done = "saved" if item is not None else "kept"
        saved = await fill_in(self, ReferenceForm(self.desk, item), done=done)
        if saved is not None:
            self.desk.wanted = saved.id
            self.reload()

    def action_delete(self) -> None:
        """Ask, then delete; a credential that is used stays, and what uses it is told."""
        if self.item is not None:
            self.run_worker(self._delete(self.item), name="deed", exit_on_error=False)

    async def _delete(self, item: Entry) -> None:
        name = text.clean(item.name)
        gone = (
            "The secret is removed for good."
            if item.credential.kind == "encrypted"
            else "The reference leaves the list; the secret stays where it is."
        )
        question = Confirm(f"Delete {text.ellipsis(name, 40)}?", gone, yes="Delete", danger=True)
        if not await self.app.push_screen_wait(question):
            return
        workspace = await self.desk.workspace()
        try:
            await workspace.credentials.delete(item.tenant_id, item.id)
        except CredentialInUse as error:
            said = (error.message, error.hint)
            await self.app.push_screen_wait(
                Report("It is in use", lambda width: paragraphs(said, width))
            )
            return
        self.notify(f"{name} is deleted.", markup=False, timeout=4)
        self.reload()

    def action_copy(self) -> None:
        """Copy the reference to the terminal's clipboard."""
        if self.item is not None:
            self.app.copy_to_clipboard(self.item.id)
            said = f"Copied the reference of {text.clean(self.item.name)}"
            self.notify(said, markup=False, timeout=2)
