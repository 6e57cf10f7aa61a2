"""The pane that tells one integration's story: at once from its row, then with its history."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import NotFound
from tui import text
from tui.health.pane import PAUSE_S
from tui.integrations.rows import KIND, lamp_of
from tui.integrations.story import Known, known_lines
from tui.widgets.lines import ReadLines
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from engine.integrations.results import HealthCheckResult, IntegrationSummaryResult
    from tui.desk import Desk

PLOT_HEIGHT = 5
"""Lines of the latency's plot when the pane has the whole screen."""


class DetailPane(ReadLines):
    """`tell(item)` shows an integration; `answered(result)` puts a test's answer on top."""

    def __init__(self, desk: Desk, *, id: str = "detail") -> None:  # noqa: A002 - Textual's own word
        super().__init__(id=id, classes="panel")
        self._desk = desk
        self._known: Known | None = None
        self._tests: dict[str, HealthCheckResult] = {}
        self._testing: frozenset[str] = frozenset()

    @property
    def known(self) -> Known | None:
        """What is known of the integration shown; None while there is none."""
        return self._known

    def tell(self, item: IntegrationSummaryResult | None, *, again: bool = False) -> None:
        """Show an integration (None: none); `again` fetches its story anew even if it is shown."""
        if item is None:
            self._known = None
            set_title(self, "")
            self.renew()
            return
        before = self._known
        same = before is not None and before.lamp.id == item.id
        lamp = lamp_of(item)
        news = not same or again or (before is not None and before.lamp != lamp)
        known = before if same and before is not None else Known(lamp=lamp, status=item.status)
        self._known = replace(known, lamp=lamp, status=item.status)
        set_title(self, text.clean(item.name) or text.NOTHING)
        if not same:
            self.scroll_to(y=0, animate=False)
        self.renew()
        if news:
            self.screen.run_worker(
                self._fetch(item), name="story", group="story", exclusive=True, exit_on_error=False
            )

    def testing(self, integration_id: str) -> None:
        """Say that a test is under way."""
        self._testing |= {integration_id}
        self.renew()

    def answered(self, integration_id: str, result: HealthCheckResult | None) -> None:
        """Show a test's answer; None when there came none."""
        self._testing -= {integration_id}
        if result is not None:
            self._tests[integration_id] = result
        self.renew()

    def renew(self) -> None:
        """Write the story again, its ages as of now."""
        if self._known is None:
            self.show(lambda _: ())
            return
        shown = self._known.lamp.id
        known = replace(self._known, test=self._tests.get(shown), testing=shown in self._testing)
        now, glyphs = self._desk.now(), self._desk.glyphs
        height = PLOT_HEIGHT if self.has_class("-full") else 1
        self.show(lambda width: known_lines(known, width, now, glyphs, plot_height=height))

    async def _fetch(self, item: IntegrationSummaryResult) -> None:
        await asyncio.sleep(PAUSE_S)
        workspace = await self._desk.workspace()
        facade, tenant_id = workspace.integrations, item.tenant_id or self._desk.tenant_id
        try:
            detail, limits, story = await asyncio.gather(
                facade.get_integration(tenant_id, item.id),
                facade.get_limits_status(tenant_id, item.id),
                workspace.health.story(tenant_id, KIND, item.id),
            )
        except NotFound:
            # Deleted meanwhile: the list, which reloads on the same change, drops it.
            return
        if self._known is not None and self._known.lamp.id == item.id:
            self._known = replace(self._known, detail=detail, limits=limits, story=story)
            self.renew()
