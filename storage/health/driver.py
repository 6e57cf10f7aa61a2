"""The driver of health (signatures first)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Connection

    from storage.filters import Term
    from storage.health.rows import (
        CheckRow,
        HourRow,
        MonitorRow,
        RecordedRow,
        TargetRow,
        TransitionRow,
        UptimeRow,
    )
    from storage.paging import Anchor, Page


class HealthDriver:
    """Signatures; see each."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def target(self, kind: str, thing_id: str) -> TargetRow | None:
        raise NotImplementedError

    def target_by_number(self, number: int) -> TargetRow | None:
        raise NotImplementedError

    def lamps(self, tenant_id: str | None, *, limit: int, anchor: Anchor = ..., terms: Sequence[Term] = ()) -> Page[TargetRow]:
        raise NotImplementedError

    def counts(self, tenant_id: str | None, *, kind: str | None = None) -> dict[str, int]:
        raise NotImplementedError

    def count(self, tenant_id: str | None, *, terms: Sequence[Term] = ()) -> int:
        raise NotImplementedError

    def stale_count(self, tenant_id: str | None, *, before: datetime) -> int:
        raise NotImplementedError

    def claim_due(self, now: datetime, owner: str, lease_s: float, limit: int) -> list[TargetRow]:
        raise NotImplementedError

    def claim_one(self, number: int, owner: str, now: datetime, lease_s: float) -> bool:
        raise NotImplementedError

    def release(self, owner: str, numbers: Sequence[int] | None = None) -> int:
        raise NotImplementedError

    def next_due(self) -> datetime | None:
        raise NotImplementedError

    def due_count(self, now: datetime) -> int:
        raise NotImplementedError

    def reschedule(self, number: int, due_at: datetime | None, *, retry_at: datetime | None = None, forced_at: datetime | None = None) -> bool:
        raise NotImplementedError

    def record(self, batch: Sequence[CheckRow], *, owner: str | None = None) -> RecordedRow:
        raise NotImplementedError

    def history(self, number: int, *, since: datetime | None = None, until: datetime | None = None, limit: int | None = None) -> list[CheckRow]:
        """Oldest first; with a limit the newest ones of the span."""
        raise NotImplementedError

    def hours(self, number: int, *, since: datetime) -> list[HourRow]:
        raise NotImplementedError

    def transitions(self, tenant_id: str | None, *, target_number: int | None = None, before_id: int | None = None, limit: int = 100) -> list[TransitionRow]:
        """Newest first."""
        raise NotImplementedError

    def uptime(self, numbers: Sequence[int], windows: Sequence[timedelta], now: datetime) -> Mapping[int, tuple[UptimeRow, ...]]:
        """One UptimeRow a window, in the order of the windows."""
        raise NotImplementedError

    def roll_up(self, now: datetime) -> int:
        raise NotImplementedError

    def prune(self, now: datetime) -> int:
        raise NotImplementedError

    def beat(self, row: MonitorRow) -> None:
        raise NotImplementedError

    def monitors(self, alive_since: datetime) -> list[MonitorRow]:
        raise NotImplementedError
