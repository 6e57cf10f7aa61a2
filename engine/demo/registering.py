"""Registering the demo's things, through the facades as everybody does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.demo.placing import config_of
from engine.demo.things import Account, Connector, Source
from engine.probes.registry import get_technology

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine.demo.placing import Placed
    from engine.workspace import Workspace

# Below the plain path of each provider's API, where its base URL differs from the door itself.
_BASE_PATHS = {"openai": "/v1", "custom": "/v1"}


async def register(
    workspace: Workspace, placed: Placed, ports: Mapping[str, int], folder: Path
) -> None:
    """Register one thing, and give it the status that it has in the demo."""
    tenant_id, thing = placed.tenant.id, placed.thing
    if isinstance(thing, Account):
        await _integration(workspace, tenant_id, thing, placed.secret, ports[placed.site])
        return
    config = config_of(thing, placed.secret, ports.get(placed.site), folder)
    if isinstance(thing, Source):
        await _source(workspace, tenant_id, thing, config)
    else:
        await _connector(workspace, tenant_id, thing, config)


async def _integration(
    workspace: Workspace, tenant_id: str, account: Account, secret: str, port: int
) -> None:
    made = await workspace.integrations.create_integration(
        tenant_id,
        account.name,
        account.provider,
        f"env://{account.variable}" if account.variable else None,
        secret=None if account.variable else secret or None,
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


async def _source(
    workspace: Workspace, tenant_id: str, source: Source, config: dict[str, object]
) -> None:
    facade = workspace.sources
    made = await facade.register_source(
        tenant_id,
        source.name,
        get_technology(source.technology).type,
        config,
        technology=source.technology,
        description=source.description or None,
        tags=source.tags,
        access_roles=source.roles,
        owner_id=source.owner or None,
        interval_s=source.interval_s,
        activate=source.status == "active",
    )
    if source.status == "inactive":
        await facade.deactivate_source(tenant_id, made.source_id)
    elif source.status == "deprecated":
        await facade.deprecate_source(tenant_id, made.source_id)


async def _connector(
    workspace: Workspace, tenant_id: str, connector: Connector, config: dict[str, object]
) -> None:
    facade = workspace.connectors
    made = await facade.register_connector(
        tenant_id,
        connector.name,
        connector.type,
        None,
        config,
        technology=connector.technology,
        description=connector.description or None,
        tags=connector.tags,
        owner_id=connector.owner or None,
        interval_s=connector.interval_s,
    )
    if connector.status == "disconnected":
        await facade.disconnect_connector(tenant_id, made.id)
    elif connector.status == "deprecated":
        await facade.deprecate_connector(tenant_id, made.id)
