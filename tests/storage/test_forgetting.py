"""What was over long ago is forgotten, with all that hangs on it, and nothing else is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, insert, select, update

from storage.alerts import ChannelRow, ChannelsDriver
from storage.database import Database
from storage.forgetting import KEEP_INCIDENTS, forget
from storage.incidents import IncidentsDriver
from storage.silences import SilenceRow, SilencesDriver
from storage.tables import (
    alert_channels,
    alerts,
    incident_events,
    incident_members,
    incidents,
    silences,
)

from .conftest import NOW
from .test_incidents import draft, put

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection, Table

OLD = NOW - KEEP_INCIDENTS - timedelta(days=1)
KEPT = NOW - KEEP_INCIDENTS + timedelta(days=1)


def channel(database: Database, name: str, deleted_at: datetime | None = None) -> str:
    row = ChannelRow(
        id=name, tenant_id="acme", name=name, type="bell", credential_ref=None, per_hour=9,
        enabled=True, created_at=OLD,
    )  # fmt: skip
    with database.write() as connection:
        driver = ChannelsDriver(connection)
        driver.add(row)
        if deleted_at is not None:
            driver.delete(row, deleted_at)
    return name


def alert(connection: Connection, channel_id: str, number: int | None, **values: Any) -> None:
    told = {
        "tenant_id": "acme", "channel_id": channel_id, "incident_number": number,
        "event": "opened", "ordinal": 0, "state": "sent", "due_at": OLD, "created_at": OLD,
    }  # fmt: skip
    connection.execute(insert(alerts).values(told | values))


def left(database: Database, table: Table, name: str) -> list[Any]:
    with database.read() as connection:
        return sorted(connection.execute(select(table.c[name])).scalars())


def forgotten(database: Database, **how: int) -> bool:
    with database.write() as connection:
        return forget(connection, NOW, **how)


def test_what_closed_long_ago_goes_with_all_that_was_told_of_it(
    database: Database, add: Callable[..., int]
) -> None:
    target, there = add("gpt"), channel(database, "hook")
    gone, kept, still_open = (
        row.number for row in put(database, *(draft(key, opened_at=OLD) for key in "abc"))
    )
    with database.write() as connection:
        driver = IncidentsDriver(connection)
        for number, closed_at in ((gone, OLD), (kept, KEPT)):
            which = incidents.c.number == number
            connection.execute(update(incidents).where(which).values(closed_at=closed_at))
        for number in (gone, kept, still_open):
            driver.append_event(number, OLD, "noted")
            driver.join(number, [target], OLD)
            alert(connection, there, number)
            alert(connection, there, number, event="reminder", ordinal=1)
    assert forgotten(database) is False
    assert left(database, incidents, "number") == [kept, still_open]
    for table in (incident_events, incident_members):
        assert left(database, table, "incident_number") == [kept, still_open]
    # What is told again and again of one that is open is known for as long as that lasts.
    assert left(database, alerts, "incident_number") == [kept, kept, still_open, still_open]


def test_tests_silences_and_channels_that_are_over_go_too(database: Database) -> None:
    used, unused, late, there = (
        channel(database, "used", OLD),
        channel(database, "unused", OLD),
        channel(database, "late", KEPT),
        channel(database, "there"),
    )
    (number,) = (row.number for row in put(database, draft("a", opened_at=OLD)))
    times: dict[str, tuple[datetime | None, datetime | None]] = {
        "over": (OLD, None),
        "ended": (None, OLD),
        "ended early": (KEPT, OLD),
        "over of late": (KEPT, None),
        "ended of late": (None, KEPT),
        "for good": (None, None),
    }
    with database.write() as connection:
        alert(connection, used, number)
        alert(connection, there, None, event="test")
        alert(connection, there, None, event="test", created_at=KEPT)
        for name, (ends_at, ended_at) in times.items():
            row = SilenceRow(
                id=name, tenant_id="acme", schedule="once", starts_at=OLD, ends_at=ends_at,
                ended_at=ended_at, reason="r", created_at=OLD, created_by="ana",
            )  # fmt: skip
            SilencesDriver(connection).add(row)
    forgotten(database)
    assert left(database, silences, "id") == ["ended of late", "for good", "over of late"]
    assert left(database, alert_channels, "id") == [late, there, used]
    assert left(database, alerts, "created_at") == [OLD, KEPT]
    assert unused not in left(database, alert_channels, "id")


def test_it_goes_in_batches_the_oldest_first(database: Database) -> None:
    numbers = [row.number for row in put(database, *(draft(key) for key in "abcde"))]
    with database.write() as connection:
        for place, number in enumerate(numbers):
            closed = update(incidents).where(incidents.c.number == number)
            connection.execute(closed.values(closed_at=OLD - place * timedelta(days=1)))
    assert forgotten(database, most=2)
    assert left(database, incidents, "number") == numbers[:3]
    assert forgotten(database, most=2)
    assert not forgotten(database, most=2)
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(incidents)).scalar() == 0


@pytest.mark.postgres
def test_two_monitors_forget_different_ones(postgres: Database, migrated_postgres: str) -> None:
    ours = [draft(key, tenant_id=None) for key in "ab"]
    put(postgres, *ours)
    with postgres.write() as connection:
        connection.execute(update(incidents).values(closed_at=OLD))
    other = Database.open(migrated_postgres)
    try:
        with postgres.write() as connection:
            assert forget(connection, NOW, most=1)
            assert forgotten(other, most=1)
    finally:
        other.close()
    assert left(postgres, incidents, "number") == []
