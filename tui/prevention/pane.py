"""The pane that tells of one record or policy: at once from its row, then with what is proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.inventory.pane import RowPane
from tui.prevention.entries import Entry
from tui.prevention.story import Told, told_lines

if TYPE_CHECKING:
    from engine.prevention.results import LedgerStatus, UncountedRecord
    from tui.desk import Desk

MOST = 50
"""Records that do not count, of which a policy's story tells."""


class PreventionPane(RowPane[Entry]):
    """A record with its hashes, or a policy with the records that do not count."""

    def __init__(self, desk: Desk, *, id: str = "detail") -> None:  # noqa: A002 - Textual's own word
        super().__init__(desk, id=id)
        self._status: LedgerStatus | None = None
        self._uncounted: tuple[UncountedRecord, ...] | None = None

    def proved(self, status: LedgerStatus | None) -> None:
        """Take what is known of the whole ledger."""
        self._status = status
        self.renew()

    def forget(self) -> None:
        """Drop what does not count for another policy."""
        self._uncounted = None

    def has_more(self, item: Entry, *, news: bool) -> bool:
        """Return whether there are records to read: only of a policy."""
        return item.policy is not None and news

    def renew(self) -> None:
        """Write the story again, its ages as of now."""
        entry, status, uncounted = self.item, self._status, self._uncounted
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

    async def fetch(self, item: Entry) -> None:
        """Read which records do not count for a policy."""
        workspace = await self.desk.workspace()
        _, found = await workspace.prevention.graduation_of(item.tenant_id, item.id, limit=MOST)
        if self.is_shown(item):
            self._uncounted = found
            self.renew()
