"""Registering what must be trusted, as everybody does: templates, policies, credentials' ends."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.demo.trusted import Note, Policy, Template, Trusted
    from engine.workspace import Workspace

_ALL = 500


async def entrust(workspace: Workspace, tenant_id: str, trusted: Trusted) -> None:
    """Register all of a tenant's that must be trusted."""
    await _set_policies(workspace, tenant_id, trusted.policies)
    await _note(workspace, tenant_id, trusted.notes)
    if not trusted.templates:
        return
    # What the gateway cannot read at all has no rules there, DuckDB's without its library too.
    offers = await workspace.gateway.offers(tenant_id, limit=_ALL)
    ids = {(one.kind, one.name): one.thing_id for one in offers}
    for template in trusted.templates:
        thing_id = ids.get((template.kind, template.place))
        if thing_id is not None:
            await _register(workspace, tenant_id, template, thing_id)


async def _register(
    workspace: Workspace, tenant_id: str, template: Template, thing_id: str
) -> None:
    from engine.gateway.parameters.notation import parse_declaration

    facade = workspace.gateway
    specs = tuple(parse_declaration(line) for line in template.parameters)
    made = await facade.register_template(
        tenant_id,
        kind=template.kind,
        thing_id=thing_id,
        name=template.name,
        sql=template.former or template.sql,
        parameters=specs[: len(specs) - template.new],
        description=template.description,
        max_rows=template.max_rows,
    )
    if template.former:
        await facade.edit_template(tenant_id, made.template.id, sql=template.sql, parameters=specs)
    if template.retired:
        await facade.retire_template(tenant_id, made.template.id)


async def _set_policies(workspace: Workspace, tenant_id: str, policies: Iterable[Policy]) -> None:
    for one in policies:
        await workspace.prevention.set_policy(
            tenant_id, one.id, name=one.name, mode=one.mode, needed=one.needed
        )


async def _note(workspace: Workspace, tenant_id: str, notes: Iterable[Note]) -> None:
    """Say what integrations' credentials are called, and when they end."""
    listed = await workspace.integrations.list_integrations(tenant_id, limit=_ALL)
    ids = {one.name: one.id for one in listed.items}
    now = workspace.clock.now()
    for one in notes:
        found = await workspace.integrations.get_integration(tenant_id, ids[one.integration])
        reference = found.credential_ref
        if reference is None:
            continue
        if one.days_left is None:
            await workspace.credentials.rename(tenant_id, reference, one.label)
        else:
            ends = now + timedelta(days=one.days_left)
            await workspace.credentials.set_expiry(tenant_id, reference, ends, one.label)
