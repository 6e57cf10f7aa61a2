"""Appending to a ledger: candidates become records, each chained to the one before it.

What can be done without the database is done before it is locked: validating, and writing all of
the canonical form but the time and the number, which a record gets in its transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.prevention.errors import HINT, LedgerBroken
from engine.prevention.results import Appended
from engine.prevention.writing import pieces_of
from engine.tenants.slug import require_slug

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from engine.hop import Run
    from engine.prevention.contract import PreventionCandidate
    from engine.prevention.writing import Pieces
    from storage.prevention import Head, LedgerDriver, Link, RecordRow

MAX_BATCH = 10_000
"""Records in one transaction."""
ZERO = bytes(32)
"""What stands before the first record."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Validated candidates of one tenant, each written down as far as it can be."""

    tenant_id: str
    pieces: Sequence[Pieces]


def prepare(tenant_id: str, candidates: Sequence[PreventionCandidate]) -> Batch:
    """Validate candidates and write them down, without a database.

    Raises:
        PreventionContractViolation: The contract does not allow one of them.
        InvalidInput: A value cannot be kept, or there are none, or too many.
    """
    require_slug(tenant_id)
    if not 1 <= len(candidates) <= MAX_BATCH:
        raise InvalidInput(
            f"From 1 to {MAX_BATCH:,} records are written at once.", field="candidates"
        )
    return Batch(tenant_id=tenant_id, pieces=[pieces_of(tenant_id, one) for one in candidates])


def append(connection: Connection, run: Run, batch: Batch) -> tuple[Appended, RecordRow]:
    """Append a batch to its tenant's ledger, in the caller's transaction; return its last row too.

    Raises:
        LedgerBroken: The ledger does not hold, so nothing is added to it.
    """
    from storage.prevention import LedgerDriver, RecordRow
    from storage.types import to_millis

    tenant = batch.tenant_id
    driver = LedgerDriver(connection)
    head = require_holding(driver, tenant, _locked(connection, run, driver, tenant))
    at = run.clock.now()
    rows = _chained(batch, to_millis(at), head.seq, head.digest)
    driver.append(tenant, rows, to_millis(at))
    _, last, digest, body = rows[-1]
    done = Appended(
        tenant_id=tenant,
        first=head.seq + 1,
        last=last,
        count=len(rows),
        head=digest.hex(),
        at=at,
    )
    return done, RecordRow(seq=last, digest=digest, body=body)


def _chained(batch: Batch, at: int, seq: int, digest: bytes) -> list[tuple[str, int, bytes, str]]:
    tenant, time, rows = batch.tenant_id, str(at), []
    for number, (head, middle, rest, tail) in enumerate(batch.pieces, seq + 1):
        body = f"{head}{time}{middle}{digest.hex()}{rest}{number}{tail}"
        digest = sha256(digest + body.encode()).digest()
        rows.append((tenant, number, digest, body))
    return rows


def _locked(connection: Connection, run: Run, driver: LedgerDriver, tenant: str) -> Head:
    """Return where the ledger is, begun where there is none, and its alone until the commit."""
    from engine.tenants.core import ensure

    head = driver.head(tenant, lock=True)
    if head is None:
        ensure(connection, run, tenant)
        driver.begin(tenant)
        head = driver.head(tenant, lock=True)
    assert head is not None  # noqa: S101 - it was begun, and no head is ever deleted
    return head


def require_holding(driver: LedgerDriver, tenant: str, head: Head) -> Head:
    """Return the head when the ledger may go on from it.

    Raises:
        LedgerBroken: Its last verification found a fault, the database does not protect it, or
            its last record is not what the head says or does not hold.
    """
    if not head.guarded:
        raise LedgerBroken(
            "The database would let this ledger be changed, so nothing is added to it.", hint=HINT
        )
    if head.ok is False:
        raise LedgerBroken(
            f"Nothing is added to a ledger that does not hold. {head.fault}", hint=HINT
        )
    problem = _last_problem(driver, tenant, head)
    if problem:
        raise LedgerBroken(f"Nothing is added to a ledger that does not hold. {problem}", hint=HINT)
    return head


def _last_problem(driver: LedgerDriver, tenant: str, head: Head) -> str | None:
    """Return what is wrong with the last record, as a sentence; None when it holds."""
    last = driver.last(tenant)
    if _follows(last, head):
        return None
    seq, digest, body = last[0] if last else (0, ZERO, b"")
    given_up = _given_up(driver, tenant)
    if head.seq in given_up:
        # What stands before it was given up, and the chain goes on from what the head says.
        return None if given_up[head.seq] == head.digest else "Its head was changed."
    if seq != head.seq:
        return f"Its last record must be number {head.seq}, and is number {seq}."
    if digest != head.digest:
        return f"Record {seq} is not the one that was written."
    holds = sha256(given_up.get(seq - 1, b"") + body).digest() == digest
    return None if holds else f"Record {seq} does not hold."


def _follows(last: Sequence[Link], head: Head) -> bool:
    """Tell whether the last record is what the head says, and follows from the one before it."""
    seq, digest, body = last[0] if last else (0, ZERO, b"")
    if (seq, digest) != (head.seq, head.digest):
        return False
    if not seq:
        return True
    before, previous, _ = last[1] if len(last) > 1 else (0, ZERO, b"")
    return before == seq - 1 and sha256(previous + body).digest() == digest


def _given_up(driver: LedgerDriver, tenant: str) -> Mapping[int, bytes]:
    from storage.prevention import ProofsDriver

    return {row.until: row.digest for row in ProofsDriver(driver.connection).breaks(tenant)}
