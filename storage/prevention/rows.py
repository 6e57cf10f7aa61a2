"""What the drivers of prevention read and write: frozen rows. Digests are 32 raw bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

Sort: TypeAlias = Literal["number", "policy"]
Link: TypeAlias = "tuple[int, bytes, bytes]"
"""A record as a verification reads it: its number, its digest and its body."""

ZERO = bytes(32)
"""What stands before a ledger's first record."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordRow:
    """A record as it is kept: its number, its digest and its body."""

    seq: int
    digest: bytes
    body: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """Where a ledger is, and whether anything may be added to it.

    Attributes:
        seq: The last number that was given; 0 for none.
        digest: The last digest.
        written_at: When that was.
        ok: Whether the last verification found no fault; None when there was none.
        fault: The sentence of the fault that it found.
        guarded: Whether the database lets nobody change records.
    """

    seq: int
    digest: bytes
    written_at: datetime | None
    ok: bool | None
    fault: str | None
    guarded: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class VerificationRow:
    """What a verification found; `id` is 0 until it is stored. See `engine.prevention.results`."""

    tenant_id: str
    at: datetime
    ok: bool
    since: int
    seq: int
    head: bytes
    verified: int
    total: int
    fault_seq: int | None
    fault_kind: str | None
    fault_message: str | None
    checkpoints: int
    breaks: int
    duration_ms: int
    id: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakRow:
    """A fault that was accepted, from number `seq` to `until`; the chain goes on from `digest`."""

    tenant_id: str
    until: int
    seq: int
    kind: str
    digest: bytes
    at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyRow:
    """A policy as the ledger knows it."""

    tenant_id: str
    policy_id: str
    name: str
    mode: str
    activated_at: datetime | None
    needed: int
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyCount:
    """How many records a policy has; times in milliseconds."""

    policy_id: str
    total: int
    simulated: int
    counting: int
    first_at: int
    last_at: int
