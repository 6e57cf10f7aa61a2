"""Databases that are not what they should be: each gets a clear message and keeps its bytes."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from storage.database import Database
from storage.errors import (
    DatabaseCorrupt,
    DatabaseForeign,
    DatabaseLocked,
    DatabaseMissing,
    DatabaseNewer,
    DatabaseReadOnly,
    DiskFull,
    MigrationNeeded,
    StorageError,
)

if TYPE_CHECKING:
    from pathlib import Path


def refused(path: Path, error: type[StorageError], **wishes: object) -> StorageError:
    """Opens a file that must be refused, and holds it and its folder against before."""
    before = path.read_bytes()
    beside = sorted(file.name for file in path.parent.iterdir())
    with pytest.raises(error) as caught:
        Database.open(f"sqlite:///{path}", busy_timeout_ms=100, **wishes)  # type: ignore[arg-type]
    assert path.read_bytes() == before
    assert sorted(file.name for file in path.parent.iterdir()) == beside
    assert str(path.parent) in caught.value.message
    assert caught.value.hint
    return caught.value


def make(path: Path) -> None:
    Database.open(f"sqlite:///{path}").close()


def change(path: Path, sql: str) -> None:
    raw = sqlite3.connect(path)
    raw.execute(sql)
    raw.commit()
    raw.close()


def test_an_empty_file_is_a_new_database(path: Path) -> None:
    path.touch()
    Database.open(f"sqlite:///{path}").close()
    assert path.stat().st_size > 0


@pytest.mark.parametrize("content", [b"hello\n", b"x" * 5000, b"\0" * 8192, b"SQLite format 3"])
def test_something_else(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    refused(path, StorageError)


def test_a_text(path: Path) -> None:
    path.write_text("name,provider\n" * 1000)
    refused(path, DatabaseForeign)


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DatabaseForeign):
        Database.open(f"sqlite:///{tmp_path}")


def test_another_programs_sqlite(path: Path) -> None:
    change(path, "CREATE TABLE bookmarks (id INTEGER)")
    refused(path, DatabaseForeign)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_half_a_file(path: Path, share: float) -> None:
    make(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    refused(path, DatabaseCorrupt)


def test_a_damaged_schema(path: Path) -> None:
    make(path)
    whole = bytearray(path.read_bytes())
    whole[100:3000] = b"\xff" * 2900
    path.write_bytes(whole)
    refused(path, DatabaseCorrupt)


def test_a_newer_one_by_its_revision(path: Path) -> None:
    make(path)
    change(path, "UPDATE alembic_version SET version_num = '9999'")
    refused(path, DatabaseNewer)


def test_a_newer_one_by_its_header(path: Path) -> None:
    make(path)
    change(path, "PRAGMA user_version = 99")
    refused(path, DatabaseNewer, read_only=True)


def test_ours_without_its_revision(path: Path) -> None:
    make(path)
    change(path, "DELETE FROM alembic_version")
    refused(path, StorageError)


def test_one_that_another_process_holds(path: Path) -> None:
    make(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    holder.execute("INSERT INTO marks VALUES ('x', 1)")
    error = None
    try:
        Database.open(f"sqlite:///{path}", busy_timeout_ms=100)
    except StorageError as caught:
        error = caught
    assert isinstance(error, DatabaseLocked)
    assert error.temporary
    holder.execute("ROLLBACK")
    holder.close()
    Database.open(f"sqlite:///{path}").close()


def test_a_writer_that_does_not_end(path: Path) -> None:
    database = Database.open(f"sqlite:///{path}", busy_timeout_ms=50)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseLocked), database.write():
        pass
    with database.read() as connection:
        connection.exec_driver_sql("SELECT 1")
    holder.close()
    database.close()


def test_a_missing_folder(tmp_path: Path) -> None:
    path = tmp_path / "no" / "such" / "lampboard.db"
    with pytest.raises(DatabaseMissing) as caught:
        Database.open(f"sqlite:///{path}")
    assert str(path.parent) in caught.value.message
    assert not path.parent.exists()


UNPRIVILEGED = """
import os, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
sys.path.insert(0, {root!r})
from storage.database import Database
from storage.errors import StorageError
try:
    Database.open({path!r})
except StorageError as error:
    print(type(error).__name__)
"""


def as_nobody(path: Path) -> str:
    """Opens a file as a user whom permissions bind (root is above them)."""
    program = UNPRIVILEGED.format(root=os.getcwd(), path=str(path))  # noqa: PTH109
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    if "StorageError" not in done.stdout and done.returncode:
        pytest.skip("this Python cannot be run by another user")
    return done.stdout.strip()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_read_only_file_and_a_read_only_folder(path: Path) -> None:
    make(path)
    path.chmod(0o444)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        folder.chmod(0o777)
    before = path.read_bytes()
    assert as_nobody(path) == "DatabaseReadOnly"
    path.chmod(0o666)
    path.parent.chmod(0o755)
    assert as_nobody(path) == "DatabaseReadOnly"
    path.chmod(0o600)
    assert as_nobody(path) == "DatabaseMissing"
    assert path.read_bytes() == before


@pytest.mark.parametrize("which", ["file", "folder"])
def test_what_may_not_be_written(path: Path, monkeypatch: pytest.MonkeyPatch, which: str) -> None:
    make(path)
    closed = str(path if which == "file" else path.parent)
    # Root may write everything, so the answer of the system is put in its place.
    monkeypatch.setattr(
        os, "access", lambda name, mode: not (str(name) == closed and mode & os.W_OK)
    )
    refused(path, DatabaseReadOnly)
    Database.open(f"sqlite:///{path}", read_only=True).close()


def test_a_full_disk_while_writing(path: Path) -> None:
    database = Database.open(f"sqlite:///{path}")

    def fill() -> None:
        with database.write() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            for place in range(5000):
                values = (f"tenant {place}" * 20, "n", "n", 1)
                connection.exec_driver_sql("INSERT INTO tenants VALUES (?, ?, ?, ?)", values)

    with pytest.raises(DiskFull) as caught:
        fill()
    assert caught.value.temporary
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM tenants").scalar() == 0
    database.close()


FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from storage.database import Database
from storage.errors import StorageError
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
try:
    Database.open({path!r})
except StorageError as error:
    print(type(error).__name__)
"""


@pytest.mark.parametrize("size", [0, 4096, 40_000])
def test_a_full_disk_while_making_one(path: Path, size: int) -> None:
    assert signal.SIGXFSZ
    assert resource.RLIMIT_FSIZE
    path.touch()
    program = FULL.format(size=size, path=str(path))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() in {"DiskFull", "DatabaseUnreachable"}
    assert path.read_bytes() == b""
    make(path)


def test_an_older_one_is_backed_up_and_migrated(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage import opening, schema

    make(path)
    change(path, "UPDATE alembic_version SET version_num = '0000'")
    monkeypatch.setattr(schema, "REVISIONS", ("0000", "0001"))
    migrated: list[bool] = []
    monkeypatch.setattr(opening.schema, "migrate", lambda _connection: migrated.append(True))
    with pytest.raises(MigrationNeeded):
        Database.open(f"sqlite:///{path}", read_only=True)
    Database.open(f"sqlite:///{path}").close()
    assert migrated
    (backup,) = path.parent.glob("lampboard-0000-*.backup.db")
    assert backup.stat().st_mode & 0o777 == 0o600
