"""What the facade of prevention answers with: frozen, JSON-ready records."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from datetime import datetime

LEDGER_STATES = ("healthy", "failing", "unknown")
"""Of a ledger: proved whole by its last verification; broken; never verified."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PreventionRecord(JsonRecord):
    """A record of the ledger.

    Attributes:
        seq: Its number in the tenant's ledger, from 1, without gaps.
        previous: The digest of the record before, as 64 hex digits; zeros before the first.
        digest: Its own: SHA-256 over `previous` and the canonical form, which has number, tenant
            and `previous` in it.
        body: The canonical form itself, as it was hashed.
    """

    tenant_id: str
    seq: int
    id: str
    created_at: datetime
    policy_id: str
    pattern_id: str
    policy_mode: str
    signature_match_confidence: float
    blocked_incident_id: str | None
    original_incident_id: str | None
    pattern_signature: str | None
    request_signature: str | None
    is_simulated: bool
    contract_version: str
    previous: str
    digest: str
    body: str

    @property
    def agrees(self) -> bool:
        """Whether the digest is the one over what the record says it followed, and its body."""
        try:
            before = bytes.fromhex(self.previous)
        except ValueError:
            return False
        body = self.body.encode("utf-8", "surrogatepass")
        return sha256(before + body).hexdigest() == self.digest


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerFault(JsonRecord):
    """The first thing that is wrong in a ledger.

    Attributes:
        seq: The number of the first record that does not hold, or that is missing.
        kind: `altered`, `removed`, `reordered`, `inserted`, `rewritten` (a checkpoint disagrees),
            `unreadable`, or `unprotected` (the database would let records be changed; `seq` is
            then the next number).
        message: One sentence for people.
    """

    seq: int
    kind: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification(JsonRecord):
    """What a verification found.

    Attributes:
        verified: How many records hold, from the first on.
        total: How many there are.
        head: The digest of the last record that holds; zeros for an empty ledger.
        fault: The first fault; None when all hold.
        checkpoints: How many checkpoints were compared.
        since: The number from which on records were proved; 1 unless it went on from an earlier
            verification.
        breaks: Faults that the operator has accepted, and that were passed over.
    """

    tenant_id: str
    at: datetime
    ok: bool
    verified: int
    total: int
    head: str
    fault: LedgerFault | None
    checkpoints: int
    duration_ms: int
    since: int = 1
    breaks: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerStatus(JsonRecord):
    """A tenant's ledger now: its lamp, and what the last verification said.

    Attributes:
        state: One of LEDGER_STATES.
        records: How many there are.
        unverified: How many were written since the last verification.
        head: The digest of the last record.
        verification: The last one; None when there was none.
    """

    tenant_id: str
    state: str
    records: int
    unverified: int
    head: str
    last_at: datetime | None
    verification: Verification | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint(JsonRecord):
    """What a ledger was at a time: to be kept where its owner cannot reach."""

    tenant_id: str
    seq: int
    digest: str
    at: datetime
    contract_version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Appended(JsonRecord):
    """Records that were written, all in one transaction that is safe from a power cut.

    Attributes:
        first: The number of the first of them; `last` of the last.
        head: The digest of the last.
    """

    tenant_id: str
    first: int
    last: int
    count: int
    head: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PreventionPolicy(JsonRecord):
    """A policy as the ledger knows it: its mode, since when it is active, what it needs."""

    tenant_id: str
    policy_id: str
    name: str
    mode: str
    activated_at: datetime | None
    needed: int
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerBreak(JsonRecord):
    """A fault that the operator accepted, so that the ledger goes on after it.

    Attributes:
        seq: The first record that is given up.
        until: The last number that is given up; it is the break's own.
        digest: What the chain goes on from: SHA-256 over all that is there of those records, so
            that they stay as they are, and over the break itself.
    """

    tenant_id: str
    seq: int
    kind: str
    until: int
    digest: str
    at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UncountedRecord(JsonRecord):
    """A record that does not count towards graduation: `simulated`, `before` or `not_active`."""

    seq: int
    id: str
    created_at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyGraduation(JsonRecord):
    """How far a policy is on its way to graduation.

    Attributes:
        activated_at: Since when records count; None when it was never activated.
        counting: Records that count.
        simulated: Records that don't, because they are simulated.
        before: Records that don't, because they are older than the activation, or there is none.
        needed: How many it takes.
        graduated: Whether there are enough.
        mode: The policy's mode; `unknown` for one that was never set.
    """

    policy_id: str
    activated_at: datetime | None
    total: int
    counting: int
    simulated: int
    before: int
    needed: int
    graduated: bool
    first_at: datetime | None
    last_at: datetime | None
    mode: str = "unknown"
    name: str = ""
