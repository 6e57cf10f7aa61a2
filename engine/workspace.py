"""The composition root: settings -> storage -> services. What a run of the product holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from sqlalchemy import Connection

    from engine.activity.facade import ActivityFacade
    from engine.clock import Clock
    from engine.health.facade import HealthFacade
    from engine.health.service import CusHealthService
    from engine.ids import IdMaker
    from engine.integrations.facade import IntegrationsFacade
    from engine.settings import Settings
    from engine.tenants.facade import TenantsFacade
    from storage.database import Database

T = TypeVar("T")


class Workspace:
    """One opened database with its services."""

    settings: Settings
    clock: Clock
    ids: IdMaker
    database: Database
    integrations: IntegrationsFacade
    health: HealthFacade
    checks: CusHealthService
    tenants: TenantsFacade
    activity: ActivityFacade

    @classmethod
    def open(
        cls, settings: Settings, *, clock: Clock | None = None, ids: IdMaker | None = None
    ) -> Workspace:
        """Open the database (blocking); raises WorkspaceError."""
        raise NotImplementedError

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """Run blocking `work(*args)` in a worker thread: the one hop."""
        raise NotImplementedError

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` with a reading connection in a worker thread."""
        raise NotImplementedError

    async def write(self, work: Callable[[Connection], T], *, durable: bool = False) -> T:
        """Run `work` in one transaction in a worker thread."""
        raise NotImplementedError

    async def revisions(self) -> Mapping[str, int]:
        """Return the revision of each concept."""
        raise NotImplementedError

    def changes(self) -> AsyncIterator[frozenset[str]]:
        """Yield the concepts that changed, looked for every `refresh_s` seconds."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Close the database and its threads."""
        raise NotImplementedError


def get_default_workspace() -> Workspace:
    """Return the process's default workspace, opened from its settings at first use."""
    raise NotImplementedError
