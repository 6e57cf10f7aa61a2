"""What the facade of usage answers with: frozen, JSON-ready records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageTotal(JsonRecord):
    """What was used in a span, summed up: by a day, an integration, a model or an agent."""

    key: str
    name: str = ""
    calls: int = 0
    errors: int = 0
    warned: int = 0
    blocked: int = 0
    unpriced: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    cost_nanos: int = 0
    latency_ms: float | None = None

    @property
    def tokens(self) -> int:
        """Tokens in and out."""
        return self.tokens_in + self.tokens_out


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageEntry(JsonRecord):
    """One call as it was recorded; by these names and in this order it can be read in again.

    `integration` is its id, `cost_nanos` is None where no price is known.
    """

    call_id: str
    at: datetime
    integration: str
    provider: str
    model: str
    agent: str
    session: str | None
    calls: int
    tokens_in: int
    tokens_out: int
    tokens_cached: int
    cost_nanos: int | None
    latency_ms: int | None
    policy: str | None
    error: str | None
    origin: str
