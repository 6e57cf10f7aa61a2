"""A source is tested where it says it is, and a form before it is saved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from engine.credentials import Credential
from engine.errors import CredentialUnreadable, InvalidInput, NotFound, ReadOnlyRefused
from engine.sources import DataSourceConfig, SourceDraft
from engine.sources.checking import SourceKind, host_of, place_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from engine.sources import CustomerDataSource, DataSourcesFacade
    from engine.workspace import Workspace

SECRET = "planted-Canary-0123456789"


@pytest.fixture
def folder(tmp_path: Path) -> str:
    place = tmp_path / "data"
    place.mkdir()
    return str(place)


@pytest.fixture
async def closed_port() -> AsyncIterator[int]:
    """A port at which nothing listens, held so that nobody else takes it."""
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


async def a_folder(
    sources: DataSourcesFacade, folder: str, name: str = "files", **more: object
) -> CustomerDataSource:
    return await sources.register_source(
        "acme",
        name,
        "file",
        {"connection_string": f"file://{folder}"},
        **more,  # type: ignore[arg-type]
    )


async def test_a_passing_test_is_recorded_with_its_stages(
    sources: DataSourcesFacade, folder: str
) -> None:
    made = await a_folder(sources, folder, activate=True)
    result = await sources.test_connection("acme", made.source_id)
    assert (result.success, result.state, result.error) == (True, "healthy", None)
    assert result.stages
    assert all(stage["ok"] for stage in result.stages)
    assert json.dumps(result.to_dict())
    after = await sources.get_source("acme", made.source_id)
    assert (after.health_state, after.connection_count, after.error_count) == ("healthy", 1, 0)
    assert after.last_connected == result.checked_at


async def test_a_failing_test_turns_active_to_error_and_a_passing_one_back(
    sources: DataSourcesFacade, closed_port: int
) -> None:
    config = {"host": "127.0.0.1", "port": closed_port, "username": "a", "password": SECRET}
    made = await sources.register_source(
        "acme", "orders", "database", config, technology="postgresql", activate=True
    )
    result = await sources.test_connection("acme", made.source_id)
    assert (result.success, result.error, result.stage) == (False, "refused", "connect")
    assert result.remedy
    after = await sources.get_source("acme", made.source_id)
    assert (after.status, after.error_count, after.last_error) == ("error", 1, result.message)
    assert (await sources.get_statistics("acme")).error_sources == 1
    assert (await sources.activate_source("acme", made.source_id)).status == "active"
    assert (await sources.get_source("acme", made.source_id)).last_error is None


async def test_an_unforced_test_answers_with_a_fresh_result(
    sources: DataSourcesFacade, folder: str
) -> None:
    made = await a_folder(sources, folder)
    first = await sources.test_connection("acme", made.source_id)
    again = await sources.test_connection("acme", made.source_id, force=False)
    assert (first.cached, again.cached) == (False, True)
    assert again.checked_at == first.checked_at


async def test_a_source_that_is_not_said_whole_is_unknown_and_says_what_is_missing(
    sources: DataSourcesFacade,
) -> None:
    bare = await sources.register_source("acme", "bare", "database")
    result = await sources.test_connection("acme", bare.source_id)
    assert (result.success, result.state) == (False, "unknown")
    assert "technology" in result.message
    hostless = await sources.register_source("acme", "b", "database", technology="postgresql")
    result = await sources.test_connection("acme", hostless.source_id)
    assert (result.state, result.message) == (
        "unknown",
        "Host is missing, so PostgreSQL cannot be reached.",
    )


async def test_a_variable_that_is_not_set_is_told(sources: DataSourcesFacade) -> None:
    config = {"host": "127.0.0.1", "port": 1, "password": "env://ORDERS_PASSWORD"}
    made = await sources.register_source(
        "acme", "orders", "database", config, technology="postgresql"
    )
    result = await sources.test_connection("acme", made.source_id)
    assert result.error == "credential_unreadable"
    assert "ORDERS_PASSWORD" in result.message


async def test_a_form_is_tested_and_leaves_nothing_behind(
    workspace: Workspace, sources: DataSourcesFacade, folder: str
) -> None:
    draft = SourceDraft(
        tenant_id="acme",
        source_type="file",
        config={"connection_string": f"file://{folder}", "password": SECRET},
    )
    assert "planted" not in repr(draft)
    assert (await sources.test_draft(draft)).success
    assert await workspace.tenants.list_tenants() == ()
    for config in ({"port": 0}, {"connection_string": f"x://a:{SECRET}@"}):
        with pytest.raises(InvalidInput):
            await sources.test_draft(
                SourceDraft(tenant_id="acme", source_type="file", config=config)
            )


async def test_a_form_of_a_stored_source_uses_what_is_stored(
    workspace: Workspace, sources: DataSourcesFacade
) -> None:
    made = await sources.register_source(
        "acme",
        "orders",
        "database",
        {"host": "127.0.0.1", "port": 1, "username": "app", "password": SECRET},
        technology="postgresql",
    )
    draft = SourceDraft(
        tenant_id="acme",
        source_type="database",
        config={"port": 2, "password": "***"},
        source_id=made.source_id,
    )
    assert (await sources.test_draft(draft)).error == "refused"
    assert (await sources.get_source("acme", made.source_id)).health_state == "unknown"


async def test_all_that_are_in_use_are_tested(sources: DataSourcesFacade, folder: str) -> None:
    await a_folder(sources, folder, "good", tags=["pii"], activate=True)
    await a_folder(sources, f"{folder}/nowhere", "bad", activate=True)
    off = await a_folder(sources, folder, "off")
    await sources.deactivate_source("acme", off.source_id)
    told: dict[str, bool] = {}
    done = await sources.test_all(
        "acme", tested=lambda found, result: told.update({found: result.success})
    )
    assert [(one.name, one.status, result.success) for one, result in done] == [
        ("bad", "error", False),
        ("good", "active", True),
    ]
    assert told == {one.id: result.success for one, result in done}
    assert [one.name for one, _ in await sources.test_all("acme", query="tag:pii")] == ["good"]


async def test_a_read_only_run_tests_nothing(
    workspace: Workspace, sources: DataSourcesFacade, folder: str
) -> None:
    from dataclasses import replace

    from engine.workspace import Workspace as Opened

    made = await a_folder(sources, folder)
    looking = Opened.open(replace(workspace.settings, read_only=True))
    try:
        assert (await looking.sources.get_source("acme", made.source_id)).name == "files"
        draft = SourceDraft(tenant_id="acme", source_type="file")
        for call in (
            looking.sources.test_connection("acme", made.source_id),
            looking.sources.test_draft(draft),
            looking.sources.test_all("acme"),
            looking.sources.add_tag("acme", made.source_id, "x"),
        ):
            with pytest.raises(ReadOnlyRefused):
                await call
    finally:
        await looking.aclose()


async def test_a_row_is_made_ready_and_shows_no_secret(
    workspace: Workspace, sources: DataSourcesFacade
) -> None:
    made = await sources.register_source(
        "acme", "orders", "database", {"connection_string": f"postgresql://a:{SECRET}@db:1/x"}
    )
    kind = SourceKind()
    rows = await workspace.read(lambda connection: kind.rows(connection, [made.source_id]))
    row = rows[made.source_id]
    (reference,) = kind.references(row)
    ready = kind.prepare(
        row, {reference: Credential(f"postgresql://a:{SECRET}@db:1/x")}.__getitem__
    )
    assert (ready.tenant_id, ready.id, ready.name, ready.place) == (
        *("acme", made.source_id),
        *("orders", "db"),
    )
    assert (ready.where.host, ready.where.port, ready.where.password) == ("db", 1, SECRET)
    assert "planted" not in repr(ready) + repr(row)

    def unreadable(_: str) -> Credential:
        raise CredentialUnreadable("The stored credential is gone.")

    with pytest.raises(CredentialUnreadable):
        kind.prepare(row, unreadable)


def test_what_a_connection_string_says_goes_before_the_single_fields() -> None:
    config = DataSourceConfig(
        connection_string="postgresql://app@db:5433/x?sslmode=require&application_name=board",
        host="other",
        port=1,
        password=SECRET,
        options={"application_name": "mine"},
    )
    place = place_of("postgresql", config)
    assert (place.host, place.port, place.username, place.password) == ("db", 5433, "app", SECRET)
    assert (place.tls, place.tls_verify) == (True, False)
    assert place.options["application_name"] == "mine"


def test_single_fields_lead_there_too() -> None:
    config = DataSourceConfig(
        host="db",
        username="app",
        ssl_enabled=True,
        ssl_cert_path="/ca.pem",
        oauth_config={"client_id": "me"},
        api_key="key",
    )
    place = place_of("postgresql", config)
    assert (place.host, place.tls, place.tls_verify, place.tls_ca) == ("db", True, True, "/ca.pem")
    assert (place.oauth, place.api_key) == ({"client_id": "me"}, "key")


@pytest.mark.parametrize(
    ("technology", "config", "host"),
    [
        ("postgresql", DataSourceConfig(host="db", username="app"), "db"),
        ("local", DataSourceConfig(connection_string="file:///srv"), None),
        ("s3", DataSourceConfig(database="b", options={"endpoint": "http://minio:9000"}), "minio"),
        ("s3", DataSourceConfig(connection_string="s3://bucket"), "s3"),
    ],
)
def test_the_host_of_a_check_is_known_for_the_offline_judgement(
    technology: str, config: DataSourceConfig, host: str | None
) -> None:
    assert host_of(place_of(technology, config)) == host


async def test_a_deleted_source_is_not_found_by_a_test(
    sources: DataSourcesFacade, folder: str
) -> None:
    made = await a_folder(sources, folder)
    await sources.delete_source("acme", made.source_id)
    with pytest.raises(NotFound):
        await sources.test_connection("acme", made.source_id)
