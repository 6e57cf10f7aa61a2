"""Command lines on the 14th of March 2026, with integrations whose usage was really recorded."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.settings import Settings
from engine.usage.records import UsageRecord
from engine.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tui.cli.conftest import Run

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
DOLLAR = 10**9


def calls() -> Iterator[UsageRecord]:
    """Ten dollars a day at gpt-prod for 40 days; no price for what gemini-new did today."""
    for day in range(40):
        yield UsageRecord(
            call_id=f"gpt-{day}",
            at=NOW - timedelta(days=day),
            integration="gpt-prod",
            model="gpt-4o",
            agent="chat",
            tokens_in=900,
            tokens_out=100,
            cost_nanos=10 * DOLLAR,
            latency_ms=812,
        )
    for number in range(3):
        yield UsageRecord(
            call_id=f"gemini-{number}",
            at=NOW,
            integration="gemini-new",
            model="=unheard-of",
            tokens_in=10,
        )


@pytest.fixture
def used(board: Run, database: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line over tenant acme: gpt-prod, gemini-new and idle, at three providers."""
    monkeypatch.setattr("engine.workspace.SystemClock", lambda: FixedClock(NOW))
    asyncio.run(_fill(database))
    return board


async def _fill(database: str) -> None:
    workspace = Workspace.open(Settings(database=database, operator="dana"))
    try:
        await workspace.tenants.ensure("acme")
        for name, provider in (("gpt-prod", "openai"), ("gemini-new", "google")):
            await workspace.integrations.create_integration("acme", name, provider, "env://A_KEY")
        await workspace.integrations.create_integration("acme", "idle", "anthropic", "env://A_KEY")
        done = await workspace.usage.record("acme", list(calls()))
        assert (done.new, done.unpriced, done.refused) == (43, 3, 0)
    finally:
        await workspace.aclose()
