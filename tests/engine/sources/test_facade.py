from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import EditConflict, InvalidInput, LifecycleRefused, NameTaken, NotFound
from engine.sources import DataSourceConfig, SourceDraft
from engine.workspace import set_default_workspace
from storage.sources import SourcesDriver

if TYPE_CHECKING:
    from engine.clock import FixedClock
    from engine.sources import CustomerDataSource, DataSourcesFacade
    from engine.workspace import Workspace
    from storage.sources import SourceListRow

CONFIG = {"host": "127.0.0.1", "port": 5432, "database": "shop", "username": "app"}


async def add(
    sources: DataSourcesFacade, name: str = "orders", **more: object
) -> CustomerDataSource:
    told: dict[str, object] = {"config": CONFIG} | more
    tenant = str(told.pop("tenant", "acme"))
    kind = str(told.pop("source_type", "database"))
    return await sources.register_source(tenant, name, kind, **told)  # type: ignore[arg-type]


async def actions(workspace: Workspace) -> list[str]:
    return [entry.action for entry in (await workspace.activity.page("acme")).items]


async def stored(workspace: Workspace, source_id: str) -> SourceListRow:
    found = await workspace.read(
        lambda connection: SourcesDriver(connection).get("acme", source_id)
    )
    assert found is not None
    return found


async def test_registering_makes_the_tenant_and_tells_everything(
    workspace: Workspace, sources: DataSourcesFacade
) -> None:
    made = await add(
        sources,
        description="Where orders are.",
        tags=["pii", "Prod", "PII"],
        metadata={"team": {"name": "orders"}},
        access_roles=[],
        owner_id="team-orders",
        interval_s=30,
    )
    assert made == await sources.get_source("acme", made.source_id)
    assert (made.status, made.health_state, made.version) == ("pending", "unknown", 1)
    assert (made.technology, made.created_by, made.interval_s) == ("postgresql", "olga", 30)
    assert (made.tags, made.metadata) == (["pii", "Prod"], {"team": {"name": "orders"}})
    assert made.config == DataSourceConfig(**CONFIG)  # type: ignore[arg-type]
    assert await actions(workspace) == ["source.created", "tenant.created"]


@pytest.mark.parametrize(
    ("config", "technology"),
    [
        ({"connection_string": "postgresql+psycopg://app@db/x"}, "postgresql"),
        ({"connection_string": "host=db user=app"}, "postgresql"),
        ({"port": 5432}, "postgresql"),
        ({"host": "db"}, ""),
        (None, ""),
    ],
)
async def test_the_technology_is_told_by_the_config(
    sources: DataSourcesFacade, config: dict[str, object] | None, technology: str
) -> None:
    assert (await add(sources, config=config)).technology == technology


async def test_what_is_active_at_once_is_due_at_once(
    workspace: Workspace, sources: DataSourcesFacade, clock: FixedClock
) -> None:
    waiting = await stored(workspace, (await add(sources, "a")).source_id)
    assert (waiting.active, waiting.due_at) == (False, None)
    at_work = await stored(workspace, (await add(sources, "b", activate=True)).source_id)
    assert (at_work.active, at_work.due_at, at_work.status) == (True, clock.now(), "active")


async def test_a_name_is_unique_among_a_tenants_sources_whatever_its_case(
    sources: DataSourcesFacade,
) -> None:
    first = await add(sources, "Orders")
    await add(sources, "Orders", tenant="other")
    other = await add(sources, "stock")
    with pytest.raises(NameTaken):
        await add(sources, "orders")
    with pytest.raises(NameTaken):
        await sources.update_source("acme", other.source_id, name="ORDERS")
    assert (await sources.update_source("acme", first.source_id, name="orders")).name == "orders"


async def test_another_tenants_id_is_answered_like_a_missing_one(
    workspace: Workspace, sources: DataSourcesFacade
) -> None:
    made = await add(sources)
    await workspace.tenants.ensure("other")
    said = set()
    for tenant, found in (("other", made.source_id), ("acme", "nothing")):
        draft = SourceDraft(tenant_id=tenant, source_type="database", source_id=found)
        for call in (
            sources.get_source(tenant, found),
            sources.update_source(tenant, found, name="x"),
            sources.activate_source(tenant, found),
            sources.deactivate_source(tenant, found),
            sources.deprecate_source(tenant, found),
            sources.add_tag(tenant, found, "x"),
            sources.remove_tag(tenant, found, "x"),
            sources.grant_access(tenant, found, "x"),
            sources.revoke_access(tenant, found, "x"),
            sources.test_draft(draft),
            sources.delete_source(tenant, found),
        ):
            with pytest.raises(NotFound) as caught:
                await call
            said.add(str(caught.value.to_dict()))
        with pytest.raises(NotFound):
            await sources.test_connection(tenant, found)
    assert len(said) == 1


async def test_what_is_not_named_stays(workspace: Workspace, sources: DataSourcesFacade) -> None:
    made = await add(sources, tags=["pii"], description="old")
    changed = await sources.update_source(
        "acme", made.source_id, description="new", config={"port": 5433, "username": None}
    )
    assert (changed.description, changed.tags, changed.version) == ("new", ["pii"], 2)
    assert (changed.config.host, changed.config.port, changed.config.username) == (
        *("127.0.0.1", 5433),
        None,
    )
    entry = (await workspace.activity.page("acme")).items[0]
    assert entry.action == "source.updated"
    assert entry.detail["changed"] == {
        "description": ["old", "new"],
        "config.port": [5432, 5433],
        "config.username": ["app", None],
        "status": ["pending", "configuring"],
    }


async def test_a_whole_config_replaces_the_old_one(sources: DataSourcesFacade) -> None:
    made = await add(sources)
    changed = await sources.update_source(
        "acme", made.source_id, config=DataSourceConfig(host="other")
    )
    assert changed.config == DataSourceConfig(host="other")


async def test_an_update_that_changes_nothing_is_no_activity(
    workspace: Workspace, sources: DataSourcesFacade
) -> None:
    made = await add(sources, tags=["pii"])
    again = await sources.update_source(
        "acme", made.source_id, name="orders", tags=["pii"], config=CONFIG
    )
    assert again == made
    assert await actions(workspace) == ["source.created", "tenant.created"]


async def test_editing_how_it_is_reached_keeps_an_active_one_active_and_due(
    workspace: Workspace, sources: DataSourcesFacade, clock: FixedClock
) -> None:
    pending = await add(sources, "pending")
    active = await add(sources, "active", activate=True)
    clock.advance(300)
    edited = await sources.update_source("acme", pending.source_id, config={"port": 5433})
    assert edited.status == "configuring"
    edited = await sources.update_source("acme", active.source_id, config={"port": 5433})
    assert edited.status == "active"
    row = await stored(workspace, active.source_id)
    assert (row.active, row.due_at) == (True, clock.now())
    assert (await stored(workspace, pending.source_id)).due_at is None


async def test_the_second_of_two_edits_is_told(sources: DataSourcesFacade) -> None:
    made = await add(sources)
    await sources.update_source("acme", made.source_id, description="a", expected_version=1)
    with pytest.raises(EditConflict):
        await sources.update_source("acme", made.source_id, description="b", expected_version=1)
    assert (await sources.get_source("acme", made.source_id)).description == "a"


async def test_steps_of_its_life(workspace: Workspace, sources: DataSourcesFacade) -> None:
    made = await add(sources)
    done = await sources.activate_source("acme", made.source_id)
    assert (done.source_id, done.status, done.message) == (
        *(made.source_id, "active"),
        "orders is active.",
    )
    again = await sources.activate_source("acme", made.source_id)
    assert again.message == "orders is active already."
    assert (await sources.deactivate_source("acme", made.source_id)).status == "inactive"
    assert not (await stored(workspace, made.source_id)).active
    assert (await sources.deprecate_source("acme", made.source_id)).status == "deprecated"
    with pytest.raises(LifecycleRefused):
        await sources.deactivate_source("acme", made.source_id)
    assert (await sources.activate_source("acme", made.source_id)).status == "active"
    assert (await actions(workspace))[:4] == [
        *("source.activated", "source.deprecated", "source.deactivated", "source.activated"),
    ]


async def test_tags_and_roles_come_and_go_one_by_one(sources: DataSourcesFacade) -> None:
    made = await add(sources, tags=["pii"])
    assert (await sources.add_tag("acme", made.source_id, " prod ")).tags == ["pii", "prod"]
    assert (await sources.add_tag("acme", made.source_id, "PII")).tags == ["pii", "prod"]
    assert (await sources.remove_tag("acme", made.source_id, "PII")).tags == ["prod"]
    assert (await sources.remove_tag("acme", made.source_id, "never")).version == 3
    given = await sources.grant_access("acme", made.source_id, "dba")
    assert given.access_roles == ["dba"]


@pytest.mark.parametrize("word", ["", "a b", "a,b", "x" * 65, "a\x1bb"])
async def test_what_cannot_be_a_tag_is_refused(sources: DataSourcesFacade, word: str) -> None:
    made = await add(sources)
    with pytest.raises(InvalidInput) as caught:
        await sources.add_tag("acme", made.source_id, word)
    assert caught.value.field == "tags"


async def test_deleting_frees_the_name_and_leaves_the_list(sources: DataSourcesFacade) -> None:
    made = await add(sources)
    gone = await sources.delete_source("acme", made.source_id)
    assert gone.to_dict() == {"deleted": True, "source_id": made.source_id}
    assert (await sources.list_sources("acme")).total == 0
    with pytest.raises(NotFound):
        await sources.get_source("acme", made.source_id)
    assert (await add(sources)).source_id != made.source_id


async def test_a_list_is_filtered_sorted_and_paged(sources: DataSourcesFacade) -> None:
    await add(sources, "b", tags=["pii"], owner_id="zoe")
    await add(sources, "a", activate=True)
    await add(sources, "c", source_type="custom", config=None, tags=["pii-light"])
    listed = await sources.list_sources("acme")
    assert ([item.name for item in listed.items], listed.total) == (["a", "b", "c"], 3)
    first = listed.items[0]
    assert (first.source_type, first.technology, first.where, first.active) == (
        *("database", "postgresql"),
        *("127.0.0.1:5432/shop", True),
    )

    async def names(**how: object) -> list[str]:
        found = await sources.list_sources("acme", **how)  # type: ignore[arg-type]
        return [item.name for item in found.items]

    assert await names(tag="pii") == ["b"]
    assert await names(status="active") == ["a"]
    assert await names(source_type="custom") == ["c"]
    assert await names(query="type:custom tag:pii") == ["c"]
    assert await names(query="!status:active") == ["b", "c"]
    assert await names(query="owner:zoe") == ["b"]
    assert await names(sort="type", descending=True) == ["b", "a", "c"]
    assert await names(offset=1, limit=1) == ["b"]
    assert await sources.count_sources("acme", query="tag:pii") == 2
    page, keys = await sources.page_sources("acme", limit=2)
    assert ([item.name for item in page], len(keys)) == (["a", "b"], 2)


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"offset": -1}, "offset"),
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"sort": "colour"}, "sort"),
        ({"status": "happy"}, "status"),
        ({"source_type": "db"}, "source_type"),
    ],
)
async def test_a_list_that_cannot_be_made_names_the_field(
    sources: DataSourcesFacade, how: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await sources.list_sources("acme", **how)  # type: ignore[arg-type]
    assert caught.value.field == field


async def test_statistics_count_by_status_and_type(sources: DataSourcesFacade) -> None:
    await add(sources, "a", activate=True)
    await add(sources, "b")
    await add(sources, "c", source_type="custom", config=None)
    await sources.deactivate_source("acme", (await add(sources, "d")).source_id)
    told = await sources.get_statistics("acme")
    assert told.to_dict() == {
        "total_sources": 4,
        "active_sources": 1,
        "inactive_sources": 1,
        "error_sources": 0,
        "pending_sources": 2,
        "sources_by_type": {"database": 3, "custom": 1},
        "total_connections": 0,
        "total_errors": 0,
    }


async def test_the_default_workspace_has_the_default_facade(
    workspace: Workspace, sources: DataSourcesFacade
) -> None:
    from engine.sources import get_datasources_facade

    set_default_workspace(workspace)
    try:
        assert get_datasources_facade() is sources
    finally:
        set_default_workspace(None)
