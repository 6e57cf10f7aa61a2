"""The pane that tells one reference's story: at once from its row, then who uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.credentials.entries import Entry, entry
from tui.credentials.story import Told, told_lines
from tui.inventory.pane import RowPane

if TYPE_CHECKING:
    from engine.credentials.results import CredentialDetail, CredentialTest
    from tui.desk import Desk


class ReferencePane(RowPane[Entry]):
    """A reference: its state, its expiry, who uses it and who asked for it."""

    def __init__(self, desk: Desk, *, id: str = "detail") -> None:  # noqa: A002 - Textual's own word
        super().__init__(desk, id=id)
        self._detail: CredentialDetail | None = None
        self._tests: dict[str, CredentialTest] = {}
        self._testing: frozenset[str] = frozenset()

    def forget(self) -> None:
        """Drop who used another one."""
        self._detail = None

    def has_more(self, item: Entry, *, news: bool) -> bool:  # noqa: ARG002 - of any reference
        """Return whether to read who uses it: also when an earlier reading failed."""
        return news or self._detail is None

    def testing(self, reference: str) -> None:
        """Say that its secret is being asked for."""
        self._testing |= {reference}
        self.renew()

    def answered(self, reference: str, test: CredentialTest | None) -> None:
        """Show what asking came to; None when it came to nothing."""
        self._testing -= {reference}
        if test is not None:
            self._tests[reference] = test
        self.renew()

    def renew(self) -> None:
        """Write the story again, its ages as of now."""
        shown = self.item
        if shown is None:
            self.show(lambda _: ())
            return
        told = Told(
            entry=shown,
            now=self.desk.now(),
            glyphs=self.desk.glyphs,
            detail=self._detail,
            test=self._tests.get(shown.id),
            testing=shown.id in self._testing,
        )
        self.show(lambda width: told_lines(told, width))

    async def fetch(self, item: Entry) -> None:
        """Read who uses it."""
        workspace = await self.desk.workspace()
        detail = await workspace.credentials.get(item.tenant_id, item.id)
        if self.is_shown(item):
            self.item, self._detail = entry(detail.credential), detail
            self.renew()
