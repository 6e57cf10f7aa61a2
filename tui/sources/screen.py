"""The place of data sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType

from engine.errors import LampboardError
from engine.sources.results import SourceSummary
from tui import text
from tui.inventory import words
from tui.inventory.keys import bindings
from tui.inventory.labels import Edit, LabelsDialog
from tui.inventory.screen import InventoryScreen
from tui.sources import deeds
from tui.sources.deeds import DEEDS
from tui.sources.listing import SourceListing
from tui.sources.pane import SourcePane
from tui.sources.rows import statistics_lines
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from engine.sources.facade import DataSourcesFacade
    from engine.sources.model import CustomerDataSource
    from engine.sources.results import DataSourceStats
    from engine.workspace import Workspace
    from tui.desk import Desk
    from tui.inventory.bulk import Deed
    from tui.sources.form import SourceForm

OWN = frozenset({"tags", "roles", "deprecate"})
RUNNING = frozenset({"active", "error"})


class SourcesScreen(InventoryScreen[SourceSummary]):
    """The list under its statistics, one's story below it, the form, and the keys that change."""

    MODE = "sources"
    LISTING = SourceListing
    PANE = SourcePane
    DEEDS = DEEDS
    WATCHES: ClassVar[frozenset[str]] = frozenset({"sources", "health"})
    WRITING = InventoryScreen.WRITING | OWN
    NEEDS_ONE = InventoryScreen.NEEDS_ONE | OWN
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("source", switch="Activate or deactivate"),
        Binding("number_sign", "tags", "Tags", key_display="#", tooltip="Add and remove tags"),
        Binding("r", "roles", "Roles", tooltip="Say who may see it; marked rows too"),
        Binding("D", "deprecate", "Deprecate", tooltip="Not to be used any more, after asking"),
    ]
    SCOPED_CSS = False
    CSS = """
    SourcesScreen #statistics { height: 2; overflow: hidden; }
    SourcesScreen.-wide #inventory { layout: vertical; }
    SourcesScreen.-wide #detail { width: 1fr; height: 42%; min-height: 8; }
    SourcesScreen.-wide.-full #detail { height: 1fr; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._statistics: DataSourceStats | None = None

    # Statistics

    def compose_above(self) -> ComposeResult:
        """Yield the statistics."""
        yield Lines(id="statistics")

    def show(self, snapshot: bool) -> None:
        """Show the list, and the statistics when they come: they hold nothing up."""
        super().show(snapshot)
        self._say_statistics()
        self.run_worker(
            self._count(),
            name="statistics",
            group="statistics",
            exclusive=True,
            exit_on_error=False,
        )

    def tenant_changed(self) -> None:
        """Forget the other tenant's statistics as well."""
        self._statistics = None
        super().tenant_changed()

    async def _count(self) -> None:
        workspace = await self.desk.workspace()
        try:
            self._statistics = await workspace.sources.get_statistics(self.desk.tenant_id)
        except LampboardError:
            # The list's own request meets the same error and shows it.
            return
        self._say_statistics()

    def _say_statistics(self) -> None:
        stats, glyphs = self._statistics, self.desk.glyphs
        self.query_one("#statistics", Lines).show(
            lambda width: statistics_lines(stats, width, glyphs)
        )

    # What the inventory asks

    def facade(self, workspace: Workspace) -> DataSourcesFacade:
        """Return the sources' facade."""
        return workspace.sources

    async def form(self, item: SourceSummary | None, *, clone: bool) -> SourceForm:
        """Return the form, of what is stored now."""
        from tui.sources.form import SourceForm

        detail: CustomerDataSource | None = None
        if item is not None:
            workspace = await self.desk.workspace()
            detail = await workspace.sources.get_source(self.desk.tenant_id, item.id)
        return SourceForm(self.desk, detail, clone=clone)

    def switches(self, item: SourceSummary) -> Sequence[str]:
        """Deactivate what runs, activate what does not."""
        return ("deactivate",) if item.status in RUNNING else ("activate",)

    def all_switches(self) -> Sequence[str]:
        """Offer both for marked rows."""
        return ("activate", "deactivate")

    # Deprecation, tags, roles

    def action_deprecate(self) -> None:
        """Deprecate, after asking by name."""
        things = self.things()
        if things:
            names = [thing.name for thing in things]
            self.ask(DEEDS["deprecate"], things, deprecate_question(names))

    def action_tags(self) -> None:
        """Add and remove tags."""
        item = self._only()
        about = "Words with commas between, to find it by: tag:word filters."
        self._edit_words("Tags", item.tags if item else None, about, deeds.tag)

    def action_roles(self) -> None:
        """Grant and revoke access; says when that would hide it from oneself."""
        item = self._only()
        about = "Roles with commas between; without any it is open to all."
        held = item.access_roles if item else None
        mine = self.desk.settings.roles
        self._edit_words("Roles", held, about, deeds.share, lambda edit: hides(edit, held, mine))

    def _only(self) -> SourceSummary | None:
        return None if self.table.marked else self.item

    def _edit_words(
        self,
        title: str,
        held: Sequence[str] | None,
        about: str,
        deed: Callable[[Edit], Deed[Any]],
        warning: Callable[[Edit], str] = lambda _: "",
    ) -> None:
        things = self.things()
        if not things:
            return
        whose = text.clean(things[0].name) if held is not None else f"{len(things):,} sources"
        about = about if held is not None else f"{about} -word takes one away."

        def take(edit: Edit | None) -> None:
            if edit is None:
                return
            said = warning(edit)
            if said:
                self.ask(deed(edit), things, ("Hide it from yourself?", said))
            else:
                self.do(deed(edit), things)

        name = text.ellipsis(f"{title} of {whose}", 50)
        self.app.push_screen(LabelsDialog(name, held, about=about, warning=warning), take)


def hides(edit: Edit, held: Sequence[str] | None, mine: Sequence[str]) -> str:
    """Return what is said when an edit of roles may hide a source from an operator; else nothing.

    Args:
        edit: Which roles come and go.
        held: The roles that it has now; None where there are several sources.
        mine: The operator's own roles.
    """
    removed = {role.casefold() for role in edit.removed}
    after = {role.casefold() for role in (*(held or ()), *edit.added)} - removed
    own = {role.casefold() for role in mine}
    if not after or after & own:
        return ""
    have = f"your roles are {', '.join(mine)}" if mine else "you have no role"
    many = "may not see some of these" if held is None else "will not see it"
    return f"You {many} any more: {have}."


def deprecate_question(names: Sequence[str]) -> tuple[str, ...]:
    """Return title and paragraphs of the question before deprecating."""
    one = len(names) == 1
    what = text.ellipsis(text.clean(names[0]), 40) if one else f"{len(names):,} sources"
    listed = () if one else (words.listed(names),)
    whose = "It stays in the list and is" if one else "They stay in the list and are"
    return (f"Deprecate {what}?", *listed, f"{whose} not checked any more; x activates again.")
