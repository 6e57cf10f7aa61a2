"""The place of connectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from engine.connectors.results import ConnectorInfo
from tui import text
from tui.connectors.deeds import DEEDS
from tui.connectors.discovered import offers
from tui.connectors.listing import ConnectorListing
from tui.connectors.offers import Offers
from tui.connectors.pane import ConnectorPane
from tui.connectors.rows import OUT_OF_USE, statistics_of
from tui.inventory.counted import CountedScreen
from tui.inventory.keys import bindings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.connectors import ConnectorsFacade
    from engine.workspace import Workspace
    from tui.connectors.form import ConnectorForm
    from tui.inventory.statistics import Statistics


class ConnectorsScreen(CountedScreen[ConnectorInfo]):
    """The list under its statistics, one's story below it, the form, and what it offers."""

    MODE = "connectors"
    LISTING = ConnectorListing
    PANE = ConnectorPane
    DEEDS = DEEDS
    WATCHES: ClassVar[frozenset[str]] = frozenset({"connectors", "health"})
    WRITING = CountedScreen.WRITING | {"discover"}
    NEEDS_ONE = CountedScreen.NEEDS_ONE | {"discover", "offers"}
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("connector", switch="Connect or disconnect"),
        Binding("i", "discover", "Discover", tooltip="Ask the other side what it can do"),
        Binding("o", "offers", "Offers", tooltip="What was discovered: tools, tables, functions"),
        Binding("D", "deprecate", "Deprecate", tooltip="Not to be used any more, after asking"),
    ]

    def facade(self, workspace: Workspace) -> ConnectorsFacade:
        """Return the connectors' facade."""
        return workspace.connectors

    async def statistics(self, workspace: Workspace) -> Statistics:
        """Count the tenant's connectors."""
        return statistics_of(await workspace.connectors.get_statistics(self.desk.tenant_id))

    async def form(self, item: ConnectorInfo | None, *, clone: bool) -> ConnectorForm:
        """Return the form, of what is stored now."""
        from tui.connectors.form import ConnectorForm

        detail: ConnectorInfo | None = None
        if item is not None:
            workspace = await self.desk.workspace()
            detail = await workspace.connectors.get_connector(self.desk.tenant_id, item.id)
        return ConnectorForm(self.desk, detail, clone=clone)

    def switches(self, item: ConnectorInfo) -> Sequence[str]:
        """Connect what is out of use, disconnect what is not."""
        return ("connect",) if item.status in OUT_OF_USE else ("disconnect",)

    def all_switches(self) -> Sequence[str]:
        """Offer both for marked rows."""
        return ("connect", "disconnect")

    def action_discover(self) -> None:
        """Ask the other side what it can do; all marked ones."""
        self.do(DEEDS["discover"], self.things())

    def action_offers(self) -> None:
        """Show what was discovered of the connector under the cursor."""
        if self.item is not None:
            self.run_worker(self._show_offers(self.item), name="offers", exit_on_error=False)

    async def _show_offers(self, item: ConnectorInfo) -> None:
        workspace = await self.desk.workspace()
        detail = await workspace.connectors.get_connector(self.desk.tenant_id, item.id)
        found = offers(detail.discovered)
        name = text.clean(item.name)
        if found:
            self.app.push_screen(Offers(text.ellipsis(name, 40), found))
        else:
            self.notify(f"{name}: nothing discovered. i asks the other side.", markup=False)
