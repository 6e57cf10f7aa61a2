"""References on both databases: states as SQL and Python see them, uses, accesses, two at once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.credentials.listing import AsOf, state_of
from storage.database import Database
from storage.filters import Term
from storage.integrations import IntegrationRow, IntegrationsDriver
from storage.paging import after, start
from storage.reference_lists import ORDERS, Moment
from storage.references import AskedRow, ReferencesDriver, day_of
from storage.tenants import TenantsDriver
from storage.types import to_millis
from storage.usage.driver import UsageDriver
from storage.usage.rows import FeedRow
from tests.storage.conftest import BUSY_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
AS_OF = AsOf(now=NOW, warning=timedelta(days=14))
MOMENT = Moment(now=to_millis(NOW), soon=to_millis(NOW + timedelta(days=14)))
STATES = ("expired", "unreadable", "expiring", "ok", "untested")


def asked(reference: str, **values: object) -> AskedRow:
    known: dict[str, object] = {
        "tenant_id": "acme",
        "reference": reference,
        "day": day_of(NOW),
        "count": 1,
        "last_at": NOW,
        "problem": None,
        "expires_at": None,
        **values,
    }
    return AskedRow(**known)  # type: ignore[arg-type]


def fill(database: Database) -> None:
    """One reference for each way to a state: expiry said, told, at the very moment, or never."""
    times = (None, -1, 0, 1, 14 * 86_400, 14 * 86_400 + 1)
    with database.write() as connection:
        driver = ReferencesDriver(connection)
        for place, (said, told, how) in enumerate(
            (said, told, how)
            for said in times
            for told in (None, -1, 1)
            for how in ("never", "well", "badly")
        ):
            reference = f"env://K{place:03}"
            driver.add("acme", reference, label=f"label {place % 7}", at=NOW)
            changes = {
                "said_expires_at": None if said is None else NOW + timedelta(seconds=said),
                "told_expires_at": None if told is None else NOW + timedelta(seconds=told),
            }
            driver.change("acme", reference, changes)
            if how != "never":
                driver.asked([asked(reference, problem="No." if how == "badly" else None)], "cli")


def test_sql_and_python_agree_on_every_state(database: Database) -> None:
    fill(database)
    with database.read() as connection:
        driver = ReferencesDriver(connection)
        rows = driver.page("acme", MOMENT, sort="name", limit=1000).rows
        assert len(rows) == 54
        expected: dict[str, set[str]] = {state: set() for state in STATES}
        for row in rows:
            expected[state_of(row, AS_OF)].add(row.reference)
        assert all(expected.values())
        for state in STATES:
            term = Term(field="state", value=state)
            found = driver.page("acme", MOMENT, terms=[term], limit=1000).rows
            assert {row.reference for row in found} == expected[state], state
            assert driver.count("acme", MOMENT, terms=[term]) == len(expected[state])
        counts = driver.states("acme", MOMENT)
        assert counts == {state: len(found) for state, found in expected.items()}
        ranks = [STATES.index(state_of(row, AS_OF)) for row in driver.page("acme", MOMENT).rows]
        assert ranks == sorted(ranks), "the worst comes first"
        assert driver.next_expiry("acme", MOMENT) == NOW + timedelta(seconds=1)
        assert driver.next_expiry(None, MOMENT) == NOW + timedelta(seconds=1)
        assert driver.next_expiry("other", MOMENT) is None


def test_pages_go_on_after_a_key(database: Database, add: Callable[..., int]) -> None:
    fill(database)
    for place in range(6):
        add(f"lamp {place}", credential_ref=f"env://K{place // 2 * 10:03}")
    with database.read() as connection:
        driver = ReferencesDriver(connection)
        for sort in ORDERS:
            for descending in (False, True):
                order = {"sort": sort, "descending": descending}
                whole = driver.page("acme", MOMENT, limit=1000, **order)  # type: ignore[arg-type]
                assert len(set(whole.keys)) == len(whole.rows) == 54
                parts, anchor = [], start()
                while page := driver.page("acme", MOMENT, anchor=anchor, limit=7, **order).rows:  # type: ignore[arg-type]
                    parts += page
                    anchor = after(whole.keys[len(parts) - 1])
                assert parts == list(whole.rows), order
        used = [row.used for row in driver.page("acme", MOMENT, sort="used", limit=1000).rows]
    assert sorted(used) == used
    assert sum(used) == 6


def test_what_is_pointed_to_is_there_until_the_last_one_lets_go(
    database: Database, add: Callable[..., int]
) -> None:
    add("one", credential_ref="env://SHARED")
    add("two", credential_ref="env://SHARED")
    add("three", credential_ref="encrypted://stored")
    with database.write() as connection:
        driver = ReferencesDriver(connection)
        row = driver.get("acme", "env://SHARED")
        assert row is not None
        assert (row.kind, row.used, row.registered) == ("env", 2, False)
        assert driver.get("acme", "encrypted://stored") is None, "its secret brings it"
        driver.asked([asked("env://SHARED", count=3)], "monitor")
    with database.write() as connection:
        # Let go and taken up again in one transaction: it is the same row after that.
        found = IntegrationsDriver(connection).get_by_name("acme", "one")
        assert found is not None
        IntegrationsDriver(connection).update("acme", found.id, {"credential_ref": "env://OTHER"})
        IntegrationsDriver(connection).update("acme", found.id, {"credential_ref": "env://SHARED"})
    with database.write() as connection:
        again = ReferencesDriver(connection).get("acme", "env://SHARED")
        assert again is not None
        assert (again.number, again.accesses) == (row.number, 3)
        assert ReferencesDriver(connection).get("acme", "env://OTHER") is None
        IntegrationsDriver(connection).delete_all("acme", NOW)
    with database.read() as connection:
        assert ReferencesDriver(connection).get("acme", "env://SHARED") is None


def test_what_was_undone_lets_go_of_nothing(database: Database, add: Callable[..., int]) -> None:
    add("one", credential_ref="env://KEPT")

    def undone() -> None:
        with database.write() as connection:
            IntegrationsDriver(connection).delete_all("acme", NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    add("two")
    with database.read() as connection:
        row = ReferencesDriver(connection).get("acme", "env://KEPT")
        assert row is not None
        assert row.used == 1


def test_a_feed_of_the_same_name_lets_go_of_its_own_tenants_alone(database: Database) -> None:
    with database.write() as connection:
        driver = UsageDriver(connection)
        for tenant in ("acme", "other"):
            row = FeedRow(
                tenant_id=tenant, name="file:usage", origin="file", credential_ref="env://KEY"
            )
            driver.put_feed(row)
            driver.point_feed(row, NOW)
    with database.write() as connection:
        UsageDriver(connection).drop_feed("acme", "file:usage")
    with database.read() as connection:
        references = ReferencesDriver(connection)
        assert references.get("acme", "env://KEY") is None
        assert references.get("other", "env://KEY") is not None


def test_accesses_add_up_by_day_and_origin(database: Database) -> None:
    with database.write() as connection:
        driver = ReferencesDriver(connection)
        driver.add("acme", "env://K", label="", at=NOW)
        today, later = day_of(NOW), NOW + timedelta(hours=1)
        driver.asked([asked("env://K", count=2)], "monitor")
        driver.asked([asked("env://K", count=3, last_at=later, problem="No.")], "monitor")
        driver.asked([asked("env://K"), asked("env://K", day=today - 1)], "cli")
        driver.asked([asked("env://NOBODYS", count=9)], "cli")
        row = driver.get("acme", "env://K")
        assert row is not None
        assert (row.accesses, row.problem) == (7, None)
        found = driver.accesses(row.number, since_day=today - 1)
        assert [(one.day - today, one.origin, one.count) for one in found] == [
            (0, "cli", 1),
            (0, "monitor", 5),
            (-1, "cli", 1),
        ]
        assert found[1].last_at == later
        assert driver.prune(today) == 1
        told = NOW + timedelta(days=3)
        driver.asked([asked("env://K", expires_at=told)], "cli")
        driver.asked([asked("env://K")], "cli")
        again = driver.get("acme", "env://K")
        assert again is not None
        assert again.told_expires_at == told, "what was told once is not forgotten"
        assert driver.drop("acme", "env://K")
        assert not driver.drop("acme", "env://K")
        assert driver.accesses(row.number, since_day=0) == ()


@pytest.mark.postgres
def test_who_points_to_a_reference_while_another_lets_go_keeps_it(
    migrated_postgres: str, postgres: Database
) -> None:
    """One transaction takes the reference up and is not over yet when another lets go of it."""
    with postgres.write() as connection:
        TenantsDriver(connection).ensure("acme", "acme", NOW)
        insert(connection, "one")
    other = Database.open(migrated_postgres, busy_timeout_ms=BUSY_MS)

    def let_go() -> None:
        with other.write() as connection:
            IntegrationsDriver(connection).soft_delete("acme", "id-one", NOW)

    letting_go = threading.Thread(target=let_go)
    try:
        with postgres.write() as connection:
            insert(connection, "two")
            holder = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            letting_go.start()
            await_a_lock(migrated_postgres, holder, letting_go)
        letting_go.join(60)
    finally:
        other.close()
    with postgres.read() as connection:
        row = ReferencesDriver(connection).get("acme", "env://SHARED")
        assert row is not None
        assert row.used == 1


def await_a_lock(url: str, holder: int, waiting: threading.Thread) -> None:
    """Return once the other transaction waits for a row of the holder's; not over before."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as looking:
        for _ in range(3000):
            found = looking.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                "AND query LIKE '%%credential_references%%' AND %s = ANY(pg_blocking_pids(pid))",
                (holder,),
            ).fetchone()
            if found is not None and found[0]:
                return
            assert waiting.is_alive(), "it did not wait for the reference"
            waiting.join(0.01)
    raise AssertionError("nobody waited")


def insert(connection: Connection, name: str) -> None:
    row = IntegrationRow(
        id=f"id-{name}",
        tenant_id="acme",
        name=name,
        provider_type="openai",
        status="enabled",
        created_at=NOW,
        credential_ref="env://SHARED",
    )
    IntegrationsDriver(connection).insert(row, active=True, interval_s=60)
