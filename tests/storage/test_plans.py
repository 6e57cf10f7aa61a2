"""No list page, claim or count reads a whole table: what the query planners say."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from storage import paging
from storage.activity import ActivityDriver
from storage.filters import Term
from storage.health import CheckRow, HealthDriver
from storage.integrations import IntegrationsDriver
from storage.tenants import TenantsDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.database import Database

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SORTS = ["name", "provider", "status", "health", "latency", "checked", "created"]


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
    return not re.search(r"SCAN (targets|integrations|checks|activity|transitions)\b", plan)


def page_work(sort: str, anchor: paging.Anchor, *terms: Term) -> Callable[[Connection], object]:
    return lambda connection: IntegrationsDriver(connection).page(
        "acme",
        sort=sort,
        anchor=anchor,
        terms=terms,
        limit=200,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("place", ["start", "end", "after", "before", "at"])
def test_a_page_is_read_from_one_index(sqlite: Database, sort: str, place: str) -> None:
    key = ("", 0) if sort == "name" else (0, "", 0)
    anchor = paging.Anchor(place=place, key=key if place in {"after", "before"} else ())  # type: ignore[arg-type]
    (plan,) = plans(sqlite, page_work(sort, anchor))
    assert no_scan(plan), plan
    first = plan.splitlines()[1]
    assert "SEARCH targets USING INDEX targets_by_" in first.replace("COVERING ", ""), plan
    assert plan.count("TEMP B-TREE") <= 1, plan  # the page's own rows, put in order again


@pytest.mark.parametrize("sort", SORTS)
def test_going_on_uses_the_whole_key(sqlite: Database, sort: str) -> None:
    key = ("", 0) if sort == "name" else (0, "", 0)
    (plan,) = plans(sqlite, page_work(sort, paging.after(key)))
    assert ">" in plan.splitlines()[1], plan


@pytest.mark.parametrize("sort", SORTS)
def test_words_are_looked_for_in_the_index(sqlite: Database, sort: str) -> None:
    (plan,) = plans(sqlite, page_work(sort, paging.start(), Term(value="x")))
    assert "INDEX targets_by_" in plan.splitlines()[1], plan


WORKS: dict[str, Callable[[Connection], object]] = {
    "get": lambda c: IntegrationsDriver(c).get("acme", "x"),
    "by name": lambda c: IntegrationsDriver(c).get_by_name("acme", "x"),
    "count": lambda c: IntegrationsDriver(c).count("acme"),
    "count words": lambda c: IntegrationsDriver(c).count("acme", terms=[Term(value="x")]),
    "claim": lambda c: HealthDriver(c).claim_due(NOW, "m", 30, 100),
    "claim one": lambda c: HealthDriver(c).claim_one(1, "m", NOW, 30),
    "release": lambda c: HealthDriver(c).release("m"),
    "next": lambda c: HealthDriver(c).next_due(),
    "due": lambda c: HealthDriver(c).due_count(NOW),
    "counts": lambda c: HealthDriver(c).counts("acme"),
    "stale": lambda c: HealthDriver(c).stale_count("acme", before=NOW),
    "lamps": lambda c: HealthDriver(c).lamps("acme", limit=200),
    "record": lambda c: HealthDriver(c).record(
        [CheckRow(target_number=1, checked_at=NOW, state="healthy")], owner="m"
    ),
    "history": lambda c: HealthDriver(c).history(1, since=NOW, limit=10),
    "hours": lambda c: HealthDriver(c).hours(1, since=NOW),
    "changes": lambda c: HealthDriver(c).transitions("acme", before_id=5),
    "changes of one": lambda c: HealthDriver(c).transitions(None, target_number=1),
    "activity": lambda c: ActivityDriver(c).page("acme", anchor=paging.after((5,))),
    "activity of a thing": lambda c: ActivityDriver(c).page("acme", thing_id="x"),
    "activity of a concept": lambda c: ActivityDriver(c).page("acme", concept="x"),
    "tenant": lambda c: TenantsDriver(c).get("acme"),
}


@pytest.mark.parametrize("work", WORKS.values(), ids=list(WORKS))
def test_nothing_scans(sqlite: Database, work: Callable[[Connection], object]) -> None:
    for plan in plans(sqlite, work):
        assert no_scan(plan), plan


def test_lamps_of_everybody_are_walked_in_order(sqlite: Database) -> None:
    (plan,) = plans(sqlite, lambda c: HealthDriver(c).lamps(None, limit=200))
    assert "INDEX targets_worst_of_all" in plan.splitlines()[1], plan
