from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from typing import TYPE_CHECKING, Any

import pytest

from engine.connectors import ConnectorConfig, ConnectorDraft, ConnectorRegistry
from engine.connectors.model import capabilities_of
from engine.errors import (
    ConnectorError,
    CredentialReferenceInvalid,
    EditConflict,
    InvalidInput,
    LifecycleRefused,
    NameTaken,
    NotFound,
    ReadOnlyRefused,
)
from tests.engine.connectors.conftest import MCP_SERVER
from tests.servers.hostile import answer, healthy, hostile, reply

if TYPE_CHECKING:
    from pathlib import Path

    from engine.clock import FixedClock
    from engine.connectors import ConnectorInfo, ConnectorsFacade
    from engine.workspace import Workspace

SECRET = "never-to-be-shown-7c1"
API = {"api_key": SECRET, "options": {"allow": "GET /**"}}


@pytest.fixture
def facade(workspace: Workspace) -> ConnectorsFacade:
    return workspace.connectors


async def register(facade: ConnectorsFacade, url: str = "http://127.0.0.1:9/v1") -> ConnectorInfo:
    return await facade.register_connector("acme", "orders", "http", url, API, tags=["prod"])


def stored_text(workspace: Workspace) -> str:
    """Everything that the database holds, as text."""
    path = workspace.settings.database.removeprefix("sqlite:///")
    connection = sqlite3.connect(path)
    try:
        return "\n".join(connection.iterdump())
    finally:
        connection.close()


async def test_a_registered_connector_is_told_whole_and_masked(facade: ConnectorsFacade) -> None:
    made = await register(facade)
    assert made == await facade.get_connector("acme", made.id)
    assert (made.connector_type, made.technology, made.status) == ("http", "rest", "registered")
    assert made.capabilities == ("read", "write", "query")
    assert (made.endpoint, made.where) == ("http://127.0.0.1:9/v1", "127.0.0.1:9/v1")
    assert made.config["api_key"] == "***"
    assert (made.created_by, made.version, made.active) == ("olga", 1, True)
    told = made.to_dict()
    assert list(told)[:12] == [
        *("id", "name", "connector_type", "status", "capabilities", "endpoint", "tenant_id"),
        *("created_at", "updated_at", "last_used_at", "config", "metadata"),
    ]
    json.dumps(told)


async def test_a_secret_is_nowhere_but_in_the_vault(
    facade: ConnectorsFacade, workspace: Workspace
) -> None:
    made = await facade.register_connector(
        "acme", "db", "sql", f"postgresql://app:{SECRET}@127.0.0.1:1/shop"
    )
    assert made.endpoint == "postgresql://app:***@127.0.0.1:1/shop"
    moved = f"postgresql://app:{SECRET}-2@127.0.0.1:1/shop"
    changed = await facade.update_connector("acme", made.id, endpoint=moved)
    tested = await facade.test_connector("acme", made.id)
    assert SECRET not in f"{made!r} {changed!r} {tested!r}"
    assert SECRET not in stored_text(workspace)


@pytest.mark.parametrize(
    ("kind", "endpoint", "config", "technology"),
    [
        ("http", "https://api.example.com", None, "rest"),
        ("sql", "postgresql://db.example.com/shop", None, "postgresql"),
        ("sql", None, {"host": "db.example.com", "port": 5432}, "postgresql"),
        ("mcp", "https://tools.example.com/mcp", None, "mcp_http"),
        ("mcp", None, {"options": {"command": "server"}}, "mcp_stdio"),
        ("file", None, {"database": "/srv/files"}, "local"),
        ("file", None, {"storage_type": "s3", "database": "bucket"}, "s3"),
        ("serverless", None, {"api_key": "A:B"}, "aws_lambda"),
        ("serverless", "https://x.azurewebsites.net", {"platform": "azure_functions"}, None),
        ("stream", "redis://127.0.0.1/0", None, "redis"),
        ("custom", "redis://127.0.0.1/0", None, "redis"),
    ],
)
async def test_type_and_config_tell_the_technology(
    facade: ConnectorsFacade, kind: str, endpoint: str | None, config: Any, technology: str | None
) -> None:
    made = await facade.register_connector("acme", "a", kind, endpoint, config)
    assert made.technology == (technology or "azure_functions")
    assert list(made.capabilities) == facade._get_capabilities_for_type(kind)


@pytest.mark.parametrize(
    ("kind", "endpoint", "config", "field"),
    [
        ("telnet", None, None, "connector_type"),
        ("sql", "redis://127.0.0.1/0", None, "technology"),
        ("sql", None, {"host": "db"}, "technology"),
        ("http", "http://127.0.0.1", {"timeout_seconds": 0}, "timeout_seconds"),
        ("http", "http://127.0.0.1", {"max_rows": "many"}, "max_rows"),
        ("http", "http://127.0.0.1", {"vector_dimension": 3}, "vector_dimension"),
        ("vector", "http://127.0.0.1", {"distance_metric": "taxi"}, "distance_metric"),
        ("http", "http://127.0.0.1", {"port": 70_000}, "port"),
        ("http", "http://127.0.0.1", {"nope": 1}, "nope"),
        ("http", "half-typed", None, "connection_string"),
    ],
)
async def test_what_cannot_be_used_is_refused_with_its_field(
    facade: ConnectorsFacade, kind: str, endpoint: str | None, config: Any, field: str
) -> None:
    technology = "qdrant" if kind == "vector" else None
    with pytest.raises(InvalidInput) as told:
        await facade.register_connector("acme", "a", kind, endpoint, config, technology=technology)
    assert told.value.field == field
    assert (await facade.list_connectors("acme")).total == 0


async def test_a_config_object_says_the_same_as_its_fields(facade: ConnectorsFacade) -> None:
    config = ConnectorConfig(
        endpoint="http://127.0.0.1:9", timeout_seconds=5, credentials={"token": SECRET}
    )
    assert SECRET not in repr(config)
    made = await facade.register_connector("acme", "a", "http", config=config)
    assert made.endpoint == "http://127.0.0.1:9"
    assert (made.config["timeout_seconds"], made.config["api_key"]) == (5, "***")


async def test_names_are_taken_whatever_their_case(facade: ConnectorsFacade) -> None:
    await register(facade)
    with pytest.raises(NameTaken):
        await facade.register_connector("acme", "ORDERS", "http", "http://127.0.0.1")
    await facade.register_connector("umbrella", "orders", "http", "http://127.0.0.1")


async def test_another_tenants_connector_is_as_a_missing_one(facade: ConnectorsFacade) -> None:
    made = await register(facade)
    await facade.register_connector("umbrella", "own", "http", "http://127.0.0.1")
    for deed in (
        facade.get_connector("umbrella", made.id),
        facade.update_connector("umbrella", made.id, name="x"),
        facade.delete_connector("umbrella", made.id),
        facade.test_connector("umbrella", made.id),
        facade.discover("umbrella", made.id),
        facade.connect_connector("umbrella", made.id),
        facade.get_connector("umbrella", "never"),
    ):
        with pytest.raises(NotFound, match=r"no such|has none"):
            await deed


async def test_a_test_is_real_and_changes_the_status(
    facade: ConnectorsFacade, clock: FixedClock
) -> None:
    async with hostile(healthy()) as server:
        made = await register(facade, f"http://127.0.0.1:{server.port}/v1")
        passed = await facade.test_connector("acme", made.id)
        assert b"key" in server.requests[0].lower()
        assert SECRET.encode() in server.requests[0]
    assert (passed.success, passed.connector_id, passed.state) == (True, made.id, "healthy")
    assert [stage["name"] for stage in passed.stages][:1] == ["connect"]
    assert (await facade.get_connector("acme", made.id)).status == "connected"
    clock.advance(60)
    failed = await facade.test_connector("acme", made.id)
    assert (failed.success, failed.error, failed.stage) == (False, "refused", "connect")
    assert failed.remedy
    after = await facade.get_connector("acme", made.id)
    assert (after.status, after.connection_count, after.error_count) == ("error", 1, 1)
    assert after.last_error == failed.message
    ready = await facade.connect_connector("acme", made.id)
    assert ready.status == "ready"
    assert (await facade.get_connector("acme", made.id)).last_error is None


async def test_a_draft_is_tested_and_nothing_is_kept(
    facade: ConnectorsFacade, workspace: Workspace
) -> None:
    async with hostile(healthy()) as server:
        draft = ConnectorDraft(
            tenant_id="acme",
            connector_type="http",
            endpoint=f"http://127.0.0.1:{server.port}",
            config=API,
        )
        assert SECRET not in repr(draft)
        result = await facade.test_draft(draft)
        assert SECRET.encode() in server.requests[0]
    assert (result.success, result.connector_id) == (True, "")
    assert (await facade.list_connectors("acme")).total == 0
    assert SECRET not in stored_text(workspace)


async def test_a_draft_of_a_stored_one_uses_its_secret(facade: ConnectorsFacade) -> None:
    made = await register(facade)
    async with hostile(healthy()) as server:
        draft = ConnectorDraft(
            tenant_id="acme",
            connector_type="http",
            endpoint=f"http://127.0.0.1:{server.port}",
            config={"api_key": "***"},
            connector_id=made.id,
        )
        assert (await facade.test_draft(draft)).success
        assert SECRET.encode() in server.requests[0]


async def test_an_edit_of_its_config_makes_it_due_and_in_the_making(
    facade: ConnectorsFacade, clock: FixedClock
) -> None:
    made = await register(facade)
    clock.advance(30)
    changed = await facade.update_connector("acme", made.id, config={"timeout_seconds": 7})
    assert (changed.status, changed.version) == ("configuring", 2)
    assert (changed.config["timeout_seconds"], changed.config["api_key"]) == (7, "***")
    renamed = await facade.update_connector("acme", made.id, name="deliveries")
    assert (renamed.name, renamed.status) == ("deliveries", "configuring")


async def test_of_two_edits_the_second_is_told(facade: ConnectorsFacade) -> None:
    made = await register(facade)
    await facade.update_connector("acme", made.id, expected_version=1, description="mine")
    with pytest.raises(EditConflict):
        await facade.update_connector("acme", made.id, expected_version=1, description="yours")
    assert (await facade.get_connector("acme", made.id)).description == "mine"


async def test_working_with_a_connector_is_no_edit_of_it(facade: ConnectorsFacade) -> None:
    async with hostile(reply(answer({"ok": True}))) as server:
        made = await register(facade, f"http://127.0.0.1:{server.port}")
        async with facade.open("acme", made.id) as connector:
            assert (await connector.request("GET", "/x")).json() == {"ok": True}
    after = await facade.get_connector("acme", made.id)
    assert (after.version, after.last_used_at is not None) == (1, True)


async def test_what_is_disconnected_is_not_opened(facade: ConnectorsFacade) -> None:
    made = await register(facade)
    told = await facade.disconnect_connector("acme", made.id)
    assert (told.status, told.message) == ("disconnected", "orders is disconnected.")
    assert not (await facade.get_connector("acme", made.id)).active
    with pytest.raises(LifecycleRefused):
        async with facade.open("acme", made.id):
            pass
    await facade.deprecate_connector("acme", made.id)
    with pytest.raises(LifecycleRefused):
        await facade.disconnect_connector("acme", made.id)
    assert (await facade.connect_connector("acme", made.id)).status == "ready"


async def test_deleting_frees_the_name_and_forgets_the_secret(
    facade: ConnectorsFacade, workspace: Workspace
) -> None:
    made = await register(facade)
    assert "credentials" in stored_text(workspace)
    await facade.delete_connector("acme", made.id)
    assert 'INSERT INTO "credentials"' not in stored_text(workspace)
    assert (await register(facade)).id != made.id


async def test_what_is_discovered_is_stored_and_narrows_the_capabilities(
    facade: ConnectorsFacade, tmp_path: Path
) -> None:
    config = {"options": {"command": sys.executable, "arguments": str(MCP_SERVER)}}
    made = await facade.register_connector("acme", "tools", "mcp", config=config)
    found = await facade.discover("acme", made.id)
    assert {tool["name"] for tool in found.discovered["tools"]} >= {"add", "flood"}
    kept = await facade.get_connector("acme", made.id)
    assert kept.discovered == found.discovered
    folder = {"database": str(tmp_path)}
    files = await facade.register_connector("acme", "files", "file", None, folder)
    assert (await facade.discover("acme", files.id)).capabilities == ("read",)
    async with facade.open("acme", files.id) as connector:
        with pytest.raises(ConnectorError) as told:
            await connector.write("x", b"x")
    assert told.value.code == "not_offered"
    config = {"options": {"access": "write"}}
    changed = await facade.update_connector("acme", files.id, config=config)
    assert changed.capabilities == ("read", "write")


async def test_lists_filter_sort_page_and_count(facade: ConnectorsFacade) -> None:
    for name, kind, url in (
        ("b", "http", "http://127.0.0.1"),
        ("a", "http", "http://127.0.0.1"),
        ("c", "stream", "redis://127.0.0.1"),
    ):
        await facade.register_connector("acme", name, kind, url, tags=["x"] if name == "a" else [])
    listed = await facade.list_connectors("acme", sort="name", descending=True)
    assert ([one.name for one in listed.items], listed.total) == (["c", "b", "a"], 3)
    assert (await facade.list_connectors("acme", connector_type="stream")).total == 1
    assert (await facade.list_connectors("acme", tag="x")).items[0].name == "a"
    assert (await facade.list_connectors("acme", query="!type:http")).items[0].name == "c"
    assert await facade.count_connectors("acme", query="technology:rest") == 2
    page, keys = await facade.page_connectors("acme", limit=2)
    assert ([one.name for one in page], len(keys)) == (["a", "b"], 2)
    stats = await facade.get_statistics("acme")
    assert (stats.total_connectors, stats.connectors_by_type) == (3, {"http": 2, "stream": 1})


async def test_all_are_tested_and_told_one_by_one(facade: ConnectorsFacade) -> None:
    told: list[str] = []
    async with hostile(healthy()) as server:
        url = f"http://127.0.0.1:{server.port}"
        for name in ("a", "b", "c"):
            await facade.register_connector("acme", name, "http", url)
        out = (await facade.list_connectors("acme")).items[2]
        await facade.disconnect_connector("acme", out.id)
        results = await facade.test_all("acme", tested=lambda one, _: told.append(one))
    assert [(info.name, info.status, result.success) for info, result in results] == [
        ("a", "connected", True),
        ("b", "connected", True),
    ]
    assert len(told) == 2


async def test_references_are_kept_and_judged(facade: ConnectorsFacade) -> None:
    config = {"api_key": "env://ORDERS_KEY"}
    made = await facade.register_connector("acme", "a", "http", "http://127.0.0.1:9", config)
    result = await facade.test_connector("acme", made.id)
    assert result.error == "credential_unreadable"
    with pytest.raises(CredentialReferenceInvalid):
        await facade.update_connector("acme", made.id, config={"api_key": "env://no such"})


async def test_a_read_only_run_neither_tests_nor_discovers(
    workspace: Workspace, facade: ConnectorsFacade
) -> None:
    from dataclasses import replace

    made = await register(facade)
    workspace.settings = replace(workspace.settings, read_only=True)
    for deed in (facade.test_connector("acme", made.id), facade.discover("acme", made.id)):
        with pytest.raises(ReadOnlyRefused):
            await deed


async def test_changes_are_told_in_the_activity(
    workspace: Workspace, facade: ConnectorsFacade
) -> None:
    made = await register(facade)
    await facade.update_connector("acme", made.id, name="other")
    await facade.disconnect_connector("acme", made.id)
    await facade.delete_connector("acme", made.id)
    text = stored_text(workspace)
    for word in ("created", "updated", "disconnected", "deleted"):
        assert f"connector.{word}" in text


def test_a_registry_stands_on_its_own() -> None:
    registry = ConnectorRegistry()
    made = registry.register("acme", "orders", "http", "http://127.0.0.1", tags=["x"])
    assert registry.get(made.id) == made == registry.get_by_name("acme", "ORDERS")
    assert registry.get(made.id, "umbrella") is None
    assert registry.list("acme", tag="x") == [made]
    assert registry.update(made.id, description="d").description == "d"
    assert registry.set_status(made.id, "disconnected").status == "disconnected"
    assert registry.get_statistics().total_connectors == 1
    assert registry.delete(made.id)
    assert not registry.delete(made.id)
    assert ConnectorRegistry().list() == []


async def test_the_facades_registry_is_on_the_same_database(facade: ConnectorsFacade) -> None:
    made = await register(facade)
    found = await asyncio.to_thread(facade.registry.get, made.id)
    assert found is not None
    assert found.name == "orders"


def test_capabilities_by_type_are_the_documented_ones() -> None:
    assert {kind: " ".join(capabilities_of(kind)) for kind in ("http", "sql", "mcp", "other")} == {
        "http": "read write query",
        "sql": "read write query transaction",
        "mcp": "read write query",
        "other": "read",
    }
