"""A workspace on either database, integrations in it, and results as recorders write them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.ids import CountingIds
from engine.incidents.turning import turn
from engine.settings import Settings
from engine.workspace import Workspace
from storage.health import CheckRow, HealthDriver
from storage.incidents import IncidentsDriver
from storage.integrations import IntegrationRow, IntegrationsDriver
from storage.sources import SourceRow, SourcesDriver
from storage.tenants import TenantsDriver
from tests.emptying import emptying
from tests.engine.conftest import NOON
from tests.servers.schemas import migrated_schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from engine.clock import FixedClock
    from storage.incidents import IncidentEventRow, IncidentRow

MINUTE = timedelta(minutes=1)
WORDS = {"f": "failing", "d": "degraded", "h": "healthy", "u": "unknown"}


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with migrated_schema() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = f"sqlite:///{tmp_path / 'lampboard.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("server")
    return Settings(database=url, operator="olga")


@pytest.fixture
async def workspace(settings: Settings, clock: FixedClock) -> AsyncIterator[Workspace]:
    opened = Workspace.open(settings, clock=clock, ids=CountingIds())
    try:
        with opened.database.write() as connection:
            if opened.database.dialect != "sqlite":
                for statement in emptying():
                    connection.exec_driver_sql(statement)
            for name in ("acme", "other"):
                TenantsDriver(connection).ensure(name, name.title(), NOON)
        yield opened
    finally:
        await opened.aclose()


@dataclass
class Board:
    """Things to be checked, and what their checks came to, a minute after each other."""

    workspace: Workspace
    at: dict[int, datetime] = field(default_factory=dict)

    def add(
        self, name: str, provider: str = "openai", *, tenant: str = "acme", active: bool = True
    ) -> int:
        """Add an integration; give its target's number."""
        row = IntegrationRow(
            id=f"{tenant}-{name}",
            tenant_id=tenant,
            name=name,
            provider_type=provider,
            status="enabled",
            created_at=NOON,
        )
        with self.workspace.database.write() as connection:
            return IntegrationsDriver(connection).insert(
                row, active=active, interval_s=60, due_at=NOON if active else None
            )

    def add_source(self, name: str, **more: object) -> int:
        """Add a source likewise."""
        row = SourceRow(
            id=f"id-{name}",
            tenant_id="acme",
            name=name,
            type="database",
            technology="postgresql",
            status="active",
            created_at=NOON,
            **more,  # type: ignore[arg-type]
        )
        with self.workspace.database.write() as connection:
            return SourcesDriver(connection).insert(row, active=True, interval_s=60, due_at=NOON)

    def checked(self, number: int, states: str, error: str | None = "http_503") -> None:
        """Record one result after the other, each in a transaction of its own."""
        for letter in states:
            self.together({number: letter}, error=error)

    def together(self, states: dict[int, str], error: str | None = "http_503") -> None:
        """Record results of several targets, one or more each, in one transaction."""
        rows = [row for number, word in states.items() for row in self._rows(number, word, error)]
        with self.workspace.database.write() as connection:
            turn(connection, HealthDriver(connection).record(rows).turned)

    def _rows(self, number: int, states: str, error: str | None) -> Iterator[CheckRow]:
        for letter in states:
            self.at[number] = self.at.get(number, NOON) + MINUTE
            bad = letter in "fd"
            yield CheckRow(
                target_number=number,
                checked_at=self.at[number],
                state=WORDS[letter],
                error=error if bad else None,
                message=f"told: {error}" if bad else None,
            )

    def all(self) -> list[IncidentRow]:
        """Give every incident, open or closed, oldest first."""
        with self.workspace.database.read() as connection:
            page = IncidentsDriver(connection).page("acme", closed=None, sort="opened")
        return sorted(page.rows, key=lambda row: row.number)

    def one(self) -> IncidentRow:
        """Give the only one that there is."""
        (row,) = self.all()
        return row

    def events(self, number: int) -> Sequence[IncidentEventRow]:
        """Give what happened to an incident."""
        with self.workspace.database.read() as connection:
            return IncidentsDriver(connection).events(number)

    def told(self, number: int) -> list[str]:
        """Give the words of that."""
        return [event.what for event in self.events(number)]

    def members(self, number: int) -> set[str]:
        """Give the names of the targets that an incident is about now."""
        with self.workspace.database.read() as connection:
            return {one.name for one in IncidentsDriver(connection).in_it(number)}


@pytest.fixture
def board(workspace: Workspace) -> Board:
    return Board(workspace)
