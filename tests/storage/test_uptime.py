"""Uptime is what single checks say, however much of it was rolled up into hours and days."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from storage.health import CheckRow, HealthDriver
from storage.tables import check_days, check_hours, checks

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database

NOW = datetime(2026, 11, 21, 12, 40, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WINDOWS = (HOUR, 24 * HOUR, 7 * DAY, 30 * DAY)


def fill(database: Database, number: int, days: int) -> list[CheckRow]:
    """Records a check each 40 minutes of so many days, rolling up and pruning as time goes by."""
    chance = random.Random(7)  # noqa: S311
    at, rows = NOW - days * DAY, []
    while at <= NOW:
        batch = []
        for _ in range(30):
            state = chance.choice(["healthy", "healthy", "degraded", "failing", "unknown"])
            latency = float(chance.randrange(900))
            row = CheckRow(target_number=number, checked_at=at, state=state, latency_ms=latency)
            batch += [row] if at <= NOW else []
            at += timedelta(minutes=40)
        rows += batch
        with database.write() as connection:
            driver = HealthDriver(connection)
            driver.record(batch)
            driver.roll_up(batch[-1].checked_at)
            driver.prune(batch[-1].checked_at)
    # What came to nothing counts nowhere.
    return [row for row in rows if row.state != "unknown"]


def begin_of(window: timedelta, now: datetime) -> datetime:
    begin = (now - window).replace(minute=0)
    return begin if window <= DAY else begin.replace(hour=0)


def test_uptime_is_that_of_the_single_checks(database: Database, add: Callable[..., int]) -> None:
    number, other = add("gpt"), add("never")
    rows = fill(database, number, 33)
    with database.read() as connection:
        driver = HealthDriver(connection)
        assert connection.execute(select(func.count()).select_from(check_days)).scalar_one() == 33
        kept = connection.execute(select(func.min(checks.c.checked_at))).scalar_one()
        assert kept > NOW - 4 * DAY, "most single checks are gone"
        found = driver.uptime([number, other], WINDOWS, NOW)
    for row in found[number]:
        within = [one for one in rows if one.checked_at >= begin_of(row.window, NOW)]
        failures = [one for one in within if one.state == "failing"]
        assert (row.count, row.failures) == (len(within), len(failures)), row.window
    assert [row.share for row in found[other]] == [None] * len(WINDOWS)


@pytest.mark.parametrize("days_ago", [0, 4])
def test_uptime_up_to_a_time_knows_nothing_of_later(
    database: Database, add: Callable[..., int], days_ago: int
) -> None:
    number = add("gpt")
    rows = fill(database, number, 9)
    at = (NOW - days_ago * DAY).replace(minute=10)
    # What is over for longer than single checks are kept is known to the hour.
    until = at if days_ago < 2 else at.replace(minute=0)
    with database.read() as connection:
        found = HealthDriver(connection).uptime([number], WINDOWS[1:2], at)[number]
    for row in found:
        within = [one for one in rows if begin_of(row.window, at) <= one.checked_at < until]
        failures = [one for one in within if one.state == "failing"]
        assert (row.count, row.failures) == (len(within), len(failures))


def test_days_are_made_once_and_forgotten(database: Database, add: Callable[..., int]) -> None:
    number = add("gpt")
    fill(database, number, 4)
    with database.write() as connection:
        driver = HealthDriver(connection)
        days = connection.execute(select(check_days).order_by(check_days.c.day)).all()
        first_full = days[1]
        assert first_full.day.hour == 0
        of_day = check_hours.c.hour.between(first_full.day, first_full.day + DAY - HOUR)
        sums = select(
            func.sum(check_hours.c.count),
            func.sum(check_hours.c.failures),
            func.sum(check_hours.c.degraded),
            func.max(check_hours.c.p95_ms),
        ).where(of_day)
        assert tuple(connection.execute(sums).one()) == tuple(first_full)[2:]
        driver.roll_up(NOW + HOUR)
        assert connection.execute(select(check_days).order_by(check_days.c.day)).all() == days
        driver.prune(NOW + 401 * DAY)
        assert connection.execute(select(func.count()).select_from(check_days)).scalar_one() == 0
