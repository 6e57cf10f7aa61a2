"""The pane that tells one reference's story: at once from its row, then who uses it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui import text
from tui.credentials.entries import Entry, entry
from tui.credentials.story import Told, told_lines
from tui.inventory.pane import ItemPane
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from engine.credentials.results import CredentialDetail, CredentialTest
    from tui.desk import Desk


class ReferencePane(ItemPane[Entry]):
    """A reference: its state, its expiry, who uses it and who asked for it."""

    def __init__(self, desk: Desk, *, id: str = "detail") -> None:  # noqa: A002 - Textual's own word
        super().__init__(desk, id=id)
        self._entry: Entry | None = None
        self._detail: CredentialDetail | None = None
        self._tests: dict[str, CredentialTest] = {}
        self._testing: frozenset[str] = frozenset()

    def tell(self, item: Entry | None, *, again: bool = False) -> None:
        """Show a reference (None: none) and read who uses it, once the cursor rests on it."""
        before, self._entry = self._entry, item
        if item is None:
            self._detail = None
            set_title(self, "")
        else:
            self._begin(item, before, again=again)
        self.renew()

    def _begin(self, item: Entry, before: Entry | None, *, again: bool) -> None:
        if before is None or before.id != item.id:
            self._detail = None
            self.scroll_to(y=0, animate=False)
        set_title(self, text.clean(item.name) or text.NOTHING)
        if again or before != item or self._detail is None:
            self.read_story(partial(self._fetch, item))

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
        shown = self._entry
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

    async def _fetch(self, item: Entry) -> None:
        workspace = await self.desk.workspace()
        detail = await workspace.credentials.get(item.tenant_id, item.id)
        if self._entry is not None and self._entry.id == item.id:
            self._entry, self._detail = entry(detail.credential), detail
            self.renew()
