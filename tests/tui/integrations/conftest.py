"""A real workspace on a held clock; only the providers' answers are made up."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.ids import CountingIds
from engine.integrations.results import HealthCheckResult
from engine.settings import Settings
from engine.workspace import Workspace
from tests.tui.inventory import driver
from tui.app import BoardApp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from engine.integrations.drafts import Draft
    from tui.integrations.screen import IntegrationsScreen

    Board = driver.Board[IntegrationsScreen, "Checks"]
    Opened = Callable[..., AbstractAsyncContextManager[Board]]

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
TENANT = "acme-prod"
NAMES = ("azure-eu", "claude-batch", "gemini-new", "gpt-prod")


def answer(integration_id: str, *, state: str = "failing") -> HealthCheckResult:
    """What a provider that refuses a key comes to."""
    return HealthCheckResult(
        integration_id=integration_id,
        health_state=state,
        message="Authentication failed: invalid key" if state == "failing" else "Answered",
        latency_ms=212.0,
        checked_at=NOW,
        error="auth_failed" if state == "failing" else None,
        stage="response",
        status_code=401 if state == "failing" else 200,
        remedy="Replace the key." if state == "failing" else None,
        stages=(
            {"name": "connect", "ms": 12.0, "ok": True},
            {"name": "response", "ms": 200.0, "ok": state != "failing"},
        ),
    )


class Checks:
    """Stands in for the service of checks: answers at once, and remembers what was asked."""

    def __init__(self) -> None:
        self.checked: list[str] = []
        self.drafts: list[Draft] = []

    async def check_health(
        self, tenant_id: str, integration_id: str, *, force: bool = False
    ) -> HealthCheckResult:
        assert (tenant_id, force) == (TENANT, True)
        self.checked.append(integration_id)
        return answer(integration_id)

    async def check_draft(self, draft: Draft) -> HealthCheckResult:
        self.drafts.append(draft)
        return answer("draft")

    async def end(self) -> None:
        """Nothing is under way."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        database=f"sqlite:///{tmp_path / 'board.db'}",
        operator="dana",
        tenant=TENANT,
        monitor="off",
        master_key="ab" * 32,
        refresh_s=30.0,
    )


@pytest.fixture
def opened(settings: Settings) -> Opened:
    """Opens the dashboard at the integrations, with these names in the database."""

    @asynccontextmanager
    async def opening(
        names: tuple[str, ...] = NAMES,
        *,
        size: tuple[int, int] = (80, 24),
        read_only: bool = False,
    ) -> AsyncIterator[Board]:
        workspace = Workspace.open(settings, clock=FixedClock(NOW), ids=CountingIds())
        checks = Checks()
        workspace.__dict__["checks"] = checks
        await workspace.tenants.ensure(TENANT)
        for name in names:
            await workspace.integrations.create_integration(
                TENANT, name, "openai", "env://A_KEY", created_by="dana"
            )
        told = replace(settings, read_only=read_only)
        workspace.settings = told
        app = BoardApp(told, lambda _: workspace)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await app.action_go("integrations")
            board: Board = driver.Board(pilot, workspace, checks)
            await board.until(lambda: board.screen.snapshot is not None)
            await board.settled()
            yield board

    return opening
