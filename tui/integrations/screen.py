"""The place of integrations: the list, filter and order, one's story, and the keys that change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from tui import text
from tui.integrations import bulk, words
from tui.integrations.pane import DetailPane
from tui.integrations.rows import COLUMNS, SORTS, list_title
from tui.integrations.source import IntegrationSource, View
from tui.integrations.story import answer_lines
from tui.widgets.cells import Span
from tui.widgets.dialogs import Choose, Confirm, Report
from tui.widgets.filter_bar import FilterBar
from tui.widgets.screen import WIDE, BoardScreen, Empty
from tui.widgets.titles import set_title
from tui.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.notifications import SeverityLevel

    from engine.integrations.results import IntegrationDetailResult, IntegrationSummaryResult
    from tui.desk import Desk
    from tui.integrations.bulk import Deed, Outcome, Thing
    from tui.widgets.row_source import Row

RENEW_S = 10
"""Seconds after which the ages in the list are read again, when nothing else changed."""

LIST_ONLY = frozenset({"filter", "sort", "reverse", "new"})
"""What makes no sense while one story has the whole screen."""

NEEDS_ONE = frozenset(
    {"test", "edit", "filter", "sort", "reverse", "switch", "delete", "clone", "copy", "back"}
)
"""What needs an integration in sight, or the list itself."""


class IntegrationsScreen(BoardScreen["bool"]):
    """The snapshot is only whether the tenant has any; the table asks for its rows itself."""

    MODE = "integrations"
    CSS_PATH = "screen.tcss"
    WATCHES: ClassVar[frozenset[str]] = frozenset({"integrations", "health"})
    WRITING: ClassVar[frozenset[str]] = frozenset(
        {"test", "edit", "new", "switch", "delete", "clone"}
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", tooltip="From the story, the filter or the marks"),
        Binding("t", "test", "Test", tooltip="Check now, for real; marked rows all at once"),
        Binding("e", "edit", "Edit", tooltip="Change this integration"),
        Binding("n", "new", "New", tooltip="Register an integration"),
        Binding("slash", "filter", "Filter", key_display="/", tooltip=words.FILTER_HELP),
        Binding("s", "sort", "Sort", tooltip="Choose the order; the same again turns it round"),
        Binding("x", "switch", "On/off", tooltip="Enable or disable; marked rows by choice"),
        Binding("d", "delete", "Delete", tooltip="Delete, after asking"),
        Binding("c", "clone", "Clone", tooltip="A new one that begins like this one"),
        Binding("y", "copy", "Copy id", show=False, tooltip="Copy the id to the clipboard"),
        Binding("S", "reverse", "Reverse", show=False, tooltip="Turn the order round"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._view = View(tenant_id="", query=desk.take_filter())
        self._shown: View | None = None
        self._names: dict[str, str] = {}
        self._read_at = desk.now()

    # The body

    def compose_body(self) -> ComposeResult:
        """Yield the list under its filter, and the story beside it."""
        with Horizontal(id="integrations"):
            with Vertical(id="list"):
                yield FilterBar(self._view.query, examples=words.FILTER_EXAMPLES)
                yield WindowTable(
                    COLUMNS,
                    marks=not self.desk.read_only,
                    glyphs=self.desk.glyphs,
                    id="rows",
                    classes="panel",
                )
            yield DetailPane(self.desk)

    async def load(self) -> bool:
        """Read whether there is any; the page is the table's own affair."""
        workspace = await self.desk.workspace()
        items, _ = await workspace.integrations.page_integrations(self.desk.tenant_id, limit=1)
        return bool(items)

    def nothing_in(self, snapshot: bool) -> bool:
        """Whether the tenant has no integration at all."""
        return not snapshot

    def empty(self) -> Empty:
        """Say how the first one comes here."""
        return words.empty(self.desk.tenant_id, read_only=self.desk.read_only)

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
    def pane(self) -> DetailPane:
        """The story."""
        return self.query_one(DetailPane)

    @property
    def item(self) -> IntegrationSummaryResult | None:
        """The integration under the cursor."""
        row = self.table.cursor_row
        return None if row is None else _item(row)

    # Filter and order

    def _set_view(self, view: View) -> None:
        self._view = self._shown = view
        self.table.nothing = words.nothing_matches(view.query)
        self.table.set_sort(view.sort, descending=view.descending)
        self.table.set_source(IntegrationSource(self.desk, view))
        self._draw_title()

    def _draw_title(self, total: int | None = None) -> None:
        view, glyphs = self._view, self.desk.glyphs
        title = list_title(
            self.table.total if total is None else total,
            len(self.table.marked),
            view.query,
            sort=view.sort,
            arrow=glyphs.descending if view.descending else glyphs.ascending,
        )
        set_title(self.table, title)
        self.refresh_bindings()

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
        options = [(field, said) for field, (said, _) in SORTS.items()]
        self.app.push_screen(Choose("Sort by", options, current=self._view.sort), self._sort)

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._sort(self._view.sort)

    def _sort(self, field: str | None) -> None:
        if field is None:
            return
        turned = not self._view.descending if field == self._view.sort else SORTS[field][1]
        self._set_view(replace(self._view, sort=field, descending=turned))

    def on_window_table_sort_asked(self, event: WindowTable.SortAsked) -> None:
        """Sort by the title that was clicked."""
        self._sort(event.field)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done here and now."""
        if self.state in {"loading", "error", "empty"} and action in NEEDS_ONE:
            return False
        full = self.has_class("-full")
        if action == "back":
            return full or bool(self._view.query or (self.is_mounted and self.table.marked))
        return not (full and action in LIST_ONLY) and super().check_action(action, parameters)

    # The list's messages

    def on_window_table_loaded(self, event: WindowTable.Loaded) -> None:
        """Renew the count in the title; the rows may hold what another place sent here for."""
        self._draw_title(event.total)
        self._go_to_wanted()

    def on_screen_resume(self) -> None:
        """Go to what another place sent here for."""
        if self.table.total:
            self._go_to_wanted()

    def _go_to_wanted(self) -> None:
        wanted, self.desk.wanted = self.desk.wanted, None
        if wanted is not None and not self.table.go_to(wanted):
            self.run_worker(self._narrow_to(wanted), name="wanted", exit_on_error=False)

    async def _narrow_to(self, wanted: str) -> None:
        """Filter by name: what the table's window does not hold can't be gone to."""
        workspace = await self.desk.workspace()
        found = await workspace.integrations.get_integration(self.desk.tenant_id, wanted)
        query = words.by_name(found.name)
        if query != self._view.query:
            self.desk.wanted = wanted
            self.query_one(FilterBar).take(query)
            self._set_view(replace(self._view, query=query))

    def on_window_table_moved(self, event: WindowTable.Moved) -> None:
        """Tell the story of the integration under the cursor."""
        self.pane.tell(None if event.row is None else _item(event.row))

    def on_window_table_marked(self, event: WindowTable.Marked) -> None:
        """Keep the names of what is marked: rows out of sight are not in the table."""
        rows = {key: self.table.find(key) for key in event.keys}
        self._names = {
            key: self._names.get(key, key) if row is None else _item(row).name
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

    def action_copy(self) -> None:
        """Copy the id to the terminal's clipboard."""
        if self.item is not None:
            self.app.copy_to_clipboard(self.item.id)
            self.notify(f"Copied the id of {text.clean(self.item.name)}", markup=False, timeout=2)

    # New, edit, clone

    def action_new(self) -> None:
        """Open an empty form."""
        self.run_worker(self._fill(None), name="form", exit_on_error=False)

    def action_edit(self) -> None:
        """Open the form of the integration under the cursor."""
        if self.item is not None:
            self.run_worker(self._fill(self.item), name="form", exit_on_error=False)

    def action_clone(self) -> None:
        """Open a form that begins like the integration under the cursor."""
        if self.item is not None:
            self.run_worker(self._fill(self.item, clone=True), name="form", exit_on_error=False)

    async def _fill(self, item: IntegrationSummaryResult | None, *, clone: bool = False) -> None:
        from tui.integrations.form import IntegrationForm

        detail: IntegrationDetailResult | None = None
        if item is not None:
            workspace = await self.desk.workspace()
            detail = await workspace.integrations.get_integration(self.desk.tenant_id, item.id)
        saved = await self.app.push_screen_wait(IntegrationForm(self.desk, detail, clone=clone))
        if saved is not None:
            self.notify(words.saved(saved.name), markup=False, timeout=4)
            self._changed_here()

    def _changed_here(self) -> None:
        """Load what this very screen has changed, without waiting for the revisions."""
        self._shown = self._shown if self.snapshot else None
        self.reload()
        item = self.item
        if item is not None:
            self.pane.tell(item, again=True)

    # What is done to one, or to all that are marked

    def _things(self) -> tuple[Thing, ...]:
        if self.table.marked:
            named = sorted(self._names.items(), key=lambda pair: pair[1].casefold())
            return tuple(bulk.Thing(id=key, name=name) for key, name in named)
        item = self.item
        return () if item is None else (bulk.Thing(id=item.id, name=item.name),)

    def action_test(self) -> None:
        """Check now: one with its story told, several with a summary."""
        things = self._things()
        if not things:
            return
        if self.table.marked:
            self._do(bulk.TEST, things)
        else:
            self.run_worker(self._test(things[0]), name="test", exit_on_error=False)

    def action_switch(self) -> None:
        """Enable or disable: one by what it is, several by choice."""
        item = self.item
        if self.table.marked:
            said = text.plural(len(self.table.marked), "integration")
            options = [("enable", f"Enable {said}"), ("disable", f"Disable {said}")]
            self.app.push_screen(Choose("Marked rows", options), self._switch)
        elif item is not None:
            self._switch("disable" if item.status == "enabled" else "enable")

    def _switch(self, name: str | None) -> None:
        if name is not None:
            self._do(bulk.ENABLE if name == "enable" else bulk.DISABLE, self._things())

    def action_delete(self) -> None:
        """Delete, after asking by name."""
        things = self._things()
        if not things:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._do(bulk.DELETE, things)

        title, *said = words.delete_question([thing.name for thing in things])
        self.app.push_screen(Confirm(title, *said, yes="Delete", danger=True), answered)

    def _do(self, deed: Deed, things: Sequence[Thing]) -> None:
        if len(things) > 1:
            said = text.plural(len(things), "integration")
            more = self.desk.glyphs.more
            self.notify(f"{deed.title} {said}{more}", markup=False, timeout=2)
        self.run_worker(self._deed(deed, things), name="deed", exit_on_error=False)

    async def _deed(self, deed: Deed, things: Sequence[Thing]) -> None:
        workspace = await self.desk.workspace()
        tenant_id = self.desk.tenant_id
        outcomes = await bulk.run(deed, workspace.integrations, tenant_id, things)
        self.table.clear_marks()
        self._tell(deed, outcomes)
        self._changed_here()

    def _tell(self, deed: Deed, outcomes: Sequence[Outcome]) -> None:
        """Say it briefly when all is said by that, else as a report."""
        glyphs = self.desk.glyphs
        if len(outcomes) == 1:
            only = outcomes[0]
            severity: SeverityLevel = "error" if only.error else "information"
            said = text.clean(only.error or only.said)
            self.notify(said, severity=severity, markup=False, timeout=10 if only.error else 4)
        elif deed is bulk.TEST or any(outcome.error for outcome in outcomes):
            title = f"{deed.title}: {text.plural(len(outcomes), 'integration')}"
            build = lambda width: bulk.summary_lines(deed, outcomes, width, glyphs)  # noqa: E731
            self.app.push_screen(Report(title, build))
        else:
            self.notify(bulk.headline(deed, outcomes), markup=False, timeout=4)

    async def _test(self, thing: Thing) -> None:
        """Check one: in the pane where it is in sight, else in a dialog of its own."""
        glyphs = self.desk.glyphs
        report: Report | None = None
        if self.size.width < WIDE and not self.has_class("-full"):
            report = Report(thing.name, lambda _: ((Span(f"Testing now{glyphs.more}", "strong"),),))
            await self.app.push_screen(report)
        self.pane.testing(thing.id)
        result = None
        try:
            workspace = await self.desk.workspace()
            facade = workspace.integrations
            result = await facade.test_credentials(self.desk.tenant_id, thing.id)
        finally:
            self.pane.answered(thing.id, result)
            if report is not None and result is None and report.is_mounted:
                report.dismiss(None)
        if report is not None:
            answer = result
            report.renew(lambda width: answer_lines(answer, width, glyphs))
        self._changed_here()


def _item(row: Row) -> IntegrationSummaryResult:
    return cast("IntegrationSummaryResult", row.record)
