"""Making the demo's world and taking it away again."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from engine.demo.agents.plan import plan_of
from engine.demo.child import Agents, Simulators
from engine.demo.files import write_files
from engine.demo.on_call import FAILURES, SITES, set_up
from engine.demo.outside import Outside
from engine.demo.placing import place, sites
from engine.demo.world import TENANTS
from engine.settings import Origin, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.demo.things import Tenant

CHECK_INTERVAL_S = 15
# 20 a second: on a small machine a first sweep of everything at once, with the drivers' imports in
# it, is slow by itself, and one sees the lamps light up.
RATE_PER_MINUTE = 1_200
# Of the run's folder: the files that sources and connectors lead to, and what agents complain of.
_FILES = "data"
_AGENTS_LOG = "agents.log"


class DemoWorld:
    """A throw-away workspace and the servers around it; use it in a `with` block.

    Entering makes a folder with files for this run, starts the simulators and registers everything
    through the facades, which takes about two seconds; leaving ends the simulators and removes the
    folder. The agents start last and are not waited for: what they used before is there a moment
    later.

    Args:
        settings: What the run was told; database, tenant and intervals are the demo's own.
        tenants: Who lives in it.
        nice: Whether the agents give way to a dashboard, whose keys must not wait for them.

    Attributes:
        settings: What to open the workspace with.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        tenants: Iterable[Tenant] = TENANTS,
        nice: bool = False,
    ) -> None:
        self._given = settings
        self._nice = nice
        self._tenants = tuple(tenants)
        self._placed = tuple(placed for tenant in self._tenants for placed in place(tenant))
        self._folder: Path | None = None
        self._simulators: Simulators | None = None
        self._agents: Agents | None = None
        self._outside: Outside | None = None
        self.settings = Settings(database="sqlite://")

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="lampboard-demo-"))
        try:
            self.settings = self._own_settings(self._folder)
            files = self._folder / _FILES
            files.mkdir()
            self._simulators = Simulators([*sites(self._placed), *SITES])
            self._simulators.start()
            # While they start.
            write_files(files)
            self._outside = Outside(self._placed, files)
            self._simulators.wait()
            asyncio.run(self._register(self._simulators.ports, files))
            self._start_agents(self._simulators.ports, self._folder)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End agents and simulators and remove the folder; nothing happens the second time.

        Whatever cuts one of these short, such as a second signal, the others are done all the same.
        """
        agents, self._agents = self._agents, None
        simulators, self._simulators = self._simulators, None
        outside, self._outside = self._outside, None
        folder, self._folder = self._folder, None
        with ExitStack() as leaving:
            if folder is not None:
                leaving.callback(shutil.rmtree, folder)
            for one in (outside, simulators, agents):
                if one is not None:
                    leaving.callback(one.close)

    def headless(self, seconds: float) -> dict[str, Any]:
        """Run the monitor on this world for so long and return what it found.

        It begins once everything is there that the agents used before.

        Returns:
            `tenants` (id, name, integrations, counts, overall health), `summary` over all of
            them (counts and overall health), `kinds` (integration, source and connector, each with
            its counts by state), `checks` (how many were recorded), `per_tenant`
            (tenant's id to its health summary), `usage` (tenant's id to what it used this month,
            its gauges by state among it), `on_call` (incidents and alerts), `gateway`, `prevention`
            and `credentials` (see `engine.demo.trust`), and `seconds`.

        Raises:
            ChildFailed: The agents' process ended.
        """
        if self._agents is not None:
            self._agents.wait()
        return asyncio.run(self._headless(seconds))

    def _own_settings(self, folder: Path) -> Settings:
        given = self._given or Settings(database="sqlite://")
        own: dict[str, Any] = {
            "database": f"sqlite:///{folder / 'lampboard.db'}",
            "tenant": self._tenants[0].id,
            "check_interval_s": CHECK_INTERVAL_S,
            "incident_failures": FAILURES,
            "rate_per_minute": min(given.rate_per_minute, RATE_PER_MINUTE),
        }
        origins = {**given.origins, **dict.fromkeys(own, Origin(kind="demo"))}
        return replace(given, **own, origins=origins)

    def _start_agents(self, ports: Mapping[str, int], folder: Path) -> None:
        if not any(tenant.agents for tenant in self._tenants):
            return
        plan = plan_of(self.settings.database, self._tenants, self._placed, ports)
        self._agents = Agents(plan, errors=folder / _AGENTS_LOG, nice=self._nice)
        self._agents.__enter__()

    async def _register(self, ports: Mapping[str, int], files: Path) -> None:
        from engine.demo.registering import register
        from engine.workspace import Workspace

        # Registering is the demo's own doing, so it may write where the visitor may not.
        workspace = Workspace.open(replace(self.settings, read_only=False))
        try:
            for tenant in self._tenants:
                await workspace.tenants.ensure(tenant.id, tenant.name)
            for placed in self._placed:
                await register(workspace, placed, ports, files)
            await set_up(workspace, self._tenants[0].id, ports)
        finally:
            await workspace.aclose()

    async def _headless(self, seconds: float) -> dict[str, Any]:
        from engine.demo.report import report
        from engine.monitor import run_monitor
        from engine.workspace import Workspace

        # Checking records what it finds, whatever the visitor may change.
        workspace = Workspace.open(replace(self.settings, read_only=False))
        stop = asyncio.Event()
        try:
            asyncio.get_running_loop().call_later(seconds, stop.set)
            await run_monitor(workspace, stop=stop)
            return {**await report(workspace), "seconds": seconds}
        finally:
            await workspace.aclose()
