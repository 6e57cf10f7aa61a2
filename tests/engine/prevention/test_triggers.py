"""The database itself refuses every change of a record, whoever asks it."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from storage.prevention.guards import wrong

if TYPE_CHECKING:
    from tests.engine.prevention.conftest import Ledger

# ruff: noqa: S608 - statements of the tests' own

RECORDS = "prevention_records"
NEW = f"INTO {RECORDS} (tenant_id, seq, digest, body) VALUES ('acme', "
TAKEN = "INTO prevention_verifications SELECT * FROM prevention_verifications"
EMPTY_FUNCTION = (
    "CREATE OR REPLACE FUNCTION prevention_refuse() RETURNS trigger AS"
    " $$BEGIN RETURN NEW; END$$ LANGUAGE plpgsql"
)
BOTH = {
    "change a body": f"UPDATE {RECORDS} SET body = '{{}}' WHERE seq = 2",
    "change a digest": f"UPDATE {RECORDS} SET digest = digest",
    "renumber": f"UPDATE {RECORDS} SET seq = seq + 10",
    "delete one": f"DELETE FROM {RECORDS} WHERE seq = 3",
    "delete all": f"DELETE FROM {RECORDS}",
    "upsert": f"INSERT {NEW}2, 'x', '{{}}') ON CONFLICT (tenant_id, seq) DO UPDATE SET body = '[]'",
    "forget verifications": "DELETE FROM prevention_verifications",
    "mend a verification": "UPDATE prevention_verifications SET ok = true",
    "forget breaks": "DELETE FROM prevention_breaks",
    "mend a break": "UPDATE prevention_breaks SET reason = 'x'",
    "forget a ledger": "DELETE FROM prevention_ledgers",
    "turn a ledger back": "UPDATE prevention_ledgers SET seq = 1",
    "change its digest": "UPDATE prevention_ledgers SET digest = 'x'",
    "give it away": "UPDATE prevention_ledgers SET tenant_id = 'other', seq = 99",
}
SQLITE = {
    "replace one": f"REPLACE {NEW}2, 'x', '{{}}')",
    "insert or replace one": f"INSERT OR REPLACE {NEW}2, 'x', '{{}}')",
    "insert or replace the last": f"INSERT OR REPLACE {NEW}3, 'x', '{{}}')",
    "insert before the first": f"INSERT {NEW}0, 'x', '{{}}')",
    "update or replace": f"UPDATE OR REPLACE {RECORDS} SET seq = 2 WHERE seq = 3",
    "replace verifications": f"INSERT OR REPLACE {TAKEN}",
    "replace a ledger": "REPLACE INTO prevention_ledgers (tenant_id, seq, digest)"
    " VALUES ('acme', 1, 'x')",
}
POSTGRES = {
    "truncate": f"TRUNCATE {RECORDS}",
    "truncate with others": f"TRUNCATE tenants, {RECORDS} CASCADE",
    "truncate heads": "TRUNCATE prevention_ledgers",
    "merge": f"MERGE INTO {RECORDS} AS r USING (VALUES (2)) AS v(n) ON r.seq = v.n"
    " WHEN MATCHED THEN DELETE",
    "as a replica": "SET session_replication_role = replica; DELETE FROM prevention_records",
}


async def refused(ledger: Ledger, statement: str) -> None:
    """Runs a statement with a connection of its own, and looks that nothing came of it."""
    await ledger.write(3)
    await ledger.verify()
    before = await ledger.records()
    raised = run_on_sqlite if ledger.workspace.database.dialect == "sqlite" else run_on_postgres
    raised(ledger, statement)
    assert await ledger.records() == before
    assert (await ledger.verify()).ok
    assert (await ledger.write()).last == 4


def run_on_sqlite(ledger: Ledger, statement: str) -> None:
    path = ledger.workspace.database.path
    assert path is not None
    raw = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|only goes forward"), raw:
        raw.execute(statement)
    raw.close()


def run_on_postgres(ledger: Ledger, statement: str) -> None:
    import psycopg

    url = ledger.workspace.settings.database
    with psycopg.connect(url) as raw, pytest.raises(psycopg.Error, match="append-only"):
        raw.execute(statement)  # type: ignore[arg-type]


@pytest.mark.parametrize("statement", BOTH.values(), ids=list(BOTH))
async def test_both_refuse(ledger: Ledger, statement: str) -> None:
    if "breaks" in statement and ledger.workspace.database.dialect == "sqlite":
        # A trigger of SQLite is asked for each row, and there must be one.
        await ledger.write(1)
        ledger.tamper(f"UPDATE {RECORDS} SET digest = 'x' WHERE seq = 1")
        assert await ledger.facade.resume("acme", "a test") is not None
        run_on_sqlite(ledger, statement)
        return
    await refused(ledger, statement)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("statement", SQLITE.values(), ids=list(SQLITE))
async def test_sqlite_refuses(ledger: Ledger, statement: str) -> None:
    await refused(ledger, statement)


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgres"], indirect=True)
@pytest.mark.parametrize("statement", POSTGRES.values(), ids=list(POSTGRES))
async def test_postgresql_refuses(ledger: Ledger, statement: str) -> None:
    await refused(ledger, statement)


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    "statement",
    [
        f"ALTER TABLE {RECORDS} DISABLE TRIGGER ALL",
        f"ALTER TABLE {RECORDS} ENABLE TRIGGER {RECORDS}_append_only",
        EMPTY_FUNCTION,
    ],
)
async def test_a_trigger_that_is_off_is_missing(ledger: Ledger, statement: str) -> None:
    await ledger.write(1)
    with ledger.workspace.database.write() as connection:
        assert wrong(connection) == {}
        connection.exec_driver_sql(statement)
        assert wrong(connection)
    found = await ledger.verify()
    assert found.fault is not None
    assert found.fault.kind == "unprotected"
    assert await ledger.facade.resume("acme", "switched on again") is None
    assert (await ledger.write()).last == 2
