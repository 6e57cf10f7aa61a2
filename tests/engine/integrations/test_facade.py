from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.errors import (
    CredentialReferenceInvalid,
    EditConflict,
    InvalidInput,
    LifecycleRefused,
    NameTaken,
    NotFound,
)
from storage import paging

if TYPE_CHECKING:
    from pathlib import Path

    from engine.clock import FixedClock
    from engine.integrations import IntegrationDetailResult
    from engine.workspace import Workspace

KEY = "sk-planted-Canary-0123456789abcdef"
URL = "http://127.0.0.1:9/v1"


async def add(workspace: Workspace, name: str = "gpt", **more: object) -> IntegrationDetailResult:
    told = {"base_url": URL} | more
    tenant = str(told.pop("tenant", "acme"))
    return await workspace.integrations.create_integration(tenant, name, "custom", **told)  # type: ignore[arg-type]


async def actions(workspace: Workspace, tenant: str = "acme") -> list[str]:
    return [entry.action for entry in (await workspace.activity.page(tenant)).items]


async def test_registering_makes_the_tenant_and_tells_everything(workspace: Workspace) -> None:
    made = await add(
        workspace, secret=KEY, default_model="m-1", budget_limit_cents=500, created_by="olga"
    )
    assert made == await workspace.integrations.get_integration("acme", made.id)
    assert (made.status, made.health_state, made.version) == ("created", "unknown", 1)
    assert (made.budget_limit_cents, made.rate_limit_rpm, made.created_by) == (500, 0, "olga")
    assert made.credential_ref
    assert made.credential_ref.startswith("encrypted://")
    assert [tenant.id for tenant in await workspace.tenants.list_tenants()] == ["acme"]
    assert await actions(workspace) == ["integration.created", "tenant.created"]


async def test_a_secret_is_nowhere_in_the_open(workspace: Workspace, tmp_path: Path) -> None:
    made = await add(workspace, secret=KEY)
    await workspace.integrations.update_integration("acme", made.id, secret=KEY + "2")
    told = [made.to_dict(), (await workspace.activity.page("acme")).to_dict(), repr(made)]
    assert "planted" not in str(told)
    files = await asyncio.to_thread(lambda: [path.read_bytes() for path in tmp_path.iterdir()])
    assert files
    assert not any(b"planted" in content for content in files)


@pytest.mark.parametrize(
    ("told", "kind", "field"),
    [
        ({"name": "GPT"}, NameTaken, "name"),
        ({"name": "a\x1b]0;x\x07"}, InvalidInput, "name"),
        ({"name": ""}, InvalidInput, "name"),
        ({"credential_ref": KEY}, CredentialReferenceInvalid, "credential_ref"),
        ({"credential_ref": "env://" + KEY}, CredentialReferenceInvalid, "credential_ref"),
        ({"credential_ref": "encrypted://nothing"}, NotFound, "credential_ref"),
        ({"credential_ref": "env://KEY", "secret": KEY}, InvalidInput, "credential_ref"),
        ({"secret": " "}, InvalidInput, "secret"),
        ({"budget_limit_cents": -5}, InvalidInput, "budget_limit_cents"),
        ({"rate_limit_rpm": 10**12}, InvalidInput, "rate_limit_rpm"),
        ({"base_url": f"https://me:{KEY}@host/"}, InvalidInput, "base_url"),
        ({"base_url": None}, InvalidInput, "base_url"),
        ({"config": {"region": "x"}}, InvalidInput, "region"),
        ({"tenant": "no slug"}, InvalidInput, "tenant"),
        ({"tenant": ""}, InvalidInput, "tenant"),
    ],
)
async def test_what_cannot_be_registered_is_refused_beside_its_field(
    workspace: Workspace, told: dict[str, object], kind: type[Exception], field: str
) -> None:
    await add(workspace)
    with pytest.raises(kind) as caught:
        await add(workspace, **({"name": "other"} | told))  # type: ignore[arg-type]
    shown = caught.value.to_dict()  # type: ignore[attr-defined]
    assert shown["field"] == field
    assert "planted" not in str(shown)
    assert (await workspace.integrations.list_integrations("acme")).total == 1


async def test_an_unknown_provider_names_the_known_ones(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput) as caught:
        await workspace.integrations.create_integration("acme", "x", "openia")
    assert caught.value.field == "provider_type"
    assert "anthropic" in caught.value.hint


async def test_another_tenants_id_is_answered_like_a_missing_one(workspace: Workspace) -> None:
    made = await add(workspace)
    await workspace.tenants.ensure("other")
    facade = workspace.integrations
    said = set()
    for tenant, found in (("other", made.id), ("acme", "nothing"), ("nobody", made.id)):
        for call in (
            facade.get_integration(tenant, found),
            facade.update_integration(tenant, found, name="x"),
            facade.enable_integration(tenant, found),
            facade.disable_integration(tenant, found),
            facade.get_health_status(tenant, found),
            facade.get_limits_status(tenant, found),
            facade.test_credentials(tenant, found),
            facade.delete_integration(tenant, found),
        ):
            with pytest.raises(NotFound) as caught:
                await call
            said.add(str(caught.value.to_dict()))
    assert len(said) == 1
    assert (await facade.list_integrations("nobody")).total == 0


async def test_editing_changes_what_is_named_and_tells_what(
    workspace: Workspace, clock: FixedClock
) -> None:
    made = await add(workspace, budget_limit_cents=100)
    clock.advance(60)
    edited = await workspace.integrations.update_integration(
        "acme", made.id, name="gpt-2", budget_limit_cents=100, interval_s=30
    )
    assert (edited.name, edited.budget_limit_cents, edited.interval_s) == ("gpt-2", 100, 30)
    assert (edited.version, edited.updated_at) == (2, clock.now())
    entry = (await workspace.activity.page("acme", limit=1)).items[0]
    assert entry.detail == {"changed": {"name": ["gpt", "gpt-2"], "interval_s": [None, 30]}}
    assert (entry.actor, entry.origin, entry.thing_name) == ("olga", "code", "gpt")


async def test_editing_nothing_is_not_an_activity(workspace: Workspace) -> None:
    made = await add(workspace)
    same = await workspace.integrations.update_integration(
        "acme", made.id, name="gpt", provider_type="custom", base_url=URL
    )
    assert same.version == 1
    assert "integration.updated" not in await actions(workspace)


async def test_a_change_made_meanwhile_is_not_overwritten(workspace: Workspace) -> None:
    made = await add(workspace)
    await workspace.integrations.update_integration("acme", made.id, name="theirs")
    with pytest.raises(EditConflict):
        await workspace.integrations.update_integration(
            "acme", made.id, name="mine", expected_version=made.version
        )
    assert (await workspace.integrations.get_integration("acme", made.id)).name == "theirs"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"provider_type": "openai"}, "provider_type"),
        ({"status": "enabled"}, "status"),
        ({"name": "taken"}, "name"),
        ({"secret": 5}, "secret"),
        ({"base_url": ""}, "base_url"),
        ({"credential_ref": KEY}, "credential_ref"),
    ],
)
async def test_what_cannot_be_changed_is_refused_beside_its_field(
    workspace: Workspace, changes: dict[str, object], field: str
) -> None:
    made = await add(workspace)
    await add(workspace, "taken")
    with pytest.raises((InvalidInput, CredentialReferenceInvalid)) as caught:
        await workspace.integrations.update_integration("acme", made.id, **changes)  # type: ignore[arg-type]
    assert caught.value.field == field
    assert (await workspace.integrations.get_integration("acme", made.id)).version == 1


async def test_changing_case_alone_is_not_taking_a_name(workspace: Workspace) -> None:
    made = await add(workspace)
    edited = await workspace.integrations.update_integration("acme", made.id, name="GPT")
    assert edited.name == "GPT"


async def test_a_replaced_secret_is_removed_unless_another_needs_it(workspace: Workspace) -> None:
    made = await add(workspace, secret=KEY)
    assert made.credential_ref
    twin = await add(workspace, "twin", credential_ref=made.credential_ref)
    await workspace.integrations.update_integration("acme", made.id, secret=KEY + "2")
    described = await workspace.credentials.get("acme", made.credential_ref)
    assert [user.name for user in described.users] == ["twin"]
    await workspace.integrations.update_integration("acme", twin.id, credential_ref=None)
    with pytest.raises(NotFound):
        await workspace.credentials.get("acme", made.credential_ref)


async def test_a_tenant_cannot_point_to_anothers_secret(workspace: Workspace) -> None:
    made = await add(workspace, secret=KEY)
    with pytest.raises(NotFound):
        await add(workspace, tenant="other", credential_ref=made.credential_ref)


async def test_enabling_and_disabling_are_told_and_repeatable(workspace: Workspace) -> None:
    made = await add(workspace)
    facade = workspace.integrations
    with pytest.raises(LifecycleRefused):
        await facade.disable_integration("acme", made.id)
    assert (await facade.enable_integration("acme", made.id)).status == "enabled"
    assert "already" in (await facade.enable_integration("acme", made.id)).message
    assert (await facade.disable_integration("acme", made.id)).status == "disabled"
    lamp = (await workspace.health.story("acme", "integration", made.id)).lamp
    assert (lamp.active, lamp.due_at) == (False, None)
    assert (await actions(workspace))[:2] == ["integration.disabled", "integration.enabled"]


async def test_deleting_frees_the_name_and_removes_the_secret(workspace: Workspace) -> None:
    made = await add(workspace, secret=KEY)
    assert made.credential_ref
    assert (await workspace.integrations.delete_integration("acme", made.id)).deleted
    with pytest.raises(NotFound):
        await workspace.integrations.get_integration("acme", made.id)
    with pytest.raises(NotFound):
        await workspace.credentials.get("acme", made.credential_ref)
    assert await workspace.health.lamps("acme") == ()
    assert (await add(workspace)).id != made.id


async def test_lists_filter_sort_count_and_page(workspace: Workspace) -> None:
    for name in ("beta", "Alpha", "gamma"):
        await add(workspace, name)
    await add(workspace, "elsewhere", tenant="other")
    facade = workspace.integrations
    listed = await facade.list_integrations("acme", limit=2)
    assert ([item.name for item in listed.items], listed.total) == (["Alpha", "beta"], 3)
    listed = await facade.list_integrations("acme", offset=2)
    assert [item.name for item in listed.items] == ["gamma"]
    listed = await facade.list_integrations("acme", query="!beta status:created", descending=True)
    assert ([item.name for item in listed.items], listed.total) == (["gamma", "Alpha"], 2)
    items, keys = await facade.page_integrations("acme", limit=1)
    items, _ = await facade.page_integrations("acme", limit=1, anchor=paging.after(keys[0]))
    assert [item.name for item in items] == ["beta"]
    assert await facade.count_integrations("acme", query="alpha") == 1


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": -1}, "limit"),
        ({"limit": 10**9}, "limit"),
        ({"offset": -1}, "offset"),
        ({"sort": "name; DROP TABLE targets"}, "sort"),
        ({"status": "gone"}, "status"),
    ],
)
async def test_a_list_that_cannot_be_is_refused(
    workspace: Workspace, told: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await workspace.integrations.list_integrations("acme", **told)  # type: ignore[arg-type]
    assert caught.value.field == field


async def test_limits_are_not_measured_until_usage_exists(workspace: Workspace) -> None:
    made = await add(workspace, budget_limit_cents=1000)
    limits = await workspace.integrations.get_limits_status("acme", made.id)
    assert limits.budget_limit_cents == 1000
    assert not limits.measured
    assert limits.budget_used_cents is limits.budget_percent is limits.tokens_used_month is None
    assert limits.period_start == datetime(2026, 11, 1, tzinfo=UTC)
    assert limits.period_end == datetime(2026, 12, 1, tzinfo=UTC)
