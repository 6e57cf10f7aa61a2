"""What screens and the command line ask about health: immutable snapshots, one hop each."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from engine.health.model import BOARD_WINDOWS
from engine.health.past_facade import MAX_LIMIT, PastFacade
from engine.hop import default_facade
from engine.order import require_limit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.health.model import (
        Board,
        Check,
        Hour,
        Lamp,
        MonitorStatus,
        Overview,
        Story,
        Transition,
        Uptime,
    )
    from storage.filters import Term

DEFAULT_HOURS = timedelta(days=30)


class HealthFacade(PastFacade):
    """Reads health; checking is `CusHealthService`'s and the monitor's.

    Each method is one reading of the database and returns frozen records. What names a target of
    another tenant raises NotFound, as for a missing one; so does one whose roles the operator
    has none of, and no list or count knows it. A `kind` (integration, source, connector) narrows
    to it; None is all of them. Any method may raise WorkspaceError.
    """

    async def overview(
        self,
        tenant_id: str,
        *,
        kind: str | None = None,
        limit: int = 2000,
        terms: Sequence[Term] = (),
    ) -> Overview:
        """Return lamps worst first, counts, latest transitions and the monitor, in one reading."""
        require_limit(limit, MAX_LIMIT)
        now, which = self._hop.clock.now(), self._which(tenant_id, kind, terms)

        def work(connection: Connection) -> Overview:
            from engine.health import reading

            return reading.overview(connection, which, now, limit=limit)

        return await self._hop.read(work)

    async def lamps(
        self,
        tenant_id: str | None,
        *,
        kind: str | None = None,
        limit: int = 2000,
        terms: Sequence[Term] = (),
    ) -> tuple[Lamp, ...]:
        """Return up to `limit` lamps, worst first; of all tenants with None."""
        require_limit(limit, MAX_LIMIT)
        now, which = self._hop.clock.now(), self._which(tenant_id, kind, terms)

        def work(connection: Connection) -> tuple[Lamp, ...]:
            from engine.health import reading

            return reading.lamps(connection, which, now, limit=limit)

        return await self._hop.read(work)

    async def counts(self, tenant_id: str | None, *, kind: str | None = None) -> Mapping[str, int]:
        """Return how many lamps show each state; all four states are keys, worst first."""
        which = self._which(tenant_id, kind)

        def work(connection: Connection) -> Mapping[str, int]:
            from engine.health import reading

            return reading.counts(connection, which)

        return await self._hop.read(work)

    async def transitions(  # noqa: PLR0913 - each narrows the story by name
        self,
        tenant_id: str | None,
        *,
        kind: str | None = None,
        before_id: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 50,
    ) -> tuple[Transition, ...]:
        """Return changes of state, newest first, of a span where one is given.

        `before_id` goes on from an earlier page.
        """
        require_limit(limit, MAX_LIMIT)
        which = self._which(tenant_id, kind)

        def work(connection: Connection) -> tuple[Transition, ...]:
            from engine.health import reading

            return reading.transitions(
                connection, which, before_id=before_id, since=since, until=until, limit=limit
            )

        return await self._hop.read(work)

    async def history(  # noqa: PLR0913 - of what, and which part of it
        self,
        tenant_id: str,
        kind: str,
        target_id: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
    ) -> tuple[Check, ...]:
        """Return a target's last checks, newest first, of a span where one is given.

        Raises:
            NotFound: This tenant has none of that id.
        """
        require_limit(limit, MAX_LIMIT)
        which = self._which(tenant_id, kind)

        def work(connection: Connection) -> tuple[Check, ...]:
            from engine.health import reading

            row = reading.target(connection, which, target_id)
            return reading.history(connection, row.number, since=since, until=until, limit=limit)

        return await self._hop.read(work)

    async def hours(
        self, tenant_id: str, kind: str, target_id: str, *, since: datetime | None = None
    ) -> tuple[Hour, ...]:
        """Return a target's rolled-up hours, oldest first; of 30 days unless told.

        Raises:
            NotFound: This tenant has none of that id.
        """
        which = self._which(tenant_id, kind)
        begin = since or self._hop.clock.now() - DEFAULT_HOURS

        def work(connection: Connection) -> tuple[Hour, ...]:
            from engine.health import reading

            row = reading.target(connection, which, target_id)
            return reading.hours(connection, row.number, begin)

        return await self._hop.read(work)

    async def uptime(self, tenant_id: str, kind: str, target_id: str) -> Uptime:
        """Return a target's uptime over 24 h, 7, 30, 90 and 365 d, each 0 to 1 or None.

        Raises:
            NotFound: This tenant has none of that id.
        """
        now, which = self._hop.clock.now(), self._which(tenant_id, kind)

        def work(connection: Connection) -> Uptime:
            from engine.health import reading

            row = reading.target(connection, which, target_id)
            return reading.uptime(connection, row.number, now)

        return await self._hop.read(work)

    async def story(self, tenant_id: str, kind: str, target_id: str) -> Story:
        """Return everything known about one target.

        Raises:
            NotFound: This tenant has none of that id.
        """
        now, which = self._hop.clock.now(), self._which(tenant_id, kind)

        def work(connection: Connection) -> Story:
            from engine.health import reading

            return reading.story(connection, which, target_id, now)

        return await self._hop.read(work)

    async def board(
        self,
        tenant_id: str | None,
        *,
        kind: str | None = None,
        limit: int = 500,
        terms: Sequence[Term] = (),
        windows: Sequence[str] = BOARD_WINDOWS,
    ) -> Board:
        """Return the live board: up to `limit` lamps grouped by state, with age and uptime."""
        require_limit(limit, MAX_LIMIT)
        now, which = self._hop.clock.now(), self._which(tenant_id, kind, terms)

        def work(connection: Connection) -> Board:
            from engine.health import reading

            return reading.board(connection, which, now, limit=limit, windows=windows)

        return await self._hop.read(work)

    async def monitor_status(self) -> MonitorStatus:
        """Return whether a monitor is at work, by its heartbeat."""
        now = self._hop.clock.now()

        def work(connection: Connection) -> MonitorStatus:
            from engine.health import reading

            return reading.monitor_status(connection, now)

        return await self._hop.read(work)


def get_health_facade() -> HealthFacade:
    """Return the facade of the process's default workspace."""
    return cast("HealthFacade", default_facade("health"))
