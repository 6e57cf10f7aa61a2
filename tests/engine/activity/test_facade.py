from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput
from engine.workspace import Workspace
from storage import paging

if TYPE_CHECKING:
    from engine.settings import Settings


async def add(workspace: Workspace, name: str, tenant: str = "acme", **more: str) -> str:
    made = await workspace.integrations.create_integration(
        tenant, name, "custom", base_url="http://127.0.0.1:9/v1", **more
    )
    return made.id


async def test_entries_are_newest_first_filtered_and_paged(workspace: Workspace) -> None:
    found = await add(workspace, "one")
    await add(workspace, "two", created_by="bob")
    await add(workspace, "elsewhere", tenant="other")
    page = await workspace.activity.page("acme", concept="integrations")
    assert [(entry.thing_name, entry.actor) for entry in page.items] == [
        ("two", "bob"),
        ("one", "olga"),
    ]
    older = await workspace.activity.page(
        "acme", concept="integrations", anchor=paging.after(page.keys[0])
    )
    assert [entry.thing_name for entry in older.items] == ["one"]
    assert [e.actor for e in (await workspace.activity.page("acme", query="bob")).items] == ["bob"]
    assert len((await workspace.activity.page("acme", thing_id=found)).items) == 1
    assert await workspace.activity.count("acme", concept="integrations") == 2


async def test_the_origin_says_what_did_it(settings: Settings) -> None:
    opened = Workspace.open(settings, origin="cli")
    try:
        await opened.tenants.ensure("acme")
        assert (await opened.activity.page("acme")).items[0].origin == "cli"
    finally:
        await opened.aclose()


async def test_a_page_has_its_bounds(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput):
        await workspace.activity.page("acme", limit=0)
