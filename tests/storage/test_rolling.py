"""A program that was open when a newer release changed the schema writes nothing any more."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import psycopg
import pytest

from storage import schema
from storage.database import Database, upgrade
from storage.errors import DatabaseNewer
from storage.migrations import HEAD
from storage.tenants import TenantsDriver
from tests.servers.schemas import migrated_schema
from tests.storage.conftest import BUSY_MS, NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_WAITS = """SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (
    SELECT pid FROM pg_locks WHERE relation = 'alembic_version'::regclass)"""


def change_schema(connection: Connection) -> None:
    """What a release to come does: another revision, by its own name and count."""
    connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA user_version=9999")


def write(database: Database, name: str) -> None:
    with database.write() as connection:
        TenantsDriver(connection).ensure(name, name, NOW)


def names(database: Database) -> list[str]:
    with database.read() as connection:
        return [row.id for row in TenantsDriver(connection).list()]


def test_a_file_that_another_release_changed_is_read_only_from_then_on(sqlite: Database) -> None:
    write(sqlite, "before")
    with sqlite.write() as connection:
        change_schema(connection)
    with pytest.raises(DatabaseNewer) as caught:
        write(sqlite, "after")
    assert "Update" in caught.value.hint
    assert not caught.value.temporary
    assert names(sqlite) == ["before"]


@pytest.fixture
def url() -> Iterator[str]:
    """A schema of its own, which this test makes one of a newer release."""
    with migrated_schema() as found:
        yield found


@pytest.fixture
def server(url: str) -> Iterator[Database]:
    database = Database.open(url, busy_timeout_ms=BUSY_MS)
    yield database
    database.close()


@pytest.mark.postgres
def test_an_upgrade_waits_for_writers_and_those_after_it_are_refused(
    server: Database, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "migrate", change_schema)
    upgrading = threading.Thread(target=upgrade, args=(url,))
    with server.write() as connection:
        TenantsDriver(connection).ensure("before", "before", NOW)
        upgrading.start()
        waits(url, upgrading)
        # Still the old schema, and the writer that was faster is not disturbed.
        assert schema.revision_of(connection) == HEAD
        late, refused = refusal(server)
    upgrading.join()
    late.join()
    assert isinstance(refused[0], DatabaseNewer)
    assert names(server) == ["before"]


def waits(url: str, upgrading: threading.Thread) -> None:
    """Waits until somebody waits for the table of the revision."""
    with psycopg.connect(url, autocommit=True) as looking:
        while looking.execute(_WAITS).fetchone() == (0,):
            assert upgrading.is_alive(), "it waited for nobody"
            looking.execute("SELECT pg_sleep(0.01)")  # and leaves the server to it


def refusal(server: Database) -> tuple[threading.Thread, list[Exception]]:
    """Begins to write in a thread, behind the upgrade; gives it with what will come of it."""
    found: list[Exception] = []

    def late() -> None:
        try:
            write(server, "late")
        except DatabaseNewer as error:
            found.append(error)

    thread = threading.Thread(target=late)
    thread.start()
    return thread, found
