"""Holding and giving back: exact, once, and in the day and minute it was held in."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.limits.holding import Reservation, hold
from storage.limits.meters import MetersDriver
from storage.limits.reservations import any_expired, expire, settle
from storage.limits.rows import MAX_TTL_S
from storage.limits.standing import integration_of, limited, lock_meters, used_of
from storage.tenants import TenantsDriver
from storage.types import DAY_MS, MINUTE_MS, to_millis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from storage.database import Database

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
AT = to_millis(NOW)


def reservation(name: str, *meters: int, **values: int) -> Reservation:
    given = {"tokens": 5, "cost_nanos": 7, "at": AT, "expires_at": AT + 300_000, **values}
    return Reservation(
        id=name,
        tenant_id="acme",
        meters=meters,
        **given,
    )


def keep(database: Database, *rows: Reservation) -> None:
    with database.write() as connection:
        hold(connection, rows)


def held(database: Database) -> dict[tuple[str, int, int], tuple[int, ...]]:
    """What is held anywhere: by day or minute, number, meter."""
    days = "SELECT day, meter_number, held_tokens, held_nanos FROM usage_days"
    minutes = "SELECT minute, meter_number, held_calls FROM usage_minutes"
    found: dict[tuple[str, int, int], tuple[int, ...]] = {}
    with database.read() as connection:
        for day, meter, *amounts in connection.exec_driver_sql(days):
            found["day", day, meter] = tuple(amounts)
        for minute, meter, calls in connection.exec_driver_sql(minutes):
            found["minute", minute, meter] = (calls,)
    return {key: amounts for key, amounts in found.items() if any(amounts)}


def open_ones(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.exec_driver_sql("SELECT id FROM reservations ORDER BY id").scalars())


def test_what_is_held_is_beside_what_is_used(database: Database) -> None:
    keep(database, reservation("a", 3, 4), reservation("b", 4, cost_nanos=0), reservation("c", 4))
    day, minute = AT // DAY_MS, AT // MINUTE_MS
    assert held(database) == {
        ("day", day, 3): (5, 7),
        ("day", day, 4): (15, 14),
        ("minute", minute, 3): (1,),
        ("minute", minute, 4): (3,),
    }
    with database.read() as connection:
        found = used_of(connection, [3, 4, 5], days=range(day, day + 1), minute=minute)
        other = used_of(connection, [3], days=range(day + 1, day + 31), minute=minute + 1)
    assert (found[3].held_tokens, found[3].held_nanos, found[3].held_calls) == (5, 7, 1)
    assert (found[4].held_tokens, found[4].held_calls) == (15, 3)
    assert set(found[5]) == set(other[3]) == {0}


def test_a_call_that_asks_for_nothing_is_a_call(database: Database) -> None:
    keep(database, reservation("a", 3, tokens=0, cost_nanos=0))
    assert held(database) == {("minute", AT // MINUTE_MS, 3): (1,)}
    keep(database)
    assert open_ones(database) == ["a"]


def test_settled_once_where_it_was_held(database: Database) -> None:
    keep(database, reservation("a", 3, 4), reservation("b", 3, at=AT + DAY_MS, tokens=9))
    with database.write() as connection:
        assert settle(connection, ["a", "a", "never"], also=[1, 2]) == 1
    assert held(database) == {
        ("day", AT // DAY_MS + 1, 3): (9, 7),
        ("minute", (AT + DAY_MS) // MINUTE_MS, 3): (1,),
    }
    with database.write() as connection:
        assert settle(connection, ["a"]) == settle(connection, []) == 0
        assert settle(connection, ["b"], tenant_id="other") == 0
        assert settle(connection, ["b"], tenant_id="acme") == 1
    assert held(database) == {}
    assert open_ones(database) == []


def test_what_fails_gives_nothing_back(database: Database) -> None:
    keep(database, reservation("a", 3))
    before = held(database)
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        assert settle(connection, ["a"]) / 0
    assert held(database) == before
    assert open_ones(database) == ["a"]


def test_expired_at_its_time_and_when_the_clock_was_set_back(database: Database) -> None:
    late = AT + (MAX_TTL_S + 61) * 1000
    keep(
        database,
        reservation("due", 3, expires_at=AT),
        reservation("open", 3, expires_at=AT + 1),
        reservation("ahead", 3, at=late, expires_at=late),
    )
    with database.write() as connection:
        assert any_expired(connection, NOW)
        assert expire(connection, NOW, limit=1) == 1
        assert expire(connection, NOW) == 1
        assert expire(connection, NOW) == 0
        assert not any_expired(connection, NOW)
    assert open_ones(database) == ["open"]
    assert list(held(database).values()) == [(5, 7), (1,)]


def test_minutes_that_were_forgotten_do_not_come_back(database: Database) -> None:
    keep(database, reservation("a", 3))
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM usage_minutes")
        assert expire(connection, NOW + timedelta(hours=3)) == 1
    assert held(database) == {}


def test_limits_are_found_by_what_a_call_counts_for(
    database: Database, add: Callable[..., int]
) -> None:
    add("Straße", token_limit_month=4, budget_limit_cents=3)
    with database.write() as connection:
        driver = MetersDriver(connection)
        driver.ensure("acme", "provider", "openai", name="openai", now=NOW)
        model = driver.ensure("acme", "model", "m", name="m", now=NOW)
        driver.set_limits(model, rate_limit_rpm=2, warning_levels=[10, 20.5], now=NOW)
        other = driver.ensure("other", "model", "m", name="m", now=NOW)
        driver.set_limits(other, rate_limit_rpm=2, now=NOW)
    with database.write() as connection:
        by_name = integration_of(connection, "acme", "STRASSE")
        assert by_name == integration_of(connection, "acme", "id-acme-Straße")
        assert integration_of(connection, "other", "id-acme-Straße") is None
        assert by_name is not None
        subjects = {"integration": by_name.integration_id, "provider": "openai", "model": "m"}
        numbers = limited(connection, "acme", subjects)
        found = lock_meters(connection, numbers)
        assert not limited(connection, "acme", {})
        assert not lock_meters(connection, [])
    assert [(one.scope, one.budget, one.tokens, one.rate) for one in found] == [
        ("integration", 30_000_000, 4, 0),
        ("model", 0, 0, 2),
    ]
    assert [one.warning_levels for one in found] == [None, (10, 20.5)]


def test_an_id_goes_before_a_name(database: Database, add: Callable[..., int]) -> None:
    add("b")
    add("id-acme-b")
    with database.read() as connection:
        found = integration_of(connection, "acme", "id-acme-b")
    assert found is not None
    assert found.integration_id == "id-acme-b"


RESERVED = st.tuples(
    st.sets(st.integers(1, 4), min_size=1, max_size=3),
    st.integers(0, 2**40),
    st.integers(0, 2**40),
    st.integers(AT, AT + 3 * DAY_MS),
)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(RESERVED, max_size=8), st.data())
def test_in_any_order_and_split_all_comes_back(
    sqlite: Database, given: Sequence[tuple[set[int], int, int, int]], data: st.DataObject
) -> None:
    rows = [
        reservation(str(n), *sorted(meters), tokens=tokens, cost_nanos=nanos, at=at)
        for n, (meters, tokens, nanos, at) in enumerate(given)
    ]
    with sqlite.write() as connection:
        for table in ("reservations", "usage_days", "usage_minutes"):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608
    keep(sqlite, *rows)
    expected: Counter[int] = Counter()
    for row in rows:
        expected.update(dict.fromkeys(row.meters, row.tokens))
    told: Counter[int] = Counter()
    for (kind, _, meter), amounts in held(sqlite).items():
        told[meter] += amounts[0] if kind == "day" else 0
    assert +told == +expected
    ids = data.draw(st.permutations([row.id for row in rows]))
    cut = data.draw(st.integers(0, len(ids)))
    for part in (ids[:cut], ids[max(0, cut - 1) :]):
        with sqlite.write() as connection:
            settle(connection, part)
    assert held(sqlite) == {}
    assert open_ones(sqlite) == []


@pytest.mark.postgres
def test_writers_that_cross_wait_for_each_other_and_not_in_a_circle(postgres: Database) -> None:
    """Reserving, settling and adding usage of the same meters in opposite orders, at once."""
    with postgres.write() as connection:
        TenantsDriver(connection).ensure("acme", "acme", NOW)
        driver = MetersDriver(connection)
        made = [driver.ensure("acme", "model", str(n), name="m", now=NOW) for n in range(4)]
    failed: list[BaseException] = []

    def work(which: int) -> None:
        order = made if which % 2 else made[::-1]
        try:
            for turn in range(25):
                names = [f"{which}-{turn}-{n}" for n in range(4)]
                with postgres.write() as connection:
                    lock_meters(connection, order)
                    hold(connection, [reservation(n, *order) for n in names])
                with postgres.write() as connection:
                    settle(connection, names[::-1] if which % 2 else names, also=order[:2])
        except BaseException as error:  # noqa: BLE001  (told by the test itself)
            failed.append(error)

    threads = [threading.Thread(target=work, args=(which,)) for which in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    assert held(postgres) == {}
