"""The pane that tells of one record or policy: at once from its row, then with what is proved."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui import text
from tui.inventory.pane import ItemPane
from tui.prevention.entries import Entry
from tui.prevention.story import Told, told_lines
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from engine.prevention.results import LedgerStatus, UncountedRecord
    from tui.desk import Desk

MOST = 50
"""Records that do not count, of which a policy's story tells."""


class PreventionPane(ItemPane[Entry]):
    """A record with its hashes, or a policy with the records that do not count."""

    def __init__(self, desk: Desk, *, id: str = "detail") -> None:  # noqa: A002 - Textual's own word
        super().__init__(desk, id=id)
        self._entry: Entry | None = None
        self._status: LedgerStatus | None = None
        self._uncounted: tuple[UncountedRecord, ...] | None = None

    def proved(self, status: LedgerStatus | None) -> None:
        """Take what is known of the whole ledger."""
        self._status = status
        self.renew()

    def tell(self, item: Entry | None, *, again: bool = False) -> None:
        """Show an entry (None: none); of a policy read which records do not count."""
        before, self._entry = self._entry, item
        if item is None:
            set_title(self, "")
        else:
            self._begin(item, before, again=again)
        self.renew()

    def _begin(self, item: Entry, before: Entry | None, *, again: bool) -> None:
        if before is None or before.id != item.id:
            self._uncounted = None
            self.scroll_to(y=0, animate=False)
        set_title(self, text.clean(item.name) or text.NOTHING)
        if item.policy is not None and (again or before != item):
            self.read_story(partial(self._fetch, item))

    def renew(self) -> None:
        """Write the story again, its ages as of now."""
        entry, status, uncounted = self._entry, self._status, self._uncounted
        if entry is None:
            self.show(lambda _: ())
            return
        told = Told(
            entry=entry,
            now=self.desk.now(),
            glyphs=self.desk.glyphs,
            status=status,
            uncounted=uncounted,
        )
        self.show(lambda width: told_lines(told, width))

    async def _fetch(self, item: Entry) -> None:
        workspace = await self.desk.workspace()
        _, found = await workspace.prevention.graduation_of(item.tenant_id, item.id, limit=MOST)
        if self._entry is not None and self._entry.id == item.id:
            self._uncounted = found
            self.renew()
