"""A real workspace on a held clock with a ledger in it, recorded as any caller would."""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.prevention import PreventionCandidate
from tests.tui.inventory.driver import TENANT, standing_at, workspace_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from engine.settings import Settings
    from engine.workspace import Workspace
    from tests.tui.inventory import driver
    from tui.prevention.screen import PreventionScreen

    Board = driver.Board[PreventionScreen, FixedClock]  # type: ignore[type-var]
    Opened = Callable[..., AbstractAsyncContextManager[Board]]

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
POLICIES = ("no-pii", "no-sql")


def candidate(number: int) -> PreventionCandidate:
    """Every fourth is simulated; policies take turns."""
    return PreventionCandidate(
        policy_id=POLICIES[number % 2],
        pattern_id=f"pattern-{number % 3}",
        tenant_id=TENANT,
        blocked_incident_id=f"inc-{number}",
        original_incident_id="inc-0",
        signature_match_confidence=0.91,
        policy_mode="active",
        pattern_signature="aa",
        request_signature={"ask": number},
        incident_created=False,
        is_simulated=number % 4 == 3,
    )


async def fill(workspace: Workspace, clock: FixedClock, many: int) -> None:
    """One policy that was set, and a record each minute."""
    await workspace.prevention.set_policy(TENANT, POLICIES[0], mode="active", needed=4)
    for number in range(many):
        clock.advance(60)
        await workspace.prevention.record(TENANT, candidate(number))


def tamper(path: Path, seq: int) -> None:
    """Change a record in the file, as its owner could."""
    with closing(sqlite3.connect(path)) as connection, connection:
        kept = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in kept:
            connection.execute(f"DROP TRIGGER {name}")
        changed = connection.execute(
            "UPDATE prevention_records SET body = replace(body, 'inc-', 'ink-') WHERE seq = ?",
            (seq,),
        )
        assert changed.rowcount == 1
        for _, sql in kept:
            connection.execute(sql)


@pytest.fixture
def opened(settings: Settings) -> Opened:
    """Opens the dashboard at prevention."""

    @asynccontextmanager
    async def opening(
        *,
        size: tuple[int, int] = (120, 40),
        many: int = 9,
        at: str = "prevention",
        **changes: object,
    ) -> AsyncIterator[Board]:
        clock = FixedClock(NOW - timedelta(minutes=many))
        workspace = await workspace_of(settings, clock)
        if many:
            await fill(workspace, clock, many)
        async with standing_at(at, workspace, clock, size=size, **changes) as board:
            yield board

    return opening
