"""The pane that tells one integration's story."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from engine.integrations.results import IntegrationSummaryResult
from tui.integrations.rows import KIND, lamp_of
from tui.integrations.story import Stored, fact_lines
from tui.inventory.pane import DetailPane
from tui.inventory.story import known_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.health.model import Lamp, Story
    from tui.inventory.story import Known
    from tui.widgets.cells import Cell


class IntegrationPane(DetailPane[IntegrationSummaryResult, Stored]):
    """An integration with its limits."""

    def lamp_of(self, item: IntegrationSummaryResult) -> Lamp:
        """Return the lamp that the list knows."""
        return lamp_of(item)

    async def fetch(self, item: IntegrationSummaryResult) -> tuple[Stored, Story]:
        """Read the integration, its limits and its history together."""
        workspace = await self.desk.workspace()
        tenant_id = item.tenant_id or self.desk.tenant_id
        detail, gauges, story = await asyncio.gather(
            workspace.integrations.get_integration(tenant_id, item.id),
            workspace.limits.gauges_of(tenant_id, KIND, item.id),
            workspace.health.story(tenant_id, KIND, item.id),
        )
        return Stored(detail=detail, gauges=gauges), story

    def lines_of(
        self,
        known: Known[IntegrationSummaryResult, Stored],
        width: int,
        now: datetime,
        plot_height: int,
    ) -> Sequence[Cell]:
        """Return the story as lines."""
        glyphs = self.desk.glyphs
        return known_lines(
            known,
            lambda inner: fact_lines(known, inner, now, glyphs),
            width,
            now,
            glyphs,
            plot_height=plot_height,
        )
