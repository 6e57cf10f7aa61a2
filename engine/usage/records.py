"""What one call used, as everything that brings usage says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

NANOS_PER_DOLLAR = 1_000_000_000
NANOS_PER_CENT = 10_000_000
POLICIES = ("allowed", "warned", "blocked")
"""What a limit said of a call, in the order of the numbers that are stored."""

MAX_TOKENS = 10**13
"""Tokens of one record; more is a mistake, and even of such it takes 900,000 to pass 64 bits."""

MAX_COST_NANOS = 10**15
"""A million dollars for one record, likewise."""


BATCH = 20_000
"""Records of one transaction: others who write wait no longer than that takes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageRecord:
    """One call, or a provider's count of several; the same `call_id` is counted once a tenant.

    Attributes:
        call_id: What the caller or provider calls it; 1 to 200 characters.
        at: When it was made; aware. It is counted in the UTC day and month of this moment.
        integration: Id or name of the integration; None where the import decides.
        provider: As Lampboard names providers; None for the integration's own.
        model: The provider's name of the model; empty where it is not known.
        agent: Which application or agent made the call.
        session: What belongs together, such as a conversation.
        tokens_in: Tokens of the prompt, cached ones included.
        tokens_out: Tokens of the answer.
        tokens_cached: Those of `tokens_in` that were read from a cache.
        cost_nanos: Billionths of a dollar; None where the record does not say.
        latency_ms: Whole milliseconds.
        policy: What a limit said: allowed, warned or blocked; None where nobody asked.
        error: The cause as a word when the call failed.
        calls: 1; 0 for a correction, whose tokens and cost may be negative; more for a count.
        reservation_id: The reservation that this settles.
    """

    call_id: str
    at: datetime
    integration: str | None = None
    provider: str | None = None
    model: str = ""
    agent: str = ""
    session: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    cost_nanos: int | None = None
    latency_ms: int | None = None
    policy: str | None = None
    error: str | None = None
    calls: int = 1
    reservation_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A record that cannot be counted: where it stands (a line from 1 on; 0 for none) and why."""

    line: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """What became of records: counted now, counted before, refused; calls without a price."""

    new: int = 0
    duplicate: int = 0
    refused: int = 0
    unpriced: int = 0
    refusals: tuple[Refusal, ...] = ()

    def plus(self, other: Recorded) -> Recorded:
        """Return both together."""
        return Recorded(
            new=self.new + other.new,
            duplicate=self.duplicate + other.duplicate,
            refused=self.refused + other.refused,
            unpriced=self.unpriced + other.unpriced,
            refusals=self.refusals + other.refusals,
        )
