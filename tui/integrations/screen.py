"""The place of integrations."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from engine.integrations.results import IntegrationSummaryResult
from tui.integrations.deeds import DEEDS
from tui.integrations.listing import IntegrationListing
from tui.integrations.pane import IntegrationPane
from tui.inventory.keys import bindings
from tui.inventory.screen import InventoryScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType

    from engine.integrations import IntegrationsFacade
    from engine.integrations.results import IntegrationDetailResult
    from engine.workspace import Workspace
    from tui.desk import Desk
    from tui.integrations.form import IntegrationForm


class IntegrationsScreen(InventoryScreen[IntegrationSummaryResult]):
    """The list of a tenant's LLM providers, one's story, the form, and the keys that change."""

    MODE = "integrations"
    LISTING = IntegrationListing
    PANE = IntegrationPane
    DEEDS = DEEDS
    WATCHES: ClassVar[frozenset[str]] = frozenset({"integrations", "health", "limits"})
    BINDINGS: ClassVar[list[BindingType]] = bindings("integration", switch="Enable or disable")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._used = False

    def changed(self, concepts: frozenset[str]) -> None:
        """Note that gauges moved: the story's too, though no lamp did."""
        self._used = self._used or "limits" in concepts
        super().changed(concepts)

    def action_refresh(self) -> None:
        """Load everything here again, the story's gauges too."""
        self._used = True
        super().action_refresh()

    def show(self, snapshot: bool) -> None:
        """Show the list; read the story again where its gauges may have moved."""
        super().show(snapshot)
        if self._used and self.item is not None:
            self._used = False
            self.pane.tell(self.item, again=True)

    def facade(self, workspace: Workspace) -> IntegrationsFacade:
        """Return the integrations' facade."""
        return workspace.integrations

    async def form(self, item: IntegrationSummaryResult | None, *, clone: bool) -> IntegrationForm:
        """Return the form, of what is stored now."""
        from tui.integrations.form import IntegrationForm

        detail: IntegrationDetailResult | None = None
        if item is not None:
            workspace = await self.desk.workspace()
            detail = await workspace.integrations.get_integration(self.desk.tenant_id, item.id)
        return IntegrationForm(self.desk, detail, clone=clone)

    def switches(self, item: IntegrationSummaryResult) -> Sequence[str]:
        """Disable what is enabled, enable what is not."""
        return ("disable",) if item.status == "enabled" else ("enable",)

    def all_switches(self) -> Sequence[str]:
        """Offer both for marked rows."""
        return ("enable", "disable")
