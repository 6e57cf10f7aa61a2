"""What a check leaves beside the lamp: how often it passed or failed, and another status."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage import revisions
from storage.filters import Term
from storage.health import CheckRow, HealthDriver
from storage.sources import SourcesDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database
    from storage.sources import SourceListRow

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
STATUSES = {
    ("source", "active", "failing"): "error",
    ("source", "error", "healthy"): "active",
}


def record(database: Database, *rows: CheckRow) -> None:
    with database.write() as connection:
        HealthDriver(connection).record(rows, statuses=STATUSES)


def source(database: Database, name: str = "a") -> SourceListRow:
    with database.read() as connection:
        found = SourcesDriver(connection).get("acme", name)
    assert found is not None
    return found


def result(number: int, state: str, second: int, message: str | None = None) -> CheckRow:
    return CheckRow(
        target_number=number,
        checked_at=NOW + second * SECOND,
        state=state,
        message=message,
        error="refused" if state == "failing" else None,
    )


def test_checks_are_counted_and_the_last_failure_remembered(
    database: Database, add_source: Callable[..., int]
) -> None:
    number = add_source("a")
    record(database, result(number, "unknown", 0))
    found = source(database)
    assert (found.passes, found.failures, found.passed_at) == (0, 0, None)
    record(database, result(number, "healthy", 1), result(number, "degraded", 2))
    record(database, result(number, "failing", 3, "no way in"), result(number, "unknown", 4))
    found = source(database)
    assert (found.passes, found.failures, found.last_error) == (2, 1, "no way in")
    assert found.passed_at == NOW + 2 * SECOND
    record(database, result(number, "failing", 5))
    assert source(database).last_error == "refused"


def test_a_result_that_comes_late_or_twice_counts_no_more(
    database: Database, add_source: Callable[..., int]
) -> None:
    number = add_source("a")
    record(database, result(number, "healthy", 5))
    record(database, result(number, "healthy", 5))
    record(database, result(number, "failing", 1))
    found = source(database)
    assert (found.passes, found.failures, found.status) == (1, 0, "active")


def test_a_status_follows_the_state_as_it_is_told_to(
    database: Database, add_source: Callable[..., int]
) -> None:
    number, other = add_source("a"), add_source("b", status="pending")
    record(database, result(number, "failing", 1), result(other, "failing", 1))
    assert (source(database).status, source(database, "b").status) == ("error", "pending")
    with database.read() as connection:
        driver = SourcesDriver(connection)
        assert driver.count("acme", status="error") == 1
        assert driver.count("acme", terms=[Term(value=" error")]) == 1
    record(database, result(number, "unknown", 2))
    assert source(database).status == "error"
    record(database, result(number, "healthy", 3))
    assert (source(database).status, source(database).version) == ("active", 1)


def test_one_batch_can_change_a_status_to_and_fro(
    database: Database, add_source: Callable[..., int]
) -> None:
    number = add_source("a")
    record(database, result(number, "failing", 1), result(number, "healthy", 2))
    assert source(database).status == "active"


def test_a_status_that_alone_changes_is_written_too(
    database: Database, add_source: Callable[..., int]
) -> None:
    number = add_source("a", status="pending")
    record(database, result(number, "failing", 1))
    with database.write() as connection:
        SourcesDriver(connection).update("acme", "a", {"status": "active"})
    record(database, result(number, "failing", 2))
    assert source(database).status == "error"


def test_lists_are_told_only_of_a_changed_status(
    database: Database, add_source: Callable[..., int]
) -> None:
    number = add_source("a")

    def raised(row: CheckRow) -> set[str]:
        with database.read() as connection:
            before = revisions.read(connection)
        record(database, row)
        with database.read() as connection:
            after = revisions.read(connection)
        return {name for name in after if after[name] != before[name]}

    assert raised(result(number, "healthy", 1)) == {"health"}
    assert raised(result(number, "failing", 2)) == {"health", "sources"}
