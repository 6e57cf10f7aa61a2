"""Boards as they were, each with the uptimes that it shows first; the next one is read ahead.

Whoever steps through changes mostly goes on in the same direction. So once a board is shown, the
one that the same key would show is read, and the key has only to draw it.
"""

from __future__ import annotations

from asyncio import Lock, sleep
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.filters import parse_filter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from engine.health.facade import HealthFacade
    from engine.health.model import Board, DayStrip, Uptime
    from tui.desk import Desk

DAY = timedelta(days=1)

PAUSE_S = 0.05
"""Seconds without a step after which the next is read ahead: a key that is held comes sooner."""

SETTLED = timedelta(minutes=1)
"""What is older is written, whichever monitor found it; what was read within it is still so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What a board is read for; one that was read for another is of no use.

    Of the first `lamps` of it uptimes are read, too.
    """

    tenant_id: str
    filter: str
    slots: int
    windows: tuple[str, ...]
    lamps: int = field(compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class PastBoard:
    """A board as it was, for a view, with the uptime of its first lamps by their numbers."""

    view: View
    at: datetime
    board: Board
    uptimes: Mapping[int, Uptime]


class PastBoards:
    """Reads boards of the past for one screen; holds two of them at most.

    One reading at a time: a key that comes while its board is read ahead waits for just that.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = Lock()
        self._last: PastBoard | None = None
        self._ahead: PastBoard | None = None
        self._ahead_of: tuple[datetime, bool] | None = None

    def forget(self) -> None:
        """Hold no board any more."""
        self._last = self._ahead = self._ahead_of = None

    async def step(self, view: View, begin: datetime, *, back: bool) -> datetime | None:
        """Return the time of the change before or after a time, None if there is none."""
        async with self._lock:
            ahead = self._ahead_for(view)
            if ahead is not None and self._ahead_of == (begin, back):
                return ahead.at
            return await self._step(view, begin, back=back)

    async def board(self, view: View, at: datetime) -> Board:
        """Return the board as it was at a time, with the strip of its day."""
        async with self._lock:
            ahead = self._ahead_for(view)
            found = ahead if ahead is not None and ahead.at == at else await self._read(view, at)
            self._last = found
            return found.board

    def uptimes(self, board: Board) -> Mapping[int, Uptime]:
        """Return what was read with a board; nothing where that is another than the last one."""
        last = self._last
        return last.uptimes if last is not None and last.board is board else {}

    async def read_ahead(
        self, view: View, begin: datetime, *, back: bool, wanted: Callable[[], bool]
    ) -> None:
        """Read what one more step in a direction will show, where that is wanted after a pause."""
        await sleep(PAUSE_S)
        async with self._lock:
            known = self._ahead_of == (begin, back) and self._ahead_for(view) is not None
            if known or not wanted():
                return
            at = await self._step(view, begin, back=back)
            if at is not None and at <= self._desk.now() - SETTLED:
                self._ahead, self._ahead_of = await self._read(view, at), (begin, back)

    def _ahead_for(self, view: View) -> PastBoard | None:
        ahead = self._ahead
        if ahead is None or ahead.view != view:
            return None
        return ahead if self._desk.now() - ahead.board.taken_at <= SETTLED else None

    async def _health(self) -> HealthFacade:
        return (await self._desk.workspace()).health

    async def _step(self, view: View, begin: datetime, *, back: bool) -> datetime | None:
        health, terms = await self._health(), parse_filter(view.filter)
        return await health.step(view.tenant_id, begin, back=back, terms=terms)

    async def _read(self, view: View, at: datetime) -> PastBoard:
        health, terms, strip = (
            await self._health(),
            parse_filter(view.filter),
            self._strip(view, at),
        )
        board = await health.board_at(
            view.tenant_id, at, terms=terms, slots=0 if strip else view.slots, windows=()
        )
        rows = [row for group in board.groups for row in group.rows][: view.lamps]
        uptimes = await health.uptimes(
            view.tenant_id, [row.lamp.number for row in rows], at=at, windows=view.windows
        )
        board = replace(board, strip=strip or board.strip)
        return PastBoard(view=view, at=at, board=board, uptimes=uptimes)

    def _strip(self, view: View, at: datetime) -> DayStrip | None:
        """Return the strip of a day that is known; today's goes on, and is never."""
        last = self._last
        if last is None or last.view != view or last.board.strip is None:
            return None
        strip = last.board.strip
        is_same, is_over = strip.day.date() == at.date(), last.board.taken_at >= strip.day + DAY
        return strip if is_same and is_over else None
