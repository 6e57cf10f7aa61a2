"""The pane that tells one source's story."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from engine.sources.model import CustomerDataSource
from engine.sources.results import SourceSummary
from tui.inventory.pane import DetailPane
from tui.inventory.wide import wide_lines
from tui.sources.rows import KIND, lamp_of
from tui.sources.story import fact_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.health.model import Lamp, Story
    from tui.inventory.story import Known
    from tui.widgets.cells import Cell


class SourcePane(DetailPane[SourceSummary, CustomerDataSource]):
    """A source: where it is, how it is reached, whose it is, how its checks went."""

    def lamp_of(self, item: SourceSummary) -> Lamp:
        """Return the lamp that the list knows."""
        return lamp_of(item, self.desk.tenant_id)

    async def fetch(self, item: SourceSummary) -> tuple[CustomerDataSource, Story]:
        """Read the source and its history together."""
        workspace = await self.desk.workspace()
        tenant_id = self.desk.tenant_id
        return await asyncio.gather(
            workspace.sources.get_source(tenant_id, item.id),
            workspace.health.story(tenant_id, KIND, item.id),
        )

    def lines_of(
        self,
        known: Known[SourceSummary, CustomerDataSource],
        width: int,
        now: datetime,
        plot_height: int,
    ) -> Sequence[Cell]:
        """Return the story as lines."""
        return wide_lines(
            known,
            lambda inner: fact_lines(known, inner, now),
            width,
            now,
            self.desk.glyphs,
            plot_height=plot_height,
        )
