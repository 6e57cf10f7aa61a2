"""A ledger on either database, on a clock that the test moves, and somebody who owns the file."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from engine.clock import FixedClock
from engine.ids import CountingIds
from engine.prevention import PreventionCandidate
from engine.settings import Settings
from engine.workspace import Workspace
from storage.tables.guards import TRIGGERS
from tests.emptying import emptying_ledgers
from tests.servers.schemas import migrated_schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from engine.prevention import Appended, PreventionFacade, PreventionRecord, Verification

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GOOD = PreventionCandidate(
    policy_id="no-raw-exports",
    pattern_id="bulk-read",
    tenant_id="acme",
    blocked_incident_id="inc-1",
    original_incident_id="inc-0",
    signature_match_confidence=0.93,
    policy_mode="active",
    pattern_signature="sha256:ab",
    request_signature="sha256:cd",
    incident_created=False,
)


@pytest.fixture(scope="session")
def ledger_schema() -> Iterator[str]:
    """The URL of a migrated schema of this worker's own, on a real PostgreSQL."""
    with migrated_schema() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the ledger is: each kind of database in its turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'lampboard.db'}"
    schema = str(request.getfixturevalue("ledger_schema"))
    import psycopg

    with psycopg.connect(schema) as connection:
        for statement in emptying_ledgers():
            connection.execute(statement)  # type: ignore[arg-type]
    return schema


@dataclass
class Ledger:
    """The ledger of acme, and what tests do with it and to it."""

    workspace: Workspace
    clock: FixedClock
    tenant: str = "acme"
    numbers: count[int] = field(default_factory=lambda: count(1))

    @property
    def facade(self) -> PreventionFacade:
        return self.workspace.prevention

    def candidate(self, **values: Any) -> PreventionCandidate:
        """A good candidate, a new one each time."""
        known = {"request_signature": f"request {next(self.numbers)}", "tenant_id": self.tenant}
        return replace(GOOD, **(known | values))

    async def write(self, many: int = 1, **values: Any) -> Appended:
        made = [self.candidate(**values) for _ in range(many)]
        return await self.facade.record_many(self.tenant, made)

    async def verify(self, **how: Any) -> Verification:
        return await self.facade.verify(self.tenant, **how)

    async def records(self) -> list[PreventionRecord]:
        return [one async for batch in self.facade.export(self.tenant) for one in batch]

    def unguard(self) -> None:
        """Takes the triggers away, as the owner of the database can."""
        dialect = self.workspace.database.dialect
        with self.workspace.database.write() as connection:
            for one in TRIGGERS[dialect]:
                on = "" if dialect == "sqlite" else f" ON {one.table}"
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {one.name}{on}")

    def guard(self) -> None:
        """Puts them back, so that nothing but the chain tells what was done meanwhile."""
        from storage.prevention.guards import mend

        with self.workspace.database.write() as connection:
            mend(connection)

    def tamper(self, *statements: str) -> None:
        """Runs statements with the triggers away."""
        self.unguard()
        with self.workspace.database.write() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        self.guard()


@pytest.fixture
async def ledger(url: str) -> AsyncIterator[Ledger]:
    clock = FixedClock(NOON)
    settings = Settings(database=url, operator="olga")
    opened = await asyncio.to_thread(Workspace.open, settings, clock=clock, ids=CountingIds())
    try:
        yield Ledger(opened, clock)
    finally:
        await opened.aclose()


@pytest.fixture
def on_sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'lampboard.db'}"
