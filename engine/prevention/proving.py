"""Verifying a tenant's ledger in its database: many short reads, one short write at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.prevention.checkpoints import anchors_of
from engine.prevention.results import LedgerFault
from engine.prevention.walking import Anchor, Given, Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.hop import Hop
    from engine.prevention.results import Checkpoint, Verification
    from storage.prevention import BreakRow, Link, VerificationRow

STEPS = 40
"""Chunks in one read: a twentieth of a second, so that nothing waits long for its thread."""
_MAX_MESSAGE = 400


@dataclass(slots=True)
class Stored:
    """A tenant's ledger as a source of records; the connection is that of the read under way."""

    tenant_id: str
    connection: Connection | None = None

    def links(self, after: int | None, limit: int) -> Sequence[Link]:
        """Return the records that follow a number."""
        from storage.prevention import LedgerDriver

        assert self.connection is not None  # noqa: S101 - only ever asked inside a read
        driver = LedgerDriver(self.connection)
        if after is None:
            return driver.links(self.tenant_id, limit=limit)
        return driver.links(self.tenant_id, after, limit)


@dataclass(slots=True)
class Prover:
    """One verification under way.

    Args:
        tenant_id: Whose ledger.
        checkpoints: What it must agree with, beside what is known here.
        whole: From the first record on; else from the last proved one on.
    """

    tenant_id: str
    checkpoints: Sequence[Anchor] = ()
    whole: bool = True
    walk: Walk | None = None
    since: int = 1
    last: int = 0

    def begin(self, connection: Connection) -> Walk:
        """Read what is known of the ledger, and get ready to walk it."""
        from storage.prevention import LedgerDriver, ProofsDriver

        kept = ProofsDriver(connection)
        proved, newest = kept.proved(self.tenant_id), kept.newest(self.tenant_id)
        head = LedgerDriver(connection).head(self.tenant_id)
        self.last = head.seq if head else 0
        source = Stored(self.tenant_id, connection)
        walk = Walk(source=source, given=given_of(kept.breaks(self.tenant_id)))
        if not self.whole and newest and newest[0].ok:
            self._go_on(walk, newest[0])
        walk.anchors = self._anchors(proved)
        self.walk = walk
        return walk

    def _go_on(self, walk: Walk, from_: VerificationRow) -> None:
        """Begin behind what is proved, if that is still what it was."""
        if not from_.seq:
            return
        found = walk.source.links(from_.seq - 1 or None, 1)
        here = bool(found) and found[0][0] == from_.seq and found[0][1] == from_.head
        if here or any(one.until == from_.seq for one in walk.given.values()):
            walk.seq, walk.digest, self.since = from_.seq, from_.head, from_.seq + 1

    def _anchors(self, proved: VerificationRow | None) -> list[Anchor]:
        found = [*self.checkpoints]
        if proved is not None and proved.seq >= self.since:
            told_by = f"the verification of {proved.at:%Y-%m-%d %H:%M:%SZ}"
            found.append(Anchor(seq=proved.seq, digest=proved.head, told_by=told_by))
        return sorted(found, key=lambda anchor: anchor.seq)

    def steps(self, connection: Connection, count: int = STEPS) -> bool:
        """Take some steps; return whether there are more to take."""
        walk = self.walk or self.begin(connection)
        source = walk.source
        assert isinstance(source, Stored)  # noqa: S101 - made by `begin`
        source.connection = connection
        # As of this read: what was appended since the last one is to be proved as well.
        walk.head = head_of(connection, self.tenant_id)
        try:
            while count and walk.step():
                count -= 1
        finally:
            source.connection = None
        if walk.done and walk.fault is None:
            walk.fault = _unprotected(connection, walk)
        return not walk.done

    def row(self, at: datetime, duration_ms: int) -> VerificationRow:
        """Return what was found, as it is kept."""
        from storage.prevention import VerificationRow

        walk = self.walk
        assert walk is not None  # noqa: S101 - asked for at the end
        fault = walk.fault
        return VerificationRow(
            tenant_id=self.tenant_id,
            at=at,
            ok=fault is None,
            since=self.since,
            seq=walk.seq,
            head=walk.digest,
            verified=self._verified(walk),
            total=self.since - 1 + max(walk.total, walk.verified),
            fault_seq=fault.seq if fault else None,
            fault_kind=fault.kind if fault else None,
            fault_message=fault.message[:_MAX_MESSAGE] if fault else None,
            checkpoints=len(self.checkpoints),
            breaks=walk.breaks,
            duration_ms=duration_ms,
        )

    def _verified(self, walk: Walk) -> int:
        """Return how many records hold from the first on; what is behind a fault counts not."""
        held = self.since - 1 + walk.verified
        return held if walk.fault is None else max(0, min(held, walk.fault.seq - 1))


def head_of(connection: Connection, tenant_id: str) -> Anchor:
    """Return what a ledger says its last record is; zeros for one that was never begun."""
    from storage.prevention import LedgerDriver

    head = LedgerDriver(connection).head(tenant_id)
    told_by = "the ledger's own head"
    if head is None:
        return Anchor(seq=0, digest=bytes(32), told_by=told_by)
    return Anchor(seq=head.seq, digest=head.digest, told_by=told_by)


def given_of(rows: Sequence[BreakRow]) -> dict[int, Given]:
    """Return accepted faults by the number at which they begin; of several there, the last."""
    from engine.prevention.breaks import said

    return {
        row.seq: Given(seq=row.seq, until=row.until, digest=row.digest, said=said(row))
        for row in rows
    }


def _unprotected(connection: Connection, walk: Walk) -> LedgerFault | None:
    """Return a fault when the database would let records be changed."""
    from storage.prevention.guards import wrong

    broken = wrong(connection)
    if not broken:
        return None
    return LedgerFault(
        seq=walk.seq + 1,
        kind="unprotected",
        message="All records hold, but the database would let them be changed:"
        f" {len(broken)} of its triggers are not as they must be.",
    )


async def prove(
    hop: Hop,
    tenant_id: str,
    *,
    checkpoints: Sequence[Checkpoint] = (),
    on_progress: Callable[[int, int], None] | None = None,
    whole: bool = True,
) -> Verification:
    """Prove a ledger and keep what was found; see `PreventionFacade.verify`."""
    from engine.prevention import reading
    from engine.prevention.keeping import keep

    began = hop.clock.monotonic()
    prover = Prover(tenant_id, anchors_of(tenant_id, checkpoints), whole)
    await hop.read(lambda connection: _known(connection, hop, tenant_id, prover))
    while await hop.read(prover.steps):
        if on_progress is not None and prover.walk is not None:
            on_progress(prover.walk.verified, max(prover.walk.verified, prover.last))
    row = prover.row(hop.clock.now(), round((hop.clock.monotonic() - began) * 1000))
    if not hop.settings.read_only:
        await hop.write(lambda connection: keep(connection, hop, row), durable=True)
    return reading.verification(row)


def _known(connection: Connection, hop: Hop, tenant_id: str, prover: Prover) -> None:
    """Get ready, for a tenant that is there or that a ledger is left of."""
    from engine.tenants import core

    prover.begin(connection)
    if not prover.last:
        core.summary(connection, tenant_id, hop.settings.roles)
