"""Databases of a given size, filled without a check being made: making them is not measured."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, update

from storage.connectors import ConnectorRow, ConnectorsDriver
from storage.database import Database
from storage.integrations import IntegrationRow, IntegrationsDriver
from storage.sources import SourceRow, SourcesDriver
from storage.tables import targets
from storage.tenants import TenantsDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from storage.inventory import Inventory
    from storage.things import ThingRow

STATES = (("healthy", 3), ("degraded", 1), ("failing", 0), ("unknown", 2))
PROVIDERS = ("openai", "anthropic", "azure_openai", "bedrock", "google", "custom")
TECHNOLOGIES = (
    *(("database", "postgresql"), ("database", "mysql"), ("document", "mongodb")),
    *(("file", "s3"), ("vector", "qdrant"), ("api", "rest"), ("stream", "kafka")),
)
CONNECTORS = ("http", "sql", "mcp", "vector", "file", "serverless", "stream")
TAGS = ((), ("prod",), ("pii", "prod"), ("staging",))
OWNERS = ("ann", "bob", "cy", None)
TENANT = "bench"
BLOCK = 5_000
_LIGHT = (
    update(targets)
    .where(targets.c.kind == bindparam("_kind"))
    .where(targets.c.id == bindparam("_id"))
)


def _integration(index: int, base_url: str, now: datetime, interval_s: int) -> IntegrationRow:
    return IntegrationRow(
        id=f"bench-{index:08d}",
        tenant_id=TENANT,
        name=f"integration-{index:06d}",
        provider_type="custom" if base_url else PROVIDERS[index % len(PROVIDERS)],
        status="enabled",
        base_url=base_url or None,
        budget_limit_cents=100_00,
        token_limit_month=1_000_000,
        rate_limit_rpm=60,
        interval_s=interval_s,
        created_at=now,
    )


def _source(index: int, now: datetime, interval_s: int) -> SourceRow:
    kind, technology = TECHNOLOGIES[index % len(TECHNOLOGIES)]
    return SourceRow(
        id=f"bench-{index:08d}",
        tenant_id=TENANT,
        name=f"source-{index:06d}",
        type=kind,
        technology=technology,
        status="active" if index % 10 else "pending",
        config={"host": f"db-{index:06d}.example", "port": 5432},
        tags=TAGS[index % len(TAGS)],
        owner_id=OWNERS[index % len(OWNERS)],
        interval_s=interval_s,
        created_at=now,
    )


def _connector(index: int, now: datetime, interval_s: int) -> ConnectorRow:
    return ConnectorRow(
        id=f"bench-{index:08d}",
        tenant_id=TENANT,
        name=f"tool-{index:06d}",
        type=CONNECTORS[index % len(CONNECTORS)],
        technology="",
        status="connected" if index % 10 else "registered",
        endpoint=f"https://tool-{index:06d}.example",
        capabilities=("read", "list"),
        tags=TAGS[index % len(TAGS)],
        owner_id=OWNERS[index % len(OWNERS)],
        interval_s=interval_s,
        created_at=now,
    )


def _lamp(index: int, now: datetime) -> dict[str, object]:
    state, rank = STATES[0 if index % 10 else index // 10 % 4]
    checked = state != "unknown"
    return {
        "state": state,
        "state_rank": rank,
        "latency_ms": float(index * 37 % 1900) if checked else None,
        "checked_at": now - timedelta(seconds=index % 55) if checked else None,
        "since": now - timedelta(minutes=index % 500) if checked else None,
    }


def _light(
    connection: Connection, kind: str, lamps: Sequence[tuple[str, dict[str, object]]]
) -> None:
    connection.execute(_LIGHT, [{"_kind": kind, "_id": name, **lamp} for name, lamp in lamps])


def _seed(
    url: str,
    count: int,
    kept_by: type[Inventory[Any, Any]],
    make: Callable[[int, datetime], ThingRow],
    *,
    active: bool = False,
) -> None:
    now = datetime.now(UTC)
    database = Database.open(url)
    with database.write() as connection:
        TenantsDriver(connection).ensure(TENANT, "Benchmark", now)
    for first in range(0, count, BLOCK):
        block = range(first, min(count, first + BLOCK))
        rows = [make(index, now) for index in block]
        with database.write() as connection:
            kept_by(connection).insert_many(rows, active=active, interval_s=60, due_at=now)
            if not active:
                lamps = [
                    (row.id, _lamp(index, now)) for index, row in zip(block, rows, strict=True)
                ]
                _light(connection, kept_by.layout.kind, lamps)
    database.close()


def seed_integrations(
    url: str,
    count: int,
    *,
    base_url: Callable[[int], str] | None = None,
    active: bool = False,
    interval_s: int = 60,
) -> None:
    """Writes `count` integrations of tenant `bench`; `active` ones are due at once, and unlit."""

    def make(index: int, now: datetime) -> IntegrationRow:
        return _integration(index, base_url(index) if base_url else "", now, interval_s)

    _seed(url, count, IntegrationsDriver, make, active=active)


def seed_sources(url: str, count: int, *, interval_s: int = 60) -> None:
    """Writes `count` data sources of mixed types of tenant `bench`, none of them due."""
    _seed(url, count, SourcesDriver, lambda index, now: _source(index, now, interval_s))


def seed_connectors(url: str, count: int, *, interval_s: int = 60) -> None:
    """Writes `count` connectors of mixed types of tenant `bench`, none of them due."""
    _seed(url, count, ConnectorsDriver, lambda index, now: _connector(index, now, interval_s))
