"""Which gauges are to be reckoned: marked once, taken once, and marked again as time goes by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage.limits.gauges import GaugesDriver, Reckoned
from storage.limits.meters import MetersDriver
from storage.limits.stale import (
    any_stale,
    mark_all_stale,
    mark_lately,
    mark_stale,
    month_of,
    take_stale,
)
from storage.tables import usage_minutes
from storage.tenants import TenantsDriver
from storage.types import to_millis

if TYPE_CHECKING:
    from storage.database import Database

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NOVEMBER, OCTOBER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture
def numbers(database: Database) -> list[int]:
    """Seven providers with their gauges."""
    with database.write() as connection:
        driver = MetersDriver(connection)
        return [driver.ensure("acme", "provider", str(p), name="p", now=NOW) for p in range(7)]


def taken(database: Database, limit: int = 100) -> list[tuple[int, int]]:
    with database.write() as connection:
        return take_stale(connection, limit)


def test_a_mark_is_taken_once_however_often_it_was_made(
    database: Database, numbers: list[int]
) -> None:
    for period in (NOVEMBER, OCTOBER, NOVEMBER):
        with database.write() as connection:
            mark_stale(connection, [numbers[1], numbers[0], numbers[1]], period)
            assert any_stale(connection)
    first = taken(database, 3)
    marks = [(number, to_millis(at)) for number in numbers[:2] for at in (OCTOBER, NOVEMBER)]
    assert first == marks[:3]
    assert taken(database) == marks[3:]
    assert taken(database) == []
    with database.write() as connection:
        mark_stale(connection, [], NOVEMBER)
        assert not any_stale(connection)


def test_what_is_taken_comes_back_when_the_work_fails(
    database: Database, numbers: list[int]
) -> None:
    with database.write() as connection:
        mark_stale(connection, numbers, NOVEMBER)
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        assert take_stale(connection, 100)[0][0] / 0
    assert [number for number, _ in taken(database)] == numbers


@pytest.mark.postgres
def test_two_reckoners_pass_each_other_by(postgres: Database) -> None:
    with postgres.write() as connection:
        TenantsDriver(connection).ensure("acme", "acme", NOW)
        driver = MetersDriver(connection)
        found = [driver.ensure("acme", "provider", str(p), name="p", now=NOW) for p in range(5)]
        mark_stale(connection, found, NOVEMBER)
    with postgres.write() as first, postgres.write() as second:
        one = [number for number, _ in take_stale(first, 3)]
        other = [number for number, _ in take_stale(second, 3)]
    assert [*one, *other] == found


def reckoned(database: Database, numbers: list[int], at: datetime, state: str = "ok") -> None:
    found = [
        Reckoned(meter_number=number, measure="budget", state=state, used=1, percent=1.0, urgency=1)
        for number in numbers
    ]
    with database.write() as connection:
        GaugesDriver(connection).reckon(found, at)


def test_those_not_reckoned_since_are_marked_in_chunks(
    database: Database, numbers: list[int]
) -> None:
    reckoned(database, numbers[:6], NOW - timedelta(hours=1))
    reckoned(database, numbers[:1], NOW)
    reckoned(database, numbers[1:2], NOW - timedelta(hours=1), state="unmeasured")
    chunks: list[int | None] = [0]
    while (after := chunks[-1]) is not None:
        with database.write() as connection:
            chunks.append(mark_all_stale(connection, NOVEMBER, NOW, after=after, limit=2))
    assert [number for number, _ in taken(database)] == numbers[2:6]
    assert chunks[1:3] == [numbers[3], numbers[5]]
    with database.write() as connection:
        assert mark_all_stale(connection, NOVEMBER, NOW + timedelta(seconds=1)) is None
    assert [number for number, _ in taken(database)] == [numbers[0], *numbers[2:6]]


def test_only_those_with_a_limit(database: Database, numbers: list[int]) -> None:
    with database.write() as connection:
        MetersDriver(connection).set_limits(numbers[3], budget_limit_cents=1, now=NOW)
        take_stale(connection, 100)
    reckoned(database, numbers, NOW - timedelta(hours=1))
    with database.write() as connection:
        assert mark_all_stale(connection, NOVEMBER, NOW, limited=True) is None
    assert [number for number, _ in taken(database)] == [numbers[3]]


def test_rates_that_were_used_lately(database: Database, numbers: list[int]) -> None:
    with database.write() as connection:
        for number in numbers[2:4]:
            MetersDriver(connection).set_limits(number, rate_limit_rpm=1, now=NOW)
        take_stale(connection, 100)
        rows = [(100, numbers[1]), (100, numbers[2]), (101, numbers[2]), (102, numbers[3])]
        connection.execute(
            usage_minutes.insert(), [{"minute": m, "meter_number": n} for m, n in rows]
        )
        assert mark_lately(connection, NOVEMBER, range(100, 102)) == 1
    assert taken(database) == [(numbers[2], to_millis(NOVEMBER))]


def test_a_month_is_that_of_utc() -> None:
    east = datetime.fromisoformat("2026-12-01T05:00:00+09:00")
    assert month_of(east) == NOVEMBER
    assert month_of(NOVEMBER) == NOVEMBER
