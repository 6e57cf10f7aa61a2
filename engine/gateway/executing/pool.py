"""The sessions of one database: kept open between runs, bounded, replaced when dead."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from engine.gateway.errors import SqlGatewayError
from engine.gateway.executing.failures import (
    Lost,
    broken_down,
    broken_off,
    of_refused,
    timed_out,
)
from engine.probes.refusals import Refused, of_error

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from engine.gateway.executing.plan import Plan
    from engine.gateway.model import SqlQueryResult

SESSIONS = 2
"""Sessions of one gateway at most; a run that finds none free waits for one."""

IDLE_S = 120.0
"""Seconds after which a session that nobody uses is closed."""

# The server is to end a run at its timeout; here it is ended a little later, whatever happens.
_GRACE_S = 0.5


class Session(Protocol):
    """One connection to a database, for one run at a time."""

    @property
    def fit(self) -> bool:
        """Whether it may be used again; one whose run was given up may not."""
        ...

    async def run(self, plan: Plan, within_s: float) -> SqlQueryResult:
        """Run a plan within so many seconds, and undo whatever it did to the session.

        Raises:
            SqlGatewayError: It was refused, failed or took too long.
            Lost: The connection is gone.
        """
        ...

    def close(self) -> None:
        """Close, without waiting for it."""
        ...

    async def closed(self, within_s: float) -> None:
        """Wait until it is closed, for no longer than that."""
        ...


class PooledDriver:
    """Runs plans on sessions that it opens when they are needed; for one event loop.

    Args:
        title: What the database is called.
        dialect: How templates are spelled: one of `results.DIALECTS`.
        connect: Opens a session within so many seconds; raises Refused.
        sessions: How many at most.
        idle_s: Seconds after which an unused one is closed.
    """

    def __init__(
        self,
        *,
        title: str,
        dialect: str,
        connect: Callable[[float], Awaitable[Session]],
        sessions: int = SESSIONS,
        idle_s: float = IDLE_S,
    ) -> None:
        self.title = title
        self.dialect = dialect
        self._connect = connect
        self._idle_s = idle_s
        self._free: list[Session] = []
        self._turns = asyncio.Semaphore(sessions)
        self._sweep: asyncio.TimerHandle | None = None

    @property
    def idle(self) -> int:
        """How many sessions are open and unused."""
        return len(self._free)

    async def run(self, plan: Plan) -> SqlQueryResult:
        """Run one plan, and leave nothing of it behind.

        Raises:
            SqlGatewayError: It was refused, failed, or took too long.
        """
        loop = asyncio.get_running_loop()
        ends = loop.time() + plan.timeout_seconds
        try:
            async with asyncio.timeout_at(ends + _GRACE_S), self._turns:
                return await self._run(plan, lambda: max(0.01, ends - loop.time()))
        except SqlGatewayError:
            raise
        except Exception as error:
            raise self._told(error, plan) from error

    async def close(self) -> None:
        """Close what is open; a run afterwards opens it again."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        free, self._free = self._free, []
        for session in free:
            session.close()
        for session in free:
            await session.closed(_GRACE_S)

    def _told(self, error: Exception, plan: Plan) -> SqlGatewayError:
        """Return what else may have happened in the words of people."""
        if isinstance(error, TimeoutError):
            return timed_out(plan.timeout_seconds)
        if isinstance(error, Refused):
            return of_refused(error)
        if isinstance(error, OSError):
            return of_refused(of_error(error, "connect"))
        return broken_off(self.title) if isinstance(error, Lost) else broken_down(self.title)

    async def _run(self, plan: Plan, left_s: Callable[[], float]) -> SqlQueryResult:
        while self._free:
            kept = self._free.pop()
            with suppress(Lost):  # the server, or something between, has closed it meanwhile
                return await self._on(kept, plan, left_s())
        return await self._on(await self._connect(left_s()), plan, left_s())

    async def _on(self, session: Session, plan: Plan, within_s: float) -> SqlQueryResult:
        again = False
        try:
            result = await session.run(plan, within_s)
        except SqlGatewayError:
            again = session.fit
            raise
        else:
            again = session.fit
            return result
        finally:
            if again:
                self._keep(session)
            else:
                session.close()

    def _keep(self, session: Session) -> None:
        self._free.append(session)
        if self._sweep is not None:
            self._sweep.cancel()
        loop = asyncio.get_running_loop()
        self._sweep = loop.call_later(self._idle_s, self._end_idle)

    def _end_idle(self) -> None:
        self._sweep = None
        free, self._free = self._free, []
        for session in free:
            session.close()
