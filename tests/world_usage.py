"""The usage of the worlds of pictures, and what may be used: every state of a gauge is there.

It is recorded as everything is; what calls cost is told, because lists of prices change.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.usage.records import NANOS_PER_DOLLAR, UsageRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from engine.workspace import Workspace

_ORIGIN = "litellm"
_SATURDAY = 5
# What is counted of today, before the last hour.
_TODAY = 0.55
_LONGEST = 200
_TOKENS_IN, _TOKENS_OUT, _TOKENS_CACHED = 1_700, 350, 1_024


@dataclass(frozen=True, kw_only=True, slots=True)
class Consumer:
    """An agent that calls a model: on a working day for so many dollars, in so many calls.

    Attributes:
        dollars: None where no price of the model is known.
        weekend: The share of a working day on Saturdays and Sundays.
        days: For how many days it has been calling.
        per_minute: Calls in each minute of the last hour.
    """

    agent: str
    integration: str
    provider: str
    model: str
    dollars: float | None
    calls: int
    weekend: float = 0.4
    days: int = 56
    per_minute: int = 0

    def records(self, now: datetime) -> Iterator[UsageRecord]:
        """Everything that it used until now, oldest first."""
        drawn = random.Random(f"{self.agent} {self.integration}")  # noqa: S311 - pictures
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        for age in range(self.days, -1, -1):
            at = today - timedelta(days=age) + timedelta(hours=9)
            share = drawn.uniform(0.86, 1.14) * (1.0 if age else _TODAY)
            share *= self.weekend if at.weekday() >= _SATURDAY else 1.0
            yield self._record(at, round(self.calls * share))
        for age in range(59, -1, -1) if self.per_minute else ():
            # The last of them in this very minute, so that its rate is there.
            at = now.replace(second=1) - timedelta(minutes=age)
            yield self._record(at, drawn.randint(self.per_minute // 2, self.per_minute))

    def _record(self, at: datetime, calls: int) -> UsageRecord:
        each = None if self.dollars is None else self.dollars / self.calls
        return UsageRecord(
            call_id=f"{self.integration}/{self.agent}/{at:%Y%m%d%H%M}",
            at=at,
            integration=self.integration,
            provider=self.provider,
            model=self.model,
            agent=self.agent,
            tokens_in=calls * _TOKENS_IN,
            tokens_out=calls * _TOKENS_OUT,
            tokens_cached=calls * _TOKENS_CACHED,
            cost_nanos=None if each is None else round(each * calls * NANOS_PER_DOLLAR),
            latency_ms=820,
            policy="allowed",
            calls=calls,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowed:
    """What may be used of one thing; an integration goes by its name."""

    scope: str
    subject: str
    limits: Mapping[str, int] = field(default_factory=dict)
    levels: tuple[float, ...] = ()


CONSUMERS = (
    Consumer(
        agent="support-bot",
        integration="gpt-prod",
        provider="openai",
        model="gpt-5.2",
        dollars=88,
        calls=9_000,
        per_minute=41,
    ),
    Consumer(
        agent="checkout",
        integration="gpt-prod",
        provider="openai",
        model="gpt-5.2-mini",
        dollars=14,
        calls=5_200,
        weekend=0.8,
        per_minute=12,
    ),
    Consumer(
        agent="nightly-batch",
        integration="gpt-batch",
        provider="openai",
        model="gpt-5.2-mini",
        dollars=62,
        calls=21_000,
        weekend=0.9,
    ),
    Consumer(
        agent="contract-review",
        integration="claude-batch",
        provider="anthropic",
        model="claude-sonnet-4-6",
        dollars=96,
        calls=6_400,
    ),
    Consumer(
        agent="support-bot",
        integration="claude-support",
        provider="anthropic",
        model="claude-opus-4-6",
        dollars=180,
        calls=4_100,
        weekend=0.6,
        per_minute=6,
    ),
    Consumer(
        agent="call-notes",
        integration="azure-eu",
        provider="azure_openai",
        model="gpt-5",
        dollars=13,
        calls=1_900,
    ),
    Consumer(
        agent="forecasting",
        integration="bedrock-frankfurt",
        provider="bedrock",
        model="nova-pro",
        dollars=29.5,
        calls=3_300,
        weekend=0.7,
    ),
    Consumer(
        agent="product-photos",
        integration="gemini-vision",
        provider="google",
        model="gemini-3-pro",
        dollars=36,
        calls=2_700,
        weekend=0.5,
    ),
    Consumer(
        agent="search",
        integration="search-embeddings",
        provider="openai",
        model="text-embedding-4",
        dollars=1.3,
        calls=88_000,
        weekend=0.9,
    ),
    # Too new for a forecast.
    Consumer(
        agent="mail-translator",
        integration="translator",
        provider="google",
        model="gemini-3-flash",
        dollars=9,
        calls=1_200,
        days=1,
    ),
    # Nobody knows what a call of these costs.
    Consumer(
        agent="log-triage",
        integration="llama-onprem",
        provider="custom",
        model="llama-4-70b",
        dollars=None,
        calls=7_500,
        weekend=1.0,
    ),
    Consumer(
        agent="evaluations",
        integration="mistral-eval",
        provider="custom",
        model="mistral-large-eval",
        dollars=None,
        calls=240,
        weekend=0.1,
    ),
)

ALLOWED = (
    Allowed(scope="integration", subject="gpt-prod", limits={"rate_limit_rpm": 60}),
    Allowed(scope="integration", subject="claude-support", limits={"rate_limit_rpm": 40}),
    Allowed(
        scope="integration",
        subject="llama-onprem",
        limits={"budget_limit_cents": 50_000, "token_limit_month": 400_000_000},
    ),
    Allowed(scope="tenant", subject="", limits={"budget_limit_cents": 1_100_000}),
    Allowed(
        scope="provider",
        subject="openai",
        limits={"budget_limit_cents": 400_000, "token_limit_month": 6_000_000_000},
    ),
    Allowed(
        scope="model",
        subject="claude-opus-4-6",
        limits={"budget_limit_cents": 350_000},
        levels=(60.0, 90.0, 100.0),
    ),
    Allowed(scope="agent", subject="support-bot", limits={"token_limit_month": 450_000_000}),
)


def hostile(corpora: Path) -> tuple[Consumer, ...]:
    """Agents whose names and models attack the terminal; they call through one account."""
    lines = (corpora / "hostile_text.jsonl").read_text(encoding="utf-8").splitlines()
    values = [json.loads(line)["value"].encode("utf-8", "replace").decode() for line in lines]
    return tuple(
        Consumer(
            agent=value,
            integration="hostile-000",
            provider="custom",
            model=value[::-1],
            dollars=1 + number % 7,
            calls=100,
            days=9,
        )
        for number, value in enumerate(sorted(set(values)))
        if 0 < len(value.strip()) <= _LONGEST
    )


async def allow(workspace: Workspace, tenant: str, allowed: Sequence[Allowed]) -> None:
    """Sets the limits, as people do."""
    listed = await workspace.integrations.list_integrations(tenant, limit=500)
    ids = {one.name: one.id for one in listed.items}
    for one in allowed:
        subject = ids[one.subject] if one.scope == "integration" else one.subject or tenant
        levels = one.levels or None
        await workspace.limits.set_limits(
            tenant, one.scope, subject, **one.limits, warning_levels=levels
        )


async def allow_agents(workspace: Workspace, tenant: str, cents: int) -> None:
    """Gives every agent that was recorded the same budget."""
    for agent in await workspace.limits.groups(tenant, "agent"):
        await workspace.limits.set_limits(tenant, "agent", agent.key, budget_limit_cents=cents)


async def consume(workspace: Workspace, tenant: str, consumers: Sequence[Consumer]) -> None:
    """Records what was used."""
    now = workspace.clock.now()
    records = [record for one in consumers for record in one.records(now)]
    records.sort(key=lambda record: record.at)
    recorded = await workspace.usage.record(tenant, records, origin=_ORIGIN)
    assert recorded.new == len(records), recorded.refusals
    await reckon(workspace)


async def reckon(workspace: Workspace) -> None:
    """Brings the gauges up to date, as the monitor would have."""
    while await workspace.limits.reckon():
        pass
