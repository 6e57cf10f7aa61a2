"""The log of calls that `ingest` records: two months of ten integrations, the same in every run."""

from __future__ import annotations

import random
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

from engine.usage.records import BATCH, UsageRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.usage.rows import Fact

TENANT = "bench"
INTEGRATIONS = 10
PROVIDERS = ("openai", "anthropic")
MODELS = (
    ("gpt-4o", "gpt-4o-mini", "o3-mini"),
    ("claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-1"),
)
AGENTS = ("support", "search", "coder", "reports")
SPAN = timedelta(days=60)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Log:
    """So many calls, in the order of their times or at random; `priced` ones tell no cost."""

    count: int
    order: str = "time"
    priced: bool = False
    salt: int = 0

    def records(self) -> Iterator[list[UsageRecord]]:
        """Batches of records; only one of them is held at a time."""
        places: Sequence[int] = range(self.count)
        if self.order == "random":
            places = random.Random(1).sample(places, self.count)  # noqa: S311 - a log, no secret
        chance = random.Random(self.salt)  # noqa: S311
        start = datetime.now(UTC) - SPAN
        for first in range(0, self.count, BATCH):
            yield [self._record(place, chance, start) for place in places[first : first + BATCH]]

    def _record(self, place: int, chance: random.Random, start: datetime) -> UsageRecord:
        which = chance.randrange(INTEGRATIONS)
        tokens_in = chance.randrange(50, 20_000)
        return UsageRecord(
            call_id=f"chatcmpl-{chance.getrandbits(116):029x}",
            at=start + SPAN * (place / self.count),
            integration=f"usage-{which}",
            model=MODELS[which % 2][chance.randrange(3)],
            agent=AGENTS[chance.randrange(len(AGENTS))],
            session=f"session-{place // 20:08d}",
            tokens_in=tokens_in,
            tokens_out=chance.randrange(1, 2_000),
            tokens_cached=tokens_in // 3 if place % 4 == 0 else 0,
            cost_nanos=None if self.priced else chance.randrange(1, 90_000_000),
            latency_ms=chance.randrange(200, 9_000),
        )

    def facts(self) -> Iterator[list[Fact]]:
        """The same as ready tuples, for the baselines."""
        for batch in self.records():
            yield [_fact(record) for record in batch]


def _fact(record: UsageRecord) -> Fact:
    digest = blake2b(f"{TENANT}\0{record.call_id}".encode(), digest_size=16).digest()
    at = (record.at - _EPOCH) // timedelta(milliseconds=1)
    tokens = (record.tokens_in, record.tokens_out, record.tokens_cached)
    series = 1 + hash((record.integration, record.model, record.agent)) % 120
    call = (digest, record.call_id, series, record.session, at, 1)
    return (*call, *tokens, record.cost_nanos, record.latency_ms, None, None)


def prepare(url: str) -> None:
    """Makes the database with the tenant and the integrations that the calls name."""
    from storage.database import Database, upgrade
    from storage.integrations import IntegrationRow, IntegrationsDriver
    from storage.tenants import TenantsDriver

    upgrade(url)
    database = Database.open(url)
    now = datetime.now(UTC)
    with database.write() as connection:
        TenantsDriver(connection).ensure(TENANT, "Benchmark", now)
        for number in range(INTEGRATIONS):
            row = IntegrationRow(
                id=f"usage-{number}",
                tenant_id=TENANT,
                name=f"usage-{number}",
                provider_type=PROVIDERS[number % 2],
                status="enabled",
                budget_limit_cents=1_000_00,
                created_at=now,
            )
            IntegrationsDriver(connection).insert(row, active=False, interval_s=60)
    database.close()


@contextmanager
def schema(server: str) -> Iterator[str]:
    """The URL of a schema of its own on a server, gone afterwards."""
    from sqlalchemy import create_engine, make_url

    url = make_url(server)
    engine = create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    name = f"ingest_{uuid.uuid4().hex}"
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    here = url.update_query_dict({"options": f"-csearch_path={name}"})
    try:
        yield here.render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
        engine.dispose()
