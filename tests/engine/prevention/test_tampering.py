"""What the owner of a database does to a ledger, and what a verification says of it."""

from __future__ import annotations

import sqlite3
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from engine.errors import WorkspaceError
from engine.prevention import Checkpoint, LedgerFault
from engine.prevention.errors import LedgerBroken

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.prevention.conftest import Ledger

# ruff: noqa: S608 - statements of the tests' own

TABLE = "prevention_records"
OF_ACME = "tenant_id = 'acme'"
COPY = f"INSERT INTO {TABLE} (tenant_id, seq, digest, body) SELECT tenant_id, "


def move(seq: int, to: int) -> str:
    return f"UPDATE {TABLE} SET seq = {to} WHERE {OF_ACME} AND seq = {seq}"


def shift(first: int, last: int, by: int) -> list[str]:
    """Renumbers records, in an order in which none meets another."""
    numbers = range(first, last + 1)
    return [move(seq, seq + by) for seq in (reversed(numbers) if by > 0 else numbers)]


def swap(one: int, other: int) -> list[str]:
    return [move(one, 1000), move(other, one), move(1000, other)]


def delete(seq: int) -> str:
    return f"DELETE FROM {TABLE} WHERE {OF_ACME} AND seq = {seq}"


def digest_of(seq: int) -> str:
    return f"(SELECT digest FROM {TABLE} WHERE {OF_ACME} AND seq = {seq})"


def alter(seq: int, column: str, value: str) -> str:
    return f"UPDATE {TABLE} SET {column} = {value} WHERE {OF_ACME} AND seq = {seq}"


def body_without(seq: int) -> str:
    return alter(seq, "body", "replace(body, '0.93', '0.61')")


# 9 records; what is done to them, and what must be said of it.
DEEDS: dict[str, tuple[list[str], int, str]] = {
    "a body": ([body_without(4)], 4, "altered"),
    "the first body": ([body_without(1)], 1, "altered"),
    "the last body": ([body_without(9)], 9, "altered"),
    "a number in a body": (
        [alter(4, "body", "replace(body, '\"seq\":4', '\"seq\":5')")],
        4,
        "altered",
    ),
    "a digest": ([alter(4, "digest", digest_of(5))], 4, "altered"),
    "the last digest": ([alter(9, "digest", digest_of(5))], 9, "altered"),
    "two bodies": ([body_without(7), body_without(3)], 3, "altered"),
    "one is gone": ([delete(4)], 4, "removed"),
    "the first is gone": ([delete(1)], 1, "removed"),
    "the last is gone": ([delete(9)], 9, "removed"),
    "the last three are gone": ([delete(9), delete(8), delete(7)], 7, "removed"),
    "all are gone": ([f"DELETE FROM {TABLE} WHERE {OF_ACME}"], 1, "removed"),
    "one is gone, the others moved up": ([delete(4), *shift(5, 9, -1)], 4, "removed"),
    "two are gone, the others moved up": ([delete(4), delete(5), *shift(6, 9, -2)], 4, "removed"),
    "the first is gone, the others moved up": ([delete(1), *shift(2, 9, -1)], 1, "removed"),
    "the last but one is gone, the last moved up": ([delete(8), move(9, 8)], 8, "removed"),
    "neighbours in each other's place": (swap(4, 5), 4, "reordered"),
    "the first two in each other's place": (swap(1, 2), 1, "reordered"),
    "the last two in each other's place": (swap(8, 9), 8, "reordered"),
    "distant ones in each other's place": (swap(3, 8), 3, "reordered"),
    "one moved down": ([move(3, 1000), *shift(4, 7, -1), move(1000, 7)], 3, "reordered"),
    "one moved up": ([move(7, 1000), *shift(3, 6, 1), move(1000, 3)], 3, "reordered"),
    "one behind the end": ([move(4, 10)], 4, "reordered"),
    "a foreign one between": (
        [
            *shift(4, 9, 1),
            f"{COPY}4, digest, replace(body, 'bulk', 'more') FROM {TABLE} WHERE seq=3",
        ],
        4,
        "inserted",
    ),
    "a copy between": (
        [*shift(4, 9, 1), f"{COPY}4, digest, body FROM {TABLE} WHERE seq = 8"],
        4,
        "inserted",
    ),
    "a copy of an earlier one between": (
        [*shift(6, 9, 1), f"{COPY}6, digest, body FROM {TABLE} WHERE seq = 2"],
        6,
        "inserted",
    ),
    "one before the first": ([f"{COPY}0, digest, body FROM {TABLE} WHERE seq = 3"], 0, "inserted"),
    "one behind the last": ([f"{COPY}10, digest, body FROM {TABLE} WHERE seq = 3"], 10, "inserted"),
    "one far behind the last": (
        [f"{COPY}50, digest, body FROM {TABLE} WHERE seq = 3"],
        50,
        "inserted",
    ),
    "a digest of another kind": ([alter(4, "digest", "'x'")], 4, "altered"),
    "no body at all": ([alter(4, "body", "'{}'")], 4, "altered"),
}


# What is found out does not depend on the database, so PostgreSQL has a few of each kind.
FEW = ("a body", "one is gone", "the last is gone", "distant ones in each other's place")


@pytest.mark.parametrize(
    ("url", "deed"),
    [
        *(pytest.param("sqlite", name, id=f"sqlite-{name}") for name in DEEDS),
        *(
            pytest.param("postgres", name, id=f"postgres-{name}", marks=pytest.mark.postgres)
            for name in (*FEW, "a copy between")
        ),
    ],
    indirect=["url"],
)
async def test_what_was_done_is_named(ledger: Ledger, deed: str) -> None:
    statements, seq, kind = DEEDS[deed]
    await ledger.write(9)
    assert (await ledger.verify()).ok
    ledger.tamper(*statements)
    found = await ledger.verify()
    assert found.fault is not None
    assert (found.fault.seq, found.fault.kind) == (seq, kind), found.fault.message
    assert str(seq) in found.fault.message
    assert not found.ok
    assert found.verified == max(0, seq - 1 if seq <= 9 else 9)
    again = await ledger.verify(whole=False)
    assert again.fault == found.fault
    with pytest.raises(LedgerBroken) as refused:
        await ledger.write()
    assert refused.value.code == "ledger_broken"


def chained(body: str, before: bytes) -> bytes:
    return sha256(before + body.encode()).digest()


async def forge(ledger: Ledger, seq: int, *, onwards: bool) -> None:
    """Changes a record and makes its digest anew, also those behind it where wanted."""
    records = await ledger.records()
    before, statements = bytes.fromhex(records[seq - 2].digest), []
    for one in records[seq - 1 :]:
        body = one.body.replace("0.93", "0.61") if one.seq == seq else one.body
        if onwards and one.seq > seq:
            body = body.replace(one.previous, before.hex())
        if one.seq == seq or onwards:
            before = chained(body, before)
            hexed = f"x'{before.hex()}'" if sqlite(ledger) else f"'\\x{before.hex()}'::bytea"
            quoted = body.replace("'", "''")
            statements.append(
                f"UPDATE {TABLE} SET body = '{quoted}', digest = {hexed} WHERE {OF_ACME}"
                f" AND seq = {one.seq}"
            )
    if onwards:
        statements.append(f"UPDATE prevention_ledgers SET digest = {digest_of(len(records))}")
    ledger.tamper(*statements)


def sqlite(ledger: Ledger) -> bool:
    return ledger.workspace.database.dialect == "sqlite"


async def test_a_digest_that_was_made_anew_is_found_out_by_the_next_record(ledger: Ledger) -> None:
    await ledger.write(9)
    await forge(ledger, 4, onwards=False)
    found = await ledger.verify()
    assert found.fault is not None
    assert (found.fault.seq, found.fault.kind, found.verified) == (4, "altered", 3)


async def test_a_forged_one_between_is_found_out_by_the_next_record(ledger: Ledger) -> None:
    await ledger.write(9)
    records = await ledger.records()
    body = records[3].body.replace("0.93", "0.61")
    digest = chained(body, bytes.fromhex(records[2].digest)).hex()
    hexed = f"x'{digest}'" if sqlite(ledger) else f"'\\x{digest}'::bytea"
    ledger.tamper(
        *shift(4, 9, 1),
        f"INSERT INTO {TABLE} (tenant_id, seq, digest, body) VALUES ('acme', 4, {hexed}, '{body}')",
    )
    found = await ledger.verify()
    assert found.fault is not None
    assert (found.fault.seq, found.fault.kind) == (4, "inserted")


async def test_a_rewritten_chain_is_found_out_by_what_was_known_before(ledger: Ledger) -> None:
    await ledger.write(5)
    early = await ledger.facade.checkpoint("acme")
    await ledger.write(4)
    checkpoint = await ledger.facade.checkpoint("acme")
    assert (await ledger.verify()).ok
    await forge(ledger, 7, onwards=True)
    found = await ledger.verify()
    assert found.fault is not None
    assert (found.fault.seq, found.fault.kind, found.verified) == (9, "rewritten", 0)
    # Whoever owns the database forgets its verifications too, but not what is kept elsewhere.
    ledger.tamper("DELETE FROM prevention_verifications")
    assert (await ledger.verify()).ok
    assert (await ledger.verify(checkpoints=[early])).ok
    found = await ledger.verify(checkpoints=[checkpoint, early])
    assert found.fault is not None
    assert (found.fault.seq, found.fault.kind, found.verified) == (9, "rewritten", 5)
    assert found.checkpoints == 2


async def test_a_checkpoint_tells_of_last_records_that_are_gone(ledger: Ledger) -> None:
    await ledger.write(9)
    checkpoint = await ledger.facade.checkpoint("acme")
    ledger.tamper(
        delete(9),
        delete(8),
        f"UPDATE prevention_ledgers SET seq = 7, digest = {digest_of(7)}",
    )
    assert (await ledger.verify()).ok
    found = await ledger.verify(checkpoints=[checkpoint])
    assert found.fault is not None
    assert (found.fault.seq, found.fault.kind, found.verified) == (8, "removed", 7)
    assert "checkpoint of 2026-11-21" in found.fault.message


async def test_going_on_from_a_verification_looks_whether_it_still_holds(ledger: Ledger) -> None:
    await ledger.write(5)
    assert (await ledger.verify()).since == 1
    await ledger.write(3)
    later = await ledger.verify(whole=False)
    assert (later.ok, later.since, later.verified, later.total) == (True, 6, 8, 8)
    ledger.tamper(alter(8, "digest", digest_of(1)))
    assert (await ledger.verify(whole=False)).fault == LedgerFault(
        seq=8,
        kind="altered",
        message="Record 8 was altered: its content and its digest do not agree.",
    )


async def test_other_tenants_ledgers_are_not_concerned(ledger: Ledger) -> None:
    await ledger.write(3)
    made = [ledger.candidate(tenant_id="other") for _ in range(3)]
    await ledger.facade.record_many("other", made)
    ledger.tamper(body_without(2))
    assert not (await ledger.verify()).ok
    assert (await ledger.facade.verify("other")).ok
    await ledger.facade.record_many("other", made)
    assert (await ledger.facade.status("other")).records == 6


async def test_records_of_another_tenant_do_not_fit(ledger: Ledger) -> None:
    await ledger.write(3)
    await ledger.facade.record_many("other", [ledger.candidate(tenant_id="other")] * 3)
    ledger.tamper(
        f"DELETE FROM {TABLE} WHERE {OF_ACME}",
        f"UPDATE {TABLE} SET tenant_id = 'acme' WHERE tenant_id = 'other'",
    )
    found = await ledger.verify()
    assert found.fault is not None
    assert found.fault.kind == "rewritten"
    assert (await ledger.facade.verify("other")).fault is not None


async def test_without_its_triggers_a_ledger_takes_nothing(ledger: Ledger) -> None:
    await ledger.write(2)
    ledger.unguard()
    with pytest.raises(LedgerBroken, match="would let this ledger be changed"):
        await ledger.write()
    found = await ledger.verify()
    assert found.fault is not None
    assert (found.fault.kind, found.verified) == ("unprotected", 2)
    assert await ledger.facade.resume("acme", "They were lost by a restore.") is None
    assert (await ledger.facade.status("acme")).state == "healthy"
    assert (await ledger.write()).last == 3


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_a_trigger_that_does_nothing_is_no_trigger(ledger: Ledger) -> None:
    await ledger.write(2)
    name = f"{TABLE}_no_update"
    with ledger.workspace.database.write() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {TABLE} BEGIN SELECT 1; END"
        )
    with pytest.raises(LedgerBroken):
        await ledger.write()


def edit(path: Path, place: bytes) -> None:
    """Puts what is no text over the first byte of a word in record 5, behind SQLite's back."""
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    content = path.read_bytes()
    behind = content.index(b'"request_signature":"request 5"') + 40
    at = content.rindex(place, 0, behind)
    path.write_bytes(content[:at] + b"\xff" + content[at + 1 :])


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("place", [b"request 5", b"bulk-read"])
async def test_a_byte_edited_in_the_file(ledger: Ledger, place: bytes) -> None:
    await ledger.write(9)
    path = ledger.workspace.database.path
    assert path is not None
    await ledger.workspace.aclose()
    edit(path, place)
    reopened = type(ledger.workspace).open(ledger.workspace.settings, clock=ledger.clock)
    found = await reopened.prevention.verify("acme")
    page, _ = await reopened.prevention.page_records("acme")
    await reopened.aclose()
    assert [one.seq for one in page if not one.agrees] == [5]
    assert found.fault is not None
    assert (found.fault.seq, found.fault.kind) == (5, "altered")


SWALLOW = {
    "sqlite": [f"CREATE TRIGGER a BEFORE INSERT ON {TABLE} BEGIN SELECT RAISE(IGNORE); END"],
    "postgresql": [
        "CREATE FUNCTION swallow() RETURNS trigger AS $$BEGIN RETURN NULL; END$$ LANGUAGE plpgsql",
        f'CREATE TRIGGER "a b" BEFORE INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION swallow()',
    ],
}


async def test_a_trigger_that_swallows_records_is_found_out(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ledger.write(2)
    database = ledger.workspace.database
    with database.write() as connection:
        for statement in SWALLOW[database.dialect]:
            connection.exec_driver_sql(statement)
    with pytest.raises(LedgerBroken):
        await ledger.write(2)
    with monkeypatch.context() as patch:
        patch.setattr("storage.prevention.guards.wrong", lambda _: {})
        with pytest.raises(WorkspaceError, match="did not take every record"):
            await ledger.write(2)
    assert await ledger.facade.resume("acme", "somebody put it there") is None
    assert (await ledger.write(2)).last == 4
    with database.write() as connection:
        connection.exec_driver_sql(
            "SELECT 1" if sqlite(ledger) else "DROP FUNCTION swallow() CASCADE"
        )


async def test_a_checkpoint_of_another_ledger_is_refused(ledger: Ledger) -> None:
    from engine.errors import InvalidInput

    await ledger.write(2)
    taken = await ledger.facade.checkpoint("acme")
    other = Checkpoint(**(taken.to_dict() | {"tenant_id": "other", "at": taken.at}))
    with pytest.raises(InvalidInput, match="another tenant's ledger"):
        await ledger.verify(checkpoints=[other])
