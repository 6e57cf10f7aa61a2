"""A board with usage on either database, on a clock that the test moves."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from engine.clock import FixedClock
from engine.ids import CountingIds
from engine.limits import reading
from engine.limits.measuring import Moment
from engine.limits.reckoning import reckon
from engine.settings import Settings
from engine.usage.recording import Recorder
from engine.usage.records import UsageRecord
from engine.workspace import Workspace
from storage.limits.gauges import GaugesDriver
from storage.limits.transitions import transitions
from tests.servers.schemas import migrated_schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from engine.limits.results import GaugeResult
    from storage.database import Database
    from storage.limits.rows import GaugeRow, TransitionRow

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DOLLAR = 10**9


@pytest.fixture(scope="session")
def limits_schema() -> Iterator[str]:
    """The URL of a migrated schema of this worker's own, on a real PostgreSQL."""
    with migrated_schema() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the board's database is: each kind in its turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'lampboard.db'}"
    schema = str(request.getfixturevalue("limits_schema"))
    _empty(schema)
    return schema


def _empty(schema: str) -> None:
    import psycopg

    from tests.emptying import emptying

    with psycopg.connect(schema) as connection:
        for statement in emptying():
            connection.execute(statement)  # type: ignore[arg-type]


@dataclass
class Board:
    """A workspace, and what tests do with it; each tenant is a test's own."""

    workspace: Workspace
    clock: FixedClock
    tenant: str = "acme"
    calls: count[int] = field(default_factory=count)

    @property
    def database(self) -> Database:
        return self.workspace.database

    async def integration(self, name: str = "gpt", **values: Any) -> str:
        made = await self.workspace.integrations.create_integration(
            self.tenant, name, values.pop("provider_type", "openai"), **values
        )
        return made.id

    def call(self, at: datetime | None = None, **values: Any) -> UsageRecord:
        """One call of a dollar and a thousand tokens, unless told otherwise."""
        known: dict[str, Any] = {
            "call_id": f"call-{next(self.calls)}",
            "at": at or self.clock.now(),
            "integration": "gpt",
            "model": "gpt-4o",
            "tokens_in": 900,
            "tokens_out": 100,
            "cost_nanos": DOLLAR,
        }
        return UsageRecord(**(known | values))

    def record(self, *records: UsageRecord, tenant: str = "") -> None:
        """Records them in one transaction; all of them must be taken."""
        recorder = Recorder(tenant or self.tenant, origin="api", clock=self.clock)
        with self.database.write() as connection:
            told = recorder.record(connection, records)
        assert not told.refused, told.refusals

    def spend(self, dollars: float, at: datetime | None = None, **values: Any) -> None:
        """Records one call of that cost."""
        self.record(self.call(at, cost_nanos=round(dollars * DOLLAR), **values))

    def reckon(self, limit: int = 2000) -> int:
        with self.database.write() as connection:
            return reckon(connection, self.clock.now(), limit=limit)

    def rows(self) -> Sequence[GaugeRow]:
        """The gauges as lists sort and filter by them."""
        with self.database.read() as connection:
            return GaugesDriver(connection).page(self.tenant, limit=1000).rows

    def row(self, measure: str = "budget", scope: str = "integration") -> GaugeRow:
        found = [row for row in self.rows() if (row.measure, row.scope) == (measure, scope)]
        assert len(found) == 1
        return found[0]

    def gauges(self) -> tuple[GaugeResult, ...]:
        """The gauges as of now."""
        with self.database.read() as connection:
            return reading.gauges(connection, self.rows(), Moment.of(self.clock.now()))

    def levels(self, measure: str = "budget") -> list[tuple[str, float]]:
        """What was reached, oldest first: the scope and the level."""
        with self.database.read() as connection:
            found = transitions(connection, self.tenant, limit=1000)
        return [(one.scope, one.level) for one in reversed(found) if one.measure == measure]

    def reached(self) -> list[TransitionRow]:
        with self.database.read() as connection:
            return transitions(connection, self.tenant, limit=1000)

    def go(self, to: datetime) -> None:
        """Sets the clock, also back."""
        self.clock.advance((to - self.clock.now()).total_seconds())

    def week(self, dollars: float = 1, days: int = 7) -> None:
        """Records the same use on each of the last days."""
        now = self.clock.now()
        calls = [
            self.call(now - timedelta(days=day), cost_nanos=round(dollars * DOLLAR))
            for day in range(1, days + 1)
        ]
        self.record(*calls)


@pytest.fixture
async def board(url: str) -> AsyncIterator[Board]:
    clock = FixedClock(NOON)
    settings = Settings(database=url, operator="olga", master_key="ab" * 32)
    opened = await asyncio.to_thread(Workspace.open, settings, clock=clock, ids=CountingIds())
    # On the server all tests share one schema: each has tenants, and ids, of its own.
    tenant = f"t-{uuid.uuid4().hex[:12]}"
    opened.ids = lambda: f"{tenant}-{next(numbers)}"
    numbers = count()
    try:
        yield Board(opened, clock, tenant)
    finally:
        await opened.aclose()
