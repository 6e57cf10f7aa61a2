"""An inventory under its statistics, with its story below the list where there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import LampboardError
from tui.inventory import words
from tui.inventory.listing import ItemT
from tui.inventory.screen import InventoryScreen
from tui.inventory.statistics import statistics_lines
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from engine.workspace import Workspace
    from tui.desk import Desk
    from tui.inventory.statistics import Statistics


class CountedScreen(InventoryScreen[ItemT]):
    """A list of many columns: it takes the whole width, its story stands below it.

    A subclass answers `statistics`; its `DEEDS` have `deprecate`, which `D` does after asking.
    """

    WRITING = InventoryScreen.WRITING | {"deprecate"}
    NEEDS_ONE = InventoryScreen.NEEDS_ONE | {"deprecate"}
    SCOPED_CSS = False
    CSS = """
    CountedScreen #statistics { height: 2; overflow: hidden; }
    CountedScreen.-wide #inventory { layout: vertical; }
    CountedScreen.-wide #detail { width: 1fr; height: 42%; min-height: 8; }
    CountedScreen.-wide.-full #detail { height: 1fr; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._statistics: Statistics | None = None

    async def statistics(self, workspace: Workspace) -> Statistics:
        """Count the tenant's things."""
        raise NotImplementedError

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
            self._statistics = await self.statistics(workspace)
        except LampboardError:
            # The list's own request meets the same error and shows it.
            return
        self._say_statistics()

    def _say_statistics(self) -> None:
        stats, glyphs = self._statistics, self.desk.glyphs
        self.query_one("#statistics", Lines).show(
            lambda width: statistics_lines(stats, width, glyphs)
        )

    def action_deprecate(self) -> None:
        """Deprecate, after asking by name."""
        things = self.things()
        if things:
            names = [thing.name for thing in things]
            question = words.deprecate_question(self.listing.noun, names)
            self.ask(self.DEEDS["deprecate"], things, question)
