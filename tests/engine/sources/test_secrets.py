"""Where secrets go: into the store, and nowhere else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput
from engine.sources import DataSourceConfig
from storage.sources import SourcesDriver
from tests.engine.credentials.stored import stored

if TYPE_CHECKING:
    from pathlib import Path

    from engine.sources import CustomerDataSource, DataSourcesFacade
    from engine.workspace import Workspace

SECRET = "planted-Canary-0123456789"
URL = f"postgresql://app:{SECRET}@127.0.0.1:1/shop"
MASKED = "postgresql://app:***@127.0.0.1:1/shop"
EVERYTHING = {
    "connection_string": URL,
    "password": SECRET,
    "api_key": SECRET,
    "oauth_config": {"client_id": f"{SECRET}-id", "client_secret": SECRET},
    "options": {"sslmode": "require", "token": SECRET, "proxy": f"http://me:{SECRET}@proxy:1"},
}


async def references(workspace: Workspace, source_id: str) -> dict[str, str]:
    row = await workspace.read(lambda connection: SourcesDriver(connection).get("acme", source_id))
    return dict(row.secrets) if row else {}


async def opened(workspace: Workspace, source_id: str) -> dict[str, str]:
    found = await references(workspace, source_id)
    service = workspace.credentials.of_tenant("acme")
    return {path: (await service.get(reference)).value for path, reference in found.items()}


async def how_many_stored(workspace: Workspace) -> int:
    return sum(row.tenant_id == "acme" for row in await workspace.read(stored))


async def add(sources: DataSourcesFacade, config: object = None) -> CustomerDataSource:
    return await sources.register_source(
        "acme",
        "orders",
        "database",
        config or EVERYTHING,  # type: ignore[arg-type]
    )


async def test_every_secret_is_stored_and_every_reading_is_masked(
    workspace: Workspace, sources: DataSourcesFacade
) -> None:
    made = await add(sources)
    assert await opened(workspace, made.source_id) == {
        "connection_string": URL,
        "password": SECRET,
        "api_key": SECRET,
        "oauth_config.client_id": f"{SECRET}-id",
        "oauth_config.client_secret": SECRET,
        "options.token": SECRET,
        "options.proxy": f"http://me:{SECRET}@proxy:1",
    }
    for read in (made, await sources.get_source("acme", made.source_id)):
        assert read.config == DataSourceConfig(
            connection_string=MASKED,
            password="***",
            api_key="***",
            oauth_config={"client_id": "***", "client_secret": "***"},
            options={"sslmode": "require", "token": "***", "proxy": "***"},
        )
    listed = (await sources.list_sources("acme")).items[0]
    assert listed.where == "127.0.0.1:1/shop"


async def test_a_secret_is_nowhere_in_the_open(
    workspace: Workspace, sources: DataSourcesFacade, tmp_path: Path
) -> None:
    made = await add(sources)
    changed = await sources.update_source(
        "acme", made.source_id, config={"api_key": SECRET + "2", "password": None}
    )
    result = await sources.test_connection("acme", made.source_id)
    assert result.error == "refused"
    said = [made, changed, result, await sources.list_sources("acme")]
    activity = await workspace.activity.page("acme")
    told = [*map(repr, said), *(str(one.to_dict()) for one in said), str(activity.to_dict())]
    assert "planted" not in "".join(told)
    entry = next(one for one in activity.items if one.action == "source.updated")
    assert entry.detail["changed"]["api_key"] == "replaced"
    assert entry.detail["changed"]["password"] == "removed"
    files = await asyncio.to_thread(lambda: [path.read_bytes() for path in tmp_path.iterdir()])
    assert files
    assert not any(b"planted" in content for content in files)


async def test_a_mask_keeps_what_is_stored(
    workspace: Workspace, sources: DataSourcesFacade
) -> None:
    made = await add(sources)
    before = await references(workspace, made.source_id)
    await sources.update_source("acme", made.source_id, config=made.config)
    await sources.update_source("acme", made.source_id, config={"password": "***"})
    await sources.update_source("acme", made.source_id, config={"connection_string": "***"})
    again = await sources.update_source("acme", made.source_id, config={"pool_size": 6})
    assert await references(workspace, made.source_id) == before
    assert again.config.connection_string == MASKED
    assert again.config.pool_size == 6


@pytest.mark.parametrize(
    "string", ["postgresql://app:***@elsewhere/shop", "postgresql://root:***@127.0.0.1:1/shop"]
)
async def test_a_stored_password_never_goes_with_another_string(
    workspace: Workspace, sources: DataSourcesFacade, string: str
) -> None:
    made = await add(sources)
    with pytest.raises(InvalidInput) as caught:
        await sources.update_source("acme", made.source_id, config={"connection_string": string})
    assert caught.value.field == "connection_string"
    assert (await opened(workspace, made.source_id))["connection_string"] == URL


async def test_a_replaced_secret_is_removed_from_the_store(
    workspace: Workspace, sources: DataSourcesFacade
) -> None:
    made = await add(sources, {"host": "db", "password": SECRET})
    before = await references(workspace, made.source_id)
    await sources.update_source("acme", made.source_id, config={"password": "other"})
    assert await references(workspace, made.source_id) != before
    assert await how_many_stored(workspace) == 1
    await sources.update_source("acme", made.source_id, config={"password": None})
    assert await how_many_stored(workspace) == 0


async def test_deleting_removes_its_secrets_but_none_that_others_need(
    workspace: Workspace, sources: DataSourcesFacade
) -> None:
    one = await sources.register_source("acme", "a", "database", {"password": SECRET})
    shared = (await references(workspace, one.source_id))["password"]
    two = await sources.register_source(
        "acme", "b", "database", {"password": shared, "api_key": "own-key"}
    )
    assert await how_many_stored(workspace) == 2
    await sources.delete_source("acme", two.source_id)
    assert await how_many_stored(workspace) == 1
    await sources.delete_source("acme", one.source_id)
    assert await how_many_stored(workspace) == 0


async def test_a_reference_is_kept_as_a_reference(
    workspace: Workspace, sources: DataSourcesFacade
) -> None:
    made = await sources.register_source(
        "acme",
        "a",
        "database",
        {"connection_string": "env://ORDERS_URL", "password": "env://ORDERS_PASSWORD"},
        technology="postgresql",
    )
    assert await references(workspace, made.source_id) == {
        "connection_string": "env://ORDERS_URL",
        "password": "env://ORDERS_PASSWORD",
    }
    assert (made.config.connection_string, made.config.password) == ("***", "***")
    assert await how_many_stored(workspace) == 0


async def test_a_string_without_a_secret_is_kept_as_it_is(
    workspace: Workspace, sources: DataSourcesFacade
) -> None:
    made = await add(sources, {"connection_string": "postgresql://app@db/x?sslmode=require"})
    assert made.config.connection_string == "postgresql://app@db/x?sslmode=require"
    assert await references(workspace, made.source_id) == {}


async def test_another_tenants_secret_cannot_be_pointed_to(
    workspace: Workspace, sources: DataSourcesFacade
) -> None:
    await workspace.tenants.ensure("other")
    theirs = await workspace.credentials.store("other", SECRET)
    with pytest.raises(Exception, match="no such stored credential") as caught:
        await add(sources, {"password": theirs})
    assert caught.value.field == "password"  # type: ignore[attr-defined]
