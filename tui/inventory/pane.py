"""The pane that tells one thing's story: at once from its row, then with its history."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from engine.errors import NotFound
from tui import text
from tui.health.pane import PAUSE_S
from tui.inventory.listing import ItemT
from tui.inventory.story import Known
from tui.widgets.lines import ReadLines
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from engine.health.model import Lamp, Story
    from tui.desk import Desk
    from tui.inventory.answer import Answer
    from tui.widgets.cells import Cell

DetailT = TypeVar("DetailT")

PLOT_HEIGHT = 5
"""Lines of the latency's plot when the pane has the whole screen."""


class ItemPane(ReadLines, Generic[ItemT]):
    """What stands beside or below a list: tells of the thing under the cursor."""

    def __init__(self, desk: Desk, *, id: str = "detail") -> None:  # noqa: A002 - Textual's own word
        super().__init__(id=id, classes="panel")
        self.desk = desk

    def tell(self, item: ItemT | None, *, again: bool = False) -> None:
        """Show a thing (None: none); `again` reads its story anew even if it is shown."""
        raise NotImplementedError

    def renew(self) -> None:
        """Write it again, its ages as of now."""
        raise NotImplementedError

    def read_story(self, read: Callable[[], Awaitable[None]]) -> None:
        """Read what the row does not tell, once the cursor rests; a new one ends the last."""
        self.screen.run_worker(
            _rested(read), name="story", group="story", exclusive=True, exit_on_error=False
        )


async def _rested(read: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(PAUSE_S)
    try:
        await read()
    except NotFound:
        # Deleted meanwhile: the list, which reloads on the same change, drops it.
        return


class RowPane(ItemPane[ItemT]):
    """Tells of a thing from its row, then also what `fetch` reads of it.

    A subclass keeps what it read, and answers what stands below.
    """

    def __init__(self, desk: Desk, *, id: str = "detail") -> None:  # noqa: A002 - Textual's own word
        super().__init__(desk, id=id)
        self.item: ItemT | None = None

    # What a subclass says

    def forget(self) -> None:
        """Drop what was read of another thing: `item` is the one that is shown now."""
        raise NotImplementedError

    def has_more(self, item: ItemT, *, news: bool) -> bool:  # noqa: ARG002 - for subclasses
        """Return whether to read of a thing; `news` says that its row is not what it was."""
        return news

    async def fetch(self, item: ItemT) -> None:
        """Read what the row does not tell, and write it if the thing is still shown."""
        raise NotImplementedError

    # What others read and call

    def tell(self, item: ItemT | None, *, again: bool = False) -> None:
        """Show a thing (None: none) and read of it; `again` reads anew even if it is shown."""
        before, self.item = self.item, item
        if item is None:
            self.forget()
            set_title(self, "")
        else:
            self._begin(item, before, again=again)
        self.renew()

    def _begin(self, item: ItemT, before: ItemT | None, *, again: bool) -> None:
        if before is None or before.id != item.id:
            self.forget()
            self.scroll_to(y=0, animate=False)
        set_title(self, text.clean(item.name) or text.NOTHING)
        if self.has_more(item, news=again or before != item):
            self.read_story(partial(self.fetch, item))

    def is_shown(self, item: ItemT) -> bool:
        """Return whether this thing is the one shown, whatever its row says by now."""
        return self.item is not None and self.item.id == item.id


class DetailPane(ItemPane[ItemT], Generic[ItemT, DetailT]):
    """`tell(item)` shows a thing; `answered(id, answer)` puts a test's answer on top.

    A subclass answers what stands below.
    """

    def __init__(self, desk: Desk, *, id: str = "detail") -> None:  # noqa: A002 - Textual's own word
        super().__init__(desk, id=id)
        self._known: Known[ItemT, DetailT] | None = None
        self._tests: dict[str, Answer] = {}
        self._testing: frozenset[str] = frozenset()

    # What a subclass says

    def lamp_of(self, item: ItemT) -> Lamp:
        """Return what the list knows of a thing as its lamp, until its story is here."""
        raise NotImplementedError

    async def fetch(self, item: ItemT) -> tuple[DetailT, Story]:
        """Read what the list does not know of a thing, and its history."""
        raise NotImplementedError

    def lines_of(
        self, known: Known[ItemT, DetailT], width: int, now: datetime, plot_height: int
    ) -> Sequence[Cell]:
        """Return the story of a thing as lines."""
        raise NotImplementedError

    # What others read and call

    @property
    def known(self) -> Known[ItemT, DetailT] | None:
        """What is known of the thing shown; None while there is none."""
        return self._known

    def tell(self, item: ItemT | None, *, again: bool = False) -> None:
        """Show a thing (None: none); `again` fetches its story anew even if it is shown."""
        if item is None:
            self._known = None
            set_title(self, "")
            self.renew()
            return
        before = self._known
        same = before is not None and before.item.id == item.id
        lamp = self.lamp_of(item)
        news = not same or again or (before is not None and before.lamp != lamp)
        known = before if same and before is not None else Known(item=item, lamp=lamp)
        self._known = replace(known, item=item, lamp=lamp)
        set_title(self, text.clean(item.name) or text.NOTHING)
        if not same:
            self.scroll_to(y=0, animate=False)
        self.renew()
        if news:
            self.read_story(partial(self._fetch, item))

    def testing(self, thing_id: str) -> None:
        """Say that a test is under way."""
        self._testing |= {thing_id}
        self.renew()

    def answered(self, thing_id: str, answer: Answer | None) -> None:
        """Show a test's answer; None when there came none."""
        self._testing -= {thing_id}
        if answer is not None:
            self._tests[thing_id] = answer
        self.renew()

    def renew(self) -> None:
        """Write the story again, its ages as of now."""
        if self._known is None:
            self.show(lambda _: ())
            return
        shown = self._known.item.id
        known = replace(self._known, test=self._tests.get(shown), testing=shown in self._testing)
        now, height = self.desk.now(), PLOT_HEIGHT if self.has_class("-full") else 1
        self.show(lambda width: self.lines_of(known, width, now, height))

    async def _fetch(self, item: ItemT) -> None:
        detail, story = await self.fetch(item)
        if self._known is not None and self._known.item.id == item.id:
            self._known = replace(self._known, detail=detail, story=story)
            self.renew()
