"""The composition root: settings -> storage -> services. What a run of the product holds.

Importing this module is cheap; the database library is loaded by `Workspace.open`, which blocks
and so belongs in a thread wherever an event loop is running.
"""

from __future__ import annotations

import asyncio
import threading
from functools import cached_property, partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from engine.clock import SystemClock
from engine.errors import ReadOnlyRefused
from engine.ids import random_id
from engine.reach import Reach
from engine.translate import translated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from sqlalchemy import Connection

    from engine.activity.facade import ActivityFacade
    from engine.alerts.facade import AlertsFacade
    from engine.clock import Clock
    from engine.connectors.facade import ConnectorsFacade
    from engine.connectors.registry import ConnectorRegistry
    from engine.credentials import CredentialsFacade
    from engine.following import Following
    from engine.gateway.facade import GatewayFacade
    from engine.health.facade import HealthFacade
    from engine.health.service import CusHealthService
    from engine.http import HttpClient
    from engine.ids import IdMaker
    from engine.incidents.facade import IncidentsFacade
    from engine.integrations.facade import IntegrationsFacade
    from engine.limits.facade import LimitsFacade
    from engine.prevention.facade import PreventionFacade
    from engine.probes.place import Tools
    from engine.settings import Settings
    from engine.silences.facade import SilencesFacade
    from engine.sources.facade import DataSourcesFacade
    from engine.sources.registry import DataSourceRegistry
    from engine.tenants.facade import TenantsFacade
    from engine.usage.facade import UsageFacade
    from engine.usage.sync.feeds import UsageFeeds
    from storage.database import Database

T = TypeVar("T")
P = ParamSpec("P")

# Readers do not wait for each other, writers do; more threads than this only queue at the file.
HOP_THREADS = 4
DASHBOARD_CONNECTIONS = 2
"""Kept open on a server by a dashboard, beside the one that listens."""


LAST_ANSWER_S = 2.0
"""Seconds for which an end waits for a server's answers to what is under way."""


class Workspace:
    """One opened database with its services.

    Attributes:
        settings: The settings of this run.
        clock: Where time comes from.
        ids: Where identifiers come from.
        origin: What opened it, for the activity: dashboard, cli, monitor or code.
        database: The opened database.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        clock: Clock | None = None,
        ids: IdMaker | None = None,
        origin: str = "code",
    ) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self.settings = settings
        self.database = database
        self.clock: Clock = clock or SystemClock()
        self.ids: IdMaker = ids or random_id
        self.origin = origin
        self._threads = ThreadPoolExecutor(HOP_THREADS, thread_name_prefix="lampboard-hop")
        self._reach = Reach(settings, self.clock)

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        clock: Clock | None = None,
        ids: IdMaker | None = None,
        origin: str = "code",
    ) -> Workspace:
        """Open the database that the settings name, made when it is the default one.

        This blocks. Raises:
            WorkspaceError: The database cannot be used; it was not changed.
        """
        from engine.settings import default_database
        from storage.connect import POOL_SIZE
        from storage.database import Database

        # A dashboard mostly waits: of twenty, a server would else keep a hundred connections.
        kept = DASHBOARD_CONNECTIONS if origin == "dashboard" else POOL_SIZE
        with translated():
            database = Database.open(
                settings.database,
                read_only=settings.read_only,
                make_folder=settings.database == default_database(),
                connections=kept,
            )
        return cls(settings, database, clock=clock, ids=ids, origin=origin)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run blocking `work` in a worker thread: the one hop of the product.

        Raises:
            WorkspaceError: The database cannot be used.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(_guarded, work, *args, **kwargs))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` with a reading connection in a worker thread; see `run`."""
        return await self.run(self._read, work)

    async def write(self, work: Callable[[Connection], T], *, durable: bool = False) -> T:
        """Run `work` inside one transaction in a worker thread; it commits when `work` returns.

        Args:
            work: What to do; everything is undone when it raises.
            durable: Wait until the commit is safe from a power cut (for credentials).

        Raises:
            ReadOnlyRefused: The run is read-only.
            WorkspaceError: The database cannot be used.
        """
        self.require_writable()
        return await self.run(self._write, work, durable)

    def require_writable(self) -> None:
        """Raise ReadOnlyRefused when this run may not change anything."""
        if self.settings.read_only:
            raise ReadOnlyRefused(
                "This run is read-only, so nothing can be changed.",
                hint=self.settings.origin("read_only").sentence("read_only"),
            )

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self.database.read() as connection:
            return work(connection)

    def _write(self, work: Callable[[Connection], T], durable: bool) -> T:
        with self.database.write(durable=durable) as connection:
            return work(connection)

    @cached_property
    def integrations(self) -> IntegrationsFacade:
        """The way in to integrations."""
        from engine.integrations.facade import IntegrationsFacade

        return IntegrationsFacade(self, credentials=self.credentials.core, checker=self.checks)

    @cached_property
    def sources(self) -> DataSourcesFacade:
        """The way in to sources."""
        from engine.sources.facade import DataSourcesFacade

        core = self.credentials.core
        return DataSourcesFacade(
            self, credentials=core, checker=self.checks, registry=self._source_registry
        )

    def _source_registry(self) -> DataSourceRegistry:
        from engine.sources.registry import DataSourceRegistry

        return DataSourceRegistry(
            self.database,
            settings=self.settings,
            credentials=self.credentials.core,
            clock=self.clock,
            ids=self.ids,
            origin=self.origin,
        )

    @cached_property
    def connectors(self) -> ConnectorsFacade:
        """The way in to connectors."""
        from engine.connectors.facade import ConnectorsFacade

        return ConnectorsFacade(
            self,
            credentials=self.credentials.core,
            checker=self.checks,
            tools=self.tools,
            registry=self._connector_registry,
        )

    def _connector_registry(self) -> ConnectorRegistry:
        from engine.connectors.registry import ConnectorRegistry

        return ConnectorRegistry(
            self.database,
            settings=self.settings,
            credentials=self.credentials.core,
            clock=self.clock,
            ids=self.ids,
            origin=self.origin,
        )

    @cached_property
    def usage(self) -> UsageFacade:
        """The way in to what calls used."""
        from engine.usage.facade import UsageFacade

        return UsageFacade(self)

    @cached_property
    def feeds(self) -> UsageFeeds:
        """The way in to what providers themselves have counted."""
        from engine.usage.sync.feeds import UsageFeeds

        return UsageFeeds(self, self.credentials.core, self.http_client)

    @cached_property
    def limits(self) -> LimitsFacade:
        """The way in to usage against limits."""
        from engine.limits.facade import LimitsFacade

        return LimitsFacade(self, credentials=self.credentials.core)

    @cached_property
    def gateway(self) -> GatewayFacade:
        """The way in to registered SQL."""
        from engine.gateway.facade import GatewayFacade

        return GatewayFacade(self, credentials=self.credentials.core, tools=self.tools)

    @cached_property
    def prevention(self) -> PreventionFacade:
        """The way in to the ledgers of prevention."""
        from engine.prevention.facade import PreventionFacade

        return PreventionFacade(self)

    @cached_property
    def incidents(self) -> IncidentsFacade:
        """The way in to incidents."""
        from engine.incidents.facade import IncidentsFacade

        return IncidentsFacade(self)

    @cached_property
    def silences(self) -> SilencesFacade:
        """The way in to silences."""
        from engine.silences.facade import SilencesFacade

        return SilencesFacade(self)

    @cached_property
    def alerts(self) -> AlertsFacade:
        """The way in to channels, routes and what was told."""
        from engine.alerts.facade import AlertsFacade

        return AlertsFacade(self, credentials=self.credentials.core, http_client=self.http_client)

    @cached_property
    def health(self) -> HealthFacade:
        """The way in to what is known about health."""
        from engine.health.facade import HealthFacade

        return HealthFacade(self)

    @cached_property
    def checks(self) -> CusHealthService:
        """Checks on demand, of things of every kind."""
        from engine.health.service import CusHealthService

        return CusHealthService(self, credentials=self.credentials.core, tools=self.tools)

    @cached_property
    def tenants(self) -> TenantsFacade:
        """The way in to tenants."""
        from engine.tenants.facade import TenantsFacade

        return TenantsFacade(self)

    @cached_property
    def activity(self) -> ActivityFacade:
        """The way in to activity."""
        from engine.activity.facade import ActivityFacade

        return ActivityFacade(self)

    @cached_property
    def credentials(self) -> CredentialsFacade:
        """The way in to stored credentials."""
        from engine.credentials import CredentialsFacade
        from engine.tenants.newcomers import make_tenant

        return CredentialsFacade(self, newcomer=make_tenant)

    def http_client(self) -> HttpClient:
        """Return the client for providers of this workspace's event loop, made at first use."""
        return self._reach.client()

    def tools(self, kind: str = "source") -> Tools:
        """Return what checks of a kind share in this workspace's event loop, made at first use."""
        return self._reach.tools(kind)

    @cached_property
    def following(self) -> Following:
        """What changes here, as soon as it is known."""
        from engine.following import Following

        return Following(self)

    async def revisions(self) -> Mapping[str, int]:
        """Return the revision of each concept; one that rose means that its data changed."""
        from storage import revisions

        return await self.read(revisions.read)

    def changes(self, since: Mapping[str, int] | None = None) -> AsyncIterator[frozenset[str]]:
        """Yield the concepts that changed, as they do: see `Following.changes`."""
        return self.following.changes(since)

    async def aclose(self) -> None:
        """End checks, close clients, threads and database; calling it again does nothing."""
        if "checks" in self.__dict__:
            await self.checks.end()
        if "credentials" in self.__dict__:
            await self.credentials.end()
        if "gateway" in self.__dict__:
            await self.gateway.aclose()
        await self._reach.aclose()
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        with self.database.lines.unless_within(LAST_ANSWER_S):
            self._threads.shutdown(wait=True)
        self.database.close()


def _guarded(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    with translated():
        return work(*args, **kwargs)


_default_lock = threading.Lock()
_default: list[Workspace] = []


def get_default_workspace() -> Workspace:
    """Return the process's default workspace, opened from its settings at first use.

    Raises:
        InvalidInput: A setting cannot be used.
        WorkspaceError: The database cannot be used.
    """
    with _default_lock:
        if not _default:
            from engine.settings import Settings

            _default.append(Workspace.open(Settings.load()))
        return _default[0]


def set_default_workspace(workspace: Workspace | None) -> None:
    """Make `workspace` the one that the `get_…_facade()` functions use; None forgets it."""
    with _default_lock:
        _default[:] = [] if workspace is None else [workspace]
