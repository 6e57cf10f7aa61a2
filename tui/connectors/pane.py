"""The pane that tells one connector's story."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from engine.connectors.results import ConnectorInfo
from tui.connectors.rows import KIND, lamp_of
from tui.connectors.story import fact_lines
from tui.inventory.pane import DetailPane
from tui.inventory.wide import wide_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.health.model import Lamp, Story
    from tui.inventory.story import Known
    from tui.widgets.cells import Cell


class ConnectorPane(DetailPane[ConnectorInfo, ConnectorInfo]):
    """A connector with what it offers, which a list does not hold."""

    def lamp_of(self, item: ConnectorInfo) -> Lamp:
        """Return the lamp that the list knows."""
        return lamp_of(item)

    async def fetch(self, item: ConnectorInfo) -> tuple[ConnectorInfo, Story]:
        """Read the connector and its history together."""
        workspace = await self.desk.workspace()
        tenant_id = item.tenant_id or self.desk.tenant_id
        return await asyncio.gather(
            workspace.connectors.get_connector(tenant_id, item.id),
            workspace.health.story(tenant_id, KIND, item.id),
        )

    def lines_of(
        self,
        known: Known[ConnectorInfo, ConnectorInfo],
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
