"""Incidents as they are stored: listed by key, found by words, seen by roles."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from storage import paging
from storage.errors import Conflict, StaleWrite
from storage.filters import Term
from storage.health import CheckRow, HealthDriver
from storage.incidents import IncidentDraft, IncidentRow, IncidentsDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.database import Database
    from storage.incidents.rows import Sort
    from storage.paging import Anchor

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def draft(key: str, **values: object) -> IncidentDraft:
    given = {
        "tenant_id": "acme",
        "cause": "lamp",
        "title": f"{key} is failing",
        "severity": "critical",
        "opened_at": NOW,
        **values,
    }
    return IncidentDraft(key=key, **given)  # type: ignore[arg-type]


def put(database: Database, *drafts: IncidentDraft) -> list[IncidentRow]:
    with database.write() as connection:
        return [IncidentsDriver(connection).open(one) for one in drafts]


@pytest.fixture
def some(database: Database) -> list[IncidentRow]:
    """Seven of acme and of everybody, and two of another tenant."""
    return put(
        database,
        draft("a", severity="warning", title="Älteste"),
        draft("b", opened_at=NOW + MINUTE),
        draft("c", opened_at=NOW - MINUTE, title="zuletzt"),
        draft("d", tenant_id="other"),
        draft("e", tenant_id=None, cause="monitor", severity="warning", opened_at=NOW - MINUTE),
        draft("f", tenant_id=None, cause="monitor", opened_at=NOW + 2 * MINUTE),
        draft("g", severity="warning", opened_at=NOW + 3 * MINUTE),
        draft("h", tenant_id="other", severity="warning"),
        draft("i", severity="warning", opened_at=NOW - 2 * MINUTE),
    )


def keys_of(database: Database, **how: object) -> str:
    with database.read() as connection:
        page = IncidentsDriver(connection).page("acme", **how)  # type: ignore[arg-type]
    return "".join(row.key for row in page.rows)


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize(
    ("sort", "wanted"),
    [("severity", "cbfieag"), ("opened", "iceabfg"), ("assignee", "cbfieag")],
)
def test_a_tenants_and_everybodys_are_one_list(database: Database, sort: str, wanted: str) -> None:
    assert keys_of(database, sort=sort) == wanted
    assert keys_of(database, sort=sort, descending=True) == wanted[::-1]


@pytest.mark.usefixtures("some")
def test_pages_go_on_in_either_direction(database: Database) -> None:
    def around(anchor: Anchor) -> str:
        return keys_of(database, anchor=anchor, limit=2)

    with database.read() as connection:
        keys = IncidentsDriver(connection).page("acme").keys
    assert around(paging.start()) == "cb"
    assert around(paging.after(keys[1])) == "fi"
    assert around(paging.before(keys[2])) == "cb"
    assert around(paging.at(3)) == "ie"
    assert around(paging.at(6)) == "g"
    assert around(paging.end()) == "ag"


def test_of_one_key_at_most_one_is_open(database: Database) -> None:
    (row,) = put(database, draft("a"))
    with pytest.raises(Conflict):
        put(database, draft("a"))
    with database.write() as connection:
        driver = IncidentsDriver(connection)
        driver.change(row, closed_at=NOW, closed_because="recovered")
        assert driver.open(draft("a")).number > row.number


def test_how_bad_it_is_can_be_compared(database: Database) -> None:
    mild, level, over, beyond = put(
        database,
        draft("a", severity="warning"),
        draft("b", severity="warning", level=82.5),
        draft("c"),
        draft("d", level=150.0),
    )
    assert mild.gravity < level.gravity < over.gravity < beyond.gravity
    with database.write() as connection:
        driver = IncidentsDriver(connection)
        driver.change(level, gravity=over.gravity, worst=over.gravity, worsened=1, worsened_at=NOW)
        kept = driver.by_number(level.number)
        assert driver.by_number(beyond.number) == beyond
    assert kept is not None
    assert (kept.gravity, kept.worst, kept.worsened, kept.worsened_at) == (100, 100, 1, NOW)


def test_a_change_of_what_somebody_changed_meanwhile_is_refused(database: Database) -> None:
    (row,) = put(database, draft("a"))
    with database.write() as connection:
        changed = IncidentsDriver(connection).change(row, assignee="olga")
    assert (changed.version, changed.assignee) == (row.version + 1, "olga")
    with database.write() as connection, pytest.raises(StaleWrite):
        IncidentsDriver(connection).change(row, assignee="otto")
    with database.write() as connection, pytest.raises(ValueError, match="key"):
        IncidentsDriver(connection).change(changed, key="b")


def test_words_and_fields_find_it_as_it_is_now(database: Database) -> None:
    (row, *_) = put(
        database,
        draft("a", title="Größe is failing", thing_name="Größe", technology="openai", error="x"),
        draft("b", title="other"),
    )

    def count(*terms: Term, silenced: tuple[int, ...] = ()) -> int:
        with database.read() as connection:
            driver = IncidentsDriver(connection)
            return driver.count("acme", closed=None, terms=terms, silenced=silenced)

    assert count(Term(value="GRÖSSE")) == 1
    assert count(Term(value=f"#{row.number}")) == 1
    assert count(Term(value="openai"), Term(value="critical")) == 1
    assert count(Term(field="provider", value="open"), Term(field="error", value="X")) == 1
    assert count(Term(value="olga")) == 0
    with database.write() as connection:
        driver = IncidentsDriver(connection)
        row = driver.change(row, assignee="Olga", flapping=True, error="timeout")
    assert count(Term(value="olga"), Term(value="timeout")) == 1
    assert count(Term(field="flapping", value="yes")) == 1
    state = Term(field="state", value="open")
    assert count(state) == 2
    assert count(state, silenced=(row.number,)) == 1
    assert count(Term(field="state", value="sil"), silenced=(row.number,)) == 1
    with database.write() as connection:
        IncidentsDriver(connection).change(row, closed_at=NOW)
    assert count(Term(field="state", value="closed"), silenced=(row.number,)) == 1


def test_text_that_no_database_keeps_is_kept_as_far_as_it_can_be(database: Database) -> None:
    (row,) = put(database, draft("a", message="told \ud800\0"))
    assert row.message == "told ?\ufffd"
    with database.write() as connection:
        driver = IncidentsDriver(connection)
        driver.append_event(row.number, NOW, "noted", "olga", "said \0", {"a": 1})
        driver.change(row, message="\0")
    with database.read() as connection:
        (told,) = IncidentsDriver(connection).events(row.number)
    assert (told.said, told.detail) == ("said \ufffd", {"a": 1})


def test_one_about_what_an_operator_does_not_see_is_not_there(
    database: Database, add_source: Callable[..., int]
) -> None:
    hidden = add_source("payroll", access_roles=("finance",))
    shown = add_source("orders")
    rows = put(
        database,
        draft("a", target_number=hidden, kind="source", thing_id="payroll"),
        draft("b", target_number=shown, kind="source", thing_id="orders"),
        draft("c", tenant_id=None, cause="monitor"),
    )
    number = rows[0].number
    with database.read() as connection:
        driver = IncidentsDriver(connection)

        def seen(roles: tuple[str, ...] | None) -> tuple[object, ...]:
            return (
                "".join(row.key for row in driver.page("acme", roles=roles).rows),
                driver.count("acme", roles=roles),
                sum(one.count for one in driver.open_counts("acme", roles=roles)),
                len(driver.open_incidents("acme", roles=roles)),
                driver.get("acme", number, roles=roles) is not None,
                len(driver.members(number, roles=roles)),
            )

        everything = ("abc", 3, 3, 3, True, 1)
        assert seen(None) == everything
        assert seen(("finance",)) == everything
        assert seen(("ops",)) == seen(()) == ("bc", 2, 2, 2, False, 0)


def test_the_header_is_counted_from_the_index_of_what_is_open(
    database: Database, some: list[IncidentRow]
) -> None:
    with database.write() as connection:
        driver = IncidentsDriver(connection)
        driver.change(some[1], acknowledged_at=NOW)
        driver.change(some[2], closed_at=NOW)
    with database.read() as connection:
        found = IncidentsDriver(connection).open_counts("acme")
        seen = _plan(connection, lambda: IncidentsDriver(connection).open_counts("acme"))
    told: Counter[tuple[str, bool]] = Counter()
    for one in found:
        told[one.severity, one.acknowledged] += one.count
    assert told == {("critical", False): 1, ("critical", True): 1, ("warning", False): 4}
    assert min(one.since for one in found) == NOW - 2 * MINUTE
    if database.dialect == "sqlite":
        assert seen
        assert all("SCAN incidents" not in line or "INDEX" in line for line in seen), seen
        assert sum("incidents_open " in line for line in seen) >= 2, seen


def _plan(connection: Connection, work: Callable[[], object]) -> list[str]:
    """How SQLite goes about the only statement of this work; nothing of another database."""
    told: list[tuple[str, Any]] = []

    def note(_conn: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        told.append((statement, values))

    event.listen(connection, "before_cursor_execute", note)
    work()
    event.remove(connection, "before_cursor_execute", note)
    if connection.dialect.name != "sqlite":
        return []
    ((statement, values),) = told
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    return [f"{row[-1]} " for row in plan]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", ["severity", "opened", "title", "assignee"])
def test_what_is_over_is_read_in_its_order_and_not_sorted(
    database: Database, some: list[IncidentRow], sort: Sort, descending: bool
) -> None:
    with database.write() as connection:
        driver = IncidentsDriver(connection)
        for row in some:
            driver.change(row, closed_at=NOW)
        anchor = paging.after(driver.page("acme", closed=True, sort=sort, limit=2).keys[-1])
        for place in (paging.start(), anchor):
            plan = _plan(
                connection,
                partial(
                    driver.page, "acme", closed=True, sort=sort, descending=descending, anchor=place
                ),
            )
            ways = [at for at, line in enumerate(plan) if "SEARCH incidents USING INDEX" in line]
            assert len(ways) == 2 * (database.dialect == "sqlite"), plan
            assert not any("TEMP B-TREE" in plan[at + 1] for at in ways), plan


def test_members_come_and_go_and_come_again(database: Database, add: Callable[..., int]) -> None:
    numbers = [add(name) for name in ("gpt-b", "gpt-a")]
    (row,) = put(database, draft("p", cause="provider", technology="openai"))
    with database.write() as connection:
        driver = IncidentsDriver(connection)
        driver.join(row.number, numbers, NOW)
        driver.leave(row.number, numbers[:1], NOW + MINUTE)
        assert [one.name for one in driver.in_it(row.number)] == ["gpt-a"]
        members = driver.members(row.number)
        assert [(one.name, one.left_at) for one in members] == [
            ("gpt-a", None),
            ("gpt-b", NOW + MINUTE),
        ]
        driver.join(row.number, numbers, NOW + 2 * MINUTE)
        again = {one.name: (one.joined_at, one.left_at) for one in driver.in_it(row.number)}
        assert again == {"gpt-a": (NOW, None), "gpt-b": (NOW, None)}
        found = driver.get("acme", row.number)
    assert found is not None
    assert found.members == 2


def test_what_turned_is_told_with_the_verdict_that_is_kept(
    database: Database, add: Callable[..., int]
) -> None:
    number = add("gpt")
    rows = [
        CheckRow(
            target_number=number,
            checked_at=NOW + at * MINUTE,
            state="failing",
            error="x",
            message="m\0",
        )
        for at in range(3)
    ]
    with database.write() as connection:
        done = HealthDriver(connection).record(rows)
    (turned,) = done.turned
    assert (turned.before, turned.verdict, turned.state) == ("good", "bad", "failing")
    assert (turned.number, turned.name, turned.technology) == (number, "gpt", "openai")
    assert (turned.at, turned.error, turned.message) == (NOW + 2 * MINUTE, "x", "m\ufffd")
    otherwise = CheckRow(target_number=number, checked_at=NOW + 5 * MINUTE, state="degraded")
    alike = CheckRow(target_number=number, checked_at=NOW + 6 * MINUTE, state="degraded")
    with database.write() as connection:
        driver = HealthDriver(connection)
        (told,) = driver.record([otherwise]).turned
        assert (told.before, told.verdict, told.state) == ("bad", "bad", "degraded")
        assert driver.record([alike]).turned == ()
