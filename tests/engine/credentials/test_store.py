from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.credentials import Credential, CredentialStore, MasterKeySource
from engine.errors import (
    CredentialReferenceInvalid,
    CredentialUnreadable,
    InvalidInput,
    MasterKeyRefused,
    NotFound,
)
from engine.ids import CountingIds
from storage.credentials import CredentialRow, CredentialsDriver
from storage.database import Database
from storage.references import ReferencesDriver
from storage.tenants import TenantsDriver
from tests.engine.credentials.stored import stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "sk-planted-0123456789-abcdef"
KEY = bytes(range(32)).hex()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "board.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = Database.open(f"sqlite:///{path}")
    with opened.write() as connection:
        for tenant in ("acme", "globex"):
            TenantsDriver(connection).ensure(tenant, tenant, NOW)
    yield opened
    opened.close()


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.write(durable=True) as opened:
        yield opened


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def keys(path: Path) -> MasterKeySource:
    return MasterKeySource(default_file=path.with_name("board.db.key"), keyring=False)


@pytest.fixture
def store(keys: MasterKeySource, clock: FixedClock) -> CredentialStore:
    return CredentialStore(keys, clock=clock, ids=CountingIds(), environment={"ACME_KEY": SECRET})


def opened(store: CredentialStore, connection: Connection, tenant: str, ref: str) -> Credential:
    return store.sealed(connection, [(tenant, ref)]).open(tenant, ref)


def _with(source: MasterKeySource, clock: FixedClock) -> CredentialStore:
    return CredentialStore(source, clock=clock, ids=CountingIds(100), environment={})


def test_a_secret_is_stored_and_read_by_its_reference(
    store: CredentialStore, connection: Connection
) -> None:
    reference = store.store(connection, "acme", f" {SECRET}\n", "gpt")
    assert reference == "encrypted://00000000-0000-0000-0000-000000000001"
    assert opened(store, connection, "acme", reference).value == SECRET
    assert store.require(connection, "acme", f" {reference} ") == reference


def test_the_database_and_its_files_do_not_hold_it(
    store: CredentialStore, database: Database, path: Path
) -> None:
    with database.write(durable=True) as connection:
        store.store(connection, "acme", SECRET)
    for file in path.parent.iterdir():
        content = file.read_bytes()
        assert SECRET.encode() not in content, file
        assert file.name.endswith(".key") or KEY.encode() not in content


def test_another_tenants_reference_is_like_a_missing_one(
    store: CredentialStore, connection: Connection
) -> None:
    reference = store.store(connection, "acme", SECRET)
    missing = "encrypted://5d1f0000-0000-4000-8000-000000000009"
    told = []
    for tenant, text in (("globex", reference), ("acme", missing)):
        with pytest.raises(CredentialUnreadable) as refused:
            opened(store, connection, tenant, text)
        told.append(refused.value.message)
        for step in (store.require, store.delete):
            with pytest.raises(NotFound):
                step(connection, tenant, text)
        with pytest.raises(NotFound):
            store.replace(connection, tenant, text, "other")
    assert told[0] == told[1]


def test_rows_swapped_in_the_database_are_refused(
    store: CredentialStore, connection: Connection
) -> None:
    driver = CredentialsDriver(connection)
    one, two = (store.store(connection, "acme", f"{SECRET}{n}") for n in (1, 2))
    ids = [reference.removeprefix("encrypted://") for reference in (one, two)]
    rows = [driver.get("acme", each) for each in ids]
    for target, row in ((ids[0], rows[1]), (ids[1], rows[0])):
        assert row is not None
        _put_behind(driver, target, row)
    for reference in (one, two):
        with pytest.raises(CredentialUnreadable, match="cannot be decrypted") as refused:
            opened(store, connection, "acme", reference)
        assert SECRET not in str(refused.value)


def test_a_row_moved_to_another_tenant_is_refused(
    store: CredentialStore, connection: Connection
) -> None:
    reference = store.store(connection, "acme", SECRET)
    credential_id = reference.removeprefix("encrypted://")
    driver = CredentialsDriver(connection)
    row = driver.get("acme", credential_id)
    assert row is not None
    driver.delete("acme", credential_id)
    driver.put(replace(row, tenant_id="globex"))
    with pytest.raises(CredentialUnreadable):
        opened(store, connection, "globex", reference)


def test_replacing_keeps_the_reference(
    store: CredentialStore, connection: Connection, clock: FixedClock
) -> None:
    reference = store.store(connection, "acme", SECRET, "gpt")
    later = clock.advance(60)
    store.replace(connection, "acme", reference, "sk-new-9876543210")
    assert opened(store, connection, "acme", reference).value == "sk-new-9876543210"
    row = ReferencesDriver(connection).get("acme", reference)
    assert row is not None
    assert (row.created_at, row.updated_at) == (NOW, later)
    assert (row.label, row.kind, row.registered) == ("gpt", "encrypted", False)


def test_deleting_removes_it_for_good(store: CredentialStore, connection: Connection) -> None:
    reference = store.store(connection, "acme", SECRET)
    store.delete(connection, "acme", reference)
    with pytest.raises(CredentialUnreadable, match="is gone"):
        opened(store, connection, "acme", reference)


def test_a_variable_is_read_where_the_check_runs(
    store: CredentialStore, connection: Connection
) -> None:
    assert opened(store, connection, "acme", "env://ACME_KEY").value == SECRET
    assert store.require(connection, "acme", "env://NOT_SET_HERE") == "env://NOT_SET_HERE"
    with pytest.raises(CredentialUnreadable, match="NOT_SET_HERE is not set"):
        opened(store, connection, "acme", "env://NOT_SET_HERE")
    for change in (store.delete, lambda c, t, r: store.replace(c, t, r, "x")):
        with pytest.raises(InvalidInput):
            change(connection, "acme", "env://ACME_KEY")


def test_a_raw_key_is_no_reference(store: CredentialStore, connection: Connection) -> None:
    for step in (partial(opened, store), store.require, store.delete):
        with pytest.raises(CredentialReferenceInvalid) as refused:
            step(connection, "acme", SECRET)
        assert SECRET not in str(refused.value) + refused.value.hint


@pytest.mark.parametrize("secret", ["", "  \n", "x" * 65_537, "\ud800"])
def test_what_cannot_be_a_secret_is_refused(
    store: CredentialStore, connection: Connection, secret: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        store.store(connection, "acme", secret)
    assert refused.value.field == "secret"
    assert not CredentialsDriver(connection).any_stored()


def test_a_wrong_key_opens_nothing_and_stores_nothing(
    store: CredentialStore, connection: Connection, clock: FixedClock
) -> None:
    reference = store.store(connection, "acme", SECRET)
    before = stored(connection)
    wrong = _with(MasterKeySource(given=KEY), clock)
    with pytest.raises(MasterKeyRefused, match="is not the one"):
        opened(wrong, connection, "acme", reference)
    with pytest.raises(MasterKeyRefused, match="is not the one"):
        wrong.store(connection, "globex", "another")
    assert stored(connection) == before


@pytest.mark.parametrize("harm", ["missing", "cut", "world-readable"])
def test_a_harmed_key_file_leaves_the_database_alone(
    store: CredentialStore, database: Database, path: Path, clock: FixedClock, harm: str
) -> None:
    with database.write(durable=True) as connection:
        reference = store.store(connection, "acme", SECRET)
    key_file = path.with_name("board.db.key")
    whole = key_file.read_text()
    _harm(key_file, harm)
    files = {file: file.read_bytes() for file in path.parent.iterdir()}
    again = _with(MasterKeySource(default_file=key_file, keyring=False), clock)
    with database.read() as connection, pytest.raises(MasterKeyRefused):
        opened(again, connection, "acme", reference)
    with pytest.raises(MasterKeyRefused), database.write() as connection:
        again.store(connection, "acme", "another")
    kept = {file: file.read_bytes() for file in path.parent.iterdir() if file.suffix == ".db"}
    assert kept == {file: data for file, data in files.items() if file.suffix == ".db"}
    key_file.write_text(whole)
    key_file.chmod(0o600)
    mended = _with(MasterKeySource(default_file=key_file, keyring=False), clock)
    with database.read() as connection:
        assert opened(mended, connection, "acme", reference).value == SECRET


def _harm(key_file: Path, harm: str) -> None:
    match harm:
        case "missing":
            key_file.unlink()
        case "cut":
            key_file.write_text(key_file.read_text()[:50])
        case _:
            key_file.chmod(0o644)


def _put_behind(driver: CredentialsDriver, credential_id: str, row: CredentialRow) -> None:
    driver.replace(
        "acme",
        credential_id,
        nonce=row.nonce,
        ciphertext=row.ciphertext,
        key_id=row.key_id,
        updated_at=NOW,
    )
