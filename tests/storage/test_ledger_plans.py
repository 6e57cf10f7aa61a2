"""No page, count or look at a ledger reads all of it: what the query planner says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from storage import paging
from storage.connect import raw_of
from storage.filters import Term
from storage.prevention import LedgerDriver, PoliciesDriver, ProofsDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.database import Database

POLICY_KEY = ("p", False, 1, 1)
WORKS: dict[str, Callable[[Connection], object]] = {
    "the newest": lambda c: LedgerDriver(c).page("acme"),
    "the next": lambda c: LedgerDriver(c).page("acme", anchor=paging.after((5,))),
    "the ones before": lambda c: LedgerDriver(c).page("acme", anchor=paging.before((5,))),
    "the oldest": lambda c: LedgerDriver(c).page("acme", descending=False),
    "by policy": lambda c: LedgerDriver(c).page("acme", sort="policy"),
    "by policy, on": lambda c: LedgerDriver(c).page(
        "acme", sort="policy", anchor=paging.after(POLICY_KEY)
    ),
    "found": lambda c: LedgerDriver(c).page("acme", terms=[Term(value="x", field="pattern")]),
    "count": lambda c: LedgerDriver(c).count("acme"),
    "one": lambda c: LedgerDriver(c).get("acme", 5),
    "counts": lambda c: LedgerDriver(c).policy_counts("acme"),
    "counts since": lambda c: LedgerDriver(c).count_since("acme", "p", 1),
    "uncounted": lambda c: LedgerDriver(c).uncounted("acme", "p", 1, 10),
    "newest": lambda c: ProofsDriver(c).newest("acme"),
    "proved": lambda c: ProofsDriver(c).proved("acme"),
    "whole": lambda c: ProofsDriver(c).whole("acme"),
    "breaks": lambda c: ProofsDriver(c).breaks("acme"),
    "policies": lambda c: PoliciesDriver(c).of_tenant("acme"),
}


@pytest.mark.parametrize("work", WORKS.values(), ids=list(WORKS))
def test_nothing_scans(sqlite: Database, work: Callable[[Connection], object]) -> None:
    seen: list[tuple[str, object]] = []
    with sqlite.write() as connection:
        event.listen(
            connection,
            "before_cursor_execute",
            lambda _c, _cursor, sql, values, *_: seen.append((sql, values)),
        )
        work(connection)
        raw = raw_of(connection)
        for sql, values in seen:
            plan = "\n".join(
                str(row[3]) for row in raw.execute(f"EXPLAIN QUERY PLAN {sql}", values)
            )
            assert not re.search(r"SCAN prevention", plan), plan
            assert "TEMP B-TREE" not in plan or "GROUP BY" in plan, plan
    assert seen
