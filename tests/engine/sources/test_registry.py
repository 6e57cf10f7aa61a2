from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.settings import Settings
from engine.sources import (
    DataSourceConfig,
    DataSourceError,
    DataSourceRegistry,
    DataSourceStatus,
    DataSourceType,
    create_datasource,
    get_datasource,
    get_datasource_registry,
    list_datasources,
)
from engine.sources.registry import _reset_registry
from engine.workspace import Workspace, set_default_workspace
from storage.activity import ActivityDriver
from storage.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "planted-Canary-0123456789"
DB = DataSourceType.DATABASE
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(f"sqlite:///{tmp_path / 'lampboard.db'}")
    yield opened
    opened.close()


@pytest.fixture
def registry() -> DataSourceRegistry:
    return DataSourceRegistry()


def test_one_without_a_database_works_on_its_own(registry: DataSourceRegistry) -> None:
    made = registry.register("acme", "orders", DB, DataSourceConfig(host="db", password=SECRET))
    assert registry.get(made.source_id) == made
    assert registry.get_by_name("acme", "ORDERS") == made
    assert registry.list("acme") == [made]
    assert made.config.password == "***"
    assert DataSourceRegistry().list() == []


def test_what_is_not_there_is_none(registry: DataSourceRegistry) -> None:
    made = registry.register("acme", "orders", DB)
    assert registry.get("nothing") is None
    assert registry.get(made.source_id, "other") is None
    assert registry.get_by_name("other", "orders") is None
    assert registry.delete("nothing") is False


def test_a_list_is_sorted_filtered_and_paged(registry: DataSourceRegistry) -> None:
    for name, kind in (("b", DB), ("a", DataSourceType.FILE), ("c", DB)):
        registry.register("acme", name, kind, tags=[name])
    registry.register("other", "a", DB)
    registry.activate(registry.list("acme")[1].source_id)

    def names(*how: object, **told: object) -> list[str]:
        return [one.name for one in registry.list(*how, **told)]  # type: ignore[arg-type]

    assert names() == ["a", "a", "b", "c"]
    assert names("acme") == ["a", "b", "c"]
    assert names("acme", DB) == ["b", "c"]
    assert names("acme", status=DataSourceStatus.ACTIVE) == ["b"]
    assert names("acme", tag="C") == ["c"]
    assert names("acme", limit=1, offset=1) == ["b"]


def test_a_list_gives_a_hundred_at_most_unless_told(registry: DataSourceRegistry) -> None:
    for number in range(101):
        registry.register("acme", f"s{number:03}", DB)
    assert len(registry.list()) == 100
    assert len(registry.list(limit=1000)) == 101


def test_changes_and_steps(registry: DataSourceRegistry) -> None:
    made = registry.register("acme", "orders", DB)
    changed = registry.update(made.source_id, name="stock", tags=["pii"])
    assert (changed.name, changed.tags, changed.version) == ("stock", ["pii"], 2)
    assert registry.activate(made.source_id).status == "active"
    assert registry.deactivate(made.source_id).status == "inactive"
    assert registry.delete(made.source_id) is True
    assert registry.get(made.source_id) is None


def test_everything_that_cannot_be_is_one_kind_of_error(registry: DataSourceRegistry) -> None:
    made = registry.register("acme", "orders", DB)
    for call in (
        lambda: registry.register("acme", "Orders", DB),
        lambda: registry.register("acme", "x", "databse"),
        lambda: registry.register("no slug", "x", DB),
        lambda: registry.register("acme", "x", DB, DataSourceConfig(port=0)),
        lambda: registry.update("nothing", name="x"),
        lambda: registry.update(made.source_id, colour="red"),
        lambda: registry.update(made.source_id, name="x", expected_version=9),
        lambda: registry.activate("nothing"),
        lambda: registry.deactivate("nothing"),
        lambda: registry.list(limit=0),
    ):
        with pytest.raises(DataSourceError) as caught:
            call()
        assert caught.value.message


def test_an_error_says_which_source_and_no_secret(registry: DataSourceRegistry) -> None:
    made = registry.register("acme", "orders", DB)
    with pytest.raises(DataSourceError) as caught:
        registry.update(made.source_id, config={"connection_string": f"x://a:{SECRET}@"})
    told = caught.value.to_dict()
    assert (told["source_id"], told["field"]) == (made.source_id, "connection_string")
    assert "planted" not in str(told)


def test_statistics_count_one_tenant_or_all(registry: DataSourceRegistry) -> None:
    made = registry.register("acme", "a", DB)
    registry.register("other", "b", DataSourceType.API)
    made.activate()
    made.record_connection()
    made.record_error("refused")
    told = registry.get_statistics("acme")
    assert (told.total_sources, told.error_sources) == (1, 1)
    assert (told.total_connections, told.total_errors) == (1, 1)
    assert registry.get_statistics().sources_by_type == {"database": 1, "api": 1}


def test_clearing_a_tenant_leaves_the_others(registry: DataSourceRegistry) -> None:
    for name in ("a", "b"):
        registry.register("acme", name, DB)
    registry.register("other", "c", DB)
    assert registry.clear_tenant("acme") == 2
    assert registry.clear_tenant("acme") == 0
    assert [one.name for one in registry.list()] == ["c"]
    registry.reset()
    assert registry.list() == []
    assert registry.register("acme", "a", DB).name == "a"


def test_two_registries_on_one_database_see_each_others_changes(database: Database) -> None:
    one, two = DataSourceRegistry(database), DataSourceRegistry(database)
    made = one.register("acme", "orders", DB, DataSourceConfig(password=SECRET))
    theirs = two.get(made.source_id)
    assert theirs == made
    made.add_tag("pii")
    theirs.add_tag("prod")
    assert theirs.tags == ["pii", "prod"]
    theirs.update_config(DataSourceConfig(host="db", password="***"))
    made.activate()
    assert (made.config.host, made.status, made.config.password) == ("db", "active", "***")
    one.delete(made.source_id)
    with pytest.raises(DataSourceError):
        theirs.add_tag("gone")


def test_each_change_of_a_source_in_hand_is_stored(database: Database) -> None:
    clock = FixedClock(NOON)
    registry = DataSourceRegistry(database, clock=clock)
    made = registry.register("acme", "orders", DB)
    made.record_connection(clock.advance(60))
    made.grant_access("dba")
    made.grant_access("on-call")
    made.revoke_access("dba")
    made.add_tag("a")
    made.remove_tag("a")
    made.record_error("refused", clock.now())
    found = DataSourceRegistry(database).get(made.source_id)
    assert found == made
    assert (found.last_connected, found.connection_count) == (clock.now(), 1)
    assert (found.last_error, found.error_count, found.status) == ("refused", 1, "error")
    assert (found.access_roles, found.tags) == (["on-call"], [])
    made.activate()
    assert registry.get(made.source_id).last_error is None
    made.deactivate()
    made.deprecate()
    assert registry.get(made.source_id).status == "deprecated"


def test_a_change_that_cannot_be_stored_leaves_the_source_as_it_was(
    registry: DataSourceRegistry,
) -> None:
    made = registry.register("acme", "orders", DB)
    with pytest.raises(DataSourceError):
        made.add_tag("a b")
    with pytest.raises(DataSourceError):
        made.update_config(DataSourceConfig(port=0))
    assert (made.tags, made.config) == ([], DataSourceConfig())


def test_a_registry_works_inside_a_transaction_of_its_caller(database: Database) -> None:
    settings = Settings(database=f"sqlite:///{database.path}")

    def work() -> None:
        with database.write() as connection:
            mine = DataSourceRegistry(connection, settings=settings)
            made = mine.register("acme", "a", DB)
            assert mine.list() == [made]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    assert DataSourceRegistry(database).list() == []


def test_changes_from_many_threads_are_all_kept(database: Database) -> None:
    registry = DataSourceRegistry(database)
    made = registry.register("acme", "orders", DB)
    start = threading.Barrier(4)

    def work(number: int) -> None:
        mine = DataSourceRegistry(database).get(made.source_id)
        start.wait(120)
        for turn in range(5):
            mine.add_tag(f"t{number}-{turn}")
            mine.record_connection()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    found = registry.get(made.source_id)
    assert (len(found.tags), found.connection_count) == (20, 20)


def test_of_many_who_expect_the_same_version_one_wins(database: Database) -> None:
    registry = DataSourceRegistry(database)
    made = registry.register("acme", "orders", DB)
    start = threading.Barrier(4)

    def edit(number: int) -> bool:
        start.wait(120)
        try:
            registry.update(made.source_id, description=f"by {number}", expected_version=1)
        except DataSourceError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(edit, range(4))) == [False, False, False, True]
    assert registry.get(made.source_id).version == 2


def test_a_secret_is_in_no_row_and_no_activity(database: Database, tmp_path: Path) -> None:
    registry = DataSourceRegistry(database)
    made = registry.register("acme", "orders", DB, DataSourceConfig(password=SECRET))
    made.update_config(DataSourceConfig(connection_string=f"postgresql://a:{SECRET}@db/x"))
    with database.read() as connection:
        page = ActivityDriver(connection).page("acme")
        assert "planted" not in repr(page)
    assert "planted" not in repr(made) + str(made.to_dict(include_secrets=True))
    assert not any(b"planted" in path.read_bytes() for path in tmp_path.iterdir())


async def test_the_functions_work_on_the_default_workspace(workspace: Workspace) -> None:
    def work() -> None:
        made = create_datasource("acme", "orders", DB, None)
        assert get_datasource(made.source_id) == made
        assert list_datasources("acme", DataSourceType.API) == []
        assert list_datasources() == [made]
        assert get_datasource_registry() is get_datasource_registry()
        _reset_registry()
        assert list_datasources() == []
        _reset_registry()

    set_default_workspace(workspace)
    try:
        await workspace.run(work)
    finally:
        set_default_workspace(None)
    listed = await workspace.sources.list_sources("acme")
    assert listed.total == 0
