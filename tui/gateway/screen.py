"""The place of the gateway: templates of SQL, their versions and runs, and what one may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from engine.gateway.results import TemplateSummary
from tui import text
from tui.gateway import words
from tui.gateway.draft import Written, unable
from tui.gateway.headline import headline_cell
from tui.gateway.listing import TemplateListing
from tui.gateway.pane import TemplatePane
from tui.inventory.headlined_list import HeadlinedList
from tui.inventory.words import FILTER_HELP
from tui.widgets.dialogs import Choose, Confirm
from tui.widgets.screen import Empty

if TYPE_CHECKING:
    from engine.gateway.results import TemplatesHeadline
    from engine.workspace import Workspace
    from tui.desk import Desk
    from tui.widgets.cells import Cell
    from tui.widgets.window_table import WindowTable


class GatewayScreen(HeadlinedList[TemplateSummary, "TemplatesHeadline"]):
    """Templates, the story of one below the list, the forms that write and run them."""

    MODE = "gateway"
    LISTING = TemplateListing
    PANE = TemplatePane
    MARKS = False
    WATCHES: ClassVar[frozenset[str]] = frozenset({"gateway", "sources", "connectors"})
    # A run is recorded before its rows are handed out, so it writes, too.
    WRITING: ClassVar[frozenset[str]] = frozenset(
        {"run", "edit", "new", "clone", "switch", "delete", "caps"}
    )
    LIST_ONLY = HeadlinedList.LIST_ONLY | {"new"}
    NEEDS_ONE = HeadlinedList.NEEDS_ONE | (WRITING - {"new"}) | {"versions", "version"}
    SCOPED_CSS = False
    CSS = """
    GatewayScreen.-wide #inventory { layout: vertical; }
    GatewayScreen.-wide #detail { width: 1fr; height: 56%; min-height: 8; }
    GatewayScreen.-wide.-full #detail { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", tooltip="From the story or the filter"),
        Binding("r", "run", "Run", tooltip="Run the version that is shown, with values"),
        Binding("e", "edit", "Edit", tooltip="Write its next version, judged as you type"),
        Binding("n", "new", "New", tooltip="Register a template: its SQL is judged as you type"),
        Binding("slash", "filter", "Filter", key_display="/", tooltip=FILTER_HELP),
        Binding("v", "versions", "Versions", tooltip="Choose the version to look at"),
        Binding("x", "switch", "Retire", tooltip="Take it out of use, or back into it"),
        Binding("d", "delete", "Delete", tooltip="Delete, after asking"),
        Binding("l", "caps", "Limits", tooltip="Caps, tables and role of where it runs"),
        Binding("s", "sort", "Sort", tooltip="Choose the order; the same again turns it round"),
        Binding("c", "clone", "Clone", tooltip="A new one that begins like this one"),
        Binding("left_square_bracket", "version(-1)", "Older", key_display="[", show=False,
                tooltip="Look at the version before"),
        Binding("right_square_bracket", "version(1)", "Newer", key_display="]", show=False,
                tooltip="Look at the version after"),
        Binding("y", "copy", "Copy id", show=False, tooltip="Copy the id to the clipboard"),
        Binding("S", "reverse", "Reverse", show=False, tooltip="Turn the order round"),
    ]  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._new_id = ""

    # What the list asks

    def empty(self) -> Empty:
        """Say how the first template comes here."""
        title = f"No templates yet for {text.clean(self.desk.tenant_id)}"
        if self.desk.read_only:
            return Empty(title=title, text="This board is read-only, so none can be written here.")
        return Empty(
            title=title,
            text="A template is SQL that may be run here, over a source or SQL connector. "
            "Press n to write the first.",
        )

    async def read_headline(self, workspace: Workspace) -> TemplatesHeadline:
        """Read how many templates there are, and what their last runs came to."""
        return await workspace.gateway.headline(self.desk.tenant_id)

    def headline_cell(self, found: TemplatesHeadline, width: int) -> Cell:
        """Return the counts, and what went wrong."""
        return headline_cell(found, width, self.desk.glyphs)

    def on_window_table_loaded(self, event: WindowTable.Loaded) -> None:  # noqa: ARG002
        """Go to what was written just now."""
        if self._new_id and self.table.go_to(self._new_id):
            self._new_id = ""

    @property
    def pane(self) -> TemplatePane:
        """The story."""
        return self.query_one(TemplatePane)

    # Versions

    def action_version(self, by: int) -> None:
        """Look at the version before or after."""
        detail = self.pane.detail
        if detail is not None:
            wanted = detail.version + by
            if wanted in detail.versions:
                self.pane.show_version(wanted)

    def action_versions(self) -> None:
        """Offer all versions, also where the story is still being read."""
        if self.item is not None:
            self.open_form(self._versions(self.item))

    async def _versions(self, item: TemplateSummary) -> None:
        detail = self.pane.detail
        if detail is None or detail.template.id != item.id:
            workspace = await self.desk.workspace()
            detail = await workspace.gateway.get_template(item.tenant_id, item.id)
        newest = detail.template.version
        options = [
            (str(number), f"v{number}" + ("  the newest" if number == newest else ""))
            for number in detail.versions
        ]
        title = f"Versions of {text.ellipsis(text.clean(detail.template.name), 40)}"
        self.app.push_screen(Choose(title, options, current=str(detail.version)), self._look_at)

    def _look_at(self, version: str | None) -> None:
        if version is not None:
            self.pane.show_version(int(version))

    # Running and writing

    def action_run(self) -> None:
        """Ask for values and run the version that is shown."""
        item = self.item
        if item is None:
            return
        if item.status == "retired" or item.problem:
            why = item.problem or "It is retired: x takes it back into use."
            self.notify(text.clean(why), title="It cannot be run", severity="warning", markup=False)
            return
        self.open_form(self._run(item, self.pane.version))

    async def _run(self, item: TemplateSummary, version: int | None) -> None:
        from tui.gateway.running import RunForm

        workspace = await self.desk.workspace()
        detail = await workspace.gateway.get_template(item.tenant_id, item.id, version)
        await self.app.push_screen_wait(RunForm(self.desk, detail))
        self._changed_here(item)

    def action_new(self) -> None:
        """Open an empty form."""
        self.open_form(self._new(None))

    def action_clone(self) -> None:
        """Open a form that begins like the template under the cursor."""
        if self.item is not None:
            self.open_form(self._new(self.item))

    async def _new(self, like: TemplateSummary | None) -> None:
        from tui.gateway.form import TemplateForm

        workspace = await self.desk.workspace()
        offers = await workspace.gateway.offers(self.desk.tenant_id, limit=1000)
        if all(offer.problem for offer in offers):
            said = "There is no database that SQL can be registered for."
            more = unable(offers) if offers else "Add a source or SQL connector first: 2 or 3, n."
            self.notify(f"{said} {more}", severity="warning", markup=False, timeout=10)
            return
        written = None
        if like is not None:
            version = self.pane.version
            found = await workspace.gateway.get_template(like.tenant_id, like.id, version)
            written = Written(detail=found)
        form = TemplateForm(self.desk, written, offers=offers, clone=like is not None)
        saved = await self.app.push_screen_wait(form)
        self._new_id = saved.detail.template.id if saved is not None else ""
        self._saved(saved)

    def action_edit(self) -> None:
        """Open the form of the template under the cursor, with the version that is shown."""
        if self.item is not None:
            self.open_form(self._edit(self.item, self.pane.version))

    async def _edit(self, item: TemplateSummary, version: int | None) -> None:
        from tui.gateway.form import TemplateForm

        gateway = (await self.desk.workspace()).gateway
        detail = await gateway.get_template(item.tenant_id, item.id)
        older = version is not None and version != detail.version
        start = await gateway.get_template(item.tenant_id, item.id, version) if older else None
        form = TemplateForm(self.desk, Written(detail=detail, start=start))
        self._saved(await self.app.push_screen_wait(form))

    def _saved(self, written: Written | None) -> None:
        if written is None:
            return
        said = f"{text.clean(written.name)} is saved as v{written.version}. r runs it."
        self.notify(said, markup=False, timeout=4)
        self._changed_here(written.detail.template)

    def action_caps(self) -> None:
        """Open the form of the gateway that the template under the cursor runs on."""
        if self.item is not None:
            self.open_form(self._caps(self.item))

    async def _caps(self, item: TemplateSummary) -> None:
        from tui.gateway.caps import CapsForm

        workspace = await self.desk.workspace()
        found = await workspace.gateway.get_gateway(item.tenant_id, item.gateway_id)
        saved = await self.app.push_screen_wait(CapsForm(self.desk, found))
        if saved is not None:
            most = f"{text.plural(saved.max_rows, 'row')}, {words.size(saved.max_result_bytes)}"
            name = text.clean(saved.name)
            self.notify(f"SQL on {name} may bring {most}.", markup=False, timeout=4)
            self._changed_here(item)

    # Retiring and deleting

    def action_switch(self) -> None:
        """Take it out of use, or back into it."""
        if self.item is not None:
            deed = "restore" if self.item.status == "retired" else "retire"
            self.run_worker(self._do(deed, self.item), name="deed", exit_on_error=False)

    def action_delete(self) -> None:
        """Delete, after asking by name."""
        item = self.item
        if item is None:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.run_worker(self._do("delete", item), name="deed", exit_on_error=False)

        name = text.ellipsis(text.clean(item.name), 40)
        said = "It can be run no more, in none of its versions; the name is free again."
        kept = "Its runs stay in the activity."
        question = Confirm(f"Delete {name}?", said, kept, yes="Delete", danger=True)
        self.app.push_screen(question, answered)

    async def _do(self, deed: str, item: TemplateSummary) -> None:
        gateway = (await self.desk.workspace()).gateway
        done = {
            "retire": (gateway.retire_template, "is retired; x takes it back"),
            "restore": (gateway.restore_template, "is in use again"),
            "delete": (gateway.delete_template, "is deleted"),
        }
        change, said = done[deed]
        await change(item.tenant_id, item.id)
        self.notify(f"{text.clean(item.name)} {said}.", markup=False, timeout=4)
        self._changed_here(item)

    def _changed_here(self, item: TemplateSummary) -> None:
        """Load what this very screen has changed, without waiting for the revisions."""
        self._shown = self._shown if self.snapshot else None
        self.reload()
        here = self.item
        if here is not None and here.id == item.id:
            self.pane.tell(here, again=True)
