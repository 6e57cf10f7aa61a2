"""What is asked about health at a time that is over: boards, steps, days, stories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.health.model import ALL_WINDOWS, BOARD_WINDOWS
from engine.health.selection import Selection
from engine.order import require_limit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.health.model import Board, DayStrip, Story, Uptime
    from engine.hop import Hop
    from storage.filters import Term

MAX_LIMIT = 10_000
SLOTS = 48
"""Half hours of a day."""
# Slots of a minute; and whole minutes only, so that each slot has a time one can say.
_MINUTES = 1440


class PastFacade:
    """The part of `HealthFacade` that goes back in time; what holds there holds here.

    A time before anything was there gives a board without lamps, one in the future is refused
    with InvalidInput. A target is unknown until its first change of state. Changes are kept for
    400 days, single checks (a lamp's latency and the age of its check) for 48 hours.
    """

    def __init__(self, hop: Hop) -> None:
        self._hop = hop

    async def board_at(  # noqa: PLR0913 - each narrows the board by name
        self,
        tenant_id: str,
        at: datetime,
        *,
        kind: str | None = None,
        limit: int = 500,
        terms: Sequence[Term] = (),
        slots: int = 0,
        windows: Sequence[str] = BOARD_WINDOWS,
    ) -> Board:
        """Return the board as it was, uptime up to then; with `slots` also the strip of its day.

        Terms are matched against the states and errors of that time; the strip is of those
        things that match by what lasts (name, technology, kind, …), or of all where none does.
        """
        require_limit(limit, MAX_LIMIT)
        now, which = self._when(at), self._which(tenant_id, kind, terms)
        _require_slots(slots, least=0)

        def work(connection: Connection) -> Board:
            from dataclasses import replace

            from engine.health import past

            board = past.board(connection, which, at, now, limit=limit, windows=windows)
            if not slots:
                return board
            return replace(board, strip=past.day(connection, which, at, now, slots=slots))

        return await self._hop.read(work)

    async def uptimes(
        self,
        tenant_id: str,
        numbers: Sequence[int],
        *,
        at: datetime | None = None,
        windows: Sequence[str] = ALL_WINDOWS,
    ) -> Mapping[int, Uptime]:
        """Return the uptime of lamps by their numbers, over windows up to now or a time.

        What is another tenant's, or not to be seen, is not in it.
        """
        now, which = self._hop.clock.now(), self._which(tenant_id, None)
        until = now if at is None else at

        def work(connection: Connection) -> Mapping[int, Uptime]:
            from engine.health import past

            return past.uptimes(connection, which, numbers, until, windows)

        return await self._hop.read(work)

    async def step(
        self,
        tenant_id: str,
        at: datetime,
        *,
        back: bool,
        kind: str | None = None,
        terms: Sequence[Term] = (),
    ) -> datetime | None:
        """Return when a lamp last changed before `at`, or next after it; None if none did.

        Of the terms those count that last, as for the strip of `board_at`.
        """
        now, which = self._when(at), self._which(tenant_id, kind, terms)

        def work(connection: Connection) -> datetime | None:
            from engine.health import past

            return past.step(connection, which, at, now, back=back)

        return await self._hop.read(work)

    async def day(
        self,
        tenant_id: str,
        day: datetime,
        *,
        kind: str | None = None,
        target_id: str | None = None,
        slots: int = SLOTS,
    ) -> DayStrip:
        """Return the UTC day of a time at a glance: of all, of a kind, or of one thing of it.

        Raises:
            NotFound: This tenant has none of that id.
        """
        _require_slots(slots, least=1)
        now, which = self._when(day), self._which(tenant_id, kind)

        def work(connection: Connection) -> DayStrip:
            from engine.health import past

            number = None
            if target_id is not None:
                number = past.target(connection, which, target_id, now).number
            return past.day(connection, which, day, now, number=number, slots=slots)

        return await self._hop.read(work)

    async def story_at(self, tenant_id: str, kind: str, target_id: str, at: datetime) -> Story:
        """Return what was known of one target at a time.

        Raises:
            NotFound: This tenant had none of that id then.
        """
        now, which = self._when(at), self._which(tenant_id, kind)

        def work(connection: Connection) -> Story:
            from engine.health import past

            return past.story(connection, which, target_id, at, now)

        return await self._hop.read(work)

    def _when(self, at: datetime) -> datetime:
        """Return the time that it is now; raises InvalidInput for one that lies after it."""
        now = self._hop.clock.now()
        if at > now:
            raise InvalidInput(
                "That time is still to come.", hint="Give one that is over.", field="at"
            )
        return now

    def _which(
        self, tenant_id: str | None, kind: str | None, terms: Sequence[Term] = ()
    ) -> Selection:
        roles = self._hop.settings.roles
        return Selection(tenant_id=tenant_id, kind=kind, terms=terms, roles=roles)


def _require_slots(slots: int, *, least: int) -> None:
    if slots < least or (slots and _MINUTES % slots):
        raise InvalidInput(
            "A day has no such parts.",
            hint="Give a number that parts 1,440 minutes evenly, such as 24, 48 or 96.",
            field="slots",
        )
