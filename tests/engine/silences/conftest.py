"""A workspace on either database, with a tenant and things in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.ids import CountingIds
from engine.settings import Settings
from engine.workspace import Workspace
from tests.emptying import emptying
from tests.servers.schemas import migrated_schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from engine.clock import FixedClock


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
        if opened.database.dialect != "sqlite":
            with opened.database.write() as connection:
                for statement in emptying():
                    connection.exec_driver_sql(statement)
        await opened.tenants.ensure("acme")
        yield opened
    finally:
        await opened.aclose()
