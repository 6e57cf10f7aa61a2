from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from storage import checkpoint, revisions
from storage.database import Database
from storage.errors import (
    DatabaseMissing,
    DatabaseReadOnly,
    DatabaseUnreachable,
    DatabaseUrlInvalid,
    MigrationNeeded,
    StorageError,
)
from storage.tenants import TenantsDriver

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def add_tenant(database: Database, name: str, *, durable: bool = False) -> None:
    with database.write(durable=durable) as connection:
        TenantsDriver(connection).ensure(name, name, NOW)


def tenants(database: Database) -> list[str]:
    with database.read() as connection:
        return [row.id for row in TenantsDriver(connection).list()]


def test_a_new_file_is_made_and_kept(path: Path) -> None:
    database = Database.open(f"sqlite:///{path}")
    add_tenant(database, "acme", durable=True)
    database.close()
    again = Database.open(str(path))
    assert tenants(again) == ["acme"]
    info = again.info()
    assert (info.journal_mode, info.revision, info.path) == ("wal", info.head, path)
    assert info.size_bytes > 0
    again.close()


def test_everything_is_private_under_any_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = tmp_path / "new" / "lampboard.db"
        database = Database.open(f"sqlite:///{path}", make_folder=True)
        add_tenant(database, "acme")
        database.backup(path.with_name("copy.db"))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        database.close()
    finally:
        os.umask(before)
    names = {"lampboard.db", "lampboard.db-wal", "lampboard.db-shm", "copy.db"}
    assert modes == dict.fromkeys(names, 0o600)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_made_private(path: Path) -> None:
    Database.open(f"sqlite:///{path}").close()
    path.chmod(0o644)
    Database.open(f"sqlite:///{path}").close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as connection:  # noqa: PT012  (the error leaves through the block)
        TenantsDriver(connection).ensure("gone", "Gone", NOW)
        raise ZeroDivisionError
    assert "gone" not in tenants(database)
    with database.read() as connection:
        assert revisions.read(connection)["tenants"] == 1


def test_reading_never_writes(database: Database) -> None:
    with pytest.raises(DatabaseReadOnly), database.read() as connection:
        TenantsDriver(connection).ensure("gone", "Gone", NOW)
    add_tenant(database, "later")
    assert "later" in tenants(database)


def test_a_read_sees_one_moment(database: Database) -> None:
    with database.read() as connection:
        before = revisions.read(connection)
        add_tenant(database, "later")
        assert revisions.read(connection) == before
    with database.read() as connection:
        assert revisions.read(connection)["tenants"] == before["tenants"] + 1


def test_the_version_changes_with_every_commit(database: Database) -> None:
    first = database.data_version()
    assert database.data_version() == first
    add_tenant(database, "one")
    second = database.data_version()
    add_tenant(database, "two")
    assert len({first, second, database.data_version()}) == 3


@pytest.mark.parametrize("url", [":memory:", "sqlite://", "sqlite:///:memory:"])
def test_a_private_memory_is_shared_by_threads_alone(url: str) -> None:
    database, other = Database.open(None), Database.open(url)
    assert other.path is None
    before = database.data_version()
    add_tenant(database, "acme")
    assert database.data_version() != before
    assert (tenants(database), tenants(other)) == (["acme"], [])
    assert database.path is None
    database.close()
    other.close()


def test_read_only_reads(path: Path) -> None:
    Database.open(f"sqlite:///{path}").close()
    before = path.read_bytes()
    database = Database.open(f"sqlite:///{path}", read_only=True)
    assert tenants(database) == []
    with pytest.raises(DatabaseReadOnly), database.write():
        pass
    database.close()
    assert path.read_bytes() == before


def test_a_missing_file_is_not_made_when_nothing_may_be(path: Path) -> None:
    for wishes in ({"read_only": True}, {"migrate": False}):
        with pytest.raises(DatabaseMissing):
            Database.open(f"sqlite:///{path}", **wishes)
    assert not path.exists()


def test_a_backup_holds_what_only_the_log_had(sqlite: Database, tmp_path: Path) -> None:
    add_tenant(sqlite, "acme")
    to = tmp_path / "copy.db"
    sqlite.backup(to)
    copy = Database.open(f"sqlite:///{to}")
    assert tenants(copy) == ["acme"]
    copy.close()
    with pytest.raises(StorageError, match="exists already"):
        sqlite.backup(to)


def test_the_log_does_not_grow_for_ever(
    sqlite: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "LONG_WAL_BYTES", 100_000)
    for place in range(60):
        add_tenant(sqlite, f"tenant {place}")
    assert path.with_name("lampboard.db-wal").stat().st_size < 300_000


def test_a_log_that_cannot_be_moved_does_not_undo_the_commit(
    sqlite: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "LONG_WAL_BYTES", 0)
    path.with_name("lampboard.db-checkpoint").mkdir()
    add_tenant(sqlite, "kept")
    assert tenants(sqlite) == ["kept"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mysql://root:hunter2@host/x",
        "sqlite://hunter2/x",
        "sqlite:///x.db?mode=memory&p=hunter2",
        "://hunter2",
        "sqlite:///file:x?mode=ro&hunter2",
        "nonsense://[hunter2",
    ],
)
def test_other_urls_are_refused_without_repeating_them(url: str) -> None:
    with pytest.raises((DatabaseUrlInvalid, StorageError)) as caught:
        Database.open(url)
    assert "hunter2" not in caught.value.message + caught.value.hint


def test_a_server_that_is_not_there(closed_port: int) -> None:
    with pytest.raises(DatabaseUnreachable) as caught:
        Database.open(f"postgresql://ann:hunter2@127.0.0.1:{closed_port}/x")
    assert caught.value.temporary
    assert "hunter2" not in caught.value.message
    assert "ann:***@" in caught.value.message


@pytest.mark.postgres
def test_a_server_without_tables_waits_for_an_upgrade(postgres_schema: str) -> None:
    empty = postgres_schema.replace("lampboard_", "nowhere_")
    with pytest.raises(MigrationNeeded) as caught:
        Database.open(empty)
    assert "db upgrade" in caught.value.hint


@pytest.mark.parametrize(
    ("version", "has"),
    [((3, 6, 23), False), ((3, 7, 0), True), ((3, 51, 2), True), ((3, 51, 3), False)],
)
def test_which_sqlite_has_the_bug(version: tuple[int, ...], *, has: bool) -> None:
    assert checkpoint.has_wal_reset_bug(version) is has


def test_opening_imports_neither_alembic_nor_the_orm(path: Path) -> None:
    program = (
        "import sys; from storage.database import Database; import storage.health, "
        f"storage.integrations; Database.open({str(path)!r}).close(); "
        "print([name for name in sys.modules if name in "
        "('alembic', 'sqlalchemy.orm', 'pydantic', 'httpx', 'psycopg')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_light_modules_import_no_sqlalchemy() -> None:
    program = (
        "import sys, storage.errors, storage.paging, storage.filters, storage.migrations; "
        "print('sqlalchemy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_the_pool_does_not_leak_pragmas(sqlite: Database) -> None:
    for durable in (True, False):
        add_tenant(sqlite, f"t{durable}", durable=durable)
    with sqlite.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA query_only").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_the_file_says_whose_it_is(sqlite: Database, path: Path) -> None:
    sqlite.close()
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA application_id").fetchone()[0] == 0x4C414D50
    raw.close()


def test_a_connection_keeps_little_of_the_file_in_memory(sqlite: Database) -> None:
    with sqlite.read() as connection:
        assert connection.exec_driver_sql("PRAGMA cache_size").scalar_one() == -4_096
        assert connection.exec_driver_sql("PRAGMA mmap_size").scalar_one() == 0
