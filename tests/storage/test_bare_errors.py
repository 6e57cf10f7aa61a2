"""What a server says to statements past SQLAlchemy is told as storage tells errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.connect import raw_of
from storage.errors import DatabaseLocked, DatabaseUnreachable, StorageError
from storage.prevention import LedgerDriver

if TYPE_CHECKING:
    from storage.database import Database

pytestmark = pytest.mark.postgres


def wait_for_a_ledger(database: Database) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '1ms'")
        LedgerDriver(connection).head("acme", lock=True)


def append_through_a_closed_connection(database: Database) -> None:
    with database.write() as connection:
        driver = LedgerDriver(connection)
        driver.begin("acme")
        raw_of(connection).close()
        driver.append("acme", [("acme", 1, bytes(32), "{}")], 1)


def test_who_waits_too_long_for_a_ledger_is_told_so(postgres: Database) -> None:
    with postgres.write() as connection:
        LedgerDriver(connection).begin("acme")
    with postgres.write() as first:
        LedgerDriver(first).head("acme", lock=True)
        with pytest.raises(DatabaseLocked):
            wait_for_a_ledger(postgres)
    wait_for_a_ledger(postgres)


def test_a_server_that_goes_away_is_told_so(postgres: Database) -> None:
    with pytest.raises(DatabaseUnreachable):
        append_through_a_closed_connection(postgres)
    with postgres.read() as connection:
        assert LedgerDriver(connection).head("acme") is None


def copy_a_text_with_a_nul(database: Database) -> None:
    with (
        database.write() as connection,
        raw_of(connection).cursor() as cursor,
        cursor.copy("COPY tenants (id) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write_row(("before\x00after",))


def test_what_cannot_be_stored_is_told_without_its_text(postgres: Database) -> None:
    with pytest.raises(StorageError, match="cannot be stored") as caught:
        copy_a_text_with_a_nul(postgres)
    assert "before" not in str(caught.value)
