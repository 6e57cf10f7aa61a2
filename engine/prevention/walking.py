"""Proving a ledger record by record: pure, in bounded memory, whatever the records come from.

A record's digest is SHA-256 over the digest of the one before (32 bytes, zeros before the first)
and its body. So one comparison a record proves that it, and all before it, are what was written,
as long as the last digest is known from elsewhere: from the head, an earlier verification, or a
checkpoint that was kept where nobody could change it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from engine.prevention.diagnosing import diagnose
from engine.prevention.results import LedgerFault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storage.prevention import Link

ZERO = bytes(32)
"""What stands before the first record."""
CHUNK = 500
"""Records that are held at once: 20 MB where each is as long as it may be."""


class Source(Protocol):
    """Where records come from, in the order of their numbers."""

    def links(self, after: int | None, limit: int) -> Sequence[Link]:
        """Return the records that follow a number, or the first ones, `limit` at the most."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchor:
    """What a ledger is known to have been: the digest of a number, and who says so."""

    seq: int
    digest: bytes
    told_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """A fault that the operator accepted; see `LedgerBreak`. `said` is its own canonical form."""

    seq: int
    until: int
    digest: bytes
    said: bytes


@dataclass(kw_only=True, slots=True)
class Walk:
    """How far a ledger is proved.

    Attributes:
        source: Where its records come from.
        head: The last number and digest that the ledger itself says it has; None if unknown.
        anchors: What it must agree with, in the order of their numbers.
        given: Accepted faults by the number at which they begin.
        seq: The last number that was proved; `digest` is its digest.
        verified: How many records hold.
        total: How many were seen.
        breaks: How many accepted faults were passed over.
        done: Whether there is nothing more to look at.
        fault: The first fault.
    """

    source: Source
    head: Anchor | None = None
    anchors: Sequence[Anchor] = ()
    given: Mapping[int, Given] = field(default_factory=dict)
    seq: int = 0
    digest: bytes = ZERO
    verified: int = 0
    total: int = 0
    breaks: int = 0
    done: bool = False
    fault: LedgerFault | None = None
    _anchored: int = 0
    _agreed: Anchor | None = None

    def step(self) -> bool:
        """Look at the next records; return whether there are more."""
        given = self.given.get(self.seq + 1)
        if given is None:
            self._look()
        elif not self._pass(given):
            self.fault = _disturbed(given)
        self.done = self.done or self.fault is not None
        return not self.done

    def _look(self) -> None:
        limit = self._limit()
        rows = self.source.links(self.seq or None, limit)
        self.total += len(rows)
        held = self._held(rows)
        if held:
            self._agree(rows[:held])
        if self.fault is None and held < len(rows):
            last = self.head.seq if self.head else None
            self.fault = diagnose(self.source, self.seq, self.digest, rows[held], last)
            self._step_back(self.fault.seq - 1)
        elif self.fault is None and len(rows) < limit and self.seq + 1 not in self.given:
            self._end()

    def _limit(self) -> int:
        """Return how many records come before the next accepted fault, a chunk at the most."""
        ahead = (given.seq - 1 - self.seq for given in self.given.values())
        return min((left for left in ahead if 0 < left < CHUNK), default=CHUNK)

    def _held(self, rows: Sequence[Link]) -> int:
        """Return how many of the rows hold, and go on to the last of them."""
        seq, previous, held = self.seq, self.digest, 0
        for number, digest, body in rows:
            # This loop is run a million times: one hash, two comparisons and nothing else.
            if number != seq + 1 or sha256(previous + body).digest() != digest:
                break
            seq, previous, held = number, digest, held + 1
        self.seq, self.digest = seq, previous
        self.verified += held
        return held

    def _agree(self, rows: Sequence[Link]) -> None:
        """Compare what is proved with what the ledger is known to have been."""
        first = rows[0][0]
        while self._anchored < len(self.anchors):
            anchor = self.anchors[self._anchored]
            if anchor.seq > self.seq:
                return
            self._anchored += 1
            if anchor.seq < first:
                continue
            if rows[anchor.seq - first][1] != anchor.digest:
                self._rewritten(anchor)
                return
            self._agreed = anchor

    def _rewritten(self, anchor: Anchor) -> None:
        """Tell that the chain holds, but is not the one that it was."""
        self.fault = LedgerFault(
            seq=anchor.seq,
            kind="rewritten",
            message=f"The ledger was rewritten: record {anchor.seq} is not the one that"
            f" {anchor.told_by} knows; the change is there or before it.",
        )
        self._step_back(self._agreed.seq if self._agreed else 0)

    def _step_back(self, seq: int) -> None:
        """Take back what holds by itself, but was found out by what comes behind it."""
        if not 0 <= seq < self.seq:
            return
        self.verified = max(0, self.verified - (self.seq - seq))
        before = self.source.links(seq - 1 or None, 1) if seq else []
        self.seq, self.digest = seq, before[0][1] if before else ZERO

    def _end(self) -> None:
        """Hold what was proved against what the ledger must have, once its last record is seen."""
        self.done = True
        head = [self.head] if self.head else []
        for anchor in (*self.anchors[self._anchored :], *head):
            if anchor.seq > self.seq:
                self.fault = _cut_off(self.seq, anchor)
                return
        if self.head is None:
            return
        if self.head.seq < self.seq:
            self.fault = _added(self.head)
            self._step_back(self.head.seq)
        elif self.head.digest != self.digest:
            self._rewritten(self.head)

    def _pass(self, given: Given) -> bool:
        """Pass over what was given up, when it is still what it was then."""
        digest, seen = content_of(self.source, self.seq, self.digest, given.until, given.said)
        if digest != given.digest:
            return False
        self.total += seen
        self.seq, self.digest, self.breaks = given.until, digest, self.breaks + 1
        while self._anchored < len(self.anchors) and self.anchors[self._anchored].seq <= self.seq:
            self._anchored += 1
        return True


def content_of(
    source: Source, seq: int, digest: bytes, until: int, said: bytes
) -> tuple[bytes, int]:
    """Return what a chain goes on from after a break, and how many records are given up.

    SHA-256 over the last digest that holds, over number, length, digest and body of each record
    that is there up to the break's own number, and over what the break says.
    """
    content, after, seen = sha256(digest), seq, 0
    while rows := source.links(after or None, CHUNK):
        within = [row for row in rows if row[0] <= until]
        for number, own, body in within:
            content.update(b"%d %d %b%b" % (number, len(body), own, body))
        seen += len(within)
        if len(within) < len(rows) or rows[-1][0] <= after:
            break
        after = rows[-1][0]
    content.update(said)
    return content.digest(), seen


def _disturbed(given: Given) -> LedgerFault:
    return LedgerFault(
        seq=given.seq,
        kind="altered",
        message=f"What was given up, from record {given.seq} to {given.until - 1}, is not what it"
        " was when that was accepted.",
    )


def _cut_off(seq: int, anchor: Anchor) -> LedgerFault:
    return LedgerFault(
        seq=seq + 1,
        kind="removed",
        message=f"Record {seq + 1} was removed: {anchor.told_by} knows of number {anchor.seq},"
        f" and the last one here is {seq}.",
    )


def _added(head: Anchor) -> LedgerFault:
    return LedgerFault(
        seq=head.seq + 1,
        kind="inserted",
        message=f"Record {head.seq + 1} was inserted: number {head.seq} is the last that was"
        " written.",
    )
