"""A real workspace on a held clock; only the providers' answers are made up."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from textual.events import Paste

from engine.clock import FixedClock
from engine.ids import CountingIds
from engine.integrations.results import HealthCheckResult
from engine.settings import Settings
from engine.workspace import Workspace
from tui.app import BoardApp
from tui.integrations.screen import IntegrationsScreen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from textual.pilot import Pilot

    from engine.integrations.drafts import Draft

    Opened = Callable[..., AbstractAsyncContextManager["Board"]]

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

    async def settle(self) -> None:
        """Nothing is under way."""


class Board:
    """Drives the screen, so that a test reads as a story."""

    def __init__(self, pilot: Pilot[None], workspace: Workspace, checks: Checks) -> None:
        self.pilot = pilot
        self.app = pilot.app
        self.workspace = workspace
        self.checks = checks

    @property
    def screen(self) -> IntegrationsScreen:
        found = self.app.screen_stack[0]
        assert isinstance(found, IntegrationsScreen)
        return found

    async def press(self, *keys: str) -> None:
        """Presses keys and lets what they started come to rest."""
        await self.pilot.press(*keys)
        await self.settled()

    async def write(self, words: str) -> None:
        """Pastes into what has the focus."""
        assert self.app.focused is not None
        self.app.focused.post_message(Paste(words))
        await self.settled()

    async def settled(self) -> None:
        """Waits until no worker is at work but the pulse, which never ends."""
        await self.pilot.pause()
        async with asyncio.timeout(20):
            while busy := [w for w in self.app.workers if not w.is_finished and w.name in WORK]:
                await self.app.workers.wait_for_complete(busy)
                await self.pilot.pause()
        await self.pilot.pause()

    async def until(self, true: Callable[[], bool]) -> None:
        """Waits for something that comes by itself."""
        async with asyncio.timeout(20):
            while not true():
                await self.pilot.pause()

    def shown(self) -> str:
        """Everything on screen as text."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in lines)

    def names(self) -> list[str]:
        """The names of the integrations that are in the list, in its order."""
        return [row.record.name for row in self.screen.table._window.rows]


# A form's own worker ends with the form, so nobody waits for it here.
WORK = {"load", "story", "deed", "test", "save", ""}


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
            board = Board(pilot, workspace, checks)
            await board.until(lambda: board.screen.snapshot is not None)
            await board.settled()
            yield board

    return opening
