"""No page, count or question before a call reads a whole table: what the query planner says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

import pytest

from storage import paging
from storage.connect import raw_of
from storage.filters import Term
from storage.integrations import IntegrationsDriver
from storage.limits import stale
from storage.limits.gauges import GaugesDriver, Reckoned
from storage.limits.holding import Reservation, hold
from storage.limits.meters import MetersDriver
from storage.limits.reservations import any_expired, expire, settle
from storage.limits.rows import Sort
from storage.limits.standing import integration_of, limited, lock_meters, used_of
from storage.limits.transitions import transitions
from tests.storage.test_plans import plans

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.database import Database

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LARGE = (
    *("meters", "gauges", "usage", "usage_days", "usage_minutes", "series"),
    *("reservations", "limit_transitions", "integrations", "used"),
)
each_order = pytest.mark.parametrize("sort", get_args(Sort))


def no_scan(plan: str) -> bool:
    return not re.search(rf"SCAN ({'|'.join(LARGE)})\b", plan)


@each_order
@pytest.mark.parametrize("place", ["start", "end", "after", "before", "at"])
@pytest.mark.parametrize("descending", [False, True])
def test_a_page_is_read_from_its_orders_index(
    sqlite: Database, sort: Sort, place: str, descending: bool
) -> None:
    key = (("",) if sort == "name" else (0, "")) + (0,)
    anchor = paging.Anchor(place=place, key=key if place in {"after", "before"} else ())  # type: ignore[arg-type]
    (plan,) = plans(
        sqlite,
        lambda c: GaugesDriver(c).page(
            "acme", sort=sort, anchor=anchor, descending=descending, limit=200
        ),
    )
    first = plan.splitlines()[1]
    assert f"SEARCH gauges USING INDEX gauges_by_{sort} " in first.replace("COVERING ", ""), plan
    assert plan.count("TEMP B-TREE") <= 1, plan  # the page's own rows, put in order again
    assert no_scan(plan), plan
    assert (">" in first or "<" in first) == bool(anchor.key), plan


@each_order
def test_words_are_looked_for_in_the_orders_index(sqlite: Database, sort: Sort) -> None:
    terms = [
        Term(value="x"),
        Term(field="state", value="over"),
        Term(field="provider", value="x"),
        Term(field="model", value="x"),
        Term(field="agent", value="x", negated=True),
    ]
    (plan,) = plans(
        sqlite,
        lambda c: GaugesDriver(c).page(
            "acme", sort=sort, scope="integration", measure="rate", terms=terms
        ),
    )
    assert f"INDEX gauges_by_{sort} " in plan.splitlines()[1], plan
    assert plan.count("TEMP B-TREE") <= 1, plan
    assert no_scan(plan), plan


def test_everybodys_most_urgent_are_walked_in_order(sqlite: Database) -> None:
    (plan,) = plans(sqlite, lambda c: GaugesDriver(c).page(None, limit=200))
    assert "INDEX gauges_most_urgent" in plan.splitlines()[1], plan


RESERVATION = Reservation(
    id="r",
    tenant_id="acme",
    meters=(1, 2),
    tokens=1,
    cost_nanos=1,
    at=1,
    expires_at=2,
)


def reserved(connection: Connection) -> Connection:
    hold(connection, [RESERVATION])
    return connection


SUBJECTS = {"integration": "i", "provider": "p", "model": "m", "agent": "a", "tenant": "acme"}
WORKS: dict[str, Callable[[Connection], object]] = {
    "count": lambda c: GaugesDriver(c).count("acme"),
    "count words": lambda c: GaugesDriver(c).count("acme", terms=[Term(value="x")]),
    "count model": lambda c: GaugesDriver(c).count("acme", terms=[Term(field="model", value="x")]),
    "states": lambda c: GaugesDriver(c).states("acme"),
    "most urgent": lambda c: GaugesDriver(c).most_urgent("acme"),
    "gauges of meters": lambda c: GaugesDriver(c).of_meters([1, 2]),
    "reckon": lambda c: GaugesDriver(c).reckon(
        [Reckoned(meter_number=1, measure="rate", state="ok", used=1, percent=1, urgency=1)], NOW
    ),
    "meter": lambda c: MetersDriver(c).get("acme", "model", "m"),
    "meters": lambda c: MetersDriver(c).get_many([1, 2]),
    "gauges of subjects": lambda c: GaugesDriver(c).of_subjects("acme", "model", ["a", "b"]),
    "follow": lambda c: IntegrationsDriver(c).update("acme", "x", {"name": "y"}),
    "retire": lambda c: IntegrationsDriver(c).soft_delete("acme", "x", NOW),
    "integration of a call": lambda c: integration_of(c, "acme", "x"),
    "limits of a call": lambda c: limited(c, "acme", SUBJECTS),
    "lock": lambda c: lock_meters(c, [1, 2]),
    "used": lambda c: used_of(c, [1, 2], days=range(1, 31), minute=1),
    "hold": lambda c: hold(c, [RESERVATION]),
    "settle": lambda c: settle(reserved(c), ["r"], tenant_id="acme"),
    "expired": lambda c: any_expired(c, NOW),
    "expire": lambda c: expire(reserved(c), NOW),
    "take": lambda c: stale.take_stale(c, 100),
    "lately": lambda c: stale.mark_lately(c, NOW, range(1, 3)),
    "transitions": lambda c: transitions(c, "acme"),
    "transitions of a meter": lambda c: transitions(c, None, meter=1),
}


def all_plans(database: Database, work: Callable[[Connection], object]) -> list[str]:
    """Explains every statement that the driver was given, past SQLAlchemy as well."""
    seen: list[str] = []
    with database.write() as connection:
        raw = raw_of(connection)
        raw.set_trace_callback(seen.append)
        work(connection)
        raw.set_trace_callback(None)
        return [
            "\n".join(str(row[3]) for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}"))
            for statement in seen
        ]


@pytest.mark.parametrize("work", WORKS.values(), ids=list(WORKS))
def test_nothing_scans(sqlite: Database, work: Callable[[Connection], object]) -> None:
    found = all_plans(sqlite, work)
    assert found
    for plan in found:
        assert no_scan(plan), plan


def test_states_are_counted_in_the_order_of_an_index(sqlite: Database) -> None:
    (plan,) = plans(sqlite, lambda c: GaugesDriver(c).states("acme"))
    assert "TEMP B-TREE" not in plan
    assert "SEARCH gauges USING INDEX gauges_by_state" in plan
