"""Making the demo's world and taking it away again."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from engine.demo.child import Simulators
from engine.demo.files import write_files
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
# Of the run's folder: the files that sources and connectors lead to.
_FILES = "data"


class DemoWorld:
    """A throw-away workspace and the servers around it; use it in a `with` block.

    Entering makes a folder with files for this run, starts the simulators and registers everything
    through the facades, which takes about two seconds; leaving ends the simulators and removes the
    folder.

    Args:
        settings: What the run was told; database, tenant and intervals are the demo's own.
        tenants: Who lives in it.

    Attributes:
        settings: What to open the workspace with.
    """

    def __init__(
        self, settings: Settings | None = None, *, tenants: Iterable[Tenant] = TENANTS
    ) -> None:
        self._given = settings
        self._tenants = tuple(tenants)
        self._placed = tuple(placed for tenant in self._tenants for placed in place(tenant))
        self._folder: Path | None = None
        self._simulators: Simulators | None = None
        self.settings = Settings(database="sqlite://")

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="lampboard-demo-"))
        try:
            self.settings = self._own_settings(self._folder)
            files = self._folder / _FILES
            files.mkdir()
            write_files(files)
            self._simulators = Simulators(sites(self._placed))
            self._simulators.__enter__()
            asyncio.run(self._register(self._simulators.ports, files))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the simulators and remove the folder; nothing happens the second time."""
        if self._simulators is not None:
            self._simulators.close()
            self._simulators = None
        if self._folder is not None:
            shutil.rmtree(self._folder)
            self._folder = None

    def headless(self, seconds: float) -> dict[str, Any]:
        """Run the monitor on this world for so long and return what it found.

        Returns:
            `tenants` (id, name, integrations, counts, overall health), `summary` over all of
            them (counts and overall health), `kinds` (integration, source and connector, each with
            its counts by state), `checks` (how many were recorded), `per_tenant`
            (tenant's id to its health summary) and `seconds`.
        """
        return asyncio.run(self._headless(seconds))

    def _own_settings(self, folder: Path) -> Settings:
        given = self._given or Settings(database="sqlite://")
        own: dict[str, Any] = {
            "database": f"sqlite:///{folder / 'lampboard.db'}",
            "tenant": self._tenants[0].id,
            "check_interval_s": CHECK_INTERVAL_S,
            "rate_per_minute": min(given.rate_per_minute, RATE_PER_MINUTE),
        }
        origins = {**given.origins, **dict.fromkeys(own, Origin(kind="demo"))}
        return replace(given, **own, origins=origins)

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
