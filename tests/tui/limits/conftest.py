"""A real workspace on a held clock with usage in it, recorded as any source would."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.usage.records import UsageRecord
from tests.tui.inventory.driver import TENANT, standing_at, workspace_of
from tests.tui.limits.made import DOLLAR, NOW

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from engine.settings import Settings
    from engine.workspace import Workspace
    from tests.tui.inventory import driver
    from tui.limits.screen import LimitsScreen

    Board = driver.Board[LimitsScreen, None]  # type: ignore[type-var]
    Opened = Callable[..., AbstractAsyncContextManager[Board]]

ACCOUNTS = {"claude-batch": ("anthropic", 20_000), "gpt-prod": ("openai", 50_000)}
DAILY = {"claude-batch": 3, "gpt-prod": 23}


def usage(account: str, *, days: int = 20) -> list[UsageRecord]:
    """One call each day, of as many dollars as the account spends, two of them without a price."""
    model = {"gpt-prod": "gpt-5", "claude-batch": "claude-sonnet-4-5"}[account]
    known = [
        UsageRecord(
            call_id=f"{account}-{ago}",
            at=NOW - timedelta(days=ago, minutes=2),
            integration=account,
            model=model,
            agent="support-bot",
            tokens_in=90_000,
            tokens_out=10_000,
            cost_nanos=DAILY[account] * DOLLAR,
        )
        for ago in range(days)
    ]
    free = [
        replace(known[0], call_id=f"{account}-free-{n}", model="local-70b", cost_nanos=None)
        for n in range(2)
    ]
    return [*known, *free]


async def fill(workspace: Workspace) -> None:
    """Two integrations with budgets, their usage, and the gauges reckoned."""
    for name, (provider, cents) in ACCOUNTS.items():
        await workspace.integrations.create_integration(
            TENANT, name, provider, secret="planted", budget_limit_cents=cents, rate_limit_rpm=60
        )
        done = await workspace.usage.record(TENANT, usage(name))
        assert done.new == 22
    await workspace.limits.reckon()


@pytest.fixture
def opened(settings: Settings) -> Opened:
    """Opens the dashboard at the limits."""

    @asynccontextmanager
    async def opening(
        *, size: tuple[int, int] = (120, 40), filled: bool = True, **changes: object
    ) -> AsyncIterator[Board]:
        workspace = await workspace_of(settings, FixedClock(NOW))
        if filled:
            await fill(workspace)
        async with standing_at("limits", workspace, None, size=size, **changes) as board:
            yield board

    return opening
