"""The base of a place of things: its list, and what is done to one of them or to all marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from tui import text
from tui.inventory import words
from tui.inventory.answer import answer_lines
from tui.inventory.bulk import Deed, Thing
from tui.inventory.list_screen import ListScreen
from tui.inventory.listing import ItemT
from tui.inventory.pane import DetailPane
from tui.widgets.cells import Span
from tui.widgets.dialogs import Choose, Confirm, Report
from tui.widgets.screen import WIDE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.workspace import Workspace
    from tui.inventory.form import DraftForm


class InventoryScreen(ListScreen[ItemT]):
    """List, story, form and deeds of one kind of things.

    A subclass sets `DEEDS`, binds the actions (`inventory.keys`), and answers what stands below.
    Of its deeds `test` and `delete` are known here; which others `x` does is its own affair.
    """

    PANE: type[DetailPane[ItemT, Any]]
    DEEDS: ClassVar[Mapping[str, Deed[Any]]]
    WRITING: ClassVar[frozenset[str]] = frozenset(
        {"test", "edit", "new", "switch", "delete", "clone"}
    )
    LIST_ONLY = ListScreen.LIST_ONLY | {"new"}
    NEEDS_ONE = ListScreen.NEEDS_ONE | (WRITING - {"new"})

    @property
    def pane(self) -> DetailPane[ItemT, Any]:
        """The story."""
        return self.query_one(DetailPane)

    # What a subclass says

    def facade(self, workspace: Workspace) -> Any:
        """Return what the deeds are done by."""
        raise NotImplementedError

    async def form(self, item: ItemT | None, *, clone: bool) -> DraftForm[Any]:
        """Return the form of a new thing, or of one to edit or clone."""
        raise NotImplementedError

    def switches(self, item: ItemT) -> Sequence[str]:
        """Return the deeds that `x` may do to a thing; a single one is done at once."""
        raise NotImplementedError

    def all_switches(self) -> Sequence[str]:
        """Return the deeds that `x` offers for marked rows."""
        raise NotImplementedError

    # New, edit, clone

    def action_new(self) -> None:
        """Open an empty form."""
        self.open_form(self._fill(None))

    def action_edit(self) -> None:
        """Open the form of the thing under the cursor."""
        if self.item is not None:
            self.open_form(self._fill(self.item))

    def action_clone(self) -> None:
        """Open a form that begins like the thing under the cursor."""
        if self.item is not None:
            self.open_form(self._fill(self.item, clone=True))

    async def _fill(self, item: ItemT | None, *, clone: bool = False) -> None:
        saved = await self.app.push_screen_wait(await self.form(item, clone=clone))
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

    def things(self) -> tuple[Thing, ...]:
        """Return what is marked, by name, else what is under the cursor."""
        if self.table.marked:
            named = sorted(self._names.items(), key=lambda pair: pair[1].casefold())
            return tuple(Thing(id=key, name=name) for key, name in named)
        item = self.item
        return () if item is None else (Thing(id=item.id, name=item.name),)

    def action_test(self) -> None:
        """Check now: one with its story told, several with a summary."""
        things = self.things()
        if not things:
            return
        if self.table.marked:
            self.do(self.DEEDS["test"], things)
        else:
            self.run_worker(self._test(things[0]), name="test", exit_on_error=False)

    def action_switch(self) -> None:
        """Turn on or off: one by what it is, several by choice."""
        item = self.item
        if self.table.marked:
            self._offer("Marked rows", self.all_switches())
        elif item is not None:
            names = self.switches(item)
            if len(names) == 1:
                self._switch(names[0])
            else:
                self._offer(text.ellipsis(text.clean(item.name), 40), names)

    def _offer(self, title: str, names: Sequence[str]) -> None:
        marked = len(self.table.marked)
        said = f" {text.plural(marked, self.listing.noun)}" if marked else ""
        options = [(name, f"{self.DEEDS[name].title}{said}") for name in names]
        self.app.push_screen(Choose(title, options), self._switch)

    def _switch(self, name: str | None) -> None:
        if name is not None:
            self.do(self.DEEDS[name], self.things())

    def action_delete(self) -> None:
        """Delete, after asking by name."""
        things = self.things()
        question = words.delete_question(
            self.listing.noun, [thing.name for thing in things] or [""]
        )
        self.ask(self.DEEDS["delete"], things, question)

    def ask(self, deed: Deed[Any], things: Sequence[Thing], question: Sequence[str]) -> None:
        """Do a deed after a yes; the question is a title and paragraphs."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.do(deed, things)

        title, *said = question
        self.app.push_screen(Confirm(title, *said, yes=deed.title, danger=True), answered)

    def do(self, deed: Deed[Any], things: Sequence[Thing]) -> None:
        """Do a deed to things, with progress said below the list and a summary at the end."""
        if things:
            self.run_worker(self._deed(deed, things), name="deed", exit_on_error=False)

    async def _deed(self, deed: Deed[Any], things: Sequence[Thing]) -> None:
        await self.do_to(deed, self.facade(await self.desk.workspace()), things)
        self._changed_here()

    async def _test(self, thing: Thing) -> None:
        """Check one: in the pane where it is in sight, else in a dialog of its own."""
        glyphs = self.desk.glyphs
        report: Report | None = None
        if self.size.width < WIDE and not self.has_class("-full"):
            report = Report(thing.name, lambda _: ((Span(f"Testing now{glyphs.more}", "strong"),),))
            await self.app.push_screen(report)
        self.pane.testing(thing.id)
        answer = None
        try:
            facade = self.facade(await self.desk.workspace())
            outcome = await self.DEEDS["test"].do(facade, self.desk.tenant_id, thing)
            answer = outcome.answer
        finally:
            self.pane.answered(thing.id, answer)
            if report is not None and answer is None and report.is_mounted:
                report.dismiss(None)
        if report is not None and answer is not None:
            found = answer
            report.renew(lambda width: answer_lines(found, width, glyphs))
        self._changed_here()
