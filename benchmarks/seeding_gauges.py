"""Databases with so many gauges, in the order of their numbers: what runs out first is number 0."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from benchmarks.seeding import TENANT
from engine.settings import Settings
from engine.usage.records import NANOS_PER_DOLLAR, UsageRecord
from engine.workspace import Workspace
from storage.database import Database
from storage.integrations import IntegrationRow, IntegrationsDriver
from storage.tenants import TenantsDriver

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MEASURES = 3
"""Gauges of each integration."""

PROVIDER = "anthropic"
"""Sorted before the integrations, so that the list's last row is one of theirs."""

DAYS = 5
BLOCK = 5_000
# Far above what all of them use: their gauges stand between those of integrations.
_ROOM = {"budget_limit_cents": 10**11, "token_limit_month": 10**15, "rate_limit_rpm": 10**7}


def seed_gauges(url: str, count: int) -> None:
    """Writes about `count` gauges of integrations of tenant `bench`, with usage, all reckoned."""
    now = datetime.now(UTC)
    database = Database.open(url)
    with database.write() as connection:
        TenantsDriver(connection).ensure(TENANT, "Benchmark", now)
    things = names(count)
    for first in range(0, things, BLOCK):
        rows = [_integration(index, now) for index in range(first, min(things, first + BLOCK))]
        with database.write() as connection:
            IntegrationsDriver(connection).insert_many(
                rows, active=False, interval_s=60, due_at=now
            )
    database.close()
    asyncio.run(_use(url, things, now))


def names(count: int) -> int:
    """How many integrations have that many gauges."""
    return -(-count // MEASURES)


def _integration(index: int, now: datetime) -> IntegrationRow:
    return IntegrationRow(
        id=f"bench-{index:08d}",
        tenant_id=TENANT,
        name=f"integration-{index:06d}",
        provider_type=PROVIDER,
        status="enabled",
        budget_limit_cents=100_00,
        token_limit_month=10_000_000,
        rate_limit_rpm=60,
        interval_s=60,
        created_at=now,
    )


async def _use(url: str, things: int, now: datetime) -> None:
    workspace = Workspace.open(Settings(database=url, tenant=TENANT, monitor="off"))
    try:
        for records in _calls(things, now):
            done = await workspace.usage.record(TENANT, records)
            assert done.new == len(records)
        for scope, subject in (("provider", PROVIDER), ("tenant", TENANT)):
            await workspace.limits.set_limits(TENANT, scope, subject, **_ROOM)
        while await workspace.limits.reckon() > 0:
            pass
    finally:
        await workspace.aclose()


def _calls(things: int, now: datetime) -> Iterator[Sequence[UsageRecord]]:
    """One call a day of each integration; each uses a little less than the one before."""
    for first in range(0, things, BLOCK):
        yield [
            _call(index, things, now - timedelta(days=ago), ago)
            for index in range(first, min(things, first + BLOCK))
            for ago in range(DAYS)
        ]


def _call(index: int, things: int, at: datetime, ago: int) -> UsageRecord:
    # From 1 % of the limit a day down to half of that.
    share = (1 - index / (2 * things)) / 100
    return UsageRecord(
        call_id=f"{index}-{ago}",
        at=at,
        integration=f"bench-{index:08d}",
        model="claude-sonnet-4-5",
        agent="bench",
        tokens_in=round(10_000_000 * share),
        cost_nanos=round(100 * NANOS_PER_DOLLAR * share),
    )
