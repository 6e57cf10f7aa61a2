"""The word before a call: may it be made, and if so, what it will use is held until it is told.

Checks that arrive while others are being answered wait and are answered together, in the order
in which they came and in one transaction: the more callers there are, the less each one costs.
Nothing waits for a clock: a caller alone is answered at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from engine.errors import LampboardError
from engine.limits.results import Decision
from engine.readiness import ready

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from engine.hop import Hop
    from engine.limits.asking import Asked

# What deciding imports: loaded before the database is locked for it.
_NEEDED = ("engine.limits.reserving",)
BATCH = 500
"""Checks that are answered in one transaction at the most."""


@dataclass(kw_only=True, slots=True, eq=False)
class _Waiting:
    """A caller that waits for an answer."""

    asked: Asked
    answer: asyncio.Future[Decision]


class Checker:
    """Answers the checks of one process; for one event loop at a time.

    Args:
        hop: The way to the database.
    """

    def __init__(self, hop: Hop) -> None:
        self._hop = hop
        self._waiting: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None
        self._ready = False

    async def check(self, asked: Asked) -> Decision:
        """Return whether a call may be made, and reserve what it will use.

        Raises:
            NotFound: The tenant has no such integration.
            ReadOnlyRefused: The run is read-only.
            WorkspaceError: The database cannot be used.
        """
        answer: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(asked=asked, answer=answer))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._answer_all())
        return await answer

    async def _answer_all(self) -> None:
        batch: list[_Waiting] = []
        try:
            if not self._ready:
                await ready(_NEEDED)
                self._ready = True
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._answer([one for one in batch if not one.answer.done()])
        finally:
            # Only when this loop is being closed is there anybody left.
            for one in (*batch, *self._waiting):
                one.answer.cancel()
            self._waiting.clear()

    async def _answer(self, batch: Sequence[_Waiting]) -> None:
        asked = [one.asked for one in batch]
        try:
            found = await self._decide(asked)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is each caller's to meet
            found = [error] * len(batch)
        unheard = [
            said
            for one, said in zip(batch, found, strict=True)
            if not _tell(one, said) and isinstance(said, Decision)
        ]
        for said in unheard:
            await self._forget(said)

    async def _decide(self, asked: Sequence[Asked]) -> list[Decision | Exception]:
        """Decide, and once more what was blocked when reservations had expired meanwhile."""
        first, expired = await self._hop.write(partial(_decide, self._hop, asked))
        if not expired:
            return first
        await self._hop.write(partial(_expire, self._hop))
        blocked = [place for place, said in enumerate(first) if _is_blocked(said)]
        again = [asked[place] for place in blocked]
        second, _ = await self._hop.write(partial(_decide, self._hop, again))
        for place, said in zip(blocked, second, strict=True):
            first[place] = said
        return first

    async def _forget(self, said: Decision) -> None:
        """Give back what was reserved for a caller that went away; else it expires."""
        if said.reservation_id is not None:
            with contextlib.suppress(LampboardError):
                await self._hop.write(partial(_release, said.reservation_id))


def _tell(one: _Waiting, said: Decision | Exception) -> bool:
    """Hand an answer over; return False when nobody waits for it any more."""
    if one.answer.done():
        return False
    if isinstance(said, Decision):
        one.answer.set_result(said)
    else:
        one.answer.set_exception(said)
    return True


def _is_blocked(said: Decision | Exception) -> bool:
    return isinstance(said, Decision) and said.outcome == "blocked"


def _decide(
    hop: Hop, asked: Sequence[Asked], connection: Connection
) -> tuple[list[Decision | Exception], bool]:
    from engine.limits.reserving import decide_all

    return decide_all(connection, asked, clock=hop.clock, ids=hop.ids)


def _expire(hop: Hop, connection: Connection) -> int:
    from storage.limits.reservations import expire

    return expire(connection, hop.clock.now())


def _release(reservation_id: str, connection: Connection) -> int:
    from storage.limits.reservations import settle

    return settle(connection, [reservation_id])
