"""SQLite's and DuckDB's probes against real files, and against what is no database."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import duckdb
import pytest

from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.engine.probes.conftest import Probing

BOTH = pytest.mark.parametrize("technology", ["sqlite", "duckdb"])
# Holds a DuckDB file as a writer in another process does, until its input ends.
_WRITER = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); input()"


@pytest.fixture
def database(technology: str, tmp_path: Path) -> Path:
    """A database with two tables."""
    path = tmp_path / "with blank & ?.db"
    connect = sqlite3.connect if technology == "sqlite" else duckdb.connect
    with closing(connect(str(path))) as connection:
        connection.execute("CREATE TABLE one (id integer)")
        connection.execute("CREATE TABLE two (id integer)")
        connection.commit()
    return path


@BOTH
async def test_file_is_healthy_and_left_as_it_is(
    probe: Probing, technology: str, database: Path
) -> None:
    before = files_of(database.parent)
    result = await probe(technology=technology, database=str(database))
    assert result.state is CusHealthState.HEALTHY, result.message
    assert result.details["tables"] == 2
    assert result.details["size_bytes"] == len(before[database.name])
    assert [stage.name for stage in result.stages] == ["open", "query"]
    assert files_of(database.parent) == before


@BOTH
async def test_missing_file_is_told_and_not_made(
    probe: Probing, technology: str, tmp_path: Path
) -> None:
    result = await probe(technology=technology, database=str(tmp_path / "missing.db"))
    assert (result.state, result.error) == (CusHealthState.FAILING, "not_found")
    assert result.stage == "open"
    assert not files_of(tmp_path)


@BOTH
async def test_file_with_something_else_is_told(
    probe: Probing, technology: str, tmp_path: Path
) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear all, this is no database. " * 1000)
    result = await probe(technology=technology, database=str(path))
    assert result.error == "wrong_protocol"


@BOTH
@pytest.mark.parametrize("kind", ["folder", "pipe"])
async def test_what_is_no_file_is_told(
    probe: Probing, technology: str, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / kind
    path.mkdir() if kind == "folder" else os.mkfifo(path)
    result = await probe(technology=technology, database=str(path))
    assert (result.error, result.stage) == ("not_found", "open")


@BOTH
@pytest.mark.parametrize("path", ["", ":memory:", "relative.db", None])
async def test_path_is_not_guessed(probe: Probing, technology: str, path: str | None) -> None:
    result = await probe(technology=technology, database=path)
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "invalid_request")


@pytest.mark.parametrize("technology", ["sqlite"])
async def test_locked_sqlite_file_is_told(probe: Probing, technology: str, database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        result = await probe(technology=technology, database=str(database))
    assert (result.state, result.error) == (CusHealthState.DEGRADED, "locked")


@pytest.mark.parametrize("technology", ["sqlite"])
async def test_locked_sqlite_file_does_not_outlast_the_deadline(
    probe: Probing, technology: str, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.probes.databases.sqlite.LOCK_WAIT_S", 4)
    with closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        result = await probe(technology=technology, database=str(database), deadline_s=0.2)
    assert result.error == "timeout"


@pytest.mark.parametrize("technology", ["sqlite"])
async def test_sqlite_file_in_wal_mode_is_read_beside_its_writer(
    probe: Probing, technology: str, database: Path
) -> None:
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("PRAGMA journal_mode = wal")
        writer.execute("INSERT INTO one VALUES (1)")
        result = await probe(technology=technology, database=str(database))
    assert result.state is CusHealthState.HEALTHY, result.message


@pytest.mark.parametrize("technology", ["sqlite"])
async def test_damaged_sqlite_file_is_told(probe: Probing, technology: str, database: Path) -> None:
    damage(database)
    assert (await probe(technology=technology, database=str(database))).error == "corrupt"


@pytest.fixture
def writer(database: Path) -> Iterator[None]:
    """Another process that holds the file for writing."""
    command = [sys.executable, "-c", _WRITER, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
        process.kill()


@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize("technology", ["duckdb"])
async def test_locked_duckdb_file_is_told(probe: Probing, technology: str, database: Path) -> None:
    result = await probe(technology=technology, database=str(database))
    assert (result.state, result.error) == (CusHealthState.DEGRADED, "locked")


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of a folder with what they hold."""
    return {one.name: one.read_bytes() for one in folder.iterdir()}


def damage(database: Path) -> None:
    """Overwrite the first page's own header, behind the file's."""
    content = bytearray(database.read_bytes())
    content[100:200] = b"\xff" * 100
    database.write_bytes(content)
