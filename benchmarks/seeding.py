"""Databases of a given size, written straight into the tables: making them is not measured."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert

from storage import tables
from storage.database import Database
from storage.tenants import TenantsDriver

if TYPE_CHECKING:
    from collections.abc import Callable

STATES = (("healthy", 3), ("degraded", 1), ("failing", 0), ("unknown", 2))
PROVIDERS = ("openai", "anthropic", "azure_openai", "bedrock", "google", "custom")
TENANT = "bench"
BLOCK = 5_000


def _integration(index: int, base_url: str, now: datetime, interval_s: int) -> dict[str, object]:
    name = f"integration-{index:06d}"
    return {
        "id": f"bench-{index:08d}",
        "tenant_id": TENANT,
        "name": name,
        "sort_name": name,
        "provider_type": "custom" if base_url else PROVIDERS[index % len(PROVIDERS)],
        "status": "enabled",
        "credential_ref": None,
        "base_url": base_url or None,
        "config": {},
        "budget_limit_cents": 100_00,
        "token_limit_month": 1_000_000,
        "rate_limit_rpm": 60,
        "interval_s": interval_s,
        "created_at": now,
        "version": 1,
    }


def _target(
    index: int, row: dict[str, object], now: datetime, *, active: bool
) -> dict[str, object]:
    state, rank = STATES[0 if index % 10 else index // 10 % 4]
    checked = state != "unknown" and not active
    return {
        "kind": "integration",
        "id": row["id"],
        "tenant_id": TENANT,
        "name": row["name"],
        "sort_name": row["sort_name"],
        "type": row["provider_type"],
        "technology": row["provider_type"],
        "status": "enabled",
        "active": active,
        "interval_s": row["interval_s"],
        "due_at": now if active else None,
        "state": state if checked else "unknown",
        "state_rank": rank if checked else 2,
        "latency_ms": float(index * 37 % 1900) if checked else None,
        "checked_at": now - timedelta(seconds=index % 55) if checked else None,
        "since": now - timedelta(minutes=index % 500) if checked else None,
        "failures_in_row": 0,
        "created_at": now,
    }


def seed_integrations(
    url: str,
    count: int,
    *,
    base_url: Callable[[int], str] | None = None,
    active: bool = False,
    interval_s: int = 60,
) -> None:
    """Writes `count` integrations of tenant `bench`; `active` ones are due at once."""
    now = datetime.now(UTC)
    database = Database.open(url)
    with database.write() as connection:
        TenantsDriver(connection).ensure(TENANT, "Benchmark", now)
    for first in range(0, count, BLOCK):
        block = range(first, min(count, first + BLOCK))
        rows = [_integration(i, base_url(i) if base_url else "", now, interval_s) for i in block]
        lamps = [_target(i, row, now, active=active) for i, row in zip(block, rows, strict=True)]
        with database.write() as connection:
            connection.execute(insert(tables.integrations), rows)
            connection.execute(insert(tables.targets), lamps)
    database.close()
