"""What limits need in the background: gauges reckoned, reservations expired, minutes forgotten.

Each step is one short transaction, so that results and claims never wait long. What was marked
by whoever changed usage is reckoned within two seconds; what changes by itself is marked here: a
rate falls when its minute ends, forecasts grow old, a month begins anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from engine.limits.reckoning import reckon
from engine.usage.period import minute_of, period_of
from storage.limits.reservations import any_expired, expire
from storage.limits.stale import any_stale, mark_all_stale, mark_lately
from storage.usage.driver import UsageDriver
from storage.usage.recording import MINUTES_KEPT

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.hop import Hop

EVERY_S = 2.0
"""Seconds between two looks whether there is anything to do."""

CHUNK = 500
"""Meters that are reckoned in one transaction: a tenth of a second on a slow machine."""

# The start belongs to checks, when everything is due.
_FIRST_S = 1.0
_HOUR = timedelta(hours=1)
# A monitor that was away for longer marks what the first look finds anyway.
_MINUTES_BACK = 3
_EVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Marking:
    """Gauges that grow old all at once: marked chunk by chunk, `after` one and the next."""

    period_start: datetime
    before: datetime
    limited: bool
    after: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What there is to do."""

    stale: bool
    expired: bool


class Reckoner:
    """Does what is due, a step at a time; the monitor's loop asks when the next one is.

    Args:
        hop: The way to the database.
        now: Monotonic seconds.
    """

    def __init__(self, hop: Hop, now: float) -> None:
        self._hop = hop
        self.next_at = now + _FIRST_S
        self._hour_at = now + _HOUR.total_seconds()
        self._minute: int | None = None
        self._month: datetime | None = None
        self._markings: list[Marking] = []

    async def step(self, now: float) -> bool:
        """Do what is due, in a few short transactions; return whether there is more right now.

        Raises:
            WorkspaceError: The database cannot be used; nothing is forgotten, call it again.
        """
        at = self._hop.clock.now()
        await self._turn_of_minute(at)
        self._turn_of_month(at)
        self._turn_of_hour(at, now)
        if self._markings:
            await self._mark(self._markings[0])
        more = await self._work(at) or bool(self._markings)
        self.next_at = now if more else now + EVERY_S
        return more

    async def drain(self, now: float) -> None:
        """Do everything that there is to do now, for a run that ends after it."""
        while await self.step(now):
            pass

    async def _work(self, at: datetime) -> bool:
        look = await self._hop.read(partial(_look, now=at))
        expired = await self._hop.write(partial(expire, now=at)) if look.expired else 0
        if not look.stale and not expired:
            return False
        done = await self._hop.write(partial(reckon, now=at, limit=CHUNK))
        return done >= CHUNK

    async def _turn_of_minute(self, at: datetime) -> None:
        """Mark the rates of minutes that ended, and forget those that nobody shows any more."""
        minute = minute_of(at)
        if minute == self._minute:
            return
        known = minute if self._minute is None else self._minute
        first = max(min(known, minute - 1), minute - _MINUTES_BACK)
        await self._hop.write(partial(_turn_minute, at=at, ended=range(first, minute)))
        self._minute = minute

    def _turn_of_month(self, at: datetime) -> None:
        """Have all gauges marked when another month begins, also by a clock that was set."""
        month = period_of(at).start
        if month == self._month:
            return
        # At the start only what was left over by a month that ended while nobody reckoned.
        before = month if self._month is None else _EVER
        self._markings = [Marking(period_start=month, before=before, limited=False)]
        self._month = month

    def _turn_of_hour(self, at: datetime, now: float) -> None:
        """Have limited gauges marked whose forecast is an hour old."""
        if now < self._hour_at:
            return
        self._hour_at = now + _HOUR.total_seconds()
        start = period_of(at).start
        self._markings.append(Marking(period_start=start, before=at - _HOUR, limited=True))

    async def _mark(self, marking: Marking) -> None:
        last = await self._hop.write(partial(_mark_chunk, marking=marking))
        rest = [] if last is None else [replace(marking, after=last)]
        self._markings = [*rest, *self._markings[1:]]


def _mark_chunk(connection: Connection, marking: Marking) -> int | None:
    return mark_all_stale(
        connection,
        marking.period_start,
        marking.before,
        limited=marking.limited,
        after=marking.after,
    )


def _look(connection: Connection, now: datetime) -> Look:
    return Look(stale=any_stale(connection), expired=any_expired(connection, now))


def _turn_minute(connection: Connection, at: datetime, ended: range) -> None:
    mark_lately(connection, period_of(at).start, ended)
    UsageDriver(connection).purge_minutes(minute_of(at - MINUTES_KEPT))
