from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage.health import CheckRow, HealthDriver, mend_clock
from storage.sources import SourcesDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database
    from storage.health import TargetRow

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
SECOND = timedelta(seconds=1)


def mend(database: Database, now: datetime = NOW) -> int:
    with database.write() as connection:
        return mend_clock(connection, now)


def target(database: Database, number: int) -> TargetRow:
    with database.read() as connection:
        found = HealthDriver(connection).target_by_number(number)
    assert found is not None
    return found


def light(
    database: Database, number: int, state: str, at: datetime, due: datetime, *, times: int = 1
) -> None:
    rows = [
        CheckRow(target_number=number, checked_at=at + i * SECOND, state=state, next_due_at=due)
        for i in range(times)
    ]
    with database.write() as connection:
        HealthDriver(connection).record(rows)


def test_a_lamp_from_the_future_is_lit_by_the_next_result(
    database: Database, add: Callable[..., int]
) -> None:
    number = add("gpt")
    light(database, number, "failing", LATER, LATER + 60 * SECOND)
    assert mend(database) >= 1
    mended = target(database, number)
    assert (mended.checked_at, mended.since) == (NOW, NOW)
    light(database, number, "healthy", NOW + SECOND, NOW + 61 * SECOND)
    assert target(database, number).state == "healthy"


def test_when_a_source_last_passed_is_not_ahead_of_the_clock(
    database: Database, add_source: Callable[..., int]
) -> None:
    light(database, add_source("a"), "healthy", LATER, LATER + 60 * SECOND)
    mend(database)
    with database.read() as connection:
        found = SourcesDriver(connection).get("acme", "a")
    assert found is not None
    assert found.passed_at == NOW


def test_plans_in_the_future_come_back_spread_over_their_interval(
    database: Database, add: Callable[..., int]
) -> None:
    numbers = [add(f"gpt{i}") for i in range(10)]
    for number in numbers:
        light(database, number, "healthy", NOW, LATER)
    mend(database)
    plans = [target(database, number).due_at for number in numbers]
    assert all(plan is not None and NOW <= plan < NOW + 60 * SECOND for plan in plans)
    assert len(set(plans)) == 10


@pytest.mark.parametrize(
    ("times", "ahead_s", "kept"), [(1, 66, True), (1, 75, False), (5, 640, True), (5, 700, False)]
)
def test_a_plan_that_the_schedule_can_make_stays(
    database: Database, add: Callable[..., int], times: int, ahead_s: int, *, kept: bool
) -> None:
    number = add("gpt")
    due = NOW + ahead_s * SECOND
    light(database, number, "failing", NOW - 60 * SECOND, due, times=times)
    mend(database)
    assert (target(database, number).due_at == due) is kept


def test_a_provider_that_wants_rest_keeps_it(database: Database, add: Callable[..., int]) -> None:
    number = add("gpt")
    with database.write() as connection:
        assert HealthDriver(connection).reschedule(number, LATER, retry_at=LATER)
    assert mend(database) == 0
    assert target(database, number).due_at == LATER


def test_a_lease_that_would_outlive_its_holder_ends(
    database: Database, add: Callable[..., int]
) -> None:
    number, fresh = add("gpt"), add("claude")
    with database.write() as connection:
        driver = HealthDriver(connection)
        assert driver.claim_one(number, "dead", LATER, 30)
        assert driver.claim_one(fresh, "alive", NOW, 30)
    mend(database)
    assert target(database, number).lease_owner is None
    assert target(database, fresh).lease_owner == "alive"


def test_where_no_clock_was_set_nothing_changes(
    database: Database, add: Callable[..., int]
) -> None:
    light(database, add("gpt"), "healthy", NOW, NOW + 63 * SECOND)
    assert mend(database) == 0
