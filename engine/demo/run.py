"""Making the demo's world and taking it away again."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from engine.demo.child import Simulators
from engine.demo.plan import Site
from engine.demo.world import TENANTS
from engine.settings import Origin, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.demo.behaviour import Script
    from engine.demo.world import Account, Tenant
    from engine.workspace import Workspace

CHECK_INTERVAL_S = 15
# Below the plain path of each provider's API, where its base URL differs from the door itself.
_BASE_PATHS = {"openai": "/v1", "custom": "/v1"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """An account with the site it lives at and the key that its owner holds."""

    tenant: Tenant
    account: Account
    site: str
    secret: str


class DemoWorld:
    """A throw-away workspace with simulated providers; use it in a `with` block.

    Entering starts the simulators, makes a folder for this run and registers everything through
    the facades, which takes about a second; leaving ends the simulators and removes the folder.

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
        self._placed = tuple(_place(tenant) for tenant in tenants)
        self._folder: Path | None = None
        self._simulators: Simulators | None = None
        self.settings = Settings(database="sqlite://")

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="lampboard-demo-"))
        try:
            self.settings = self._own_settings(self._folder)
            self._simulators = Simulators(_sites(self._everyone()))
            self._simulators.__enter__()
            asyncio.run(self._register(self._simulators.ports))
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
            them (counts and overall health), `checks` (how many were recorded), `per_tenant`
            (tenant's id to its health summary) and `seconds`.
        """
        return asyncio.run(self._headless(seconds))

    def _everyone(self) -> Iterable[Placed]:
        return (placed for tenant in self._placed for placed in tenant)

    def _own_settings(self, folder: Path) -> Settings:
        given = self._given or Settings(database="sqlite://")
        own = Origin(kind="demo")
        return replace(
            given,
            database=f"sqlite:///{folder / 'lampboard.db'}",
            tenant=self._placed[0][0].tenant.id,
            check_interval_s=CHECK_INTERVAL_S,
            origins={**given.origins, "database": own, "tenant": own, "check_interval_s": own},
        )

    async def _register(self, ports: Mapping[str, int]) -> None:
        from engine.workspace import Workspace

        # Registering is the demo's own doing, so it may write where the visitor may not.
        workspace = Workspace.open(replace(self.settings, read_only=False))
        try:
            for tenant in self._placed:
                await workspace.tenants.ensure(tenant[0].tenant.id, tenant[0].tenant.name)
            for placed in self._everyone():
                await _register(workspace, placed, ports[placed.site])
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


def _place(tenant: Tenant) -> tuple[Placed, ...]:
    return tuple(
        Placed(
            tenant=tenant,
            account=account,
            site=_site_name(tenant, account),
            secret=_secret(account),
        )
        for account in tenant.accounts
    )


def _site_name(tenant: Tenant, account: Account) -> str:
    return f"{tenant.id}/{account.name}" if account.own_door else account.provider


def _secret(account: Account) -> str:
    """Return a key of the form that the provider gives, made anew in each run."""
    if account.keyless:
        return ""
    if account.provider == "bedrock":
        return f"AKIA{secrets.token_hex(8).upper()}:{secrets.token_urlsafe(30)}"
    prefix = {"openai": "sk-proj-", "anthropic": "sk-ant-api03-", "google": "AIzaSy"}
    return prefix.get(account.provider, "") + secrets.token_urlsafe(24)


def _sites(everyone: Iterable[Placed]) -> list[Site]:
    accounts: dict[str, dict[str, Script]] = {}
    dialects: dict[str, str] = {}
    for placed in everyone:
        account = placed.account
        known = accounts.setdefault(placed.site, {})
        dialects[placed.site] = "keyless" if account.keyless else account.provider
        if not account.unknown_key:
            known[placed.secret] = account.script
    return [
        Site(name=name, dialect=dialects[name], accounts=known) for name, known in accounts.items()
    ]


async def _register(workspace: Workspace, placed: Placed, port: int) -> None:
    account, tenant_id = placed.account, placed.tenant.id
    made = await workspace.integrations.create_integration(
        tenant_id,
        account.name,
        account.provider,
        f"env://{account.variable}" if account.variable else None,
        secret=None if account.variable else placed.secret or None,
        base_url=f"http://127.0.0.1:{port}{_BASE_PATHS.get(account.provider, '')}",
        config=account.config,
        default_model=account.model,
        budget_limit_cents=account.budget_cents,
        token_limit_month=account.tokens,
        rate_limit_rpm=account.rpm,
    )
    if account.status in {"enabled", "disabled"}:
        await workspace.integrations.enable_integration(tenant_id, made.id)
    if account.status == "disabled":
        await workspace.integrations.disable_integration(tenant_id, made.id)
