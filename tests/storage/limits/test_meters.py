"""Meters: made once, limited with their gauges, in step with the integrations they are of."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from storage import revisions
from storage.errors import Conflict, StaleWrite
from storage.integrations import IntegrationRow, IntegrationsDriver
from storage.limits.gauges import GaugesDriver
from storage.limits.meters import MetersDriver
from storage.limits.rows import MAX_STORED, UNLIMITED, UNMEASURED, GaugeRow, MeterRow
from storage.limits.stale import take_stale
from storage.types import to_millis

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NOVEMBER = to_millis(datetime(2026, 11, 1, tzinfo=UTC))


def ensure(database: Database, scope: str, subject: str, tenant: str = "acme") -> int:
    with database.write() as connection:
        return MetersDriver(connection).ensure(tenant, scope, subject, name=subject, now=NOW)


def limit(database: Database, number: int, **limits: Any) -> MeterRow:
    with database.write() as connection:
        return MetersDriver(connection).set_limits(number, now=NOW, **limits)


def meter(database: Database, subject: str, scope: str = "integration") -> MeterRow:
    with database.read() as connection:
        found = MetersDriver(connection).get("acme", scope, subject)
    assert found is not None
    return found


def gauges(database: Database, number: int) -> dict[str, GaugeRow]:
    with database.read() as connection:
        return {row.measure: row for row in GaugesDriver(connection).of_meters([number])}


def stale(database: Database) -> list[tuple[int, int]]:
    with database.write() as connection:
        return take_stale(connection, 100)


@pytest.mark.parametrize(
    ("scope", "measures"),
    [("tenant", 3), ("provider", 3), ("integration", 3), ("model", 0), ("agent", 0)],
)
def test_a_meter_is_made_once_with_its_gauges(
    database: Database, scope: str, measures: int
) -> None:
    number = ensure(database, scope, "x")
    assert ensure(database, scope, "x") == number
    assert ensure(database, scope, "X") != number
    assert ensure(database, scope, "x", tenant="other") != number
    found = gauges(database, number)
    assert len(found) == measures
    assert {row.state for row in found.values()} <= {"unlimited"}


def test_two_who_make_it_at_once_get_the_same(database: Database) -> None:
    begun = threading.Barrier(2)

    def make(_which: int) -> list[int]:
        begun.wait(60)
        return [ensure(database, "provider", str(place)) for place in range(20)]

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(make, range(2))
    assert first == second
    with database.read() as connection:
        assert GaugesDriver(connection).count("acme", scope="provider") == 60


def test_limits_are_set_with_the_gauges_and_marked(database: Database) -> None:
    number = ensure(database, "model", "gpt-4o")
    row = limit(database, number, budget_limit_cents=1250, warning_levels=[50, 99.5])
    assert (row.budget_limit_cents, row.version, row.updated_at) == (1250, 2, NOW)
    assert row.warning_levels == (50.0, 99.5)
    assert row.limit("budget") == 12_500_000_000
    found = gauges(database, number)
    assert {name: row.limit_value for name, row in found.items()} == {
        "budget": 12_500_000_000,
        "tokens": 0,
        "rate": 0,
    }
    assert (found["budget"].state, found["budget"].urgency) == ("unmeasured", UNMEASURED)
    assert (found["rate"].state, found["rate"].urgency) == ("unlimited", UNLIMITED)
    assert stale(database) == [(number, NOVEMBER)]
    with database.read() as connection:
        assert revisions.read(connection)["limits"] == 1


def test_what_is_not_said_stays_and_no_levels_are_the_boards_own(database: Database) -> None:
    number = ensure(database, "tenant", "acme")
    limit(database, number, token_limit_month=10, rate_limit_rpm=5, warning_levels=[10])
    row = limit(database, number, token_limit_month=0)
    assert (row.token_limit_month, row.rate_limit_rpm, row.warning_levels) == (0, 5, (10,))
    assert limit(database, number, warning_levels=[]).warning_levels is None
    assert gauges(database, number)["tokens"].state == "unlimited"


def test_a_limit_past_what_a_column_holds_is_cut(database: Database) -> None:
    number = ensure(database, "tenant", "acme")
    limit(database, number, budget_limit_cents=MAX_STORED // 10)
    assert gauges(database, number)["budget"].limit_value == MAX_STORED


def test_an_edit_of_what_changed_meanwhile_is_refused(database: Database) -> None:
    number = ensure(database, "tenant", "acme")
    limit(database, number, rate_limit_rpm=5, expected_version=1)
    with pytest.raises(StaleWrite):
        limit(database, number, rate_limit_rpm=6, expected_version=1)
    assert meter(database, "acme", "tenant").rate_limit_rpm == 5


def test_meters_are_found_by_their_scope_and_by_number(database: Database) -> None:
    number = ensure(database, "model", "a")
    ensure(database, "agent", "d")
    with database.read() as connection:
        driver = MetersDriver(connection)
        assert driver.get("acme", "model", "d") is None
        assert driver.get("other", "model", "a") is None
        assert set(driver.get_many([number])) == {number}


def test_an_integration_has_its_meter_from_the_start(
    database: Database, add: Callable[..., int]
) -> None:
    add("Éa", budget_limit_cents=700, rate_limit_rpm=9)
    found = meter(database, "id-acme-Éa")
    assert (found.name, found.provider, found.created_at) == ("Éa", "openai", NOW)
    assert (found.budget_limit_cents, found.token_limit_month, found.rate_limit_rpm) == (700, 0, 9)
    rows = gauges(database, found.number)
    assert {name: row.state for name, row in rows.items()} == {
        "budget": "unmeasured",
        "tokens": "unlimited",
        "rate": "unmeasured",
    }


def test_many_integrations_have_theirs(database: Database) -> None:
    rows = [
        IntegrationRow(
            id=f"i{place}",
            tenant_id="acme" if place % 2 else "other",
            name=f"n{place}",
            provider_type="custom",
            status="enabled",
            created_at=NOW,
            token_limit_month=place,
        )
        for place in range(2_500)
    ]
    with database.write() as connection:
        IntegrationsDriver(connection).insert_many(rows, active=False, interval_s=60, due_at=NOW)
    with database.read() as connection:
        assert GaugesDriver(connection).count("acme") == GaugesDriver(connection).count("other")
        assert GaugesDriver(connection).count(None, measure="tokens") == 2_500
        found = MetersDriver(connection).get("acme", "integration", "i2499")
    assert found is not None
    assert gauges(database, found.number)["tokens"].limit_value == 2_499


def test_a_meter_follows_its_integration(database: Database, add: Callable[..., int]) -> None:
    add("a", budget_limit_cents=700)
    number = meter(database, "id-acme-a").number
    later = NOW + timedelta(days=40)
    changes = {"name": "Bé", "token_limit_month": 5, "budget_limit_cents": 0, "updated_at": later}
    with database.write() as connection:
        IntegrationsDriver(connection).update("acme", "id-acme-a", changes)
    found = meter(database, "id-acme-a")
    assert (found.name, found.token_limit_month, found.budget_limit_cents) == ("Bé", 5, 0)
    rows = gauges(database, number)
    assert {row.name for row in rows.values()} == {"Bé"}
    assert rows["tokens"].limit_value == 5
    assert (rows["budget"].state, rows["budget"].limit_value) == ("unlimited", 0)
    with database.read() as connection:
        found_by_name = GaugesDriver(connection).page("acme", sort="name").rows
    assert [row.name for row in found_by_name] == ["Bé"] * 3
    assert stale(database) == [(number, to_millis(datetime(2026, 12, 1, tzinfo=UTC)))]


def test_what_does_not_concern_a_meter_leaves_it_alone(
    database: Database, add: Callable[..., int]
) -> None:
    add("a")
    before = meter(database, "id-acme-a")
    with database.write() as connection:
        IntegrationsDriver(connection).update("acme", "id-acme-a", {"default_model": "m"})
        IntegrationsDriver(connection).update("acme", "missing", {"name": "m"})
    assert meter(database, "id-acme-a") == before
    assert stale(database) == []


def test_a_refused_change_leaves_a_meter_alone(database: Database, add: Callable[..., int]) -> None:
    add("a")
    add("b")
    with pytest.raises(Conflict), database.write() as connection:
        IntegrationsDriver(connection).update("acme", "id-acme-a", {"name": "B"})
    assert meter(database, "id-acme-a").name == "a"


def test_gauges_go_with_their_integration(database: Database, add: Callable[..., int]) -> None:
    for name in ("a", "b", "c"):
        add(name)
    add("d", tenant="other")
    with database.write() as connection:
        assert IntegrationsDriver(connection).soft_delete("acme", "id-acme-a", NOW)
        assert GaugesDriver(connection).count("acme") == 6
    assert meter(database, "id-acme-a").retired_at == NOW
    with database.write() as connection:
        IntegrationsDriver(connection).delete_all("acme", NOW)
        assert GaugesDriver(connection).count("acme") == 0
        assert GaugesDriver(connection).count("other") == 3
        IntegrationsDriver(connection).delete_all(None, NOW)
        assert GaugesDriver(connection).count(None) == 0
