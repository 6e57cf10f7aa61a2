"""The pane that tells one gauge's story: at once from its row, then with its month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.inventory.pane import RowPane
from tui.limits.entries import Entry
from tui.limits.story import told_lines
from tui.limits.told import Told

if TYPE_CHECKING:
    from engine.limits.results import MeterStory
    from tui.desk import Desk


class LimitsPane(RowPane[Entry]):
    """A gauge, or a sum of usage: what it means, its month, who used it."""

    def __init__(self, desk: Desk, *, id: str = "detail") -> None:  # noqa: A002 - Textual's own word
        super().__init__(desk, id=id)
        self._story: MeterStory | None = None

    @property
    def story(self) -> MeterStory | None:
        """What was read of the meter that is shown; None until it is."""
        found, shown = self._story, self.item
        if found is None or shown is None or _meter(found) != _meter(shown):
            return None
        return found

    def forget(self) -> None:
        """Drop another meter's story; the gauges of one meter share theirs."""
        self._story = self.story

    def renew(self) -> None:
        """Write the story again, its ages as of now."""
        entry, story, full = self.item, self.story, self.has_class("-full")
        if entry is None:
            self.show(lambda _: ())
            return
        told = Told(entry=entry, now=self.desk.now(), glyphs=self.desk.glyphs, story=story)
        self.show(lambda width: told_lines(told, width, self._height, full=full))

    @property
    def _height(self) -> int:
        return int(self.scrollable_content_region.height)

    async def fetch(self, item: Entry) -> None:
        """Read its month, who used it and its last hour."""
        workspace = await self.desk.workspace()
        story = await workspace.limits.get_meter(item.tenant_id, item.scope, item.subject)
        if self.item is not None and _meter(self.item) == _meter(item):
            self._story = story
            self.renew()


def _meter(of: Entry | MeterStory) -> tuple[str, str, str]:
    return of.tenant_id, of.scope, of.subject
