"""What the integrations facade answers with: frozen records, JSON-ready by `to_dict()`.

The first fields of each are the domain's own; those with defaults came later. Times are aware
UTC, latencies milliseconds, money whole cents, and a limit of 0 is unlimited.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrationSummaryResult(JsonRecord):
    """An integration as a row of a list, with its lamp."""

    id: str
    name: str
    provider_type: str
    status: str
    health_state: str
    default_model: str | None
    created_at: datetime
    tenant_id: str = ""
    error: str | None = None
    message: str | None = None
    latency_ms: int | None = None
    checked_at: datetime | None = None
    since: datetime | None = None
    interval_s: int | None = None
    budget_limit_cents: int = 0
    token_limit_month: int = 0
    rate_limit_rpm: int = 0
    updated_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrationListResult(JsonRecord):
    """One page of integrations and how many there are in all."""

    items: list[IntegrationSummaryResult]
    total: int


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrationDetailResult(JsonRecord):
    """Everything about one integration; the credential only as its reference."""

    id: str
    tenant_id: str
    name: str
    provider_type: str
    status: str
    health_state: str
    health_checked_at: datetime | None
    health_message: str | None
    default_model: str | None
    budget_limit_cents: int
    token_limit_month: int
    rate_limit_rpm: int
    created_at: datetime
    updated_at: datetime | None
    created_by: str | None
    credential_ref: str | None = None
    base_url: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    interval_s: int | None = None
    version: int = 1
    error: str | None = None
    remedy: str | None = None
    stage: str | None = None
    latency_ms: int | None = None
    status_code: int | None = None
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrationLifecycleResult(JsonRecord):
    """What enabling or disabling came to."""

    integration_id: str
    status: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrationDeleteResult(JsonRecord):
    """What deleting came to."""

    deleted: bool
    integration_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthCheckResult(JsonRecord):
    """One check's result; `cached` when the last one was returned instead of a new one."""

    integration_id: str
    health_state: str
    message: str | None
    latency_ms: int | None
    checked_at: datetime
    name: str = ""
    provider_type: str = ""
    error: str | None = None
    stage: str | None = None
    status_code: int | None = None
    remedy: str | None = None
    stages: tuple[Mapping[str, Any], ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    cached: bool = False
    previous_state: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthStatusResult(JsonRecord):
    """The last known health, without a new check."""

    integration_id: str
    health_state: str
    health_message: str | None
    health_checked_at: datetime | None
    name: str = ""
    error: str | None = None
    remedy: str | None = None
    stage: str | None = None
    latency_ms: int | None = None
    status_code: int | None = None
    since: datetime | None = None
    stale: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitsStatusResult(JsonRecord):
    """Usage against limits in the calendar month (UTC) from `period_start` to `period_end`.

    Used values and percentages are None while `measured` is false: never measured is not 0. So
    are those of the budget where the price of no call is known.
    Percentages are not capped at 100, and None where there is no limit.

    Attributes:
        budget_used_cents: Rounded half up to whole cents; `budget_used_nanos` is exact, in
            billionths of a dollar.
        unpriced_calls: Calls of the month whose price is unknown: they cost more than is told.
        budget_held_nanos: Reserved by callers and not used yet; `tokens_held` likewise.
        requests_this_minute: Those that callers have reserved in this minute included.
    """

    integration_id: str
    budget_limit_cents: int
    budget_used_cents: int | None
    budget_percent: float | None
    token_limit_month: int
    tokens_used_month: int | None
    token_percent: float | None
    rate_limit_rpm: int
    requests_this_minute: int | None
    rate_percent: float | None
    period_start: datetime
    period_end: datetime
    measured: bool = False
    budget_used_nanos: int | None = None
    unpriced_calls: int = 0
    budget_held_nanos: int = 0
    tokens_held: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentProblem(JsonRecord):
    """What is wrong with a document: one sentence, and the path of the field to blame."""

    message: str
    field: str | None = None
    hint: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentResult(JsonRecord):
    """What applying one document came to.

    Attributes:
        index: Its place in the file, counted from 1.
        outcome: created, changed, unchanged or refused.
        message: One sentence; of what was refused, everything that is wrong with it.
        line: The line on which it starts; None where that is not known.
        name: What it names; None where it names nothing.
        integration_id: What it came to be, or is; None where nothing is stored.
        changes: Field to old and new value; of a credential only that it was replaced.
        problems: Why it was refused.
    """

    index: int
    outcome: str
    message: str
    line: int | None = None
    kind: str | None = None
    name: str | None = None
    integration_id: str | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[DocumentProblem, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ApplyResult(JsonRecord):
    """What applying documents came to, in their order; with `dry_run`, what it would come to."""

    results: tuple[DocumentResult, ...]
    total: int
    counts: Mapping[str, int]
    dry_run: bool
