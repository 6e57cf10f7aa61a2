"""Registering the demo's things, through the facades as everybody does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.demo.outside import reference_of
from engine.demo.placing import base_url, config_of
from engine.demo.things import Account, Connector, Source
from engine.probes.registry import get_technology

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine.demo.placing import Placed
    from engine.workspace import Workspace


async def register(
    workspace: Workspace, placed: Placed, ports: Mapping[str, int], folder: Path
) -> None:
    """Register one thing, and give it the status that it has in the demo."""
    tenant_id, thing = placed.tenant.id, placed.thing
    if isinstance(thing, Account):
        await _integration(workspace, placed, thing, ports[placed.site], folder)
        return
    config = config_of(thing, placed.secret, ports.get(placed.site), folder)
    if isinstance(thing, Source):
        await _source(workspace, tenant_id, thing, config)
    else:
        await _connector(workspace, tenant_id, thing, config)


async def _integration(
    workspace: Workspace, placed: Placed, account: Account, port: int, folder: Path
) -> None:
    tenant_id, reference = placed.tenant.id, reference_of(account, folder)
    made = await workspace.integrations.create_integration(
        tenant_id,
        account.name,
        account.provider,
        reference,
        secret=None if reference else placed.secret or None,
        base_url=base_url(account, port),
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
