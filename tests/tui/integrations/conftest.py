"""A real workspace on a held clock; only the providers' answers are made up."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.integrations.results import HealthCheckResult
from tests.tui.inventory.driver import TENANT, standing_at, workspace_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from engine.integrations.drafts import Draft
    from engine.settings import Settings
    from tests.tui.inventory import driver
    from tui.integrations.screen import IntegrationsScreen

    Board = driver.Board[IntegrationsScreen, "Checks"]
    Opened = Callable[..., AbstractAsyncContextManager[Board]]

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
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
def opened(settings: Settings) -> Opened:
    """Opens the dashboard at the integrations, with these names in the database."""

    @asynccontextmanager
    async def opening(
        names: tuple[str, ...] = NAMES,
        *,
        size: tuple[int, int] = (80, 24),
        read_only: bool = False,
    ) -> AsyncIterator[Board]:
        workspace = await workspace_of(settings, FixedClock(NOW))
        checks = Checks()
        workspace.__dict__["checks"] = checks
        for name in names:
            await workspace.integrations.create_integration(
                TENANT, name, "openai", "env://A_KEY", created_by="dana"
            )
        async with standing_at(
            "integrations", workspace, checks, size=size, read_only=read_only
        ) as board:
            yield board

    return opening
