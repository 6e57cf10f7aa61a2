"""The pane that tells one template's story: at once from its row, then its SQL and runs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from engine.gateway.results import TemplateSummary
from tui.gateway.story import told_lines
from tui.gateway.told import Told
from tui.inventory.pane import RowPane

if TYPE_CHECKING:
    from engine.gateway.results import TemplateDetail, TemplateRun
    from tui.desk import Desk

RUNS = 20
"""How many of the last runs are told."""


class TemplatePane(RowPane[TemplateSummary]):
    """A template, in its newest version or in an older one that is looked at."""

    def __init__(self, desk: Desk, *, id: str = "detail") -> None:  # noqa: A002 - Textual's own word
        super().__init__(desk, id=id)
        self._detail: TemplateDetail | None = None
        self._runs: tuple[TemplateRun, ...] | None = None
        self._version: int | None = None

    @property
    def detail(self) -> TemplateDetail | None:
        """The version that is shown, whole; None until it is read."""
        return self._detail

    @property
    def version(self) -> int | None:
        """The older version that is looked at; None for the newest."""
        return self._version

    def tell(self, item: TemplateSummary | None, *, again: bool = False) -> None:
        """Show a template (None: none) and read its version and runs, once the cursor rests."""
        before = self.item
        if item is not None and before is not None and before.version != item.version:
            # A new version is what one wants to see.
            self._version = None
        super().tell(item, again=again)

    def forget(self) -> None:
        """Drop another template's version and runs."""
        self._detail = self._runs = self._version = None

    def has_more(self, item: TemplateSummary, *, news: bool) -> bool:  # noqa: ARG002 - of any
        """Return whether to read its SQL and runs: also when an earlier reading failed."""
        return news or self._detail is None

    def show_version(self, version: int) -> None:
        """Look at a version."""
        if self.item is not None:
            self._version = None if version == self.item.version else version
            self.read_story(partial(self.fetch, self.item))

    def renew(self) -> None:
        """Write the story again, its ages as of now."""
        if self.item is None:
            self.show(lambda _: ())
            return
        told = Told(
            item=self.item,
            now=self.desk.now(),
            glyphs=self.desk.glyphs,
            detail=self._detail,
            runs=self._runs,
        )
        self.show(lambda width: told_lines(told, width))

    async def fetch(self, item: TemplateSummary) -> None:
        """Read the version that is looked at, and the last runs."""
        version = self._version
        workspace = await self.desk.workspace()
        detail = await workspace.gateway.get_template(item.tenant_id, item.id, version)
        runs = await workspace.gateway.runs(item.tenant_id, item.id, RUNS)
        if self.is_shown(item) and self._version == version:
            self._detail, self._runs = detail, runs
            self.renew()
