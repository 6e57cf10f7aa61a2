"""A copy is the same to the letter, or it is not there."""

from __future__ import annotations

import threading
import uuid
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, insert, text

from storage import notify, revisions
from storage.copying import copy
from storage.copying.plain import BATCH, tables
from storage.database import Database, upgrade
from storage.errors import DatabaseForeign, DatabaseUrlInvalid, StorageError
from storage.tables import activity, metadata
from storage.tables.guards import GUARDED
from tests.servers.schemas import SERVER, as_role, migrated_schema, own_schema
from tests.storage.copying.filling import ROWS, fill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HIGHEST = 5_000_000_000
_PATIENCE_S = 60
_ENTRY = {
    "tenant_id": "t",
    "at": datetime(2026, 11, 21, tzinfo=UTC),
    "actor": "a",
    "origin": "o",
    "action": "x",
    "concept": "c",
    "search": "",
}


@pytest.fixture
def full(sqlite: Database) -> Database:
    """A file with rows in every table, whose last activity was forgotten again."""
    with sqlite.write() as connection:
        fill(connection)
        connection.execute(insert(activity).values(id=_HIGHEST, **_ENTRY))
        connection.execute(delete(activity).where(activity.c.id == _HIGHEST))
    return sqlite


def quiet(_done: str, _table: str, _rows: int) -> None:
    """Tells nobody."""


def every_row(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """All that is in a database, generated columns included, as its driver gives it."""
    found = {}
    with database.read() as connection:
        for name in metadata.tables:
            rows = connection.exec_driver_sql(f"SELECT * FROM {name}").all()  # noqa: S608
            found[name] = sorted((tuple(row) for row in rows), key=repr)
    return found


def next_number(database: Database) -> int:
    """The number that the next activity gets."""
    with database.write() as connection:
        added = insert(activity).values(**_ENTRY).returning(activity.c.id)
        return int(connection.execute(added).scalar_one())


def test_every_table_can_be_read_in_order() -> None:
    assert {one.table.name for one in tables()} == set(metadata.tables)
    assert [one.table.name for one in tables() if not one.table.primary_key.columns] == []
    assert [one.table.name for one in tables()][-len(GUARDED) :] == list(GUARDED)


@pytest.mark.postgres
def test_to_a_server_and_back_nothing_changes(full: Database, tmp_path: Path) -> None:
    again = tmp_path / "again.db"
    with own_schema() as url:
        there = copy(full, url, told=quiet)
        with closing(Database.open(url)) as server:
            back = copy(server, str(again), told=quiet)
            assert next_number(server) == _HIGHEST + 1
    assert there == back
    assert {one.rows for one in there.tables} == {ROWS}
    assert (there.rows, there.secrets) == (ROWS * len(tables()), ROWS)
    with closing(Database.open(str(again))) as copied:
        assert every_row(copied) == every_row(full)
        assert next_number(copied) == _HIGHEST + 1
        with pytest.raises(StorageError), copied.write() as connection:
            connection.execute(text("DELETE FROM prevention_records"))


@pytest.mark.postgres
def test_a_server_with_tables_and_no_row_will_do(full: Database) -> None:
    with migrated_schema() as url:
        copy(full, url, told=quiet)
        with closing(Database.open(url)) as server:
            with server.read() as connection:
                assert connection.execute(text("SELECT count(*) FROM usage")).scalar() == ROWS
            with pytest.raises(DatabaseForeign, match="not empty"):
                copy(full, url, told=quiet)


@pytest.mark.postgres
def test_open_dashboards_are_told(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    # Whatever is heard here was said, not asked for.
    monkeypatch.setattr(notify, "LOOK_ANYWAY_S", 3600.0)
    with sqlite.write() as connection:
        revisions.bump(connection, "sources")
    with migrated_schema() as url, closing(Database.open(url)) as open_already:
        listener, told = open_already.listener(), threading.Event()
        assert listener is not None
        listener.call(told.set)

        def hears(sources: int) -> None:
            while (heard := listener.heard()) is None or heard.revisions["sources"] != sources:
                assert told.wait(_PATIENCE_S)
                told.clear()

        hears(0)
        copy(sqlite, url, told=quiet)
        hears(1)


@pytest.mark.parametrize("place", ["itself", "filled"])
def test_what_holds_something_is_left_alone(full: Database, tmp_path: Path, place: str) -> None:
    target = full.path if place == "itself" else tmp_path / "filled.db"
    if place == "filled":
        with closing(Database.open(str(target))) as other, other.write() as connection:
            connection.execute(text("INSERT INTO marks (name, at) VALUES ('kept', 1)"))
    with pytest.raises(DatabaseForeign):
        copy(full, str(target), told=quiet)
    with closing(Database.open(str(target))) as other, other.read() as connection:
        kept = connection.execute(text("SELECT count(*) FROM marks")).scalar()
    assert kept == (ROWS if place == "itself" else 1)


def test_a_private_memory_is_no_place(full: Database) -> None:
    with pytest.raises(DatabaseUrlInvalid):
        copy(full, "sqlite://", told=quiet)


def test_a_copy_that_differs_is_not_kept(full: Database, tmp_path: Path) -> None:
    target = tmp_path / "odd.db"
    with closing(Database.open(str(target))) as odd, odd.write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER odd AFTER INSERT ON checks WHEN NEW.state IS NOT NULL BEGIN "
            "UPDATE checks SET latency_ms = latency_ms + 1e-9 WHERE latency_ms > 0.1; END"
        )
    with pytest.raises(StorageError, match="copy of checks is not"):
        copy(full, str(target), told=quiet)
    with closing(Database.open(str(target))) as odd:
        assert not any(every_row(odd).values())


def _interrupted(done: str, table: str, _rows: int) -> None:
    if (done, table) == ("comparing", "usage"):
        raise KeyboardInterrupt


def test_an_interrupted_copy_leaves_no_file(full: Database, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(KeyboardInterrupt):
        copy(full, str(tmp_path / "folder" / "new.db"), told=_interrupted)
    assert list((tmp_path / "folder").iterdir()) == []


@pytest.mark.postgres
def test_an_interrupted_copy_leaves_no_table(full: Database) -> None:
    with own_schema() as url:
        with pytest.raises(KeyboardInterrupt):
            copy(full, url, told=_interrupted)
        with pytest.raises(StorageError), closing(Database.open(url)):
            pass
        upgrade(url)
        with closing(Database.open(url)) as server:
            assert next_number(server) == 1


def test_rows_are_held_a_batch_at_a_time(sqlite: Database, tmp_path: Path) -> None:
    with sqlite.write() as connection:
        marks = next(one for one in tables() if one.table.name == "marks")
        marks.add(connection, [(f"{number:05}", number) for number in range(2 * BATCH + 1)])
    seen: list[int] = []

    def told(done: str, table: str, rows: int) -> None:
        if (done, table) == ("copying", "marks"):
            seen.append(rows)

    copied = copy(sqlite, str(tmp_path / "copy.db"), told=told)
    assert seen == [BATCH, 2 * BATCH, 2 * BATCH + 1]
    assert copied.rows == 2 * BATCH + 1


@pytest.fixture
def stranger() -> Iterator[str]:
    """A role that owns nothing."""
    import psycopg

    name = f"lampboard_{uuid.uuid4().hex}"
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN")  # type: ignore[call-overload]
    yield name
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {name}")  # type: ignore[call-overload]
        connection.execute(f"DROP ROLE {name}")  # type: ignore[call-overload]


@pytest.mark.postgres
def test_who_sees_a_part_cannot_copy(stranger: str, tmp_path: Path) -> None:
    with migrated_schema() as url:
        schema = url.rpartition("%3D")[2]
        with closing(Database.open(url)) as owner, owner.write() as connection:
            connection.exec_driver_sql("ALTER TABLE marks ENABLE ROW LEVEL SECURITY")
            connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {stranger}")
            connection.exec_driver_sql(
                f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {stranger}"
            )
        with (
            closing(Database.open(as_role(url, stranger))) as database,
            pytest.raises(StorageError, match="sees only some tenants"),
        ):
            copy(database, str(tmp_path / "part.db"), told=quiet)
    assert not (tmp_path / "part.db").exists()
