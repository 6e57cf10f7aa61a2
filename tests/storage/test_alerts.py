from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.alerts import PlanDriver, PlannedRow, SendingDriver
from storage.database import Database
from storage.errors import StorageError
from tests.servers.schemas import migrated_schema

from .conftest import NOW
from .test_forgetting import channel
from .test_incidents import draft, put

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with migrated_schema() as found:
        yield found


def rings(url: str) -> None:
    """Lets something ring, and waits for hardly any turn."""
    database = Database.open(url, busy_timeout_ms=100)
    try:
        with database.write() as connection:
            assert SendingDriver(connection).next_local(NOW) == NOW
    finally:
        database.close()


@pytest.mark.postgres
def test_what_rings_takes_turns_in_its_schema_alone(
    postgres: Database, migrated_postgres: str, url: str
) -> None:
    with postgres.write() as connection:
        SendingDriver(connection).next_local(NOW)
        rings(url)
        with pytest.raises(StorageError):
            rings(migrated_postgres)


def test_what_was_told_of_an_incident_says_how_bad_it_was_then(database: Database) -> None:
    there = channel(database, "hook")
    (row,) = put(database, draft("a", severity="warning", level=82.5))
    with database.write() as connection:
        driver = PlanDriver(connection)
        driver.plan(
            PlannedRow(
                tenant_id="acme",
                channel_id=there,
                incident_number=row.number,
                event=event,
                ordinal=0,
                due_at=NOW,
                created_at=NOW,
            )
            for event in ("opened", "worsened")
        )
        planned = {one.event: one for one in driver.told_of_open()}
        assert {one.gravity for one in planned.values()} == {0}
        SendingDriver(connection).saying({planned["opened"].id: row.gravity})
        SendingDriver(connection).saying({})
        told = {one.event: one.gravity for one in driver.told_of_open()}
        assert told == {"opened": 82.5, "worsened": 0}
        about = driver.about([row.number])[row.number]
    assert (about.gravity, about.worst, about.worsened, about.worsened_at) == (82.5, 82.5, 0, None)
