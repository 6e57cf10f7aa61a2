"""No list page, claim or count reads a whole table: what the query planners say."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

import pytest
from sqlalchemy import event

from storage import paging
from storage.activity import ActivityDriver
from storage.connectors import ConnectorsDriver
from storage.filters import Term
from storage.health import CheckRow, HealthDriver
from storage.integrations import IntegrationsDriver
from storage.integrations import Sort as IntegrationSort
from storage.references import ReferencesDriver
from storage.sources import SourcesDriver
from storage.tenants import TenantsDriver
from storage.things import Sort

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.database import Database
    from storage.inventory import Inventory

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ORDERS = [
    *((IntegrationsDriver, sort) for sort in get_args(IntegrationSort)),
    *((driver, sort) for driver in (SourcesDriver, ConnectorsDriver) for sort in get_args(Sort)),
]
each_order = pytest.mark.parametrize(
    ("driver", "sort"), ORDERS, ids=[f"{driver.layout.kind} {sort}" for driver, sort in ORDERS]
)
ROLES = ("dba", "ops")
LARGE = {
    *("targets", "integrations", "sources", "connectors", "secret_uses"),
    *("checks", "activity", "transitions"),
}


def plans(database: Database, work: Callable[[Connection], object]) -> list[str]:
    """Runs the work and explains every statement that it ran, one text a statement."""
    seen: list[tuple[str, object]] = []
    with database.write() as connection:
        listen = lambda _c, _cursor, sql, values, _x, many: seen.append(  # noqa: E731
            (sql, values[0] if many else values)
        )
        event.listen(connection, "before_cursor_execute", listen)
        work(connection)
        event.remove(connection, "before_cursor_execute", listen)
        return [
            "\n".join(
                str(row[3])
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
            )
            for sql, values in seen
        ]


def no_scan(plan: str) -> bool:
    """Whether the tables of a plan are all searched by a key; a page's own rows may be walked."""
    return not re.search(rf"SCAN ({'|'.join(sorted(LARGE))})\b", plan)


def page_work(
    driver: type[Inventory[Any, Any]],
    sort: str,
    anchor: paging.Anchor,
    *terms: Term,
    roles: tuple[str, ...] | None = None,
) -> Callable[[Connection], object]:
    return lambda connection: driver(connection).page(
        "acme", sort=sort, anchor=anchor, terms=terms, roles=roles, limit=200
    )


@each_order
@pytest.mark.parametrize("place", ["start", "end", "after", "before", "at"])
def test_a_page_is_read_from_one_index(
    sqlite: Database, driver: type[Inventory[Any, Any]], sort: str, place: str
) -> None:
    key = ("", 0) if sort == "name" else (0, "", 0)
    anchor = paging.Anchor(place=place, key=key if place in {"after", "before"} else ())  # type: ignore[arg-type]
    (plan,) = plans(sqlite, page_work(driver, sort, anchor))
    assert no_scan(plan), plan
    first = plan.splitlines()[1]
    assert "SEARCH targets USING INDEX targets_by_" in first.replace("COVERING ", ""), plan
    assert plan.count("TEMP B-TREE") <= 1, plan  # the page's own rows, put in order again


@each_order
def test_going_on_uses_the_whole_key(
    sqlite: Database, driver: type[Inventory[Any, Any]], sort: str
) -> None:
    key = ("", 0) if sort == "name" else (0, "", 0)
    (plan,) = plans(sqlite, page_work(driver, sort, paging.after(key)))
    assert ">" in plan.splitlines()[1], plan


@each_order
def test_words_and_roles_are_looked_for_in_the_index(
    sqlite: Database, driver: type[Inventory[Any, Any]], sort: str
) -> None:
    terms = [Term(value="x"), Term(field="tag", value="x"), Term(field="owner", value="x")]
    (plan,) = plans(sqlite, page_work(driver, sort, paging.start(), *terms, roles=ROLES))
    assert "INDEX targets_by_" in plan.splitlines()[1], plan
    assert plan.count("TEMP B-TREE") <= 1, plan


WORKS: dict[str, Callable[[Connection], object]] = {
    "get": lambda c: IntegrationsDriver(c).get("acme", "x"),
    "by name": lambda c: IntegrationsDriver(c).get_by_name("acme", "x"),
    "count": lambda c: IntegrationsDriver(c).count("acme"),
    "count words": lambda c: IntegrationsDriver(c).count("acme", terms=[Term(value="x")]),
    "sources": lambda c: SourcesDriver(c).count("acme", tag="x", roles=ROLES),
    "source": lambda c: SourcesDriver(c).get("acme", "x", roles=ROLES),
    "many": lambda c: ConnectorsDriver(c).get_many(["x", "y"]),
    "used by": lambda c: ReferencesDriver(c).used_by("acme", "env://X"),
    "claim": lambda c: HealthDriver(c).claim_due(NOW, "m", 30, 100),
    "claim one": lambda c: HealthDriver(c).claim_one(1, "m", NOW, 30),
    "release": lambda c: HealthDriver(c).release("m"),
    "next": lambda c: HealthDriver(c).next_due(),
    "due": lambda c: HealthDriver(c).due_count(NOW),
    "counts": lambda c: HealthDriver(c).counts("acme"),
    "stale": lambda c: HealthDriver(c).stale_count("acme", before=NOW),
    "stale of everything": lambda c: HealthDriver(c).stale_count("acme", before=NOW, roles=ROLES),
    "seen counts": lambda c: HealthDriver(c).counts("acme", kind="source", roles=ROLES),
    "lamps": lambda c: HealthDriver(c).lamps("acme", limit=200),
    "record": lambda c: HealthDriver(c).record(
        [CheckRow(target_number=1, checked_at=NOW, state="healthy")], owner="m"
    ),
    "history": lambda c: HealthDriver(c).history(1, since=NOW, limit=10),
    "hours": lambda c: HealthDriver(c).hours(1, since=NOW),
    "changes": lambda c: HealthDriver(c).transitions("acme", before_id=5),
    "changes of one": lambda c: HealthDriver(c).transitions(None, target_number=1),
    "seen changes": lambda c: HealthDriver(c).transitions("acme", roles=ROLES),
    "seen activity": lambda c: ActivityDriver(c).page("acme", roles=ROLES),
    "activity": lambda c: ActivityDriver(c).page("acme", anchor=paging.after((5,))),
    "activity of a thing": lambda c: ActivityDriver(c).page("acme", thing_id="x"),
    "activity of a concept": lambda c: ActivityDriver(c).page("acme", concept="x"),
    "tenant": lambda c: TenantsDriver(c).get("acme"),
}


@pytest.mark.parametrize("work", WORKS.values(), ids=list(WORKS))
def test_nothing_scans(sqlite: Database, work: Callable[[Connection], object]) -> None:
    for plan in plans(sqlite, work):
        assert no_scan(plan), plan


def test_statistics_are_counted_in_the_order_of_an_index(sqlite: Database) -> None:
    found = plans(sqlite, lambda c: SourcesDriver(c).statistics("acme", roles=ROLES))
    used = [re.findall(r"SEARCH targets USING INDEX (\w+)", plan) for plan in found]
    assert used == [["targets_by_type"], ["targets_by_checked"], ["targets_by_status"]]
    assert not any("TEMP B-TREE" in plan for plan in found)


def test_lamps_of_everybody_are_walked_in_order(sqlite: Database) -> None:
    (plan,) = plans(sqlite, lambda c: HealthDriver(c).lamps(None, limit=200))
    assert "INDEX targets_worst_of_all" in plan.splitlines()[1], plan
