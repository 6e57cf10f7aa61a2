from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage import paging
from storage.filters import Term
from storage.health import CheckRow, HealthDriver, MonitorRow
from storage.integrations import IntegrationsDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database
    from storage.health import RecordedRow, TargetRow

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def check(number: int, state: str = "healthy", *, at: datetime = NOW, **values: object) -> CheckRow:
    return CheckRow(target_number=number, checked_at=at, state=state, **values)  # type: ignore[arg-type]


def record(database: Database, *rows: CheckRow, owner: str | None = None) -> RecordedRow:
    with database.write() as connection:
        return HealthDriver(connection).record(rows, owner=owner)


def target(database: Database, number: int) -> TargetRow:
    with database.read() as connection:
        found = HealthDriver(connection).target_by_number(number)
    assert found is not None
    return found


def test_a_result_lights_the_lamp_and_is_kept(database: Database, add: Callable[..., int]) -> None:
    number = add("gpt")
    row = check(
        number,
        "failing",
        error="auth_failed",
        message="401 \ud800",
        remedy="Rotate the key.",
        stage="response",
        latency_ms=12.5,
        status_code=401,
        loop_lag_ms=0.2,
        stages="[]",
        next_due_at=NOW + 2 * MINUTE,
        retry_at=NOW + MINUTE,
    )
    done = record(database, row)
    assert (done.written, done.skipped, done.transitions) == (1, 0, 1)
    lamp = target(database, number)
    assert (lamp.state, lamp.error, lamp.message) == ("failing", "auth_failed", "401 ?")
    assert (lamp.remedy, lamp.latency_ms, lamp.status_code) == ("Rotate the key.", 12.5, 401)
    assert (lamp.checked_at, lamp.since, lamp.failures_in_row) == (NOW, NOW, 1)
    assert (lamp.due_at, lamp.retry_at) == (NOW + 2 * MINUTE, NOW + MINUTE)
    with database.read() as connection:
        driver = HealthDriver(connection)
        (kept,) = driver.history(number)
        (change,) = driver.transitions("acme")
        assert driver.transitions("other") == []
        assert driver.transitions(None, target_number=number) == [change]
    assert (kept.state, kept.message, kept.stages, kept.loop_lag_ms) == (
        "failing",
        "401 ?",
        "[]",
        0.2,
    )
    assert (change.from_state, change.to_state, change.error) == (
        "unknown",
        "failing",
        "auth_failed",
    )
    assert (change.name, change.at) == ("gpt", NOW)


def test_an_older_result_never_overwrites_a_newer_lamp(
    database: Database, add: Callable[..., int]
) -> None:
    number = add("gpt")
    record(database, check(number, "healthy", at=NOW + MINUTE))
    done = record(database, check(number, "failing", at=NOW, error="late"))
    assert (done.written, done.transitions) == (1, 0)
    lamp = target(database, number)
    assert (lamp.state, lamp.error, lamp.checked_at) == ("healthy", None, NOW + MINUTE)
    with database.read() as connection:
        kept = HealthDriver(connection).history(number)
    assert [row.state for row in kept] == ["failing", "healthy"]


def test_one_batch_may_hold_several_results_of_a_target(
    database: Database, add: Callable[..., int]
) -> None:
    number = add("gpt")
    done = record(
        database,
        check(number, "failing", at=NOW + 2 * MINUTE),
        check(number, "failing", at=NOW + MINUTE),
        check(number, "healthy", at=NOW),
        check(999_999, "healthy"),
    )
    assert (done.written, done.skipped, done.transitions) == (3, 1, 2)
    lamp = target(database, number)
    assert (lamp.state, lamp.since, lamp.failures_in_row) == ("failing", NOW + MINUTE, 2)


def test_a_result_written_twice_is_there_once(database: Database, add: Callable[..., int]) -> None:
    number = add("gpt")
    record(database, check(number))
    record(database, check(number))
    with database.read() as connection:
        assert len(HealthDriver(connection).history(number)) == 1
        assert len(HealthDriver(connection).transitions("acme")) == 1


def test_without_a_plan_the_next_check_is_one_interval_on(
    database: Database, add: Callable[..., int]
) -> None:
    number = add("gpt")
    record(database, check(number, at=NOW + MINUTE))
    assert target(database, number).due_at == NOW + 2 * MINUTE
    record(database, check(number, at=NOW + MINUTE + timedelta(seconds=5)))
    assert target(database, number).due_at == NOW + 2 * MINUTE


def test_an_inactive_target_stays_unplanned(database: Database, add: Callable[..., int]) -> None:
    number = add("gpt", active=False)
    record(database, check(number, next_due_at=NOW + MINUTE))
    assert target(database, number).due_at is None


def test_a_retired_target_takes_no_results(database: Database, add: Callable[..., int]) -> None:
    number = add("gpt")
    with database.write() as connection:
        IntegrationsDriver(connection).soft_delete("acme", "id-acme-gpt", at=NOW)
    assert record(database, check(number)).skipped == 1
    with database.write() as connection:
        driver = HealthDriver(connection)
        assert driver.claim_due(NOW + MINUTE, "m", 30, 10) == []
        assert driver.lamps("acme", limit=10).rows == ()
        assert driver.counts("acme")["unknown"] == 0


def test_claims_are_exclusive_until_they_end(database: Database, add: Callable[..., int]) -> None:
    numbers = [add(f"n{place}") for place in range(3)]
    with database.write() as connection:
        driver = HealthDriver(connection)
        first = driver.claim_due(NOW, "a", 30, 2)
        assert len(first) == 2
        assert {row.lease_owner for row in first} == {"a"}
        assert len(driver.claim_due(NOW, "b", 30, 5)) == 1
        assert driver.claim_due(NOW, "c", 30, 5) == []
        assert driver.claim_one(numbers[0], "c", NOW, 30) is False
        assert driver.claim_one(numbers[0], first[0].lease_owner or "", NOW, 30) is True
        later = NOW + timedelta(seconds=31)
        assert len(driver.claim_due(later, "c", 30, 5)) == 3
        assert driver.release("a") == 0
        assert driver.release("c", numbers[:1]) == 1
        assert driver.release("c") == 2


def test_recording_ends_only_the_owners_lease(database: Database, add: Callable[..., int]) -> None:
    number = add("gpt")
    with database.write() as connection:
        assert HealthDriver(connection).claim_one(number, "monitor", NOW, 30)
    lost = record(database, check(number, "failing", at=NOW), owner="another")
    assert (lost.written, lost.skipped, lost.transitions) == (0, 1, 0), "it is not its to tell"
    assert target(database, number).checked_at is None
    record(database, check(number, at=NOW))
    assert target(database, number).lease_owner == "monitor", "a check on demand takes nothing"
    record(database, check(number, at=NOW - MINUTE), owner="monitor")
    assert target(database, number).lease_owner is None
    again = record(database, check(number, "failing", at=NOW + MINUTE), owner="monitor")
    assert again.written == 0, "nor a second time"


def test_only_who_holds_a_target_puts_it_off(database: Database, add: Callable[..., int]) -> None:
    number = add("gpt")
    with database.write() as connection:
        driver = HealthDriver(connection)
        assert driver.claim_one(number, "monitor", NOW, 30)
        assert not driver.put_off("another", number, NOW + MINUTE)
        assert driver.put_off("monitor", number, NOW + MINUTE)
    assert target(database, number).due_at == NOW + MINUTE
    assert target(database, number).lease_owner is None


def test_what_is_due(database: Database, add: Callable[..., int]) -> None:
    with database.read() as connection:
        assert HealthDriver(connection).next_due() is None
    number = add("gpt")
    with database.write() as connection:
        driver = HealthDriver(connection)
        assert driver.next_due() == NOW
        assert driver.due_count(NOW - MINUTE) == 0
        assert driver.reschedule(number, NOW + MINUTE, forced_at=NOW)
        assert not driver.reschedule(number + 1, NOW)
        assert driver.next_due() == NOW + MINUTE
    assert target(database, number).forced_at == NOW
    record(database, check(number, at=NOW))
    assert target(database, number).forced_at is None


def test_lamps_come_worst_first(database: Database, add: Callable[..., int]) -> None:
    numbers = [add(name) for name in ("d", "c", "b", "a")]
    other = add("x", tenant="other")
    states = ["healthy", "unknown", "degraded", "failing"]
    record(database, *(check(n, s) for n, s in zip(numbers, states, strict=True)))
    record(database, check(other, "failing"))
    with database.read() as connection:
        driver = HealthDriver(connection)
        page = driver.lamps("acme", limit=10)
        assert [row.name for row in page.rows] == ["a", "b", "c", "d"]
        rest = driver.lamps("acme", limit=10, anchor=paging.after(page.keys[1]))
        assert [row.name for row in rest.rows] == ["c", "d"]
        everybody = driver.lamps(None, limit=2)
        assert [row.name for row in everybody.rows] == ["a", "x"]
        bad = driver.lamps(
            "acme", limit=10, terms=[Term(field="state", value="healthy", negated=True)]
        )
        assert [row.name for row in bad.rows] == ["a", "b", "c"]
        assert driver.counts("acme") == {"failing": 1, "degraded": 1, "unknown": 1, "healthy": 1}
        assert driver.counts(None)["failing"] == 2
        assert driver.counts(None, kind="source")["failing"] == 0
        assert driver.count("acme") == 4
        assert driver.stale_count("acme", before=NOW + MINUTE) == 4
        assert driver.stale_count("acme", before=NOW) == 0


def test_history_by_span_and_limit(database: Database, add: Callable[..., int]) -> None:
    number = add("gpt")
    record(database, *(check(number, at=NOW + place * MINUTE) for place in range(5)))
    with database.read() as connection:
        driver = HealthDriver(connection)
        times = [row.checked_at for row in driver.history(number, limit=2)]
        assert times == [NOW + 3 * MINUTE, NOW + 4 * MINUTE]
        span = driver.history(number, since=NOW + MINUTE, until=NOW + 2 * MINUTE)
        assert len(span) == 2


def test_transitions_page_backwards(database: Database, add: Callable[..., int]) -> None:
    number = add("gpt")
    for place, state in enumerate(["healthy", "failing", "healthy"]):
        record(database, check(number, state, at=NOW + place * MINUTE))
    with database.read() as connection:
        driver = HealthDriver(connection)
        newest, *_ = page = driver.transitions("acme", limit=2)
        assert [row.to_state for row in page] == ["healthy", "failing"]
        (oldest,) = driver.transitions("acme", before_id=page[-1].id)
        assert (oldest.from_state, oldest.to_state) == ("unknown", "healthy")
        assert newest.id > oldest.id


def test_hours_are_rolled_up_once_and_raw_checks_forgotten(
    database: Database, add: Callable[..., int]
) -> None:
    number = add("gpt")
    start = NOW - timedelta(hours=3)
    for place in range(100):
        state = "failing" if place < 10 else "degraded" if place < 15 else "healthy"
        at = start + timedelta(seconds=place * 36)
        record(database, check(number, state, at=at, latency_ms=float(place + 1)))
    record(database, check(number, "failing", at=NOW + MINUTE))
    with database.write() as connection:
        driver = HealthDriver(connection)
        assert driver.roll_up(NOW + timedelta(seconds=30)) == 1
        assert driver.roll_up(NOW + timedelta(seconds=90)) == 0
        (hour,) = driver.hours(number, since=start)
        assert (hour.hour, hour.count, hour.failures, hour.degraded) == (start, 100, 10, 5)
        assert (hour.p50_ms, hour.p95_ms, hour.max_ms) == (50.0, 95.0, 100.0)
        windows = [timedelta(hours=1), timedelta(hours=24)]
        short, long = driver.uptime([number], windows, NOW + 2 * MINUTE)[number]
        assert (short.count, short.share) == (1, 0.0)
        assert (long.count, long.failures) == (101, 11)
        assert driver.prune(NOW) == 0
        assert driver.prune(NOW + timedelta(hours=47)) == 100
        assert len(driver.history(number)) == 1
        assert driver.uptime([number], windows, NOW + 2 * MINUTE)[number][1].count == 101
        assert driver.prune(NOW + timedelta(days=401)) >= 3
        (last,) = driver.transitions("acme")
        assert last.at == NOW + MINUTE, "the last one says how it has stood since"


def test_nothing_is_forgotten_before_it_is_rolled_up(
    database: Database, add: Callable[..., int]
) -> None:
    number = add("gpt")
    record(database, check(number))
    with database.write() as connection:
        assert HealthDriver(connection).prune(NOW + timedelta(days=30)) == 0
        assert len(HealthDriver(connection).history(number)) == 1


def test_uptime_without_a_check_is_unknown(database: Database, add: Callable[..., int]) -> None:
    number = add("gpt")
    with database.read() as connection:
        (row,) = HealthDriver(connection).uptime([number], [timedelta(days=1)], NOW)[number]
    assert (row.count, row.share) == (0, None)


def test_monitors_beat(database: Database) -> None:
    row = MonitorRow(id="m", host="h", pid=7, started_at=NOW, beat_at=NOW, version="1")
    with database.write() as connection:
        driver = HealthDriver(connection)
        driver.beat(row)
        later = MonitorRow(
            id="m", host="h", pid=7, started_at=NOW, beat_at=NOW + MINUTE, checks_total=5
        )
        driver.beat(later)
        assert driver.monitors(NOW) == [later]
        assert driver.monitors(NOW + 2 * MINUTE) == []
        stopped = MonitorRow(
            id="m", host="h", pid=7, started_at=NOW, beat_at=NOW + MINUTE, stopped_at=NOW
        )
        driver.beat(stopped)
        assert driver.monitors(NOW) == []


def test_a_time_without_a_zone_is_refused(database: Database, add: Callable[..., int]) -> None:
    number = add("gpt")
    with pytest.raises(TypeError):
        record(database, check(number, at=NOW.replace(tzinfo=None)))
