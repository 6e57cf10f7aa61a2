"""What usage is stored as and summed up to. Costs are nano-dollars, times milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from storage.tables import usage, usage_days

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

# In the order of FACT_COLUMNS.
Fact: TypeAlias = (
    "tuple[bytes, str, int, str | None, int, int, int, int, int, int | None, "
    "int | None, int | None, str | None]"
)
"""One call as it is stored: a plain tuple, because there are millions of them."""

COUNTED = "_usage"
"""How an origin ends that tells a provider's own counts, and not calls."""

FACT_COLUMNS = tuple(column.name for column in usage.c if column.name != "number")
SUMS = tuple(
    column.name
    for column in usage_days.c
    if not column.primary_key and not column.name.startswith("held_")
)
"""What days hold of the calls in them, by the names of their columns."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """What calls come to. `timed` of them told how long they took, `latency_ms` in all.

    `facts` counts records; `calls` what they stand for, which are none for a correction.
    `unpriced` calls have no known price and are in no cost. What is held is reserved by callers
    and not used yet.
    """

    facts: int = 0
    calls: int = 0
    errors: int = 0
    warned: int = 0
    blocked: int = 0
    unpriced: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    cost_nanos: int = 0
    timed: int = 0
    latency_ms: int = 0
    held_tokens: int = 0
    held_nanos: int = 0

    @property
    def tokens(self) -> int:
        """Tokens in and out, which is what limits are about."""
        return self.tokens_in + self.tokens_out


@dataclass(frozen=True, kw_only=True, slots=True)
class DaySums(Sums):
    """What the calls of one day come to; days are counted since 1970 in UTC."""

    day: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TopSums(Sums):
    """What the calls of one model, agent or the like come to."""

    subject: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What became of facts: how many were new, and how many calls of those have no price."""

    new: int = 0
    unpriced: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SeriesKey:
    """What calls have in common; `agent` and `model` are empty where nobody said."""

    tenant_id: str
    integration_id: str
    provider: str
    model: str
    agent: str
    origin: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FactRow:
    """One call as exports show it; `number` is for reading on after it."""

    number: int
    call_id: str
    at: datetime
    integration_id: str
    provider: str
    model: str
    agent: str
    origin: str
    session: str | None
    calls: int
    tokens_in: int
    tokens_out: int
    tokens_cached: int
    cost_nanos: int | None
    latency_ms: int | None
    policy: int | None
    error: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedRow:
    """Where usage is read from, and how far.

    `config` says how and never holds a secret, `cursor` is the reader's own. `due_at` is when the
    monitor reads it next, None where nobody asked it to.
    """

    tenant_id: str
    name: str
    origin: str
    integration_id: str | None = None
    credential_ref: str | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    cursor: Mapping[str, object] = field(default_factory=dict)
    due_at: datetime | None = None
    read_at: datetime | None = None
    error: str | None = None
