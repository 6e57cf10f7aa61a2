"""The pane that tells one template's story: at once from its row, then its SQL and runs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from engine.gateway.results import TemplateSummary
from tui import text
from tui.gateway.story import told_lines
from tui.gateway.told import Told
from tui.inventory.pane import ItemPane
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from engine.gateway.results import TemplateDetail, TemplateRun
    from tui.desk import Desk

RUNS = 20
"""How many of the last runs are told."""


class TemplatePane(ItemPane[TemplateSummary]):
    """A template, in its newest version or in an older one that is looked at."""

    def __init__(self, desk: Desk, *, id: str = "detail") -> None:  # noqa: A002 - Textual's own word
        super().__init__(desk, id=id)
        self._item: TemplateSummary | None = None
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
        before, self._item = self._item, item
        if item is None:
            self._detail = self._runs = self._version = None
            set_title(self, "")
        else:
            self._begin(item, before, again=again)
        self.renew()

    def _begin(self, item: TemplateSummary, before: TemplateSummary | None, *, again: bool) -> None:
        if before is None or before.id != item.id:
            self._detail = self._runs = self._version = None
            self.scroll_to(y=0, animate=False)
        elif before.version != item.version:
            # A new version is what one wants to see.
            self._version = None
        set_title(self, text.clean(item.name) or text.NOTHING)
        if again or before != item or self._detail is None:
            self._read()

    def show_version(self, version: int) -> None:
        """Look at a version."""
        if self._item is not None:
            self._version = None if version == self._item.version else version
            self._read()

    def _read(self) -> None:
        item = self._item
        if item is not None:
            self.read_story(partial(self._fetch, item, self._version))

    def renew(self) -> None:
        """Write the story again, its ages as of now."""
        if self._item is None:
            self.show(lambda _: ())
            return
        told = Told(
            item=self._item,
            now=self.desk.now(),
            glyphs=self.desk.glyphs,
            detail=self._detail,
            runs=self._runs,
        )
        self.show(lambda width: told_lines(told, width))

    async def _fetch(self, item: TemplateSummary, version: int | None) -> None:
        workspace = await self.desk.workspace()
        detail = await workspace.gateway.get_template(item.tenant_id, item.id, version)
        runs = await workspace.gateway.runs(item.tenant_id, item.id, RUNS)
        if self._item is not None and self._item.id == item.id and self._version == version:
            self._detail, self._runs = detail, runs
            self.renew()
