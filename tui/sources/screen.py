"""The place of data sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType

from engine.sources.results import SourceSummary
from tui import text
from tui.inventory.counted import CountedScreen
from tui.inventory.keys import bindings
from tui.inventory.labels import Edit, LabelsDialog
from tui.sources import deeds
from tui.sources.deeds import DEEDS
from tui.sources.listing import SourceListing
from tui.sources.pane import SourcePane
from tui.sources.rows import statistics_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.sources.facade import DataSourcesFacade
    from engine.sources.model import CustomerDataSource
    from engine.workspace import Workspace
    from tui.inventory.bulk import Deed
    from tui.inventory.statistics import Statistics
    from tui.sources.form import SourceForm

OWN = frozenset({"tags", "roles"})
RUNNING = frozenset({"active", "error"})


class SourcesScreen(CountedScreen[SourceSummary]):
    """The list under its statistics, one's story below it, the form, and the keys that change."""

    MODE = "sources"
    LISTING = SourceListing
    PANE = SourcePane
    DEEDS = DEEDS
    WATCHES: ClassVar[frozenset[str]] = frozenset({"sources", "health"})
    WRITING = CountedScreen.WRITING | OWN
    NEEDS_ONE = CountedScreen.NEEDS_ONE | OWN
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("source", switch="Activate or deactivate"),
        Binding("number_sign", "tags", "Tags", key_display="#", tooltip="Add and remove tags"),
        Binding("r", "roles", "Roles", tooltip="Say who may see it; marked rows too"),
        Binding("D", "deprecate", "Deprecate", tooltip="Not to be used any more, after asking"),
    ]

    # What the inventory asks

    async def statistics(self, workspace: Workspace) -> Statistics:
        """Count the tenant's sources, as far as the operator may see them."""
        return statistics_of(await workspace.sources.get_statistics(self.desk.tenant_id))

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

    # Tags and roles

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
