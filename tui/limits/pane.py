"""The pane that tells one gauge's story: at once from its row, then with its month."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui import text
from tui.inventory.pane import ItemPane
from tui.limits.entries import Entry
from tui.limits.story import told_lines
from tui.limits.told import Told
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from engine.limits.results import MeterStory
    from tui.desk import Desk


class LimitsPane(ItemPane[Entry]):
    """A gauge, or a sum of usage: what it means, its month, who used it."""

    def __init__(self, desk: Desk, *, id: str = "detail") -> None:  # noqa: A002 - Textual's own word
        super().__init__(desk, id=id)
        self._entry: Entry | None = None
        self._story: MeterStory | None = None

    @property
    def story(self) -> MeterStory | None:
        """What was read of the meter that is shown; None until it is."""
        return self._story

    def tell(self, item: Entry | None, *, again: bool = False) -> None:
        """Show an entry (None: none) and read its story, once the cursor rests on it."""
        before, self._entry = self._entry, item
        if item is None:
            self._story = None
            set_title(self, "")
        else:
            self._begin(item, before, again=again)
        self.renew()

    def _begin(self, item: Entry, before: Entry | None, *, again: bool) -> None:
        same = before is not None and _meter(before) == _meter(item)
        self._story = self._story if same else None
        set_title(self, text.clean(item.name) or text.NOTHING)
        if before is None or before.id != item.id:
            self.scroll_to(y=0, animate=False)
        if again or not same or before != item:
            self.read_story(partial(self._fetch, item))

    def renew(self) -> None:
        """Write the story again, its ages as of now."""
        entry, story, full = self._entry, self._story, self.has_class("-full")
        if entry is None:
            self.show(lambda _: ())
            return
        told = Told(entry=entry, now=self.desk.now(), glyphs=self.desk.glyphs, story=story)
        self.show(lambda width: told_lines(told, width, self._height, full=full))

    @property
    def _height(self) -> int:
        return int(self.scrollable_content_region.height)

    async def _fetch(self, item: Entry) -> None:
        workspace = await self.desk.workspace()
        story = await workspace.limits.get_meter(item.tenant_id, item.scope, item.subject)
        if self._entry is not None and _meter(self._entry) == _meter(item):
            self._story = story
            self.renew()


def _meter(entry: Entry) -> tuple[str, str, str]:
    return entry.tenant_id, entry.scope, entry.subject
