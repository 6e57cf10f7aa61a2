"""A tenant that is new is made with its first secret or reference, as with its first thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.workspace import Workspace


@pytest.mark.parametrize("kept", ["here", "elsewhere"])
async def test_a_tenant_that_is_new_is_made(workspace: Workspace, kept: str) -> None:
    facade = workspace.credentials
    if kept == "here":
        made = await facade.store("newcomer", "sk-planted-01", "gpt")
    else:
        made = await facade.register("newcomer", "env://NEWCOMERS_KEY", "gpt")
    assert "newcomer" in [tenant.id for tenant in await workspace.tenants.list_tenants()]
    assert (await facade.get("newcomer", made)).credential.label == "gpt"
    actions = [entry.action for entry in (await workspace.activity.page("newcomer")).items]
    assert "tenant.created" in actions


@pytest.mark.parametrize("tenant", ["", "two words", "\x1b[31m", "x" * 65])
async def test_what_can_be_no_tenant_is_refused(workspace: Workspace, tenant: str) -> None:
    before = await workspace.tenants.list_tenants()
    with pytest.raises(InvalidInput, match="tenant's id"):
        await workspace.credentials.store(tenant, "sk-planted-01")
    with pytest.raises(InvalidInput, match="tenant's id"):
        await workspace.credentials.register(tenant, "env://A_KEY")
    assert await workspace.tenants.list_tenants() == before


async def test_a_label_that_is_none_makes_no_tenant(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput):
        await workspace.credentials.store("newcomer", "sk-planted-01", "\x1b[31m")
    assert "newcomer" not in [tenant.id for tenant in await workspace.tenants.list_tenants()]
