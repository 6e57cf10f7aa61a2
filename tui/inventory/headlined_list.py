"""A list under its headline: one line of counts, or of one lamp, for all that the list holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from engine.errors import LampboardError
from tui.inventory.list_screen import ListScreen
from tui.inventory.listing import ItemT
from tui.widgets.cells import Cell, Span
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from engine.workspace import Workspace
    from tui.desk import Desk

HeadT = TypeVar("HeadT")


class HeadlinedList(ListScreen[ItemT], Generic[ItemT, HeadT]):
    """The headline is read beside the list and comes when it comes: it holds nothing up.

    A subclass says how it is read and how it is written.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.headline: HeadT | None = None

    # What a subclass says

    async def read_headline(self, workspace: Workspace) -> HeadT:
        """Return what the headline tells of the tenant; runs in a worker."""
        raise NotImplementedError

    def headline_cell(self, found: HeadT, width: int) -> Cell:
        """Return the headline in so many cells, as of now."""
        raise NotImplementedError

    # The headline

    def compose_above(self) -> ComposeResult:
        """Yield the headline's line."""
        yield Lines(id="headline")

    def show(self, snapshot: bool) -> None:
        """Show the list and its headline."""
        super().show(snapshot)
        self.renew_headline()

    def renew_headline(self) -> None:
        """Write what is known, and read it again."""
        self.say_headline()
        self.run_worker(
            self._read(), name="headline", group="headline", exclusive=True, exit_on_error=False
        )

    async def _read(self) -> None:
        workspace = await self.desk.workspace()
        try:
            self.headline = await self.read_headline(workspace)
        except LampboardError:
            # The list's own request meets the same error and shows it.
            return
        self.say_headline()

    def say_headline(self) -> None:
        """Write the headline as of now; a gap while it is not known."""
        found, gap = self.headline, (Span(f" {self.desk.glyphs.gap}", "muted"),)
        self.query_one("#headline", Lines).show(
            lambda width: (gap if found is None else self.headline_cell(found, width),)
        )

    def tick(self) -> None:
        """Renew ages, the headline's too."""
        super().tick()
        self.say_headline()

    def tenant_changed(self) -> None:
        """Forget the other tenant's headline as well."""
        self.headline = None
        super().tenant_changed()
