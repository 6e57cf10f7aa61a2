"""What screens and the command line ask about health: immutable snapshots, one hop each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

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


class HealthFacade:
    """Reads health; checking is `CusHealthService`'s and the monitor's."""

    async def overview(
        self, tenant_id: str, *, limit: int = 2000, terms: Sequence[Term] = ()
    ) -> Overview:
        """Return lamps worst first, counts, latest transitions and the monitor, in one reading."""
        raise NotImplementedError

    async def lamps(
        self, tenant_id: str | None, *, limit: int = 2000, terms: Sequence[Term] = ()
    ) -> tuple[Lamp, ...]:
        """Return up to `limit` lamps, worst first; of all tenants with None."""
        raise NotImplementedError

    async def counts(self, tenant_id: str | None) -> Mapping[str, int]:
        """Return how many lamps show each state; all four states are keys."""
        raise NotImplementedError

    async def transitions(
        self, tenant_id: str | None, *, before_id: int | None = None, limit: int = 50
    ) -> tuple[Transition, ...]:
        """Return changes of state, newest first."""
        raise NotImplementedError

    async def history(
        self, tenant_id: str, kind: str, target_id: str, *, limit: int = 100
    ) -> tuple[Check, ...]:
        """Return the last checks, newest first; raises NotFound."""
        raise NotImplementedError

    async def hours(
        self, tenant_id: str, kind: str, target_id: str, *, since: datetime | None = None
    ) -> tuple[Hour, ...]:
        """Return rolled-up hours, oldest first (30 days unless told); raises NotFound."""
        raise NotImplementedError

    async def uptime(self, tenant_id: str, kind: str, target_id: str) -> Uptime:
        """Return uptime over 24 h, 7 d and 30 d; raises NotFound."""
        raise NotImplementedError

    async def story(self, tenant_id: str, kind: str, target_id: str) -> Story:
        """Return everything known about one target; raises NotFound."""
        raise NotImplementedError

    async def board(
        self, tenant_id: str | None, *, limit: int = 500, terms: Sequence[Term] = ()
    ) -> Board:
        """Return the live board: up to `limit` lamps grouped by state, with age and uptime."""
        raise NotImplementedError

    async def monitor_status(self) -> MonitorStatus:
        """Return whether a monitor is at work, by its heartbeat."""
        raise NotImplementedError
