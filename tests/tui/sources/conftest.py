"""A real workspace on a held clock with sources in it; only what their checks answer is made up."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.http.messages import Stage
from engine.probes.result import Checked, ProbeResult
from engine.probes.states import CusHealthState
from tests.tui.inventory.driver import TENANT, standing_at, workspace_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from engine.settings import Settings
    from engine.sources.checking import ReadySource
    from engine.workspace import Workspace
    from tests.tui.inventory import driver
    from tui.sources.screen import SourcesScreen

    Board = driver.Board[SourcesScreen, "Checks"]
    Opened = Callable[..., AbstractAsyncContextManager[Board]]

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
NAMES = ("billing-db", "events", "orders-db", "wiki-vectors")
PLACES = {
    "billing-db": ("database", "postgresql", {"host": "db-1.acme.example", "database": "billing"}),
    "events": ("stream", "kafka", {"host": "kafka.acme.example", "port": 9092}),
    "orders-db": ("database", "postgresql", {"host": "db-2.acme.example", "database": "orders"}),
    "wiki-vectors": ("vector", "qdrant", {"connection_string": "https://qdrant.acme.example"}),
}

REFUSED = Checked(
    result=ProbeResult(
        state=CusHealthState.FAILING,
        message="Password rejected for user app.",
        error="auth_failed",
        stage="authenticate",
        latency_ms=31,
        stages=(
            Stage(name="connect", ms=12.0, ok=True),
            Stage(name="authenticate", ms=19.0, ok=False),
        ),
        remedy="Check the password.",
    ),
    checked_at=NOW,
)


class Checks:
    """Stands in for the service of checks: answers at once, and remembers what was asked."""

    def __init__(self) -> None:
        self.checked: list[str] = []
        self.drafts: list[ReadySource] = []

    async def check(
        self,
        kind: str,
        tenant_id: str,
        thing_id: str,
        *,
        force: bool = False,
        roles: Sequence[str] | None = None,
    ) -> Checked:
        assert (kind, tenant_id, force, roles) == ("source", TENANT, True, ())
        self.checked.append(thing_id)
        return REFUSED

    async def check_ready(self, ready: ReadySource) -> Checked:
        self.drafts.append(ready)
        return REFUSED

    async def end(self) -> None:
        """Nothing is under way."""


async def register(workspace: Workspace, name: str) -> None:
    """Registers one of the sources above, or one that is only a database."""
    source_type, technology, config = PLACES.get(name, ("database", "postgresql", {"host": "db"}))
    await workspace.sources.register_source(
        TENANT, name, source_type, config, technology=technology, tags=("prod",), owner_id="ann"
    )


@pytest.fixture
def opened(settings: Settings) -> Opened:
    """Opens the dashboard at the sources, with these names in the database."""

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
            await register(workspace, name)
        async with standing_at(
            "sources", workspace, checks, size=size, read_only=read_only
        ) as board:
            yield board

    return opening
